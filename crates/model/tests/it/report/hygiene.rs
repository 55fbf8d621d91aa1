//! Hygiene.

use model::report::{Flaw, Name, Question, Sum};

use super::*;

const NOW: &str = "2026-03-20T22:30:00Z";

fn sums(facts: &Facts) -> Vec<(Flaw, Sum)> {
    let hygiene = hygiene_of(&Question::of(Name::Hygiene), facts);
    hygiene.rows.into_iter().filter(|row| row.sum.leads > 0).map(|row| (row.flaw, row.sum)).collect()
}

#[test]
fn every_flaw_is_found() {
    let flawed = |number, change: fn(&mut LeadFacts)| lead(number).worth(7).with(change);
    let leads = [
        lead(1).worth(7).due("2026-03-01"),
        flawed(2, |lead| lead.has_next_step = false),
        flawed(3, |lead| lead.rotting = true),
        flawed(4, |lead| lead.value_cents = 0),
        flawed(5, |lead| lead.has_contact = false),
        lead(6).won("2026-03-10T12:00:00Z", "2026-03-10"),
        lead(7).worth(7).moved("2026-03-10T12:00:00Z", "lost"),
        lead(8).worth(7).won("2026-03-10T12:00:00Z", "2026-03-10").with(|lead| lead.stage_conflict = true),
        lead(9).worth(7),
    ];
    for zone in ZONES {
        let facts = facts(zone, NOW, &leads.each_ref());
        let one = |cents| Sum { leads: 1, cents };
        let expected: Vec<(Flaw, Sum)> =
            Flaw::ALL.into_iter().zip([one(7), one(7), one(7), one(0), one(7), one(0), one(7), one(7)]).collect();

        assert_eq!(sums(&facts), expected);
        let hygiene = hygiene_of(&Question::of(Name::Hygiene), &facts);
        assert_eq!((hygiene.open, hygiene.clean), (6, 1));
    }
}

#[test]
fn a_closed_lead_has_no_flaws_of_open_ones() {
    let won = lead(1).worth(5).due("2026-01-01").won("2026-03-10T12:00:00Z", "2026-03-10");
    let won = won.with(|lead| (lead.has_next_step, lead.has_contact, lead.rotting) = (false, false, true));
    assert_eq!(sums(&facts(BERLIN, NOW, &[&won])), []);
}

#[test]
fn a_close_date_is_past_when_the_workspace_s_day_is_over() {
    // 23:30 on the 20th in Berlin; half an hour later its day is over, in Los Angeles it is not.
    let one = lead(1).worth(5).due("2026-03-20");
    for (now, zone, past) in [
        ("2026-03-20T22:30:00Z", BERLIN, false),
        ("2026-03-20T23:30:00Z", BERLIN, true),
        ("2026-03-20T23:30:00Z", LOS_ANGELES, false),
        ("2026-03-21T07:30:00Z", LOS_ANGELES, true),
    ] {
        let found = sums(&facts(zone, now, &[&one])).iter().any(|(flaw, _)| *flaw == Flaw::PastCloseDate);
        assert_eq!(found, past, "{zone} {now}");
    }
}
