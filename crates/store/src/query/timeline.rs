//! What happened to a record: its fields' changes, and the activities, tasks and files about it. An account's and a
//! contact's timeline tells those of their leads too.

use std::collections::BTreeSet;

use model::query::{AsOfField, Author, Happened, TimelineEntry, TimelinePart, WINDOW_MAX};
use model::{ChangeHash, Kind, Record, RecordId, RecordRef, Timestamp, UserId};
use rusqlite::{OptionalExtension, params};

use super::QueryContext;
use crate::changes::{FieldChangeRow, field_change};
use crate::codec::get;
use crate::error::StoreError;
use crate::store::Reader;

/// Whether a change of this field says nothing to people.
fn is_silent(key: &str) -> bool {
    key == "updated_at" || key.starts_with("quiet/")
}

/// Fields that no moment is restored to: where a record is, not what it says.
const NOT_RESTORED: [&str; 4] = ["deleted_at", "archived_at", "merged_into", "import_ref"];

/// Whether an entry is an activity that somebody pinned.
fn is_pinned(entry: &TimelineEntry) -> bool {
    matches!(&entry.what, Happened::Activity(record) if record.flag("pinned"))
}

/// Fields of an activity whose later changes the timeline of what it is about tells.
const TOLD_OF_ACTIVITIES: &str =
    "'type', 'subject', 'body', 'occurred_at', 'duration_minutes', 'direction', 'outcome', 'owner_id', 'deleted_at'";

/// How activities name a record of this kind, and how leads do whose activities are told there too; `None` when
/// activities are about no such records.
pub(super) const fn activity_links(kind: Kind) -> Option<(&'static str, Option<&'static str>)> {
    match kind {
        Kind::Lead => Some(("lead_id", None)),
        Kind::Account => Some(("account_id", Some("account_id"))),
        Kind::Contact => Some(("contact_id", Some("primary_contact_id"))),
        _ => None,
    }
}

/// Most values of one field that its history tells.
const FIELD_HISTORY_MAX: u32 = 200;

/// A page: entries to leave out, and how many to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineWindow {
    /// Entries to leave out, the newest first.
    pub offset: u32,
    /// At most this many entries.
    pub limit: u32,
}

impl Reader {
    /// Answers `Query::Timeline`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn timeline(
        &self,
        record: RecordRef,
        limit: u32,
        _ctx: &QueryContext<'_>,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        self.timeline_page(record, TimelinePart::All, TimelineWindow { offset: 0, limit })
    }

    /// Answers `Query::TimelinePage`: both sources, the record's own changes and what hangs on it, as one list.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn timeline_page(
        &self,
        record: RecordRef,
        part: TimelinePart,
        window: TimelineWindow,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let limit = window.limit.min(WINDOW_MAX);
        let reach = window.offset.saturating_add(limit);
        let mut entries = match part {
            TimelinePart::Conversations | TimelinePart::Activities => Vec::new(),
            TimelinePart::All | TimelinePart::Changes => self.changes_told(record, reach)?,
        };
        if matches!(part, TimelinePart::All | TimelinePart::Changes) {
            entries.extend(self.edits_told(record, reach)?);
        }
        let kinds: &[Kind] = match part {
            TimelinePart::All => &[Kind::Activity, Kind::Task, Kind::Attachment],
            TimelinePart::Changes => &[],
            TimelinePart::Conversations | TimelinePart::Activities => &[Kind::Activity],
        };
        for kind in kinds {
            for id in self.children(record, (*kind, part), reach)? {
                entries.extend(self.child_told(id)?);
            }
        }
        // Stable: what happened at once stays in the order above.
        entries
            .sort_by_key(|entry| std::cmp::Reverse((part == TimelinePart::Activities && is_pinned(entry), entry.at)));
        Ok(entries.into_iter().skip(window.offset as usize).take(limit as usize).collect())
    }

    /// Answers `Query::FieldHistory`; the value that the record began with is told too.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn field_history(&self, record: RecordRef, key: &str) -> Result<Vec<TimelineEntry>, StoreError> {
        let changes = self.changes_of_field(record, key, FIELD_HISTORY_MAX)?;
        changes.into_iter().map(|change| self.change_told(record, change)).collect()
    }

    /// Answers `Query::AsOf`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn as_of(&self, record: RecordRef, at: Timestamp) -> Result<Vec<AsOfField>, StoreError> {
        let Some(current) = self.record(record.id)? else { return Ok(Vec::new()) };
        let restorable = |key: &str| {
            let fixed = record.kind.field(key).is_none_or(|field| field.root_only);
            !fixed && !is_silent(key) && !NOT_RESTORED.contains(&key)
        };
        let then = self.values_before(record.id, at)?.into_iter().filter(|(key, _)| restorable(key));
        let compared = then.map(|(key, then)| AsOfField { now: current.get(&key).cloned(), then, key });
        Ok(compared.filter(|field| field.now != field.then).collect())
    }

    fn changes_told(&self, record: RecordRef, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let mut created = BTreeSet::new();
        let mut entries = Vec::new();
        for change in self.field_changes(record, limit)? {
            if (change.created && !created.insert(change.hash)) || (!change.created && is_silent(&change.key)) {
                continue;
            }
            let began = change.created;
            let told = self.change_told(record, change)?;
            entries.push(if began { TimelineEntry { what: Happened::Created, ..told } } else { told });
        }
        Ok(entries)
    }

    /// The newest changes of activities about a record (or about its leads) after they were logged.
    fn edits_told(&self, record: RecordRef, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let Some((link, leads)) = activity_links(record.kind) else { return Ok(Vec::new()) };
        let of_leads = leads.map_or(String::new(), |leads| {
            format!("UNION SELECT t.id FROM lead l JOIN activity t ON t.lead_id = l.id WHERE l.{leads} = ?1")
        });
        let sql = format!(
            "SELECT hash, actor, at, key, before, after, created, record FROM field_change
             WHERE record IN (SELECT t.id FROM activity t WHERE t.{link} = ?1 {of_leads})
             AND created = 0 AND key IN ({TOLD_OF_ACTIVITIES}) ORDER BY at DESC, hash DESC, key LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![record.id.as_bytes(), limit])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let activity = RecordRef::new(Kind::Activity, get(row, 7)?);
            let change = field_change(row, activity)?;
            let Some(now) = self.record(activity.id)? else { continue };
            let told = self.change_told(activity, change)?;
            entries.push(match told.what {
                Happened::Field { key, before, after } => {
                    let what = Happened::Edited { activity: Box::new(now), key, before, after };
                    TimelineEntry { what, ..told }
                }
                _ => told,
            });
        }
        Ok(entries)
    }

    fn change_told(&self, record: RecordRef, change: FieldChangeRow) -> Result<TimelineEntry, StoreError> {
        let received_at = self.received_at(change.hash)?;
        let author = self.author(record.id, change.actor)?;
        let FieldChangeRow { at, key, before, after, .. } = change;
        Ok(TimelineEntry { at, received_at, author, what: Happened::Field { key, before, after } })
    }

    /// Who wrote the value that a field holds, and when; `None` when its history is not here.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn author_of_value(&self, record: RecordRef, key: &str) -> Result<Option<(Author, Timestamp)>, StoreError> {
        let Some(last) = self.changes_of_field(record, key, 1)?.pop() else { return Ok(None) };
        Ok(Some((self.author(record.id, last.actor)?, last.at)))
    }

    /// The newest records of a kind about a record or, for accounts and contacts, about their leads.
    fn children(
        &self,
        record: RecordRef,
        (kind, part): (Kind, TimelinePart),
        limit: u32,
    ) -> Result<Vec<RecordId>, StoreError> {
        let (link, leads) = match activity_links(record.kind) {
            Some(links) => links,
            None if kind == Kind::Activity => return Ok(Vec::new()),
            None => ("linked_id", None),
        };
        let (own, of_lead, at) = match kind {
            Kind::Activity => (link, "lead_id", "t.occurred_at"),
            Kind::Task => ("linked_id", "linked_id", "coalesce(t.completed_at, t.created_at)"),
            _ => ("linked_id", "linked_id", "t.uploaded_at"),
        };
        let first = if part == TimelinePart::Activities { "coalesce(t.pinned, 0)" } else { "0" };
        let of_leads = leads.map_or(String::new(), |leads| {
            format!(
                "UNION SELECT t.id, {at}, {first} FROM lead l JOIN {kind} t ON t.{of_lead} = l.id
                 WHERE l.{leads} = ?1 AND l.deleted_at IS NULL AND t.deleted_at IS NULL"
            )
        });
        let sql = format!(
            "SELECT t.id, {at} AS at, {first} AS first FROM {kind} t WHERE t.{own} = ?1 AND t.deleted_at IS NULL {of_leads}
             ORDER BY first DESC, at DESC, id LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = statement.query_map(params![record.id.as_bytes(), limit], |row| get(row, 0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn child_told(&self, id: RecordId) -> Result<Option<TimelineEntry>, StoreError> {
        let Some(record) = self.record(id)? else { return Ok(None) };
        let change = match self.telling_change(&record)? {
            Some((hash, actor, at)) => Some((self.received_at(hash)?, self.author(id, actor)?, at)),
            None => None,
        };
        let (received_at, author, changed_at) = change.unwrap_or_default();
        let author = if author.user.is_some() { author } else { self.owner_as_author(&record)? };
        let time = |key: &str| record.time(key);
        let at = match record.kind {
            Kind::Activity => time("occurred_at"),
            Kind::Attachment => time("uploaded_at"),
            _ if record.text("status") == "done" => time("completed_at").or(Some(changed_at)),
            _ if record.text("status") == "canceled" => Some(changed_at),
            _ => None,
        };
        let created_at = time("created_at").unwrap_or(changed_at);
        let at = at.filter(|at| *at != Timestamp::default()).unwrap_or(created_at);
        let record = Box::new(record);
        let what = match record.kind {
            Kind::Activity => Happened::Activity(record),
            Kind::Task => Happened::Task(record),
            _ => Happened::File(record),
        };
        Ok(Some(TimelineEntry { at, received_at, author, what }))
    }

    /// The change that an entry is about: a task's last change of status, otherwise the record's first change.
    fn telling_change(&self, record: &Record) -> Result<Option<(ChangeHash, [u8; 16], Timestamp)>, StoreError> {
        let sql = "SELECT hash, actor, at FROM field_change WHERE record = ?1 AND (created = 1 OR key = 'status')
                   ORDER BY created, at DESC, hash LIMIT 1";
        let sql_of_first = "SELECT hash, actor, at FROM field_change WHERE record = ?1 AND created = 1
                   ORDER BY at, hash LIMIT 1";
        let sql = if record.kind == Kind::Task { sql } else { sql_of_first };
        let read = |row: &rusqlite::Row<'_>| Ok((get(row, 0)?, row.get(1)?, get(row, 2)?));
        Ok(self.connection.prepare_cached(sql)?.query_row([record.id.as_bytes()], read).optional()?)
    }

    fn owner_as_author(&self, record: &Record) -> Result<Author, StoreError> {
        let owner: Option<UserId> = record.owner();
        owner.map_or(Ok(Author::default()), |owner| self.person(owner))
    }

    fn received_at(&self, hash: ChangeHash) -> Result<Option<Timestamp>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT received_at FROM entry WHERE hash = ?")?;
        Ok(statement.query_row([hash.0], |row| get(row, 0)).optional()?)
    }
}
