//! The pipeline: columns of fixed-height cards of which only the visible ones are laid out.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, Vec2, pos2, vec2};
use model::query::{Board, BoardColumn, BoardSort, Overview};
use model::{Kind, RecordId, StageKind};

use super::board_column::{column_ui, rail_ui};
use super::board_drag::{Drag, drag_ui, edge_speed, zones_ui};
use super::board_keys::keys;
use super::views::Views;
use crate::act::Act;
use crate::icons;
use crate::present::filters::Filter;
use crate::present::format::{grouped, money};
use crate::routes::Screen;
use crate::scene::{Scene, Width};
use crate::theme::{Type, height, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::menu::{Item, heading, menu};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::segmented::{Choice, segmented};
use crate::widgets::tabs::tabs;
use crate::widgets::{Button, Field, hairline, paint, paint_icon};

/// The gap under a card.
pub(crate) const CARD_GAP: f32 = 8.0;
const GAP: f32 = 8.0;
pub(super) const RAIL: f32 = 44.0;
const FOOT: f32 = 36.0;

/// What the address says about the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardFilter {
    /// Words that must occur.
    pub(crate) text: String,
    /// Only mine.
    pub(crate) mine: bool,
    /// The quick filters that are on, joined by commas.
    pub(crate) quick: String,
    /// Owner, stage and the like.
    pub(crate) more: Vec<Filter>,
    /// Order of cards.
    pub(crate) sort: BoardSort,
}

impl BoardFilter {
    /// Whether a quick filter is on.
    fn has(&self, word: &str) -> bool {
        self.quick.split(',').any(|other| other == word)
    }

    /// Puts a quick filter on or off; the others stay.
    fn toggled(&self, word: &str) -> Act {
        let others = self.quick.split(',').filter(|other| !other.is_empty() && *other != word);
        let words: Vec<&str> = others.chain((!self.has(word)).then_some(word)).collect();
        Act::Filter("f", words.join(","))
    }

    /// Whether something is left out.
    fn is_on(&self) -> bool {
        !self.text.trim().is_empty() || !self.quick.is_empty() || !self.more.is_empty()
    }
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
    /// Cards that are moved together.
    pub(crate) selected: BTreeSet<RecordId>,
    /// Rows that were visible, by stage: first and behind the last.
    pub(crate) seen: BTreeMap<String, (u32, u32)>,
}

/// Height of a card.
pub(crate) const fn card_height(dense: bool) -> f32 {
    if dense { height::CARD_COMPACT } else { height::CARD }
}

impl BoardState {
    /// Selects a card, or no longer.
    pub(crate) fn toggle(&mut self, lead: RecordId) {
        if !self.selected.remove(&lead) {
            self.selected.insert(lead);
        }
    }

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
    /// Saved views.
    pub(crate) views: Views<'a>,
    /// Single keys belong to the board (no field, menu or dialog has them).
    pub(crate) keys: bool,
}

/// Draws the board.
pub(crate) fn board_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    view: &BoardView<'_>,
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    let whole = ui.max_rect();
    let tall = ui.spacing().interact_size.y + 20.0;
    let bar = Rect::from_min_size(whole.min, vec2(whole.width(), tall));
    child(ui, bar.shrink2(vec2(space::L, 0.0)), |ui| filter_bar(ui, scene, view, out));
    let Some(board) = view.board else { return };
    if view.overview.is_some_and(|of| of.counts.get(&Kind::Lead).copied().unwrap_or(0) == 0) && no_cards(board) {
        child(ui, whole.with_min_y(bar.bottom()), |ui| empty_board(ui, out));
        return;
    }
    if no_cards(board) && view.filter.is_on() {
        child(ui, whole.with_min_y(bar.bottom()), |ui| no_matches(ui, view.filter, out));
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
    } else if state.selected.is_empty() {
        footer(ui, foot, scene, board);
    } else {
        child(ui, foot, |ui| selection_ui(ui, scene, state, out));
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

/// Nothing is left of what there is: says so, with the way back.
fn no_matches(ui: &mut Ui, filter: &BoardFilter, out: &mut Vec<Act>) {
    ui.add_space(space::XL);
    let title = match filter.text.as_str() {
        "" => "No leads match these filters".to_owned(),
        text => format!("No matches for “{text}”"),
    };
    let empty = Empty { icon: icons::FILTER, title: &title, text: "", actions: &["Clear filters"] };
    if empty.show(ui).is_some() {
        let keys = ["q", "f"].into_iter().chain(crate::present::filters::KEYS);
        out.extend(keys.map(|key| Act::Filter(key, String::new())));
    }
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

fn filter_bar(ui: &mut Ui, scene: &Scene<'_>, view: &BoardView<'_>, out: &mut Vec<Act>) {
    let filter = view.filter;
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        let room = ui.available_width();
        let beside = 134.0 + 2.0 * ui.spacing().interact_size.y;
        let wide = if scene.is_compact() { (room - beside - space::XL).max(100.0) } else { 240.0 };
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
            narrow_menu(ui, filter, out);
            return super::filters::filter_button(ui, scene, (Kind::Lead, &filter.more), out);
        }
        super::views::views_button(ui, scene, &view.views, out);
        if scene.width == Width::Expanded {
            sort_picker(ui, view, out);
        }
        more_filters(ui, scene, filter, out);
    });
}

fn sort_picker(ui: &mut Ui, view: &BoardView<'_>, out: &mut Vec<Act>) {
    let filter = view.filter;
    let options: Vec<PickOption> = SORTS.iter().map(|(key, text)| PickOption::new(*key, *text)).collect();
    let word = crate::routes::board_sort_word(filter.sort);
    let current = SORTS.iter().find(|(key, _)| *key == word).map_or("", |(_, text)| text);
    let picker = Picker::new("Sort cards", current, &options).bare().width(190.0);
    let shown = picker.show(ui);
    if view.keys && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::S)) {
        shown.response.request_focus();
    }
    if let Some(Picked::Choice(key)) = shown.picked {
        out.push(Act::BoardSort(crate::routes::board_sort(&key)));
    }
}

const QUICK: [(&str, &str); 3] =
    [("rotting", "Rotting"), ("unplanned", "No next step"), ("closing", "Closing this month")];

/// The quick filters and the order, where there is no room for them beside each other.
fn narrow_menu(ui: &mut Ui, filter: &BoardFilter, out: &mut Vec<Act>) {
    let name = "Order and quick filters";
    let response = Button::quiet("").icon(icons::SORT).name(name).tip(name).selected(!filter.quick.is_empty()).show(ui);
    menu(&response, 240.0, |ui| {
        heading(ui, "Show only");
        for (word, name) in QUICK {
            let selected = filter.has(word);
            let icon = if selected { icons::CHECK } else { icons::FILTER };
            if (Item { selected, ..Item::new(icon, name) }).show(ui) {
                out.push(filter.toggled(word));
            }
        }
        heading(ui, "Order");
        for (key, text) in SORTS {
            let sort = crate::routes::board_sort(key);
            if (Item { selected: filter.sort == sort, ..Item::new(icons::SORT, text) }).show(ui) {
                out.push(Act::BoardSort(sort));
            }
        }
    });
}

/// Quick filters that are one click, the panel with the others, and the chips of those that hold.
fn more_filters(ui: &mut Ui, scene: &Scene<'_>, filter: &BoardFilter, out: &mut Vec<Act>) {
    ui.spacing_mut().item_spacing.x = space::XS;
    if scene.width == Width::Expanded {
        for (word, name) in QUICK {
            if Button::quiet(name).selected(filter.has(word)).show(ui).clicked() {
                out.push(filter.toggled(word));
            }
        }
    } else {
        narrow_menu(ui, filter, out);
    }
    super::filters::filter_button(ui, scene, (Kind::Lead, &filter.more), out);
    let chips: Vec<Filter> =
        filter.more.iter().filter(|(key, value)| *key != "owner" || value != "me").cloned().collect();
    super::filters::chips_ui(ui, scene, (Kind::Lead, &chips), out);
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

/// What can be done with the selected cards.
fn selection_ui(ui: &mut Ui, scene: &Scene<'_>, state: &mut BoardState, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0, t.accent_soft);
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.add_space(space::M);
        crate::widgets::label(ui, &format!("{} selected", state.selected.len()), Type::Label, t.text);
        let button = Button::new("Move to").trailing(icons::UP).name("Move the selected leads").show(ui);
        crate::widgets::menu::menu(&button, 200.0, |ui| {
            for stage in &scene.settings.stages {
                if crate::widgets::menu::Item::new(icons::ARROW_RIGHT, &stage.name).show(ui) {
                    let leads = state.selected.iter().copied().collect();
                    out.push(Act::MoveTogether { leads, stage: stage.id.clone(), after: None });
                }
            }
        });
        if Button::quiet("Clear").name("Select nothing").tip("Esc").show(ui).clicked() {
            state.selected.clear();
        }
    });
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
    let waits = board.columns.iter().flat_map(|column| &column.rows).any(|row| scene.waits(row));
    if waits && !scene.is_compact() {
        let at = pos2(rect.right() - space::XL, rect.center().y);
        paint_icon(ui, at, icons::WAITING, 14.0, t.text_3);
    }
}
