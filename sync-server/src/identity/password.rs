//! Passwords: which are good enough. How they are hashed is the matter of [`super::hasher`].

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a password. There is no second factor yet, so NIST SP 800-63B-4 asks for 15.
pub const PASSWORD_MIN_CHARS: usize = 15;
/// Most characters of a password.
pub const PASSWORD_MAX_CHARS: usize = 128;

/// Letters that must remain when the person's own words and the product's name are taken out.
const OWN_CHARS_MIN: usize = 8;
/// Fewest different characters.
const DISTINCT_CHARS_MIN: usize = 5;
/// A word shorter than this may occur in any password.
const PERSONAL_WORD_MIN_CHARS: usize = 4;

/// The most common passwords, one a line, small letters; from the frequency list of zxcvbn (MIT, Dropbox).
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// A password, or another secret that came in a request; never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a password is not accepted, in words for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("use at least {PASSWORD_MIN_CHARS} characters; a few words in a row are fine")]
    TooShort,
    /// Too many characters.
    #[error("use at most {PASSWORD_MAX_CHARS} characters")]
    TooLong,
    /// On the list of common passwords, or one of them repeated or dressed up with digits.
    #[error("this is one of the most common passwords, choose another")]
    Common,
    /// A row of neighbours or of very few characters.
    #[error("this is too regular, choose another")]
    Regular,
    /// Little more than the person's name, e-mail address or the product's name.
    #[error("this is little more than a name that others know, choose another")]
    Personal,
}

/// Checks a new password; `personal` are words around the person, such as name and e-mail address.
///
/// # Errors
/// The reason why it is not accepted.
pub fn check_password(password: &Secret, personal: &[&str]) -> Result<(), WeakPassword> {
    let folded: String = password.0.nfkc().flat_map(char::to_lowercase).collect();
    match password.0.nfkc().count() {
        count if count < PASSWORD_MIN_CHARS => return Err(WeakPassword::TooShort),
        count if count > PASSWORD_MAX_CHARS => return Err(WeakPassword::TooLong),
        _ => {}
    }
    if is_common(&folded) {
        return Err(WeakPassword::Common);
    }
    if is_regular(&folded) {
        return Err(WeakPassword::Regular);
    }
    if is_personal(&folded, personal) {
        return Err(WeakPassword::Personal);
    }
    Ok(())
}

fn is_common(folded: &str) -> bool {
    let core = folded.trim_matches(|letter: char| !letter.is_alphabetic());
    [folded, core, repeated_unit(folded), repeated_unit(core)].into_iter().any(|text| COMMON.contains(text))
}

/// The shortest text that gives `text` when repeated.
fn repeated_unit(text: &str) -> &str {
    let units = text.char_indices().map(|(at, _)| &text[..at]).skip(1);
    let mut repeating = units.filter(|unit| text.len().is_multiple_of(unit.len()));
    repeating.find(|unit| unit.repeat(text.len() / unit.len()) == text).unwrap_or(text)
}

fn is_regular(folded: &str) -> bool {
    let distinct: HashSet<char> = folded.chars().collect();
    let steps: HashSet<i64> = folded
        .chars()
        .zip(folded.chars().skip(1))
        .map(|(one, next)| i64::from(next as u32) - i64::from(one as u32))
        .collect();
    distinct.len() < DISTINCT_CHARS_MIN || steps.len() == 1
}

fn is_personal(folded: &str, personal: &[&str]) -> bool {
    let words = personal.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let words = words.chain(["trailtrack"]).map(str::to_lowercase);
    let rest = words
        .filter(|word| word.chars().count() >= PERSONAL_WORD_MIN_CHARS)
        .fold(folded.to_owned(), |rest, word| rest.replace(&word, ""));
    rest.len() < folded.len() && rest.chars().filter(|letter| letter.is_alphabetic()).count() < OWN_CHARS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_password(&Secret::new(password), &["Ada Lovelace", "ada@analytical.example"])
    }

    #[test]
    fn the_rules_ask_for_length_and_refuse_what_everybody_guesses() {
        assert_eq!(PASSWORD_MIN_CHARS, 15);
        assert!(COMMON.len() >= 3_000);
        for good in
            ["correct horse battery staple", "ein Satz mit Umlauten: äöü", "mXq7-tRv2-Lp9z-4", "пятнадцать слов подряд"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", WeakPassword::TooShort),
            ("fourteen chars", WeakPassword::TooShort),
            ("passwordpassword", WeakPassword::Common),
            ("PASSWORD12345678!", WeakPassword::Common),
            ("123456789123456789", WeakPassword::Common),
            ("1qaz2wsx3edc4rfv", WeakPassword::Common),
            ("abcdefghijklmnopq", WeakPassword::Regular),
            ("aaaaaaaaabbbbbbbb", WeakPassword::Regular),
            ("ada lovelace 1815", WeakPassword::Personal),
            ("TrailTrack-TrailTrack-1", WeakPassword::Personal),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
        assert_eq!(check(&"long enough ".repeat(11)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn a_secret_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "Secret(…)");
    }
}
