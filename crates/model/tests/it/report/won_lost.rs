//! Won vs lost by period.

use model::report::{Days, Name, Question, Ratio, Sum};

use super::*;

const NOW: &str = "2026-04-20T12:00:00Z";

fn march() -> Question {
    ask(Name::Won, "2026-03-01..2026-03-31")
}

#[test]
fn rates_sums_and_cycles_of_a_month() {
    let leads = [
        lead(1).worth(30_000).won("2026-03-12T12:00:00Z", "2026-03-12"),
        lead(2).worth(10_000).won("2026-03-02T13:00:00Z", "2026-03-02"),
        lead(3).worth(20_000).lost("2026-03-07T12:00:00Z", "2026-03-07", "Price"),
        lead(4).worth(99_000),
    ];
    for zone in ZONES {
        let report = won_of(&march(), &facts(zone, NOW, &leads.each_ref()));

        assert_eq!(report.won.sum, Sum { leads: 2, cents: 40_000 });
        assert_eq!(report.lost.sum, Sum { leads: 1, cents: 20_000 });
        assert_eq!(report.rate, Ratio { part: 2, whole: 3 });
        assert_eq!(report.rate_by_value, Ratio { part: 40_000, whole: 60_000 });
        assert_eq!(report.average_won_cents, Some(20_000));
        // Ten days and the same day; five days.
        assert_eq!(report.won.cycle, Days { n: 2, mean_tenths: Some(50), median_tenths: Some(50) });
        assert_eq!(report.lost.cycle, Days { n: 1, mean_tenths: Some(50), median_tenths: Some(50) });
    }
}

#[test]
fn a_period_without_closes_has_no_rates() {
    let report = won_of(&march(), &facts(BERLIN, NOW, &[&lead(1)]));

    assert_eq!((report.rate.permille(), report.rate_by_value.permille()), (None, None));
    assert_eq!((report.average_won_cents, report.won.cycle.median_tenths), (None, None));
    assert_eq!(
        answer(&march(), &facts(BERLIN, NOW, &[])).0.sheet().empty.as_deref(),
        Some("No lead closed in this period")
    );
}

#[test]
fn the_day_of_the_close_is_never_shifted_by_a_zone() {
    // Written down at an hour that is another day elsewhere.
    let one = lead(1).worth(5).won("2026-04-01T05:00:00Z", "2026-03-31");
    for zone in ZONES {
        let facts = facts(zone, NOW, &[&one]);
        assert_eq!(won_of(&march(), &facts).won.sum.leads, 1);
        assert_eq!(won_of(&ask(Name::Won, "2026-04-01..2026-04-30"), &facts).won.sum.leads, 0);
    }
}

#[test]
fn the_cycle_begins_on_the_local_day_of_creation() {
    // 23:30 on the 1st in Berlin and 14:30 in Los Angeles; half an hour later it is the 2nd in Berlin.
    let one = lead(1).created("2026-03-01T22:30:00Z").won("2026-03-10T12:00:00Z", "2026-03-10");
    let two = lead(2).created("2026-03-01T23:30:00Z").won("2026-03-10T12:00:00Z", "2026-03-10");
    for (zone, days) in [(BERLIN, [90, 80]), (LOS_ANGELES, [90, 90])] {
        for (lead, mean) in [&one, &two].into_iter().zip(days) {
            let report = won_of(&march(), &facts(zone, NOW, &[lead]));
            assert_eq!(report.won.cycle.mean_tenths, Some(mean), "{zone}");
        }
    }
}

#[test]
fn a_clock_change_adds_no_day_to_a_cycle() {
    let one = lead(1).created("2026-03-28T22:00:00Z").won("2026-03-30T12:00:00Z", "2026-03-30");
    // 23:00 on the 28th in Berlin; in Los Angeles 15:00.
    for zone in ZONES {
        assert_eq!(won_of(&march(), &facts(zone, NOW, &[&one])).won.cycle.mean_tenths, Some(20), "{zone}");
    }
}

#[test]
fn a_reopened_lead_leaves_at_once_and_its_next_close_replaces_the_first() {
    let open = lead(1).worth(10).won("2026-03-05T12:00:00Z", "2026-03-05").moved("2026-03-09T12:00:00Z", "proposal");
    let reopened = open.with(|lead| lead.closed_on = None);
    assert_eq!(won_of(&march(), &facts(BERLIN, NOW, &[&reopened])).won.sum.leads, 0);

    let again = reopened.lost("2026-04-02T12:00:00Z", "2026-04-02", "Budget");
    let facts = facts(BERLIN, NOW, &[&again]);
    let (march, april) = (won_of(&march(), &facts), won_of(&ask(Name::Won, "this_month"), &facts));
    assert_eq!((march.won.sum.leads, march.lost.sum.leads), (0, 0));
    assert_eq!((april.won.sum.leads, april.lost.sum.leads), (0, 1));
}

#[test]
fn a_value_edited_after_the_close_counts_as_it_is_and_on_demand_as_it_was() {
    let edited = lead(1).worth(100).won("2026-03-05T12:00:00Z", "2026-03-05").revalued("2026-03-06T12:00:00Z", 250);
    let kept = lead(2).worth(40).won("2026-03-05T12:00:00Z", "2026-03-05");
    let facts = facts(BERLIN, NOW, &[&edited, &kept]);

    let now = won_of(&march(), &facts);
    let then = won_of(&Question { as_closed: true, ..march() }, &facts);

    assert_eq!((now.won.sum.cents, now.edited_after_close), (290, 1));
    assert_eq!((then.won.sum.cents, then.edited_after_close), (140, 1));
    let notes = answer(&march(), &facts).0.sheet().notes;
    assert!(notes.iter().any(|note| note == "Values as they are now; 1 lead edited after close"), "{notes:?}");
}

#[test]
fn a_backdated_close_counts_on_its_day_not_when_it_was_written() {
    let one = lead(1).worth(7).won("2026-04-15T12:00:00Z", "2026-03-20");
    let facts = facts(BERLIN, NOW, &[&one]);

    assert_eq!(won_of(&march(), &facts).won.sum.leads, 1);
    assert_eq!(won_of(&ask(Name::Won, "this_month"), &facts).won.sum.leads, 0);
}

#[test]
fn imports_without_a_day_of_creation_are_left_out_of_the_cycle_and_counted() {
    let imported = |number: u8, created: &str, came: &str| {
        lead(number).with(|lead| lead.created_at = Some(at(created))).imported(came)
    };
    let close = |lead: Lead| lead.with(|lead| lead.stage = "won".into()).closed("2026-03-10");
    let known = close(imported(1, "2026-03-01T12:00:00Z", "2026-04-02T12:00:00Z"));
    let unknown = close(imported(2, "2026-04-02T12:00:00Z", "2026-04-02T12:00:01Z"));
    for zone in ZONES {
        let report = won_of(&march(), &facts(zone, NOW, &[&known, &unknown]));

        assert_eq!((report.won.sum.leads, report.won.cycle.n, report.without_created), (2, 1, 1));
        assert_eq!(report.won.cycle.mean_tenths, Some(90));
    }
}

#[test]
fn a_close_is_credited_to_the_owner_at_that_moment() {
    let one = lead(1).worth(10).given("2026-03-03T12:00:00Z", BEN).won("2026-03-05T12:00:00Z", "2026-03-05");
    let one = one.given("2026-03-08T12:00:00Z", ANA);
    let facts = facts(BERLIN, NOW, &[&one]);
    let of = |owner| won_of(&Question { owner: Some(owner), ..march() }, &facts).won.sum.leads;

    assert_eq!((of(ANA), of(BEN)), (0, 1));
}

#[test]
fn a_win_worth_nothing_counts_in_rates_and_adds_nothing() {
    let leads = [
        lead(1).won("2026-03-05T12:00:00Z", "2026-03-05"),
        lead(2).worth(10).won("2026-03-05T12:00:00Z", "2026-03-05"),
    ];
    let report = won_of(&march(), &facts(BERLIN, NOW, &leads.each_ref()));

    assert_eq!((report.won.sum.leads, report.won.sum.cents, report.average_won_cents), (2, 10, Some(5)));
    assert_eq!(report.rate, Ratio { part: 2, whole: 2 });
}

#[test]
fn loss_reasons_are_ranked_with_their_share_and_none_is_one_of_them() {
    let leads = [
        lead(1).worth(10).lost("2026-03-05T12:00:00Z", "2026-03-05", "Price"),
        lead(2).worth(20).lost("2026-03-06T12:00:00Z", "2026-03-06", " price "),
        lead(3).worth(99).lost("2026-03-07T12:00:00Z", "2026-03-07", "  "),
        lead(4).worth(5).won("2026-03-07T12:00:00Z", "2026-03-07"),
    ];
    let report = won_of(&march(), &facts(BERLIN, NOW, &leads.each_ref()));

    let reasons: Vec<_> =
        report.reasons.iter().map(|of| (of.reason.as_str(), of.sum.leads, of.sum.cents, of.share)).collect();
    assert_eq!(reasons, [("Price", 2, 30, Ratio { part: 2, whole: 3 }), ("", 1, 99, Ratio { part: 1, whole: 3 })]);
}

#[test]
fn closed_without_a_date_is_in_no_period_and_said() {
    let one = lead(1).moved("2026-03-05T12:00:00Z", "won");
    let report = won_of(&march(), &facts(BERLIN, NOW, &[&one]));
    assert_eq!((report.won.sum.leads, report.without_date), (0, 1));
}

#[test]
fn bars_are_weeks_of_a_month_and_add_up() {
    let leads = [
        lead(1).worth(1).won("2026-03-05T12:00:00Z", "2026-03-01"),
        lead(2).worth(2).won("2026-03-05T12:00:00Z", "2026-03-08"),
        lead(3).worth(4).lost("2026-03-05T12:00:00Z", "2026-03-09", ""),
    ];
    let report = won_of(&march(), &facts(BERLIN, NOW, &leads.each_ref()));

    let bars: Vec<_> = report.buckets.iter().map(|of| (of.name.as_str(), of.won.cents, of.lost.cents)).collect();
    assert_eq!(bars[..3], [("1 Mar", 1, 0), ("2–8 Mar", 2, 0), ("9–15 Mar", 0, 4)]);
    assert_eq!(report.buckets.iter().map(|of| of.won.leads + of.lost.leads).sum::<u64>(), 3);
}
