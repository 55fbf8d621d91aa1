//! A card in the air: where it is, where it would land, and what happens when it is let go.

use egui::{Align2, CursorIcon, Id, Key, LayerId, Order, Pos2, Rangef, Rect, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};
use model::query::{BoardColumn, BoardSort, Row};
use model::{Kind, RecordId, RecordRef, StageKind};

use super::board::{BoardState, CARD_GAP};
use super::board_card::{Draw, draw};
use crate::act::Act;
use crate::dialog::Confirm;
use crate::icons;
use crate::present::card::Card;
use crate::scene::Scene;
use crate::theme::{Tone, Type, tokens};
use crate::widgets::{paint, paint_icon};

/// How near an edge makes the list scroll.
const EDGE: f32 = 48.0;

/// Where a card would land.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Aim {
    /// In a column: stage, place among the cards that stay, the card above.
    Place(String, usize, Option<RecordId>),
    /// On a folded rail or a zone of the bar: the stage.
    Stage(String),
    /// In the trash.
    Trash,
}

/// A card in the air.
#[derive(Debug, Clone)]
pub(crate) struct Drag {
    /// The lead.
    pub(crate) lead: RecordId,
    /// Where the pointer is.
    pub(crate) pointer: Pos2,
    /// Selected cards that go with it.
    with: Vec<RecordId>,
    card: Card,
    from: String,
    grip: Vec2,
    size: Vec2,
    aim: Option<Aim>,
    next_aim: Option<Aim>,
}

impl Drag {
    /// Lifts a card, and the others that go with it.
    pub(crate) fn new(card: &Card, stage: &str, (rect, pointer): (Rect, Pos2), with: Vec<RecordId>) -> Self {
        Self {
            lead: card.id,
            with,
            pointer,
            card: card.clone(),
            from: stage.to_owned(),
            grip: pointer - rect.min,
            size: rect.size(),
            aim: None,
            next_aim: None,
        }
    }

    /// Whether this card is in the air.
    pub(crate) fn carries(&self, lead: RecordId) -> bool {
        self.lead == lead || self.with.contains(&lead)
    }

    /// Whether it would land in this stage's column.
    pub(crate) fn is_over(&self, stage: &str) -> bool {
        matches!(&self.aim, Some(Aim::Place(aimed, ..)) if aimed == stage)
    }

    /// The place of the gap in this stage's column.
    pub(crate) fn gap_in(&self, stage: &str) -> Option<usize> {
        match &self.aim {
            Some(Aim::Place(aimed, place, _)) if aimed == stage => Some(*place),
            _ => None,
        }
    }

    /// Takes aim at a folded rail; `true` while it would land there.
    pub(crate) fn aim_at_rail(&mut self, rect: Rect, stage: &str) -> bool {
        if !rect.contains(self.pointer) {
            return false;
        }
        self.next_aim = Some(Aim::Stage(stage.to_owned()));
        true
    }

    /// Takes aim at a place in a column whose first card begins at `top`.
    pub(crate) fn aim_at_column(&mut self, list: Rect, top: f32, column: &BoardColumn) {
        if !list.expand2(vec2(4.0, 40.0)).contains(self.pointer) {
            return;
        }
        let middle = self.pointer.y - self.grip.y + self.size.y / 2.0;
        let count = usize::try_from(column.count).unwrap_or(usize::MAX);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
        let place = (((middle - top).max(0.0) / (self.size.y + CARD_GAP)) as usize).min(count);
        let staying = |row: &&Row| !self.carries(row.record.id);
        let known = place.saturating_sub(column.offset as usize);
        let above = column.rows.iter().take(known).rfind(staying).map(|row| row.record.id);
        self.next_aim = Some(Aim::Place(column.stage.id.clone(), place, above));
    }
}

/// How fast a list scrolls when the pointer is near an end of it.
pub(crate) fn edge_speed(pointer: f32, range: Rangef) -> f32 {
    let (near, far) = (pointer - range.min, range.max - pointer);
    match (near, far) {
        (near, _) if near < EDGE => (EDGE - near.max(0.0)) * 0.25,
        (_, far) if far < EDGE => -(EDGE - far.max(0.0)) * 0.25,
        _ => 0.0,
    }
}

/// Draws the bar that offers Won, Lost and Trash while a card is in the air.
pub(crate) fn zones_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, state: &mut BoardState) {
    let Some(drag) = state.drag.as_mut() else { return };
    let t = tokens(ui);
    let stage = |kind| scene.settings.first_stage(kind).map(|stage| stage.id.clone());
    let zones = [
        (stage(StageKind::Won).map(Aim::Stage), "Won", icons::TROPHY, Tone::Success),
        (stage(StageKind::Lost).map(Aim::Stage), "Lost", icons::LOST, Tone::Danger),
        (Some(Aim::Trash), "Trash", icons::TRASH, Tone::Neutral),
    ];
    let width = (rect.width() / 3.0).min(220.0);
    let mut x = rect.center().x - width * 1.5;
    for (aim, word, mark, tone) in zones {
        let zone = Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height())).shrink(2.0);
        x += width;
        let over = zone.expand(2.0).contains(drag.pointer);
        if over {
            drag.next_aim = aim;
        }
        let (ink, soft) = t.tone(tone);
        let stroke = Stroke::new(if over { 2.0 } else { 1.0 }, ink);
        ui.painter().rect(zone, 6, soft, stroke, StrokeKind::Inside);
        paint_icon(ui, zone.center() - vec2(26.0, 0.0), mark, 16.0, ink);
        paint(ui, (zone.center() - vec2(12.0, 0.0), Align2::LEFT_CENTER), word, (Type::Label, ink), 100.0);
    }
}

/// Follows the pointer, paints the card under it, and acts when it is let go.
pub(crate) fn drag_ui(ui: &mut Ui, state: &mut BoardState, sort: BoardSort, out: &mut Vec<Act>) {
    let Some(drag) = state.drag.as_mut() else { return };
    if let Some(at) = ui.input(|input| input.pointer.latest_pos()) {
        drag.pointer = at;
    }
    drag.aim = drag.next_aim.take();
    let canceled = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Escape));
    let released = ui.input(|input| !input.pointer.any_down());
    if canceled || released {
        let dropped = state.drag.take().filter(|_| !canceled);
        out.extend(dropped.and_then(|drag| landed(drag, sort)));
        ui.ctx().request_repaint();
        return;
    }
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let rect = Rect::from_min_size(drag.pointer - drag.grip, drag.size);
    let layer = LayerId::new(Order::Tooltip, Id::unique("card in the air"));
    let card = drag.card.clone();
    let count = drag.with.len() + 1;
    ui.scope_builder(egui::UiBuilder::new().layer_id(layer).max_rect(ui.ctx().content_rect()), |ui| {
        ui.set_clip_rect(ui.ctx().content_rect());
        draw(ui, rect, &card, Draw::Lifted, true);
        if count > 1 {
            count_ui(ui, rect, count);
        }
    });
    // Edge scrolling goes on while the pointer rests.
    ui.ctx().request_repaint();
}

/// How many cards are in the air.
fn count_ui(ui: &Ui, rect: Rect, count: usize) {
    let t = tokens(ui);
    let center = rect.left_top() + vec2(4.0, 4.0);
    ui.painter().circle_filled(center, 11.0, t.accent);
    paint(ui, (center, Align2::CENTER_CENTER), &count.to_string(), (Type::CaptionStrong, t.on_accent), 30.0);
}

fn landed(drag: Drag, sort: BoardSort) -> Option<Act> {
    let leads: Vec<RecordId> = std::iter::once(drag.lead).chain(drag.with).collect();
    let several = leads.len() > 1;
    match drag.aim? {
        Aim::Place(stage, ..) if stage == drag.from && sort != BoardSort::Manual && !several => None,
        Aim::Place(stage, _, after) if several => Some(Act::MoveTogether { leads, stage, after }),
        Aim::Stage(stage) if several => Some(Act::MoveTogether { leads, stage, after: None }),
        Aim::Place(stage, _, after) => Some(Act::Move { lead: drag.lead, stage, after }),
        Aim::Stage(stage) => Some(Act::Move { lead: drag.lead, stage, after: None }),
        Aim::Trash => Some(to_trash(&leads)),
    }
}

/// One lead goes to the trash at once, several are asked about.
fn to_trash(leads: &[RecordId]) -> Act {
    let action = model::Action::Delete(leads.iter().map(|lead| RecordRef::new(Kind::Lead, *lead)).collect());
    if leads.len() == 1 {
        return Act::Do(action);
    }
    let text = format!("{} leads go to the trash. They can be restored for 90 days.", leads.len());
    Act::Confirm(Confirm { text, button: "Move to trash".into(), danger: true, action })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_scroll_only_near_their_ends_and_faster_nearer() {
        let range = Rangef::new(100.0, 500.0);
        assert!(edge_speed(300.0, range).abs() < f32::EPSILON);
        assert!(edge_speed(110.0, range) > edge_speed(140.0, range));
        assert!(edge_speed(495.0, range) < 0.0);
    }
}
