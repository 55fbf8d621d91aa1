//! Top sources.

use model::report::{Days, Name, Question, Ratio, SourceRow, Sum};

use super::*;

const NOW: &str = "2026-04-20T12:00:00Z";

fn march() -> Question {
    ask(Name::Sources, "2026-03-01..2026-03-31")
}

#[test]
fn the_cohort_is_what_was_created_whenever_it_closed() {
    let leads = [
        lead(1).from("Referral").worth(50).won("2026-04-01T12:00:00Z", "2026-04-01"),
        lead(2).from(" referral").worth(10).lost("2026-03-05T12:00:00Z", "2026-03-05", ""),
        lead(3).from("REFERRAL"),
        lead(4).from("Website").worth(80).won("2026-03-04T12:00:00Z", "2026-03-04"),
        lead(5),
        lead(6).from("Website").created("2026-02-20T12:00:00Z").worth(999).won("2026-03-05T12:00:00Z", "2026-03-05"),
    ];
    for zone in ZONES {
        let report = sources_of(&march(), &facts(zone, NOW, &leads.each_ref()));

        let referral = SourceRow {
            source: "Referral".into(),
            leads: 3,
            open: 1,
            won: Sum { leads: 1, cents: 50 },
            lost: 1,
            conversion_decided: Ratio { part: 1, whole: 2 },
            conversion_all: Ratio { part: 1, whole: 3 },
            cycle: Days { n: 1, mean_tenths: Some(300), median_tenths: Some(300) },
        };
        assert_eq!(report.rows.iter().map(|row| row.source.as_str()).collect::<Vec<_>>(), ["Website", "Referral", ""]);
        assert_eq!(report.rows[1], referral);
        assert_eq!((report.rows[2].leads, report.rows[2].conversion_decided.permille()), (1, None));
        assert_eq!((report.total.leads, report.total.won), (5, Sum { leads: 2, cents: 130 }));
    }
}

#[test]
fn equal_wins_are_ranked_by_leads() {
    let leads = [lead(1).from("A"), lead(2).from("B"), lead(3).from("B")];
    let report = sources_of(&march(), &facts(BERLIN, NOW, &leads.each_ref()));
    assert_eq!(report.rows.iter().map(|row| row.source.as_str()).collect::<Vec<_>>(), ["B", "A"]);
}

#[test]
fn creation_is_bucketed_by_the_local_day() {
    // 1 April 00:30 in Berlin, 31 March 15:30 in Los Angeles.
    let one = lead(1).created("2026-03-31T22:30:00Z");
    for (zone, in_march) in [(BERLIN, 0), (LOS_ANGELES, 1)] {
        assert_eq!(sources_of(&march(), &facts(zone, NOW, &[&one])).total.leads, in_march, "{zone}");
    }
}

#[test]
fn another_zone_sorts_into_other_days_and_the_footnote_says_so() {
    let (report, _) = answer(&march(), &facts(BERLIN, NOW, &[]));
    let notes = report.sheet().notes;
    assert!(notes.iter().any(|note| note.contains("another zone sorts what lies near midnight into other days")));
}
