//! Pictures of every view, kept in `tests/snapshots` and compared in every run: light and dark, three widths; empty,
//! usual, crowded, and with names that are long, wide or written from the right.
//!
//! `cargo xtask pictures` draws them anew; they are looked at before they are committed.

use egui_kittest::SnapshotResults;

use crate::scenes::{Data, SIZES, scenes};

const THEMES: [&str; 2] = ["light", "dark"];
/// The widest and the narrowest window.
const ENDS: [[f32; 2]; 2] = [SIZES[0], SIZES[2]];
/// What looks different where there is much.
const CROWDED: [&str; 5] = ["today", "pipeline", "leads", "contacts", "accounts"];

/// Draws every view with this data, in these themes and at these sizes, and compares.
fn compare(data: Data, themes: &[&str], sizes: &[[f32; 2]]) {
    let mut results = SnapshotResults::new();
    let mut replica = data.replica();
    let fits = |name: &str, alike: bool| match data {
        Data::Usual => true,
        Data::Crowded => CROWDED.contains(&name),
        Data::Empty | Data::LongNames => !alike,
    };
    for theme in themes {
        replica.preferences.insert("theme".into(), (*theme).into());
        for scene in scenes().into_iter().filter(|scene| fits(&scene.name, scene.always_alike)) {
            for size in sizes {
                let Some(mut harness) = scene.open(replica.clone(), *size) else { continue };
                let name = format!("{}/{}_{theme}_{}", data.word(), scene.name, size[0]);
                results.add(harness.try_snapshot(name));
            }
        }
    }
}

#[test]
fn every_view_looks_as_it_did_on_a_desk() {
    compare(Data::Usual, &THEMES, &SIZES[..1]);
}

#[test]
fn every_view_looks_as_it_did_on_a_tablet() {
    compare(Data::Usual, &THEMES[..1], &SIZES[1..2]);
}

#[test]
fn every_view_looks_as_it_did_on_a_phone() {
    compare(Data::Usual, &THEMES, &SIZES[2..]);
}

#[test]
fn every_empty_view_looks_as_it_did() {
    compare(Data::Empty, &THEMES[..1], &ENDS);
}

#[test]
fn every_crowded_view_looks_as_it_did() {
    compare(Data::Crowded, &THEMES[..1], &ENDS);
}

#[test]
fn every_view_with_long_names_looks_as_it_did() {
    compare(Data::LongNames, &THEMES[..1], &ENDS);
}
