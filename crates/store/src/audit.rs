//! Who changed what over all records, the newest first: the history of fields read along the relay's log.

use model::{CommandId, DeviceId, Kind, RecordId, RecordRef, Timestamp, UserId};
use rusqlite::{Row, Statement, params};

use crate::changes::{FieldChangeRow, field_change};
use crate::codec::{get, get_reference};
use crate::error::StoreError;
use crate::store::Reader;

/// Entries looked through for one page; a filter that finds nothing among them is answered with how far it came.
const LOOKED_AT_MAX: usize = 20_000;
/// Entries looked at in one step along the log.
const FOLLOWED_MAX: i64 = 2_000;
/// Entries of one command that are looked at to tell how it came about.
const COMMAND_LOOKED_AT: usize = 400;

/// Which entries to read; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// By this person.
    pub user: Option<UserId>,
    /// On this device.
    pub device: Option<DeviceId>,
    /// Of this kind of record.
    pub kind: Option<Kind>,
    /// Of this record.
    pub record: Option<RecordId>,
    /// Taken by the relay not before.
    pub from: Option<Timestamp>,
    /// Taken by the relay before.
    pub to: Option<Timestamp>,
}

/// How a command came about, as far as its changes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By hand.
    App,
    /// In one line.
    QuickLog,
    /// From a file.
    Import,
    /// Through the API.
    Api,
}

impl Means {
    /// The name in histories.
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::QuickLog => "quick_log",
            Self::Import => "import",
            Self::Api => "api",
        }
    }
}

/// One accepted change with all that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedChange {
    /// Its place in the relay's log.
    pub log_seq: u64,
    /// The person, as the relay knows them.
    pub user: UserId,
    /// The device it came from.
    pub device: DeviceId,
    /// The command it belongs to.
    pub command: CommandId,
    /// When the relay took it.
    pub received_at: Timestamp,
    /// What it did to each field.
    pub fields: Vec<FieldChangeRow>,
}

/// A stretch of the log, read backwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedChanges {
    /// What was found.
    pub found: Vec<AcceptedChange>,
    /// Everything from here on was looked at.
    pub down_to: u64,
    /// When the relay took the last one that was looked at; `None` when the log's beginning was reached.
    pub more_before: Option<Timestamp>,
}

/// What a look along the log has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextAccepted {
    /// The change.
    pub found: Option<AcceptedChange>,
    /// The last entry that was looked at.
    pub up_to: u64,
    /// Whether the log may go on behind it.
    pub more: bool,
}

impl Reader {
    /// Reads accepted changes before `below`, the newest first, until about `lines` fields are told. `wanted` decides
    /// by what a change did; a change that is left without fields is not told.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn accepted_changes(
        &self,
        below: Option<u64>,
        filter: &ChangeFilter,
        lines: usize,
        wanted: &mut dyn FnMut(&mut AcceptedChange) -> Result<(), StoreError>,
    ) -> Result<AcceptedChanges, StoreError> {
        let below = below.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
        let mut entries = self.connection.prepare_cached(ENTRIES)?;
        let mut changes = self.connection.prepare_cached(FIELD_CHANGES)?;
        let mut rows = entries.query([below])?;
        let (mut page, mut told, mut looked_at) = (AcceptedChanges::nothing(below), 0, 0);
        while let Some(row) = rows.next()? {
            let (record, mut change, hash) = accepted(row)?;
            looked_at += 1;
            page.down_to = change.log_seq;
            if filter.fits(record, &change) {
                change.fields = fields_of(&mut changes, record, hash)?;
                wanted(&mut change)?;
                told += change.fields.len();
                page.found.extend((!change.fields.is_empty()).then_some(change.clone()));
            }
            if told >= lines || looked_at >= LOOKED_AT_MAX {
                page.more_before = Some(change.received_at);
                return Ok(page);
            }
        }
        page.down_to = 0;
        Ok(page)
    }

    /// Finds the first accepted change after `after` that `wanted` takes, and says how far it has looked: that far
    /// nothing else is wanted. A stretch of so many entries that take none is left for the next call.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn next_accepted(
        &self,
        after: u64,
        wanted: &mut dyn FnMut(&AcceptedChange) -> bool,
    ) -> Result<NextAccepted, StoreError> {
        let mut entries = self.connection.prepare_cached(ENTRIES_AFTER)?;
        let mut changes = self.connection.prepare_cached(FIELD_CHANGES)?;
        let mut rows = entries.query([i64::try_from(after).unwrap_or(i64::MAX), FOLLOWED_MAX])?;
        let (mut up_to, mut looked_at) = (after, 0);
        while let Some(row) = rows.next()? {
            let (record, mut change, hash) = accepted(row)?;
            (up_to, looked_at) = (change.log_seq, looked_at + 1);
            change.fields = fields_of(&mut changes, record, hash)?;
            if wanted(&change) {
                return Ok(NextAccepted { found: Some(change), up_to, more: true });
            }
        }
        Ok(NextAccepted { found: None, up_to, more: looked_at == FOLLOWED_MAX })
    }

    /// Tells how a command came about from what its changes near `log_seq` did.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn means_of(&self, command: CommandId, log_seq: u64) -> Result<Means, StoreError> {
        let seq = i64::try_from(log_seq).unwrap_or(i64::MAX);
        for sql in [COMMAND_DOWN, COMMAND_UP] {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([seq])?;
            for _ in 0..COMMAND_LOOKED_AT {
                let Some(row) = rows.next()? else { break };
                if get::<CommandId>(row, 0)? != command {
                    break;
                }
                if let Some(means) = self.means_told(get(row, 1)?, row.get(2)?)? {
                    return Ok(means);
                }
            }
        }
        Ok(Means::App)
    }

    /// What one change tells of how its command came about.
    fn means_told(&self, record: RecordId, hash: [u8; 32]) -> Result<Option<Means>, StoreError> {
        let sql = "SELECT key, after FROM field_change
                   WHERE record = ? AND hash = ? AND key IN ('via', 'import_ref') AND after IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![record.as_bytes(), hash])?;
        while let Some(row) = rows.next()? {
            let (key, after): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let value: model::Value = crate::codec::unpack(&after, "field change")?;
            match (key.as_str(), value.as_text()) {
                ("import_ref", _) | ("via", Some("import")) => return Ok(Some(Means::Import)),
                ("via", Some("quick_log")) => return Ok(Some(Means::QuickLog)),
                ("via", Some("api")) => return Ok(Some(Means::Api)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// When a lead entered the stage that it left at `at`, by its authors' clocks.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn stage_entered_before(&self, lead: RecordId, at: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT max(at) FROM field_change
                   WHERE record = ? AND key = 'place' AND (moved OR created) AND at < ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let entered: Option<i64> = statement.query_row(params![lead.as_bytes(), at.as_millis()], |row| row.get(0))?;
        Ok(entered.map(Timestamp::from_millis))
    }
}

const ENTRIES: &str = "SELECT log_seq, kind, record, user, device, command, received_at, hash FROM entry
                       WHERE log_seq < ? ORDER BY log_seq DESC";
const ENTRIES_AFTER: &str = "SELECT log_seq, kind, record, user, device, command, received_at, hash FROM entry
                             WHERE log_seq > ? ORDER BY log_seq LIMIT ?";
const FIELD_CHANGES: &str = "SELECT hash, actor, at, key, before, after, created FROM field_change
                             WHERE record = ? AND hash = ? ORDER BY key";
const COMMAND_DOWN: &str = "SELECT command, record, hash FROM entry WHERE log_seq <= ? ORDER BY log_seq DESC";
const COMMAND_UP: &str = "SELECT command, record, hash FROM entry WHERE log_seq > ? ORDER BY log_seq";

impl AcceptedChanges {
    fn nothing(below: i64) -> Self {
        Self { found: Vec::new(), down_to: below.cast_unsigned(), more_before: None }
    }
}

impl ChangeFilter {
    fn fits(&self, record: RecordRef, change: &AcceptedChange) -> bool {
        self.user.is_none_or(|user| user == change.user)
            && self.device.is_none_or(|device| device == change.device)
            && self.kind.is_none_or(|kind| kind == record.kind)
            && self.record.is_none_or(|id| id == record.id)
            && self.from.is_none_or(|from| change.received_at >= from)
            && self.to.is_none_or(|to| change.received_at < to)
    }
}

fn accepted(row: &Row<'_>) -> rusqlite::Result<(RecordRef, AcceptedChange, [u8; 32])> {
    let seq: i64 = row.get(0)?;
    let change = AcceptedChange {
        log_seq: seq.cast_unsigned(),
        user: get(row, 3)?,
        device: get(row, 4)?,
        command: get(row, 5)?,
        received_at: get(row, 6)?,
        fields: Vec::new(),
    };
    Ok((get_reference(row, 1, 2)?, change, row.get(7)?))
}

fn fields_of(
    statement: &mut Statement<'_>,
    record: RecordRef,
    hash: [u8; 32],
) -> Result<Vec<FieldChangeRow>, StoreError> {
    let mut rows = statement.query(params![record.id.as_bytes(), hash])?;
    let mut fields = Vec::new();
    while let Some(row) = rows.next()? {
        fields.push(field_change(row, record)?);
    }
    Ok(fields)
}
