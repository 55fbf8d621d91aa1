//! Stage conversion.

use model::report::{ConversionRow, Name, Question, Ratio, Stages};

use super::*;

const NOW: &str = "2026-04-20T12:00:00Z";

fn march() -> Question {
    ask(Name::Conversion, "2026-03-01..2026-03-31")
}

fn row(facts: &Facts, stage: &str) -> ConversionRow {
    let rows = conversion_of(&march(), facts).rows;
    rows.into_iter().find(|row| row.stage == stage).expect("the stage has a row")
}

#[test]
fn a_lead_counts_once_per_stage_and_advances_by_a_higher_stage_or_a_win() {
    let leads = [
        // To and fro: still one entry of each stage.
        lead(1)
            .moved("2026-03-05T12:00:00Z", "qualified")
            .moved("2026-03-06T12:00:00Z", "new")
            .moved("2026-03-08T12:00:00Z", "qualified"),
        lead(2).moved("2026-03-04T12:00:00Z", "proposal"),
        lead(3).won("2026-04-01T12:00:00Z", "2026-04-01"),
        lead(4).lost("2026-03-10T12:00:00Z", "2026-03-10", "Price"),
    ];
    for zone in ZONES {
        let facts = facts(zone, NOW, &leads.each_ref());
        let (new, qualified) = (row(&facts, "new"), row(&facts, "qualified"));

        assert_eq!((new.entered, new.advanced, new.won, new.rate), (4, 3, 1, Ratio { part: 3, whole: 4 }));
        // 3, 2 and 30 days.
        assert_eq!(new.days.median_tenths, Some(30));
        assert_eq!((qualified.entered, qualified.advanced, qualified.rate.permille()), (1, 0, Some(0)));
        // Nobody came back from Qualified to a lower stage: that is no progress either.
        assert_eq!(row(&facts, "negotiation").rate.permille(), None);
    }
}

#[test]
fn a_stage_that_was_skipped_was_not_entered() {
    let one = lead(1).moved("2026-03-04T12:00:00Z", "negotiation");
    let facts = facts(BERLIN, NOW, &[&one]);
    assert_eq!(
        [row(&facts, "qualified").entered, row(&facts, "proposal").entered, row(&facts, "negotiation").entered],
        [0, 0, 1]
    );
}

#[test]
fn only_entries_of_the_period_count_and_progress_whenever_it_came() {
    let early = lead(1).created("2026-02-20T12:00:00Z").moved("2026-03-05T12:00:00Z", "qualified");
    let late = lead(2).moved("2026-04-05T12:00:00Z", "qualified");
    let facts = facts(BERLIN, NOW, &[&early, &late]);

    assert_eq!((row(&facts, "new").entered, row(&facts, "new").advanced), (1, 1));
    assert_eq!((row(&facts, "qualified").entered, row(&facts, "qualified").advanced), (1, 0));
}

#[test]
fn entries_are_bucketed_by_the_local_day() {
    // 1 April 00:30 in Berlin, 31 March 15:30 in Los Angeles.
    let one = lead(1).moved("2026-03-31T22:30:00Z", "qualified");
    for (zone, entered) in [(BERLIN, 0), (LOS_ANGELES, 1)] {
        assert_eq!(row(&facts(zone, NOW, &[&one]), "qualified").entered, entered, "{zone}");
    }
}

#[test]
fn a_removed_stage_keeps_its_place_in_the_order() {
    let one = lead(1).moved("2026-03-05T12:00:00Z", "demo").moved("2026-03-09T12:00:00Z", "proposal");
    let mut facts = facts(BERLIN, NOW, &[&one]);
    facts.stages = Stages::new(&model::Settings::default(), vec![removed("demo", "Demo", "25")]);

    let demo = row(&facts, "demo");

    assert_eq!((demo.name.as_str(), demo.removed, demo.entered, demo.advanced), ("Demo", true, 1, 1));
    assert_eq!(row(&facts, "new").advanced, 1);
}
