//! What programs put into one cell: guarded formulas, several values, JSON lists, HTML, whole names.

use model::csv::is_formula;
use serde_json::Value as Json;

/// Longest HTML tag, in bytes.
const TAG_MAX_BYTES: usize = 4096;

/// HTML elements after which a new line starts.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "br",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "hr",
    "section",
];

/// Other HTML elements that notes have.
const INLINES: &[&str] = &[
    "a", "abbr", "b", "body", "center", "code", "em", "font", "head", "html", "i", "img", "meta", "s", "small", "span",
    "strike", "strong", "sub", "sup", "tbody", "td", "th", "thead", "u", "o:p", "mark", "figure", "del", "ins",
];

/// A cell as it was meant: without the guard of an export, without blanks around it.
pub(crate) fn clean(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(cell) => rest.trim(),
        _ => cell.trim(),
    }
}

/// Several values in one cell: a JSON list, or joined by ` ::: `, `;`, `,` or line ends.
pub(crate) fn split_values(cell: &str) -> Vec<String> {
    if let Some(values) = json_values(cell) {
        return values;
    }
    let parts = cell.split(":::").flat_map(|part| part.split([';', ',', '\n', '\r']));
    parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The first of several values joined by ` ::: `, and the rest.
pub(crate) fn split_first(cell: &str) -> (&str, Option<&str>) {
    cell.split_once(" ::: ").map_or((cell, None), |(first, rest)| (first.trim(), Some(rest.trim())))
}

/// Phone numbers in one cell; `, ext. 5` belongs to the number before it.
pub(crate) fn split_phones(cell: &str) -> Vec<String> {
    let mut phones: Vec<String> = Vec::new();
    for part in split_values(cell) {
        let lower = part.to_ascii_lowercase();
        match phones.last_mut() {
            Some(last) if lower.starts_with("ext") || lower.starts_with('x') => {
                last.push(' ');
                last.push_str(&part);
            }
            _ => phones.push(part),
        }
    }
    phones
}

fn json_values(cell: &str) -> Option<Vec<String>> {
    let list: Json = cell.starts_with('[').then(|| serde_json::from_str(cell).ok())??;
    let text = |value: &Json| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let one = |item: &Json| match item {
        Json::Object(of) => {
            let number = of.get("number").and_then(text);
            let code = of.get("callingCode").and_then(text).unwrap_or_default();
            number.map(|number| with_calling_code(&number, &code)).or_else(|| of.get("url").and_then(text))
        }
        other => text(other),
    };
    Some(list.as_array()?.iter().filter_map(one).collect())
}

/// A number with its country's calling code in front, unless it has one.
pub(crate) fn with_calling_code(number: &str, code: &str) -> String {
    let code = code.trim().trim_start_matches('+');
    if code.is_empty() || number.starts_with(['+', '\'']) || number.starts_with("00") {
        return number.to_owned();
    }
    format!("+{code} {}", number.trim_start_matches('0'))
}

/// A whole name's first and last name. `Lee, Ann` is turned round; particles stay with the last name.
pub(crate) fn split_name(name: &str) -> (String, String) {
    const PARTICLES: [&str; 16] =
        ["von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le", "ten", "zu", "af"];
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((last, first)) = name.split_once(',') {
        return (first.trim().to_owned(), last.trim().to_owned());
    }
    let words: Vec<&str> = name.split(' ').collect();
    let mut cut = words.len() - 1;
    while cut > 1 && PARTICLES.contains(&words[cut - 1]) {
        cut -= 1;
    }
    if words.len() < 2 {
        return (name, String::new());
    }
    (words[..cut].join(" "), words[cut..].join(" "))
}

/// Plain text of a note that may be HTML, with plain line ends.
pub(crate) fn plain_text(cell: &str) -> String {
    let lines = cell.replace("\r\n", "\n").replace('\r', "\n");
    if !lines.contains(['<', '&']) {
        return lines;
    }
    let cell = lines.as_str();
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = if rest.starts_with('<') { take_tag(rest, &mut text) } else { take_entity(rest, &mut text) };
        if taken == 0 {
            text.push_str(&rest[..1]);
        }
        rest = &rest[taken.max(1)..];
    }
    text.push_str(rest);
    tidy_lines(&text)
}

/// Reads a known element's tag at the start of `html`; how many bytes it has, 0 when it is none.
fn take_tag(html: &str, text: &mut String) -> usize {
    if html.starts_with("<!--") {
        return html.find("-->").map_or(html.len(), |end| end + 3);
    }
    let Some(end) = html.bytes().take(TAG_MAX_BYTES).position(|byte| byte == b'>') else { return 0 };
    let tag = html[1..end].trim_start_matches('/');
    let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
    let name = name.to_ascii_lowercase();
    if matches!(name.as_str(), "style" | "script") && !html.starts_with("</") {
        return end_of_element(html, &name);
    }
    if BLOCKS.contains(&name.as_str()) {
        text.push_str(match (name.as_str(), html.starts_with("</")) {
            ("li", false) => "\n- ",
            ("li", true) => "",
            _ => "\n",
        });
        return end + 1;
    }
    if INLINES.contains(&name.as_str()) || matches!(name.as_str(), "style" | "script") { end + 1 } else { 0 }
}

/// Where the closing tag of an element starts that `html` starts with; without one the element is all the rest.
fn end_of_element(html: &str, name: &str) -> usize {
    let closes = |at: &usize| html[at + 2..].get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    html.match_indices("</").map(|(at, _)| at).find(closes).unwrap_or(html.len())
}

/// Reads a character reference at the start of `html`; how many bytes it has, 0 when it is none.
fn take_entity(html: &str, text: &mut String) -> usize {
    let Some(end) = html.bytes().take(12).position(|byte| byte == b';') else { return 0 };
    let name = &html[1..end];
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let known = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "hellip" => Some('…'),
        "euro" => Some('€'),
        "auml" => Some('ä'),
        "ouml" => Some('ö'),
        "uuml" => Some('ü'),
        "Auml" => Some('Ä'),
        "Ouml" => Some('Ö'),
        "Uuml" => Some('Ü'),
        "szlig" => Some('ß'),
        "eacute" => Some('é'),
        "egrave" => Some('è'),
        _ => match name.strip_prefix('#') {
            Some(code) => match code.strip_prefix(['x', 'X']) {
                Some(hex) => number(hex, 16),
                None => number(code, 10),
            },
            None => None,
        },
    };
    let Some(c) = known.filter(|c| *c != '\0') else { return 0 };
    text.push(c);
    end + 1
}

/// No blanks at line ends, no more than one empty line, none at both ends.
fn tidy_lines(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(|line| line.trim_end().trim_start_matches([' ', '\u{a0}'])) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn guards_of_exports_are_taken_off() {
        assert_eq!(clean("'+49 30 1234"), "+49 30 1234");
        assert_eq!(clean("'tis so "), "'tis so");
        assert_eq!(clean("'=1+1"), "=1+1");
    }

    #[test]
    fn one_cell_may_hold_several_values() {
        assert_eq!(split_values("a@b.co, c@d.co"), ["a@b.co", "c@d.co"]);
        assert_eq!(split_values("a@b.co ::: c@d.co"), ["a@b.co", "c@d.co"]);
        assert_eq!(split_values(r#"["a@b.co","c@d.co"]"#), ["a@b.co", "c@d.co"]);
        assert_eq!(split_values("[]"), [""; 0]);
        let phones = r#"[{"number":"03012345","countryCode":"DE","callingCode":"+49"},{"number":"+1 212 555 0147"}]"#;
        assert_eq!(split_values(phones), ["+49 3012345", "+1 212 555 0147"]);
        assert_eq!(split_phones("212 555 0147, ext. 5, 212 555 0199"), ["212 555 0147 ext. 5", "212 555 0199"]);
    }

    #[test]
    fn names_come_apart() {
        let cases = [
            ("Ann Lee", "Ann", "Lee"),
            ("Lee, Ann", "Ann", "Lee"),
            ("Ludwig van der Rohe", "Ludwig", "van der Rohe"),
            ("Ann Mary  Lee", "Ann Mary", "Lee"),
            ("Prince", "Prince", ""),
            ("von Trapp", "von", "Trapp"),
        ];
        for (name, first, last) in cases {
            assert_eq!(split_name(name), (first.to_owned(), last.to_owned()), "{name}");
        }
    }

    #[test]
    fn notes_lose_their_html_and_nothing_else() {
        let cases = [
            ("plain, 1 < 2 & 3 > 2", "plain, 1 < 2 & 3 > 2"),
            ("<p>Hello&nbsp;<b>Ann</b></p><p>Bye</p>", "Hello Ann\n\nBye"),
            ("one<br>two<br/>three", "one\ntwo\nthree"),
            ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
            ("<style>p { color: red }</style>Text", "Text"),
            ("Ann <ann@acme.com> said &quot;ok&quot; &#8211; fine", "Ann <ann@acme.com> said \"ok\" – fine"),
            ("<!-- x -->y", "y"),
        ];
        for (html, text) in cases {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_is_too_odd(cell in "[<>&;a-zé#/!\\-\"'\\[\\]{}:, ]{0,60}") {
            plain_text(&cell);
            split_values(&cell);
            split_phones(&cell);
            split_name(&cell);
        }
    }
}
