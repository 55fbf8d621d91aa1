//! Phone numbers: kept as typed, with an E.164 key to compare by and the extension apart.

use unicode_normalization::UnicodeNormalization;

use super::{InputContext, Parsed, Warning};
use crate::fold::digits;

/// Fewest digits of a phone number.
const DIGITS_MIN: usize = 3;
/// Most digits that are looked at; E.164 has 15, an international prefix and a trunk zero come on top.
const DIGITS_MAX: usize = 20;

/// What may stand before an extension.
const EXTENSION_MARKS: [&str; 6] = ["extension", "extn", "ext", "x", "#", ";ext="];

/// A phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// As it was typed.
    pub text: String,
    /// Equal for equal numbers, however they were typed: E.164 (`+12125550147`) without the extension.
    pub key: Option<String>,
    /// The extension's digits.
    pub extension: Option<String>,
}

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Fewer than three digits.
    #[error("a phone number has at least 3 digits")]
    TooFewDigits,
}

/// Reads a phone number; one without a country code is taken to be in the workspace's region.
///
/// # Errors
/// When it has fewer than three digits.
pub fn parse_phone(text: &str, ctx: &InputContext<'_>) -> Result<Parsed<Phone>, PhoneError> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text).trim();
    if digits(text).len() < DIGITS_MIN {
        return Err(PhoneError::TooFewDigits);
    }
    let (number, extension) = split_extension(text);
    let key = dialled(number).and_then(|number| e164(&number, &ctx.settings.region));
    let warnings = if key.is_none() { vec![Warning::PhoneNotRecognised] } else { Vec::new() };
    Ok(Parsed { value: Phone { text: text.to_owned(), key, extension }, warnings })
}

/// Splits `(212) 555-0147 ext. 9` before its extension.
fn split_extension(text: &str) -> (&str, Option<String>) {
    let before = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let extension = &text[before.len()..];
    let marked = before.trim_end_matches([' ', '.', ':']);
    let Some(mark) = EXTENSION_MARKS.into_iter().find(|mark| ends_with_word(marked, mark)) else {
        return (text, None);
    };
    let number = marked[..marked.len() - mark.len()].trim_end_matches([' ', ',', ';', '-', '.']);
    if extension.is_empty() || digits(number).len() < DIGITS_MIN {
        return (text, None);
    }
    (number, Some(extension.to_owned()))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let end = text.len().checked_sub(word.len()).and_then(|start| text.get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// What would be dialled: digits with a plus in front if there is one. `None` when the text has anything that
/// numbers are not written with.
fn dialled(number: &str) -> Option<String> {
    let plain: String = number.nfkc().filter(|letter| !letter.is_whitespace()).collect();
    // "+49 (0)30": the zero is for those who dial within the country.
    let international = plain.starts_with('+') || plain.starts_with("00");
    let plain = if international { plain.replacen("(0)", "", 1) } else { plain };
    let is_sign = |letter: char| "()[]-./_\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}".contains(letter);
    let bare: String = plain.chars().filter(|letter| !is_sign(*letter)).collect();
    let all_digits = bare.strip_prefix('+').unwrap_or(&bare);
    let fits = all_digits.len() <= DIGITS_MAX && all_digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(bare)
}

fn e164(number: &str, region: &str) -> Option<String> {
    let country = region.to_uppercase().parse().ok();
    let parsed = phonenumber::parse(country, number).ok()?;
    let valid = phonenumber::is_valid(&parsed);
    valid.then(|| format!("+{}{}", parsed.code().value(), parsed.national()))
}
