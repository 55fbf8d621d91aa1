//! One e-mail as programs save it (`.eml`, RFC 5322) → who wrote to whom, when, what, and the files that hang on it.

use mail_parser::{Address, MessageParser, MimeHeaders};
use model::Timestamp;

/// The largest message that is read.
pub const MAIL_MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most files of one message that are taken.
const FILES_MAX: usize = 100;
/// Most addresses that are looked at.
const ADDRESSES_MAX: usize = 200;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// `Message-ID`, without brackets; empty when it has none.
    pub id: String,
    /// Who wrote it: addresses, lower-cased.
    pub from: Vec<String>,
    /// Whom it was written to, copies included.
    pub to: Vec<String>,
    /// When it was written, as it says.
    pub at: Option<Timestamp>,
    /// Its subject, on one line.
    pub subject: String,
    /// Its text; made from HTML where it has no other.
    pub text: String,
    /// The files that hang on it.
    pub files: Vec<MailFile>,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// Its name; of one without a name its place.
    pub name: String,
    /// Its media type.
    pub mime_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a message can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadMailError {
    /// It is too large.
    #[error("this e-mail is larger than {} MiB", MAIL_MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// It is not a message.
    #[error("this is not an e-mail: it has neither a sender nor a subject")]
    NotMail,
}

/// Reads a message.
///
/// # Errors
/// When it is too large, or no message.
pub fn read(bytes: &[u8]) -> Result<Mail, ReadMailError> {
    if bytes.len() > MAIL_MAX_BYTES {
        return Err(ReadMailError::TooLarge);
    }
    let message = MessageParser::default().parse(bytes).ok_or(ReadMailError::NotMail)?;
    let subject: String = message.subject().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let from = addresses([message.from()]);
    if from.is_empty() && subject.is_empty() {
        return Err(ReadMailError::NotMail);
    }
    let files = message.attachments().take(FILES_MAX).enumerate().map(|(index, part)| MailFile {
        name: part.attachment_name().map_or_else(|| format!("attachment {}", index + 1), str::to_owned),
        mime_type: part.content_type().map(mime_type).unwrap_or_default(),
        bytes: part.contents().to_vec(),
    });
    Ok(Mail {
        id: message.message_id().unwrap_or_default().to_owned(),
        to: addresses([message.to(), message.cc()]),
        at: message.date().and_then(moment),
        text: message.body_text(0).map(|text| text.replace("\r\n", "\n").trim().to_owned()).unwrap_or_default(),
        files: files.collect(),
        from,
        subject,
    })
}

/// A moment that a record can hold.
fn moment(date: &mail_parser::DateTime) -> Option<Timestamp> {
    let millis = date.to_timestamp().checked_mul(1_000)?;
    (date.is_valid() && millis >= 0).then(|| Timestamp::from_millis(millis))
}

fn mime_type(of: &mail_parser::ContentType<'_>) -> String {
    of.subtype().map_or_else(|| of.ctype().to_owned(), |sub| format!("{}/{sub}", of.ctype())).to_lowercase()
}

fn addresses<const N: usize>(fields: [Option<&Address<'_>>; N]) -> Vec<String> {
    let all = fields.into_iter().flatten().flat_map(Address::iter);
    let named = all.filter_map(|address| address.address.as_deref()).take(ADDRESSES_MAX);
    named.map(|address| address.trim().to_lowercase()).filter(|address| address.contains('@')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "From: =?utf-8?q?J=C3=BCrgen?= <Juergen@Example.org>\r\n\
        To: Ada <ada@engines.example>, grace@navy.example\r\nCc: \"Boss\" <boss@engines.example>\r\n\
        Date: Tue, 3 Mar 2026 10:15:00 +0100\r\nMessage-ID: <42@example.org>\r\n\
        Subject: =?utf-8?b?QW5nZWJvdCBmw7xy?=\r\n =?utf-8?q?_M=C3=A4rz?=\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
        <p>Hello <b>Ada</b>,</p><p>see below.</p><script>alert(1)</script>\r\n--B\r\n\
        Content-Type: application/pdf; name=\"offer.pdf\"\r\nContent-Disposition: attachment; filename=\"../offer.pdf\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--B--\r\n";

    #[test]
    fn a_letter_is_read_with_its_words_people_and_files() {
        let mail = read(LETTER.as_bytes()).unwrap();

        assert_eq!((mail.id.as_str(), mail.subject.as_str()), ("42@example.org", "Angebot für März"));
        assert_eq!(mail.from, ["juergen@example.org"]);
        assert_eq!(mail.to, ["ada@engines.example", "grace@navy.example", "boss@engines.example"]);
        assert_eq!(mail.at.map(|at| at.to_string()).as_deref(), Some("2026-03-03T09:15:00.000Z"));
        assert!(mail.text.contains("Hello Ada,") && mail.text.contains("see below."), "{:?}", mail.text);
        assert!(!mail.text.contains('<'), "{:?}", mail.text);
        let [file] = mail.files.as_slice() else { panic!("{:?}", mail.files) };
        assert_eq!((file.mime_type.as_str(), file.bytes.as_slice()), ("application/pdf", b"%PDF-".as_slice()));
    }

    #[test]
    fn what_is_no_letter_is_refused() {
        for bytes in [&b""[..], b"PK\x03\x04\x00\x00", b"hello there", &[0xff; 400]] {
            assert_eq!(read(bytes), Err(ReadMailError::NotMail), "{bytes:?}");
        }
        assert_eq!(read(&vec![b'a'; MAIL_MAX_BYTES + 1]), Err(ReadMailError::TooLarge));
    }

    #[test]
    fn a_letter_without_date_or_words_is_one_all_the_same() {
        let mail = read(b"From: a@b.example\r\nDate: yesterday\r\n\r\n").unwrap();

        assert_eq!((mail.at, mail.text.as_str(), mail.files.len()), (None, "", 0));
    }

    mod laws {
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_bytes_make_it_panic(cut in 0_usize..900, at in 0_usize..900, byte: u8) {
                let mut bytes = super::LETTER.as_bytes().to_vec();
                let len = bytes.len();
                bytes[at % len] = byte;
                bytes.truncate(cut.min(len));
                let _read = super::super::read(&bytes);
            }
        }
    }
}
