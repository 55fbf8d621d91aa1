//! What the replica looks up and marks while it plans, confirms and rebuilds.

use std::collections::BTreeSet;

use model::{ChangeHash, CommandId, Kind, Record, RecordId, RecordRef, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::codec::{get, get_reference, int, split_hashes};
use crate::error::StoreError;
use crate::outbox::OutboxCommand;
use crate::project::Projection;
use crate::store::{Reader, Tx};

/// A document with its projected row, as a bootstrap brings it: shown at once, opened later.
#[derive(Debug, Clone, Copy)]
pub struct BootstrapDocument<'a> {
    /// The record as it shows.
    pub record: &'a Record,
    /// The saved document.
    pub saved: &'a [u8],
    /// Its heads.
    pub heads: &'a [ChangeHash],
    /// When a lead entered its stage.
    pub stage_entered_at: Option<Timestamp>,
}

impl Reader {
    /// Returns the ranks between which a card is put into a stage: those of the card `after` and of the one below
    /// it. Without `after`, the top of the column.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn ranks_around(
        &self,
        stage: &str,
        after: Option<RecordId>,
    ) -> Result<(Option<String>, Option<String>), StoreError> {
        let rank_of = "SELECT board_key FROM lead WHERE id = ? AND stage = ?";
        let above: Option<String> = match after {
            Some(id) => {
                let mut statement = self.connection.prepare_cached(rank_of)?;
                statement.query_row(params![id.as_bytes(), stage], |row| row.get(0)).optional()?
            }
            None => None,
        };
        let next = "SELECT min(board_key) FROM lead WHERE stage = ?1 AND deleted_at IS NULL AND board_key > ?2";
        let from = above.as_deref().unwrap_or("");
        let below = self.connection.prepare_cached(next)?.query_row(params![stage, from], |row| row.get(0))?;
        Ok((above, below))
    }

    /// Returns the open tasks of a lead.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn open_tasks(&self, lead: RecordId) -> Result<Vec<Record>, StoreError> {
        let sql = "SELECT id FROM task WHERE linked_id = ? AND status = 'open' AND deleted_at IS NULL ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map([lead.as_bytes()], |row| get(row, 0))?.collect::<Result<Vec<RecordId>, _>>()?;
        let mut tasks = Vec::new();
        for id in ids {
            tasks.extend(self.record(id)?);
        }
        Ok(tasks)
    }

    /// Lists the records that link to any of these, in the trash or not; at most `limit`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn linked_to(&self, records: &[RecordRef], limit: usize) -> Result<Vec<Record>, StoreError> {
        let mut found = BTreeSet::new();
        for record in records {
            for (kind, condition) in links_to(record.kind) {
                let sql = format!("SELECT t.id FROM {kind} t WHERE {condition} LIMIT ?3");
                let mut statement = self.connection.prepare_cached(&sql)?;
                let values = params![record.id.as_bytes(), record.id.to_string(), int(limit)];
                let ids = statement.query_map(values, |row| get(row, 0))?;
                found.extend(ids.collect::<Result<Vec<RecordId>, _>>()?);
            }
        }
        let records = found.into_iter().take(limit).map(|id| self.record(id));
        records.filter_map(Result::transpose).collect()
    }

    /// Lists the records of the sample data that are not in the trash.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn list_sample(&self) -> Result<Vec<RecordRef>, StoreError> {
        let mut found = Vec::new();
        for kind in Kind::RECORDS {
            let sql = format!(
                "SELECT r.kind, r.id FROM {} t JOIN record r ON r.n = t.n WHERE t.sample = 1 AND t.deleted_at IS NULL",
                kind.name()
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map([], |row| get_reference(row, 0, 1))?;
            found.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(found)
    }

    /// Returns the heads of what is confirmed of a document; none when nothing is.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn heads_of(&self, record: RecordId) -> Result<Vec<ChangeHash>, StoreError> {
        self.heads("SELECT heads FROM document WHERE id = ?", record)
    }

    fn heads(&self, sql: &str, record: RecordId) -> Result<Vec<ChangeHash>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let heads: Option<Vec<u8>> = statement.query_row([record.as_bytes()], |row| row.get(0)).optional()?;
        split_hashes(&heads.unwrap_or_default())
    }
}

/// Where the id (`?1`, in words `?2`) of a record of this kind stands in others.
pub(crate) fn links_to(kind: Kind) -> Vec<(Kind, String)> {
    let listed = "t.n IN (SELECT n FROM member WHERE field = 'contacts' AND member = ?2)";
    let by = |kind: Kind, condition: &str| (kind, condition.to_owned());
    let mut links = vec![by(Kind::Task, "t.linked_id = ?1"), by(Kind::Attachment, "t.linked_id = ?1")];
    match kind {
        Kind::Account => {
            links.extend([Kind::Contact, Kind::Lead, Kind::Activity].map(|of| by(of, "t.account_id = ?1")))
        }
        Kind::Contact => {
            links.push(by(Kind::Lead, &format!("t.primary_contact_id = ?1 OR {listed}")));
            links.push(by(Kind::Activity, "t.contact_id = ?1"));
        }
        Kind::Lead => links.push(by(Kind::Activity, "t.lead_id = ?1")),
        _ => {}
    }
    links
}

impl Tx<'_> {
    /// Replaces payload and changes of a command that waits; it keeps its place.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn replace_command(&mut self, command: &OutboxCommand) -> Result<(), StoreError> {
        self.run("UPDATE outbox SET payload = ? WHERE id = ?", params![command.payload, command.id.as_bytes()])?;
        self.replace_changes(command.id, &command.changes).map(drop)
    }

    /// Takes one change out of the outbox, because the log brought it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn confirm_pending(&mut self, record: RecordId, hash: ChangeHash) -> Result<(), StoreError> {
        self.run("DELETE FROM pending WHERE record = ? AND hash = ?", params![record.as_bytes(), hash.0]).map(drop)
    }

    /// Takes a command out of the outbox when none of its changes is left there.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn take_finished(&mut self, command: CommandId) -> Result<(), StoreError> {
        let sql = "DELETE FROM outbox WHERE id = ?1
                   AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.ordinal = outbox.ordinal)";
        self.run(sql, [command.as_bytes()]).map(drop)
    }

    /// Sets a record's mark "not on the relay yet" by what the outbox holds of it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn refresh_pending(&mut self, record: RecordId) -> Result<(), StoreError> {
        let sql = "UPDATE record SET pending = EXISTS (SELECT 1 FROM pending WHERE record = ?1) WHERE id = ?1";
        self.run(sql, [record.as_bytes()]).map(drop)
    }

    /// Removes a document of which nothing is confirmed or waits, with what is shown of it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn remove_document(&mut self, record: RecordId) -> Result<(), StoreError> {
        self.unproject(record)?;
        self.clear_field_changes(record)?;
        self.run("DELETE FROM document WHERE id = ?", [record.as_bytes()]).map(drop)
    }

    /// Stores a document together with its row.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn bootstrap(&mut self, document: &BootstrapDocument<'_>) -> Result<(), StoreError> {
        let BootstrapDocument { record, saved, heads, stage_entered_at } = document;
        self.put_confirmed(record.reference(), saved, heads, &[])?;
        let shown = Projection { record, heads, pending: false, conflicts: &[], problems: &[] };
        self.show(&shown, *stage_entered_at)
    }
}
