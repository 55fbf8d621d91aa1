//! Reports: tabs, filters, tiles, charts, tables and footnotes. Every figure leads to what it counts.

use egui::{Align2, Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use model::report::sheet::{Amount, Bar, Chart as Charted, Ink, Sheet, Tile};
use model::report::{Name, Report};

use super::reports_filters::filters_ui;
use super::reports_table::table_ui;
use crate::act::Act;
use crate::icons;
use crate::present::format::{grouped, many, money, money_compact};
use crate::present::reports::behind;
use crate::routes::{Route, Screen};
use crate::scene::{Scene, Width};
use crate::theme::{Tokens, Type, space, tokens};
use crate::widgets::chart::{Chart, Place};
use crate::widgets::empty::Empty;
use crate::widgets::tabs::tabs;
use crate::widgets::{Button, card, focus_ring, label, paint, paint_icon, paragraph};

/// What the screen remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct ReportsState {
    /// Days that are being typed.
    pub(crate) typed: [String; 3],
}

/// What the screen is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReportsView<'a> {
    /// The report; `None` while it is on its way.
    pub(crate) report: Option<&'a Report>,
    /// The address, with report and filters.
    pub(crate) route: &'a Route,
    /// Groups of records that may be the same, as far as this device has looked.
    pub(crate) duplicates: Option<u64>,
}

/// Widest content, in points.
const PAGE_WIDTH: f32 = 1120.0;
const TILE_HEIGHT: f32 = 88.0;

/// Draws the screen.
pub(crate) fn reports_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    view: &ReportsView<'_>,
    state: &mut ReportsState,
    out: &mut Vec<Act>,
) {
    let margin = if scene.is_compact() { 4 } else { 8 };
    let question = crate::present::reports::question(view.route, scene);
    let names: Vec<Name> = Name::ALL.into_iter().filter(|name| is_offered(*name, scene)).collect();
    egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 0)).show(ui, |ui| {
        let titles: Vec<(&str, Option<u64>)> = names.iter().map(|name| (name.title(), None)).collect();
        let selected = names.iter().position(|name| *name == question.name).unwrap_or(names.len());
        if let Some(index) = tabs(ui, &titles, selected) {
            out.push(Act::Filter("report", names[index].word().to_owned()));
        }
    });
    let sheet = view.report.filter(|report| report.question.name == question.name).map(Report::sheet);
    egui::ScrollArea::vertical().auto_shrink(false).id_salt(("report", question.name.word())).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(margin * 2, 12)).show(ui, |ui| {
            ui.set_width(ui.available_width().min(PAGE_WIDTH));
            ui.spacing_mut().item_spacing.y = space::M;
            filters_ui(ui, scene, (&question, view.route, sheet.as_ref()), state, out);
            if let Some(sheet) = &sheet {
                sheet_ui(ui, scene, (sheet, view.route), out);
            }
            if let Some(total) = view.duplicates.filter(|_| question.name == Name::Hygiene) {
                duplicates_ui(ui, total, out);
            }
        });
    });
}

/// The leaderboard is for teams, and only while no administrator has switched it off (they can still reach it).
fn is_offered(name: Name, scene: &Scene<'_>) -> bool {
    let team = scene.people.iter().filter(|person| person.time("disabled_at").is_none()).count() > 1;
    name != Name::Leaderboard || (team && (!scene.settings.leaderboard_off || scene.is_admin()))
}

fn sheet_ui(ui: &mut Ui, scene: &Scene<'_>, (sheet, route): (&Sheet, &Route), out: &mut Vec<Act>) {
    let t = tokens(ui);
    label(ui, &sheet.subtitle, Type::Caption, t.text_2);
    if let Some(empty) = &sheet.empty {
        empty_ui(ui, empty, route, out);
        notes_ui(ui, &sheet.notes);
        return;
    }
    tiles_ui(ui, scene, sheet, out);
    for chart in sheet.charts.iter().filter(|chart| !chart.bars.is_empty()) {
        chart_ui(ui, scene, chart);
    }
    for table in &sheet.tables {
        table_ui(ui, scene, (sheet, table), out);
    }
    notes_ui(ui, &sheet.notes);
}

/// Every device looks for duplicates itself, so they are no figure of the report but stand under it.
fn duplicates_ui(ui: &mut Ui, total: u64, out: &mut Vec<Act>) {
    let text = format!("Possible duplicates: {}", many(total, "group", "groups"));
    if Button::new(&text).icon(icons::COPY).show(ui).clicked() {
        out.push(Act::Go(Screen::Duplicates));
    }
}

fn empty_ui(ui: &mut Ui, text: &str, route: &Route, out: &mut Vec<Act>) {
    let filtered = route.query.iter().any(|(key, _)| key != "report");
    // Who is alone, or has switched it off, finds nothing more without filters either.
    let comparing = route.get("report") == Name::Leaderboard.word();
    let actions: &[&str] = match (comparing, filtered) {
        (true, _) => &[],
        (false, true) => &["Clear filters"],
        (false, false) => &["New lead", "Import"],
    };
    match (Empty { icon: icons::TREND, title: text, text: "", actions }.show(ui), filtered) {
        (Some(0), true) => {
            let report = route.query.iter().filter(|(key, _)| key == "report").cloned().collect();
            out.push(Act::Visit(Route { screen: Screen::Reports, query: report }));
        }
        (Some(0), false) => out.push(Act::New(model::Kind::Lead, None)),
        (Some(_), _) => out.push(Act::Go(Screen::Import)),
        (None, _) => {}
    }
}

/// The main figures, side by side.
fn tiles_ui(ui: &mut Ui, scene: &Scene<'_>, sheet: &Sheet, out: &mut Vec<Act>) {
    let columns = match scene.width {
        Width::Compact => 2,
        _ => 4,
    };
    let gap = space::S;
    let width = ((ui.available_width() - gap * (columns as f32 - 1.0)) / columns as f32).floor();
    let rows = sheet.tiles.len().div_ceil(columns);
    let height = rows as f32 * (TILE_HEIGHT + gap) - gap;
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), height.max(0.0)), Sense::hover());
    for (index, tile) in sheet.tiles.iter().enumerate() {
        let (column, row) = ((index % columns) as f32, (index / columns) as f32);
        let min = area.min + vec2(column * (width + gap), row * (TILE_HEIGHT + gap));
        tile_ui(ui, scene, (sheet, tile, Rect::from_min_size(min, vec2(width, TILE_HEIGHT))), out);
    }
}

fn tile_ui(ui: &Ui, scene: &Scene<'_>, (sheet, tile, rect): (&Sheet, &Tile, Rect), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let leads_to = behind(sheet, &tile.cell);
    let full = tile.cell.amount.text(&scene.settings.currency);
    let spoken = format!("{}: {full}", tile.name);
    let sense = if leads_to.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("report tile", tile.name)), sense);
    let role = if leads_to.is_some() { Role::Link } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, &spoken));
    let lit = leads_to.is_some() && response.hovered();
    let border = if lit { t.input_border } else { t.border };
    ui.painter().rect(rect, 8, t.surface, egui::Stroke::new(1.0, border), egui::StrokeKind::Inside);
    let room = rect.width() - 24.0;
    let at = |y: f32| (pos2(rect.left() + 12.0, rect.top() + y), Align2::LEFT_CENTER);
    paint(ui, at(19.0), tile.name, (Type::Caption, t.text_2), room);
    let of = if scene.is_compact() { Type::Heading } else { Type::Kpi };
    let (short, hint) = tile_texts(tile, scene);
    paint(ui, at(46.0), &short, (of, t.text), room);
    paint(ui, at(73.0), &hint, (Type::Caption, t.text_3), room);
    if leads_to.is_some() {
        let ink = if lit { t.accent } else { t.text_3 };
        paint_icon(ui, pos2(rect.right() - 16.0, rect.top() + 18.0), icons::ARROW_RIGHT, 12.0, ink);
    }
    focus_ring(ui, &response, rect, 8);
    if let (true, Some(act)) = (response.clicked(), leads_to) {
        out.push(act);
    }
}

/// The figure in few characters, and what stands under it: money is cut short, a share tells its whole below.
fn tile_texts(tile: &Tile, scene: &Scene<'_>) -> (String, String) {
    let currency = &scene.settings.currency;
    let (full, hint) = (tile.cell.amount.text(currency), tile.hint_text(currency));
    match (&tile.cell.amount, full.split_once(" of ")) {
        (Amount::Cents(cents), _) => (money_compact(*cents, currency), hint),
        (Amount::Share(_), Some((share, whole))) if hint.is_empty() => (share.to_owned(), format!("of {whole}")),
        (Amount::Share(_), Some((share, whole))) => (share.to_owned(), format!("of {whole} · {hint}")),
        _ => (full, hint),
    }
}

fn chart_ui(ui: &mut Ui, scene: &Scene<'_>, chart: &Charted) {
    let t = tokens(ui);
    let currency = scene.settings.currency.as_str();
    let text = |value: i64| match chart.is_money {
        true => money(value, currency),
        false => grouped(value.unsigned_abs()),
    };
    let place = |bar: &Bar| Place {
        name: bar.name.clone(),
        bars: bar
            .values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let own = bar.ink.map(|ink| shade(ink_color(t, ink), index, t));
                let color =
                    own.unwrap_or_else(|| chart.series.get(index).map_or(t.accent, |(_, ink)| ink_color(t, *ink)));
                (*value as f64, text(*value), color)
            })
            .collect(),
    };
    let places: Vec<Place> = chart.bars.iter().map(place).collect();
    let colored = chart.bars.iter().any(|bar| bar.ink.is_some());
    let series: Vec<(&str, Color32)> = chart
        .series
        .iter()
        .enumerate()
        .map(|(index, (name, ink))| {
            // Where each place has a colour of its own, the legend tells full from light.
            let color = if colored { shade(t.text_2, index, t) } else { ink_color(t, *ink) };
            (*name, color)
        })
        .collect();
    card(ui, 12, |ui| {
        ui.set_width(ui.available_width());
        label(ui, chart.name, Type::Label, t.text);
        let shown = Chart { name: chart.name, series: &series, places: &places };
        shown.show(ui, |value| axis_text(value, chart.is_money, currency));
    });
}

fn axis_text(value: f64, is_money: bool, currency: &str) -> String {
    let whole = value.round() as i64;
    if is_money { money_compact(whole, currency) } else { grouped(whole.unsigned_abs()) }
}

/// The second of two bars of one colour is lighter.
fn shade(color: Color32, index: usize, t: &Tokens) -> Color32 {
    if index == 0 { color } else { crate::widgets::frame::mix(color, t.surface, 0.5) }
}

/// The colour that an ink has in the theme.
pub(super) fn ink_color(t: &Tokens, ink: Ink) -> Color32 {
    match ink {
        Ink::Stage(index) => t.stage(index),
        Ink::Won => t.success,
        Ink::Lost => t.danger,
        Ink::Main => t.accent,
        Ink::Second => crate::widgets::frame::mix(t.accent, t.surface, 0.5),
    }
}

/// The rules that were used.
fn notes_ui(ui: &mut Ui, notes: &[String]) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = space::XS;
    for note in notes {
        paragraph(ui, note, Type::Caption, t.text_3);
    }
}
