//! Names of files: what a name from outside is made into, and how it is written into a header. A name is never a
//! path.

use std::fmt::Write as _;

use model::schema::LINE_MAX_CHARS;

/// The name of a file that has none.
const NAMELESS: &str = "file";

/// Makes a name from outside fit to be shown: one line, no path, no letters that turn others around.
pub(super) fn clean(name: &str) -> String {
    let fit = |letter: char| match letter {
        '/' | '\\' => '_',
        letter => letter,
    };
    let shown = name.chars().filter(|letter| !letter.is_control() && !turns_around(*letter)).map(fit);
    let name: String = shown.take(LINE_MAX_CHARS).collect();
    match name.trim().trim_matches('.') {
        "" => NAMELESS.to_owned(),
        name => name.to_owned(),
    }
}

/// Marks that change the direction of writing, or can't be seen.
const fn turns_around(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `Content-Disposition` of a download (RFC 6266), the name in plain letters and in UTF-8 (RFC 8187).
pub(super) fn disposition(name: &str) -> String {
    let name = clean(name);
    let plain = |letter: char| if letter.is_ascii() && !matches!(letter, '"' | '\\' | '%') { letter } else { '_' };
    let fallback: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
        // Writing to a string cannot fail.
        let _ = if plain { write!(encoded, "{}", char::from(byte)) } else { write!(encoded, "%{byte:02X}") };
    }
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

/// The type of a few kinds of picture, told by their first bytes; everything else is bytes.
pub(super) fn media_type(first: &[u8]) -> &'static str {
    match first {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_is_no_path_and_one_line() {
        for (name, cleaned) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("/absolute", "_absolute"),
            ("%2e%2e%2fx", "%2e%2e%2fx"),
            ("nul\0byte", "nulbyte"),
            ("two\r\nSet-Cookie: x", "twoSet-Cookie: x"),
            ("CON", "CON"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("..", "file"),
            ("", "file"),
            ("Größe \"groß\".pdf", "Größe \"groß\".pdf"),
        ] {
            assert_eq!(clean(name), cleaned, "{name:?}");
        }
        assert_eq!(clean(&"x".repeat(4_096)).len(), LINE_MAX_CHARS);
    }

    #[test]
    fn a_disposition_has_a_plain_and_an_exact_name() {
        assert_eq!(disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        assert_eq!(
            disposition("\"é\"\r\nx: y"),
            "attachment; filename=\"___x: y\"; filename*=UTF-8''%22%C3%A9%22x%3A%20y"
        );
    }

    #[test]
    fn only_real_pictures_are_called_pictures() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), "image/png");
        assert_eq!(media_type(b"RIFF\x01\x02\x03\x04WEBPVP8 "), "image/webp");
        for other in [b"<html>".as_slice(), b"<svg xmlns=", b"PNG", b"", b"%PDF-1.7"] {
            assert_eq!(media_type(other), "application/octet-stream");
        }
    }
}
