//! What a person chose on this device: theme, density, size of everything, columns. The replica keeps it.

use egui::{Context, ThemePreference};
use model::app::Request;
use model::input::{DateOrder, InputContext};

use crate::app::{App, Effect};
use crate::routes::{Route, Screen};

/// Sizes of everything, in percent.
pub(crate) const SCALES: [u8; 5] = [90, 100, 110, 125, 150];

/// The choice of the page that the program opens with.
pub(crate) const START: &str = "start";
/// Those pages: their address and their words.
pub(crate) const START_PAGES: [(&str, &str); 6] = [
    ("", "Today"),
    ("/pipeline", "Pipeline"),
    ("/leads", "Leads"),
    ("/contacts", "Contacts"),
    ("/accounts", "Accounts"),
    ("/reports", "Reports"),
];
/// The choice of the order in which this person writes dates; the workspace's when there is none.
pub(crate) const DATE_ORDER: &str = "date_order";
/// What a person can be told about: the choice's key, and its words.
pub(crate) const NOTICES: [(&str, &str); 3] = [
    (model::app::NOTIFY_REMINDERS, "Reminders of tasks"),
    (NOTIFY_CONFLICTS, "Fields that two people changed at once"),
    (NOTIFY_SUGGESTIONS, "Changes that others suggest to me"),
];
const NOTIFY_CONFLICTS: &str = "notify/conflicts";
const NOTIFY_SUGGESTIONS: &str = "notify/suggestions";

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

    /// The order in which this person writes dates.
    pub(crate) fn date_order(&self) -> DateOrder {
        let own = DateOrder::from_name(self.prefers(DATE_ORDER));
        own.or_else(|| DateOrder::from_name(&self.workspace.settings.date_order)).unwrap_or_default()
    }

    /// What typed text means here and now.
    pub(crate) fn input(&self) -> InputContext<'_> {
        let date_order = self.date_order();
        InputContext { date_order, ..InputContext::new(&self.workspace.settings, self.ids.now) }
    }

    /// Says once that something waits for this person, unless they don't want to be told.
    pub(crate) fn tell_news(&mut self) {
        let Some(overview) = self.feed.overview() else { return };
        let now = (overview.conflicts, overview.suggestions);
        let Some(before) = self.told.replace(now).filter(|before| *before != now) else { return };
        let wants = |key: &str| self.prefers(key) != "off";
        let conflict = now.0 > before.0 && wants(NOTIFY_CONFLICTS);
        let suggestion = now.1 > before.1 && wants(NOTIFY_SUGGESTIONS);
        if conflict {
            let text = "Two people changed the same field at once. Choose under Settings, Sync";
            self.toasts.neutral(text.to_owned(), self.ids.now);
        }
        if suggestion {
            let text = "Somebody suggests a change to you. Answer under Settings, Sync";
            self.toasts.neutral(text.to_owned(), self.ids.now);
        }
    }

    /// Opens the page that the person starts with, if no address asked for another one.
    fn open_start_page(&mut self) {
        let untouched = self.past.is_empty() && self.route == Route::to(Screen::Today);
        let page = self.prefers(START).to_owned();
        if untouched && START_PAGES.iter().any(|(known, _)| *known == page && !page.is_empty()) {
            self.route = Route::parse(&page);
            self.effects.push(Effect::RouteChanged(self.route.to_string()));
        }
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
        if self.applied.is_none() {
            self.screens.recent = crate::recent::read(self.prefers(crate::recent::RECENT));
            self.open_start_page();
        }
        crate::present::format::write_dates(self.date_order());
        ctx.set_theme(theme(kept.get("theme").map_or("", String::as_str)));
        ctx.set_zoom_factor(scale(kept.get("scale").map_or("", String::as_str)));
        self.applied = Some(kept);
    }
}
