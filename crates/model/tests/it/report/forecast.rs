//! Forecast by expected close month.

use model::report::{Name, Question, Sum};

use super::*;

const NOW: &str = "2026-04-20T12:00:00Z";

fn forecast() -> Question {
    Question::of(Name::Forecast)
}

#[test]
fn months_past_due_and_no_date_stand_apart() {
    let leads = [
        lead(1).worth(1_000).likely(50).due("2026-04-20"),
        lead(2).worth(2_000).likely(75).due("2026-04-30"),
        lead(3).worth(3_000).likely(80).due("2026-09-30"),
        lead(4).worth(4_000).likely(10).due("2026-04-19"),
        lead(5).worth(5_000).likely(10),
        lead(6).worth(6_000).likely(10).due("2026-10-01"),
        lead(7).worth(7_000).won("2026-04-02T12:00:00Z", "2026-04-02").due("2026-06-30"),
    ];
    for zone in ZONES {
        let report = forecast_of(&forecast(), &facts(zone, NOW, &leads.each_ref()));

        let months: Vec<_> = report
            .months
            .iter()
            .map(|row| (row.name.as_str(), row.open.cents, row.weighted_cents, row.commit.cents, row.won.cents))
            .collect();
        let expected = [
            ("Apr 2026", 3_000, 2_000, 2_000, 7_000),
            ("May 2026", 0, 0, 0, 0),
            ("Jun 2026", 0, 0, 0, 0),
            ("Jul 2026", 0, 0, 0, 0),
            ("Aug 2026", 0, 0, 0, 0),
            ("Sep 2026", 3_000, 2_400, 3_000, 0),
        ];
        assert_eq!(months, expected);
        assert_eq!(
            (report.past_due.open, report.no_date.open),
            (Sum { leads: 1, cents: 4_000 }, Sum { leads: 1, cents: 5_000 })
        );
        assert_eq!((report.later.open.cents, report.past_due.won.leads), (6_000, 0));
    }
}

#[test]
fn today_follows_the_zone_of_the_workspace() {
    // It is the 1st of May in Berlin already, and the 30th of April in Los Angeles still.
    let one = lead(1).worth(5).due("2026-04-30");
    let now = "2026-04-30T22:30:00Z";
    let berlin = forecast_of(&forecast(), &facts(BERLIN, now, &[&one]));
    assert_eq!((berlin.months[0].name.as_str(), berlin.past_due.open.leads), ("May 2026", 1));
    let los_angeles = forecast_of(&forecast(), &facts(LOS_ANGELES, now, &[&one]));
    assert_eq!((los_angeles.months[0].name.as_str(), los_angeles.months[0].open.leads), ("Apr 2026", 1));
}

#[test]
fn past_months_compare_what_was_won_with_what_the_first_day_expected() {
    let leads = [
        // Expected in March at 50 %, put off to May in the middle of March.
        lead(1)
            .worth(1_000)
            .likely(50)
            .created("2026-02-10T12:00:00Z")
            .due("2026-03-15")
            .put_off("2026-03-14T12:00:00Z", "2026-05-15"),
        // Expected in April at 10 %, won in March already.
        lead(2).worth(400).created("2026-02-10T12:00:00Z").due("2026-04-10").won("2026-03-20T12:00:00Z", "2026-03-20"),
        // Created after the first of March.
        lead(3).worth(9_000).created("2026-03-02T12:00:00Z").due("2026-03-30"),
    ];
    for zone in ZONES {
        let report = forecast_of(&forecast(), &facts(zone, NOW, &leads.each_ref()));

        let past: Vec<_> = report.past.iter().take(2).map(|of| (of.name.as_str(), of.won, of.weighted_cents)).collect();
        assert_eq!(past, [("Mar 2026", Sum { leads: 1, cents: 400 }, 500), ("Feb 2026", Sum::default(), 0)]);
        assert_eq!(report.past.len(), 6);
    }
}

#[test]
fn the_first_day_ends_at_midnight_of_the_workspace() {
    // 1 March ends at 23:00 UTC in Berlin, and at 08:00 UTC of the 2nd in Los Angeles.
    let one = lead(1).worth(100).likely(100).created("2026-03-01T23:30:00Z").due("2026-03-20");
    for (zone, weighted) in [(BERLIN, 0), (LOS_ANGELES, 100)] {
        let report = forecast_of(&forecast(), &facts(zone, NOW, &[&one]));
        assert_eq!(report.past[0].weighted_cents, weighted, "{zone}");
    }
}

#[test]
fn a_lead_of_the_past_belongs_to_its_owner_then() {
    let one = lead(1)
        .worth(100)
        .likely(100)
        .created("2026-02-01T12:00:00Z")
        .due("2026-03-20")
        .given("2026-03-05T12:00:00Z", BEN);
    let facts = facts(BERLIN, NOW, &[&one]);
    let of = |owner| forecast_of(&Question { owner: Some(owner), ..forecast() }, &facts);

    assert_eq!((of(ANA).past[0].weighted_cents, of(BEN).past[0].weighted_cents), (100, 0));
    assert_eq!((of(ANA).past_due.open.leads, of(BEN).past_due.open.leads), (0, 1));
}
