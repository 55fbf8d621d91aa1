//! The pipeline: columns of fixed-height cards of which only the visible ones are laid out.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Align2, Key, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, Vec2, pos2, vec2};
use model::query::{Board, BoardColumn, BoardSort, Overview};
use model::{Kind, RecordId, StageKind};

use super::board_card::{CardLook, card_ui};
use super::board_drag::{Drag, drag_ui, edge_speed, zones_ui};
use crate::act::Act;
use crate::icons;
use crate::present::card::Card;
use crate::present::format::{grouped, many, money, money_compact};
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, height, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::segmented::{Choice, segmented};
use crate::widgets::tabs::tabs;
use crate::widgets::text::{tip, width_of};
use crate::widgets::{Field, focus_ring, hairline, icon_button_if, paint, paint_icon};

/// Height of a card with the gap under it.
pub(crate) const STEP: f32 = height::CARD + 8.0;
const GAP: f32 = 8.0;
const RAIL: f32 = 44.0;
const HEAD: f32 = 40.0;
const FOOT: f32 = 36.0;

/// What the address says about the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardFilter {
    /// Words that must occur.
    pub(crate) text: String,
    /// Only mine.
    pub(crate) mine: bool,
    /// Order of cards.
    pub(crate) sort: BoardSort,
}

/// What the board remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct BoardState {
    /// The card that has the keyboard.
    pub(crate) focus: Option<RecordId>,
    /// That card asks for egui's focus in the next frame, and is scrolled to.
    pub(crate) grab_focus: bool,
    /// Rails that are unfolded.
    pub(crate) unfolded: BTreeSet<String>,
    /// The stage that shows on a phone.
    pub(crate) page: usize,
    /// A card in the air.
    pub(crate) drag: Option<Drag>,
    /// Rows that were visible, by stage: first and behind the last.
    pub(crate) seen: BTreeMap<String, (u32, u32)>,
}

impl BoardState {
    /// The windows to ask for: what is visible and one screen around, in steps, so that scrolling a little asks
    /// nothing new.
    pub(crate) fn windows(&self) -> BTreeMap<String, (u32, u32)> {
        let window = |(from, to): &(u32, u32)| {
            let first = from.saturating_sub(15) / 20 * 20;
            let last = (to + 15).div_ceil(20) * 20;
            (first, (last - first).clamp(40, model::query::WINDOW_MAX))
        };
        self.seen.iter().map(|(stage, seen)| (stage.clone(), window(seen))).collect()
    }
}

/// What the board is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoardView<'a> {
    /// The columns; `None` until the first answer.
    pub(crate) board: Option<&'a Board>,
    /// What the address says.
    pub(crate) filter: &'a BoardFilter,
    /// Figures, to tell an empty workspace from an empty filter.
    pub(crate) overview: Option<&'a Overview>,
    /// Single keys belong to the board (no field, menu or dialog has them).
    pub(crate) keys: bool,
}

/// Draws the board.
pub(crate) fn board_ui(ui: &mut Ui, scene: &Scene<'_>, view: &BoardView<'_>, state: &mut BoardState, out: &mut Vec<Act>) {
    let whole = ui.max_rect();
    let tall = ui.spacing().interact_size.y + 20.0;
    let bar = Rect::from_min_size(whole.min, vec2(whole.width(), tall));
    child(ui, bar.shrink2(vec2(space::L, 0.0)), |ui| filter_bar(ui, scene, view.filter, out));
    let Some(board) = view.board else { return };
    if view.overview.is_some_and(|of| of.counts.get(&Kind::Lead).copied().unwrap_or(0) == 0) && no_cards(board) {
        child(ui, whole.with_min_y(bar.bottom()), |ui| empty_board(ui, out));
        return;
    }
    keys(ui, scene, (view, board), state, out);
    let body = Rect::from_min_max(pos2(whole.left(), bar.bottom()), whole.max - vec2(0.0, FOOT));
    if scene.is_compact() {
        child(ui, body, |ui| one_stage(ui, scene, board, state, out));
    } else {
        child(ui, body, |ui| all_stages(ui, scene, board, state, out));
    }
    let foot = Rect::from_min_max(pos2(whole.left(), body.bottom()), whole.max);
    if state.drag.is_some() {
        zones_ui(ui, foot, scene, state);
        drag_ui(ui, state, view.filter.sort, out);
    } else {
        footer(ui, foot, scene, board);
    }
    state.grab_focus = false;
}

fn child<R>(ui: &mut Ui, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().max_rect(rect).layout(egui::Layout::top_down(egui::Align::Min));
    ui.scope_builder(builder, content).inner
}

fn no_cards(board: &Board) -> bool {
    board.columns.iter().all(|column| column.count == 0)
}

fn empty_board(ui: &mut Ui, out: &mut Vec<Act>) {
    let empty = Empty {
        icon: icons::PIPELINE,
        title: "Your pipeline is empty",
        text: "Leads show here, stage by stage.",
        actions: &["New lead", "Import CSV"],
    };
    match empty.show(ui) {
        Some(0) => out.push(Act::New(Kind::Lead, None)),
        Some(_) => out.push(Act::Go(Screen::Import)),
        None => {}
    }
}

fn filter_bar(ui: &mut Ui, scene: &Scene<'_>, filter: &BoardFilter, out: &mut Vec<Act>) {
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        let room = ui.available_width();
        let wide = if scene.is_compact() { (room - 190.0).max(100.0) } else { 240.0 };
        let mut text = filter.text.clone();
        let size = vec2(wide, ui.spacing().interact_size.y);
        ui.allocate_ui(size, |ui| {
            let id = egui::Id::unique("filter");
            let field = Field::new("Filter the pipeline").bare().hint("Filter…").icon(icons::FILTER).id(id);
            if field.show(ui, &mut text).changed() {
                out.push(Act::Filter("q", text.clone()));
            }
        });
        let choices = [Choice { icon: "", text: "All" }, Choice { icon: "", text: "Mine" }];
        if let Some(index) = segmented(ui, &choices, usize::from(filter.mine)) {
            out.push(Act::Filter("owner", if index == 1 { "me".into() } else { String::new() }));
        }
        if scene.is_compact() {
            return;
        }
        let options: Vec<PickOption> = SORTS.iter().map(|(key, text)| PickOption::new(*key, *text)).collect();
        let word = crate::routes::board_sort_word(filter.sort);
        let current = SORTS.iter().find(|(key, _)| *key == word).map_or("", |(_, text)| text);
        let picker = Picker::new("Sort cards", current, &options).bare().width(190.0);
        if let Some(Picked::Choice(key)) = picker.show(ui).picked {
            out.push(Act::BoardSort(crate::routes::board_sort(&key)));
        }
    });
}

const SORTS: [(&str, &str); 5] = [
    ("", "Sort by next step"),
    ("value", "Sort by value"),
    ("close", "Sort by expected close"),
    ("age", "Sort by age in stage"),
    ("manual", "Sort by hand"),
];

fn one_stage(ui: &mut Ui, scene: &Scene<'_>, board: &Board, state: &mut BoardState, out: &mut Vec<Act>) {
    let names: Vec<(&str, Option<u64>)> =
        board.columns.iter().map(|column| (column.stage.name.as_str(), Some(column.count))).collect();
    state.page = state.page.min(names.len().saturating_sub(1));
    if let Some(page) = tabs(ui, &names, state.page) {
        state.page = page;
        state.seen.clear();
    }
    let Some(column) = board.columns.get(state.page) else { return };
    let rect = ui.available_rect_before_wrap().shrink2(vec2(space::S, space::S));
    column_ui(ui, rect, scene, column, state, out);
}

fn all_stages(ui: &mut Ui, scene: &Scene<'_>, board: &Board, state: &mut BoardState, out: &mut Vec<Act>) {
    let room = ui.available_width() - 2.0 * space::L;
    let folded = |column: &BoardColumn, state: &BoardState| {
        column.stage.kind != StageKind::Open && !state.unfolded.contains(&column.stage.id)
    };
    let rails = board.columns.iter().filter(|column| folded(column, state)).count();
    let open = board.columns.len() - rails;
    #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
    let (rails, open) = (rails as f32, open as f32);
    let width = ((room - rails * (RAIL + GAP) + GAP) / open.max(1.0) - GAP).clamp(260.0, 280.0);
    let size = vec2(open * (width + GAP) + rails * (RAIL + GAP) - GAP, ui.available_height());
    let mut area = ScrollArea::horizontal().id_salt("board").auto_shrink(false);
    if state.drag.is_some() {
        area = area.scroll_source(egui::scroll_area::ScrollSource::NONE);
    }
    let outer = ui.available_rect_before_wrap();
    area.show(ui, |ui| {
        if let Some(drag) = &state.drag {
            let speed = edge_speed(drag.pointer.x, outer.x_range());
            ui.scroll_with_delta_animation(vec2(speed, 0.0), egui::style::ScrollAnimation::none());
        }
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let (rect, _) = ui.allocate_exact_size(size + vec2(2.0 * space::L, 0.0), Sense::hover());
        let mut x = rect.left() + space::L;
        for column in &board.columns {
            let wide = if folded(column, state) { RAIL } else { width };
            let lane = Rect::from_min_size(pos2(x, rect.top() + 4.0), vec2(wide, rect.height() - space::M));
            x += wide + GAP;
            if !ui.clip_rect().intersects(lane) {
                continue;
            }
            if folded(column, state) {
                rail_ui(ui, lane, scene, column, state);
            } else {
                column_ui(ui, lane, scene, column, state, out);
            }
        }
    });
}

fn rail_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, column: &BoardColumn, state: &mut BoardState) {
    let t = tokens(ui);
    let stage = &column.stage;
    let response = ui.interact(rect, ui.scope_id().with(("rail", &stage.id)), Sense::click());
    let name = format!("Unfold {}", stage.name);
    crate::widgets::button::describe(&response, &name, None, None);
    let over = state.drag.as_mut().is_some_and(|drag| drag.aim_at_rail(rect, &stage.id));
    let fill = if over { t.accent_soft } else if response.hovered() { t.surface_3 } else { t.surface_2 };
    ui.painter().rect_filled(rect, 8, fill);
    let x = rect.center().x;
    ui.painter().circle_filled(pos2(x, rect.top() + 20.0), 4.0, t.stage(stage.color));
    let at = |y: f32| (pos2(x, rect.top() + y), Align2::CENTER_CENTER);
    paint(ui, at(42.0), &grouped(column.count), (Type::CaptionStrong, t.text), RAIL);
    let words = format!("{}  ·  {}", stage.name, money_compact(column.sum_cents, &scene.settings.currency));
    let job = crate::theme::job(&words, Type::CaptionStrong, t.text_2, rect.height() - 80.0);
    let galley = ui.painter().layout_job(job);
    let origin = pos2(x + galley.size().y / 2.0, rect.top() + 62.0);
    let shape = egui::epaint::TextShape::new(origin, galley, t.text_2).with_angle(std::f32::consts::FRAC_PI_2);
    ui.painter().add(shape);
    focus_ring(ui, &response, rect, 8);
    if response.clicked() {
        state.unfolded.insert(stage.id.clone());
    }
    tip(response, &format!("{}: {}, {}", stage.name, many(column.count, "lead", "leads"), money(column.sum_cents, &scene.settings.currency)));
}

fn column_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    column: &BoardColumn,
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let aimed = state.drag.as_ref().is_some_and(|drag| drag.is_over(&column.stage.id));
    ui.painter().rect_filled(rect, 8, t.surface_2);
    if aimed {
        let stroke = egui::Stroke::new(1.0, t.accent);
        ui.painter().rect_stroke(rect, 8, stroke, egui::StrokeKind::Inside);
    }
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    head_ui(ui, head, scene, column, state, out);
    let list = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max - vec2(0.0, 4.0));
    let mut area = ui.new_child(
        UiBuilder::new().id_salt(("column", &column.stage.id)).max_rect(list).layout(egui::Layout::top_down(egui::Align::Min)),
    );
    cards_ui(&mut area, list, scene, column, state, out);
}

fn head_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, column: &BoardColumn, state: &mut BoardState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let stage = &column.stage;
    let y = rect.center().y;
    ui.painter().circle_filled(pos2(rect.left() + 16.0, y), 4.0, t.stage(stage.color));
    let count = grouped(column.count);
    let sum = money_compact(column.sum_cents, &scene.settings.currency);
    let buttons = 32.0;
    let sum_at = (pos2(rect.right() - buttons - 4.0, y), Align2::RIGHT_CENTER);
    let sum_rect = paint(ui, sum_at, &sum, (Type::Dense, t.text_2), 90.0);
    let count_room = width_of(ui, &count, Type::Dense) + 6.0;
    let name_room = sum_rect.left() - rect.left() - 36.0 - count_room;
    let name_at = (pos2(rect.left() + 28.0, y), Align2::LEFT_CENTER);
    let name = paint(ui, name_at, &stage.name, (Type::Label, t.text), name_room);
    let count_at = (pos2(name.right() + 6.0, y), Align2::LEFT_CENTER);
    paint(ui, count_at, &count, (Type::Dense, t.text_3), count_room);
    let hover = ui.interact(rect.with_max_x(sum_rect.right()), ui.scope_id().with(("head", &stage.id)), Sense::hover());
    let currency = &scene.settings.currency;
    let more = format!(
        "{}: {}\n{} in all, {} weighted",
        stage.name,
        many(column.count, "lead", "leads"),
        money(column.sum_cents, currency),
        money(column.weighted_cents, currency)
    );
    tip(hover, &more);
    let side = Rect::from_center_size(pos2(rect.right() - 20.0, y), vec2(28.0, 28.0));
    let mut corner = ui.new_child(UiBuilder::new().id_salt(("plus", &stage.id)).max_rect(side));
    corner.spacing_mut().interact_size.y = 28.0;
    if stage.kind == StageKind::Open {
        let denied = scene.denied_create(Kind::Lead);
        let name = format!("New lead in {}", stage.name);
        if icon_button_if(&mut corner, icons::PLUS, &name, denied.as_deref()).clicked() {
            out.push(Act::NewInStage(stage.id.clone()));
        }
    } else if !scene.is_compact() {
        let name = format!("Fold {}", stage.name);
        if icon_button_if(&mut corner, icons::CLOSE, &name, None).clicked() {
            state.unfolded.remove(&stage.id);
        }
    }
}

fn cards_ui(
    ui: &mut Ui,
    list: Rect,
    scene: &Scene<'_>,
    column: &BoardColumn,
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    let count = usize::try_from(column.count).unwrap_or(usize::MAX);
    if count == 0 && state.drag.is_none() {
        let t = tokens(ui);
        let at = (pos2(list.center().x, list.top() + 32.0), Align2::CENTER_CENTER);
        paint(ui, at, "Drop a lead here or +", (Type::Dense, t.text_3), list.width() - 16.0);
    }
    let gap_rows = usize::from(state.drag.as_ref().is_some_and(|drag| drag.is_over(&column.stage.id)));
    let mut area = ScrollArea::vertical().id_salt(("cards", &column.stage.id)).auto_shrink(false);
    if state.drag.is_some() {
        area = area.scroll_source(egui::scroll_area::ScrollSource::NONE);
    }
    area.show_viewport(ui, |ui, viewport| {
        if let Some(drag) = state.drag.as_ref().filter(|drag| drag.is_over(&column.stage.id)) {
            let speed = edge_speed(drag.pointer.y, list.y_range());
            ui.scroll_with_delta_animation(vec2(0.0, speed), egui::style::ScrollAnimation::none());
        }
        #[expect(clippy::cast_precision_loss, reason = "rows on a screen")]
        let total = (count + gap_rows) as f32 * STEP + 4.0;
        ui.set_height(total);
        let origin = ui.max_rect().min;
        if let Some(drag) = state.drag.as_mut() {
            drag.aim_at_column(list, origin.y, column);
        }
        let (first, last) = visible(viewport, count + gap_rows);
        let known = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        state.seen.insert(column.stage.id.clone(), (known(first), known(last.max(first + 1))));
        let focus = focus_index(column, state);
        for index in (first..last).chain(focus.filter(|at| !(first..last).contains(at))) {
            slot_ui(ui, (origin, index), scene, column, state, out);
        }
    });
}

/// The index of the card that just got the keyboard: it is drawn, and scrolled to, even when it is not visible.
fn focus_index(column: &BoardColumn, state: &BoardState) -> Option<usize> {
    let focus = state.focus.filter(|_| state.grab_focus)?;
    let at = column.rows.iter().position(|row| row.record.id == focus)?;
    Some(at + column.offset as usize)
}

fn visible(viewport: Rect, count: usize) -> (usize, usize) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
    let row = |y: f32| (y.max(0.0) / STEP).floor() as usize;
    (row(viewport.top()).min(count), (row(viewport.bottom()) + 1).min(count))
}

/// Draws the card (or gap) in place `index` of a column.
fn slot_ui(
    ui: &mut Ui,
    (origin, place): (egui::Pos2, usize),
    scene: &Scene<'_>,
    column: &BoardColumn,
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    #[expect(clippy::cast_precision_loss, reason = "rows on a screen")]
    let top = origin.y + place as f32 * STEP;
    let rect = Rect::from_min_size(pos2(origin.x + 8.0, top), vec2(ui.max_rect().width() - 16.0, height::CARD));
    let t = tokens(ui);
    let index = match state.drag.as_ref().and_then(|drag| drag.gap_in(&column.stage.id)) {
        Some(gap) if place == gap => {
            let stroke = egui::Stroke::new(1.0, t.accent);
            ui.painter().rect(rect, 8, t.accent_soft, stroke, egui::StrokeKind::Inside);
            return;
        }
        Some(gap) if place > gap => place - 1,
        _ => place,
    };
    let row = index.checked_sub(column.offset as usize).and_then(|at| column.rows.get(at));
    let Some(row) = row else {
        // Not here yet: the window that holds it has been asked for.
        if index < usize::try_from(column.count).unwrap_or(0) {
            ui.painter().rect_filled(rect, 8, t.surface);
        }
        return;
    };
    let card = Card::of(row, scene);
    let look = CardLook {
        focused: state.focus == Some(card.id),
        lifted: state.drag.as_ref().is_some_and(|drag| drag.lead == card.id),
        grab: state.focus == Some(card.id) && state.grab_focus,
    };
    card_ui(ui, rect, scene, (&card, &column.stage.id, look), state, out);
}

fn footer(ui: &Ui, rect: Rect, scene: &Scene<'_>, board: &Board) {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0, t.surface);
    hairline(ui, rect.left_top(), rect.right_top());
    let open = || board.columns.iter().filter(|column| column.stage.kind == StageKind::Open);
    let currency = &scene.settings.currency;
    let sum = money(open().map(|column| column.sum_cents).sum(), currency);
    let weighted = money(open().map(|column| column.weighted_cents).sum(), currency);
    let count: u64 = open().map(|column| column.count).sum();
    let mut x = rect.left() + space::L;
    let parts: &[(&str, &str)] = &[("open", &grouped(count)), ("in all", &sum), ("weighted", &weighted)];
    let shown = if scene.is_compact() { 2 } else { 3 };
    for (word, figure) in parts.iter().take(shown) {
        let at = (pos2(x, rect.center().y), Align2::LEFT_CENTER);
        let figure = paint(ui, at, figure, (Type::DenseStrong, t.text), f32::INFINITY);
        let at = (pos2(figure.right() + 4.0, rect.center().y), Align2::LEFT_CENTER);
        x = paint(ui, at, word, (Type::Dense, t.text_3), f32::INFINITY).right() + space::L;
    }
    let waits = board.columns.iter().flat_map(|column| &column.rows).any(|row| row.pending);
    if waits && !scene.is_compact() {
        let at = pos2(rect.right() - space::XL, rect.center().y);
        paint_icon(ui, at, icons::WAITING, 14.0, t.text_3);
    }
}

/// Moves the keyboard's card, or moves that card to another stage.
fn keys(ui: &Ui, scene: &Scene<'_>, (view, board): (&BoardView<'_>, &Board), state: &mut BoardState, out: &mut Vec<Act>) {
    if !view.keys || state.drag.is_some() {
        return;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let place = state.focus.and_then(|focus| find(board, focus));
    for (key, step) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
        if pressed(Modifiers::SHIFT, key) && let Some((column, at)) = place {
            shift_stage(scene, board, (column, at, step), out);
            state.grab_focus = true;
        }
    }
    let mut go = |to: Option<RecordId>| {
        if to.is_some() {
            state.focus = to;
            state.grab_focus = true;
        }
    };
    let down = pressed(Modifiers::NONE, Key::ArrowDown) || pressed(Modifiers::NONE, Key::J);
    let up = pressed(Modifiers::NONE, Key::ArrowUp) || pressed(Modifiers::NONE, Key::K);
    let left = pressed(Modifiers::NONE, Key::ArrowLeft);
    let right = pressed(Modifiers::NONE, Key::ArrowRight);
    match place {
        None if down || up || left || right => go(first_card(board)),
        None => {}
        Some((column, at)) => {
            let rows = &board.columns[column].rows;
            let id = |at: usize| rows.get(at).map(|row| row.record.id);
            if down {
                go(id(at + 1));
            }
            if up {
                go(at.checked_sub(1).and_then(id));
            }
            if pressed(Modifiers::NONE, Key::Home) {
                go(id(0));
            }
            if pressed(Modifiers::NONE, Key::End) {
                go(rows.last().map(|row| row.record.id));
            }
            if left {
                go(beside(board, state_columns(board, column, false), at));
            }
            if right {
                go(beside(board, state_columns(board, column, true), at));
            }
        }
    }
    act_keys(ui, board, state, out);
}

/// Keys that do something with the card that has the keyboard.
fn act_keys(ui: &Ui, board: &Board, state: &BoardState, out: &mut Vec<Act>) {
    let Some(lead) = state.focus.filter(|focus| find(board, *focus).is_some()) else { return };
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::SHIFT, Key::W) {
        out.push(Act::AskClose { lead, won: true });
    }
    if pressed(Modifiers::SHIFT, Key::X) {
        out.push(Act::AskClose { lead, won: false });
    }
    let record = model::RecordRef::new(Kind::Lead, lead);
    if pressed(Modifiers::NONE, Key::T) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    if pressed(Modifiers::NONE, Key::L) {
        out.push(Act::New(Kind::Activity, Some(record)));
    }
}

fn find(board: &Board, lead: RecordId) -> Option<(usize, usize)> {
    board.columns.iter().enumerate().find_map(|(column, of)| {
        let at = of.rows.iter().position(|row| row.record.id == lead)?;
        Some((column, at))
    })
}

fn first_card(board: &Board) -> Option<RecordId> {
    board.columns.iter().find_map(|column| column.rows.first()).map(|row| row.record.id)
}

/// The columns to one side, nearest first.
fn state_columns(board: &Board, from: usize, right: bool) -> Vec<usize> {
    if right { (from + 1..board.columns.len()).collect() } else { (0..from).rev().collect() }
}

fn beside(board: &Board, columns: Vec<usize>, at: usize) -> Option<RecordId> {
    let rows = columns.into_iter().map(|column| &board.columns[column].rows).find(|rows| !rows.is_empty())?;
    rows.get(at.min(rows.len() - 1)).map(|row| row.record.id)
}

fn shift_stage(scene: &Scene<'_>, board: &Board, (column, at, step): (usize, usize, isize), out: &mut Vec<Act>) {
    let Some(row) = board.columns[column].rows.get(at) else { return };
    if scene.denied_edit(&row.record).is_some() {
        return;
    }
    let Some(target) = column.checked_add_signed(step).and_then(|to| board.columns.get(to)) else { return };
    out.push(Act::Move { lead: row.record.id, stage: target.stage.id.clone(), after: None });
}
