//! Suggestions: those that wait for somebody's answer, and those they sent.

use model::query::{SuggestedChange, Suggestion, WINDOW_MAX};
use model::{Record, RecordId, UserId, suggestion};
use rusqlite::params;

use super::QueryContext;
use crate::codec::get;
use crate::error::StoreError;
use crate::store::Reader;

/// Open suggestions that wait for `?1`: addressed to them, or about a record that has come to them since.
const WAITING: &str = "s.status = 'open' AND s.hidden = 0 AND s.owner_id IS NOT ?1
    AND ?1 = coalesce(a.owner_id, c.owner_id, l.owner_id, v.owner_id, t.owner_id, f.owner_id, s.for_id)";

/// The record that a suggestion is about, whatever its kind.
const SUBJECT: &str = "suggestion s
    LEFT JOIN record r ON r.id = s.record_id
    LEFT JOIN account a ON a.n = r.n LEFT JOIN contact c ON c.n = r.n LEFT JOIN lead l ON l.n = r.n
    LEFT JOIN activity v ON v.n = r.n LEFT JOIN task t ON t.n = r.n LEFT JOIN attachment f ON f.n = r.n";

impl Reader {
    /// Lists the suggestions that wait for this person's answer and those they sent, newest first. Whether they can
    /// accept one is for the caller to say.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn suggestions(&self, ctx: &QueryContext<'_>) -> Result<Vec<Suggestion>, StoreError> {
        let sql = format!(
            "SELECT s.id FROM {SUBJECT} WHERE ({WAITING}) OR (s.owner_id = ?1 AND s.hidden = 0)
             ORDER BY s.created_at DESC, s.id DESC LIMIT {WINDOW_MAX}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids: Vec<RecordId> =
            statement.query_map([ctx.me.as_bytes()], |row| get(row, 0))?.collect::<Result<_, _>>()?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(record) = self.record(id)? else { continue };
            found.extend(self.suggestion(&record, ctx.me)?);
        }
        Ok(found)
    }

    /// Counts the suggestions that wait for this person's answer.
    pub(crate) fn suggestion_count(&self, ctx: &QueryContext<'_>) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {SUBJECT} WHERE {WAITING}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count: u32 = statement.query_row(params![ctx.me.as_bytes()], |row| row.get(0))?;
        Ok(count.into())
    }

    /// A suggestion as people see it; `None` when it was written so oddly that it says nothing.
    fn suggestion(&self, record: &Record, me: UserId) -> Result<Option<Suggestion>, StoreError> {
        let (Some(subject), Ok(proposals)) = (suggestion::subject(record), suggestion::proposals(record)) else {
            return Ok(None);
        };
        let about = self.record(subject.id)?.filter(|about| about.kind == subject.kind);
        let current = |key: &str| about.as_ref().and_then(|about| about.get(key).cloned());
        let changes = proposals.into_iter().map(|(key, proposal)| SuggestedChange {
            current: current(&key),
            key,
            seen: proposal.seen,
            proposed: proposal.value,
        });
        let decider = about.as_ref().and_then(Record::owner).or_else(|| suggestion::addressee(record));
        Ok(Some(Suggestion {
            id: record.id,
            record: subject,
            name: about.as_ref().map(Record::display_name).unwrap_or_default(),
            author: record.owner().map(|user| self.person(user)).transpose()?.unwrap_or_default(),
            addressee: decider.map(|user| self.person(user)).transpose()?.unwrap_or_default(),
            note: record.text("note").to_owned(),
            at: record.time("created_at").unwrap_or_default(),
            status: record.text("status").to_owned(),
            is_mine: record.owner() == Some(me),
            cannot_accept: None,
            changes: changes.collect(),
            pending: self.is_pending(record.id)?,
        }))
    }

    fn is_pending(&self, id: RecordId) -> Result<bool, StoreError> {
        let sql = "SELECT pending FROM record WHERE id = ?";
        Ok(self.connection.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0))?)
    }
}
