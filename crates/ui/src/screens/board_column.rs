//! One stage of the board: a column of cards of which only the visible ones are laid out, or a folded rail.

use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use model::query::BoardColumn;
use model::{Kind, StageKind};

use super::board::{BoardState, CARD_GAP, RAIL, card_height};
use super::board_card::{CardLook, card_ui};
use super::board_drag::edge_speed;
use crate::act::Act;
use crate::icons;
use crate::present::card::Card;
use crate::present::format::{age_days, grouped, many, money, money_compact};
use crate::scene::Scene;
use crate::theme::{Type, tokens};
use crate::widgets::text::{tip, width_of};
use crate::widgets::{focus_ring, icon_button_if, paint};

const HEAD: f32 = 40.0;

pub(super) fn rail_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, column: &BoardColumn, state: &mut BoardState) {
    let t = tokens(ui);
    let stage = &column.stage;
    let response = ui.interact(rect, ui.scope_id().with(("rail", &stage.id)), Sense::click());
    let name = format!("Unfold {}", stage.name);
    crate::widgets::button::describe(&response, &name, None, None);
    let over = state.drag.as_mut().is_some_and(|drag| drag.aim_at_rail(rect, &stage.id));
    let fill = if over {
        t.accent_soft
    } else if response.hovered() {
        t.surface_3
    } else {
        t.surface_2
    };
    ui.painter().rect_filled(rect, 8, fill);
    let x = rect.center().x;
    ui.painter().circle_filled(pos2(x, rect.top() + 20.0), 4.0, t.stage(stage.color));
    let at = |y: f32| (pos2(x, rect.top() + y), Align2::CENTER_CENTER);
    paint(ui, at(42.0), &grouped(column.month_count), (Type::CaptionStrong, t.text), RAIL);
    let currency = &scene.settings.currency;
    let words = format!("{} this month  ·  {}", stage.name, money_compact(column.month_cents, currency));
    let job = crate::theme::job(&words, Type::CaptionStrong, t.text_2, rect.height() - 80.0);
    let galley = ui.painter().layout_job(job);
    let origin = pos2(x + galley.size().y / 2.0, rect.top() + 62.0);
    let shape = egui::epaint::TextShape::new(origin, galley, t.text_2).with_angle(std::f32::consts::FRAC_PI_2);
    ui.painter().add(shape);
    focus_ring(ui, &response, rect, 8);
    if response.clicked() {
        state.unfolded.insert(stage.id.clone());
    }
    tip(
        response,
        &format!(
            "{}\nThis month: {}, {}\nIn all: {}, {}",
            stage.name,
            many(column.month_count, "lead", "leads"),
            money(column.month_cents, currency),
            many(column.count, "lead", "leads"),
            money(column.sum_cents, currency)
        ),
    );
}

pub(super) fn column_ui(
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
    let name = format!("{}, {}", column.stage.name, many(column.count, "lead", "leads"));
    let builder = UiBuilder::new()
        .id_salt(("column", &column.stage.id))
        .max_rect(list)
        .layout(egui::Layout::top_down(egui::Align::Min))
        .accessibility_role(egui::Role::List)
        .accessibility_label(name);
    let mut area = ui.new_child(builder);
    cards_ui(&mut area, list, scene, column, state, out);
}

fn head_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &Scene<'_>,
    column: &BoardColumn,
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
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
        "{}: {}\n{} in all, {} weighted\n{} in the stage on average",
        stage.name,
        many(column.count, "lead", "leads"),
        money(column.sum_cents, currency),
        money(column.weighted_cents, currency),
        age_days(column.mean_age_days)
    );
    tip(hover, &more);
    let reach = if scene.touch { 44.0 } else { 28.0 };
    let side = Rect::from_center_size(pos2(rect.right() - 20.0, y), vec2(reach, reach));
    let mut corner = ui.new_child(UiBuilder::new().id_salt(("plus", &stage.id)).max_rect(side));
    corner.spacing_mut().interact_size.y = reach;
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
    let step = card_height(scene.dense) + CARD_GAP;
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
        let total = (count + gap_rows) as f32 * step + 4.0;
        ui.set_height(total);
        let origin = ui.max_rect().min;
        if let Some(drag) = state.drag.as_mut() {
            drag.aim_at_column(list, origin.y, column);
        }
        let (first, last) = visible(viewport, count + gap_rows, step);
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

fn visible(viewport: Rect, count: usize, step: f32) -> (usize, usize) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
    let row = |y: f32| (y.max(0.0) / step).floor() as usize;
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
    let top = origin.y + place as f32 * (card_height(scene.dense) + CARD_GAP);
    let rect =
        Rect::from_min_size(pos2(origin.x + 8.0, top), vec2(ui.max_rect().width() - 16.0, card_height(scene.dense)));
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
        lifted: state.drag.as_ref().is_some_and(|drag| drag.carries(card.id)),
        selected: state.selected.contains(&card.id),
        grab: state.focus == Some(card.id) && state.grab_focus,
    };
    card_ui(ui, rect, scene, (&card, &column.stage.id, look), state, out);
}
