//! The filter row of reports: period or day, owner, source, tag, what counts too, and the ways out of the program.

use egui::{Key, Modifiers, Ui, vec2};
use model::input::read_field;
use model::paper::Letterhead;
use model::report::sheet::Sheet;
use model::report::{Name, Period, Question, Span};
use model::settings::SETTINGS_ID;
use model::{Action, Date, FieldChanges, Kind, RecordRef, Settings};

use super::reports::ReportsState;
use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::present::fields::{Editor, options};
use crate::present::format::short_date;
use crate::present::reports::file_name;
use crate::routes::Route;
use crate::scene::Scene;
use crate::theme::space;
use crate::widgets::menu::{Item, menu, panel};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, Field, Look};

/// Draws the row.
pub(super) fn filters_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (question, route, sheet): (&Question, &Route, Option<&Sheet>),
    state: &mut ReportsState,
    out: &mut Vec<Act>,
) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, space::S);
        if question.name.has_period() {
            period_ui(ui, scene, question, state, out);
        }
        if question.name == Name::Pipeline {
            day_ui(ui, scene, question, state, out);
        }
        more_ui(ui, scene, (question, route), out);
        chips_ui(ui, scene, (question, route), out);
        if let Some(sheet) = sheet {
            if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::P)) {
                out.push(save_pdf(scene, sheet));
            }
            export_ui(ui, scene, sheet, out);
        }
        if question.name == Name::Leaderboard && scene.is_admin() {
            switch_ui(ui, scene, out);
        }
    });
}

fn period_ui(ui: &mut Ui, scene: &Scene<'_>, question: &Question, state: &mut ReportsState, out: &mut Vec<Act>) {
    let text = match question.period {
        Period::Custom(span) => {
            format!("{} – {}", short_date(span.from, scene.today), short_date(span.to, scene.today))
        }
        named => named.name().to_owned(),
    };
    let name = format!("Period: {text}");
    let button = Button::new(&text).icon(icons::CALENDAR).trailing(icons::DOWN).name(&name).show(ui);
    panel(&button, 240.0, |ui| {
        for period in Period::NAMED {
            let mut item = Item::new("", period.name());
            item.selected = period == question.period;
            if item.show(ui) {
                let word = if period == Period::default() { String::new() } else { period.to_string() };
                out.push(Act::Filter("period", word));
                ui.close();
            }
        }
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let [from, to, _] = &mut state.typed;
            date_field(ui, "From", from);
            date_field(ui, "To", to);
            let span = read_day(from, scene).zip(read_day(to, scene)).map(|(from, to)| Span { from, to });
            let reason = span.is_none_or(|span| span.from > span.to).then_some("Type a first and a last day");
            let show = Button::primary("Show these days").fill().disabled(reason).show(ui);
            if let (true, Some(span)) = (show.clicked(), span) {
                out.push(Act::Filter("period", Period::Custom(span).to_string()));
                ui.close();
            }
        });
    });
}

/// Now, or how it stood at the end of an earlier day.
fn day_ui(ui: &mut Ui, scene: &Scene<'_>, question: &Question, state: &mut ReportsState, out: &mut Vec<Act>) {
    let text =
        question.as_of.map_or_else(|| "Now".to_owned(), |day| format!("End of {}", short_date(day, scene.today)));
    let name = format!("As it stood: {text}");
    let button = Button::new(&text).icon(icons::HISTORY).trailing(icons::DOWN).name(&name).show(ui);
    panel(&button, 240.0, |ui| {
        let calendar = model::report::Calendar::of(scene.settings);
        let end_of = |period: Period| Some(period.span(scene.today, &calendar).to);
        let days = [
            ("Now", None),
            ("End of last month", end_of(Period::LastMonth)),
            ("End of last quarter", end_of(Period::LastQuarter)),
            ("End of last year", end_of(Period::LastYear)),
        ];
        for (text, day) in days {
            let mut item = Item::new("", text);
            item.selected = day == question.as_of;
            if item.show(ui) {
                out.push(Act::Filter("as_of", day.map_or_else(String::new, |day: Date| day.to_string())));
                ui.close();
            }
        }
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let typed = &mut state.typed[2];
            date_field(ui, "Day", typed);
            let day = read_day(typed, scene).filter(|day| *day < scene.today);
            let reason = day.is_none().then_some("Type a day before today");
            let show = Button::primary("Show this day").fill().disabled(reason).show(ui);
            if let (true, Some(day)) = (show.clicked(), day) {
                out.push(Act::Filter("as_of", day.to_string()));
                ui.close();
            }
        });
    });
}

fn date_field(ui: &mut Ui, name: &str, text: &mut String) {
    let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
    ui.allocate_ui(size, |ui| Field::new(name).hint("1 Mar 2026").show(ui, text));
}

/// A day as a person types it.
fn read_day(text: &str, scene: &Scene<'_>) -> Option<Date> {
    let ctx = scene.input();
    read_field(Kind::Lead, "expected_close_date", text, &ctx).ok()?.value?.as_date()
}

fn more_ui(ui: &mut Ui, scene: &Scene<'_>, (question, route): (&Question, &Route), out: &mut Vec<Act>) {
    let button = Button::quiet("Filter").icon(icons::FILTER).name("Report filters").tip("Owner, source, tag").show(ui);
    panel(&button, 280.0, |ui| {
        egui::Frame::new().inner_margin(8).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::M;
            let mut owners = options(Editor::Owner, scene);
            owners.insert(0, PickOption::new("me", "Me"));
            picked_ui(ui, ("owner", "Owner is", &owners, route), out);
            let mut sources = options(Editor::Source, scene);
            sources.push(PickOption::new("(none)", "No source"));
            picked_ui(ui, ("source", "Source is", &sources, route), out);
            let mut tag = route.get("tag").to_owned();
            let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
            ui.allocate_ui(size, |ui| {
                if Field::new("Tag is").hint("vip").show(ui, &mut tag).changed() {
                    out.push(Act::Filter("tag", tag.clone()));
                }
            });
            for (key, text, on) in switches(question) {
                let name = if on { format!("{text}: on") } else { format!("{text}: off") };
                let switch = Button::new(text).selected(on).name(&name).fill();
                if switch.show(ui).clicked() {
                    out.push(Act::Filter(key, if on { String::new() } else { "true".to_owned() }));
                }
            }
        });
    });
}

fn picked_ui(
    ui: &mut Ui,
    (key, name, choices, route): (&'static str, &str, &[PickOption], &Route),
    out: &mut Vec<Act>,
) {
    let held = route.get(key);
    let current = choices.iter().find(|option| option.key == held).map_or(held, |option| &option.text).to_owned();
    let picker = Picker::new(name, &current, choices).placeholder("Any").clearable();
    match picker.show(ui).picked {
        Some(Picked::Choice(value)) => out.push(Act::Filter(key, value)),
        Some(Picked::Clear) => out.push(Act::Filter(key, String::new())),
        _ => {}
    }
}

/// What can count too, or otherwise: key, words, and whether it does.
fn switches(question: &Question) -> Vec<(&'static str, &'static str, bool)> {
    let mut switches = vec![("archived", "Count the archive too", question.archived)];
    if question.name == Name::Won {
        switches.push(("as_closed", "Values as closed", question.as_closed));
    }
    if question.name == Name::Leaderboard {
        switches.push(("imports", "Count imports too", question.imports));
    }
    switches
}

/// A chip for each filter that holds; a click takes it away.
fn chips_ui(ui: &mut Ui, scene: &Scene<'_>, (question, route): (&Question, &Route), out: &mut Vec<Act>) {
    let mut chips: Vec<(&'static str, String)> = Vec::new();
    for key in ["owner", "source", "tag"] {
        let value = route.get(key).to_owned();
        if !value.is_empty() {
            chips.push((key, crate::present::filters::words(&(key, value), scene)));
        }
    }
    chips.extend(switches(question).into_iter().filter(|(.., on)| *on).map(|(key, text, _)| (key, text.to_owned())));
    for (key, text) in chips {
        let name = format!("Remove the filter {text}");
        let chip = Button::new(&text).look(Look::Chip).trailing(icons::CLOSE).name(&name).selected(true);
        if chip.show(ui).clicked() {
            out.push(Act::Filter(key, String::new()));
        }
    }
}

fn export_ui(ui: &mut Ui, scene: &Scene<'_>, sheet: &Sheet, out: &mut Vec<Act>) {
    let button = Button::quiet("Export").icon(icons::EXPORT).trailing(icons::DOWN).show(ui);
    menu(&button, 200.0, |ui| {
        if Item::new(icons::CSV, "CSV").show(ui) {
            let bytes = sheet.csv(true).into_bytes();
            out.push(Act::Shell(Effect::SaveFile { name: file_name(sheet, "csv"), bytes }));
        }
        if Item::new(icons::FILE, "PDF").keys("Ctrl P").show(ui) {
            out.push(save_pdf(scene, sheet));
        }
    });
}

/// Saves the report as it looks on paper.
fn save_pdf(scene: &Scene<'_>, sheet: &Sheet) -> Act {
    let Settings { name, currency, region, .. } = scene.settings;
    let bytes = sheet.pdf(&Letterhead { workspace: name, currency, region, today: scene.today });
    Act::Shell(Effect::SaveFile { name: file_name(sheet, "pdf"), bytes })
}

/// Administrators decide whether there is a leaderboard.
fn switch_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let off = scene.settings.leaderboard_off;
    let text = if off { "Switch the leaderboard on" } else { "Switch it off for everybody" };
    let name = if off { "Switch the leaderboard on" } else { "Switch the leaderboard off for everybody" };
    if Button::quiet(text).name(name).show(ui).clicked() {
        let fields = FieldChanges::from([("leaderboard_off".to_owned(), Some((!off).into()))]);
        let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
        out.push(Act::Do(Action::SetFields { record, base_heads: Vec::new(), fields }));
    }
}
