//! Leaderboard.

use model::report::{ActivityFacts, FileFacts, Leaderboard, LeaderboardRow, Name, Question, Sum, TaskFacts};

use super::*;

const NOW: &str = "2026-03-20T12:00:00Z";

fn march() -> Question {
    ask(Name::Leaderboard, "2026-03-01..2026-03-31")
}

fn activity(number: u8, owner: UserId, of: &str, when: &str) -> ActivityFacts {
    let id = RecordId::from_bytes([number; 16]);
    ActivityFacts { id, owner: Some(owner), of: of.into(), at: at(when), minutes: 15, lead: None, imported: false }
}

fn task(number: u8, by: UserId, when: &str, lead: RecordId) -> TaskFacts {
    TaskFacts { id: RecordId::from_bytes([number; 16]), by: Some(by), at: at(when), lead: Some(lead), imported: false }
}

fn row(board: &Leaderboard, owner: UserId) -> LeaderboardRow {
    board.rows.iter().find(|row| row.owner == Some(owner)).cloned().expect("everybody has a row")
}

#[test]
fn what_people_did_is_counted_for_who_did_it() {
    let one = lead(1);
    let two = lead(2).of(BEN).worth(900).won("2026-03-10T12:00:00Z", "2026-03-10");
    let mut facts = facts(BERLIN, NOW, &[&one, &two]);
    facts.activities = vec![
        ActivityFacts { lead: Some(one.id()), ..activity(10, ANA, "call", "2026-03-03T12:00:00Z") },
        ActivityFacts { lead: Some(one.id()), ..activity(11, ANA, "email", "2026-03-04T12:00:00Z") },
        activity(12, BEN, "note", "2026-03-05T12:00:00Z"),
        // Planned, not done.
        activity(13, ANA, "meeting", "2026-03-25T12:00:00Z"),
        activity(14, ANA, "sms", "2026-02-25T12:00:00Z"),
    ];
    // Ben completed a task on Ana's lead.
    facts.tasks = vec![task(20, BEN, "2026-03-06T12:00:00Z", one.id())];
    facts.files = vec![FileFacts { by: Some(ANA), at: at("2026-03-07T12:00:00Z"), lead: two.id() }];

    let board = leaderboard_of(&march(), &facts);

    let ana = LeaderboardRow {
        owner: Some(ANA),
        name: "Ana".into(),
        calls: 1,
        emails: 1,
        activities: 2,
        call_minutes: 15,
        created: 1,
        touched: 2,
        ..LeaderboardRow::default()
    };
    let ben = LeaderboardRow {
        owner: Some(BEN),
        name: "Ben".into(),
        notes: 1,
        activities: 1,
        tasks: 1,
        created: 1,
        touched: 2,
        won: Sum { leads: 1, cents: 900 },
        ..LeaderboardRow::default()
    };
    assert_eq!(board.rows, [ben, ana]);
}

#[test]
fn a_win_is_credited_to_the_owner_at_the_close_and_a_new_lead_to_its_first() {
    let one = lead(1).worth(5).won("2026-03-10T12:00:00Z", "2026-03-10").given("2026-03-11T12:00:00Z", BEN);
    let board = leaderboard_of(&march(), &facts(BERLIN, NOW, &[&one]));

    assert_eq!((row(&board, ANA).won.leads, row(&board, ANA).created), (1, 1));
    assert_eq!((row(&board, BEN).won.leads, row(&board, BEN).created), (0, 0));
}

#[test]
fn imports_count_only_when_asked() {
    let one = lead(1).imported("2026-03-02T12:00:00Z");
    let mut facts = facts(BERLIN, NOW, &[&one]);
    facts.activities = vec![ActivityFacts { imported: true, ..activity(10, ANA, "call", "2026-03-03T12:00:00Z") }];

    let without = leaderboard_of(&march(), &facts);
    let with = leaderboard_of(&Question { imports: true, ..march() }, &facts);

    assert_eq!((row(&without, ANA).calls, row(&without, ANA).created, without.imports_left_out), (0, 0, 2));
    assert_eq!((row(&with, ANA).calls, row(&with, ANA).created, with.imports_left_out), (1, 1, 0));
}

#[test]
fn one_person_has_nobody_to_be_compared_with_and_an_administrator_may_switch_it_off() {
    let mut alone = facts(BERLIN, NOW, &[&lead(1)]);
    alone.people[1].active = false;
    let board = leaderboard_of(&march(), &alone);
    assert_eq!((board.rows.len(), board.alone), (0, true));

    let mut off = facts(BERLIN, NOW, &[&lead(1)]);
    off.leaderboard_off = true;
    let board = leaderboard_of(&march(), &off);
    assert_eq!((board.rows.len(), board.switched_off), (0, true));
}

#[test]
fn days_are_those_of_the_workspace() {
    // 31 March 23:30 in Berlin, 14:30 in Los Angeles; an hour later it is April in Berlin.
    for (when, counts) in [("2026-03-31T21:30:00Z", [1, 1]), ("2026-03-31T22:30:00Z", [0, 1])] {
        for (zone, count) in ZONES.into_iter().zip(counts) {
            let mut facts = facts(zone, "2026-04-20T12:00:00Z", &[]);
            facts.activities = vec![activity(10, ANA, "call", when)];
            assert_eq!(row(&leaderboard_of(&march(), &facts), ANA).calls, count, "{zone} {when}");
        }
    }
}

#[test]
fn a_filter_by_source_asks_about_those_leads_only() {
    let (web, fair) = (lead(1).from("Website"), lead(2).from("Event"));
    let mut facts = facts(BERLIN, NOW, &[&web, &fair]);
    facts.activities = vec![
        ActivityFacts { lead: Some(web.id()), ..activity(10, ANA, "call", "2026-03-03T12:00:00Z") },
        ActivityFacts { lead: Some(fair.id()), ..activity(11, ANA, "call", "2026-03-03T12:00:00Z") },
        activity(12, ANA, "call", "2026-03-03T12:00:00Z"),
    ];
    let board = leaderboard_of(&Question { source: Some("website".into()), ..march() }, &facts);
    assert_eq!((row(&board, ANA).calls, row(&board, ANA).created), (1, 1));
}
