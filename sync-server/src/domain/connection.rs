//! What the relay remembers of a connection.

use std::collections::{BTreeSet, VecDeque};

use model::{ChangeHash, CommandId};
use sync::Cursor;
use sync::wire::PushedChange;

use super::Session;

/// Refused changes remembered per connection, to name the commands that fall with them.
const REFUSED_MAX: usize = 4_096;

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub phase: Phase,
    /// Whether it has everything that is committed and gets entries as they come.
    pub live: bool,
    /// Where its last pull or page ended, so that the next one finds its digest at once.
    pub last_cursor: Option<Cursor>,
    /// A command of which parts are still to come.
    pub partial: Option<Partial>,
    pub refused: Refused,
    /// Changes that were judged and not told of yet.
    pub judged: u64,
}

/// How far the conversation is.
#[derive(Debug, Default)]
pub(super) enum Phase {
    /// `Hello` is due.
    #[default]
    Greeting,
    /// The client is known.
    Welcome(Session),
}

/// A command of which parts are still to come.
#[derive(Debug)]
pub(super) struct Partial {
    pub command: CommandId,
    pub changes: Vec<PushedChange>,
    pub size_bytes: usize,
    /// It is larger than a command may be; the rest of it is skipped.
    pub too_large: bool,
}

/// The newest refused changes.
#[derive(Debug, Default)]
pub(super) struct Refused {
    known: BTreeSet<ChangeHash>,
    order: VecDeque<ChangeHash>,
}

impl Connection {
    pub(super) const fn is_live(&self) -> bool {
        self.live
    }

    pub(super) const fn session(&self) -> Option<&Session> {
        match &self.phase {
            Phase::Greeting => None,
            Phase::Welcome(session) => Some(session),
        }
    }

    pub(super) const fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.phase {
            Phase::Greeting => None,
            Phase::Welcome(session) => Some(session),
        }
    }
}

impl Refused {
    pub(super) fn add(&mut self, hashes: impl IntoIterator<Item = ChangeHash>) {
        for hash in hashes {
            if self.known.insert(hash) {
                self.order.push_back(hash);
            }
        }
        while self.order.len() > REFUSED_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    pub(super) fn contains_any(&self, hashes: &[ChangeHash]) -> bool {
        hashes.iter().any(|hash| self.known.contains(hash))
    }
}
