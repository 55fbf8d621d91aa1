//! Reports: the facts that the model works them out from, and the records behind one figure.

use std::collections::{BTreeMap, BTreeSet};

use model::fold::fold;
use model::query::{Condition, Op};
use model::report::{self, Calendar, Facts, Figure, LeadFacts, Members, Name, Person, Question, Report, Stages};
use model::{Date, Kind, RecordId, UserId, Value};
use rusqlite::Row;

use super::QueryContext;
use super::operand::{Builder, STAGE_ENTERED};
use super::past::{self, Reach};
use crate::codec::{get, get_option};
use crate::error::StoreError;
use crate::store::Reader;

/// Which facts a report needs, besides the leads themselves.
struct Needs {
    /// What happened to leads.
    past: bool,
    /// What rots, who is the contact, what is in conflict.
    state: bool,
    /// Words as they were written.
    words: Option<&'static str>,
    /// Activities, tasks, files and who moved leads.
    deeds: bool,
}

impl Needs {
    fn of(question: &Question, today: Date) -> Self {
        let then = question.as_of.is_some_and(|day| day < today);
        let (past, state, words, deeds) = match question.name {
            Name::Pipeline => (then, !then, None, false),
            Name::Won => (true, false, Some("lost_reason"), false),
            Name::Sources => (true, false, Some("source"), false),
            Name::Forecast | Name::Conversion => (true, false, None, false),
            Name::Leaderboard => (true, false, None, true),
            Name::Hygiene => (false, true, None, false),
        };
        Self { past, state, words, deeds }
    }
}

impl Reader {
    /// Answers `Query::Report`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn report(&self, question: &Question, ctx: &QueryContext<'_>) -> Result<Report, StoreError> {
        self.work_out(question, ctx, &mut Members::ignored())
    }

    fn work_out(
        &self,
        question: &Question,
        ctx: &QueryContext<'_>,
        members: &mut Members,
    ) -> Result<Report, StoreError> {
        self.settle()?;
        let facts = self.facts(question, ctx)?;
        Ok(report::work_out(question, &facts, members))
    }

    /// Selects the records behind the figures that chips name, if any do.
    pub(crate) fn select_counted(&self, filter: &[Condition], ctx: &QueryContext<'_>) -> Result<(), StoreError> {
        let mut counted: Option<BTreeSet<RecordId>> = None;
        for condition in filter.iter().filter(|condition| condition.field == FIGURE) {
            let behind = self.behind(condition, ctx)?;
            counted = Some(match counted {
                Some(others) => others.intersection(&behind).copied().collect(),
                None => behind,
            });
        }
        counted.map_or(Ok(()), |counted| self.fill_counted(&counted))
    }

    fn behind(&self, condition: &Condition, ctx: &QueryContext<'_>) -> Result<BTreeSet<RecordId>, StoreError> {
        let unknown = || StoreError::UnknownField { kind: Kind::Lead, field: FIGURE.to_owned() };
        let text = condition.values.first().and_then(Value::as_text).filter(|_| condition.op == Op::Is);
        let figure: Figure = text.and_then(|text| text.parse().ok()).ok_or_else(unknown)?;
        let mut members = Members::default();
        self.work_out(&figure.question, ctx, &mut members)?;
        Ok(members.behind(&figure.cell).iter().copied().collect())
    }

    /// One savepoint around all of it: outside a transaction every insert would be one of its own.
    fn fill_counted(&self, counted: &BTreeSet<RecordId>) -> Result<(), StoreError> {
        self.connection.prepare_cached("SAVEPOINT counted")?.execute([])?;
        self.connection.prepare_cached("DELETE FROM counted")?.execute([])?;
        let mut insert = self.connection.prepare_cached("INSERT INTO counted (id) VALUES (?)")?;
        for id in counted {
            insert.execute([id.as_bytes()])?;
        }
        self.connection.prepare_cached("RELEASE counted")?.execute([])?;
        Ok(())
    }

    fn facts(&self, question: &Question, ctx: &QueryContext<'_>) -> Result<Facts, StoreError> {
        let zone = ctx.settings.zone();
        let calendar = Calendar::of(ctx.settings);
        let today = ctx.now.date_in(&zone);
        let needs = Needs::of(question, today);
        let reach = Reach::of(question.period.span(today, &calendar), &zone, ctx.now);
        let mut leads = self.lead_facts(question, &needs, ctx)?;
        let mut unread_histories = 0;
        if needs.past {
            let reach = needs.deeds.then_some(&reach);
            unread_histories = self.read_past(&mut leads, reach)?;
        }
        let (activities, tasks, files) = if needs.deeds { self.deeds(&reach)? } else { Default::default() };
        Ok(Facts {
            now: ctx.now,
            stages: self.stages_of(&leads, ctx)?,
            people: if needs.deeds { self.people()? } else { Vec::new() },
            leaderboard_off: ctx.settings.leaderboard_off,
            zone,
            calendar,
            leads,
            activities,
            tasks,
            files,
            unread_histories,
        })
    }

    /// Everything about leads that is known now, in the order of their ids.
    fn lead_facts(
        &self,
        question: &Question,
        needs: &Needs,
        ctx: &QueryContext<'_>,
    ) -> Result<Vec<LeadFacts>, StoreError> {
        let mut builder = Builder::new(Kind::Lead, ctx);
        let sql = lead_sql(question, needs, &mut builder);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = builder.query(&mut statement)?;
        let tag = vec![question.tag.clone()];
        let mut spelling = Spelling::default();
        let mut leads = Vec::new();
        while let Some(row) = rows.next()? {
            let mut lead = lead(row, &tag)?;
            if let Some(key) = needs.words {
                self.spell(&mut lead, key, (&mut spelling, ctx))?;
            }
            leads.push(lead);
        }
        Ok(leads)
    }

    /// Gives a word back its case and accents: as the settings propose it, or else as the first lead has it.
    fn spell(
        &self,
        lead: &mut LeadFacts,
        key: &'static str,
        (spelling, ctx): (&mut Spelling, &QueryContext<'_>),
    ) -> Result<(), StoreError> {
        let word = if key == "source" { &mut lead.source } else { &mut lead.lost_reason };
        if word.is_empty() {
            return Ok(());
        }
        if let Some(written) = spelling.get(word) {
            written.clone_into(word);
            return Ok(());
        }
        let proposed = if key == "source" { &ctx.settings.sources } else { &ctx.settings.lost_reasons };
        let written = match proposed.iter().find(|proposed| fold(proposed).trim() == word) {
            Some(proposed) => proposed.clone(),
            None => self.record(lead.id)?.map_or_else(String::new, |record| record.text(key).trim().to_owned()),
        };
        spelling.insert(std::mem::replace(word, written.clone()), written);
        Ok(())
    }

    fn stages_of(&self, leads: &[LeadFacts], ctx: &QueryContext<'_>) -> Result<Stages, StoreError> {
        let removed: BTreeSet<&str> = leads
            .iter()
            .flat_map(past::stages)
            .filter(|stage| ctx.settings.stages.iter().all(|known| known.id != *stage))
            .collect();
        let removed = removed.into_iter().map(|stage| self.removed_stage(stage)).collect::<Result<_, _>>()?;
        Ok(Stages::new(ctx.settings, removed))
    }

    fn people(&self) -> Result<Vec<Person>, StoreError> {
        let person = |record: model::Record| Person {
            id: UserId(record.id.0),
            name: record.text("name").to_owned(),
            active: record.time("disabled_at").is_none(),
        };
        Ok(self.users()?.into_iter().map(person).collect())
    }
}

/// The chip that names a figure.
pub(crate) const FIGURE: &str = "figure";

/// Words as they are written, by their folded form.
type Spelling = BTreeMap<String, String>;

fn lead_sql(question: &Question, needs: &Needs, builder: &mut Builder<'_>) -> String {
    let tagged = if question.tag.trim().is_empty() {
        "0".to_owned()
    } else {
        let tag = builder.bind(fold(&question.tag).trim().to_owned());
        format!("EXISTS (SELECT 1 FROM member WHERE n = t.n AND field = 'tags' AND member = {tag})")
    };
    let (rotting, contact, conflict) = if needs.state {
        (
            builder.rotting(),
            "(t.primary_contact_id IS NOT NULL OR EXISTS (SELECT 1 FROM member WHERE n = t.n AND field = 'contacts'))",
            "EXISTS (SELECT 1 FROM conflict WHERE n = t.n AND key = 'place')",
        )
    } else {
        ("0".to_owned(), "0", "0")
    };
    format!(
        "SELECT t.id, t.owner_id, coalesce(t.stage, ''), coalesce(t.value_cents, 0), coalesce(t.probability, 0),
                t.created_at, t.expected_close_date, t.closed_on, t.closed_value_cents, coalesce(t.lost_reason, ''),
                coalesce(t.source, ''), {tagged}, t.hidden, t.import_ref IS NOT NULL, {contact},
                t.next_task IS NOT NULL, {rotting}, {conflict}, {STAGE_ENTERED}
         FROM {} WHERE t.hidden < 2 ORDER BY t.id",
        builder.tables()
    )
}

fn lead(row: &Row<'_>, tag: &[String]) -> Result<LeadFacts, StoreError> {
    Ok(LeadFacts {
        id: get(row, 0)?,
        owner: get_option(row, 1)?,
        stage: row.get(2)?,
        value_cents: row.get(3)?,
        probability: row.get(4)?,
        created_at: get_option(row, 5)?,
        expected_close: past::date(row.get(6)?),
        closed_on: past::date(row.get(7)?),
        closed_value_cents: row.get(8)?,
        lost_reason: row.get(9)?,
        source: row.get(10)?,
        tags: if row.get(11)? { tag.to_vec() } else { Vec::new() },
        archived: row.get(12)?,
        imported: row.get(13)?,
        has_contact: row.get(14)?,
        has_next_step: row.get(15)?,
        rotting: row.get(16)?,
        stage_conflict: row.get(17)?,
        stage_entered_at: get_option(row, 18)?,
        past: Vec::new(),
    })
}
