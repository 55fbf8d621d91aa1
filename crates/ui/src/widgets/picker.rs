//! A field that opens a list to choose from: fixed options, or records found while typing.

use egui::{
    Align2, CornerRadius, Id, Key, Modifiers, Popup, PopupCloseBehavior, Rect, Response, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::Field;
use super::frame::focus_ring;
use super::text::{caption, label, paint, paint_icon, tip};
use crate::icons;
use crate::theme::{Type, radius, tokens};

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickOption {
    /// What is handed back.
    pub key: String,
    /// What it is called.
    pub text: String,
    /// A second, quieter word.
    pub detail: String,
}

impl PickOption {
    /// An option without detail.
    pub fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self { key: key.into(), text: text.into(), detail: String::new() }
    }
}

/// What came of a picker in this frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// An option's key.
    Choice(String),
    /// A new thing of this name.
    Create(String),
    /// Nothing, on purpose.
    Clear,
}

/// A picker.
#[derive(Debug, Clone, Copy)]
pub struct Picker<'a> {
    name: &'a str,
    current: &'a str,
    placeholder: &'a str,
    options: &'a [PickOption],
    searchable: bool,
    filtered_elsewhere: bool,
    create: Option<&'a str>,
    clearable: bool,
    bare: bool,
    quiet: bool,
    problem: Option<&'a str>,
    disabled: Option<&'a str>,
    width: Option<f32>,
}

/// What a picker says after it was drawn.
#[derive(Debug)]
pub struct PickerOutput {
    /// The button.
    pub response: Response,
    /// What was chosen.
    pub picked: Option<Picked>,
    /// What is typed in its search box, while it is open.
    pub typing: Option<String>,
}

impl<'a> Picker<'a> {
    /// A picker with a label above, showing `current` (empty: nothing chosen).
    pub const fn new(name: &'a str, current: &'a str, options: &'a [PickOption]) -> Self {
        Self {
            name,
            current,
            placeholder: "None",
            options,
            searchable: false,
            filtered_elsewhere: false,
            create: None,
            clearable: false,
            bare: false,
            quiet: false,
            problem: None,
            disabled: None,
            width: None,
        }
    }

    /// What it shows while nothing is chosen.
    pub const fn placeholder(mut self, placeholder: &'a str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// With a search box over the options.
    pub const fn searchable(mut self) -> Self {
        self.searchable = true;
        self
    }

    /// The options are what was found for the typed text; offers to create what was typed as `kind`.
    pub const fn records(mut self, create: Option<&'a str>) -> Self {
        self.searchable = true;
        self.filtered_elsewhere = true;
        self.create = create;
        self
    }

    /// Offers to choose nothing.
    pub const fn clearable(mut self) -> Self {
        self.clearable = true;
        self
    }

    /// Offers to take what was typed as it is.
    pub const fn creatable(mut self, kind: &'a str) -> Self {
        self.searchable = true;
        self.create = Some(kind);
        self
    }

    /// Shows its frame only when it is hovered, open or has the keyboard.
    pub const fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Without the label above.
    pub const fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// What is wrong, shown under it.
    pub const fn problem(mut self, problem: Option<&'a str>) -> Self {
        self.problem = problem;
        self
    }

    /// Disabled for this reason.
    pub const fn disabled(mut self, reason: Option<&'a str>) -> Self {
        self.disabled = reason;
        self
    }

    /// A fixed width instead of all there is.
    pub const fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui) -> PickerOutput {
        let t = tokens(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.vertical(|ui| {
                if !self.bare {
                    label(ui, self.name, Type::CaptionStrong, t.text_2);
                }
                let response = self.button(ui);
                if let Some(problem) = self.problem {
                    super::field::problem_line(ui, problem);
                }
                let (picked, typing) = self.popup(&response);
                PickerOutput { response, picked, typing }
            })
            .inner
        })
        .inner
    }

    fn button(&self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let sense = if self.disabled.is_some() { Sense::hover() } else { Sense::click() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, ui.spacing().interact_size.y), sense);
        let shown = if self.current.is_empty() { self.placeholder } else { self.current };
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ComboBox, self.disabled.is_none(), self.name);
            info.current_text_value = Some(self.current.to_owned());
            info
        });
        let border = match (self.problem, response.hovered()) {
            (Some(_), _) => t.danger,
            (None, true) if self.disabled.is_none() => t.text_3,
            _ => t.input_border,
        };
        let fill = if self.disabled.is_some() { t.surface_2 } else { t.surface };
        let corner = CornerRadius::same(radius::CONTROL);
        let hidden = self.quiet && (self.disabled.is_some() || !response.hovered());
        if !hidden {
            let (fill, border) = if self.quiet { (t.surface_2, t.border) } else { (fill, border) };
            ui.painter().rect(rect, corner, fill, Stroke::new(1.0, border), StrokeKind::Inside);
        }
        let faint = self.current.is_empty() || (self.disabled.is_some() && !self.quiet);
        let ink = if faint { t.text_3 } else { t.text };
        let at = (pos2(rect.left() + 8.0, rect.center().y), Align2::LEFT_CENTER);
        paint(ui, at, shown, (Type::Body, ink), rect.width() - 32.0);
        if !hidden {
            paint_icon(ui, pos2(rect.right() - 14.0, rect.center().y), icons::DOWN, 12.0, t.text_3);
        }
        focus_ring(ui, &response, rect, radius::CONTROL);
        tip(response, self.disabled.unwrap_or(""))
    }

    fn popup(&self, button: &Response) -> (Option<Picked>, Option<String>) {
        let typed_id = button.id.with("typed");
        let ctx = button.ctx.clone();
        if button.clicked() {
            ctx.data_mut(|data| data.insert_temp(typed_id, (String::new(), 0_usize)));
        }
        let width = button.rect.width().max(200.0);
        let popup = Popup::from_toggle_button_response(button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .gap(4.0)
            .width(width);
        let popup_id = popup.get_id();
        let shown = popup.show(|ui| {
            ui.set_width(width - 8.0);
            let (mut typed, mut cursor): (String, usize) = ui.data(|data| data.get_temp(typed_id)).unwrap_or_default();
            let picked = self.list(ui, (&mut typed, &mut cursor), button.id);
            ui.data_mut(|data| data.insert_temp(typed_id, (typed.clone(), cursor)));
            (picked, typed)
        });
        let is_open = shown.is_some();
        ctx.accesskit_node_builder(button.id, |node| node.set_expanded(is_open));
        let Some((picked, typed)) = shown.map(|shown| shown.inner) else { return (None, None) };
        if picked.is_some() {
            Popup::close_id(&ctx, popup_id);
            ctx.memory_mut(|memory| memory.request_focus(button.id));
        }
        (picked, Some(typed))
    }

    fn list(&self, ui: &mut Ui, (typed, cursor): (&mut String, &mut usize), id: Id) -> Option<Picked> {
        ui.spacing_mut().item_spacing.y = 2.0;
        if self.searchable {
            self.search_box(ui, typed, id.with("search"), cursor);
        }
        let entries = self.entries(typed);
        *cursor = (*cursor).min(entries.len().saturating_sub(1));
        let mut picked = step(ui, cursor, entries.len()).then(|| entries.get(*cursor).map(|e| e.0.clone())).flatten();
        if entries.is_empty() {
            ui.add_space(4.0);
            caption(ui, if typed.is_empty() { "Nothing here yet" } else { "No matches" });
            ui.add_space(4.0);
        }
        egui::ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
            for (index, (what, text, detail)) in entries.iter().enumerate() {
                let row = entry(ui, text, detail, index == *cursor);
                if row.hovered() && ui.input(|input| input.pointer.is_moving()) {
                    *cursor = index;
                }
                if row.clicked() {
                    picked = Some(what.clone());
                }
            }
        });
        picked
    }

    fn search_box(&self, ui: &mut Ui, typed: &mut String, id: Id, cursor: &mut usize) {
        let name = format!("Search {}", self.name.to_lowercase());
        let response = Field::new(&name).bare().hint("Search…").icon(icons::SEARCH).id(id).show(ui, typed);
        if response.changed() {
            *cursor = 0;
        }
        if !response.has_focus() && !response.lost_focus() {
            response.request_focus();
        }
    }

    fn entries(&self, typed: &str) -> Vec<(Picked, String, String)> {
        let wanted = typed.trim().to_lowercase();
        let fits = |option: &&PickOption| {
            self.filtered_elsewhere || wanted.is_empty() || option.text.to_lowercase().contains(&wanted)
        };
        let mut entries: Vec<_> = self
            .options
            .iter()
            .filter(fits)
            .map(|option| (Picked::Choice(option.key.clone()), option.text.clone(), option.detail.clone()))
            .collect();
        let exact = self.options.iter().any(|option| option.text.to_lowercase() == wanted);
        if let Some(kind) = self.create.filter(|_| !wanted.is_empty() && !exact) {
            let name = typed.trim().to_owned();
            entries.push((Picked::Create(name.clone()), format!("Create “{name}”"), kind.to_owned()));
        }
        if self.clearable && !self.current.is_empty() && wanted.is_empty() {
            entries.push((Picked::Clear, "None".to_owned(), String::new()));
        }
        entries
    }
}

/// Moves the cursor with the arrow keys; `true` on Enter.
fn step(ui: &Ui, cursor: &mut usize, count: usize) -> bool {
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) && *cursor + 1 < count {
            *cursor += 1;
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            *cursor = cursor.saturating_sub(1);
        }
        input.consume_key(Modifiers::NONE, Key::Enter)
    })
}

fn entry(ui: &mut Ui, text: &str, detail: &str, lit: bool) -> Response {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y.max(30.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, text));
    if lit {
        ui.painter().rect_filled(rect, 4, t.surface_2);
    }
    let right = rect.right() - 8.0;
    let y = rect.center().y;
    let detail_rect: Rect =
        paint(ui, (pos2(right, y), Align2::RIGHT_CENTER), detail, (Type::Caption, t.text_3), rect.width() * 0.4);
    let room = detail_rect.left() - rect.left() - 16.0;
    paint(ui, (pos2(rect.left() + 8.0, y), Align2::LEFT_CENTER), text, (Type::Dense, t.text), room);
    response
}
