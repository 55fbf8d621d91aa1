//! What became of deliveries: the only place of this room that knows SQL.
//!
//! Written with NORMAL sync: after a power cut the last deliveries are made again, which "at least once" allows, and no
//! delivery waits for the disk. When the file is lost, webhooks go on with what is accepted then.

use std::path::Path;
use std::time::Duration;

use model::time::DAY_MILLIS;
use model::{RecordId, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::{EventName, TEST};
use crate::access::WebhookId;

/// Most deliveries of a webhook that are remembered.
pub const DELIVERIES_KEPT: u32 = 200;
/// For this long they are.
const KEPT_FOR_MILLIS: i64 = 30 * DAY_MILLIS;
/// Most deliveries of a webhook that people asked for and that wait.
pub const WAITING_MAX: u32 = 20;
/// Waits this long for another connection's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The form of the tables.
const VERSION: u32 = 1;

/// Names a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub Uuid);

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is to be tried, for the first time or again.
    Waiting,
    /// The other side has taken it.
    Delivered,
    /// It is not tried any more.
    Failed,
}

impl DeliveryState {
    /// The name in the table and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// A word that this program does not write is of something that it does not try.
    fn from_name(name: &str) -> Self {
        [Self::Waiting, Self::Delivered].into_iter().find(|state| state.name() == name).unwrap_or(Self::Failed)
    }
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// The event, by which the other side knows one that it has had.
    pub event_id: String,
    /// What happened.
    pub event: EventName,
    /// The entry of the log that it tells of; none of a test.
    pub log_seq: Option<u64>,
    /// The record that it tells of.
    pub record: Option<RecordId>,
    /// Somebody wanted it sent now.
    pub asked_for: bool,
    /// Who asked for a test.
    pub asked_by: Option<UserId>,
    /// How far it is.
    pub state: DeliveryState,
    /// Since when.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried first.
    pub first_tried_at: Option<Timestamp>,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// The last answer's status.
    pub status: Option<u16>,
    /// Why there was no good answer.
    pub error: Option<String>,
    /// How long the last try took.
    pub duration_millis: Option<i64>,
    /// The beginning of what came back.
    pub answer: String,
}

/// A delivery that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewDelivery {
    pub(super) id: DeliveryId,
    pub(super) webhook: WebhookId,
    pub(super) event_id: String,
    pub(super) event: EventName,
    pub(super) log_seq: Option<u64>,
    pub(super) record: Option<RecordId>,
    pub(super) asked_by: Option<UserId>,
    pub(super) at: Timestamp,
}

impl NewDelivery {
    /// An event that says nothing.
    pub(super) fn test(id: DeliveryId, webhook: WebhookId, (by, at): (UserId, Timestamp)) -> Self {
        let event_id = format!("evt_{}", id.0.simple());
        Self { id, webhook, event_id, event: TEST.into(), log_seq: None, record: None, asked_by: Some(by), at }
    }

    /// The same event as another delivery's.
    pub(super) fn again(id: DeliveryId, of: Delivery, at: Timestamp) -> Self {
        let Delivery { webhook, event_id, event, log_seq, record, asked_by, .. } = of;
        Self { id, webhook, event_id, event, log_seq, record, asked_by, at }
    }
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) at: Timestamp,
    pub(super) status: Option<u16>,
    pub(super) error: Option<String>,
    pub(super) duration_millis: i64,
    pub(super) answer: String,
}

/// What a webhook has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// This.
    Now(Box<Delivery>),
    /// Nothing before then.
    At(Timestamp),
    /// Whatever follows in the log.
    Free,
}

/// The file.
pub(super) struct DeliveryLog {
    db: Connection,
}

const COLUMNS: &str = "id, webhook, event_id, event, log_seq, record, asked_for, asked_by, state, created_at, attempts, \
                       first_tried_at, tried_at, next_at, status, error, duration_millis, answer";

impl DeliveryLog {
    /// Opens the file, and makes its tables when it is new.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA trusted_schema=OFF;")?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: u32 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found == 0 {
            tx.execute_batch(include_str!("schema.sql"))?;
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        tx.commit()?;
        Ok(Self { db })
    }

    /// How far a webhook has come in the log; `None` when that is not known.
    pub(super) fn progress(&self, webhook: WebhookId) -> Result<Option<u64>> {
        let mut statement = self.db.prepare_cached("SELECT seq FROM progress WHERE webhook = ?")?;
        let found = statement.query_row([webhook.0.as_bytes()], |row| row.get::<_, i64>(0)).optional()?;
        Ok(found.map(i64::cast_unsigned))
    }

    /// A webhook begins at a place in the log, if it has not begun.
    pub(super) fn begin(&self, webhook: WebhookId, seq: u64) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO progress (webhook, seq) VALUES (?, ?)";
        self.db.prepare_cached(sql)?.execute(params![webhook.0.as_bytes(), seq.cast_signed()])?;
        Ok(())
    }

    /// A webhook goes on from a place in the log, wherever it was.
    pub(super) fn begin_anew(&self, webhook: WebhookId, seq: u64) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO progress (webhook, seq) VALUES (?, ?)";
        self.db.prepare_cached(sql)?.execute(params![webhook.0.as_bytes(), seq.cast_signed()])?;
        Ok(())
    }

    /// Nothing up to this place is left to be delivered.
    pub(super) fn advance(&self, webhook: WebhookId, seq: u64) -> Result<()> {
        let sql = "INSERT INTO progress (webhook, seq) VALUES (?1, ?2)
                   ON CONFLICT (webhook) DO UPDATE SET seq = max(seq, ?2)";
        self.db.prepare_cached(sql)?.execute(params![webhook.0.as_bytes(), seq.cast_signed()])?;
        Ok(())
    }

    /// What a webhook has to do: first what people ask for, then, if it is active, the log's next.
    pub(super) fn due(&self, webhook: WebhookId, active: bool, now: Timestamp) -> Result<Due> {
        let sql = format!(
            "SELECT {COLUMNS} FROM delivery WHERE webhook = ? AND state = 'waiting' AND asked_for = ?
                           ORDER BY number LIMIT 1"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut first =
            |asked_for: bool| statement.query_row(params![webhook.0.as_bytes(), asked_for], delivery).optional();
        if let Some(asked_for) = first(true)? {
            return Ok(Due::Now(Box::new(asked_for)));
        }
        let Some(next) = first(false)?.filter(|_| active) else { return Ok(Due::Free) };
        let at = next.next_at.unwrap_or(now);
        Ok(if at <= now { Due::Now(Box::new(next)) } else { Due::At(at) })
    }

    /// Keeps a delivery of what follows in the log.
    pub(super) fn keep_next(&self, new: &NewDelivery) -> Result<Delivery> {
        self.keep(new, false)
    }

    /// Keeps a delivery that somebody asks for; `None` when as many wait as may.
    pub(super) fn keep_asked_for(&mut self, new: &NewDelivery) -> Result<Option<Delivery>> {
        let sql = "SELECT count(*) FROM delivery WHERE webhook = ? AND state = 'waiting' AND asked_for";
        let waiting: u32 = self.db.query_row(sql, [new.webhook.0.as_bytes()], |row| row.get(0))?;
        if waiting >= WAITING_MAX {
            return Ok(None);
        }
        self.keep(new, true).map(Some)
    }

    fn keep(&self, new: &NewDelivery, asked_for: bool) -> Result<Delivery> {
        let sql = format!(
            "INSERT INTO delivery (id, webhook, event_id, event, log_seq, record, asked_for, asked_by, state, created_at,
                                   attempts, next_at, answer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', ?9, 0, ?9, '') RETURNING {COLUMNS}"
        );
        let values = params![
            new.id.0.as_bytes(),
            new.webhook.0.as_bytes(),
            new.event_id,
            new.event,
            new.log_seq.map(u64::cast_signed),
            new.record.as_ref().map(RecordId::as_bytes),
            asked_for,
            new.asked_by.as_ref().map(UserId::as_bytes),
            new.at.as_millis(),
        ];
        let kept = self.db.prepare_cached(&sql)?.query_row(values, delivery)?;
        self.drop_old(new.webhook, new.at)?;
        Ok(kept)
    }

    fn drop_old(&self, webhook: WebhookId, now: Timestamp) -> Result<()> {
        let sql = "DELETE FROM delivery WHERE webhook = ?1 AND state <> 'waiting' AND (created_at < ?2 OR number <= (
                     SELECT number FROM delivery WHERE webhook = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?3))";
        let oldest = now.plus_millis(-KEPT_FOR_MILLIS).as_millis();
        self.db.prepare_cached(sql)?.execute(params![webhook.0.as_bytes(), oldest, DELIVERIES_KEPT])?;
        Ok(())
    }

    /// Notes how a try ended and what follows; a delivery of the log's that is through moves its webhook on.
    pub(super) fn settle(
        &mut self,
        of: &Delivery,
        tried: &Tried,
        (state, next_at): (DeliveryState, Option<Timestamp>),
    ) -> Result<()> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.prepare_cached(
            "UPDATE delivery SET state = ?2, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, ?3),
               tried_at = ?3, next_at = ?4, status = ?5, error = ?6, duration_millis = ?7, answer = ?8 WHERE id = ?1",
        )?
        .execute(params![
            of.id.0.as_bytes(),
            state.name(),
            tried.at.as_millis(),
            next_at.map(Timestamp::as_millis),
            tried.status,
            tried.error,
            tried.duration_millis,
            tried.answer,
        ])?;
        if let Some(seq) = of.log_seq.filter(|_| !of.asked_for && state == DeliveryState::Delivered) {
            let sql = "UPDATE progress SET seq = max(seq, ?2) WHERE webhook = ?1";
            tx.prepare_cached(sql)?.execute(params![of.webhook.0.as_bytes(), seq.cast_signed()])?;
        }
        tx.commit()
    }

    /// What waits for another try is due now.
    pub(super) fn hurry(&self, webhook: WebhookId, now: Timestamp) -> Result<()> {
        let sql = "UPDATE delivery SET next_at = min(next_at, ?2) WHERE webhook = ?1 AND state = 'waiting'";
        self.db.execute(sql, params![webhook.0.as_bytes(), now.as_millis()])?;
        Ok(())
    }

    /// The delivery that was tried last.
    pub(super) fn last(&self, webhook: WebhookId) -> Result<Option<Delivery>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM delivery WHERE webhook = ? AND tried_at IS NOT NULL
                           ORDER BY tried_at DESC, number DESC LIMIT 1"
        );
        self.db.prepare_cached(&sql)?.query_row([webhook.0.as_bytes()], delivery).optional()
    }

    /// One delivery of a webhook.
    pub(super) fn delivery(&self, webhook: WebhookId, id: DeliveryId) -> Result<Option<Delivery>> {
        let sql = format!("SELECT {COLUMNS} FROM delivery WHERE webhook = ? AND id = ?");
        self.db.prepare_cached(&sql)?.query_row(params![webhook.0.as_bytes(), id.0.as_bytes()], delivery).optional()
    }

    /// A webhook's deliveries, the newest first.
    pub(super) fn page(&self, webhook: WebhookId, (offset, limit): (u32, u32)) -> Result<Vec<Delivery>> {
        let sql = format!("SELECT {COLUMNS} FROM delivery WHERE webhook = ? ORDER BY number DESC LIMIT ? OFFSET ?");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map(params![webhook.0.as_bytes(), limit, offset], delivery)?;
        rows.collect()
    }

    /// Forgets a webhook with its deliveries.
    pub(super) fn forget(&mut self, webhook: WebhookId) -> Result<()> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("DELETE FROM delivery WHERE webhook = ?", [webhook.0.as_bytes()])?;
        tx.execute("DELETE FROM progress WHERE webhook = ?", [webhook.0.as_bytes()])?;
        tx.commit()
    }
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
    let moment = |at: Option<i64>| at.map(Timestamp::from_millis);
    let state: String = row.get(8)?;
    Ok(Delivery {
        id: DeliveryId(Uuid::from_bytes(row.get(0)?)),
        webhook: WebhookId(Uuid::from_bytes(row.get(1)?)),
        event_id: row.get(2)?,
        event: row.get(3)?,
        log_seq: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
        record: row.get::<_, Option<[u8; 16]>>(5)?.map(RecordId::from_bytes),
        asked_for: row.get(6)?,
        asked_by: row.get::<_, Option<[u8; 16]>>(7)?.map(UserId::from_bytes),
        state: DeliveryState::from_name(&state),
        created_at: Timestamp::from_millis(row.get(9)?),
        attempts: row.get(10)?,
        first_tried_at: moment(row.get(11)?),
        tried_at: moment(row.get(12)?),
        next_at: moment(row.get(13)?),
        status: row.get(14)?,
        error: row.get(15)?,
        duration_millis: row.get(16)?,
        answer: row.get(17)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn hook() -> WebhookId {
        WebhookId(Uuid::from_bytes([1; 16]))
    }

    fn new(number: u16, at_millis: i64) -> NewDelivery {
        let id = DeliveryId(Uuid::from_u128(number.into()));
        let seq = Some(number.into());
        let event_id = format!("evt_{number}");
        NewDelivery {
            log_seq: seq,
            event_id,
            ..NewDelivery::test(id, hook(), (UserId::from_bytes([2; 16]), at(at_millis)))
        }
    }

    fn tried(millis: i64) -> Tried {
        Tried { at: at(millis), status: Some(200), error: None, duration_millis: 5, answer: "ok".into() }
    }

    fn open() -> (tempfile::TempDir, DeliveryLog) {
        let dir = tempfile::tempdir().unwrap();
        let log = DeliveryLog::open(&dir.path().join("webhooks.db")).unwrap();
        log.begin(hook(), 0).unwrap();
        (dir, log)
    }

    #[test]
    fn what_people_ask_for_comes_before_what_waits_for_another_try() {
        let (_dir, mut log) = open();
        let next = log.keep_next(&new(1, 0)).unwrap();
        log.settle(&next, &tried(0), (DeliveryState::Waiting, Some(at(100)))).unwrap();
        assert_eq!(log.due(hook(), true, at(50)).unwrap(), Due::At(at(100)));
        assert_eq!(log.due(hook(), false, at(200)).unwrap(), Due::Free, "it is paused");

        let asked = log.keep_asked_for(&new(2, 60)).unwrap().unwrap();
        assert_eq!(log.due(hook(), false, at(60)).unwrap(), Due::Now(Box::new(asked.clone())));
        log.settle(&asked, &tried(60), (DeliveryState::Delivered, None)).unwrap();
        assert_eq!(log.progress(hook()).unwrap(), Some(0), "the log's order goes on by itself");
        assert!(matches!(log.due(hook(), true, at(100)).unwrap(), Due::Now(found) if found.id == next.id));
        log.settle(&next, &tried(100), (DeliveryState::Delivered, None)).unwrap();
        assert_eq!(log.progress(hook()).unwrap(), Some(1));
        assert_eq!(log.due(hook(), true, at(100)).unwrap(), Due::Free);
    }

    #[test]
    fn the_newest_of_a_month_are_kept() {
        let (_dir, mut log) = open();
        for number in 1..=300 {
            let kept = log.keep_next(&new(number, number.into())).unwrap();
            log.settle(&kept, &tried(number.into()), (DeliveryState::Delivered, None)).unwrap();
        }
        let all = log.page(hook(), (0, 1_000)).unwrap();
        assert_eq!((all.len(), all[0].event_id.as_str()), (DELIVERIES_KEPT as usize, "evt_300"));

        log.keep_next(&new(301, KEPT_FOR_MILLIS + 290)).unwrap();
        assert_eq!(log.page(hook(), (0, 1_000)).unwrap().len(), 12, "290 to 300, and the new one");
    }

    #[test]
    fn only_so_many_wait_that_people_ask_for() {
        let (_dir, mut log) = open();
        let kept = (0..30).filter(|number| log.keep_asked_for(&new(*number, 0)).unwrap().is_some()).count();

        assert_eq!(kept, WAITING_MAX as usize);
    }

    #[test]
    fn the_tables_of_the_first_version_are_kept_as_they_are() {
        expect_test::expect_file!["schema.sql"].assert_eq(include_str!("schema.sql"));
        let (dir, log) = open();
        drop(log);
        assert_eq!(DeliveryLog::open(&dir.path().join("webhooks.db")).unwrap().progress(hook()).unwrap(), Some(0));
    }
}
