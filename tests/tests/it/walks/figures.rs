//! A report is read: its figure opens the leads it counts, and the way back leads to the report.

use egui::Role;
use model::{Date, Kind, Value};

use super::desk::{Desk, Hands, desk};

fn won(desk: &mut Desk, title: &str, cents: i64, day: &str) {
    let day: Date = day.parse().unwrap();
    let fields: [(&str, Value); 4] =
        [("title", title.into()), ("value_cents", cents.into()), ("place", "won|m".into()), ("closed_on", day.into())];
    desk.create(Kind::Lead, &fields);
}

#[test]
fn a_figure_opens_the_leads_it_counts_and_back_leads_to_the_report() {
    let mut harness = desk("/reports?report=won&period=this_quarter");
    let desk = harness.state_mut();
    won(desk, "Website", 300_000, "2026-02-10");
    won(desk, "Shop", 100_000, "2026-01-20");
    won(desk, "Logo", 50_000, "2025-12-30");
    harness.run();

    harness.press(Role::Link, "Total, Won: 2");
    assert!(harness.sees("Website") && harness.sees("Shop") && !harness.sees("Logo"), "{}", harness.all_names());

    harness.go("/reports?report=won&period=last_quarter");
    harness.press(Role::Link, "Total, Won: 1");
    assert!(harness.sees("Logo") && !harness.sees("Website"), "{}", harness.all_names());
}
