//! Where a webhook may lead. A relay stands inside networks that strangers can't reach, so an address that is not
//! public is refused: when it is written down, as far as that can be seen, and again for what a name stands for at the
//! moment of sending. The connection then goes to exactly the addresses that were looked at.

use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use url::{Host, Url};

/// Longest address, in bytes.
const URL_MAX_BYTES: usize = 2_000;
/// Below this, only the port of `https`: what listens there was never made for webhooks.
const PORT_MIN: u16 = 1_024;

/// Why an address is none that a webhook may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// It is no address, or too long.
    #[error("must be an address as in https://example.org/hook")]
    Form,
    /// It is not encrypted.
    #[error("must begin with https://")]
    Scheme,
    /// It holds a name and a password.
    #[error("may not hold a user name or password")]
    Credentials,
    /// It names a port that webhooks don't use.
    #[error("must use port 443, or one from {PORT_MIN} up")]
    Port,
    /// It is inside a network.
    #[error("must be an address on the public internet")]
    Private,
}

/// Knows which addresses stand behind a name.
pub trait Names: Debug + Send + Sync {
    /// The addresses of a host, with the port.
    ///
    /// # Errors
    /// When they can't be found out.
    fn addresses(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }
}

/// Reads an address. Numbers in all their forms have become plain ones, as in browsers.
pub(super) fn parse(text: &str, allow_private: bool) -> Result<Url, UrlProblem> {
    let url = Url::parse(text.trim()).ok().filter(|url| url.as_str().len() <= URL_MAX_BYTES).ok_or(UrlProblem::Form)?;
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => return Err(UrlProblem::Scheme),
        _ => return Err(UrlProblem::Form),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlProblem::Credentials);
    }
    let host = url.host().ok_or(UrlProblem::Form)?;
    if allow_private {
        return Ok(url);
    }
    if url.port().is_some_and(|port| port < PORT_MIN) {
        return Err(UrlProblem::Port);
    }
    let public = match host {
        Host::Ipv4(address) => is_public(address.into()),
        Host::Ipv6(address) => is_public(address.into()),
        Host::Domain(name) => !is_local_name(name),
    };
    public.then_some(url).ok_or(UrlProblem::Private)
}

/// Names that are never those of public machines.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    last == name || ["localhost", "local", "internal", "lan", "home", "corp"].contains(&last)
}

/// Whether an address is one that anybody on the internet could reach.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// IANA's registry of special addresses, without those that are globally reachable.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..)
    )
}

/// Global unicast alone, without what leads to an address of version 4 or is for documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [a, b, ..] = address.segments();
    let global = a & 0xe000 == 0x2000;
    let special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff));
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_anybody_could_reach_are_public() {
        let public = "1.1.1.1 8.8.8.8 192.0.1.1 172.32.0.1 100.128.0.1 2606:4700::1111 2a00::1 ::ffff:8.8.8.8";
        for address in public.split(' ') {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        let private = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 \
            192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 \
            255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 100::1 fc00::1 \
            fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1";
        for address in private.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_leads_inside_is_refused_however_it_is_written() {
        use UrlProblem::{Credentials, Form, Port, Private, Scheme};
        let rows = [
            ("https://127.0.0.1/", Private),
            ("https://127.1/", Private),
            ("https://2130706433/", Private),
            ("https://0x7f000001/", Private),
            ("https://0x7f.0.0.1/", Private),
            ("https://0177.0.0.1/", Private),
            ("https://127.0.0.1./", Private),
            ("https://１２７.0.0.1/", Private),
            ("https://0/", Private),
            ("https://169.254.169.254/latest/meta-data/", Private),
            ("https://10.0.0.8/", Private),
            ("https://[::1]/", Private),
            ("https://[::ffff:127.0.0.1]/", Private),
            ("https://[::ffff:7f00:1]/", Private),
            ("https://[fd00:ec2::254]/", Private),
            ("https://[fe80::1]/", Private),
            ("https://localhost/", Private),
            ("https://LOCALHOST./", Private),
            ("https://db/", Private),
            ("https://metadata.google.internal/", Private),
            ("https://printer.local/", Private),
            ("http://example.org/", Scheme),
            ("https://user@example.org/", Credentials),
            ("https://user:secret@example.org/", Credentials),
            ("https://example.org@127.0.0.1/", Credentials),
            ("https://example.org:22/", Port),
            ("https://example.org:80/", Port),
            ("ftp://example.org/", Form),
            ("file:///etc/passwd", Form),
            ("gopher://example.org:70/", Form),
            ("unix:/run/docker.sock", Form),
            ("//example.org/", Form),
            ("example.org/hook", Form),
            ("https://", Form),
            ("https://exa mple.org/", Form),
            ("https://256.1.1.1/", Form),
            ("https://[fe80::1%25eth0]/", Form),
            ("", Form),
        ];
        for (text, problem) in rows {
            assert_eq!(parse(text, false).map(String::from), Err(problem), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_taken_and_with_the_setting_private_ones() {
        let public =
            "https://example.org/hook?key=1 https://example.org:8443/ https://example.org:443/ https://1.1.1.1/";
        for text in public.split(' ') {
            assert!(parse(text, false).is_ok(), "{text}");
        }
        for text in ["http://127.0.0.1:9/", "http://db/", "https://[::1]:22/"] {
            assert!(parse(text, true).is_ok(), "{text}");
        }
        assert_eq!(parse("https://user@db/", true).map(String::from), Err(UrlProblem::Credentials));
        assert_eq!(parse("ftp://db/", true).map(String::from), Err(UrlProblem::Form));
    }
}
