//! The workspace: name, currency, time and dates, who edits what.

use std::sync::LazyLock;

use egui::{Id, Ui};
use model::settings::SETTINGS_ID;
use model::{Action, FieldChanges, Kind, RecordRef, Value};

use crate::act::Act;
use crate::present::format::MONTHS;
use crate::scene::Scene;
use crate::theme::{Type, tokens};
use crate::widgets::check::check;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::saved_field::saved_field;
use crate::widgets::{Field, paragraph};

/// Writes fields of the settings.
pub(super) fn set(fields: impl IntoIterator<Item = (String, Option<Value>)>) -> Act {
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    let fields: FieldChanges = fields.into_iter().collect();
    Act::Do(Action::SetFields { record, base_heads: Vec::new(), fields })
}

fn set_one(key: &str, value: Option<Value>) -> Act {
    set([(key.to_owned(), value)])
}

/// Why this person may not change the settings.
pub(super) fn denied(scene: &Scene<'_>) -> Option<String> {
    scene.denied_edit_of(Kind::Settings, None)
}

/// Draws the section.
pub(super) fn workspace_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let settings = scene.settings;
    let denied = denied(scene);
    let denied = denied.as_deref();
    line(ui, ("name", "Workspace name", &settings.name, "Your company"), denied, out);
    line(ui, ("currency", "Currency", &settings.currency, "USD"), denied, out);
    zone_ui(ui, scene, denied, out);
    line(ui, ("region", "Country for phone numbers", &settings.region, "US"), denied, out);
    let orders = [("dmy", "31/12/2026"), ("mdy", "12/31/2026"), ("ymd", "2026-12-31")];
    choice(ui, ("date_order", "Dates are written", &settings.date_order), (&orders, denied), out);
    let days = [("monday", "Monday"), ("sunday", "Sunday"), ("saturday", "Saturday")];
    choice(ui, ("week_start", "A week begins on", settings.week_start.name()), (&days, denied), out);
    fiscal_ui(ui, scene, denied, out);
    let mut only_owners = settings.only_owners_edit;
    let changed = check(ui, &mut only_owners, "Only owners and administrators edit a record").changed();
    if changed && denied.is_none() {
        out.push(set_one("only_owners_edit", Some(only_owners.into())));
    } else if changed {
        out.extend(denied.map(|reason| Act::Say(reason.to_owned())));
    }
    let text = "Everybody sees every record. What others own can still be commented on, and changes can be suggested.";
    paragraph(ui, text, Type::Caption, tokens(ui).text_3);
}

fn line(ui: &mut Ui, (key, name, held, hint): (&str, &str, &str, &str), denied: Option<&str>, out: &mut Vec<Act>) {
    let field = Field::new(name).hint(hint).disabled(denied);
    let Some(text) = saved_field(ui, Id::unique(("setting", key)), field, held) else { return };
    match checked(key, &text) {
        Ok(text) => out.push(set_one(key, (!text.is_empty()).then(|| text.into()))),
        Err(problem) => out.push(Act::Say(problem.to_owned())),
    }
}

/// What is typed, in the form it is kept in.
fn checked(key: &str, text: &str) -> Result<String, &'static str> {
    let letters = |count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    match key {
        "currency" if !letters(3) => Err("A currency has three letters, such as USD or EUR"),
        "region" if !letters(2) => Err("A country has two letters, such as US or DE"),
        "currency" | "region" => Ok(text.to_uppercase()),
        _ => Ok(text.to_owned()),
    }
}

fn zone_ui(ui: &mut Ui, scene: &Scene<'_>, denied: Option<&str>, out: &mut Vec<Act>) {
    static ZONES: LazyLock<Vec<PickOption>> = LazyLock::new(|| {
        let names = jiff::tz::db().available();
        names.map(|name| PickOption::new(name.as_str(), name.as_str().replace('_', " "))).collect()
    });
    let current = scene.settings.time_zone.replace('_', " ");
    let picker = Picker::new("Time zone", &current, &ZONES).searchable().disabled(denied);
    if let Some(Picked::Choice(zone)) = picker.show(ui).picked {
        out.push(set_one("time_zone", Some(zone.into())));
    }
    let text = "Reports and reminders count days by it, wherever somebody is";
    paragraph(ui, text, Type::Caption, tokens(ui).text_3);
}

fn fiscal_ui(ui: &mut Ui, scene: &Scene<'_>, denied: Option<&str>, out: &mut Vec<Act>) {
    let options: Vec<PickOption> =
        MONTHS.iter().zip(1..).map(|(name, month): (_, i64)| PickOption::new(month.to_string(), *name)).collect();
    let held = usize::from(scene.settings.fiscal_month.clamp(1, 12)) - 1;
    let picker = Picker::new("The fiscal year begins in", MONTHS[held], &options).disabled(denied);
    if let Some(Picked::Choice(month)) = picker.show(ui).picked {
        out.push(set_one("fiscal_month", month.parse::<i64>().ok().map(Value::Int)));
    }
}

/// A setting that is one of a few.
pub(super) fn choice(
    ui: &mut Ui,
    (key, name, held): (&str, &str, &str),
    (choices, denied): (&[(&str, &str)], Option<&str>),
    out: &mut Vec<Act>,
) {
    let options: Vec<PickOption> = choices.iter().map(|(key, words)| PickOption::new(*key, *words)).collect();
    let current = choices.iter().find(|(key, _)| *key == held).map_or("", |(_, words)| words);
    if let Some(Picked::Choice(chosen)) = Picker::new(name, current, &options).disabled(denied).show(ui).picked {
        out.push(set_one(key, Some(chosen.into())));
    }
}
