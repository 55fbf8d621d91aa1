//! The past that reports look at: what happened to leads, and what people did in a period.

use std::sync::Arc;

use jiff::tz::TimeZone;
use model::report::{ActivityFacts, FileFacts, LeadFacts, Past, Span, StageFacts, TaskFacts, Was};
use model::settings::SETTINGS_ID;
use model::{Date, RecordId, StageKind, Timestamp, UserId, Value};
use rusqlite::{OptionalExtension, Row, params};

use crate::codec::{epoch, get, get_option, unpack};
use crate::error::StoreError;
use crate::store::Reader;

/// The index's own condition: SQLite takes a partial index only for a query that repeats it.
const REPORTED: &str = "(key = 'place' AND (created = 1 OR moved = 1))
    OR (created = 0 AND key IN ('value_cents', 'probability', 'expected_close_date', 'owner_id'))";

/// The moments that a period covers, none of them in the future.
pub(super) struct Reach {
    from: i64,
    to: i64,
}

impl Reach {
    /// From the first moment of a span's first day to the last one of its last day.
    pub(super) fn of(span: Span, zone: &TimeZone, now: Timestamp) -> Self {
        let to = span.to.plus_days(1).start_in(zone).as_millis() - 1;
        Self { from: span.from.start_in(zone).as_millis(), to: to.min(now.as_millis()) }
    }

    const fn covers(&self, at: Timestamp) -> bool {
        self.from <= at.as_millis() && at.as_millis() <= self.to
    }
}

/// What is remembered while the past is read.
#[derive(Default)]
struct Reading<'a> {
    /// Within it, it is looked up who moved a lead.
    reach: Option<&'a Reach>,
    /// The ids of stages, each kept once.
    stages: Vec<Arc<str>>,
    /// A lead, an actor of its document, and who that is.
    mover: Option<(RecordId, [u8; 16], Option<UserId>)>,
}

impl Reading<'_> {
    /// The stage of a place.
    fn stage(&mut self, place: Option<Value>) -> Arc<str> {
        let place = place.as_ref().and_then(Value::as_text).unwrap_or("");
        let id = place.split('|').next().unwrap_or("");
        if let Some(known) = self.stages.iter().find(|known| &***known == id) {
            return Arc::clone(known);
        }
        self.stages.push(id.into());
        id.into()
    }
}

/// What people did: activities, tasks, files.
type Deeds = (Vec<ActivityFacts>, Vec<TaskFacts>, Vec<FileFacts>);

impl Reader {
    /// Adds what happened to leads (in the order of their ids); who moved them is looked up within `reach`. Returns
    /// how many have no history here.
    pub(super) fn read_past(&self, leads: &mut [LeadFacts], reach: Option<&Reach>) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT record, at, key, before, created, actor FROM field_change INDEXED BY field_change_reported
             WHERE {REPORTED} ORDER BY record, at"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut reading = Reading { reach, ..Reading::default() };
        let mut at = 0;
        while let Some(row) = rows.next()? {
            let record = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            while leads.get(at).is_some_and(|lead| lead.id.as_bytes().as_slice() < record) {
                at += 1;
            }
            let Some(lead) = leads.get_mut(at) else { break };
            if lead.id.as_bytes().as_slice() == record
                && let Some(past) = self.past(row, lead.id, &mut reading)?
            {
                lead.past.push(past);
            }
        }
        let unread = leads.iter().filter(|lead| lead.past.iter().all(|past| past.was != Was::Absent));
        Ok(unread.count() as u64)
    }

    fn past(&self, row: &Row<'_>, lead: RecordId, reading: &mut Reading<'_>) -> Result<Option<Past>, StoreError> {
        let at: Timestamp = get(row, 1)?;
        let was = match row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)? {
            _ if row.get(4)? => Was::Absent,
            "place" => Was::Stage(reading.stage(before(row, 3)?)),
            key => match was(key, before(row, 3)?) {
                Some(was) => was,
                None => return Ok(None),
            },
        };
        let moved = matches!(was, Was::Stage(_)) && reading.reach.is_some_and(|reach| reach.covers(at));
        let by = if moved { self.mover(lead, row.get(5)?, reading)? } else { None };
        Ok(Some(Past { at, by, was }))
    }

    /// Who stands behind an actor. The moves of a lead come one after another, most of them by the same person.
    fn mover(&self, lead: RecordId, actor: [u8; 16], reading: &mut Reading<'_>) -> Result<Option<UserId>, StoreError> {
        if let Some((of, by, user)) = reading.mover
            && (of, by) == (lead, actor)
        {
            return Ok(user);
        }
        let user = self.author_of(lead, actor)?.map(|(user, _)| user);
        reading.mover = Some((lead, actor, user));
        Ok(user)
    }

    /// What people did in a period.
    pub(super) fn deeds(&self, reach: &Reach) -> Result<Deeds, StoreError> {
        Ok((self.activities(reach)?, self.completed_tasks(reach)?, self.files_added(reach)?))
    }

    fn activities(&self, reach: &Reach) -> Result<Vec<ActivityFacts>, StoreError> {
        let sql = "SELECT id, owner_id, coalesce(type, ''), occurred_at, coalesce(duration_minutes, 0), lead_id,
                   coalesce(via = 'import', 0)
                   FROM activity WHERE hidden = 0 AND occurred_at BETWEEN ? AND ? ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let activity = |row: &Row<'_>| {
            Ok(ActivityFacts {
                id: get(row, 0)?,
                owner: get_option(row, 1)?,
                of: row.get(2)?,
                at: get(row, 3)?,
                minutes: row.get(4)?,
                lead: get_option(row, 5)?,
                imported: row.get(6)?,
            })
        };
        Ok(statement.query_map([reach.from, reach.to], activity)?.collect::<Result<_, _>>()?)
    }

    fn completed_tasks(&self, reach: &Reach) -> Result<Vec<TaskFacts>, StoreError> {
        // Whoever set the status last completed it, as far as that is known; a task that came completed was imported so.
        let sql = "SELECT t.id, coalesce(a.user, t.owner_id), t.completed_at,
                          CASE WHEN t.linked_type = 'lead' THEN t.linked_id END,
                          t.import_ref IS NOT NULL AND coalesce(c.created, 1)
                   FROM task t
                   LEFT JOIN field_change c ON c.record = t.id AND c.key = 'status' AND (c.at, c.hash) =
                        (SELECT at, hash FROM field_change WHERE record = t.id AND key = 'status'
                         ORDER BY at DESC, hash DESC LIMIT 1)
                   LEFT JOIN actor a ON a.record = t.id AND a.actor = c.actor
                   WHERE t.hidden = 0 AND t.status = 'done' AND t.completed_at BETWEEN ? AND ? ORDER BY t.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let task = |row: &Row<'_>| {
            Ok(TaskFacts {
                id: get(row, 0)?,
                by: get_option(row, 1)?,
                at: get(row, 2)?,
                lead: get_option(row, 3)?,
                imported: row.get(4)?,
            })
        };
        Ok(statement.query_map([reach.from, reach.to], task)?.collect::<Result<_, _>>()?)
    }

    fn files_added(&self, reach: &Reach) -> Result<Vec<FileFacts>, StoreError> {
        let sql = "SELECT owner_id, uploaded_at, linked_id FROM attachment
                   WHERE hidden = 0 AND linked_type = 'lead' AND linked_id IS NOT NULL AND uploaded_at BETWEEN ? AND ?
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let file = |row: &Row<'_>| Ok(FileFacts { by: get_option(row, 0)?, at: get(row, 1)?, lead: get(row, 2)? });
        Ok(statement.query_map([reach.from, reach.to], file)?.collect::<Result<_, _>>()?)
    }

    /// A stage that the settings no longer have, as they had it last; one that they never had is called by its id.
    pub(super) fn removed_stage(&self, id: &str) -> Result<StageFacts, StoreError> {
        let last = |property: &str| -> Result<Option<Value>, StoreError> {
            let sql = "SELECT coalesce(after, before) FROM field_change WHERE record = ? AND key = ?
                       AND coalesce(after, before) IS NOT NULL ORDER BY at DESC, hash DESC LIMIT 1";
            let key = format!("stage/{id}/{property}");
            let mut statement = self.connection.prepare_cached(sql)?;
            let packed: Option<Vec<u8>> =
                statement.query_row(params![SETTINGS_ID.as_bytes(), key], |row| row.get(0)).optional()?;
            packed.map(|packed| unpack(&packed, "field change")).transpose()
        };
        let text = |value: Option<Value>| value.as_ref().and_then(Value::as_text).unwrap_or("").to_owned();
        let name = text(last("name")?);
        let color = last("color")?.as_ref().and_then(Value::as_int).unwrap_or(0);
        Ok(StageFacts {
            id: id.to_owned(),
            name: if name.is_empty() { id.to_owned() } else { name },
            kind: match text(last("kind")?).as_str() {
                "won" => StageKind::Won,
                "lost" => StageKind::Lost,
                _ => StageKind::Open,
            },
            rank: text(last("rank")?),
            color: u8::try_from(color.rem_euclid(64)).unwrap_or(0),
            removed: true,
        })
    }
}

/// The stages that a lead is or was in.
pub(super) fn stages(lead: &LeadFacts) -> impl Iterator<Item = &str> {
    let past =
        lead.past.iter().filter_map(|past| if let Was::Stage(stage) = &past.was { Some(&**stage) } else { None });
    std::iter::once(lead.stage.as_str()).chain(past)
}

/// The date that `columns::days` wrote.
pub(super) fn date(days: Option<i64>) -> Option<Date> {
    Some(epoch().plus_days(i32::try_from(days?).ok()?))
}

fn before(row: &Row<'_>, index: usize) -> Result<Option<Value>, StoreError> {
    let packed = row.get_ref(index)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    packed.map(|packed| unpack(packed, "field change")).transpose()
}

/// What a lead had before a change; `None` when the change is not one that reports know.
fn was(key: &str, before: Option<Value>) -> Option<Was> {
    let int = |value: Option<Value>| value.as_ref().and_then(Value::as_int).unwrap_or(0);
    Some(match key {
        "value_cents" => Was::Value(int(before)),
        "probability" => Was::Probability(int(before)),
        "expected_close_date" => Was::ExpectedClose(before.as_ref().and_then(Value::as_date)),
        "owner_id" => Was::Owner(before.as_ref().and_then(Value::as_id).map(|id| UserId(id.0))),
        _ => return None,
    })
}
