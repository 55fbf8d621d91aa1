//! A row of tabs with an underline.

use egui::{Align2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::frame::{focus_ring, hairline};
use super::text::{paint, width_of};
use crate::theme::{Type, tokens};

/// Draws the tabs (name, count) and returns the index that was clicked.
pub fn tabs(ui: &mut Ui, items: &[(&str, Option<u64>)], selected: usize) -> Option<usize> {
    let height = ui.spacing().interact_size.y.max(36.0);
    let mut clicked = None;
    let scroll = egui::ScrollArea::horizontal()
        .id_salt("tabs")
        .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden);
    let area = scroll.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let row = ui.horizontal(|ui| {
            for (index, (name, count)) in items.iter().enumerate() {
                let response = tab(ui, name, *count, (index == selected, height));
                if index == selected && is_newly_selected(ui, index) {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    clicked = Some(index);
                }
            }
        });
        let list = egui::accesskit::Role::TabList;
        ui.ctx().accesskit_node_builder(row.response.id, |node| node.set_role(list));
        row.response.rect.bottom()
    });
    let bottom = area.inner - 0.5;
    hairline(ui, pos2(area.inner_rect.left(), bottom), pos2(area.inner_rect.right(), bottom));
    clicked
}

/// Whether another tab was selected when the row was drawn before. It is scrolled to once, not held in place.
fn is_newly_selected(ui: &Ui, index: usize) -> bool {
    let id = ui.scope_id().with("selected tab");
    let before = ui.data(|data| data.get_temp::<usize>(id));
    ui.data_mut(|data| data.insert_temp(id, index));
    before != Some(index)
}

fn tab(ui: &mut Ui, name: &str, count: Option<u64>, (on, height): (bool, f32)) -> Response {
    let t = tokens(ui);
    let count = count.map(|count| count.to_string()).unwrap_or_default();
    let name_width = width_of(ui, name, Type::Label);
    let count_width = if count.is_empty() { 0.0 } else { width_of(ui, &count, Type::Caption) + 6.0 };
    let width = (name_width + count_width + 16.0).max(height);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, name));
    let ink = if on || response.hovered() { t.text } else { t.text_2 };
    let y = rect.center().y;
    paint(ui, (pos2(rect.left() + 8.0, y), Align2::LEFT_CENTER), name, (Type::Label, ink), f32::INFINITY);
    let at = (pos2(rect.right() - 8.0, y), Align2::RIGHT_CENTER);
    paint(ui, at, &count, (Type::Caption, t.text_3), f32::INFINITY);
    if on {
        let line =
            Rect::from_min_max(pos2(rect.left() + 8.0, rect.bottom() - 2.0), pos2(rect.right() - 8.0, rect.bottom()));
        ui.painter().rect_filled(line, 1, t.accent);
    }
    focus_ring(ui, &response, rect, 4);
    response
}
