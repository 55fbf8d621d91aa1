//! Claims about Next Best Action: who is a candidate, what is known about it, and the order.

use model::query::NextBest;
use model::time::DAY_MILLIS;
use model::{Record, RecordId, Timestamp, UserId, build};

use super::*;

const SOMEBODY: UserId = UserId::from_bytes([7; 16]);

fn ago(days: i64) -> Timestamp {
    build::now().plus_millis(-days * DAY_MILLIS)
}

fn best(records: &[&Record], owner: Option<UserId>) -> NextBest {
    holding(records).next_best(owner, 50, &ctx(&Settings::default())).unwrap()
}

fn lines(best: &NextBest) -> Vec<String> {
    let line = |of: &model::query::NextAction| {
        format!("{} · {} · {}", of.row.record.display_name(), of.scored.points.total(), of.scored.reasons())
    };
    best.rows.iter().map(line).collect()
}

/// A lead of mine, created long ago and called yesterday.
fn called(title: &str, byte: u8) -> [Record; 2] {
    let lead = build::lead(title).with_id(RecordId::from_bytes([byte; 16])).created(ago(40)).record();
    let call = build::activity("call", title).about(&lead).with("occurred_at", ago(1)).record();
    [lead, call]
}

#[test]
fn leads_stand_by_urgency_and_say_why() {
    let [overdue, first_call] = called("Overdue", 1);
    let [unplanned, second_call] = called("Unplanned", 2);
    let fresh = build::lead("Fresh").created(ago(0)).record();
    let task = build::task("Send quote", &overdue).due(ago(2)).with("priority", "high").record();

    let best = best(&[&overdue, &first_call, &unplanned, &second_call, &fresh, &task], Some(build::ME));

    assert_eq!(
        lines(&best),
        [
            "Overdue · 52 · 2 days overdue",
            "Fresh · 49 · new, not contacted yet · no next step",
            "Unplanned · 30 · no next step"
        ]
    );
    assert_eq!(best.rows[0].task.as_ref().map(|task| task.title.as_str()), Some("Send quote"));
    assert_eq!((best.top, best.total), (3, 3));
}

#[test]
fn an_answer_that_waits_is_known_by_the_latest_activity() {
    let [lead, call] = called("Lead", 1);
    let reply = build::activity("email", "Yes").about(&lead).with("occurred_at", ago(1).plus_millis(60_000));
    let reply = reply.with("direction", "in").record();
    let planned = build::task("Later", &lead).due(build::now().plus_millis(20 * DAY_MILLIS)).record();

    let best = best(&[&lead, &call, &reply, &planned], Some(build::ME));

    assert_eq!(lines(&best), ["Lead · 42 · reply waiting"]);
}

#[test]
fn other_peoples_leads_count_only_with_a_task_of_mine() {
    let theirs = build::lead("Theirs").owned_by(SOMEBODY).record();
    let helped = build::lead("Helped").owned_by(SOMEBODY).record();
    let task = build::task("Help", &helped).due(ago(1)).record();
    let records = [&theirs, &helped, &task];

    assert_eq!(best(&records, Some(build::ME)).total, 1);
    assert_eq!(best(&records, Some(SOMEBODY)).total, 2);
    assert_eq!(best(&records, None).total, 2);
}

#[test]
fn a_task_about_no_lead_stands_alone_and_closed_leads_do_not_stand() {
    let account = build::account("Acme").record();
    let lone = build::task("Send the contract", &account).due(ago(0)).record();
    let won = build::lead("Won").in_stage("won").record();

    let best = best(&[&account, &lone, &won], Some(build::ME));

    assert_eq!(best.rows.iter().map(|of| of.row.record.kind).collect::<Vec<_>>(), [model::Kind::Task]);
}

#[test]
fn a_task_about_a_closed_lead_stands_alone_unless_the_lead_is_thrown_away() {
    let won = build::lead("Won").in_stage("won").record();
    let thrown = build::lead("Thrown").with("deleted_at", ago(1)).record();
    let onboarding = build::task("Plan the onboarding", &won).due(ago(1)).record();
    let theirs = build::task("Send the invoice", &won).owned_by(SOMEBODY).due(ago(1)).record();
    let gone = build::task("Call back", &thrown).due(ago(1)).record();

    let best = best(&[&won, &thrown, &onboarding, &theirs, &gone], Some(build::ME));

    assert_eq!(lines(&best), ["Plan the onboarding · 45 · 1 day overdue"]);
}
