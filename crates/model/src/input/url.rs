//! Web addresses: `acme.com` and `https://www.acme.com/about`.

use super::Parsed;
use super::host::{has_top_level, is_ip_address, parse_host, registrable_domain};

/// A web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// With scheme, the host in lower case.
    pub address: String,
    /// Equal for all addresses of one owner: the registrable domain in punycode.
    pub key: String,
}

/// Why a text is not a web address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It has a space in it.
    #[error("a web address has no spaces")]
    Spaces,
    /// Another scheme than http and https.
    #[error("a web address starts with http:// or https://")]
    OtherScheme,
    /// Its host has no dot.
    #[error("a web address has a dot, as in example.com")]
    NoDot,
    /// Its host is no host name.
    #[error("this is not a web address, as in example.com")]
    BadHost,
}

/// Reads a web address.
///
/// # Errors
/// When it is not one.
pub fn parse_url(text: &str) -> Result<Parsed<Url>, UrlError> {
    let text = text.trim();
    if text.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(UrlError::Spaces);
    }
    let (scheme, rest) = split_scheme(text)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = split_port(authority)?;
    if !host.contains('.') {
        return Err(UrlError::NoDot);
    }
    let host = parse_host(host.trim_end_matches('.')).ok_or(UrlError::BadHost)?;
    if !has_top_level(&host.ascii) && !is_ip_address(&host.ascii) {
        return Err(UrlError::BadHost);
    }
    let path = if path == "/" { "" } else { path };
    let key = registrable_domain(&host.ascii).to_owned();
    Ok(Parsed::sure(Url { address: format!("{scheme}://{}{port}{path}", host.shown), key }))
}

/// Splits off the scheme; a text without one is taken as https.
fn split_scheme(text: &str) -> Result<(&'static str, &str), UrlError> {
    if let Some((scheme, rest)) = text.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "https" => Ok(("https", rest)),
            "http" => Ok(("http", rest)),
            // A path may hold another address: acme.com/?from=http://b.co
            scheme if scheme.contains(['/', '?', '#']) => Ok(("https", text)),
            _ => Err(UrlError::OtherScheme),
        };
    }
    let bare = text.strip_prefix("//").unwrap_or(text);
    // `mailto:ann@acme.com` has a scheme; `acme.com:8080` has a port.
    let authority = bare.split(['/', '?', '#']).next().unwrap_or(bare);
    match authority.split_once(':') {
        Some((_, port)) if !port.starts_with(|letter: char| letter.is_ascii_digit()) => Err(UrlError::OtherScheme),
        _ => Ok(("https", bare)),
    }
}

/// Splits `acme.com:8080`; the port keeps its colon. Names and passwords before the host are not accepted.
fn split_port(authority: &str) -> Result<(&str, &str), UrlError> {
    let Some(colon) = authority.find(':') else {
        return Ok((authority, ""));
    };
    let (host, port) = authority.split_at(colon);
    if port[1..].parse::<u16>().is_ok() { Ok((host, port)) } else { Err(UrlError::BadHost) }
}
