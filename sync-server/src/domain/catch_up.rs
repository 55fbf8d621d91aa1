//! Greeting a client and bringing it up to date from its cursor.

use sync::wire::{Entries, Entry, Farewell, Hello, RelayFrame, Resume, VERSION, Welcome};
use sync::{Cursor, Digest};

use super::announce::pack_entries;
use super::connection::Phase;
use super::relay::{ServeError, frame};
use super::{ConnId, Output, Relay, RelayEnv};
use crate::store::{LogStore, StoreError};

/// Plain bytes of entries read for one `Entries` frame; what doesn't fit the frame comes with the next pull.
const PULL_BYTES: usize = 1024 * 1024;

impl<S: LogStore> Relay<S> {
    pub(super) fn hello(
        &mut self,
        env: &mut impl RelayEnv,
        conn: ConnId,
        hello: &Hello,
        outputs: &mut Vec<(ConnId, Output)>,
    ) {
        let session = match env.authenticate(&hello.token, hello.device) {
            Ok(session) => session,
            Err(rejected) => return self.close(conn, Farewell::SignIn, rejected.to_string(), outputs),
        };
        let resume = match self.resume(hello.cursor) {
            Ok(resume) => resume,
            // An entry that can't be read is healed like one that is gone.
            Err(_) => Resume::Heal,
        };
        let welcome = Welcome {
            version: VERSION.min(hello.version),
            workspace: self.workspace,
            user: session.user,
            role: session.role.name().into(),
            head: self.head,
            resume,
            now: env.now(),
        };
        outputs.push((conn, frame(&RelayFrame::Welcome(welcome))));
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.phase = Phase::Welcome(session);
            connection.live = resume == Resume::Live;
            connection.last_cursor = hello.cursor.filter(|_| resume == Resume::Pull);
        }
    }

    /// Decides how a client catches up. Nothing is read when it has everything.
    fn resume(&mut self, cursor: Option<Cursor>) -> Result<Resume, StoreError> {
        let Some(cursor) = cursor else { return Ok(Resume::Snapshot) };
        if cursor == self.head {
            return Ok(Resume::Live);
        }
        if cursor.epoch != self.head.epoch || cursor.seq >= self.head.seq {
            return Ok(Resume::Heal);
        }
        let ours = self.store.digest_at(cursor.seq)?;
        Ok(if ours == Some(cursor.digest) { Resume::Pull } else { Resume::Heal })
    }

    pub(super) fn pull(
        &mut self,
        conn: ConnId,
        after: u64,
        outputs: &mut Vec<(ConnId, Output)>,
    ) -> Result<(), ServeError> {
        if after > self.head.seq {
            return Err(ServeError::Protocol("pull beyond the log's end".into()));
        }
        let digest = self.digest_for(conn, after)?;
        let entries = self.read_entries(after)?;
        // What can't be looked up is sent along.
        let (count, block) = pack_entries(&entries, |entry| self.store.earlier(entry.proof.seq).ok().flatten());
        let end = entries[..count].iter().fold(Cursor { epoch: self.head.epoch, seq: after, digest }, extend);
        let message = Entries { from: after + 1, end, head: self.head.seq, entries: block };
        outputs.push((conn, frame(&RelayFrame::Entries(message))));
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.live = end.seq == self.head.seq;
            connection.last_cursor = Some(end);
        }
        Ok(())
    }

    /// The digest at a place in the log, from the connection's memory or the store.
    pub(super) fn digest_for(&mut self, conn: ConnId, seq: u64) -> Result<Digest, StoreError> {
        if seq == self.head.seq {
            return Ok(self.head.digest);
        }
        let remembered = self.connections.get(&conn).and_then(|conn| conn.last_cursor);
        if let Some(cursor) = remembered.filter(|cursor| (cursor.epoch, cursor.seq) == (self.head.epoch, seq)) {
            return Ok(cursor.digest);
        }
        self.store.digest_at(seq)?.ok_or(StoreError::Inconsistent("the log has a gap"))
    }

    fn read_entries(&mut self, after: u64) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        let mut size = 0;
        self.store.entries_after(after, &mut |entry| {
            size += entry.change.len();
            found.push(entry);
            size < PULL_BYTES
        })?;
        Ok(found.iter().map(|entry| self.wire_entry(entry)).collect())
    }
}

fn extend(cursor: Cursor, entry: &Entry) -> Cursor {
    let digest = cursor.digest.then(entry.proof.seq, entry.record.id, entry.proof.hash);
    Cursor { epoch: cursor.epoch, seq: entry.proof.seq, digest }
}
