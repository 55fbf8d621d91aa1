//! The interface as a tree of controls for assistive technology: from egui's AccessKit tree to what the page has
//! to change in its ARIA mirror.
//!
//! Pure: the DOM is changed by `page::aria`. Only what differs from the last frame is said.

use std::collections::BTreeMap;

use egui::accesskit::{Action, Node, NodeId, Role, Toggled, TreeUpdate};

/// How deep the tree is followed.
const DEPTH_MAX: usize = 64;

/// The element that stands for a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// Anything with a role.
    Generic,
    /// Words.
    Text,
    /// A line to type in, with its HTML input type.
    Input(&'static str),
    /// Lines to type in.
    TextArea,
}

/// One control of the interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The element.
    pub element: Element,
    /// The ARIA role; empty where the element says it.
    pub role: &'static str,
    /// The words that name it.
    pub name: String,
    /// What stands in it.
    pub value: Option<String>,
    /// Other attributes that are set.
    pub attributes: BTreeMap<&'static str, String>,
    /// Whether the keyboard reaches it.
    pub focusable: bool,
    /// Left, top, width and height in CSS pixels.
    pub bounds: [i32; 4],
}

/// Something the mirror must change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// This control is gone.
    Remove(u64),
    /// This control is new, or differs.
    Put(u64, Box<Control>),
    /// These controls are in this one (`None`: in the mirror itself), in this order.
    Children(Option<u64>, Vec<u64>),
    /// The keyboard is here.
    Focus(u64),
}

/// What the mirror shows.
#[derive(Debug, Default)]
pub struct Mirror {
    controls: BTreeMap<u64, Control>,
    children: BTreeMap<Option<u64>, Vec<u64>>,
    focus: Option<u64>,
}

impl Mirror {
    /// Takes in a frame's tree, whose points are `zoom` CSS pixels wide.
    pub fn update(&mut self, update: &TreeUpdate, zoom: f32) -> Vec<Change> {
        let nodes: BTreeMap<NodeId, &Node> = update.nodes.iter().map(|(id, node)| (*id, node)).collect();
        let mut walk = Walk { nodes: &nodes, zoom, controls: BTreeMap::new(), children: BTreeMap::new() };
        if let Some(tree) = &update.tree {
            walk.children_of(tree.root, None, false, 0);
        }
        let Walk { controls, children, .. } = walk;

        let mut changes: Vec<Change> =
            self.controls.keys().filter(|id| !controls.contains_key(id)).map(|id| Change::Remove(*id)).collect();
        for (id, control) in &controls {
            if self.controls.get(id) != Some(control) {
                changes.push(Change::Put(*id, Box::new(control.clone())));
            }
        }
        for (parent, ids) in &children {
            if self.children.get(parent) != Some(ids) {
                changes.push(Change::Children(*parent, ids.clone()));
            }
        }
        let focus = Some(update.focus.0).filter(|id| controls.contains_key(id));
        if let Some(id) = focus.filter(|_| focus != self.focus) {
            changes.push(Change::Focus(id));
        }
        *self = Self { controls, children, focus };
        changes
    }
}

struct Walk<'a> {
    nodes: &'a BTreeMap<NodeId, &'a Node>,
    zoom: f32,
    controls: BTreeMap<u64, Control>,
    children: BTreeMap<Option<u64>, Vec<u64>>,
}

impl Walk<'_> {
    /// Adds what is in a node to `parent`. Words inside a control that they name already are left out.
    fn children_of(&mut self, id: NodeId, parent: Option<u64>, is_named: bool, depth: usize) {
        let Some(node) = self.nodes.get(&id).filter(|_| depth < DEPTH_MAX) else { return };
        for child in node.children() {
            let Some(child_node) = self.nodes.get(child) else { continue };
            if child_node.is_hidden() || self.controls.contains_key(&child.0) {
                continue;
            }
            match self.control(child_node) {
                Some(control) if control.element == Element::Text && is_named => {}
                Some(control) => {
                    let is_named = !matches!(control.element, Element::Generic) || names_itself(&control);
                    self.controls.insert(child.0, control);
                    self.children.entry(parent).or_default().push(child.0);
                    self.children_of(*child, Some(child.0), is_named, depth + 1);
                }
                None => self.children_of(*child, parent, is_named, depth + 1),
            }
        }
    }

    fn control(&self, node: &Node) -> Option<Control> {
        let (element, role) = element_of(node)?;
        let name = self.name_of(node);
        if role == "group" && name.is_empty() {
            return None;
        }
        let value = match element {
            Element::Input(_) | Element::TextArea => Some(node.value().unwrap_or_default().to_owned()),
            Element::Generic | Element::Text => None,
        };
        let focusable = node.supports_action(Action::Focus) && !node.is_disabled();
        let attributes = attributes_of(node, role);
        Some(Control { element, role, name, value, attributes, focusable, bounds: self.bounds_of(node) })
    }

    fn name_of(&self, node: &Node) -> String {
        if let Some(label) = node.label() {
            return label.to_owned();
        }
        if node.role() == Role::Label {
            return node.value().unwrap_or_default().to_owned();
        }
        let labels = node.labelled_by().iter().filter_map(|id| self.nodes.get(id));
        let words: Vec<&str> = labels.filter_map(|label| label.label().or_else(|| label.value())).collect();
        words.join(" ")
    }

    fn bounds_of(&self, node: &Node) -> [i32; 4] {
        let Some(bounds) = node.bounds() else { return [0; 4] };
        let pixels = |points: f64| (points * f64::from(self.zoom)).round().clamp(-1e6, 1e6);
        #[expect(clippy::cast_possible_truncation, reason = "rounded, and within a million")]
        let whole = |points: f64| pixels(points) as i32;
        let (left, top) = (whole(bounds.x0), whole(bounds.y0));
        [left, top, (whole(bounds.x1) - left).max(0), (whole(bounds.y1) - top).max(0)]
    }
}

/// Whether a control's name says what the words in it say.
fn names_itself(control: &Control) -> bool {
    let holds_others = ["dialog", "alertdialog", "list", "tablist", "table", "row", "listbox", "menu", "navigation"];
    !control.name.is_empty() && !holds_others.contains(&control.role) && !is_landmark(control.role)
}

fn is_landmark(role: &str) -> bool {
    ["main", "banner", "region", "group", "status", "alert", "toolbar", "tabpanel", "listitem", "form"].contains(&role)
}

/// The element and ARIA role of a node; `None` for those that only lay out.
fn element_of(node: &Node) -> Option<(Element, &'static str)> {
    let role = match node.role() {
        Role::Label | Role::Paragraph => return Some((Element::Text, "")),
        Role::TextInput => return Some((Element::Input("text"), "")),
        Role::SearchInput => return Some((Element::Input("search"), "")),
        Role::EmailInput => return Some((Element::Input("email"), "")),
        Role::PasswordInput => return Some((Element::Input("password"), "")),
        Role::PhoneNumberInput => return Some((Element::Input("tel"), "")),
        Role::UrlInput => return Some((Element::Input("url"), "")),
        Role::MultilineTextInput => return Some((Element::TextArea, "")),
        Role::Heading => "heading",
        Role::Button | Role::DefaultButton => "button",
        Role::Link => "link",
        Role::CheckBox => "checkbox",
        Role::Switch => "switch",
        Role::RadioButton => "radio",
        Role::RadioGroup => "radiogroup",
        Role::Tab => "tab",
        Role::TabList => "tablist",
        Role::TabPanel => "tabpanel",
        Role::List => "list",
        Role::ListItem => "listitem",
        Role::ListBox => "listbox",
        Role::ListBoxOption => "option",
        Role::ComboBox | Role::EditableComboBox => "combobox",
        Role::Menu => "menu",
        Role::MenuBar => "menubar",
        Role::MenuItem => "menuitem",
        Role::MenuItemCheckBox => "menuitemcheckbox",
        Role::MenuItemRadio => "menuitemradio",
        Role::Dialog | Role::Window => "dialog",
        Role::AlertDialog => "alertdialog",
        Role::Alert => "alert",
        Role::Status => "status",
        Role::Tooltip => "tooltip",
        Role::Navigation => "navigation",
        Role::Main => "main",
        Role::Banner => "banner",
        Role::Region | Role::Pane => "region",
        Role::Form => "form",
        Role::Search => "search",
        Role::Toolbar => "toolbar",
        Role::Table | Role::Grid => "table",
        Role::Row => "row",
        Role::Cell | Role::GridCell => "cell",
        Role::ColumnHeader => "columnheader",
        Role::RowHeader => "rowheader",
        Role::Image => "img",
        Role::ProgressIndicator => "progressbar",
        Role::Slider => "slider",
        Role::SpinButton => "spinbutton",
        Role::Group | Role::GenericContainer => "group",
        _ => return None,
    };
    Some((Element::Generic, role))
}

fn attributes_of(node: &Node, role: &str) -> BTreeMap<&'static str, String> {
    let mut attributes = BTreeMap::new();
    let mut set = |name, value: Option<String>| {
        if let Some(value) = value {
            attributes.insert(name, value);
        }
    };
    let yes = |is: bool| is.then(|| "true".to_owned());
    set("aria-disabled", yes(node.is_disabled()));
    set("aria-busy", yes(node.is_busy()));
    set("aria-required", yes(node.is_required()));
    set("aria-modal", yes(node.is_modal()));
    set("aria-readonly", yes(node.is_read_only()));
    set("aria-invalid", yes(node.invalid().is_some()));
    // A combo box is either open or not; whatever else can unfold says so itself.
    let expanded = node.is_expanded().or((role == "combobox").then_some(false));
    set("aria-expanded", expanded.map(|expanded| expanded.to_string()));
    // What is chosen in a combo box has no attribute of its own.
    let chosen = node.value().filter(|_| role == "combobox");
    let described = node.description().filter(|description| !description.is_empty());
    set("title", described.or(chosen.filter(|chosen| !chosen.is_empty())).map(ToOwned::to_owned));
    set("placeholder", node.placeholder().map(ToOwned::to_owned));
    set("aria-level", (role == "heading").then(|| node.level().unwrap_or(2).to_string()));
    set("aria-valuenow", node.numeric_value().map(|value| value.to_string()));
    set("aria-valuemin", node.min_numeric_value().map(|value| value.to_string()));
    set("aria-valuemax", node.max_numeric_value().map(|value| value.to_string()));
    let selects = matches!(role, "tab" | "option" | "row");
    let toggled = node.toggled().map(|toggled| match toggled {
        Toggled::True => "true".to_owned(),
        Toggled::False => "false".to_owned(),
        Toggled::Mixed => "mixed".to_owned(),
    });
    let selected = node.is_selected().map(|selected| selected.to_string());
    set(if selects { "aria-selected" } else { "aria-current" }, selected);
    set(
        match role {
            "tab" | "option" | "row" => "aria-selected",
            "link" => "aria-current",
            "button" => "aria-pressed",
            "listitem" => "aria-current",
            _ => "aria-checked",
        },
        toggled,
    );
    attributes
}
