//! About: version, where the records lie, licences.

use egui::{Id, Ui};

use super::{SettingsView, section};
use crate::theme::{Type, space, tokens};
use crate::widgets::{Button, label, paragraph};

/// What the program is made with, and the terms of each part.
const PARTS: [(&str, &str); 10] = [
    ("TrailTrack", "MIT or Apache 2.0"),
    ("Inter, the typeface", "SIL Open Font License 1.1"),
    ("Phosphor, the icons", "MIT"),
    ("egui, the interface", "MIT or Apache 2.0"),
    ("Automerge, the documents", "MIT"),
    ("SQLite, the database", "public domain"),
    ("Zstandard, the compression", "BSD 3-clause"),
    ("jiff, dates and time zones", "MIT or Unlicense"),
    ("libphonenumber's metadata", "Apache 2.0"),
    ("The Rust libraries", "MIT and compatible"),
];

/// The terms that have to come with the fonts.
const FONT_LICENCES: [(&str, &str); 2] = [
    ("Inter", include_str!("../../../assets/Inter-LICENSE.txt")),
    ("Phosphor", include_str!("../../../assets/Phosphor-LICENSE.txt")),
];

/// Draws the part.
pub(super) fn about_ui(ui: &mut Ui, view: &SettingsView<'_>) {
    section(ui, "TrailTrack", |ui| {
        label(ui, &format!("Version {}", env!("CARGO_PKG_VERSION")), Type::Label, tokens(ui).text);
        let place = match view.data_place {
            "" => "Your records lie in this browser, on this device".to_owned(),
            place => format!("Your records lie in {place}"),
        };
        paragraph(ui, &place, Type::Dense, tokens(ui).text_2);
        let text = "Everything you enter is kept on this device first. A team's server passes it on; it is never needed to read or write.";
        paragraph(ui, text, Type::Dense, tokens(ui).text_2);
    });
    section(ui, "Made with", |ui| {
        let t = tokens(ui);
        ui.spacing_mut().item_spacing.y = space::XS;
        for (part, terms) in PARTS {
            paragraph(ui, &format!("{part} · {terms}"), Type::Dense, t.text);
        }
        for (font, terms) in FONT_LICENCES {
            licence_ui(ui, font, terms);
        }
    });
}

fn licence_ui(ui: &mut Ui, font: &str, terms: &str) {
    let id = Id::unique(("licence", font));
    let is_open: bool = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let words = if is_open { format!("Hide the licence of {font}") } else { format!("Licence of {font}") };
    if Button::quiet(&words).show(ui).clicked() {
        ui.data_mut(|data| data.insert_temp(id, !is_open));
    }
    if is_open {
        paragraph(ui, terms, Type::Caption, tokens(ui).text_2);
    }
}
