//! Reports: reached by keys, filtered, every figure opening what it counts, exported.

use egui::{Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use model::build;
use model::query::{ListQuery, Query};
use model::report::Question;
use model::{Date, Kind, Record};
use ui::{Effect, Options};

use crate::desk::{Desk, desk, desk_sized, now};
use crate::stub::StubReplica;

fn day(text: &str) -> Date {
    text.parse().expect("is a day")
}

fn closed(title: &str, stage: &str, cents: i64) -> Record {
    build::lead(title).in_stage(stage).worth(cents).with("closed_on", day("2026-03-01")).record()
}

fn replica() -> StubReplica {
    let mut replica = StubReplica::with_sample(now(), 0);
    let lost = build::lead("Roof").in_stage("lost").worth(5_000).with("lost_reason", "Price");
    let leads = [
        closed("Website", "won", 30_000),
        closed("Shop", "won", 10_000),
        lost.with("closed_on", day("2026-03-02")).record(),
        build::lead("Logo").in_stage("proposal").worth(8_000).with("probability", 50).record(),
    ];
    replica.records.extend(leads.map(|lead| (lead.id, lead)));
    replica
}

/// High enough for everything to be on the screen.
fn tall(route: &str) -> Harness<'static, Desk> {
    desk_sized(replica(), route, Options::default(), [1440.0, 2400.0])
}

fn asked(harness: &Harness<'_, Desk>) -> Question {
    match harness.state().last_watch(|query| matches!(query, Query::Report(_))) {
        Some(Query::Report(question)) => *question,
        other => panic!("no report was asked for: {other:?}"),
    }
}

fn listed(harness: &Harness<'_, Desk>) -> Vec<String> {
    let rows = harness.root().children_recursive();
    let rows = rows.filter(|node| node.accesskit_node().role() == Role::Row);
    rows.filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn g_and_r_lead_to_the_reports() {
    let mut harness = desk(replica(), "/");
    harness.key_press(Key::G);
    harness.run();
    harness.key_press(Key::R);
    harness.run();

    assert_eq!(harness.state().app.route(), "/reports");
    assert!(harness.query_by_label("Open value: $80.00").is_some());
    assert!(harness.query_by_label("Proposal, Weighted: $40.00").is_some());
}

#[test]
fn every_figure_of_every_report_opens_what_it_counts() {
    for name in model::report::Name::ALL {
        let route = format!("/reports?report={name}&period=this_month");
        let harness = tall(&route);
        let links = harness.root().children_recursive().filter(|node| node.accesskit_node().role() == Role::Link);
        let figures: Vec<String> =
            links.filter_map(|node| node.accesskit_node().label()).filter(|label| label.contains(": ")).collect();
        drop(harness);
        for figure in figures {
            let mut harness = tall(&route);
            harness.get_by_role_and_label(Role::Link, &figure).click();
            harness.run();

            let query =
                harness.state().last_watch(|query| matches!(query, Query::List(ListQuery { kind: Kind::Lead, .. })));
            let Some(Query::List(query)) = query else { panic!("{name}: {figure} opens no list") };
            assert!(query.filter.iter().any(|chip| chip.field == "figure"), "{name}: {figure}: {query:?}");
            let shown = listed(&harness).len();
            if let Some(count) = figure.rsplit(' ').next().and_then(|count| count.parse::<usize>().ok()) {
                assert_eq!(shown, count, "{name}: {figure}");
            }
            assert!(shown > 0, "{name}: {figure} opens an empty list");
        }
    }
}

#[test]
fn a_figure_says_in_its_chip_what_it_counts() {
    let mut harness = tall("/reports?report=won");
    harness.get_by_role_and_label(Role::Link, "Price, Lost: 1").click();
    harness.run();

    assert!(harness.query_by_label("Remove the filter Won vs lost · Reason · Price · 1 Mar – 31 Mar").is_some());
    assert_eq!(listed(&harness).len(), 1);
}

#[test]
fn report_and_filters_stand_in_the_address() {
    let mut harness = desk(replica(), "/reports");
    harness.get_by_role_and_label(Role::Tab, "Won vs lost").click();
    harness.run();
    harness.get_by_label("Period: This month").click();
    harness.run();
    harness.get_by_label("Last quarter").click();
    harness.run();

    assert_eq!(harness.state().app.route(), "/reports?report=won&period=last_quarter");
    assert_eq!(asked(&harness).period.to_string(), "last_quarter");
    assert!(harness.query_by_label("No lead closed in this period").is_some());
}

#[test]
fn a_custom_period_is_typed_as_people_write_days() {
    let mut harness = desk(replica(), "/reports?report=won");
    harness.get_by_label("Period: This month").click();
    harness.run();
    for (field, text) in [("From", "1 jan 2026"), ("To", "2026-03-01")] {
        harness.get_by_role_and_label(Role::TextInput, field).focus();
        harness.run();
        harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
        harness.run();
    }
    harness.get_by_label("Show these days").click();
    harness.run();

    assert_eq!(harness.state().app.route(), "/reports?report=won&period=2026-01-01..2026-03-01");
    assert!(harness.query_by_label("Total, Won: 2").is_some());
    assert!(harness.query_by_label("Total, Lost: 0").is_some());
}

#[test]
fn a_filter_that_leaves_nothing_can_be_cleared() {
    let mut harness = desk(replica(), "/reports?report=pipeline&tag=nobody-has-it");
    assert!(harness.query_by_label("No open leads").is_some());

    harness.get_by_label("Clear filters").click();
    harness.run();

    assert_eq!(harness.state().app.route(), "/reports?report=pipeline");
    assert!(harness.query_by_label("Total, Leads: 1").is_some());
}

#[test]
fn a_report_is_saved_as_csv() {
    let mut harness = desk(replica(), "/reports?report=won");
    harness.get_by_label("Export").click();
    harness.run();
    harness.get_by_label("CSV").click();
    harness.run();

    let saved = harness.state().effects.iter().find_map(|effect| match effect {
        Effect::SaveFile { name, bytes } => Some((name.clone(), String::from_utf8_lossy(bytes).into_owned())),
        _ => None,
    });
    let (name, text) = saved.expect("a file is saved");
    assert_eq!(name, "won-vs-lost-this-month-1-mar-31-mar.csv");
    assert!(text.starts_with("\u{feff}Won vs lost,"), "{text}");
    assert!(text.contains("\r\nTotal,2,400.00,1,50.00,66.7%\r\n"), "{text}");
}

#[test]
fn on_a_phone_every_figure_is_still_there() {
    let options = Options { touch: true, ..Options::default() };
    let harness = desk_sized(replica(), "/reports?report=won", options, [360.0, 4000.0]);

    assert!(harness.query_by_label("Total, Won value: $400.00").is_some());
    assert!(harness.query_by_label("Price, Share: 100 % of 1").is_some());
}
