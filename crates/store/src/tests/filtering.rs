//! Every comparison with every type of field, against a plain reading of what it means.

use model::query::{Condition, ListQuery, Op, Sort};
use model::{Date, Kind, RecordId, Timestamp, Value, build};
use proptest::prelude::*;

use super::*;

const OPS: [Op; 8] = [Op::Is, Op::IsNot, Op::Contains, Op::Empty, Op::NotEmpty, Op::Over, Op::Under, Op::Between];

fn day(day: i8) -> Date {
    Date::new(2026, 3, day).unwrap()
}

fn chip(field: &str, op: Op, values: &[Value]) -> Condition {
    Condition { field: field.to_owned(), op, values: values.to_vec() }
}

/// The titles of the leads (or names of others) that chips let through, in the list's order.
fn titles(store: &Store, kind: Kind, filter: &[Condition]) -> Vec<String> {
    let settings = Settings::default();
    let query = ListQuery {
        filter: filter.to_vec(),
        sort: vec![Sort { field: "name".into(), descending: false }],
        ..ListQuery::of(kind)
    };
    let list = store.list(&query, &ctx(&settings)).unwrap();
    assert_eq!(list.total, list.rows.len() as u64);
    list.rows.iter().map(|row| row.record.display_name()).collect()
}

/// A field, three values of it in ascending order, and one that is close to the first but not the same.
fn samples() -> Vec<(&'static str, [Value; 3])> {
    let id = |byte| Value::Id(RecordId::from_bytes([byte; 16]));
    vec![
        ("source", ["Ärger".into(), "event".into(), "Web site".into()]),
        ("import_ref", ["A-1".into(), "B-2".into(), "C-3".into()]),
        ("value_cents", [100.into(), 2_000.into(), 30_000.into()]),
        ("probability", [0.into(), 50.into(), 100.into()]),
        ("expected_close_date", [day(1).into(), day(2).into(), day(3).into()]),
        ("updated_at", [1, 86_400_000, 900_000_000_000].map(|millis| Timestamp::from_millis(millis).into())),
        ("account_id", [id(1), id(2), id(3)]),
        ("custom/budget", [5.into(), 60.into(), 700.into()]),
        ("custom/color", ["blue".into(), "Green".into(), "Röd".into()]),
        ("notes", ["alpha".into(), "beta".into(), "gamma".into()]),
    ]
}

#[test]
fn every_comparison_works_on_every_type_of_field() {
    for (field, [low, middle, high]) in samples() {
        let with = |title: &str, value: &Value| build::lead(title).with(field, value.clone()).record();
        let (a, b, c) = (with("a", &low), with("b", &middle), with("c", &high));
        let none = build::lead("none").record();
        let store = holding(&[&a, &b, &c, &none]);

        for op in OPS {
            let values = [middle.clone(), high.clone()];
            let expected: &[&str] = match op {
                Op::Is => &["b", "c"],
                Op::IsNot => &["a", "none"],
                Op::Contains => &["b", "c"],
                Op::Empty => &["none"],
                Op::NotEmpty => &["a", "b", "c"],
                Op::Over => &["c"],
                Op::Under => &["a"],
                Op::Between => &["b", "c"],
            };
            assert_eq!(titles(&store, Kind::Lead, &[chip(field, op, &values)]), expected, "{field} {op:?}");
        }
    }
}

#[test]
fn words_are_compared_without_case_and_accents_but_foreign_ids_exactly() {
    let store = holding(&[
        &build::lead("a").with("source", "Ärger & Söhne").with("import_ref", "Ab").record(),
        &build::lead("b").with("source", "other").with("import_ref", "aB").record(),
    ]);
    let cases = [
        (chip("source", Op::Contains, &["SOHNE".into()]), &["a"][..]),
        (chip("source", Op::Is, &["arger & sohne".into()]), &["a"]),
        (chip("source", Op::Is, &["arger".into()]), &[]),
        (chip("import_ref", Op::Is, &["Ab".into()]), &["a"]),
        (chip("import_ref", Op::Contains, &["AB".into()]), &["a", "b"]),
    ];
    for (chip, expected) in cases {
        assert_eq!(titles(&store, Kind::Lead, std::slice::from_ref(&chip)), expected, "{chip:?}");
    }
}

#[test]
fn a_flag_that_is_absent_is_no() {
    let store = holding(&[
        &build::lead("yes").with("probability_pinned", true).record(),
        &build::lead("no").with("probability_pinned", false).record(),
        &build::lead("none").record(),
    ]);
    let is = |value: Value| titles(&store, Kind::Lead, &[chip("probability_pinned", Op::Is, &[value])]);

    assert_eq!(is(true.into()), ["yes"]);
    assert_eq!(is(false.into()), ["no", "none"]);
    assert_eq!(is("true".into()), ["yes"]);
}

#[test]
fn sets_are_asked_for_their_members() {
    let store = holding(&[
        &build::lead("hot").with("tags/Hot", true).with("tags/VIP", true).record(),
        &build::lead("warm").with("tags/warm", true).record(),
        &build::lead("none").record(),
    ]);
    let cases = [
        (Op::Is, &["hot"][..], &["hot"][..]),
        (Op::Is, &["vip", "warm"], &["hot", "warm"]),
        (Op::IsNot, &["hot"], &["none", "warm"]),
        (Op::Contains, &["AR"], &["warm"]),
        (Op::Empty, &[], &["none"]),
        (Op::NotEmpty, &[], &["hot", "warm"]),
        (Op::Over, &["a"], &[]),
    ];
    for (op, words, expected) in cases {
        let values: Vec<Value> = words.iter().map(|word| (*word).into()).collect();
        for field in ["tag", "tags"] {
            assert_eq!(titles(&store, Kind::Lead, &[chip(field, op, &values)]), expected, "{field} {op:?} {words:?}");
        }
    }
}

#[test]
fn links_are_compared_by_id_or_by_the_name_people_see() {
    let acme = build::account("Acme Süd").record();
    let other = build::account("Other").record();
    let store = holding(&[
        &acme,
        &other,
        &build::lead("a").at(&acme).record(),
        &build::lead("b").at(&other).record(),
        &build::lead("none").record(),
    ]);
    let by = |op, value: Value| titles(&store, Kind::Lead, &[chip("account_id", op, &[value])]);

    assert_eq!(by(Op::Is, acme.id.into()), ["a"]);
    assert_eq!(by(Op::Is, acme.id.to_string().into()), ["a"]);
    assert_eq!(by(Op::Is, "acme sud".into()), ["a"]);
    assert_eq!(by(Op::Contains, "sud".into()), ["a"]);
    assert_eq!(by(Op::IsNot, "Acme Süd".into()), ["b", "none"]);
}

#[test]
fn a_date_covers_its_whole_day_in_the_workspaces_zone() {
    let zone = "America/New_York";
    let settings = Settings { time_zone: zone.into(), ..Settings::default() };
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let store = holding(&[
        &build::lead("before").with("updated_at", at("2026-03-02T04:59:59Z")).record(),
        &build::lead("first").with("updated_at", at("2026-03-02T05:00:00Z")).record(),
        &build::lead("last").with("updated_at", at("2026-03-03T04:59:59.999Z")).record(),
        &build::lead("after").with("updated_at", at("2026-03-03T05:00:00Z")).record(),
    ]);
    let by = |op, values: &[Value]| {
        let query = ListQuery {
            filter: vec![chip("updated_at", op, values)],
            sort: vec![Sort { field: "updated_at".into(), descending: false }],
            ..ListQuery::of(Kind::Lead)
        };
        let list = store.list(&query, &ctx(&settings)).unwrap();
        list.rows.iter().map(|row| row.record.text("title").to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(by(Op::Is, &[day(2).into()]), ["first", "last"]);
    assert_eq!(by(Op::Is, &["2026-03-02".into()]), ["first", "last"]);
    assert_eq!(by(Op::Over, &[day(2).into()]), ["after"]);
    assert_eq!(by(Op::Under, &[day(2).into()]), ["before"]);
    assert_eq!(by(Op::Between, &[day(1).into(), day(2).into()]), ["before", "first", "last"]);
}

#[test]
fn trash_archive_and_merged_stay_out_unless_a_chip_asks_for_them() {
    let twin = build::lead("kept").record();
    let store = holding(&[
        &twin,
        &build::lead("deleted").with("deleted_at", build::now()).record(),
        &build::lead("archived").with("archived_at", build::now()).record(),
        &build::lead("merged").with("merged_into", twin.id).record(),
    ]);

    assert_eq!(titles(&store, Kind::Lead, &[]), ["kept"]);
    assert_eq!(titles(&store, Kind::Lead, &[chip("deleted_at", Op::NotEmpty, &[])]), ["deleted"]);
    assert_eq!(titles(&store, Kind::Lead, &[chip("archived_at", Op::NotEmpty, &[])]), ["archived"]);
    assert_eq!(titles(&store, Kind::Lead, &[chip("merged_into", Op::Is, &[twin.id.into()])]), ["merged"]);
}

#[test]
fn derived_fields_can_be_asked_for() {
    let now = build::now();
    let ago = |days: i64| now.plus_millis(-days * model::time::DAY_MILLIS);
    let old = build::lead("old").created(ago(30)).record();
    let planned = build::lead("planned").created(ago(30)).record();
    let fresh = build::lead("fresh").created(ago(1)).record();
    let touched = build::lead("touched").created(ago(30)).record();
    let won = build::lead("won").created(ago(30)).in_stage("won").record();
    let mut store = holding(&[
        &old,
        &planned,
        &fresh,
        &touched,
        &won,
        &build::task("Call", &planned).due(now.plus_millis(1)).record(),
    ]);
    let call = build::activity("call", "Talked").about(&touched).with("occurred_at", ago(2)).record();
    project(&mut store, &call);

    let cases = [
        (chip("rotting", Op::Is, &[true.into()]), &["old"][..]),
        (chip("no_next_step", Op::Is, &[true.into()]), &["fresh", "old", "touched"]),
        (chip("no_next_step", Op::Is, &[false.into()]), &["planned", "won"]),
        (chip("status", Op::Is, &["closed_won".into()]), &["won"]),
        (chip("status", Op::IsNot, &["open".into()]), &["won"]),
        (chip("stage", Op::Is, &["new".into()]), &["fresh", "old", "planned", "touched"]),
        (chip("last_touch_at", Op::NotEmpty, &[]), &["touched"]),
        (chip("last_touch_at", Op::Over, &[ago(3).into()]), &["touched"]),
        (chip("next_task_due", Op::Over, &[now.into()]), &["planned"]),
        (chip("stage_entered_at", Op::Over, &[ago(2).into()]), &["fresh"]),
        (chip("id", Op::Is, &[old.id.into()]), &["old"]),
        (chip("name", Op::Contains, &["OL".into()]), &["old"]),
    ];
    for (chip, expected) in cases {
        assert_eq!(titles(&store, Kind::Lead, std::slice::from_ref(&chip)), expected, "{chip:?}");
    }
}

#[test]
fn who_was_never_touched_is_silent_since_its_creation() {
    let now = build::now();
    let ago = |days: i64| now.plus_millis(-days * model::time::DAY_MILLIS);
    let old = build::account("Old").created(ago(70)).record();
    let new = build::account("New").created(ago(3)).record();
    let touched = build::account("Touched").created(ago(70)).record();
    let call = build::activity("call", "Hello").about(&touched).with("occurred_at", ago(2)).record();
    let contact = build::contact("Ada Lovelace").created(ago(70)).at(&touched).record();
    let store = holding(&[&old, &new, &touched, &call, &contact]);

    let silent = chip("idle_since", Op::Under, &[ago(60).into()]);
    assert_eq!(titles(&store, Kind::Account, std::slice::from_ref(&silent)), ["Old"]);
    assert_eq!(titles(&store, Kind::Contact, &[silent]), ["Ada Lovelace"]);
    let lonely = chip("contact_count", Op::Is, &[0.into()]);
    assert_eq!(titles(&store, Kind::Account, &[lonely]), ["New", "Old"]);
}

#[test]
fn the_filter_the_rows_and_the_rule_agree_on_what_rots_also_where_clocks_change() {
    let now = Timestamp::from_millis(build::now().as_millis() + 7 * model::time::DAY_MILLIS);
    let settings = Settings { time_zone: "America/New_York".to_owned(), ..Settings::default() };
    let zone = settings.zone();
    let today = now.date_in(&zone);
    let hours = |hours: i64| now.plus_millis(hours * 3_600_000);
    let mut records = Vec::new();
    for (index, touched) in (-12..=0).map(|step| step * 13).enumerate() {
        for due in [None, Some(-20), Some(5), Some(70), Some(75), Some(90)] {
            let lead = build::lead(&format!("{index} {due:?}")).created(hours(touched)).record();
            let due = due.map(|due| build::task(&format!("task {index} {due}"), &lead).due(hours(due)).record());
            records.push((lead, due));
        }
    }
    let all: Vec<&Record> = records.iter().flat_map(|(lead, task)| std::iter::once(lead).chain(task)).collect();
    let mut store = holding(&all);
    store.write(|tx| tx.set_settings(&settings)).unwrap();
    let ctx = QueryContext { now, me: build::ME, settings: &settings };
    let limit = settings.stage("new").unwrap().rot_days;

    let filter = vec![chip("rotting", Op::Is, &[true.into()])];
    let found = store.list(&ListQuery { filter, limit: 500, ..ListQuery::of(Kind::Lead) }, &ctx).unwrap();

    let found: Vec<RecordId> = found.rows.iter().map(|row| row.record.id).collect();
    for (lead, task) in &records {
        let day = |record: &Record, key: &str| record.time(key).map(|at| at.date_in(&zone));
        let due = task.as_ref().and_then(|task| day(task, "due_at"));
        let rots = model::rot::rotting_days(today, day(lead, "created_at").unwrap(), limit, due).is_some();
        assert_eq!(found.contains(&lead.id), rots, "{}", lead.display_name());
        assert_eq!(store.row(lead.reference(), &ctx).unwrap().unwrap().rotting, rots, "{}", lead.display_name());
    }
    assert!(!found.is_empty() && found.len() < records.len());
}

#[test]
fn accounts_can_be_asked_for_their_leads() {
    let (acme, other) = (build::account("Acme").record(), build::account("Other").record());
    let store = holding(&[
        &acme,
        &other,
        &build::lead("a").at(&acme).worth(500).record(),
        &build::lead("b").at(&acme).worth(700).in_stage("won").record(),
        &build::lead("c").at(&acme).worth(900).with("deleted_at", build::now()).record(),
    ]);

    assert_eq!(titles(&store, Kind::Account, &[chip("open_leads", Op::Over, &[0.into()])]), ["Acme"]);
    assert_eq!(titles(&store, Kind::Account, &[chip("won_cents", Op::Is, &[700.into()])]), ["Acme"]);
    assert_eq!(titles(&store, Kind::Account, &[chip("open_cents", Op::Is, &[0.into()])]), ["Other"]);
}

#[test]
fn a_field_that_no_kind_has_is_an_error_and_never_reaches_sql() {
    let store = holding(&[]);
    let settings = Settings::default();
    for field in ["nonsense", "title; DROP TABLE lead", "title/x", "n", "touch_at", "rotting"] {
        let query = ListQuery { filter: vec![chip(field, Op::Empty, &[])], ..ListQuery::of(Kind::Task) };
        let sorted =
            ListQuery { sort: vec![Sort { field: field.into(), descending: true }], ..ListQuery::of(Kind::Task) };
        for query in [query, sorted] {
            let answer = store.list(&query, &ctx(&settings));
            assert!(matches!(answer, Err(StoreError::UnknownField { .. })), "{field}");
        }
    }
}

#[test]
fn a_chip_without_values_lets_nothing_through_but_the_negation() {
    let store = holding(&[&build::lead("a").worth(5).record()]);
    for op in [Op::Is, Op::Contains, Op::Over, Op::Under, Op::Between] {
        assert!(titles(&store, Kind::Lead, &[chip("value_cents", op, &[])]).is_empty(), "{op:?}");
    }
    assert_eq!(titles(&store, Kind::Lead, &[chip("value_cents", Op::IsNot, &[])]), ["a"]);
}

#[test]
fn a_chip_may_hold_thousands_of_values() {
    let lead = build::lead("a").with("tags/hot", true).record();
    let store = holding(std::slice::from_ref(&&lead));
    let ids = (0..5_000_u128).map(|n| Value::Id(RecordId::from_bytes(n.to_be_bytes()))).chain([lead.id.into()]);
    let words = (0..5_000).map(|n| Value::Text(format!("tag {n}"))).chain(["hot".into()]);

    assert_eq!(titles(&store, Kind::Lead, &[chip("id", Op::Is, &ids.collect::<Vec<_>>())]), ["a"]);
    assert_eq!(titles(&store, Kind::Lead, &[chip("tag", Op::Is, &words.collect::<Vec<_>>())]), ["a"]);
}

#[test]
fn every_field_can_be_filtered_and_sorted_by() {
    let store = holding(&[]);
    let settings = Settings::default();
    for kind in Kind::ALL {
        let derived: &[&str] = match kind {
            Kind::Lead => &["stage", "status", "rotting", "last_touch_at", "stage_entered_at", "weighted_cents", "tag"],
            Kind::Account => &["open_leads", "open_cents", "won_cents", "contact_count", "idle_since", "files"],
            _ => &["name", "id", "pending", "conflicted"],
        };
        let fields = kind.fields().iter().map(|field| field.key).chain(derived.iter().copied());
        for field in fields {
            let filter = OPS.map(|op| chip(field, op, &["x".into(), 3.into(), day(1).into()])).to_vec();
            let sort = vec![Sort { field: field.into(), descending: true }];
            let query = ListQuery { filter, sort, text: "x".into(), ..ListQuery::of(kind) };
            assert!(store.list(&query, &ctx(&settings)).is_ok(), "{kind}.{field}");
        }
    }
}

#[test]
fn what_has_no_value_comes_last_in_either_direction() {
    let (zeta, alpha) = (build::account("Zeta").record(), build::account("Älpha").record());
    let store = holding(&[
        &zeta,
        &alpha,
        &build::lead("z").at(&zeta).worth(1).record(),
        &build::lead("a").at(&alpha).worth(2).record(),
        &build::lead("none").record(),
    ]);
    let settings = Settings::default();
    let sorted = |field: &str, descending| {
        let sort = vec![Sort { field: field.into(), descending }];
        let list = store.list(&ListQuery { sort, ..ListQuery::of(Kind::Lead) }, &ctx(&settings)).unwrap();
        list.rows.iter().map(|row| row.record.text("title").to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(sorted("account_id", false), ["a", "z", "none"]);
    assert_eq!(sorted("account_id", true), ["z", "a", "none"]);
    assert_eq!(sorted("value_cents", false), ["z", "a", "none"]);
    assert_eq!(sorted("value_cents", true), ["a", "z", "none"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_chip_makes_the_store_fail(text in ".{0,12}", number: i64, op in 0..OPS.len(), field in "[a-z_/]{1,12}|custom/.{0,6}") {
        let store = holding(&[&build::lead("a").with("custom/x", 1).record()]);
        let settings = Settings::default();
        let values = [Value::Text(text.clone()), Value::Int(number), Value::Time(Timestamp::from_millis(number))];
        for known in ["title", "value_cents", "expected_close_date", "created_at", "owner_id", "tags", "custom/x", &field] {
            let filter = vec![chip(known, OPS[op], &values)];
            let answer = store.list(&ListQuery { filter, text: text.clone(), ..ListQuery::of(Kind::Lead) }, &ctx(&settings));
            prop_assert!(matches!(answer, Ok(_) | Err(StoreError::UnknownField { .. })), "{known}: {answer:?}");
        }
    }
}
