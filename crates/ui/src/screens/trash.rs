//! The trash: what was thrown away, newest first, and the way back.

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};
use model::query::{Condition, List, ListQuery, Op, Row, Sort};
use model::{Action, Kind};

use super::rows::rows_ui;
use crate::act::Act;
use crate::icons;
use crate::present::format::{grouped, moment};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::tabs::tabs;
use crate::widgets::{Button, caption, paint, paint_icon};

const KINDS: [Kind; 6] = [Kind::Lead, Kind::Contact, Kind::Account, Kind::Task, Kind::Activity, Kind::Attachment];
const SHOWN: u32 = 200;

/// The kind that an address names.
pub(crate) fn kind_named(word: &str) -> Kind {
    KINDS.into_iter().find(|kind| kind.plural() == word).unwrap_or(Kind::Lead)
}

/// The query of this screen.
pub(crate) fn query(kind: Kind) -> ListQuery {
    let thrown = Condition { field: "deleted_at".into(), op: Op::NotEmpty, values: Vec::new() };
    let newest = Sort { field: "deleted_at".into(), descending: true };
    ListQuery { filter: vec![thrown], sort: vec![newest], limit: SHOWN, ..ListQuery::of(kind) }
}

/// Draws the trash.
pub(crate) fn trash_ui(ui: &mut Ui, scene: &Scene<'_>, (kind, list): (Kind, Option<&List>), out: &mut Vec<Act>) {
    let names: Vec<(&str, Option<u64>)> = KINDS
        .iter()
        .map(|of| (crate::words::kinds(*of), list.filter(|_| *of == kind).map(|list| list.total)))
        .collect();
    let margin = if scene.is_compact() { 4 } else { 8 };
    egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 0)).show(ui, |ui| {
        let selected = KINDS.iter().position(|of| *of == kind).unwrap_or(0);
        if let Some(index) = tabs(ui, &names, selected) {
            out.push(Act::Filter("kind", KINDS[index].plural().to_owned()));
        }
    });
    let Some(list) = list else { return };
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(margin * 2, 16)).show(ui, |ui| {
            ui.set_width(ui.available_width().min(860.0));
            if list.rows.is_empty() {
                let title = format!("No {} in the trash", crate::words::kinds(kind).to_lowercase());
                Empty { icon: icons::TRASH, title: &title, text: "", actions: &[] }.show(ui);
                return;
            }
            rows_ui(ui, scene, &list.rows, |ui, rect, row| row_ui(ui, rect, scene, row, out));
            ui.add_space(space::S);
            if list.total > list.rows.len() as u64 {
                caption(ui, &format!("The latest {} of {}", list.rows.len(), grouped(list.total)));
            }
        });
    });
}

fn row_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let record = &row.record;
    let name = record.display_name();
    let y = rect.center().y;
    let told = ui.interact(rect, egui::Id::unique(("thrown", record.id)), Sense::hover());
    told.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    paint_icon(ui, pos2(rect.left() + 24.0, y), crate::words::kind_icon(record.kind), 16.0, t.text_3);
    let denied = scene.denied_edit_of(record.kind, record.owner());
    let button = Rect::from_min_max(pos2(rect.right() - 110.0, rect.top()), rect.right_bottom() - vec2(8.0, 0.0));
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let builder = egui::UiBuilder::new().id_salt(("restore", record.id)).max_rect(button).layout(layout);
    let mut inner = ui.new_child(builder);
    let restore = Button::new("Restore").name(&format!("Restore {name}")).disabled(denied.as_deref()).show(&mut inner);
    if restore.clicked() {
        out.push(Act::Do(Action::Restore(vec![record.reference()])));
    }
    let when = record.time("deleted_at").map(|at| moment(at, scene.zone, scene.today)).unwrap_or_default();
    let at = (pos2(button.left() - 8.0, y), Align2::RIGHT_CENTER);
    let when = paint(ui, at, &when, (Type::Dense, t.text_3), 90.0);
    let at = (pos2(rect.left() + 44.0, y), Align2::LEFT_CENTER);
    paint(ui, at, &name, (Type::Body, t.text), when.left() - rect.left() - 56.0);
}
