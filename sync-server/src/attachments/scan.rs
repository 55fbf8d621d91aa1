//! Asks a clamd (ClamAV's daemon) about a file, over its socket: `INSTREAM`, then pieces with their lengths, then an
//! empty one; the answer ends in `OK` or `FOUND`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::vault::Pieces;

/// A scanner that takes longer for one file is not well.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Most bytes of an answer.
const ANSWER_MAX: u64 = 4_096;
/// Largest piece that is sent at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Where a clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clamd {
    /// At a path.
    Unix(PathBuf),
    /// At a host and port.
    Tcp(String),
}

/// Text that names no clamd.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write the scanner's address as /path/to/clamd.ctl or host:port")]
pub struct ParseClamdError;

impl FromStr for Clamd {
    type Err = ParseClamdError;

    fn from_str(text: &str) -> Result<Self, ParseClamdError> {
        if text.starts_with('/') {
            return Ok(Self::Unix(text.into()));
        }
        let (host, port) = text.rsplit_once(':').ok_or(ParseClamdError)?;
        let sound = !host.is_empty() && port.parse::<u16>().is_ok();
        sound.then(|| Self::Tcp(text.to_owned())).ok_or(ParseClamdError)
    }
}

/// What the scanner said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing was found.
    Clean,
    /// Something was; its name.
    Found(String),
}

/// Why the scanner said nothing that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It can't be reached.
    #[error("the virus scanner cannot be reached")]
    Io(#[from] std::io::Error),
    /// It takes too long.
    #[error("the virus scanner does not answer")]
    TimedOut,
    /// The file can't be read.
    #[error("the file cannot be read")]
    File(#[from] object_store::Error),
    /// It said something else.
    #[error("the virus scanner answers: {0}")]
    Answer(String),
}

/// Asks about the bytes of a file.
///
/// # Errors
/// When there is no usable answer.
pub async fn scan(clamd: &Clamd, file: Pieces) -> Result<Finding, ScanError> {
    timeout(TIMEOUT, ask(clamd, file)).await.map_err(|_| ScanError::TimedOut)?
}

async fn ask(clamd: &Clamd, file: Pieces) -> Result<Finding, ScanError> {
    match clamd {
        Clamd::Tcp(address) => converse(TcpStream::connect(address).await?, file).await,
        #[cfg(unix)]
        Clamd::Unix(path) => converse(tokio::net::UnixStream::connect(path).await?, file).await,
        #[cfg(not(unix))]
        Clamd::Unix(_) => Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into()),
    }
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, mut file: Pieces) -> Result<Finding, ScanError> {
    stream.write_all(b"zINSTREAM\0").await?;
    while let Some(bytes) = file.next().await {
        for piece in bytes?.chunks(PIECE_BYTES) {
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            stream.write_all(&length.to_be_bytes()).await?;
            stream.write_all(piece).await?;
        }
    }
    stream.write_all(&0_u32.to_be_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer).await?;
    understand(&String::from_utf8_lossy(&answer))
}

fn understand(answer: &str) -> Result<Finding, ScanError> {
    let answer = answer.trim_end_matches('\0').trim();
    let said = answer.strip_prefix("stream: ").unwrap_or(answer);
    match (said, said.strip_suffix(" FOUND")) {
        ("OK", _) => Ok(Finding::Clean),
        (_, Some(name)) => Ok(Finding::Found(name.to_owned())),
        _ => Err(ScanError::Answer(said.chars().filter(|letter| !letter.is_control()).take(200).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_clamd_are_understood() {
        assert_eq!(understand("stream: OK\0").unwrap(), Finding::Clean);
        assert_eq!(understand("stream: Eicar-Signature FOUND\0").unwrap(), Finding::Found("Eicar-Signature".into()));
        for bad in ["", "INSTREAM size limit exceeded. ERROR\0", "stream: OK maybe", "UNKNOWN COMMAND"] {
            assert!(matches!(understand(bad), Err(ScanError::Answer(_))), "{bad}");
        }
    }

    #[test]
    fn a_scanner_is_named_by_path_or_by_host_and_port() {
        assert_eq!("/run/clamav/clamd.ctl".parse(), Ok(Clamd::Unix("/run/clamav/clamd.ctl".into())));
        assert_eq!("clamd:3310".parse(), Ok(Clamd::Tcp("clamd:3310".into())));
        for bad in ["", "clamd", ":3310", "clamd:port", "clamd:99999"] {
            assert_eq!(bad.parse::<Clamd>(), Err(ParseClamdError), "{bad}");
        }
    }
}
