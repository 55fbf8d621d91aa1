//! Reports over leads that have a past.

use std::collections::BTreeMap;

use model::query::{Answer, Condition, ListQuery, Op, Query};
use model::report::{Figure as Counted, Name, Question};
use model::{Date, Edit, FieldChanges, IdSource as _, Kind, RecordId, RecordRef, Value};
use serde_json::json;

use super::figure::{BenchError, Figure, Samples, expect_count, timed};
use super::records::Mix;
use super::world::{World, Worlds};

const ROUNDS: usize = 20;
/// Changes of each lead after its creation: two moves and a value.
const CHANGES: usize = 3;
/// Edits of one command.
const CHUNK: usize = 200;

/// Every report, and the list behind a figure.
pub(crate) fn all(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let leads = worlds.size(10_000);
    let mut world = worlds.fresh(Mix { activities: leads, tasks: leads / 2, ..Mix::of_leads(leads) })?;
    give_a_past(&mut world, leads)?;
    world.restart_device()?;
    let (mut worst, mut by_report) = (Samples::default(), BTreeMap::new());
    for (name, question) in questions(world.device.env.now().date_in(&jiff::tz::TimeZone::UTC)) {
        let mut samples = Samples::default();
        for _ in 0..ROUNDS {
            let query = Query::Report(Box::new(question.clone()));
            let (answer, took) = timed(|| world.device.replica.answer(&query, world.device.env.now()));
            answer?;
            samples.add(took.clock);
            worst.add(took.clock);
        }
        by_report.insert(name, samples.spread());
    }
    let listed = list_behind(&mut world, leads)?;
    Ok(vec![
        Figure::new(format!("report_{leads}_leads_p95"), worst.percentile(95), "ms").bar(50.0).detail(json!({
            "leads": leads, "changes_of_each_lead": CHANGES, "activities": leads, "by_report": by_report,
            "how": "the query alone, all reports together; as_of looks at a day in the past",
        })),
        listed,
    ])
}

fn questions(today: Date) -> Vec<(&'static str, Question)> {
    let year = |name| Question { period: "this_year".parse().unwrap_or_default(), ..Question::of(name) };
    let mut all: Vec<(&str, Question)> = Name::ALL.into_iter().map(|name| (name.word(), year(name))).collect();
    all.push(("pipeline as of", Question { as_of: Some(today.plus_days(-1)), ..Question::of(Name::Pipeline) }));
    all
}

fn list_behind(world: &mut World, leads: usize) -> Result<Figure, BenchError> {
    let counted = Counted { question: Question::of(Name::Hygiene), cell: "no_contact".into() };
    let condition = Condition { field: "figure".into(), op: Op::Is, values: vec![counted.to_string().into()] };
    let query = Query::List(ListQuery { filter: vec![condition], ..ListQuery::of(Kind::Lead) });
    let mut samples = Samples::default();
    for _ in 0..ROUNDS {
        let (answer, took) = timed(|| world.device.replica.answer(&query, world.device.env.now()));
        let Answer::List(_) = answer? else { return Err(BenchError::Stalled("a list")) };
        samples.add(took.clock);
    }
    let detail = json!({ "leads": leads, "all": samples.spread() });
    Ok(Figure::new("list_behind_a_figure_p95", samples.percentile(95), "ms").detail(detail))
}

/// Two moves and a new value for every lead, each a change of its own.
fn give_a_past(world: &mut World, count: usize) -> Result<(), BenchError> {
    let leads = world.leads(count)?;
    expect_count("leads with a past", count, leads.len() as u64)?;
    for change in 0..CHANGES {
        for chunk in leads.chunks(CHUNK) {
            let edits = chunk.iter().map(|lead| edit(*lead, change)).collect();
            world.prepared(edits)?;
        }
        world.settle()?;
    }
    Ok(())
}

fn edit(lead: RecordId, change: usize) -> Edit {
    let (key, value): (&str, Value) = match change {
        0 => ("place", "qualified|5".into()),
        1 => ("place", "proposal|5".into()),
        _ => ("value_cents", 123_400.into()),
    };
    let fields = FieldChanges::from([(key.to_owned(), Some(value))]);
    Edit::Set { record: RecordRef::new(Kind::Lead, lead), base_heads: Vec::new(), fields }
}
