//! Host names, as e-mail and web addresses share them.

use idna::AsciiDenyList;

/// A host name in two spellings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// In Unicode, lower case: what people see.
    pub(super) shown: String,
    /// In ASCII (punycode), lower case: what is compared.
    pub(super) ascii: String,
}

/// Reads a host name; `None` when a label is bad or there is only one.
pub(super) fn parse_host(text: &str) -> Option<Host> {
    let ascii = idna::domain_to_ascii_cow(text.as_bytes(), AsciiDenyList::URL).ok()?.into_owned();
    let labels: Vec<&str> = ascii.split('.').collect();
    if labels.len() < 2 || ascii.len() > 253 || !labels.iter().all(|label| is_label(label)) {
        return None;
    }
    let (shown, readable) = idna::domain_to_unicode(&ascii);
    let shown = if readable.is_ok() { shown } else { ascii.clone() };
    Some(Host { shown, ascii })
}

fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
}

/// Whether the host is four numbers rather than a name.
pub(super) fn is_ip_address(ascii: &str) -> bool {
    ascii.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Whether the last label can be a top-level domain; those are never numbers.
pub(super) fn has_top_level(ascii: &str) -> bool {
    ascii.rsplit('.').next().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The part of a host name that somebody registered (`shop.acme.co.uk` → `acme.co.uk`).
pub(super) fn registrable_domain(ascii: &str) -> &str {
    if is_ip_address(ascii) { ascii } else { psl::domain_str(ascii).unwrap_or(ascii) }
}
