//! What a person chose on this device: theme, density, size of everything, columns. The replica keeps it.

use egui::{Context, ThemePreference};
use model::app::Request;

use crate::app::App;

/// Sizes of everything, in percent.
pub(crate) const SCALES: [u8; 5] = [90, 100, 110, 125, 150];

/// A theme's word among the choices.
pub(crate) const fn theme_word(theme: ThemePreference) -> &'static str {
    match theme {
        ThemePreference::Light => "light",
        ThemePreference::Dark => "dark",
        ThemePreference::System => "system",
    }
}

fn theme(word: &str) -> ThemePreference {
    match word {
        "light" => ThemePreference::Light,
        "dark" => ThemePreference::Dark,
        _ => ThemePreference::System,
    }
}

/// The size of everything that a choice stands for: 1 is usual.
fn scale(word: &str) -> f32 {
    let percent = word.parse().ok().filter(|percent| SCALES.contains(percent)).unwrap_or(100);
    f32::from(percent) / 100.0
}

impl App {
    /// A choice; empty when nothing was chosen.
    pub(crate) fn prefers(&self, key: &str) -> &str {
        self.feed.preferences().and_then(|kept| kept.get(key)).map_or("", String::as_str)
    }

    /// Keeps a choice on this device; an empty value forgets it.
    pub(crate) fn prefer(&mut self, key: &str, value: String) {
        self.send(Request::Prefer { key: key.to_owned(), value });
    }

    /// Lets choices hold that have just come or changed.
    pub(crate) fn take_preferences(&mut self, ctx: &Context) {
        let Some(kept) = self.feed.preferences().filter(|kept| self.applied.as_ref() != Some(kept)).cloned() else {
            return;
        };
        ctx.set_theme(theme(kept.get("theme").map_or("", String::as_str)));
        ctx.set_zoom_factor(scale(kept.get("scale").map_or("", String::as_str)));
        self.applied = Some(kept);
    }
}
