//! Words inside the words of an address: names hold what separates the parts there.

/// The signs that separate parts, and `%` itself.
const SIGNS: [(char, &str); 5] = [('%', "%25"), (';', "%3B"), ('|', "%7C"), (':', "%3A"), (',', "%2C")];

/// The text without any sign that separates.
pub(crate) fn escaped(text: &str) -> String {
    SIGNS.into_iter().fold(text.to_owned(), |text, (sign, code)| text.replace(sign, code))
}

/// What `escaped` was made from.
pub(crate) fn plain(text: &str) -> String {
    SIGNS.into_iter().rev().fold(text.to_owned(), |text, (sign, code)| text.replace(code, &sign.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_reads_back() {
        for text in ["custom/Size: m, l", "A|B; 100%", "%3B", "%25", ""] {
            let escaped = escaped(text);
            assert!(!escaped.contains([';', '|', ':', ',']), "{escaped}");
            assert_eq!(plain(&escaped), text);
        }
    }
}
