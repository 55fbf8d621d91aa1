//! A file as it comes over the wire, with the patience that a slow line deserves and a silent one does not.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, timeout_at};

/// How long the first bytes may take.
const START: Duration = Duration::from_secs(30);
/// Fewest bytes a second, on the average from the start.
const BYTES_PER_SEC_MIN: u64 = 1_024;

/// The line is too slow or broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut;

/// Passes bytes on as long as they come fast enough.
pub(super) fn patiently<E>(
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
) -> impl Stream<Item = Result<Bytes, Cut>> + Send {
    let start = Instant::now();
    let state = (Box::pin(bytes), 0_u64);
    futures_util::stream::unfold(state, move |(mut bytes, received)| async move {
        let deadline = start + START + Duration::from_secs(received / BYTES_PER_SEC_MIN);
        let next = match timeout_at(deadline, bytes.next()).await {
            Err(_) | Ok(Some(Err(_))) => Err(Cut),
            Ok(Some(Ok(piece))) => Ok(piece),
            Ok(None) => return None,
        };
        let more = next.as_ref().map_or(0, |piece| u64::try_from(piece.len()).unwrap_or(u64::MAX));
        Some((next, (bytes, received.saturating_add(more))))
    })
}
