//! Bombs are refused without taking memory. A binary of its own and one test, because allocations are counted for the
//! whole process.

#[path = "../it/bombs.rs"]
mod bombs;
mod counting;
#[path = "../it/forge.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod forge;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod support;

use counting::{Counting, most_taken};
use ledger::guard::{GuardError, admit, inspect};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What refusing one may take at most.
const BYTES_MAX: usize = 2 << 20;

#[test]
fn a_bomb_is_refused_within_two_mebibytes() {
    for (name, bomb) in bombs::bombs() {
        let (refused, bytes) = most_taken(|| inspect(&bomb).is_err());

        assert!(refused, "{name}");
        assert!(bytes <= BYTES_MAX, "{name}: {bytes} bytes");
    }

    let (document, orphans) = bombs::orphans();
    let orphans: Vec<Vec<u8>> = orphans.collect();
    let (need, bytes) = most_taken(|| {
        let judged = orphans.iter().map(|orphan| admit(Some(&document), support::LEAD, &inspect(orphan)?));
        judged.filter(|judged| matches!(judged, Err(GuardError::Need(missing)) if missing.len() == 1)).count()
    });

    assert_eq!(need, bombs::ORPHANS);
    assert!(bytes <= BYTES_MAX, "orphans: {bytes} bytes");
}
