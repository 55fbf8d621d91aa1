//! E-mail addresses: `ann@acme.com`, `mailto:ann@acme.com`, `Ann Lee <ann@acme.com>`.

use super::host::{self, parse_host};
use super::{Parsed, Warning};

/// Longest local part, in bytes (RFC 5321).
const LOCAL_MAX_BYTES: usize = 64;
/// Longest address, in bytes (RFC 5321).
const ADDRESS_MAX_BYTES: usize = 254;

/// Domains that are often mistyped.
const WELL_KNOWN: [&str; 4] = ["gmail.com", "outlook.com", "yahoo.com", "icloud.com"];

/// Domains of providers where anybody has an address: they say nothing about somebody's company.
const FREE_MAIL: [&str; 34] = [
    "126.com",
    "163.com",
    "aol.com",
    "email.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "wp.pl",
    "yahoo.com",
    "yandex.com",
    "ymail.com",
];

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The address; its domain in lower case.
    pub address: String,
    /// Equal for equal addresses: lower case, the domain in punycode.
    pub key: String,
    /// The name that was typed with it.
    pub name: Option<String>,
}

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// No `@`, or several.
    #[error("an e-mail address has one @, as in ann@example.com")]
    NotOneAt,
    /// Nothing before the `@`.
    #[error("the part before the @ is missing")]
    EmptyLocal,
    /// More than 64 bytes before the `@`.
    #[error("the part before the @ is too long")]
    LongLocal,
    /// Characters before the `@` that no address has.
    #[error("the part before the @ has a space or sign that does not belong there")]
    BadLocal,
    /// What follows the `@` is no domain.
    #[error("the part after the @ is not a domain, as in example.com")]
    BadDomain,
    /// More than 254 bytes in all.
    #[error("the address is too long")]
    TooLong,
}

/// Reads an e-mail address.
///
/// # Errors
/// When it is not one.
pub fn parse_email(text: &str) -> Result<Parsed<Email>, EmailError> {
    let (name, address) = split_name(text.trim());
    let address = strip_mailto(address);
    let Some((local, domain)) = address.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
        return Err(EmailError::NotOneAt);
    };
    check_local(local)?;
    let host = parse_host(domain).filter(|host| host::has_top_level(&host.ascii)).ok_or(EmailError::BadDomain)?;
    if local.len() + 1 + host.ascii.len() > ADDRESS_MAX_BYTES {
        return Err(EmailError::TooLong);
    }
    let email = Email {
        address: format!("{local}@{}", host.shown),
        key: format!("{}@{}", local.to_lowercase(), host.ascii),
        name,
    };
    Ok(Parsed { value: email, warnings: slip_of(&host.ascii).map(Warning::DomainLooksLike).into_iter().collect() })
}

/// Whether addresses at this domain belong to a mail provider's customers, not to one company.
pub fn is_free_mail(domain: &str) -> bool {
    let domain = domain.to_lowercase();
    // Some have one domain for each country: yahoo.co.uk, but not yahoo.acme.com.
    let many = ["yahoo.", "hotmail.", "live.", "outlook."].iter().any(|start| domain.starts_with(start));
    FREE_MAIL.contains(&domain.as_str()) || (many && host::registrable_domain(&domain) == domain)
}

/// Splits `Ann Lee <ann@acme.com>`; a bare address has no name.
fn split_name(text: &str) -> (Option<String>, &str) {
    let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return (None, text);
    };
    let name = name.trim().trim_matches(['"', '\'']).trim();
    ((!name.is_empty()).then(|| name.to_owned()), address.trim())
}

fn strip_mailto(address: &str) -> &str {
    let scheme = address.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:"));
    let Some(rest) = scheme.and_then(|_| address.get(7..)) else {
        return address;
    };
    rest.split_once('?').map_or(rest, |(address, _)| address).trim()
}

fn check_local(local: &str) -> Result<(), EmailError> {
    let is_bad = |letter: char| letter.is_whitespace() || letter.is_control() || "<>()[],;:\"\\".contains(letter);
    if local.is_empty() {
        Err(EmailError::EmptyLocal)
    } else if local.len() > LOCAL_MAX_BYTES {
        Err(EmailError::LongLocal)
    } else if local.contains(is_bad) {
        Err(EmailError::BadLocal)
    } else {
        Ok(())
    }
}

/// The well-known domain that this one misses by a letter, unless it is another provider's.
fn slip_of(domain: &str) -> Option<&'static str> {
    if FREE_MAIL.contains(&domain) {
        return None;
    }
    WELL_KNOWN.into_iter().find(|known| strsim::osa_distance(known, domain) == 1)
}
