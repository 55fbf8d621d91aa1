//! A text field with label, hint, problem and note.

use egui::{CornerRadius, Frame, Id, Margin, Response, Stroke, StrokeKind, TextEdit, Ui};

use super::text::{label, paragraph, tip};
use crate::icons;
use crate::theme::{Type, radius, tokens};

/// A text field.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    name: &'a str,
    id: Option<Id>,
    hint: &'a str,
    problem: Option<&'a str>,
    note: &'a str,
    rows: usize,
    password: bool,
    email: bool,
    bare: bool,
    icon: &'a str,
    disabled: Option<&'a str>,
}

impl<'a> Field<'a> {
    /// A field of one line with a label above it.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            id: None,
            hint: "",
            problem: None,
            note: "",
            rows: 1,
            password: false,
            email: false,
            bare: false,
            icon: "",
            disabled: None,
        }
    }

    /// A fixed id, so that the keyboard can be sent here.
    pub const fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// What an empty field shows.
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// What is wrong, shown under the field.
    pub const fn problem(mut self, problem: Option<&'a str>) -> Self {
        self.problem = problem;
        self
    }

    /// A remark under the field that blocks nothing.
    pub const fn note(mut self, note: &'a str) -> Self {
        self.note = note;
        self
    }

    /// Several lines.
    pub const fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Shows dots instead of letters.
    pub const fn password(mut self, password: bool) -> Self {
        self.password = password;
        self
    }

    /// Holds the e-mail address that somebody signs in with: password managers look for it.
    pub const fn email(mut self) -> Self {
        self.email = true;
        self
    }

    /// Without the label above; the name stays for screen readers.
    pub const fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// An icon in front of the text.
    pub const fn icon(mut self, icon: &'a str) -> Self {
        self.icon = icon;
        self
    }

    /// Disabled for this reason.
    pub const fn disabled(mut self, reason: Option<&'a str>) -> Self {
        self.disabled = reason;
        self
    }

    /// Draws it over the available width.
    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        let t = tokens(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.vertical(|ui| {
                let shown = (!self.bare).then(|| label(ui, self.name, Type::CaptionStrong, t.text_2));
                let response = self.edit(ui, text);
                // The visible words name the field, or the name that only screen readers hear.
                let response = match shown {
                    Some(label) => response.labelled_by(label.id),
                    None => response.accessible_name(self.name),
                };
                self.remarks(ui);
                response
            })
            .inner
        })
        .inner
    }

    fn edit(&self, ui: &mut Ui, text: &mut String) -> Response {
        let t = tokens(ui);
        let height = ui.spacing().interact_size.y;
        let left = if self.icon.is_empty() { 8 } else { 30 };
        let pad = ((height - 18.0) / 2.0).max(4.0);
        #[expect(clippy::cast_possible_truncation, reason = "a padding is a small number of points")]
        let margin = Margin { left, right: 8, top: pad as i8, bottom: pad as i8 };
        let edit = if self.rows > 1 { TextEdit::multiline(text) } else { TextEdit::singleline(text) };
        let mut edit = edit
            .frame(Frame::NONE.inner_margin(margin))
            .background_color(egui::Color32::TRANSPARENT)
            .font(Type::Body.font())
            .text_color(if self.disabled.is_some() { t.text_3 } else { t.text })
            .hint_text(egui::RichText::new(self.hint).color(t.text_3))
            .password(self.password)
            .desired_rows(self.rows)
            .desired_width(f32::INFINITY)
            .interactive(self.disabled.is_none())
            .min_size(egui::vec2(0.0, height));
        if let Some(id) = self.id {
            edit = edit.id(id);
        }
        let ground = ui.painter().add(egui::Shape::Noop);
        let response = ui.add(edit);
        if self.email {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_role(egui::accesskit::Role::EmailInput));
        }
        self.surround(ui, &response, ground);
        tip(response, self.disabled.unwrap_or(""))
    }

    fn surround(&self, ui: &Ui, response: &Response, ground: egui::layers::ShapeIdx) {
        let t = tokens(ui);
        let border = match (self.problem.is_some(), response.has_focus()) {
            (true, _) => t.danger,
            (false, true) => t.accent,
            _ if response.hovered() => t.text_3,
            _ => t.input_border,
        };
        let width = if response.has_focus() { 2.0 } else { 1.0 };
        let fill = if self.disabled.is_some() { t.surface_2 } else { t.surface };
        let corner = CornerRadius::same(radius::CONTROL);
        let stroke = Stroke::new(width, border);
        ui.painter().set(ground, egui::epaint::RectShape::new(response.rect, corner, fill, stroke, StrokeKind::Inside));
        if !self.icon.is_empty() {
            let at = egui::pos2(response.rect.left() + 16.0, response.rect.center().y);
            super::text::paint_icon(ui, at, self.icon, 16.0, t.text_3);
        }
    }

    fn remarks(&self, ui: &mut Ui) {
        let t = tokens(ui);
        if let Some(problem) = self.problem {
            problem_line(ui, problem);
        } else if !self.note.is_empty() {
            paragraph(ui, self.note, Type::Caption, t.text_3);
        }
    }
}

/// Selects everything in the text field of this id, so that typing replaces it.
pub fn select_all(ctx: &egui::Context, id: Id, text: &str) {
    let mut state = TextEdit::load_state(ctx, id).unwrap_or_default();
    state.cursor.set_char_range(Some(egui::text::CCursorRange::select_all_str(text)));
    state.store(ctx, id);
}

/// What is wrong, with its icon, in the colour of danger.
pub fn problem_line(ui: &mut Ui, problem: &str) {
    let t = tokens(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        super::text::icon(ui, icons::ERROR, 14.0, t.danger);
        paragraph(ui, problem, Type::Caption, t.danger);
    });
}
