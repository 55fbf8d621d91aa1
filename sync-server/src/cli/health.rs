//! `health`: asks a running relay whether it is well, for container engines and scripts. Plain HTTP on purpose: it
//! asks the relay itself, not the proxy in front.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::serve::reachable;
use super::{Outcome, say};

/// A relay that does not answer in this time is not well.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of the answer that are read.
const ANSWER_MAX: u64 = 4_096;

/// Why nobody could be asked.
#[derive(Debug, thiserror::Error)]
enum AskError {
    /// The address can't be used.
    #[error("write the address as http://host:port")]
    Url,
    /// Nobody answered.
    #[error("no answer from {host}")]
    NoAnswer {
        host: String,
        #[source]
        source: std::io::Error,
    },
}

/// Asks; says and returns whether all is well.
pub(super) fn ask(url: Option<&str>, listen: SocketAddr) -> Outcome {
    let host = match url {
        Some(url) => host_of(url).ok_or(AskError::Url)?.to_owned(),
        None => reachable(listen).to_string(),
    };
    let status = status_line(&host).map_err(|source| AskError::NoAnswer { host, source })?;
    let well = status.starts_with("HTTP/1.1 200 ");
    say(if well { "ok" } else { &status });
    Ok(well)
}

fn host_of(url: &str) -> Option<&str> {
    let host = url.strip_prefix("http://")?.trim_end_matches('/');
    (!host.is_empty() && !host.contains('/')).then_some(host)
}

fn status_line(host: &str) -> std::io::Result<String> {
    let target = if host.rsplit(']').next().is_some_and(|end| end.contains(':')) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let address = target.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or("").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_taken_from_a_plain_address() {
        assert_eq!(host_of("http://127.0.0.1:8080"), Some("127.0.0.1:8080"));
        assert_eq!(host_of("http://relay/"), Some("relay"));
        for bad in ["https://relay", "relay:80", "http://", "http://relay/path"] {
            assert_eq!(host_of(bad), None, "{bad}");
        }
    }
}
