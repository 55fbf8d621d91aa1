//! Reports from the tables: what history tells, whom things are credited to, and that every list opened from a figure
//! holds what the figure counts.

use std::collections::BTreeMap;

use model::build::{self, Dice};
use model::query::{Condition, ListQuery, Op};
use model::report::sheet::Amount;
use model::report::{Figures, LeaderboardRow, Name, PipelineSummary, Question, Report};
use model::time::DAY_MILLIS;
use model::{Date, Kind, RecordId, Timestamp, UserId, Value};

use super::*;
use crate::{FieldChangeRow, StoredConflict, StoredConflictValue};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn ago(days: i64) -> Timestamp {
    build::now().plus_millis(-days * DAY_MILLIS)
}

fn report(store: &Store, question: &Question) -> Report {
    store.report(question, &ctx(&Settings::default())).unwrap()
}

fn pipeline(store: &Store, question: &Question) -> PipelineSummary {
    match report(store, question).figures {
        Figures::Pipeline(summary) => summary,
        other => panic!("{other:?}"),
    }
}

/// A change of a field; the byte names it.
fn change(record: &Record, byte: u8, at: Timestamp, (key, before, after): (&str, Value, Value)) -> FieldChangeRow {
    FieldChangeRow {
        record: record.reference(),
        hash: hash(byte),
        actor: [byte; 16],
        at,
        key: key.into(),
        before: Some(before),
        after: Some(after),
        created: false,
    }
}

/// The change with which a record came.
fn creation(record: &Record, byte: u8, at: Timestamp) -> Vec<FieldChangeRow> {
    let row = |(key, value): (&String, &Value)| FieldChangeRow {
        record: record.reference(),
        hash: hash(byte),
        actor: [byte; 16],
        at,
        key: key.clone(),
        before: None,
        after: Some(value.clone()),
        created: true,
    };
    record.fields.iter().map(row).collect()
}

fn note(store: &mut Store, changes: &[FieldChangeRow]) {
    store.write(|tx| tx.record_field_changes(changes)).unwrap();
}

fn on(text: &str) -> Question {
    Question { as_of: Some(day(text)), ..Question::of(Name::Pipeline) }
}

#[test]
fn a_past_day_is_told_by_the_history() {
    let lead = build::lead("Website").worth(900).with("probability", 50).in_stage("proposal").created(ago(20)).record();
    let mut store = holding(&[&lead]);
    note(&mut store, &creation(&lead, 1, ago(20)));
    let moved = ("place", "new|1".into(), "proposal|1".into());
    note(
        &mut store,
        &[change(&lead, 2, ago(10), moved), change(&lead, 2, ago(10), ("value_cents", 100.into(), 900.into()))],
    );

    let before = pipeline(&store, &on("2026-02-19"));
    let after = pipeline(&store, &on("2026-02-25"));

    assert_eq!((before.stages[0].leads, before.stages[0].value_cents), (1, 100));
    assert_eq!((after.stages[0].leads, after.stages[2].value_cents, after.stages[2].weighted_cents), (0, 900, 450));
    assert_eq!(pipeline(&store, &on("2026-02-01")).total.leads, 0);
    assert_eq!(report(&store, &on("2026-02-25")).unread_histories, 0);
}

#[test]
fn a_lead_whose_history_is_not_here_yet_counts_as_it_is_and_is_said() {
    let store = holding(&[&build::lead("Website").worth(5).created(ago(20)).record()]);
    let then = report(&store, &on("2026-02-25"));
    assert_eq!(then.unread_histories, 1);
    assert_eq!(pipeline(&store, &on("2026-02-25")).total.leads, 1);
}

#[test]
fn the_history_is_read_from_its_index_alone() {
    let store = empty();
    let sql = "EXPLAIN QUERY PLAN SELECT record, at, key, before, created, actor FROM field_change
        INDEXED BY field_change_reported WHERE (key = 'place' AND (created = 1 OR moved = 1))
        OR (created = 0 AND key IN ('value_cents', 'probability', 'expected_close_date', 'owner_id')) ORDER BY record, at";
    let plan: String = store.connection.query_row(sql, [], |row| row.get(3)).unwrap();
    assert_eq!(plan, "SCAN field_change USING COVERING INDEX field_change_reported");
}

#[test]
fn a_removed_stage_keeps_the_name_that_it_had() {
    let lead = build::lead("Website").in_stage("demo").record();
    let mut store = holding(&[&lead]);
    let settings = Record::new(Kind::Settings, model::settings::SETTINGS_ID);
    let gone = |byte, key: &str, before: Value| FieldChangeRow {
        after: None,
        ..change(&settings, byte, ago(1), (key, before, "".into()))
    };
    note(&mut store, &[gone(1, "stage/demo/name", "Demo".into()), gone(1, "stage/demo/rank", "25".into())]);

    let summary = pipeline(&store, &Question::of(Name::Pipeline));

    let names: Vec<(&str, u64)> = summary.stages.iter().map(|row| (row.name.as_str(), row.leads)).collect();
    assert_eq!(names, [("New", 0), ("Qualified", 0), ("Demo", 1), ("Proposal", 0), ("Negotiation", 0)]);
}

#[test]
fn a_task_counts_for_who_completed_it_and_a_move_touches_for_who_moved() {
    let [ana, ben] = [[0xa; 16], [0xb; 16]].map(RecordId::from_bytes);
    let user = |id, name: &str| {
        let mut user = Record::new(Kind::User, id);
        user.fields.insert("name".into(), name.into());
        user
    };
    let lead = build::lead("Website").owned_by(UserId(ana.0)).in_stage("qualified").created(ago(0)).record();
    let task = build::task("Quote", &lead).owned_by(UserId(ana.0)).with("status", "done").with("completed_at", ago(0));
    let task = task.record();
    let mut store = holding(&[&user(ana, "Ana"), &user(ben, "Ben"), &lead, &task]);
    note(
        &mut store,
        &[
            change(&task, 2, ago(0), ("status", "open".into(), "done".into())),
            change(&lead, 2, ago(0), ("place", "new|1".into(), "qualified|1".into())),
        ],
    );
    let bound: Result<(), StoreError> = store.write(|tx| {
        let device = model::DeviceId::from_bytes([9; 16]);
        tx.bind_actor(task.id, [2; 16], UserId(ben.0), device)?;
        tx.bind_actor(lead.id, [2; 16], UserId(ben.0), device)
    });
    bound.unwrap();

    let Figures::Leaderboard(board) = report(&store, &Question::of(Name::Leaderboard)).figures else { panic!() };

    let of = |id: RecordId| board.rows.iter().find(|row| row.owner == Some(UserId(id.0))).cloned().unwrap();
    let LeaderboardRow { tasks, touched, created, .. } = of(ben);
    assert_eq!((tasks, touched, created), (1, 1, 0));
    assert_eq!((of(ana).tasks, of(ana).touched, of(ana).created), (0, 0, 1));
}

#[test]
fn words_are_shown_as_they_were_written() {
    let source = |title: &str, source: &str| build::lead(title).with("source", source).record();
    let store = holding(&[&source("a", "Café Müller"), &source("b", "CAFE MULLER "), &source("c", "referral")]);

    let Figures::Sources(sources) = report(&store, &Question::of(Name::Sources)).figures else { panic!() };

    let mut names: Vec<(String, u64)> = sources.rows.into_iter().map(|row| (row.source, row.leads)).collect();
    names.sort();
    let first = if build::lead("a").id < build::lead("b").id { "Café Müller" } else { "CAFE MULLER" };
    assert_eq!(names, [(first.to_owned(), 2), ("Referral".to_owned(), 1)]);
}

#[test]
fn a_figure_that_says_nothing_is_refused() {
    let store = empty();
    for text in ["", "won", "nothing;won", "won;won;period=soon"] {
        let filter = vec![Condition { field: "figure".into(), op: Op::Is, values: vec![text.into()] }];
        let list = store.list(&ListQuery { filter, ..ListQuery::of(Kind::Lead) }, &ctx(&Settings::default()));
        assert!(matches!(list, Err(StoreError::UnknownField { .. })), "{text}: {list:?}");
    }
}

/// A small workspace with a past, all of it thrown with dice.
fn random(seed: u64) -> Store {
    let mut dice = Dice::new(seed);
    let user = |id: RecordId| {
        let mut user = Record::new(Kind::User, id);
        user.fields.insert("name".into(), "Somebody".into());
        user
    };
    let mut records: Vec<Record> = PEOPLE.map(|id| user(RecordId::from_bytes(id))).into();
    let mut changes = Vec::new();
    for number in 0..40_u8 {
        let lead = random_lead(&mut dice, number);
        changes.extend(random_past(&mut dice, &lead, number));
        records.extend(random_deeds(&mut dice, &lead, number));
        records.push(lead);
    }
    let mut store = holding(&records.iter().collect::<Vec<_>>());
    note(&mut store, &changes);
    store
}

const PEOPLE: [[u8; 16]; 2] = [[1; 16], [2; 16]];
const STAGES: [&str; 7] = ["new", "qualified", "proposal", "negotiation", "won", "lost", "gone"];

fn someday(dice: &mut Dice, earliest: i64, latest: i64) -> Date {
    day("2026-03-02").plus_days(i32::try_from(dice.between(earliest, latest)).unwrap())
}

fn random_lead(dice: &mut Dice, number: u8) -> Record {
    let owner = UserId::from_bytes(*dice.pick(&PEOPLE));
    let mut draft = build::lead("Lead").with_id(RecordId::from_bytes([number + 10; 16])).owned_by(owner);
    draft = draft.created(ago(dice.between(0, 400))).worth(dice.between(0, 3)).in_stage(dice.pick::<&str>(&STAGES));
    draft = draft.with("probability", dice.between(0, 100));
    if dice.chance(60) {
        draft = draft.with("expected_close_date", someday(dice, -200, 250));
    }
    if dice.chance(60) {
        draft = draft.with("closed_on", someday(dice, -200, 0)).with("closed_value_cents", dice.between(0, 3));
        draft = draft.with("lost_reason", *dice.pick(&["Price", "price ", ""]));
    }
    if dice.chance(70) {
        draft = draft.with("source", *dice.pick(&["Web", "web", " Fair "]));
    }
    if dice.chance(30) {
        draft = draft.with("tags/hot", true);
    }
    if dice.chance(20) {
        draft = draft.with("import_ref", "x");
    }
    match dice.below(20) {
        0 => draft.with("deleted_at", ago(1)),
        1 => draft.with("merged_into", RecordId::from_bytes([10; 16])),
        2 | 3 => draft.with("archived_at", ago(1)),
        _ => draft,
    }
    .record()
}

fn random_past(dice: &mut Dice, lead: &Record, number: u8) -> Vec<FieldChangeRow> {
    let mut changes = Vec::new();
    let created = lead.time("created_at").unwrap();
    if dice.chance(90) {
        changes.extend(creation(lead, number, created.plus_millis(dice.between(0, 5) * DAY_MILLIS)));
    }
    let person = |dice: &mut Dice| Value::Id(RecordId::from_bytes(*dice.pick(&PEOPLE)));
    for step in 0..dice.below(4) {
        let byte = 100 + number + u8::try_from(step).unwrap() * 40;
        let told = match dice.below(4) {
            0 => ("place", Value::from(format!("{}|1", dice.pick::<&str>(&STAGES))), Value::from("qualified|2")),
            1 => ("value_cents", dice.between(0, 9).into(), 1.into()),
            2 => ("owner_id", person(dice), person(dice)),
            _ => ("expected_close_date", day("2026-02-15").into(), day("2026-03-15").into()),
        };
        changes.push(change(lead, byte, ago(dice.between(0, 300)), told));
    }
    changes
}

fn random_deeds(dice: &mut Dice, lead: &Record, number: u8) -> Vec<Record> {
    let id = |at: u8| RecordId::from_bytes([at, number, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    let owner = lead.owner().unwrap();
    let mut deeds = Vec::new();
    if dice.chance(50) {
        let call = build::activity(dice.pick::<&str>(&["call", "email", "note"]), "Talk").with_id(id(1));
        deeds.push(call.owned_by(owner).about(lead).with("occurred_at", ago(dice.between(-3, 40))).record());
    }
    if dice.chance(50) {
        let task = build::task("Do", lead).with_id(id(2)).owned_by(owner).due(ago(dice.between(-9, 9)));
        let done = |task: build::Draft, at| task.with("status", "done").with("completed_at", at);
        deeds.push(if dice.chance(50) { done(task, ago(dice.between(0, 40))) } else { task }.record());
    }
    deeds
}

fn questions() -> Vec<Question> {
    let mut all = Vec::new();
    for name in Name::ALL {
        for period in ["this_year", "last_quarter", "2025-01-01..2026-12-31"] {
            let question = Question { period: period.parse().unwrap(), ..Question::of(name) };
            all.extend([
                question.clone(),
                Question { owner: Some(UserId::from_bytes([1; 16])), ..question.clone() },
                Question { source: Some("WEB".into()), tag: "Hot".into(), ..question.clone() },
                Question { archived: true, imports: true, as_closed: true, ..question.clone() },
                Question { source: Some(String::new()), as_of: Some(day("2026-01-15")), ..question },
            ]);
        }
    }
    all
}

#[test]
fn every_list_opened_from_a_figure_holds_what_the_figure_counts() {
    let settings = Settings::default();
    let mut looked_at = BTreeMap::<Name, u64>::new();
    for seed in 0..4 {
        let store = random(seed);
        for question in questions() {
            let sheet = store.report(&question, &ctx(&settings)).unwrap().sheet();
            for cell in sheet.cells() {
                let (Amount::Count(count), Some(figure)) = (&cell.amount, sheet.figure(cell)) else { continue };
                let filter =
                    vec![Condition { field: "figure".into(), op: Op::Is, values: vec![figure.to_string().into()] }];
                let list = store.list(&ListQuery { filter, ..ListQuery::of(figure.kind()) }, &ctx(&settings)).unwrap();
                assert_eq!(list.total, *count, "seed {seed}: {figure}");
                *looked_at.entry(question.name).or_default() += 1;
            }
        }
    }
    assert!(Name::ALL.into_iter().all(|name| looked_at.get(&name).is_some_and(|count| *count > 50)), "{looked_at:?}");
}

#[test]
fn a_figure_goes_with_other_chips_and_with_another_figure() {
    let leads = [
        build::lead("a").worth(5).with("source", "Web").record(),
        build::lead("b").worth(0).with("source", "Web").record(),
        build::lead("c").worth(0).with("source", "Fair").record(),
    ];
    let store = holding(&leads.iter().collect::<Vec<_>>());
    let chip = |field: &str, value: &str| Condition { field: field.into(), op: Op::Is, values: vec![value.into()] };
    let total = |filter: Vec<Condition>| {
        store.list(&ListQuery { filter, ..ListQuery::of(Kind::Lead) }, &ctx(&Settings::default())).unwrap().total
    };

    assert_eq!(total(vec![chip("figure", "hygiene;no_value")]), 2);
    assert_eq!(total(vec![chip("figure", "hygiene;no_value"), chip("source", "web")]), 1);
    assert_eq!(total(vec![chip("figure", "hygiene;no_value"), chip("figure", "sources;leads/fair")]), 1);
    let ids = store.matching_ids(Kind::Lead, &[chip("figure", "hygiene;no_value")], "", &ctx(&Settings::default()));
    assert_eq!(ids.unwrap().len(), 2);
}

#[test]
fn hygiene_sees_contacts_conflicts_and_what_is_planned() {
    let ann = build::contact("Ann Lee").record();
    let with_contact = build::lead("a").worth(1).with_contact(&ann).record();
    let with_other = build::lead("b").worth(1).with(&format!("contacts/{}", ann.id), "User").record();
    let alone = build::lead("c").worth(1).record();
    let task = build::task("Call", &alone).due(build::now().plus_millis(DAY_MILLIS)).record();
    let mut store = holding(&[&ann, &with_contact, &with_other, &alone, &task]);
    let value = |stage: &str| StoredConflictValue { value: Some(stage.into()), actor: [1; 16], at: ago(1) };
    let conflict = StoredConflict { key: "place".into(), values: vec![value("won|1"), value("lost|1")] };
    let marked: Result<(), StoreError> =
        store.write(|tx| tx.project(&Projection { conflicts: &[conflict], ..shown(&alone) }));
    marked.unwrap();

    let Figures::Hygiene(hygiene) = report(&store, &Question::of(Name::Hygiene)).figures else { panic!() };

    let found: Vec<(&str, u64)> =
        hygiene.rows.iter().filter(|row| row.sum.leads > 0).map(|row| (row.flaw.word(), row.sum.leads)).collect();
    assert_eq!(found, [("no_next_step", 2), ("no_contact", 1), ("stage_conflict", 1)]);
}
