//! Sample data: complete, believable, repeatable.

use std::collections::{BTreeMap, BTreeSet};

use model::build::{self, SeededIds};
use model::sample::sample_edits;
use model::schema::check_record;
use model::time::DAY_MILLIS;
use model::{Edit, Fields, Kind, Value, rank};

fn sample(seed: u64, leads: u32) -> Vec<Edit> {
    sample_edits(&mut SeededIds::new(seed), build::ME, build::now(), leads)
}

fn of_kind(edits: &[Edit], kind: Kind) -> Vec<&Fields> {
    let created = edits.iter().filter(|edit| edit.record().kind == kind);
    created.map(|edit| if let Edit::Create { fields, .. } = edit { fields } else { panic!("{edit:?}") }).collect()
}

#[test]
fn every_sample_record_is_complete_and_marked() {
    for (seed, leads) in [(1, 500), (2, 500), (3, 1), (4, 7)] {
        for edit in sample(seed, leads) {
            let Edit::Create { record, fields } = &edit else { panic!("{edit:?}") };
            assert_eq!(check_record(record.kind, fields), vec![], "{edit:?}");
            assert_eq!(fields["sample"], Value::Bool(true));
            assert_eq!(fields["owner_id"], build::ME.into());
            let created = fields["created_at"].as_time().expect("is a time");
            assert!(created <= build::now() && build::now().millis_since(created) <= 190 * DAY_MILLIS);
        }
    }
}

#[test]
fn counts_follow_from_the_number_of_leads() {
    let edits = sample(1, 500);

    assert_eq!(of_kind(&edits, Kind::Lead).len(), 500);
    assert_eq!(of_kind(&edits, Kind::Account).len(), 125);
    assert!((200..=300).contains(&of_kind(&edits, Kind::Contact).len()));
    assert!((900..=1_600).contains(&of_kind(&edits, Kind::Activity).len()));
    assert!((250..=600).contains(&of_kind(&edits, Kind::Task).len()));
    assert_eq!(sample(1, 0), vec![]);
}

#[test]
fn every_default_stage_has_leads_and_closed_ones_say_how() {
    let edits = sample(1, 500);
    let leads = of_kind(&edits, Kind::Lead);
    let mut by_stage: BTreeMap<&str, usize> = BTreeMap::new();
    for lead in &leads {
        let place = lead["place"].as_text().expect("is text");
        let (stage, rank) = place.split_once('|').expect("has a rank");
        *by_stage.entry(stage).or_default() += 1;
        assert!(rank::between(None, Some(rank)).as_str() < rank);
        assert_eq!(lead.contains_key("closed_on"), matches!(stage, "won" | "lost"));
        assert_eq!(lead.contains_key("closed_value_cents"), stage == "won");
        assert_eq!(lead.contains_key("lost_reason"), stage == "lost");
    }

    assert_eq!(
        by_stage.keys().copied().collect::<Vec<_>>(),
        ["lost", "negotiation", "new", "proposal", "qualified", "won"]
    );
    assert!(by_stage.values().all(|count| *count >= 30), "{by_stage:?}");
    let places: BTreeSet<_> = leads.iter().map(|lead| &lead["place"]).collect();
    assert_eq!(places.len(), leads.len());
}

#[test]
fn no_account_has_two_leads_of_one_title_and_no_two_people_share_an_address() {
    let edits = sample(5, 3_000);
    let titles: BTreeSet<_> =
        of_kind(&edits, Kind::Lead).iter().map(|lead| (lead["account_id"].clone(), lead["title"].clone())).collect();
    let contacts = of_kind(&edits, Kind::Contact);
    let emails: BTreeSet<_> = contacts.iter().map(|contact| contact["email"].clone()).collect();
    let accounts = of_kind(&edits, Kind::Account);
    let names: BTreeSet<_> = accounts.iter().map(|account| account["name"].clone()).collect();

    assert_eq!(titles.len(), 3_000);
    assert_eq!(emails.len(), contacts.len());
    assert_eq!(names.len(), accounts.len());
}

#[test]
fn some_tasks_are_overdue_some_due_today_and_some_ahead() {
    let edits = sample(1, 500);
    let today = build::now().as_millis().div_euclid(DAY_MILLIS);
    let open = of_kind(&edits, Kind::Task).into_iter().filter(|task| task["status"] == "open".into());
    let days: Vec<i64> = open
        .map(|task| task["due_at"].as_time().expect("is a time").as_millis().div_euclid(DAY_MILLIS) - today)
        .collect();

    for (name, count) in [
        ("overdue", days.iter().filter(|days| **days < 0).count()),
        ("today", days.iter().filter(|days| **days == 0).count()),
        ("ahead", days.iter().filter(|days| **days > 0).count()),
    ] {
        assert!(count > 10, "{name}: {count}");
    }
}

#[test]
fn nothing_was_said_after_a_lead_was_closed_or_before_it_existed() {
    let edits = sample(8, 400);
    let created = edits.iter().map(|edit| match edit {
        Edit::Create { record, fields } => (Value::Id(record.id), fields),
        _ => panic!("{edit:?}"),
    });
    let by_id: BTreeMap<Value, &Fields> = created.collect();
    for talk in of_kind(&edits, Kind::Activity) {
        let lead = by_id[&talk["lead_id"]];
        let on = talk["occurred_at"].as_time().expect("is a time").date_in(&jiff::tz::TimeZone::UTC);
        assert!(talk["occurred_at"] >= lead["created_at"]);
        let end = lead.get("closed_on").and_then(Value::as_date);
        assert!(end.is_none_or(|end| on <= end), "{talk:?} {lead:?}");
    }
}

#[test]
fn the_same_ids_make_the_same_data() {
    assert_eq!(sample(1, 40), sample(1, 40));
    assert_ne!(sample(1, 40), sample(2, 40));
}
