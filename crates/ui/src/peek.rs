//! A record beside the list or board it was found in (`Space`).

use egui::{Rect, Ui, UiBuilder, pos2, vec2};
use model::{Kind, RecordRef};

use crate::act::Act;
use crate::app::App;
use crate::feed::{Feed, Slot};
use crate::icons;
use crate::picking::Wanted;
use crate::routes::{Route, Screen};
use crate::scene::{Scene, Width};
use crate::screens::detail::{DetailState, DetailView, detail_ui};
use crate::theme::{Type, height, space, tokens};
use crate::widgets::{Button, cut, hairline, icon_button};

/// Its width.
pub(crate) const PEEK: f32 = 480.0;
/// The least that is left for the list.
const REST_MIN: f32 = 480.0;

/// Whether a record fits beside a list in this much room.
pub(crate) fn fits(content: Rect) -> bool {
    content.width() >= PEEK + REST_MIN
}

impl App {
    /// Shows a record beside the list, or puts it away when it shows already.
    pub(crate) fn peek(&mut self, record: RecordRef) {
        if !self.can_peek {
            self.show(Route::to(Screen::Detail(record)));
            return;
        }
        self.screens.peek = (self.screens.peek != Some(record)).then_some(record);
        self.screens.detail.open(record);
    }

    /// The record beside the list follows the keyboard.
    pub(crate) fn follow_peek(&mut self) {
        let Some(shown) = self.screens.peek else { return };
        if let Some(record) = self.cursor_record().filter(|record| *record != shown) {
            self.screens.peek = Some(record);
            self.screens.detail.open(record);
        }
    }

    /// The record that has the keyboard in a list or on the board.
    fn cursor_record(&self) -> Option<RecordRef> {
        match self.route.screen {
            Screen::Pipeline => self.screens.board.focus.map(|id| RecordRef::new(Kind::Lead, id)),
            Screen::List(_) => {
                let list = self.feed.list(Slot::List)?;
                let at = self.screens.list.cursor?.checked_sub(list.offset as usize)?;
                list.rows.get(at).map(|row| row.record.reference())
            }
            _ => None,
        }
    }
}

type Wishes<'a> = (&'a mut Option<Wanted>, &'a mut Vec<Act>);

/// Draws the panel at the right edge of `content`.
pub(crate) fn peek_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (content, record, feed): (Rect, RecordRef, &Feed),
    state: &mut DetailState,
    (typing, out): Wishes<'_>,
) {
    let t = tokens(ui);
    let rect = content.with_min_x(content.right() - PEEK);
    ui.painter().rect_filled(rect, 0, t.surface);
    hairline(ui, rect.left_top(), rect.left_bottom());
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), height::HEADER)).shrink2(vec2(space::M, 0.0));
    let row = egui::Layout::right_to_left(egui::Align::Center);
    ui.scope_builder(UiBuilder::new().id_salt("peek head").max_rect(head).layout(row), |ui| {
        if icon_button(ui, icons::CLOSE, "Close the preview").clicked() {
            out.push(Act::ClosePeek);
        }
        if Button::new("Open").icon(icons::OPEN).name("Open the page").show(ui).clicked() {
            out.push(Act::Go(Screen::Detail(record)));
        }
        let left = egui::Layout::left_to_right(egui::Align::Center);
        ui.with_layout(left, |ui| cut(ui, crate::words::kinds(record.kind), Type::Label, t.text_2));
    });
    let body = Rect::from_min_max(pos2(rect.left() + 1.0, head.bottom()), rect.max);
    hairline(ui, body.left_top(), body.right_top());
    let narrow = Scene { width: Width::Medium, ..*scene };
    let view = DetailView { record, detail: feed.detail(), feed, files: feed.files(), keys: false };
    let builder = UiBuilder::new().id_salt(("peek", record.id)).max_rect(body);
    ui.scope_builder(builder.layout(egui::Layout::top_down(egui::Align::Min)), |ui| {
        ui.set_clip_rect(body);
        detail_ui(ui, &narrow, &view, state, typing, out);
    });
}
