//! How this device stands, in figures that hold no record: for the settings, and to send to whoever helps.

use model::Timestamp;
use model::app::{PROBLEMS_MAX, Verified};
use model::query::Diagnostics;
use model::schema::SCHEMA_VERSION;
use store::QueryContext;

use crate::replica::{Replica, ReplicaError};

impl Replica {
    pub(crate) fn diagnostics(&self, ctx: &QueryContext<'_>) -> Result<Diagnostics, ReplicaError> {
        let joined = self.account.as_ref().is_some_and(crate::account::Account::is_joined);
        let cursor = self.cursor()?.filter(|_| joined);
        let oldest = if joined { self.store.outbox(0, 1)?.into_iter().next() } else { None };
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(Diagnostics {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sqlite: store::sqlite_version().to_owned(),
            schema: SCHEMA_VERSION,
            protocol: sync::wire::VERSION.into(),
            documents: self.store.documents_count()?,
            database_bytes: self.store.size_bytes()?,
            device: self.device().to_string(),
            seq: cursor.as_ref().map_or(0, |cursor| cursor.seq),
            digest: cursor.map(|cursor| hex(&cursor.digest.0)).unwrap_or_default(),
            heard_at: self.heard_at(),
            waiting: if joined { self.store.outbox_len()? } else { 0 },
            oldest_waiting: oldest.map(|(_, command)| command.at),
            refused: self.store.refused_len()?,
            conflicts: self.store.conflicts(ctx)?.len() as u64,
            quarantined: self.store.quarantine_len()?,
        })
    }

    fn heard_at(&self) -> Option<Timestamp> {
        Some(self.link.heard_at()).filter(|at| *at > Timestamp::default())
    }

    /// Checks all documents, and says in words what is wrong.
    pub(crate) fn verified(&self) -> Result<Verified, ReplicaError> {
        let found = self.verify()?;
        let problems = found.problems.iter().take(PROBLEMS_MAX);
        let problems = problems.map(|problem| format!("{}: {}", problem.record, problem.problem)).collect();
        Ok(Verified { documents: found.documents, problems, digest: found.digest })
    }
}
