//! Next Best Action: the facts about open leads and tasks, scored by the model.

use std::collections::BTreeMap;

use model::query::{NextAction, NextBest, WINDOW_MAX};
use model::report::weighted;
use model::score::{
    Facts, LastActivity, LeadFacts, Priority, Quiet, Ranking, Scored, TaskFacts, Viewpoint, median_cents, rank,
    score_quietly,
};
use model::{Date, Kind, RecordId, RecordRef, StageKind, UserId};
use rusqlite::Row;

use super::QueryContext;
use super::operand::{Builder, STAGE_ENTERED, STATUS, WEIGHTED};
use crate::codec::{get, get_option};
use crate::error::StoreError;
use crate::store::Reader;

/// Open tasks: those of open leads, whoever owns them, and the person's others.
#[derive(Default)]
struct OpenTasks {
    of_leads: BTreeMap<RecordId, Vec<TaskFacts>>,
    lone: Vec<TaskFacts>,
}

/// An open lead with what only this query needs to know about it.
struct Candidate {
    facts: Facts,
    is_owned: bool,
    weighted_cents: i64,
}

impl Reader {
    /// Answers `Query::NextBest`: candidates are the person's open leads, leads with an open task of theirs, and their
    /// open tasks about anything else, closed leads among it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn next_best(&self, owner: Option<UserId>, limit: u32, ctx: &QueryContext<'_>) -> Result<NextBest, StoreError> {
        self.settle()?;
        let mut tasks = self.tasks_to_score(owner, ctx)?;
        let mut candidates = self.candidates(owner, ctx)?;
        let owned = candidates.iter().filter(|of| of.is_owned && of.weighted_cents > 0);
        let viewpoint = Viewpoint {
            now: ctx.now,
            today: ctx.now.date_in(&ctx.settings.zone()),
            median_cents: median_cents(owned.map(|of| of.weighted_cents).collect()),
        };
        for candidate in &mut candidates {
            candidate.facts.open_tasks = tasks.of_leads.remove(&candidate.facts.subject.id).unwrap_or_default();
        }
        let lone = tasks.lone.into_iter().map(lone_task);
        let all = candidates.into_iter().map(|of| of.facts).chain(lone);
        let (quiet, loud) = (self.quiet(ctx)?, Quiet::default());
        let score = |facts: Facts| score_quietly(&facts, &viewpoint, quiet.get(&facts.subject.id).unwrap_or(&loud));
        let ranking = rank(all.filter_map(score).collect());
        self.ranked(ranking, limit, ctx)
    }

    /// What people don't want to see, of the records that have such a wish.
    fn quiet(&self, ctx: &QueryContext<'_>) -> Result<BTreeMap<RecordId, Quiet>, StoreError> {
        let sql =
            "SELECT t.id, 1 FROM lead t WHERE t.hidden = 0 AND t.n IN (SELECT n FROM member WHERE field = 'quiet')
                   UNION SELECT t.id, 0 FROM task t
                   WHERE t.n IN (SELECT n FROM member WHERE field = 'quiet' AND member = 'row' AND value > ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([ctx.now.as_millis()])?;
        let mut found = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let kind = if row.get(1)? { Kind::Lead } else { Kind::Task };
            let Some(row) = self.row(RecordRef::new(kind, get(row, 0)?), ctx)? else { continue };
            found.insert(row.record.id, Quiet::of(&row.record, row.last_touch_at));
        }
        Ok(found)
    }

    fn ranked(&self, ranking: Ranking, limit: u32, ctx: &QueryContext<'_>) -> Result<NextBest, StoreError> {
        let total = ranking.top.len() + ranking.more.len();
        let limit = usize::try_from(limit.min(WINDOW_MAX)).unwrap_or(usize::MAX);
        let top = u32::try_from(ranking.top.len().min(limit)).unwrap_or(u32::MAX);
        let shown = ranking.top.into_iter().chain(ranking.more).take(limit);
        let rows = shown.map(|scored| self.next_action(scored, ctx)).collect::<Result<Vec<_>, _>>()?;
        Ok(NextBest { rows: rows.into_iter().flatten().collect(), top, total: total as u64 })
    }

    fn next_action(&self, scored: Scored, ctx: &QueryContext<'_>) -> Result<Option<NextAction>, StoreError> {
        let Some(row) = self.row(scored.subject, ctx)? else { return Ok(None) };
        let task = scored.task.map(|task| self.next_task(task.id)).transpose()?.flatten();
        Ok(Some(NextAction { row, task, scored }))
    }

    fn tasks_to_score(&self, owner: Option<UserId>, ctx: &QueryContext<'_>) -> Result<OpenTasks, StoreError> {
        let zone = ctx.settings.zone();
        // A task about a closed lead stands alone: there is work to do, but nothing left to win.
        let sql = format!(
            "SELECT k.id, k.due_at, coalesce(k.priority, 'medium'), t.n IS NOT NULL AND {STATUS} = 'open', k.linked_id,
                    k.owner_id
             FROM task k LEFT JOIN lead t ON t.id = k.linked_id LEFT JOIN stage s ON s.id = t.stage
             WHERE k.deleted_at IS NULL AND coalesce(k.status, 'open') = 'open' AND coalesce(t.hidden, 0) = 0"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut tasks = OpenTasks::default();
        while let Some(row) = rows.next()? {
            let priority = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            let due = get_option::<model::Timestamp>(row, 1)?.map(|due| due.date_in(&zone));
            let task = TaskFacts { id: get(row, 0)?, due, priority: Priority::from_name(priority) };
            let about_open_lead = row.get(3)?;
            match get_option::<RecordId>(row, 4)? {
                Some(lead) if about_open_lead => tasks.of_leads.entry(lead).or_default().push(task),
                _ if owner.is_none() || get_option(row, 5)? == owner => tasks.lone.push(task),
                _ => {}
            }
        }
        Ok(tasks)
    }

    fn candidates(&self, owner: Option<UserId>, ctx: &QueryContext<'_>) -> Result<Vec<Candidate>, StoreError> {
        let mut builder = Builder::new(Kind::Lead, ctx);
        let touch = builder.last_touch();
        let now = builder.bind(ctx.now.as_millis());
        let mine = match owner {
            None => "1".to_owned(),
            Some(owner) => {
                let me = builder.bind(owner.as_bytes().to_vec());
                format!(
                    "(t.owner_id = {me} OR t.id IN (SELECT linked_id FROM task WHERE owner_id = {me}
                      AND deleted_at IS NULL AND coalesce(status, 'open') = 'open'))"
                )
            }
        };
        let last = |what: &str| {
            format!(
                "(SELECT {what} FROM activity WHERE lead_id = t.id AND deleted_at IS NULL AND occurred_at <= {now}
                  ORDER BY occurred_at DESC, id DESC LIMIT 1)"
            )
        };
        let sql = format!(
            "SELECT t.id, t.account_id, {WEIGHTED}, coalesce(t.stage, ''), coalesce(s.rot_days, 0),
                    coalesce(t.created_at, 0), coalesce({touch}, {STAGE_ENTERED}, 0), t.expected_close_date,
                    {}, {}, t.owner_id
             FROM {} WHERE t.hidden = 0 AND {STATUS} = 'open' AND {mine}",
            last("occurred_at"),
            last("coalesce(direction, 'out') = 'in'"),
            builder.tables()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = builder.query(&mut statement)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(candidate(row, owner, ctx)?);
        }
        Ok(found)
    }
}

fn candidate(row: &Row<'_>, owner: Option<UserId>, ctx: &QueryContext<'_>) -> Result<Candidate, StoreError> {
    let weighted_cents = weighted(i128::from(row.get::<_, i64>(2)?));
    let stage = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    let last_activity = match get_option(row, 8)? {
        Some(at) => Some(LastActivity { at, inbound: row.get(9)? }),
        None => None,
    };
    let lead = LeadFacts {
        weighted_cents,
        stage_index: stage_index(stage, ctx),
        rot_days: row.get(4)?,
        created_at: get(row, 5)?,
        last_activity,
        last_touched: get::<model::Timestamp>(row, 6)?.date_in(&ctx.settings.zone()),
        expected_close: row.get::<_, Option<i64>>(7)?.and_then(date_of_days),
    };
    let facts = Facts {
        subject: RecordRef::new(Kind::Lead, get(row, 0)?),
        account: get_option(row, 1)?,
        lead: Some(lead),
        open_tasks: Vec::new(),
    };
    let is_owned = owner.is_none() || get_option(row, 10)? == owner;
    Ok(Candidate { facts, is_owned, weighted_cents })
}

/// The stage's place among the open ones.
fn stage_index(stage: &str, ctx: &QueryContext<'_>) -> usize {
    let mut open = ctx.settings.stages.iter().filter(|of| of.kind == StageKind::Open);
    open.position(|of| of.id == stage).unwrap_or(0)
}

fn lone_task(task: TaskFacts) -> Facts {
    Facts { subject: RecordRef::new(Kind::Task, task.id), account: None, lead: None, open_tasks: vec![task] }
}

/// The date that `columns::days` wrote.
fn date_of_days(days: i64) -> Option<Date> {
    Some(Date::new(1970, 1, 1)?.plus_days(i32::try_from(days).ok()?))
}
