//! Pipeline summary.

use model::Settings;
use model::report::{Days, Name, Question, Stages};

use super::*;

const NOW: &str = "2026-03-20T12:00:00Z";

fn now() -> Question {
    Question::of(Name::Pipeline)
}

fn on(text: &str) -> Question {
    Question { as_of: Some(day(text)), ..now() }
}

#[test]
fn open_leads_are_summed_by_stage_and_weighted_once() {
    let leads = [
        lead(1).worth(1).likely(25),
        lead(2).worth(1).likely(25),
        lead(3).worth(10_000).likely(50).moved("2026-03-10T12:00:00Z", "proposal"),
        lead(4).worth(500).won("2026-03-10T12:00:00Z", "2026-03-10"),
        lead(5).worth(700).lost("2026-03-10T12:00:00Z", "2026-03-10", "Price"),
    ];
    for zone in ZONES {
        let summary = pipeline_of(&now(), &facts(zone, NOW, &leads.each_ref()));

        let stages: Vec<(&str, u64, i64, i64)> = summary
            .stages
            .iter()
            .map(|row| (row.stage.as_str(), row.leads, row.value_cents, row.weighted_cents))
            .collect();
        let expected =
            [("new", 2, 2, 1), ("qualified", 0, 0, 0), ("proposal", 1, 10_000, 5_000), ("negotiation", 0, 0, 0)];
        assert_eq!(stages, expected);
        assert_eq!((summary.total.leads, summary.total.value_cents, summary.total.weighted_cents), (3, 10_002, 5_001));
        assert!(summary.is_now);
    }
}

#[test]
fn days_in_stage_are_local_days_and_their_median_is_told() {
    // Entered late on the 9th in Los Angeles, early on the 10th in Berlin.
    let leads = [
        lead(1),
        lead(2).moved("2026-03-10T06:00:00Z", "qualified"),
        lead(3).moved("2026-03-15T12:00:00Z", "qualified"),
    ];
    for (zone, median) in [(BERLIN, 75), (LOS_ANGELES, 80)] {
        let summary = pipeline_of(&now(), &facts(zone, NOW, &leads.each_ref()));

        assert_eq!(summary.stages[0].in_stage, Days { n: 1, mean_tenths: Some(180), median_tenths: Some(180) });
        assert_eq!(summary.stages[1].in_stage.median_tenths, Some(median), "{zone}");
        assert_eq!(summary.stages[2].in_stage, Days::default());
    }
}

#[test]
fn what_rots_has_no_next_step_or_no_value_is_counted() {
    let leads = [
        lead(1).with(|lead| lead.rotting = true),
        lead(2).worth(5).with(|lead| lead.has_next_step = false),
        lead(3).worth(5),
    ];
    let summary = pipeline_of(&now(), &facts(BERLIN, NOW, &leads.each_ref()));

    let row = &summary.stages[0];
    assert_eq!((row.rotting, row.no_next_step, row.without_value), (Some(1), Some(1), 1));
}

#[test]
fn a_past_day_is_told_from_history() {
    let leads = [
        // New and worth 100 until the 10th; then 900 in Proposal, then won.
        lead(1)
            .worth(100)
            .likely(10)
            .revalued("2026-03-10T12:00:00Z", 900)
            .moved("2026-03-10T12:00:00Z", "proposal")
            .won("2026-03-15T12:00:00Z", "2026-03-15"),
        lead(2).worth(50).created("2026-03-12T12:00:00Z"),
    ];
    for zone in ZONES {
        let facts = facts(zone, NOW, &leads.each_ref());

        let early = pipeline_of(&on("2026-03-09"), &facts);
        assert_eq!((early.stages[0].leads, early.stages[0].value_cents, early.stages[0].weighted_cents), (1, 100, 10));
        assert_eq!(
            (early.total.leads, early.is_now, early.total.rotting, early.total.no_next_step),
            (1, false, None, None)
        );
        let later = pipeline_of(&on("2026-03-12"), &facts);
        assert_eq!((later.stages[0].value_cents, later.stages[2].value_cents), (50, 900));
        assert_eq!(later.stages[2].in_stage.median_tenths, Some(20));
        let closed = pipeline_of(&on("2026-03-15"), &facts);
        assert_eq!((closed.total.leads, closed.stages[2].leads), (1, 0));
        assert_eq!(pipeline_of(&on("2026-03-01"), &facts).total.leads, 0);
    }
}

#[test]
fn a_past_day_ends_at_midnight_of_the_workspace_on_both_sides_of_a_clock_change() {
    // Berlin leaves winter on 29 March 2026: that day ends at 22:00 UTC. Los Angeles left it on 8 March, whose end is
    // 07:00 UTC of the 9th.
    let check = |zone: &str, date: &str, last: &str, first_after: &str| {
        let before = lead(1).worth(1).created(last);
        let after = lead(2).worth(2).created(first_after);
        let summary = pipeline_of(&on(date), &facts(zone, "2026-06-01T12:00:00Z", &[&before, &after]));
        assert_eq!((summary.total.leads, summary.total.value_cents), (1, 1), "{zone} {date}");
    };
    check(BERLIN, "2026-03-28", "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z");
    check(BERLIN, "2026-03-29", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z");
    check(LOS_ANGELES, "2026-03-07", "2026-03-08T07:59:59Z", "2026-03-08T08:00:00Z");
    check(LOS_ANGELES, "2026-03-08", "2026-03-09T06:59:59Z", "2026-03-09T07:00:00Z");
}

#[test]
fn today_and_a_day_to_come_are_now() {
    let one = lead(1);
    let facts = facts(BERLIN, NOW, &[&one]);
    for date in ["2026-03-20", "2027-01-01"] {
        let summary = pipeline_of(&on(date), &facts);
        assert_eq!((summary.is_now, summary.as_of), (true, day("2026-03-20")));
    }
}

#[test]
fn a_lead_imported_later_than_the_day_is_left_out_and_counted() {
    let one = lead(1).imported("2026-03-18T12:00:00Z");
    let summary = pipeline_of(&on("2026-03-10"), &facts(BERLIN, NOW, &[&one]));
    assert_eq!((summary.total.leads, summary.unknown), (0, 1));

    let earlier = pipeline_of(&on("2026-02-10"), &facts(BERLIN, NOW, &[&one]));
    assert_eq!((earlier.total.leads, earlier.unknown), (0, 0));
}

#[test]
fn an_open_lead_belongs_to_its_owner_then_and_now() {
    let one = lead(1).worth(10).given("2026-03-10T12:00:00Z", BEN);
    let facts = facts(BERLIN, NOW, &[&one]);
    let of = |owner, question: Question| pipeline_of(&Question { owner: Some(owner), ..question }, &facts).total.leads;

    assert_eq!((of(ANA, now()), of(BEN, now())), (0, 1));
    assert_eq!((of(ANA, on("2026-03-09")), of(BEN, on("2026-03-09"))), (1, 0));
}

#[test]
fn a_removed_stage_keeps_its_old_name_and_a_renamed_one_its_id() {
    let settings = Settings { stages: Settings::default().stages, ..Settings::default() };
    let mut settings = settings;
    settings.stages[1].name = "Really qualified".into();
    let leads = [lead(1).moved("2026-03-05T12:00:00Z", "demo"), lead(2).moved("2026-03-05T12:00:00Z", "qualified")];
    let mut facts = facts(BERLIN, NOW, &leads.each_ref());
    facts.stages = Stages::new(&settings, vec![removed("demo", "Demo", "25"), removed("unused", "Unused", "26")]);

    let summary = pipeline_of(&now(), &facts);

    let names: Vec<(&str, u64, bool)> =
        summary.stages.iter().map(|row| (row.name.as_str(), row.leads, row.removed)).collect();
    let expected = [
        ("New", 0, false),
        ("Really qualified", 1, false),
        ("Demo", 1, true),
        ("Proposal", 0, false),
        ("Negotiation", 0, false),
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_archive_counts_only_when_asked_and_filters_narrow() {
    let leads = [lead(1).with(|lead| lead.archived = true), lead(2).from(" WEB site "), lead(3).tagged("Hot")];
    let facts = facts(BERLIN, NOW, &leads.each_ref());
    let count = |question: Question| pipeline_of(&question, &facts).total.leads;

    assert_eq!(count(now()), 2);
    assert_eq!(count(Question { archived: true, ..now() }), 3);
    assert_eq!(count(Question { source: Some("Web Site".into()), ..now() }), 1);
    assert_eq!(count(Question { source: Some(String::new()), ..now() }), 1);
    assert_eq!(count(Question { tag: "hot".into(), ..now() }), 1);
}
