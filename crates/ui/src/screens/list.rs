//! Leads, accounts and contacts: a virtual table with sticky head, sorting, text filter and quick filters.

use std::collections::BTreeSet;

use egui::{Align, Align2, Key, Modifiers, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use model::query::{List, Overview, Row, Sort};
use model::{Kind, RecordId};

use super::list_edit::CellEdit;
use super::views::Views;
use crate::act::Act;
use crate::icons;
use crate::picking::Wanted;
use crate::present::columns::{Cell, Column, Laid, cell, columns, lines, quick_filters};
use crate::present::filters::Filter;
use crate::present::format::{many, money};
use crate::routes::{Screen, sort_word};
use crate::scene::Scene;
use crate::theme::{Type, height, space, tokens};
use crate::widgets::avatar::paint_avatar;
use crate::widgets::empty::Empty;
use crate::widgets::pill::{paint_pill_left, paint_pill_right};
use crate::widgets::table::{Head, cell_text, head_id, head_ui, row_ui};
use crate::widgets::text::width_of;
use crate::widgets::{Button, Field, Look, hairline, icon_button, paint, paint_icon};

type Typing<'a> = &'a mut Option<Wanted>;

/// Room for the check box in front of a row.
const CHECK: f32 = 28.0;
/// The least width of the column that takes what is left.
const NAME_MIN: f32 = 160.0;
/// What a column of words keeps when it gives room to the others.
const WORDS_MIN: f32 = 84.0;
/// Room behind the last column.
const END: f32 = 8.0;

/// What the address says about a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListFilter {
    /// Of which kind.
    pub(crate) kind: Kind,
    /// Words that must occur.
    pub(crate) text: String,
    /// Quick filters that are on.
    pub(crate) on: Vec<String>,
    /// Owner, stage and the like.
    pub(crate) more: Vec<Filter>,
    /// The order.
    pub(crate) sort: Vec<Sort>,
    /// The columns that somebody chose.
    pub(crate) layout: String,
}

/// What a list remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct ListState {
    /// First visible row and the one behind the last.
    pub(crate) seen: (u32, u32),
    /// The row that has the keyboard.
    pub(crate) cursor: Option<usize>,
    /// The cursor's row is scrolled to in the next frame.
    pub(crate) follow: bool,
    /// The list scrolls to its top in the next frame.
    pub(crate) to_top: bool,
    /// Selected rows.
    pub(crate) selected: BTreeSet<RecordId>,
    /// Everything that matches is to be selected, as far as one answer goes.
    pub(crate) select_all: bool,
    /// The cell that is being edited.
    pub(crate) editing: Option<CellEdit>,
    /// The column whose edge is dragged, and its width.
    pub(crate) resizing: Option<(String, f32)>,
}

impl ListState {
    /// The window to ask for: what is visible and about a screen around, in steps.
    pub(crate) fn window(&self) -> (u32, u32) {
        let first = self.seen.0.saturating_sub(40) / 50 * 50;
        let last = (self.seen.1 + 40).div_ceil(50) * 50;
        (first, (last - first).clamp(100, model::query::WINDOW_MAX))
    }
}

/// What a list is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListView<'a> {
    /// The rows; `None` until the first answer.
    pub(crate) list: Option<&'a List>,
    /// What the address says.
    pub(crate) filter: &'a ListFilter,
    /// The rows that "select all" asked for.
    pub(crate) all: Option<&'a [RecordId]>,
    /// Figures, to tell an empty workspace from an empty filter.
    pub(crate) overview: Option<&'a Overview>,
    /// Saved views.
    pub(crate) views: Views<'a>,
    /// Single keys belong to the list.
    pub(crate) keys: bool,
    /// Of everything that matches, what the person may edit; `None` where that is all, or not known yet.
    pub(crate) editable: Option<&'a [RecordId]>,
}

/// Draws a list.
pub(crate) fn list_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    view: &ListView<'_>,
    state: &mut ListState,
    (typing, out): (Typing<'_>, &mut Vec<Act>),
) {
    let laid = columns(view.filter.kind, &view.filter.layout, scene.width, scene.settings);
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, 0, tokens(ui).surface);
    let tall = ui.spacing().interact_size.y + 20.0;
    let bar = Rect::from_min_size(whole.min, vec2(whole.width(), tall));
    let area = bar.shrink2(vec2(if scene.is_compact() { space::S } else { space::L }, 0.0));
    ui.scope_builder(UiBuilder::new().max_rect(area), |ui| filter_bar(ui, scene, (view, &laid), out));
    let Some(list) = view.list else { return };
    let body = whole.with_min_y(bar.bottom());
    if list.total == 0 {
        ui.scope_builder(UiBuilder::new().max_rect(body), |ui| empty(ui, view, out));
        return;
    }
    keys(ui, scene, (view, list, &laid), state, out);
    let tall = if state.selected.is_empty() { 32.0 } else { 48.0 };
    let foot = body.with_min_y(body.bottom() - tall);
    let rows = body.with_max_y(foot.top());
    if scene.is_compact() {
        phone_rows(ui, rows, scene, (view, list), state, out);
    } else {
        table(ui, rows, scene, (view, list, &laid), state, (typing, out));
    }
    super::list_bulk::take_all(state, view.all);
    if state.selected.is_empty() {
        footer(ui, foot, scene, list, view.filter.kind);
    } else {
        super::list_bulk::bar_ui(ui, foot, scene, (view, list.total), state, out);
    }
    state.follow = false;
    state.to_top = false;
}

fn filter_bar(ui: &mut Ui, scene: &Scene<'_>, (view, laid): (&ListView<'_>, &[Laid<'_>]), out: &mut Vec<Act>) {
    ui.add_space(space::S);
    let height = ui.spacing().interact_size.y;
    let scroll = ScrollArea::horizontal()
        .id_salt("filters")
        .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden);
    scroll.show(ui, |ui| {
        ui.horizontal(|ui| {
            let mut text = view.filter.text.clone();
            // On a phone the field leaves room for two buttons; the rest is reached by a swipe.
            let wide = if scene.is_compact() { room_beside_buttons(ui) } else { 240.0 };
            ui.allocate_ui(vec2(wide, height), |ui| {
                ui.set_width(wide);
                let name = format!("Filter {}", crate::words::kinds(view.filter.kind).to_lowercase());
                let field = Field::new(&name).bare().hint("Filter…").icon(icons::FILTER);
                if field.id(egui::Id::unique("filter")).show(ui, &mut text).changed() {
                    out.push(Act::Filter("q", text.clone()));
                }
            });
            ui.spacing_mut().item_spacing.x = space::XS;
            super::views::views_button(ui, scene, &view.views, out);
            super::filters::filter_button(ui, scene, (view.filter.kind, &view.filter.more), out);
            super::filters::chips_ui(ui, scene, (view.filter.kind, &view.filter.more), out);
            for (word, name) in quick_filters(view.filter.kind) {
                chip(ui, view.filter, (word, name), out);
            }
            if !scene.is_compact() {
                super::list_columns::columns_button(ui, scene, (view.filter.kind, laid), out);
            }
            if icon_button(ui, icons::CSV, "Export what matches as CSV").clicked() {
                out.push(Act::ExportList);
            }
        });
    });
}

/// What two square buttons and the spaces between leave of the line.
fn room_beside_buttons(ui: &Ui) -> f32 {
    (ui.clip_rect().width() - 2.0 * ui.spacing().interact_size.y - space::XL).max(120.0)
}

fn chip(ui: &mut Ui, filter: &ListFilter, (word, name): (&str, &str), out: &mut Vec<Act>) {
    let on = filter.on.iter().any(|other| other == word);
    let button = Button::new(name).look(Look::Quiet).selected(on);
    if !button.show(ui).clicked() {
        return;
    }
    let exclusive = |other: &str| matches!(other, "open" | "won" | "lost");
    let mut words: Vec<&str> = filter
        .on
        .iter()
        .map(String::as_str)
        .filter(|other| *other != word && !(exclusive(word) && exclusive(other)))
        .collect();
    if !on {
        words.push(word);
    }
    // An address without `f` means the default filters, so "none" has a word of its own.
    let joined = if words.is_empty() { "none".to_owned() } else { words.join(",") };
    out.push(Act::Filter("f", joined));
}

fn empty(ui: &mut Ui, view: &ListView<'_>, out: &mut Vec<Act>) {
    let kind = view.filter.kind;
    let all = view.overview.and_then(|of| of.counts.get(&kind)).copied();
    let (one, several) = (crate::words::kind(kind), crate::words::kinds(kind).to_lowercase());
    ui.add_space(space::XL);
    if all == Some(0) {
        let title = format!("No {several} yet");
        let add = format!("New {one}");
        let empty =
            Empty { icon: crate::words::kind_icon(kind), title: &title, text: "", actions: &[&add, "Import CSV"] };
        match empty.show(ui) {
            Some(0) => out.push(Act::New(kind, None)),
            Some(_) => out.push(Act::Go(Screen::Import)),
            None => {}
        }
        return;
    }
    let title = match view.filter.text.as_str() {
        "" => format!("No {several} match these filters"),
        text => format!("No matches for “{text}”"),
    };
    let empty = Empty { icon: icons::FILTER, title: &title, text: "", actions: &["Clear filters"] };
    if empty.show(ui).is_some() {
        out.push(Act::Filter("q", String::new()));
        out.push(Act::Filter("f", "none".into()));
        out.extend(crate::present::filters::KEYS.map(|key| Act::Filter(key, String::new())));
    }
}

/// The width of each column. The name takes what is left; where that is too little, columns of words give some of
/// theirs, so that the last column shows.
fn widths(columns: &[Laid<'_>], room: f32, resizing: Option<(&str, f32)>) -> Vec<f32> {
    let chosen = |(column, width): &Laid<'_>| match resizing.filter(|(key, _)| *key == column.key) {
        Some((_, width)) => Some(width),
        None => *width,
    };
    let given = |laid: &Laid<'_>| chosen(laid).or((laid.0.width > 0).then(|| f32::from(laid.0.width)));
    let spare = |laid: &Laid<'_>| match (chosen(laid), laid.0.width, laid.0.align) {
        (None, width, Align::Min) if width > 0 => (f32::from(width) - WORDS_MIN).max(0.0),
        _ => 0.0,
    };
    let fixed: f32 = columns.iter().filter_map(given).sum();
    let spares: f32 = columns.iter().map(spare).sum();
    let missing = (NAME_MIN - (room - fixed)).clamp(0.0, spares);
    let share = if spares > 0.0 { missing / spares } else { 0.0 };
    let rest = (room - fixed).max(NAME_MIN);
    columns.iter().map(|laid| given(laid).map_or(rest, |width| width - spare(laid) * share)).collect()
}

fn table(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (view, list, laid): (&ListView<'_>, &List, &[Laid<'_>]),
    state: &mut ListState,
    (typing, out): (Typing<'_>, &mut Vec<Act>),
) {
    let inner = rect.shrink2(vec2(space::L, 0.0));
    let resizing = state.resizing.as_ref().map(|(key, width)| (key.as_str(), *width));
    let widths = widths(laid, inner.width() - CHECK - END, resizing);
    let wide = inner.width().max(widths.iter().sum::<f32>() + CHECK);
    let mut holder = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("table"));
    let touched = ScrollArea::horizontal()
        .auto_shrink(false)
        .show(&mut holder, |ui| {
            ui.set_min_size(vec2(wide, inner.height()));
            let left = ui.max_rect().left();
            let head = Rect::from_min_size(pos2(left, inner.top()), vec2(wide, 32.0));
            heads(ui, head, (view, laid, &widths), state, out);
            let body = Rect::from_min_max(head.left_bottom(), pos2(head.right(), inner.bottom()));
            let mut area = ui.new_child(UiBuilder::new().max_rect(body).id_salt("rows"));
            // The rows read it while the state is theirs to write.
            let picked = std::mem::take(&mut state.selected);
            let columns: Vec<Column<'_>> = laid.iter().map(|(column, _)| *column).collect();
            let mut edited = None;
            let step = if scene.dense { height::ROW_DENSE } else { height::ROW };
            let touched = rows(&mut area, step, list, state, |ui, rect, row, on, editing| {
                let cells = cells(rect, &columns, &widths);
                let at = editing.and_then(|edit| cells.iter().find(|(column, _)| column.key == edit.key));
                edited = at.map(|(_, cell)| (*cell, row.clone())).or(edited.take());
                table_row(ui, scene, (rect, row, on, &cells), &picked, out)
            });
            state.selected = picked;
            if let Some((cell, row)) = edited {
                let on = (typing, &mut *out);
                super::list_edit::cell_edit_ui(&mut area, scene, (cell, &row, &columns), state, on);
            }
            touched
        })
        .inner;
    if let Some(touched) = touched {
        act_on(touched, scene, (view, list), state, out);
    }
}

fn heads(
    ui: &Ui,
    head: Rect,
    (view, laid, widths): (&ListView<'_>, &[Laid<'_>], &[f32]),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    hairline(ui, head.left_bottom(), head.right_bottom());
    super::list_bulk::head_check(ui, head.with_max_x(head.left() + CHECK), state);
    let mut x = head.left() + CHECK;
    for (index, ((column, _), width)) in laid.iter().zip(widths).enumerate() {
        let cell = Rect::from_min_size(pos2(x, head.top()), vec2(*width, head.height()));
        x += width;
        column_head(ui, cell, column, view, out);
        super::list_columns::edge_ui(ui, (cell, index, laid), (view.filter.kind, state), out);
    }
}

fn cells<'a>(rect: Rect, columns: &[Column<'a>], widths: &[f32]) -> Vec<(Column<'a>, Rect)> {
    let mut x = rect.left() + CHECK;
    let mut cells = Vec::with_capacity(columns.len());
    for (column, width) in columns.iter().zip(widths) {
        cells.push((*column, Rect::from_min_size(pos2(x, rect.top()), vec2(*width, rect.height()))));
        x += width;
    }
    cells
}

fn table_row<'a>(
    ui: &mut Ui,
    scene: &Scene<'a>,
    (rect, row, on, cells): (Rect, &Row, bool, &[(Column<'a>, Rect)]),
    picked: &BTreeSet<RecordId>,
    out: &mut Vec<Act>,
) -> Option<Touched<'a>> {
    let t = tokens(ui);
    let id = row.record.id;
    let is_picked = picked.contains(&id);
    let response = row_ui(ui, rect, egui::Id::unique(("row", id)), (&row.record.display_name(), on || is_picked));
    for (column, cell) in cells {
        cell_ui(ui, *cell, column, row, scene);
    }
    if row.conflicted {
        paint_icon(ui, pos2(rect.left() - 6.0, rect.center().y), icons::CONFLICT, 12.0, t.warning);
    }
    super::list_actions::end_ui(ui, scene, (row, &response), out);
    if row_check(ui, rect, row, (is_picked, !picked.is_empty())) {
        return Some(Touched::Check(id));
    }
    let at = response.interact_pointer_pos();
    let under = at.and_then(|at| cells.iter().find(|(_, cell)| cell.x_range().contains(at.x)));
    let editable = under.filter(|(column, _)| super::list_edit::spec_of(row.record.kind, column.key, scene).is_some());
    let is_name = under.is_some_and(|(column, _)| column.width == 0);
    match editable {
        Some((column, _)) if response.double_clicked() && !is_name => Some(Touched::Edit(id, column.key)),
        // A click into a cell that can be edited waits for the second one; anywhere else it opens the record.
        Some(_) if response.clicked() && !is_name && !scene.touch => Some(Touched::Cursor(id)),
        _ => response.clicked().then_some(Touched::Open(id)),
    }
}

fn act_on(
    touched: Touched<'_>,
    scene: &Scene<'_>,
    (view, list): (&ListView<'_>, &List),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    let at = |id: RecordId| list.rows.iter().position(|row| row.record.id == id);
    match touched {
        Touched::Open(id) => out.push(open(view.filter.kind, id)),
        Touched::Check(id) => {
            if !state.selected.remove(&id) {
                state.selected.insert(id);
            }
        }
        Touched::Cursor(id) => state.cursor = at(id).map(|at| at + list.offset as usize),
        Touched::Edit(id, key) => {
            if let Some(row) = at(id).map(|at| &list.rows[at]) {
                super::list_edit::begin(state, scene, (row, key), out);
            }
        }
    }
}

/// What was done to a row.
#[derive(Debug, Clone, Copy)]
enum Touched<'a> {
    /// It was opened.
    Open(RecordId),
    /// It was selected, or the other way round.
    Check(RecordId),
    /// The keyboard goes there.
    Cursor(RecordId),
    /// The cell of this column is to be edited.
    Edit(RecordId, &'a str),
}

/// The check box of a row: shows under the pointer, and on every row while something is selected.
fn row_check(ui: &Ui, rect: Rect, row: &Row, (checked, any): (bool, bool)) -> bool {
    let hit = Rect::from_min_size(rect.min, vec2(CHECK, rect.height()));
    let response = ui.interact(hit, egui::Id::unique(("row check", row.record.id)), egui::Sense::click());
    let name = format!("Select {}", row.record.display_name());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, checked, &name));
    if checked || any || ui.rect_contains_pointer(rect) || response.has_focus() {
        crate::widgets::check::paint_box(ui, hit.center(), checked);
    }
    crate::widgets::focus_ring(ui, &response, hit.shrink2(vec2(2.0, 6.0)), 4);
    response.clicked()
}

fn open(kind: Kind, id: RecordId) -> Act {
    Act::Go(Screen::Detail(model::RecordRef::new(kind, id)))
}

fn column_head(ui: &Ui, rect: Rect, column: &Column<'_>, view: &ListView<'_>, out: &mut Vec<Act>) {
    let filter = view.filter;
    let place = filter.sort.iter().position(|sort| sort.field == column.sort && !column.sort.is_empty());
    let sorted = place.map(|place| filter.sort[place].descending);
    let first = place == Some(0) && view.keys;
    if first && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::S)) {
        ui.memory_mut(|memory| memory.request_focus(head_id(ui, column.head)));
    }
    let head = Head { text: column.head, sorted, align: column.align, sortable: !column.sort.is_empty() };
    if head_ui(ui, rect, &head) {
        let descending = sorted.map_or(column.largest_first, |descending| !descending);
        let key = Sort { field: column.sort.to_owned(), descending };
        // With Shift it is the second key.
        let first = filter.sort.first().filter(|first| first.field != key.field);
        let keys = match first.filter(|_| ui.input(|input| input.modifiers.shift)) {
            Some(first) => vec![first.clone(), key],
            None => vec![key],
        };
        out.push(Act::Filter("sort", sort_word(&keys)));
    }
}

fn cell_ui(ui: &Ui, rect: Rect, column: &Column<'_>, row: &Row, scene: &Scene<'_>) {
    let t = tokens(ui);
    let y = rect.center().y;
    match cell(row, column, scene) {
        Cell::Name(text) => cell_text(ui, rect, &text, (Type::DenseStrong, t.text, Align::Min)),
        Cell::Text(text) => cell_text(ui, rect, &text, (Type::Dense, t.text_2, column.align)),
        Cell::Stage(color, name) => {
            ui.painter().circle_filled(pos2(rect.left() + 12.0, y), 4.0, t.stage(color));
            let rest = rect.with_min_x(rect.left() + 14.0);
            cell_text(ui, rest, &name, (Type::Dense, t.text_2, Align::Min));
        }
        Cell::Pill(pill) => {
            paint_pill_left(ui, pos2(rect.left() + 6.0, y), &pill, rect.width() - 12.0);
        }
        Cell::Person(name) if name.is_empty() => {}
        Cell::Person(name) => {
            paint_avatar(ui, pos2(rect.left() + 18.0, y), &name, 20.0);
            let rest = rect.with_min_x(rect.left() + 26.0);
            cell_text(ui, rest, &name, (Type::Dense, t.text_2, Align::Min));
        }
    }
}

/// The check of a phone's row while rows are being selected.
fn check_mark(ui: &Ui, center: egui::Pos2, checked: bool) {
    let t = tokens(ui);
    let (mark, ink) = if checked { (icons::SUCCESS, t.accent) } else { (icons::CIRCLE, t.input_border) };
    paint_icon(ui, center, mark, 24.0, ink);
}

fn phone_rows(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (view, list): (&ListView<'_>, &List),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    let mut area = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("rows"));
    let picked = std::mem::take(&mut state.selected);
    let selecting = !picked.is_empty();
    let opened = rows(&mut area, height::ROW_TALL, list, state, |ui, rect, row, on, _| {
        let t = tokens(ui);
        let (name, pill, second) = lines(row, scene);
        let id = row.record.id;
        let checked = picked.contains(&id);
        let response = row_ui(ui, rect, egui::Id::unique(("row", id)), (&name, on || checked));
        let mut left = rect.left() + space::L;
        if selecting {
            let name = format!("Select {name}");
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, checked, &name));
            check_mark(ui, pos2(left + 12.0, rect.center().y), checked);
            left += 36.0;
        }
        let wanted = !selecting && super::list_actions::dots_ui(ui, scene, (row, rect), out);
        let right = rect.right() - if selecting { space::L } else { super::list_actions::THUMB };
        let top = pos2(left, rect.top() + 22.0);
        let mut room = right - left;
        if let Some(pill) = pill {
            room = paint_pill_right(ui, pos2(right, top.y), &pill, 150.0).left() - left - space::S;
        }
        paint(ui, (top, Align2::LEFT_CENTER), &name, (Type::Label, t.text), room);
        let low = pos2(left, rect.top() + 43.0);
        paint(ui, (low, Align2::LEFT_CENTER), &second, (Type::Dense, t.text_2), right - left);
        if wanted || response.long_touched() || (selecting && response.clicked()) {
            return Some(Touched::Check(id));
        }
        response.clicked().then_some(Touched::Open(id))
    });
    state.selected = picked;
    if let Some(touched) = opened {
        act_on(touched, scene, (view, list), state, out);
    }
}

/// Lays out the visible rows only; returns what was done to one.
fn rows<'a>(
    ui: &mut Ui,
    step: f32,
    list: &List,
    state: &mut ListState,
    mut draw: impl FnMut(&mut Ui, Rect, &Row, bool, Option<&CellEdit>) -> Option<Touched<'a>>,
) -> Option<Touched<'a>> {
    let total = usize::try_from(list.total).unwrap_or(usize::MAX);
    let mut area = ScrollArea::vertical().id_salt("list").auto_shrink(false);
    if state.to_top {
        area = area.vertical_scroll_offset(0.0);
    }
    area.show_viewport(ui, |ui, viewport| {
        #[expect(clippy::cast_precision_loss, reason = "rows of a list")]
        ui.set_height(total as f32 * step);
        let origin = ui.max_rect().min;
        let width = ui.max_rect().width();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
        let at = |y: f32| (y.max(0.0) / step).floor() as usize;
        let (first, last) = (at(viewport.top()).min(total), (at(viewport.bottom()) + 1).min(total));
        let known = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        state.seen = (known(first), known(last));
        let place = |index: usize| {
            #[expect(clippy::cast_precision_loss, reason = "rows of a list")]
            let top = origin.y + index as f32 * step;
            Rect::from_min_size(pos2(origin.x, top), vec2(width, step))
        };
        if let Some(cursor) = state.cursor.filter(|_| state.follow) {
            ui.scroll_to_rect(place(cursor), None);
        }
        let mut opened = None;
        for index in first..last {
            let Some(row) = index.checked_sub(list.offset as usize).and_then(|at| list.rows.get(at)) else { continue };
            let editing = state.editing.as_ref().filter(|edit| edit.record == row.record.id);
            opened = draw(ui, place(index), row, state.cursor == Some(index), editing).or(opened);
        }
        opened
    })
    .inner
}

fn footer(ui: &Ui, rect: Rect, scene: &Scene<'_>, list: &List, kind: Kind) {
    let t = tokens(ui);
    hairline(ui, rect.left_top(), rect.right_top());
    let several = crate::words::kinds(kind).to_lowercase();
    let text = many(list.total, crate::words::kind(kind), &several);
    let left = rect.left() + if scene.is_compact() { space::L } else { space::XL };
    let at = (pos2(left, rect.center().y), Align2::LEFT_CENTER);
    let wide = width_of(ui, &text, Type::Dense);
    paint(ui, at, &text, (Type::Dense, t.text_2), f32::INFINITY);
    if kind == Kind::Lead {
        let currency = &scene.settings.currency;
        let sums = match scene.is_compact() {
            true => money(list.sum_cents, currency),
            false => format!(
                "{} in all  ·  {} weighted",
                money(list.sum_cents, currency),
                money(list.weighted_cents, currency)
            ),
        };
        let at = (pos2(left + wide + space::L, rect.center().y), Align2::LEFT_CENTER);
        paint(ui, at, &sums, (Type::Dense, t.text_3), rect.right() - left - wide - space::XL);
    }
}

fn keys(
    ui: &Ui,
    scene: &Scene<'_>,
    (view, list, laid): (&ListView<'_>, &List, &[Laid<'_>]),
    state: &mut ListState,
    out: &mut Vec<Act>,
) {
    if !view.keys || state.editing.is_some() {
        return;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let last = usize::try_from(list.total).unwrap_or(usize::MAX).saturating_sub(1);
    let cursor = state.cursor;
    let mut go = |to: usize| {
        state.cursor = Some(to.min(last));
        state.follow = true;
    };
    if pressed(Key::ArrowDown) || pressed(Key::J) {
        go(cursor.map_or(0, |at| at + 1));
    }
    if pressed(Key::ArrowUp) || pressed(Key::K) {
        go(cursor.map_or(0, |at| at.saturating_sub(1)));
    }
    if pressed(Key::Home) {
        go(0);
    }
    if pressed(Key::End) {
        go(last);
    }
    let row = cursor.and_then(|at| at.checked_sub(list.offset as usize)).and_then(|at| list.rows.get(at));
    if let Some(row) = row {
        // Before `X`, which Shift+X would be taken for.
        super::lead_keys::lead_keys(ui, scene, row, out);
    }
    super::list_bulk::keys(ui, row, state);
    let Some(row) = row else { return };
    let record = row.record.reference();
    if pressed(Key::F2) || pressed(Key::E) {
        crate::keyboard::swallow_text(ui.ctx());
        let columns: Vec<Column<'_>> = laid.iter().map(|(column, _)| *column).collect();
        super::list_edit::begin_first(state, scene, (row, &columns), out);
    }
    if pressed(Key::Space) {
        out.push(Act::Peek(record));
    }
    if pressed(Key::Enter) {
        out.push(open(view.filter.kind, record.id));
    }
    if pressed(Key::T) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    if pressed(Key::L) {
        out.push(Act::QuickLog(Some(record)));
    }
}
