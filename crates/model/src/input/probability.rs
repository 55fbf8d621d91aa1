//! Probabilities: whole percents from 0 to 100.

use super::{Parsed, Warning};
use crate::StageKind;

/// Why a text is not a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProbabilityError {
    /// Not a whole number.
    #[error("write a whole number from 0 to 100")]
    NotANumber,
    /// Below 0 or above 100.
    #[error("a probability is between 0 and 100 %")]
    Outside,
}

/// Reads a probability for a lead in a stage of this kind.
///
/// # Errors
/// When it is not one.
pub fn parse_probability(text: &str, stage: StageKind) -> Result<Parsed<u8>, ProbabilityError> {
    let text = text.trim();
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    let digits = number.strip_prefix(['+', '-', '\u{2212}']).unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ProbabilityError::NotANumber);
    }
    // What remains and does not parse is a number that is negative or too large.
    let percent = number.parse::<u8>().ok().filter(|percent| *percent <= 100).ok_or(ProbabilityError::Outside)?;
    let certain = stage == StageKind::Open && matches!(percent, 0 | 100);
    let warnings = if certain { vec![Warning::OpenButCertain] } else { Vec::new() };
    Ok(Parsed { value: percent, warnings })
}
