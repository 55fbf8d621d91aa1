//! Bytes of a text file → text: byte order marks, UTF-16 with and without, UTF-8, legacy encodings, and files in
//! which both are mixed line by line. What is no text at all is refused by name.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes are looked at to tell text from other things.
const PROBE_BYTES: usize = 8 * 1024;

/// How many bytes of odd lines are shown to the detector of legacy encodings.
const DETECTOR_BYTES: usize = 1024 * 1024;

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeTextError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A ZIP archive, which Excel's and LibreOffice's files are.
    #[error("this is a spreadsheet or ZIP file; save it as CSV and import that")]
    Archive,
    /// Something else that is no text.
    #[error("this is not a text file")]
    NotText,
}

/// Text with the name of the encoding it was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// WHATWG name.
    pub(crate) encoding: &'static str,
    /// The text, without byte order mark and NUL.
    pub(crate) text: String,
}

/// Reads a text file's bytes.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Decoded, DecodeTextError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(DecodeTextError::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Err(DecodeTextError::Archive);
    }
    let mut decoded = match Encoding::for_bom(&bytes) {
        Some((encoding, bom_len)) if encoding == UTF_8 => decode_lines(bytes[bom_len..].to_vec()),
        Some((encoding, bom_len)) => decode_with(encoding, &bytes[bom_len..]),
        None => match utf16_without_mark(&bytes) {
            Some(encoding) => decode_with(encoding, &bytes),
            None => decode_lines(bytes),
        },
    };
    if is_binary(&decoded.text) {
        return Err(DecodeTextError::NotText);
    }
    if decoded.text.contains('\0') {
        decoded.text.retain(|c| c != '\0');
    }
    if decoded.text.trim().is_empty() {
        return Err(DecodeTextError::Empty);
    }
    Ok(decoded)
}

fn decode_with(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { encoding: encoding.name(), text: text.into_owned() }
}

/// Plain European text in UTF-16 has a NUL in nearly every second byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let probe = &bytes[..bytes.len().min(PROBE_BYTES)];
    let zeros = |parity: usize| probe.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), probe.len() / 2);
    if half >= 2 && odd * 10 >= half * 7 && even * 20 <= half {
        return Some(UTF_16LE);
    }
    (half >= 2 && even * 10 >= half * 7 && odd * 20 <= half).then_some(UTF_16BE)
}

/// UTF-8 where a line is that, the guessed legacy encoding for the lines that are not.
fn decode_lines(bytes: Vec<u8>) -> Decoded {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Decoded { encoding: UTF_8.name(), text },
        Err(error) => error.into_bytes(),
    };
    let legacy = guess_legacy(&bytes);
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match std::str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => text.push_str(&legacy.decode_without_bom_handling(line).0),
        }
    }
    Decoded { encoding: legacy.name(), text }
}

fn guess_legacy(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut fed = 0;
    let odd_lines = bytes.split_inclusive(|&byte| byte == b'\n').filter(|line| std::str::from_utf8(line).is_err());
    for line in odd_lines {
        let line = &line[..line.len().min(DETECTOR_BYTES - fed)];
        detector.feed(line, false);
        fed += line.len();
        if fed == DETECTOR_BYTES {
            break;
        }
    }
    detector.feed(b"", true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Control characters (NUL included) hardly occur in text; a few are forgiven.
fn is_binary(text: &str) -> bool {
    let mut seen = 0_usize;
    let mut odd = 0_usize;
    for c in text.chars().take(PROBE_BYTES) {
        seen += 1;
        let control = c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}');
        odd += usize::from(control || c == char::REPLACEMENT_CHARACTER);
    }
    odd * 20 > seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(&'static str, String), DecodeTextError> {
        decode(bytes.to_vec()).map(|decoded| (decoded.encoding, decoded.text))
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn byte_order_marks_decide_and_are_removed() {
        assert_eq!(read("\u{feff}Zoë".as_bytes()), Ok(("UTF-8", "Zoë".into())));
        assert_eq!(read(&utf16("\u{feff}Zoë", u16::to_le_bytes)), Ok(("UTF-16LE", "Zoë".into())));
        assert_eq!(read(&utf16("\u{feff}Zoë", u16::to_be_bytes)), Ok(("UTF-16BE", "Zoë".into())));
    }

    #[test]
    fn utf16_without_a_mark_is_recognised() {
        let text = "Name,Email\nZoë,z@example.org\n";

        assert_eq!(read(&utf16(text, u16::to_le_bytes)), Ok(("UTF-16LE", text.into())));
        assert_eq!(read(&utf16(text, u16::to_be_bytes)), Ok(("UTF-16BE", text.into())));
    }

    #[test]
    fn legacy_lines_and_utf8_lines_may_stand_in_one_file() {
        let mut bytes = b"Name,City\nJ\xfcrgen M\xfcller,K\xf6ln\n".to_vec();
        bytes.extend("Zoë,Málaga\n".as_bytes());

        assert_eq!(read(&bytes), Ok(("windows-1252", "Name,City\nJürgen Müller,Köln\nZoë,Málaga\n".into())));
    }

    #[test]
    fn stray_nul_characters_are_dropped() {
        assert_eq!(
            read(b"Name,City\nAnn\0,Rome and a longer line\n").unwrap().1,
            "Name,City\nAnn,Rome and a longer line\n"
        );
    }

    #[test]
    fn what_is_no_text_is_refused_by_name() {
        assert_eq!(read(b""), Err(DecodeTextError::Empty));
        assert_eq!(read(b" \r\n\t\n"), Err(DecodeTextError::Empty));
        assert_eq!(read("\u{feff}".as_bytes()), Err(DecodeTextError::Empty));
        assert_eq!(read(b"PK\x03\x04 and so on"), Err(DecodeTextError::Archive));
        assert_eq!(
            read(&[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3]),
            Err(DecodeTextError::NotText)
        );
        assert_eq!(read(&[0; 100]), Err(DecodeTextError::NotText));
    }
}
