//! What the reports of other programs get wrong (PRODUCT 9, anchors), as claims about ours.

use model::report::{Name, Question, Ratio};

use super::*;

const NOW: &str = "2026-04-20T12:00:00Z";

#[test]
fn a_forecast_adds_no_lost_lead() {
    let lost = lead(1).worth(9_000).due("2026-04-25").lost("2026-04-02T12:00:00Z", "2026-04-02", "Price");
    let report = forecast_of(&Question::of(Name::Forecast), &facts(BERLIN, NOW, &[&lost]));

    let all = report.months.iter().chain([&report.past_due, &report.no_date, &report.later]);
    assert_eq!(all.map(|row| row.open.cents + row.weighted_cents + row.commit.cents + row.won.cents).sum::<i64>(), 0);
}

#[test]
fn a_forecast_puts_what_was_won_into_the_month_of_the_close_not_the_expected_one() {
    let won = lead(1).worth(9_000).due("2026-06-25").won("2026-04-02T12:00:00Z", "2026-04-02");
    let report = forecast_of(&Question::of(Name::Forecast), &facts(BERLIN, NOW, &[&won]));
    assert_eq!((report.months[0].won.cents, report.months[2].won.cents), (9_000, 0));
}

#[test]
fn a_loss_has_a_day_of_its_own_and_its_reason_counts_there() {
    let lost = lead(1).created("2026-01-10T12:00:00Z").lost("2026-03-15T12:00:00Z", "2026-03-15", "Budget");
    let facts = facts(BERLIN, NOW, &[&lost]);

    let month = |period| won_of(&ask(Name::Won, period), &facts).reasons.len();
    assert_eq!((month("2026-01-01..2026-01-31"), month("2026-03-01..2026-03-31")), (0, 1));
}

#[test]
fn a_funnel_counts_leads_not_moves() {
    let twice = lead(1)
        .moved("2026-03-05T12:00:00Z", "qualified")
        .moved("2026-03-06T12:00:00Z", "new")
        .moved("2026-03-07T12:00:00Z", "qualified");
    let rows = conversion_of(&ask(Name::Conversion, "2026-03-01..2026-03-31"), &facts(BERLIN, NOW, &[&twice])).rows;
    assert_eq!(rows.iter().map(|row| row.entered).collect::<Vec<_>>(), [1, 1, 0, 0]);
}

#[test]
fn won_and_lost_are_not_bucketed_by_the_month_of_creation() {
    let won = lead(1).worth(5).created("2026-01-10T12:00:00Z").won("2026-03-15T12:00:00Z", "2026-03-15");
    let facts = facts(BERLIN, NOW, &[&won]);

    let month = |period| won_of(&ask(Name::Won, period), &facts).won.sum.leads;
    assert_eq!((month("2026-01-01..2026-01-31"), month("2026-03-01..2026-03-31")), (0, 1));
}

#[test]
fn more_than_a_hundred_leads_count_all() {
    let leads: Vec<Lead> = (0..250).map(|number| lead(number).worth(1).likely(50)).collect();
    let leads: Vec<&Lead> = leads.iter().collect();
    let summary = pipeline_of(&Question::of(Name::Pipeline), &facts(BERLIN, NOW, &leads));
    assert_eq!((summary.total.leads, summary.total.weighted_cents), (250, 125));
}

#[test]
fn a_stage_of_one_s_own_weighs_by_the_lead_s_probability() {
    let mut settings = model::Settings::default();
    settings.stages[2].id = "demo-day".into();
    let one = lead(1).worth(1_000).likely(40).moved("2026-03-05T12:00:00Z", "demo-day");
    let mut facts = facts(BERLIN, NOW, &[&one]);
    facts.stages = model::report::Stages::new(&settings, Vec::new());

    assert_eq!(pipeline_of(&Question::of(Name::Pipeline), &facts).total.weighted_cents, 400);
}

#[test]
fn a_probability_of_a_hundred_is_not_a_win() {
    let sure = lead(1).worth(1_000).likely(100).due("2026-04-30");
    let facts = facts(BERLIN, NOW, &[&sure]);

    assert_eq!(won_of(&ask(Name::Won, "this_year"), &facts).won.sum.leads, 0);
    let forecast = forecast_of(&Question::of(Name::Forecast), &facts);
    assert_eq!((forecast.months[0].commit.leads, forecast.months[0].won.leads), (1, 0));
}

#[test]
fn leads_without_a_source_have_a_row() {
    let leads = [lead(1), lead(2).from("   ")];
    let report = sources_of(&ask(Name::Sources, "2026-03-01..2026-03-31"), &facts(BERLIN, NOW, &leads.each_ref()));
    assert_eq!((report.rows.len(), report.rows[0].source.as_str(), report.rows[0].leads), (1, "", 2));
}

#[test]
fn nothing_is_not_a_number() {
    for name in Name::ALL {
        for zone in ZONES {
            let (report, _) = answer(&ask(name, "this_year"), &facts(zone, NOW, &[]));
            let sheet = report.sheet();
            let words: String = sheet.cells().map(|cell| cell.amount.text("USD")).collect();
            assert!(!words.contains("NaN") && !sheet.csv(false).contains("NaN"), "{name}");
        }
    }
    assert_eq!(Ratio::default().permille(), None);
}
