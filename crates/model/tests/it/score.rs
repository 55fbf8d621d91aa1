//! Next Best Action: the three vectors of PRODUCT 8.3 and the edges of each row.

use jiff::tz::TimeZone;
use model::build::{self, SeededIds};
use model::score::{
    Facts, LastActivity, LeadFacts, Points, Priority, Scored, Signal, TaskFacts, ValueTier, Viewpoint, median_cents,
    rank, score,
};
use model::time::DAY_MILLIS;
use model::{Date, IdSource, Kind, RecordId, RecordRef, Timestamp};
use proptest::prelude::*;

const HOUR_MILLIS: i64 = 3_600_000;
const MEDIAN: i64 = 250_000;

fn today() -> Date {
    build::now().date_in(&jiff::tz::TimeZone::UTC)
}

fn ago(millis: i64) -> Timestamp {
    build::now().plus_millis(-millis)
}

fn viewpoint() -> Viewpoint {
    Viewpoint { now: build::now(), today: today(), median_cents: MEDIAN }
}

fn task(days_ahead: i32, priority: Priority) -> TaskFacts {
    TaskFacts { id: RecordId::from_bytes([1; 16]), due: Some(today().plus_days(days_ahead)), priority }
}

/// A lead about which nothing asks for attention: touched an hour ago, a task far ahead.
fn calm() -> Facts {
    let lead = LeadFacts {
        weighted_cents: 0,
        stage_index: 0,
        rot_days: 7,
        created_at: ago(30 * DAY_MILLIS),
        last_activity: Some(LastActivity { at: ago(HOUR_MILLIS), inbound: false }),
        last_touched: ago(HOUR_MILLIS).date_in(&TimeZone::UTC),
        expected_close: None,
    };
    let subject = RecordRef::new(Kind::Lead, RecordId::from_bytes([9; 16]));
    Facts { subject, account: None, lead: Some(lead), open_tasks: vec![task(30, Priority::Medium)] }
}

fn with_lead(change: impl FnOnce(&mut LeadFacts)) -> Facts {
    let mut facts = calm();
    change(facts.lead.as_mut().expect("is a lead"));
    facts
}

fn signals(facts: &Facts) -> Vec<Signal> {
    score(facts, &viewpoint()).map_or(Vec::new(), |scored| scored.signals)
}

fn total(facts: &Facts) -> i64 {
    score(facts, &viewpoint()).map_or(0, |scored| scored.points.total())
}

// ---- Vectors

#[test]
fn vector_a_scores_83() {
    let mut facts = with_lead(|lead| {
        lead.stage_index = 3;
        lead.weighted_cents = 900_000;
        lead.last_touched = today().plus_days(-9);
        lead.expected_close = Some(today().plus_days(3));
    });
    facts.open_tasks = vec![task(-2, Priority::High)];

    let scored = score(&facts, &viewpoint()).expect("asks for attention");

    assert_eq!(scored.points, Points { top: 44, others: 6, value: 20, stage: 5, priority: 8 });
    assert_eq!(scored.points.to_string(), "44 + 6 + 20 + 5 + 8 = 83");
    assert_eq!(scored.reasons(), "2 days overdue · silent for 9 days · closes in 3d · 2× your median");
    assert_eq!(scored.button(), "Do or snooze");
}

#[test]
fn vector_b_scores_54() {
    let mut facts = with_lead(|lead| {
        lead.weighted_cents = 50_000;
        lead.created_at = ago(5 * HOUR_MILLIS);
        lead.last_touched = lead.created_at.date_in(&TimeZone::UTC);
        lead.last_activity = None;
    });
    facts.open_tasks.clear();

    let scored = score(&facts, &viewpoint()).expect("asks for attention");

    assert_eq!(scored.points, Points { top: 46, others: 3, value: 5, stage: 0, priority: 0 });
    assert_eq!(scored.points.total(), 54);
    assert_eq!(scored.reasons(), "new, not contacted yet · no next step");
}

#[test]
fn vector_c_scores_61() {
    let mut facts = with_lead(|lead| {
        lead.stage_index = 2;
        lead.weighted_cents = 250_000;
    });
    facts.open_tasks = vec![task(0, Priority::Medium)];

    let scored = score(&facts, &viewpoint()).expect("asks for attention");

    assert_eq!(scored.points, Points { top: 40, others: 0, value: 15, stage: 3, priority: 3 });
    assert_eq!(scored.points.total(), 61);
    assert_eq!(scored.reasons(), "due today");
}

// ---- Rows

#[test]
fn nothing_to_do_is_no_row() {
    assert_eq!(score(&calm(), &viewpoint()), None);
}

#[test]
fn a_reply_waits_after_four_hours() {
    let waiting = |millis, inbound| {
        signals(&with_lead(|lead| lead.last_activity = Some(LastActivity { at: ago(millis), inbound })))
    };

    assert_eq!(waiting(4 * HOUR_MILLIS - 1, true), []);
    assert_eq!(waiting(4 * HOUR_MILLIS, true), [Signal::ReplyWaiting { days: 0 }]);
    assert_eq!(waiting(3 * DAY_MILLIS, true), [Signal::ReplyWaiting { days: 3 }]);
    assert_eq!(waiting(3 * DAY_MILLIS, false), []);
    let points = [0, 1, 4, 5, 90].map(|days| Signal::ReplyWaiting { days }.points());
    assert_eq!(points, [42, 44, 50, 50, 50]);
}

#[test]
fn never_contacted_is_fresh_for_48_hours_and_stands_for_silent() {
    let uncontacted = |millis| {
        signals(&with_lead(|lead| {
            lead.last_activity = None;
            lead.created_at = ago(millis);
            lead.last_touched = ago(millis).date_in(&TimeZone::UTC);
        }))
    };

    assert_eq!(uncontacted(48 * HOUR_MILLIS), [Signal::NeverContacted { fresh: true }]);
    assert_eq!(uncontacted(48 * HOUR_MILLIS + 1), [Signal::NeverContacted { fresh: false }]);
    assert_eq!(uncontacted(60 * DAY_MILLIS), [Signal::NeverContacted { fresh: false }]);
    assert_eq!([true, false].map(|fresh| Signal::NeverContacted { fresh }.points()), [46, 36]);
}

#[test]
fn overdue_tasks_grow_for_a_week_and_fade_after_a_month() {
    let points = [1, 2, 7, 8, 30, 31, 400].map(|days| Signal::TaskOverdue { days }.points());

    assert_eq!(points, [42, 44, 54, 54, 54, 34, 34]);
    assert_eq!(Signal::TaskOverdue { days: 31 }.to_string(), "31 days overdue, reschedule or drop?");
}

#[test]
fn only_the_worst_task_counts() {
    let with_tasks = |open_tasks: Vec<TaskFacts>| Facts { open_tasks, ..calm() };
    let several = with_tasks(vec![
        task(0, Priority::High),
        task(-1, Priority::Low),
        task(-3, Priority::Medium),
        task(-40, Priority::High),
        task(9, Priority::High),
    ]);

    // 46 + 3 beats 40 + 8, 42 + 0 and 34 + 8.
    let scored = score(&several, &viewpoint()).expect("asks for attention");
    assert_eq!(scored.signals, [Signal::TaskOverdue { days: 3 }]);
    assert_eq!((scored.points.top, scored.points.priority), (46, 3));
    assert_eq!(total(&with_tasks(vec![task(0, Priority::Low)])), 40);
    assert_eq!(total(&with_tasks(vec![task(0, Priority::High)])), 48);
    assert_eq!(signals(&with_tasks(vec![task(1, Priority::High)])), []);
}

#[test]
fn a_task_without_a_day_is_a_next_step_all_the_same() {
    let undated = TaskFacts { due: None, ..task(0, Priority::High) };

    assert_eq!(signals(&Facts { open_tasks: vec![undated], ..calm() }), []);
    assert_eq!(signals(&Facts { open_tasks: vec![], ..calm() }), [Signal::NoNextStep]);
}

#[test]
fn an_expected_close_counts_when_it_is_near_or_has_passed() {
    let closing = |days| signals(&with_lead(|lead| lead.expected_close = Some(today().plus_days(days))));

    assert_eq!(closing(8), []);
    assert_eq!(closing(7), [Signal::ClosesSoon { days: 7 }]);
    assert_eq!(closing(0), [Signal::ClosesSoon { days: 0 }]);
    assert_eq!(closing(-1), [Signal::ClosePassed { days: 1 }]);
    assert_eq!([0, 3, 7].map(|days| Signal::ClosesSoon { days }.points()), [34, 28, 20]);
    assert_eq!([1, 10, 11, 300].map(|days| Signal::ClosePassed { days }.points()), [39, 48, 48, 48]);
}

#[test]
fn silence_counts_from_the_stages_days_unless_a_task_falls_due_within_as_many() {
    let silent = |days: i64, rot_days: u32, due_days: i32| {
        let mut facts = with_lead(|lead| {
            lead.last_touched = ago(days * DAY_MILLIS).date_in(&TimeZone::UTC);
            lead.rot_days = rot_days;
        });
        facts.open_tasks = vec![task(due_days, Priority::Low)];
        signals(&facts).into_iter().filter(|signal| matches!(signal, Signal::Silent { .. })).collect::<Vec<_>>()
    };

    assert_eq!(silent(6, 7, 30), []);
    assert_eq!(silent(7, 7, 30), [Signal::Silent { idle_days: 7, rot_days: 7 }]);
    assert_eq!(silent(9, 7, 8), [Signal::Silent { idle_days: 9, rot_days: 7 }]);
    assert_eq!(silent(9, 7, 7), []);
    assert_eq!(silent(9, 7, 0), []);
    assert_eq!(silent(9, 7, -1), [Signal::Silent { idle_days: 9, rot_days: 7 }]);
    assert_eq!(silent(900, 0, 30), []);
    assert_eq!([7, 9, 19, 99].map(|idle_days| Signal::Silent { idle_days, rot_days: 7 }.points()), [28, 30, 40, 40]);
}

#[test]
fn at_most_three_other_signals_count() {
    let mut facts = with_lead(|lead| {
        lead.last_activity = Some(LastActivity { at: ago(20 * DAY_MILLIS), inbound: true });
        lead.last_touched = today().plus_days(-20);
        lead.expected_close = Some(today().plus_days(-4));
    });
    facts.open_tasks = vec![task(-1, Priority::Low)];
    let scored = score(&facts, &viewpoint()).expect("asks for attention");
    assert_eq!((scored.signals.len(), scored.points.others), (4, 9));

    facts.open_tasks.clear();
    assert_eq!(score(&facts, &viewpoint()).map(|scored| (scored.signals.len(), scored.points.others)), Some((4, 9)));
}

#[test]
fn value_is_measured_against_the_median() {
    let tier = |weighted_cents, median_cents| {
        let facts = Facts { open_tasks: vec![], ..with_lead(|lead| lead.weighted_cents = weighted_cents) };
        let scored = score(&facts, &Viewpoint { median_cents, ..viewpoint() }).expect("asks for attention");
        (scored.tier, scored.points.value)
    };

    assert_eq!(tier(1_000_000, MEDIAN), (ValueTier::Fourfold, 25));
    assert_eq!(tier(999_999, MEDIAN), (ValueTier::Double, 20));
    assert_eq!(tier(500_000, MEDIAN), (ValueTier::Double, 20));
    assert_eq!(tier(250_000, MEDIAN), (ValueTier::Same, 15));
    assert_eq!(tier(249_999, MEDIAN), (ValueTier::Half, 10));
    assert_eq!(tier(125_000, MEDIAN), (ValueTier::Half, 10));
    assert_eq!(tier(124_999, MEDIAN), (ValueTier::Small, 5));
    assert_eq!(tier(1, MEDIAN), (ValueTier::Small, 5));
    assert_eq!(tier(0, MEDIAN), (ValueTier::None, 0));
    assert_eq!(tier(0, 0), (ValueTier::None, 0));
    assert_eq!(tier(1, 0), (ValueTier::Fourfold, 25));
    assert_eq!(tier(i64::MAX, i64::MAX), (ValueTier::Same, 15));
}

#[test]
fn stages_behind_the_fourth_count_like_it() {
    let stage = |stage_index| {
        let facts = Facts { open_tasks: vec![], ..with_lead(|lead| lead.stage_index = stage_index) };
        score(&facts, &viewpoint()).map(|scored| scored.points.stage)
    };

    assert_eq!([0, 1, 2, 3, 4, 9].map(stage), [0, 1, 3, 5, 5, 5].map(Some));
}

#[test]
fn a_lone_task_is_scored_without_a_lead() {
    let subject = RecordRef::new(Kind::Task, RecordId::from_bytes([1; 16]));
    let lone = |days| Facts { subject, account: None, lead: None, open_tasks: vec![task(days, Priority::High)] };

    assert_eq!(total(&lone(-1)), 50);
    assert_eq!(score(&lone(1), &viewpoint()), None);
}

#[test]
fn the_score_ends_at_100() {
    let points = Points { top: 54, others: 9, value: 25, stage: 5, priority: 8 };

    assert_eq!((points.total(), points.to_string().as_str()), (100, "54 + 9 + 25 + 5 + 8 = 100"));
}

#[test]
fn the_median_is_a_whole_number() {
    assert_eq!(median_cents(vec![]), 0);
    assert_eq!(median_cents(vec![7]), 7);
    assert_eq!(median_cents(vec![9, 1, 5]), 5);
    assert_eq!(median_cents(vec![4, 1, 9, 7]), 5);
    assert_eq!(median_cents(vec![i64::MAX, i64::MAX]), i64::MAX);
}

// ---- Order

fn row(ids: &mut SeededIds, points: i64, account: Option<RecordId>) -> Scored {
    let facts = Facts { open_tasks: vec![], account, ..calm() };
    let scored = score(&facts, &viewpoint()).expect("asks for attention");
    let subject = RecordRef::new(Kind::Lead, ids.fresh_record_id());
    Scored { subject, points: Points { top: points, ..scored.points }, ..scored }
}

#[test]
fn the_top_five_have_at_most_two_rows_of_one_account() {
    let mut ids = SeededIds::new(1);
    let acme = Some(RecordId::from_bytes([5; 16]));
    let rows = [(90, acme), (80, acme), (70, acme), (60, None), (50, None), (40, None), (30, None)];
    let rows = rows.map(|(points, account)| row(&mut ids, points, account));

    let ranking = rank(rows.into_iter().rev().collect());

    let points = |rows: &[Scored]| rows.iter().map(|row| row.points.top).collect::<Vec<_>>();
    assert_eq!(points(&ranking.top), [90, 80, 60, 50, 40]);
    assert_eq!(points(&ranking.more), [70, 30]);
}

#[test]
fn ties_are_settled_by_value_then_due_day_then_id() {
    let mut ids = SeededIds::new(1);
    let mut tied: Vec<Scored> = (0..5).map(|_| row(&mut ids, 50, None)).collect();
    tied.sort_by_key(|row| row.subject);
    tied[4].weighted_cents = 10;
    tied[3].task = Some(task(-2, Priority::Low));
    tied[2].task = Some(task(-1, Priority::Low));
    let expected = [4, 3, 2, 0, 1].map(|at| tied[at].subject);

    let ranking = rank(tied);

    assert_eq!(ranking.top.iter().map(|row| row.subject).collect::<Vec<_>>(), expected);
}

proptest! {
    #[test]
    fn scores_stay_within_their_bounds_whatever_the_facts(
        (weighted, stage_index, rot_days, created, touched) in (any::<i64>(), 0..9_usize, 0..100_u32, any::<i64>(), -90_000..90_000_i32),
        activity in proptest::option::of((any::<i64>(), any::<bool>())),
        close in proptest::option::of(-90_000..90_000_i32),
        due in proptest::collection::vec(-90_000..90_000_i32, 0..4),
    ) {
        let facts = Facts {
            lead: Some(LeadFacts {
                weighted_cents: weighted,
                stage_index,
                rot_days,
                created_at: Timestamp::from_millis(created),
                last_activity: activity.map(|(at, inbound)| LastActivity { at: Timestamp::from_millis(at), inbound }),
                last_touched: today().plus_days(touched),
                expected_close: close.map(|days| today().plus_days(days)),
            }),
            open_tasks: due.into_iter().map(|days| task(days, Priority::High)).collect(),
            ..calm()
        };
        if let Some(scored) = score(&facts, &viewpoint()) {
            prop_assert!((20..=100).contains(&scored.points.total()));
            prop_assert!(!scored.reasons().is_empty());
        }
    }
}
