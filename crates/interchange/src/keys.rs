//! What records are compared by: addresses, numbers, domains and names, each in its one comparable form.

use model::fold::fold;
use model::input::{InputContext, is_free_mail, parse_email, parse_phone, parse_url};

use crate::words::{is_shared_domain, without_legal_form};

/// An e-mail address's key.
pub(crate) fn email_key(text: &str) -> Option<String> {
    // Nearly all addresses are their own key but for their case.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'@');
    if text.bytes().all(plain) && text.bytes().filter(|byte| *byte == b'@').count() == 1 {
        return Some(text.to_ascii_lowercase());
    }
    if text.trim().is_empty() { None } else { parse_email(text).ok().map(|email| email.value.key) }
}

/// A phone number's key; what can't be dialled is compared by its digits.
pub(crate) fn phone_key(text: &str, ctx: &InputContext<'_>) -> Option<String> {
    let phone = parse_phone(text, ctx).ok()?.value;
    Some(phone.key.unwrap_or_else(|| model::fold::digits(text)))
}

/// A LinkedIn page's key: its path.
pub(crate) fn linkedin_key(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    let url = parse_url(text).ok()?.value;
    let path = url.address.split_once("://")?.1.split_once('/')?.1;
    let path = path.split(['?', '#']).next().unwrap_or("").trim_end_matches('/').to_lowercase();
    (url.key == "linkedin.com" && !path.is_empty()).then_some(path)
}

/// The registrable domain of a company's website; shared ones say nothing.
pub(crate) fn domain_of_website(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    parse_url(text).ok().map(|url| url.value.key).filter(|domain| tells_company(domain))
}

/// The registrable domain of a company's e-mail address; mail providers' say nothing.
pub(crate) fn email_domain(text: &str) -> Option<String> {
    let key = email_key(text)?;
    domain_of_website(key.rsplit('@').next()?)
}

fn tells_company(domain: &str) -> bool {
    !is_free_mail(domain) && !is_shared_domain(domain)
}

/// A name's key: folded words with one blank between them.
pub(crate) fn name_key(text: &str) -> String {
    words(text).join(" ")
}

/// A company name's key: without legal form.
pub(crate) fn company_key(text: &str) -> String {
    without_legal_form(&words(text)).join(" ")
}

/// Dots and apostrophes stand within words (`S.A.`, `O'Neil`), everything else that is no letter between them.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let joined: String = folded.chars().filter(|c| !matches!(c, '.' | '\'')).collect();
    let spelled = joined.replace('&', " and ").replace('+', " plus ");
    spelled.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms_do_not_count() {
        let cases = [
            ("Acme", "acme"),
            ("ACME, Inc.", "acme"),
            ("Acme GmbH & Co. KG", "acme"),
            ("Acme S.A.", "acme"),
            ("Acme S. A.", "acme"),
            ("Acme A/S", "acme"),
            ("Acme Sp. z o.o.", "acme"),
            ("Acme Pty Ltd", "acme"),
            ("Acme & Co", "acme"),
            ("Müller & Söhne AG", "muller and sohne"),
            ("Limited", "limited"),
            ("Co Co", "co"),
            ("株式会社アクメ", "株式会社アクメ"),
            ("---", ""),
        ];
        for (name, key) in cases {
            assert_eq!(company_key(name), key, "{name}");
        }
    }

    #[test]
    fn linkedin_pages_are_compared_by_path() {
        for text in [
            "https://www.linkedin.com/in/Ann-Lee/",
            "linkedin.com/in/ann-lee?trk=x",
            "http://de.linkedin.com/in/ann-lee",
        ] {
            assert_eq!(linkedin_key(text).as_deref(), Some("in/ann-lee"), "{text}");
        }
        assert_eq!(linkedin_key("https://acme.com/in/ann"), None);
        assert_eq!(linkedin_key(""), None);
    }
}
