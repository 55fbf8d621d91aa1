//! One card of the board.

use egui::{
    Align2, Color32, CornerRadius, EventFilter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};
use model::{Kind, RecordRef, StageKind};

use super::board::BoardState;
use super::board_drag::Drag;
use crate::act::Act;
use crate::icons;
use crate::present::card::Card;
use crate::present::format::age_days;
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, height, radius, tokens};
use crate::widgets::avatar::paint_avatar;
use crate::widgets::menu::{Item, heading};
use crate::widgets::pill::paint_pill_right;
use crate::widgets::{focus_ring, paint, paint_icon};

/// How a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CardLook {
    /// It has the keyboard.
    pub(crate) focused: bool,
    /// It is in the air; its place stays as a shadow.
    pub(crate) lifted: bool,
    /// It asks for egui's focus now.
    pub(crate) grab: bool,
    /// It is one of those that are moved together.
    pub(crate) selected: bool,
}

/// Draws a card as a control: click opens, drag lifts, right click shows what can be done.
pub(crate) fn card_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (card, stage, look): (&Card, &str, CardLook),
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    let id = egui::Id::unique(("card", card.id));
    let sense = if scene.touch { Sense::click() } else { Sense::click_and_drag() };
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, look.selected, card.spoken()));
    if look.grab {
        response.request_focus();
        ui.scroll_to_rect(rect.expand(8.0), None);
    }
    // While the keyboard is on its way to another card, this one still has it.
    if response.has_focus() && !state.grab_focus {
        state.focus = Some(card.id);
    }
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    draw(ui, rect, card, if look.lifted { Draw::Shadow } else { Draw::Plain }, response.hovered() || look.focused);
    if look.selected && !look.lifted {
        selected_mark(ui, rect);
    }
    focus_ring(ui, &response, rect, radius::CARD);
    lift(ui, rect, (card, stage, &response), state);
    if !look.lifted {
        card_menu(ui, rect, scene, (card, stage, &response), (state, out));
    }
    // A long press lifts; letting go afterwards is no click.
    if response.clicked() && ui.input(|input| input.modifiers.command) {
        state.toggle(card.id);
    } else if response.clicked() && state.drag.is_none() {
        out.push(Act::Go(Screen::Detail(RecordRef::new(Kind::Lead, card.id))));
    }
    explain(ui, &response, card);
}

/// A border and a tick: the card is one of those that are moved together.
fn selected_mark(ui: &Ui, rect: Rect) {
    let t = tokens(ui);
    let corner = CornerRadius::same(radius::CARD);
    ui.painter().rect_stroke(rect, corner, Stroke::new(2.0, t.accent), StrokeKind::Inside);
    let center = rect.right_bottom() - vec2(4.0, 4.0);
    ui.painter().circle_filled(center, 8.0, t.accent);
    paint_icon(ui, center, icons::CHECK, 12.0, t.on_accent);
}

fn explain(ui: &Ui, response: &Response, card: &Card) {
    if response.dragged()
        && let Some(reason) = &card.fixed
    {
        ui.ctx().set_cursor_icon(egui::CursorIcon::NotAllowed);
        response.show_tooltip_text(reason);
    }
}

/// How long a thumb rests on a card until that lifts.
const LIFT_SECS: f64 = 0.35;

/// Whether a thumb rests on the card for long enough; until then, moving it scrolls. Shorter than egui's own long
/// press, which also tells a click from a drag everywhere else.
fn held_by_thumb(ui: &Ui, response: &Response) -> bool {
    if !response.is_pointer_button_down_on() || response.sense.senses_drag() {
        return false;
    }
    let held = ui.input(|input| {
        let resting = input.pointer.primary_down() && !input.pointer.is_decidedly_dragging();
        input.pointer.press_start_time().filter(|_| resting).map(|start| input.time - start)
    });
    let rest = held.map(|held| LIFT_SECS - held);
    if let Some(rest) = rest.filter(|rest| *rest > 0.0) {
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(rest));
    }
    rest.is_some_and(|rest| rest <= 0.0)
}

fn lift(ui: &Ui, rect: Rect, (card, stage, response): (&Card, &str, &Response), state: &mut BoardState) {
    let started = response.drag_started() || state.drag.is_none() && held_by_thumb(ui, response);
    if !started || card.fixed.is_some() {
        return;
    }
    let Some(pointer) = ui.input(|input| input.pointer.press_origin().or(input.pointer.interact_pos())) else { return };
    // Dragging one of the selected cards moves all of them.
    let with: Vec<_> = if state.selected.contains(&card.id) {
        state.selected.iter().copied().filter(|lead| *lead != card.id).collect()
    } else {
        Vec::new()
    };
    state.drag = Some(Drag::new(card, stage, (rect, pointer), with));
}

fn card_menu(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (card, stage, response): (&Card, &str, &Response),
    (state, out): (&mut BoardState, &mut Vec<Act>),
) {
    let spot = Rect::from_center_size(pos2(rect.right() - 20.0, rect.top() + 40.0), vec2(24.0, 20.0));
    let near = response.hovered() || response.has_focus() || scene.touch || ui.rect_contains_pointer(rect);
    if near {
        // A thumb needs more room than the dots take.
        let reach = if scene.touch { spot.expand2(vec2(10.0, 12.0)) } else { spot };
        let more = ui.interact(reach, response.id.with("more"), Sense::click());
        let name = format!("Actions for {}", card.title);
        crate::widgets::button::describe(&more, &name, None, None);
        let t = tokens(ui);
        if more.hovered() {
            ui.painter().rect_filled(spot, 4, t.surface_3);
        }
        paint_icon(ui, spot.center(), icons::MORE, 16.0, t.text_2);
        focus_ring(ui, &more, spot, 4);
        crate::widgets::menu::menu(&more, 210.0, |ui| menu_items(ui, scene, (card, stage), state, out));
    }
    if scene.touch {
        // A long press lifts the card there; the button beside the title opens the menu.
        return;
    }
    egui::Popup::context_menu(response).width(210.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        menu_items(ui, scene, (card, stage), state, out);
    });
}

fn menu_items(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (card, stage): (&Card, &str),
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    let record = RecordRef::new(Kind::Lead, card.id);
    let fixed = card.fixed.as_deref();
    let item = |icon, text, keys| Item { icon, text, keys, disabled: None, selected: false };
    if item(icons::OPEN, "Open", "Enter").show(ui) {
        out.push(Act::Go(Screen::Detail(record)));
    }
    if item(icons::NOTE, "Log activity…", "L").show(ui) {
        out.push(Act::QuickLog(Some(record)));
    }
    if item(icons::TASK, "New task…", "T").show(ui) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    let word = if state.selected.contains(&card.id) { "Unselect" } else { "Select" };
    if (Item { disabled: fixed, ..item(icons::CHECK, word, "X") }).show(ui) {
        state.toggle(card.id);
    }
    heading(ui, "Move to");
    for other in scene.settings.stages.iter().filter(|other| other.id != stage) {
        let (mark, keys) = match other.kind {
            StageKind::Open => (icons::ARROW_RIGHT, ""),
            StageKind::Won => (icons::TROPHY, "Shift W"),
            StageKind::Lost => (icons::LOST, "Shift X"),
        };
        if (Item { disabled: fixed, ..item(mark, &other.name, keys) }).show(ui) {
            out.push(Act::Move { lead: card.id, stage: other.id.clone(), after: None });
        }
    }
    heading(ui, "");
    if (Item { disabled: fixed, ..item(icons::TRASH, "Move to trash", "") }).show(ui) {
        out.push(Act::Do(model::Action::Delete(vec![record])));
    }
}

/// How a card is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Draw {
    /// In its place.
    Plain,
    /// Its place while it is in the air.
    Shadow,
    /// In the air.
    Lifted,
}

/// Paints a card.
pub(crate) fn draw(ui: &Ui, rect: Rect, card: &Card, how: Draw, hot: bool) {
    let t = tokens(ui);
    let corner = CornerRadius::same(radius::CARD);
    if how == Draw::Shadow {
        ui.painter().rect(rect, corner, t.surface_3, Stroke::NONE, StrokeKind::Inside);
        return;
    }
    if how == Draw::Lifted {
        let shadow = egui::Shadow { offset: [0, 8], blur: 24, spread: 0, color: t.dialog_shadow };
        ui.painter().add(shadow.as_shape(rect, corner));
    }
    let border = if hot { t.input_border } else { t.border };
    ui.painter().rect(rect, corner, t.surface, Stroke::new(1.0, border), StrokeKind::Inside);
    if card.rotting.is_some() {
        let bar = Rect::from_min_size(rect.min + vec2(0.0, 8.0), vec2(3.0, rect.height() - 16.0));
        ui.painter().rect_filled(bar, CornerRadius { nw: 0, ne: 2, sw: 0, se: 2 }, t.danger);
    }
    if rect.height() < height::CARD {
        compact_lines(ui, rect, card);
    } else {
        lines(ui, rect, card);
    }
}

/// Two lines: the title and what it is worth, then who and what comes next.
fn compact_lines(ui: &Ui, rect: Rect, card: &Card) {
    let t = tokens(ui);
    let (left, right) = (rect.left() + 12.0, rect.right() - 10.0);
    let (high, low) = (rect.top() + 18.0, rect.top() + 39.0);
    let value = (pos2(right, high), Align2::RIGHT_CENTER);
    let value = paint(ui, value, &card.value, (Type::DenseStrong, t.text_2), 80.0);
    let title = (pos2(left, high), Align2::LEFT_CENTER);
    paint(ui, title, &card.title, (Type::DenseStrong, t.text), value.left() - left - 8.0);
    // The button with what can be done stands at the end of the second line.
    let mut end = right - 26.0;
    if let Some(pill) = &card.next_step {
        end = paint_pill_right(ui, pos2(end, low), pill, 110.0).left() - 6.0;
    }
    for (shown, icon, ink) in [(card.conflicted, icons::CONFLICT, t.warning), (card.pending, icons::WAITING, t.text_3)]
    {
        if shown {
            paint_icon(ui, pos2(end - 8.0, low), icon, 14.0, ink);
            end -= 18.0;
        }
    }
    let who = card.rotting.map_or_else(String::new, |days| age_days(days.into()));
    let age = paint(ui, (pos2(left, low), Align2::LEFT_CENTER), &who, (Type::Caption, t.danger), 40.0);
    let from = if who.is_empty() { left } else { age.right() + 6.0 };
    paint(ui, (pos2(from, low), Align2::LEFT_CENTER), &card.who, (Type::Caption, t.text_2), end - from);
}

fn lines(ui: &Ui, rect: Rect, card: &Card) {
    let t = tokens(ui);
    let (left, right) = (rect.left() + 12.0, rect.right() - 10.0);
    let line = |y: f32| pos2(left, rect.top() + y);
    let avatar = if card.owner.is_empty() { 0.0 } else { 26.0 };
    let title_room = right - left - avatar;
    paint(ui, (line(21.0), Align2::LEFT_CENTER), &card.title, (Type::DenseStrong, t.text), title_room);
    if avatar > 0.0 {
        paint_avatar(ui, pos2(right - 10.0, rect.top() + 21.0), &card.owner, 20.0);
    }
    let marks = marks(ui, rect, card);
    let who_room = marks - left - 26.0;
    paint(ui, (line(41.0), Align2::LEFT_CENTER), &card.who, (Type::Caption, t.text_2), who_room);
    let value = paint(ui, (line(72.0), Align2::LEFT_CENTER), &card.value, (Type::DenseStrong, t.text), 110.0);
    if let Some(days) = card.rotting {
        let at = (pos2(value.right() + 8.0, rect.top() + 72.0), Align2::LEFT_CENTER);
        paint(ui, at, &age_days(days.into()), (Type::Caption, t.danger), 60.0);
    }
    if let Some(pill) = &card.next_step {
        paint_pill_right(ui, pos2(right, rect.top() + 72.0), pill, 130.0);
    }
}

/// Small marks right of the second line; returns where they begin.
fn marks(ui: &Ui, rect: Rect, card: &Card) -> f32 {
    let t = tokens(ui);
    let mut x = rect.right() - 10.0;
    let y = rect.top() + 41.0;
    let mut mark = |icon: &str, color: Color32| {
        paint_icon(ui, pos2(x - 32.0, y), icon, 14.0, color);
        x -= 18.0;
    };
    if card.conflicted {
        mark(icons::CONFLICT, t.warning);
    }
    if card.pending {
        mark(icons::WAITING, t.text_3);
    }
    if card.files > 0 {
        mark(icons::PAPERCLIP, t.text_3);
    }
    x
}
