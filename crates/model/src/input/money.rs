//! Amounts of money: `12500`, `12,500.00`, `12.500,00`, `12 500`, `$12.5k`, `1,2m`.
//!
//! Which sign groups and which one marks the decimals is settled by what was typed: with both signs the last marks
//! the decimals. A single sign with exactly three digits behind it groups; where that is not how the workspace's
//! region writes, the amount is echoed for the person to check.

use unicode_normalization::UnicodeNormalization;

use super::{InputContext, Parsed, Warning};
use crate::format::{self, currency_sign};
use crate::schema::CENTS_MAX;

/// Regions that write `12.500,00`.
const DECIMAL_COMMA: [&str; 44] = [
    "AR", "AT", "BE", "BG", "BO", "BR", "BY", "CL", "CO", "CR", "CZ", "DE", "DK", "EC", "EE", "ES", "FI", "FR", "GR",
    "HR", "HU", "ID", "IS", "IT", "KZ", "LT", "LU", "LV", "NL", "NO", "PL", "PT", "PY", "RO", "RS", "RU", "SE", "SI",
    "SK", "TR", "UA", "UY", "VE", "VN",
];

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Letters, or nothing that counts.
    #[error("write an amount, as in 12,500.00 or 12.5k")]
    NotANumber,
    /// Below zero.
    #[error("an amount cannot be negative")]
    Negative,
    /// More than two decimals.
    #[error("an amount has at most 2 decimals")]
    TooManyDecimals,
    /// Thousands signs in odd places.
    #[error("check the thousands separators")]
    BadGrouping,
    /// More than the largest amount.
    #[error("an amount is at most 999,999,999,999.99")]
    TooLarge,
}

/// The decimal sign of a region (ISO 3166-1 alpha-2).
pub(super) fn decimal_sign(region: &str) -> char {
    if DECIMAL_COMMA.iter().any(|known| known.eq_ignore_ascii_case(region)) { ',' } else { '.' }
}

/// Reads an amount into cents.
///
/// # Errors
/// When it is not one.
pub fn parse_money(text: &str, ctx: &InputContext<'_>) -> Result<Parsed<i64>, MoneyError> {
    let text: String = text.nfkc().collect();
    let text = without_sign(&text)?;
    let (text, typed) = strip_currency(text, &ctx.settings.currency);
    let text = without_sign(text)?;
    let (number, zeros) = strip_suffix(text);
    let (digits, ambiguous) = read_digits(number, ctx.decimal, zeros)?;
    let cents = to_cents(&digits, zeros)?;
    let currency = ctx.settings.currency.clone();
    let mut warnings = Vec::new();
    if ambiguous {
        warnings.push(Warning::AmbiguousAmount { cents, currency: currency.clone() });
    }
    if let Some(typed) = typed {
        warnings.push(Warning::OtherCurrency { typed, currency });
    }
    Ok(Parsed { value: cents, warnings })
}

/// Refuses a minus, or brackets as accountants write it; takes a plus away.
fn without_sign(text: &str) -> Result<&str, MoneyError> {
    let text = text.trim();
    let negative = text.starts_with(['-', '\u{2212}', '\u{2013}']) || (text.starts_with('(') && text.ends_with(')'));
    if negative { Err(MoneyError::Negative) } else { Ok(text.strip_prefix('+').unwrap_or(text).trim_start()) }
}

/// Takes a currency's sign or code away from either end; returns it when it is not the workspace's.
fn strip_currency<'a>(text: &'a str, currency: &str) -> (&'a str, Option<String>) {
    let own = currency_sign(currency);
    for sign in format::all_signs() {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            // A plain $ will do for every kind of dollar.
            return (rest.trim(), (!own.ends_with(sign)).then(|| sign.to_owned()));
        }
    }
    let start = text.get(..3).zip(text.get(3..));
    let end = text.len().checked_sub(3).and_then(|at| text.get(at..).zip(text.get(..at)));
    for (code, rest) in start.into_iter().chain(end) {
        let own = code.eq_ignore_ascii_case(currency);
        if own || format::is_currency_code(code) {
            return (rest.trim(), (!own).then(|| code.to_uppercase()));
        }
    }
    (text, None)
}

/// Splits `12.5k` into the number and how many zeros the letter stands for.
fn strip_suffix(text: &str) -> (&str, u32) {
    let zeros = match text.chars().next_back() {
        Some('k' | 'K') => 3,
        Some('m' | 'M') => 6,
        _ => return (text, 0),
    };
    (text[..text.len() - 1].trim_end(), zeros)
}

/// A number's digits before and after its decimal sign.
#[derive(Debug, PartialEq, Eq)]
struct Digits {
    whole: String,
    decimals: String,
}

/// Decides what each sign stands for; the flag says that another reading is as good.
fn read_digits(number: &str, decimal: char, zeros: u32) -> Result<(Digits, bool), MoneyError> {
    let is_group_mark = |letter: char| letter.is_whitespace() || letter == '\'' || letter == '\u{2019}';
    let fits = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',' || is_group_mark(letter);
    if !number.contains(|letter: char| letter.is_ascii_digit()) || !number.chars().all(fits) {
        return Err(MoneyError::NotANumber);
    }
    let last = number.rfind(['.', ',']);
    let Some(at) = last else {
        return Ok((Digits { whole: join_groups(number, is_group_mark)?, decimals: String::new() }, false));
    };
    let (before, after) = (&number[..at], &number[at + 1..]);
    let sign = if number[at..].starts_with(',') { ',' } else { '.' };
    let others = before.contains(['.', ',']) || before.contains(is_group_mark);
    if others || !could_group(before, after) {
        return several_signs(before, sign, after);
    }
    // One sign with exactly three digits behind it.
    if sign != decimal {
        return Ok((Digits { whole: format!("{before}{after}"), decimals: String::new() }, false));
    }
    // With a letter behind it, three decimals make sense: 1.234k is 1,234.
    let digits = if zeros > 0 {
        Digits { whole: before.to_owned(), decimals: after.to_owned() }
    } else {
        Digits { whole: format!("{before}{after}"), decimals: String::new() }
    };
    Ok((digits, true))
}

/// Whether `before` and `after` a single sign can be groups of thousands.
fn could_group(before: &str, after: &str) -> bool {
    after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0')
}

/// Reads a number whose last sign is at the end of `before`, when there are other signs or it cannot group.
fn several_signs(before: &str, sign: char, after: &str) -> Result<(Digits, bool), MoneyError> {
    if !after.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MoneyError::BadGrouping);
    }
    let is_group_mark = |letter: char| !letter.is_ascii_digit();
    if before.contains(sign) {
        // The same sign again: all of them group.
        let whole = join_groups(&format!("{before}{sign}{after}"), is_group_mark)?;
        return Ok((Digits { whole, decimals: String::new() }, false));
    }
    let whole = if before.is_empty() { String::new() } else { join_groups(before, is_group_mark)? };
    Ok((Digits { whole, decimals: after.to_owned() }, false))
}

/// Joins `1,234,567`; the same sign throughout, three digits in the last group and two or three in those between
/// (`12,34,567` is how India writes).
fn join_groups(number: &str, is_group_mark: impl Fn(char) -> bool) -> Result<String, MoneyError> {
    let marks: Vec<char> = number.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let groups: Vec<&str> = number.split(is_group_mark).collect();
    if let [first, between @ .., last] = groups.as_slice() {
        let of_two = !between.is_empty() && between.iter().all(|group| group.len() == 2);
        let of_three = between.iter().all(|group| group.len() == 3);
        let one_sign = marks.windows(2).all(|pair| pair[0] == pair[1]);
        let single = groups.len() == 1;
        if !single && !((of_two || of_three) && one_sign && last.len() == 3 && (1..=3).contains(&first.len())) {
            return Err(MoneyError::BadGrouping);
        }
    }
    Ok(groups.concat())
}

fn to_cents(digits: &Digits, zeros: u32) -> Result<i64, MoneyError> {
    let shift = zeros as usize + 2;
    if digits.decimals.len() > shift {
        return Err(MoneyError::TooManyDecimals);
    }
    let padded = format!("{}{:0<shift$}", digits.whole, digits.decimals);
    let significant = padded.trim_start_matches('0');
    // i64 holds 18 digits; the largest amount has 14.
    if significant.len() > 18 {
        return Err(MoneyError::TooLarge);
    }
    let cents = if significant.is_empty() { 0 } else { significant.parse().map_err(|_| MoneyError::TooLarge)? };
    if cents > CENTS_MAX { Err(MoneyError::TooLarge) } else { Ok(cents) }
}
