//! Boards, pages, timelines, search and figures on small worlds that can be read at a glance.

use std::collections::BTreeMap;

use model::query::{Board, BoardQuery, BoardSort, Happened, ListQuery, TimelineEntry, TimelinePart};
use model::schema::FieldProblem;
use model::{Date, DeviceId, Kind, RecordId, Timestamp, UserId, Value, build};

use super::*;
use crate::{Entry, FieldChangeRow, StoredConflict, StoredConflictValue, TimelineWindow};

fn ago(days: i64) -> Timestamp {
    build::now().plus_millis(-days * model::time::DAY_MILLIS)
}

fn board(store: &Store, sort: BoardSort) -> Board {
    let query = BoardQuery { filter: vec![], text: String::new(), sort, windows: BTreeMap::new() };
    store.board(&query, &ctx(&Settings::default())).unwrap()
}

fn column(board: &Board, stage: &str) -> Vec<String> {
    let column = board.columns.iter().find(|column| column.stage.id == stage).unwrap();
    column.rows.iter().map(|row| row.record.text("title").to_owned()).collect()
}

fn ada() -> Record {
    let mut ada = Record::new(Kind::User, build::ME.record());
    ada.fields.insert("name".into(), "Ada".into());
    ada
}

fn change(record: &Record, byte: u8, at: Timestamp, key: &str, before: &str, after: &str) -> FieldChangeRow {
    FieldChangeRow {
        record: record.reference(),
        hash: hash(byte),
        actor: [1; 16],
        at,
        key: key.into(),
        before: Some(before.into()),
        after: Some(after.into()),
        created: false,
    }
}

#[test]
fn a_column_counts_and_sums_more_than_it_shows() {
    let leads: Vec<Record> =
        (1..=60).map(|n| build::lead(&format!("Lead {n}")).worth(n).with("probability", 50).record()).collect();
    let store = holding(&leads.iter().collect::<Vec<_>>());

    let board = board(&store, BoardSort::Value);

    let new = &board.columns[0];
    assert_eq!((new.count, new.rows.len(), new.offset), (60, 50, 0));
    assert_eq!(new.sum_cents, 1830);
    assert_eq!(new.weighted_cents, 915);
    assert_eq!(new.rows[0].record.int("value_cents"), Some(60));
    assert_eq!(board.columns.len(), 6);
}

#[test]
fn a_window_shows_the_rows_it_asks_for() {
    let leads: Vec<Record> = (1..=20).map(|n| build::lead(&format!("Lead {n}")).worth(n).record()).collect();
    let store = holding(&leads.iter().collect::<Vec<_>>());
    let windows = BTreeMap::from([("new".to_owned(), (5, 3))]);
    let query = BoardQuery { filter: vec![], text: String::new(), sort: BoardSort::Value, windows };

    let board = store.board(&query, &ctx(&Settings::default())).unwrap();

    let values: Vec<_> = board.columns[0].rows.iter().map(|row| row.record.int("value_cents")).collect();
    assert_eq!((values, board.columns[0].offset), (vec![Some(15), Some(14), Some(13)], 5));
}

#[test]
fn the_weighted_sum_is_divided_once_and_rounded_half_up() {
    let part = |title: &str, cents, percent| build::lead(title).worth(cents).with("probability", percent).record();
    let store = holding(&[&part("a", 1, 25), &part("b", 1, 25)]);
    assert_eq!(board(&store, BoardSort::Manual).columns[0].weighted_cents, 1);

    let store = holding(&[&part("a", 1, 25), &part("b", 1, 24)]);
    assert_eq!(board(&store, BoardSort::Manual).columns[0].weighted_cents, 0);
    let list = store.list(&ListQuery::of(Kind::Lead), &ctx(&Settings::default())).unwrap();
    assert_eq!((list.sum_cents, list.weighted_cents), (2, 0));
}

#[test]
fn next_steps_stand_overdue_today_none_later() {
    let leads = ["later", "none", "today", "overdue", "all day", "some day"].map(|title| build::lead(title).record());
    let now = build::now();
    let due = |index: usize, at: Timestamp| {
        build::task("Do", &leads[index]).with_id(RecordId::from_bytes([index as u8; 16])).due(at)
    };
    let start_of_day = "2026-03-02T00:00:00Z".parse().unwrap();
    let tasks = [
        due(0, now.plus_millis(2 * model::time::DAY_MILLIS)).record(),
        due(2, now.plus_millis(60_000)).record(),
        due(3, now.plus_millis(-60_000)).record(),
        due(4, start_of_day).with("all_day", true).record(),
        build::task("Some day", &leads[5]).record(),
    ];
    let store = holding(&leads.iter().chain(&tasks).collect::<Vec<_>>());

    let board = board(&store, BoardSort::NextStep);

    assert_eq!(column(&board, "new"), ["overdue", "all day", "today", "none", "later", "some day"]);
    let next = board.columns[0].rows[0].next_task.clone().unwrap();
    assert_eq!((next.title.as_str(), next.priority.as_str()), ("Do", "medium"));
}

#[test]
fn a_column_can_be_ordered_by_close_date_age_and_hand() {
    let date = |day| Date::new(2026, 4, day).unwrap();
    let a = build::lead("a").with("expected_close_date", date(9)).created(ago(1)).at_rank("new", "3").record();
    let b = build::lead("b").with("expected_close_date", date(2)).created(ago(3)).at_rank("new", "1").record();
    let c = build::lead("c").created(ago(2)).at_rank("new", "2").record();
    let store = holding(&[&a, &b, &c]);

    assert_eq!(column(&board(&store, BoardSort::CloseDate), "new"), ["b", "a", "c"]);
    assert_eq!(column(&board(&store, BoardSort::Age), "new"), ["b", "c", "a"]);
    assert_eq!(column(&board(&store, BoardSort::Manual), "new"), ["b", "c", "a"]);
}

#[test]
fn a_lead_whose_stage_was_deleted_stays_in_sight_and_open() {
    let store = holding(&[&build::lead("lost").in_stage("gone").record()]);
    let settings = Settings::default();

    assert_eq!(column(&board(&store, BoardSort::Manual), "new"), ["lost"]);
    let list = store.list(&ListQuery::of(Kind::Lead), &ctx(&settings)).unwrap();
    assert_eq!(list.rows[0].status, "open");
}

#[test]
fn status_follows_the_settings() {
    let lead = build::lead("a").in_stage("negotiation").record();
    let mut store = holding(&[&lead]);
    let mut settings = Settings::default();
    let status =
        |store: &Store, settings: &Settings| store.row(lead.reference(), &ctx(settings)).unwrap().unwrap().status;
    assert_eq!(status(&store, &settings), "open");

    settings.stages.iter_mut().find(|stage| stage.id == "negotiation").unwrap().kind = model::StageKind::Won;
    store.write(|tx| tx.set_settings(&settings)).unwrap();

    assert_eq!(status(&store, &settings), "closed_won");
}

#[test]
fn a_row_names_what_it_links_to_even_from_the_trash() {
    let acme = build::account("Acme").with("deleted_at", build::now()).record();
    let bob = build::contact("Bob Builder").record();
    let lead = build::lead("Website").at(&acme).with_contact(&bob).record();
    let store = holding(&[&ada(), &acme, &bob, &lead]);

    let row = store.row(lead.reference(), &ctx(&Settings::default())).unwrap().unwrap();

    assert_eq!(row.record, lead);
    assert_eq!(row.owner_name, "Ada");
    let names: Vec<_> = row.names.iter().map(|(key, name)| (key.as_str(), name.as_str())).collect();
    assert_eq!(names, [("account_id", "Acme"), ("primary_contact_id", "Bob Builder")]);
}

#[test]
fn planned_activities_touch_a_lead_when_their_time_has_come() {
    let acme = build::account("Acme").record();
    let lead = build::lead("Website").at(&acme).created(ago(9)).record();
    let call = build::activity("call", "Talked").about(&lead).with("occurred_at", ago(2)).record();
    let meeting = build::activity("meeting", "Demo").about(&lead).with("occurred_at", ago(-1)).record();
    let store = holding(&[&meeting, &call, &lead, &acme]);
    let settings = Settings::default();
    let touch = |record: &Record, now| {
        let ctx = QueryContext { now, ..ctx(&settings) };
        store.row(record.reference(), &ctx).unwrap().unwrap().last_touch_at
    };

    for record in [&lead, &acme] {
        assert_eq!(touch(record, build::now()), Some(ago(2)));
        assert_eq!(touch(record, ago(-2)), Some(ago(-1)));
        assert_eq!(touch(record, ago(3)), None);
    }
}

#[test]
fn entering_a_stage_is_a_touch_and_a_move_within_it_is_not() {
    let lead = build::lead("Website").created(ago(9)).in_stage("qualified").record();
    let mut store = holding(&[&lead]);
    let settings = Settings::default();
    let times = |store: &Store| {
        let row = store.row(lead.reference(), &ctx(&settings)).unwrap().unwrap();
        (row.stage_entered_at, row.last_touch_at)
    };
    assert_eq!(times(&store), (Some(ago(9)), None));

    let moved = change(&lead, 1, ago(5), "place", "new|1", "qualified|1");
    let shifted = change(&lead, 2, ago(4), "place", "qualified|1", "qualified|2");
    store.write(|tx| tx.record_field_changes(&[moved, shifted])).unwrap();
    assert_eq!(times(&store), (Some(ago(5)), Some(ago(5))));

    store.write(|tx| tx.remove_field_changes(lead.id, hash(1))).unwrap();
    assert_eq!(times(&store), (Some(ago(9)), None));

    store.write(|tx| tx.set_stage_entered_at(lead.id, ago(6))).unwrap();
    assert_eq!(times(&store), (Some(ago(6)), Some(ago(6))));
}

#[test]
fn noting_a_change_twice_is_noting_it_once() {
    let lead = build::lead("Website").record();
    let mut store = holding(&[&lead]);
    let row = change(&lead, 1, ago(1), "source", "a", "b");

    store.write(|tx| tx.record_field_changes(&[row.clone(), row.clone()])).unwrap();

    assert_eq!(store.field_changes(lead.reference(), 10).unwrap(), [row]);
}

#[test]
fn a_timeline_tells_newest_first_who_did_what() {
    let acme = build::account("Acme").record();
    let lead = build::lead("Website").at(&acme).created(ago(9)).record();
    let call = build::activity("call", "Talked").about(&lead).with("occurred_at", ago(3)).record();
    let done = build::task("Send quote", &lead).created(ago(8)).with("status", "done").with("completed_at", ago(2));
    let mut store = holding(&[&ada(), &acme, &lead, &call, &done]);
    let created = |key: &str| FieldChangeRow { created: true, before: None, ..change(&lead, 1, ago(9), key, "", "x") };
    let renamed = change(&lead, 2, ago(4), "title", "Web", "Website");
    let stamped = change(&lead, 2, ago(4), "updated_at", "", "");
    let entry = Entry {
        log_seq: 1,
        record: lead.reference(),
        hash: hash(2),
        actor: [1; 16],
        actor_seq: 1,
        user: build::ME,
        device: DeviceId::from_bytes([4; 16]),
        command: command_id(1),
        received_at: ago(1),
        receipt: vec![],
    };
    let done: Result<(), StoreError> = store.write(|tx| {
        tx.bind_actor(lead.id, [1; 16], build::ME, DeviceId::from_bytes([4; 16]))?;
        tx.put_entry(&entry)?;
        tx.record_field_changes(&[created("title"), created("place"), renamed, stamped])
    });
    done.unwrap();
    let settings = Settings::default();

    let told = store.timeline(lead.reference(), 10, &ctx(&settings)).unwrap();

    let words: Vec<String> = told.iter().map(words).collect();
    assert_eq!(words, ["task Send quote", "activity Talked", "title Web > Website", "created"]);
    assert_eq!(told.iter().map(|entry| entry.at).collect::<Vec<_>>(), [ago(2), ago(3), ago(4), ago(9)]);
    assert_eq!((told[2].received_at, told[3].received_at), (Some(ago(1)), None));
    assert!(told.iter().all(|entry| entry.author.name == "Ada"));
    let of_account = store.timeline(acme.reference(), 10, &ctx(&settings)).unwrap();
    assert_eq!(of_account.iter().map(self::words).collect::<Vec<_>>(), ["task Send quote", "activity Talked"]);
    assert_eq!(store.timeline(lead.reference(), 1, &ctx(&settings)).unwrap().len(), 1);
}

fn words(entry: &TimelineEntry) -> String {
    let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_text).unwrap_or("").to_owned();
    match &entry.what {
        Happened::Created => "created".to_owned(),
        Happened::Field { key, before, after } => format!("{key} {} > {}", text(before), text(after)),
        Happened::Activity(record) => format!("activity {}", record.display_name()),
        Happened::Task(record) => format!("task {}", record.display_name()),
        Happened::File(record) => format!("file {}", record.display_name()),
        Happened::Edited { key, before, after, .. } => format!("edited {key} {} > {}", text(before), text(after)),
    }
}

#[test]
fn a_page_brings_heads_conflicts_problems_and_what_belongs_to_it() {
    let acme = build::account("Acme").record();
    let (bob, eve) = (build::contact("Bob").at(&acme).record(), build::contact("Eve").record());
    let lead = build::lead("Website").at(&acme).with_contact(&bob);
    let lead = lead.with(&format!("contacts/{}", eve.id), "Buyer").record();
    let task = build::task("Call", &lead).record();
    let mut store = holding(&[&ada(), &acme, &bob, &eve, &lead, &task]);
    let value = |text: &str, actor| StoredConflictValue { value: Some(text.into()), actor: [actor; 16], at: ago(1) };
    let conflicts = [StoredConflict { key: "source".into(), values: vec![value("a", 1), value("b", 2)] }];
    let problems = [FieldProblem::new("probability", "must be between 0 and 100")];
    let heads = [hash(9), hash(3)];
    let done: Result<(), StoreError> = store.write(|tx| {
        tx.bind_actor(lead.id, [1; 16], build::ME, DeviceId::from_bytes([4; 16]))?;
        let shown = Projection { heads: &heads, conflicts: &conflicts, problems: &problems, ..shown(&lead) };
        tx.project(&shown)
    });
    done.unwrap();
    let settings = Settings::default();

    let page = store.detail(lead.reference(), &ctx(&settings)).unwrap().unwrap();

    assert_eq!(page.heads, [hash(3), hash(9)]);
    assert_eq!(page.problems, problems);
    assert!(page.row.conflicted);
    assert_eq!(page.conflicts[0].values[0].author.name, "Ada");
    assert_eq!(page.conflicts[0].values[1].author.user, None);
    assert_eq!(store.conflicts(&ctx(&settings)).unwrap(), page.conflicts);
    let names = |kind| {
        page.related.get(&kind).map_or(vec![], |rows| rows.iter().map(|row| row.record.display_name()).collect())
    };
    assert_eq!(names(Kind::Task), ["Call"]);
    assert_eq!(names(Kind::Contact).len(), 2);
    for (record, kind) in [(&bob, Kind::Lead), (&eve, Kind::Lead), (&acme, Kind::Lead), (&acme, Kind::Contact)] {
        let page = store.detail(record.reference(), &ctx(&settings)).unwrap().unwrap();
        assert_eq!(page.related[&kind].len(), 1, "{} has a {kind}", record.display_name());
    }
    assert_eq!(store.detail(RecordRef::new(Kind::Lead, bob.id), &ctx(&settings)).unwrap(), None);
}

#[test]
fn search_finds_tata_in_tototata_and_ranks_by_how_well_it_matches() {
    let records = [
        build::lead("Inside of a nototallword").record(),
        build::lead("The tall one").record(),
        build::lead("Tall order").in_stage("won").record(),
        build::lead("tall").record(),
        build::lead("Tall tale").record(),
        build::account("TotoTata").record(),
        build::lead("Tall trash").with("deleted_at", build::now()).record(),
    ];
    let store = holding(&records.iter().collect::<Vec<_>>());
    let settings = Settings::default();
    let found = |text: &str, kinds: &[Kind], limit| {
        let hits = store.search(text, kinds, limit, &ctx(&settings)).unwrap();
        hits.into_iter().map(|hit| hit.title).collect::<Vec<_>>()
    };

    assert_eq!(found("tata", &[], 5), ["TotoTata"]);
    assert_eq!(found("TÁLL", &[], 5), ["tall", "Tall tale", "Tall order", "The tall one", "Inside of a nototallword"]);
    assert_eq!(found("tall", &[], 2), ["tall", "Tall tale"]);
    assert_eq!(found("tale tall", &[], 5), ["Tall tale"]);
    assert_eq!(found("ta", &[Kind::Account], 5), ["TotoTata"]);
    assert!(found("  ", &[], 5).is_empty());
}

#[test]
fn search_follows_every_write() {
    let acme = build::account("Acme").record();
    let bob = build::contact("Bob").at(&acme).with("phone", "+1 (212) 555-0147").record();
    let mut store = holding(&[&acme, &bob]);
    let settings = Settings::default();
    let found = |store: &Store, text: &str| {
        let hits = store.search(text, &[Kind::Contact], 5, &ctx(&settings)).unwrap();
        hits.into_iter().map(|hit| format!("{} ({})", hit.title, hit.subtitle)).collect::<Vec<_>>()
    };
    assert_eq!(found(&store, "acme"), ["Bob (Acme)"]);
    assert_eq!(found(&store, "212 5550147"), ["Bob (Acme)"]);

    let renamed = Record { fields: build::account("Zenith").record().fields, ..acme };
    project(&mut store, &renamed);
    assert!(found(&store, "acme").is_empty());
    assert_eq!(found(&store, "zenith"), ["Bob (Zenith)"]);

    store.write(|tx| tx.unproject(bob.id)).unwrap();
    assert!(found(&store, "zenith").is_empty());
}

#[test]
fn the_overview_counts_what_matters_today() {
    let date = |month, day| Date::new(2026, month, day).unwrap();
    let lead = |title: &str, stage: &str| build::lead(title).in_stage(stage).worth(1000).with("probability", 25);
    let open = lead("open", "new").with("sample", true).record();
    let now = build::now();
    let due = |title: &str, at| build::task(title, &open).due(at);
    let records = [
        lead("won", "won").with("closed_on", date(3, 31)).with("closed_value_cents", 1_200).record(),
        lead("won before", "won").with("closed_on", date(2, 28)).record(),
        lead("archived", "new").with("archived_at", now).record(),
        lead("deleted", "new").with("deleted_at", now).record(),
        due("overdue", ago(3)).record(),
        due("tonight", "2026-03-02T23:59:59Z".parse().unwrap()).record(),
        due("tomorrow", "2026-03-03T00:00:00Z".parse().unwrap()).record(),
        due("theirs", ago(1)).owned_by(UserId::from_bytes([7; 16])).record(),
        due("done", ago(1)).with("status", "done").record(),
    ];
    let store = holding(&records.iter().chain([&open]).collect::<Vec<_>>());

    let overview = store.overview(&ctx(&Settings::default())).unwrap();

    assert_eq!((overview.counts[&Kind::Lead], overview.counts[&Kind::Task]), (4, 5));
    assert_eq!((overview.open_cents, overview.weighted_cents), (1000, 250));
    assert_eq!((overview.won_this_month_cents, overview.tasks_due, overview.sample_records), (1200, 2, 1));
    assert_eq!(overview.today, Some(date(3, 2)));
}

#[test]
fn people_are_listed_by_name_and_the_settings_are_found() {
    let mut zoe = Record::new(Kind::User, RecordId::from_bytes([1; 16]));
    zoe.fields.insert("name".into(), "Zoë".into());
    let settings = Record {
        fields: model::settings::default_fields(),
        ..Record::new(Kind::Settings, model::settings::SETTINGS_ID)
    };
    let store = holding(&[&zoe, &ada(), &settings]);

    assert_eq!(store.users().unwrap(), [ada(), zoe]);
    assert_eq!(store.settings_record().unwrap(), Some(settings));
}

#[test]
fn a_page_counts_what_belongs_to_it_and_lists_open_tasks_before_done_ones() {
    let settings = Settings::default();
    let lead = build::lead("Website").record();
    let old = build::task("Still open", &lead).created(ago(900)).record();
    let done =
        (0..600).map(|n| build::task(&format!("Done {n}"), &lead).created(ago(1)).with("status", "done").record());
    let done: Vec<Record> = done.collect();
    let store = holding(&[&lead, &old].into_iter().chain(&done).collect::<Vec<_>>());

    let page = store.detail(lead.reference(), &ctx(&settings)).unwrap().unwrap();

    let tasks = &page.related[&Kind::Task];
    assert_eq!((tasks.len(), page.counts[&Kind::Task]), (500, 601));
    assert_eq!(tasks[0].record.id, old.id);
}

#[test]
fn a_pinned_activity_is_among_the_first_whatever_its_age() {
    let lead = build::lead("Website").record();
    let note = |text: &str, days| build::activity("note", text).about(&lead).with("occurred_at", ago(days));
    let pinned = note("Gate code", 700).with("pinned", true).record();
    let others: Vec<Record> = (1..20).map(|day| note(&format!("Said {day}"), day).record()).collect();
    let store = holding(&[&lead, &pinned].into_iter().chain(&others).collect::<Vec<_>>());
    let first = |part| {
        let page = store.timeline_page(lead.reference(), part, TimelineWindow { offset: 0, limit: 3 }).unwrap();
        matches!(&page[0].what, Happened::Activity(record) if record.id == pinned.id)
    };

    assert!(first(TimelinePart::Activities));
    assert!(!first(TimelinePart::Conversations));
}
