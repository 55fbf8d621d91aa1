//! Names that records get from their file: ranks in its order, and what a conversation is recognised by.

use model::{RecordId, Value};

use crate::draft::Draft;

/// A rank that sorts in file order, behind those of earlier imports: base 36 like all ranks, never ending in `0`.
pub(crate) fn rank(now_millis: i64, index: u64) -> String {
    let seconds = u64::try_from(now_millis / 1000).unwrap_or(0);
    format!("m{}{}i", base36(seconds, 6), base36(index, 4))
}

fn base36(number: u64, digits: usize) -> String {
    let mut text = vec![b'0'; digits];
    let mut rest = number;
    for digit in text.iter_mut().rev() {
        let value = u8::try_from(rest % 36).unwrap_or(0);
        *digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        rest /= 36;
    }
    text.into_iter().map(char::from).collect()
}

/// What a conversation without an id of its own is recognised by when the file comes again: FNV-1a over what the
/// file says.
pub(crate) fn conversation_identity(draft: &Draft, links: [Option<RecordId>; 3]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for key in ["type", "subject", "body"] {
        feed(draft.text(key));
    }
    feed(&draft.fields.get("occurred_at").and_then(Value::as_time).map(|at| at.to_string()).unwrap_or_default());
    for line in &draft.lines {
        feed(line);
    }
    for id in links {
        feed(&id.map(|id| id.to_string()).unwrap_or_default());
    }
    format!("#{hash:016x}")
}
