//! A report's tables: every figure is a control that leads to what it counts. On a phone each row is a card.

use egui::{Align, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use model::report::sheet::{Amount, Cell, Row, Sheet, Table};

use super::reports::ink_color;
use crate::act::Act;
use crate::present::reports::behind;
use crate::scene::Scene;
use crate::theme::{Type, height, space, tokens};
use crate::widgets::table::{Head, cell_text, head_ui};
use crate::widgets::text::width_of;
use crate::widgets::{caption, card, focus_ring, hairline, label};

/// Most rows that are shown; the CSV has all of them.
const ROWS_MAX: usize = 100;
/// Narrowest first column.
const WORDS_MIN: f32 = 140.0;

/// Draws a table.
pub(super) fn table_ui(ui: &mut Ui, scene: &Scene<'_>, (sheet, table): (&Sheet, &Table), out: &mut Vec<Act>) {
    let t = tokens(ui);
    card(ui, 0, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::Frame::new().inner_margin(egui::Margin { left: 12, right: 12, top: 12, bottom: 4 }).show(ui, |ui| {
            label(ui, table.name, Type::Label, t.text);
        });
        if scene.is_compact() {
            cards_ui(ui, scene, (sheet, table), out);
        } else {
            grid_ui(ui, scene, (sheet, table), out);
        }
        let hidden = table.rows.len().saturating_sub(ROWS_MAX);
        if hidden > 0 {
            egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
                caption(ui, &format!("{hidden} more rows are in the CSV"));
            });
        }
    });
}

/// The rows that are shown: the first ones, and the total.
fn shown(table: &Table) -> impl Iterator<Item = &Row> {
    let rows = table.rows.iter().enumerate();
    rows.filter(|(index, row)| *index < ROWS_MAX || row.is_total).map(|(_, row)| row)
}

fn grid_ui(ui: &mut Ui, scene: &Scene<'_>, (sheet, table): (&Sheet, &Table), out: &mut Vec<Act>) {
    let widths = widths(ui, scene, table);
    let needed: f32 = widths.iter().sum();
    let scroll = egui::ScrollArea::horizontal().id_salt(("table", table.name));
    scroll.auto_shrink([false, true]).show(ui, |ui| {
        let width = needed.max(ui.available_width());
        let (head, _) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
        for (index, (text, mut rect)) in table.columns.iter().zip(columns(head, &widths)).enumerate() {
            if index == 0 {
                rect.min.x += 4.0;
            }
            let align = if index == 0 { Align::Min } else { Align::Max };
            ui.push_id((table.name, index), |ui| {
                head_ui(ui, rect, &Head { text, sorted: None, align, sortable: false });
            });
        }
        for row in shown(table) {
            let (rect, _) = ui.allocate_exact_size(vec2(width, height::ROW), Sense::hover());
            row_ui(ui, scene, (sheet, table, row), (rect, &widths), out);
        }
    });
}

/// As wide as the widest text; what is left goes to the first column.
fn widths(ui: &Ui, scene: &Scene<'_>, table: &Table) -> Vec<f32> {
    let width = |index: usize, head: &&str| {
        let cells = shown(table).filter_map(|row| row.cells.get(index));
        let texts = cells.map(|cell| width_of(ui, &cell.amount.text(&scene.settings.currency), Type::Dense));
        let widest = texts.fold(width_of(ui, head, Type::CaptionStrong), f32::max);
        if index == 0 { widest.clamp(WORDS_MIN, 280.0) + 36.0 } else { widest.ceil() + 17.0 }
    };
    let mut widths: Vec<f32> = table.columns.iter().enumerate().map(|(index, head)| width(index, head)).collect();
    let left = ui.available_width() - widths.iter().sum::<f32>();
    if left > 0.0 {
        let share = left / widths.len().max(1) as f32;
        widths.iter_mut().for_each(|width| *width += share);
    }
    widths
}

fn columns(row: Rect, widths: &[f32]) -> Vec<Rect> {
    let mut x = row.left();
    let cell = |width: &f32| {
        let rect = Rect::from_min_size(pos2(x, row.top()), vec2(*width, row.height()));
        x += width;
        rect
    };
    widths.iter().map(cell).collect()
}

fn row_ui(
    ui: &Ui,
    scene: &Scene<'_>,
    (sheet, table, row): (&Sheet, &Table, &Row),
    (rect, widths): (Rect, &[f32]),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    hairline(ui, rect.left_top(), rect.right_top());
    for (index, (cell, mut place)) in row.cells.iter().zip(columns(rect, widths)).enumerate() {
        if index > 0 {
            figure_ui(ui, scene, (sheet, table, row), (index, cell, place), out);
            continue;
        }
        if let Some(ink) = row.ink {
            ui.painter().circle_filled(pos2(place.left() + 16.0, place.center().y), 4.0, ink_color(t, ink));
            place.min.x += 18.0;
        }
        let of = if row.is_total { Type::DenseStrong } else { Type::Dense };
        place.min.x += 4.0;
        cell_text(ui, place, &cell.amount.text(&scene.settings.currency), (of, t.text, Align::Min));
    }
}

/// A figure: a link to what it counts, or a label where it counts nothing.
fn figure_ui(
    ui: &Ui,
    scene: &Scene<'_>,
    (sheet, table, row): (&Sheet, &Table, &Row),
    (index, cell, rect): (usize, &Cell, Rect),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let leads_to = behind(sheet, cell);
    let text = cell.amount.text(&scene.settings.currency);
    let first = row.cells.first().map(|cell| cell.amount.text("")).unwrap_or_default();
    let head = table.columns.get(index).copied().unwrap_or("");
    let spoken = format!("{first}, {head}: {text}");
    let sense = if leads_to.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with((table.name, &first, index)), sense);
    let role = if leads_to.is_some() { Role::Link } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, &spoken));
    let lit = leads_to.is_some() && (response.hovered() || response.has_focus());
    if lit {
        ui.painter().rect_filled(rect.shrink2(vec2(2.0, 3.0)), 4, t.surface_2);
    }
    let quiet = matches!(
        cell.amount,
        Amount::Count(0) | Amount::Cents(0) | Amount::Minutes(0) | Amount::Days(None) | Amount::Unknown
    );
    let ink = match (lit, quiet) {
        (true, _) => t.accent,
        (false, true) => t.text_3,
        (false, false) => t.text,
    };
    let of = if row.is_total { Type::DenseStrong } else { Type::Dense };
    cell_text(ui, rect, &text, (of, ink, Align::Max));
    focus_ring(ui, &response, rect.shrink2(vec2(2.0, 3.0)), 4);
    if let (true, Some(act)) = (response.clicked(), leads_to) {
        out.push(act);
    }
}

/// On a phone: a card for each row, its figures in two columns.
fn cards_ui(ui: &mut Ui, scene: &Scene<'_>, (sheet, table): (&Sheet, &Table), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let line = if scene.touch { 44.0 } else { 32.0 };
    for row in shown(table) {
        let width = ui.available_width();
        let (name, _) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
        hairline(ui, name.left_top(), name.right_top());
        let mut place = name.shrink2(vec2(4.0, 0.0));
        if let Some(ink) = row.ink {
            ui.painter().circle_filled(pos2(place.left() + 12.0, place.center().y), 4.0, ink_color(t, ink));
            place.min.x += 16.0;
        }
        if let Some(cell) = row.cells.first() {
            cell_text(ui, place, &cell.amount.text(&scene.settings.currency), (Type::DenseStrong, t.text, Align::Min));
        }
        let half = (width - 8.0) / 2.0;
        for figures in lines(ui, scene, (table, row), half) {
            let (rect, _) = ui.allocate_exact_size(vec2(width, line), Sense::hover());
            let share = (rect.width() - 8.0) / figures.len() as f32;
            for (side, (index, cell)) in figures.iter().enumerate() {
                let left = rect.left() + 4.0 + side as f32 * share;
                let place = Rect::from_min_size(pos2(left, rect.top()), vec2(share, line));
                let head = table.columns.get(*index).copied().unwrap_or("");
                cell_text(ui, place, head, (Type::Caption, t.text_3, Align::Min));
                figure_ui(ui, scene, (sheet, table, row), (*index, cell, place), out);
            }
        }
        ui.add_space(space::XS);
    }
}

/// The figures of a row, two to a line where both fit into their half.
fn lines<'a>(ui: &Ui, scene: &Scene<'_>, (table, row): (&Table, &'a Row), half: f32) -> Vec<Vec<(usize, &'a Cell)>> {
    let fits = |index: usize, cell: &Cell| {
        let head = table.columns.get(index).copied().unwrap_or("");
        let figure = cell.amount.text(&scene.settings.currency);
        let needed = width_of(ui, head, Type::Caption) + width_of(ui, &figure, Type::DenseStrong);
        needed + 3.0 * space::S <= half
    };
    let mut lines: Vec<Vec<(usize, &Cell)>> = Vec::new();
    let mut room = false;
    for (index, cell) in row.cells.iter().enumerate().skip(1) {
        let narrow = fits(index, cell);
        match lines.last_mut().filter(|_| room && narrow) {
            Some(line) => {
                line.push((index, cell));
                room = false;
            }
            None => {
                lines.push(vec![(index, cell)]);
                room = narrow;
            }
        }
    }
    lines
}
