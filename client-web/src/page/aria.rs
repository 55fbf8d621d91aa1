//! The ARIA mirror in the page: elements over the canvas that screen readers, password managers and tests find
//! by role and name. No mouse reaches them; what is done to them becomes egui's own events.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use egui::accesskit::{Action, ActionData, ActionRequest, NodeId, TreeId};
use egui::{Event, FullOutput, Key, Modifiers, Plugin, RawInput};
use wasm_bindgen::prelude::*;
use web_sys::{Document, FocusOptions, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

use crate::mirror::{Change, Control, Element, Mirror};

/// Frames that egui gets to take over what was typed or focused, before its word counts again.
const PATIENCE_FRAMES: u8 = 100;
/// Where an element remembers its control.
const ID_ATTRIBUTE: &str = "data-control";

thread_local! {
    static MIRROR: RefCell<Option<Dom>> = const { RefCell::new(None) };
    /// What was done, one step a frame: what is done to one control may be about what the step before made.
    /// Kept apart from the rest, since changing the DOM can make the browser call back at once.
    static PENDING: RefCell<VecDeque<Step>> = const { RefCell::new(VecDeque::new()) };
}

/// Something done in the mirror that egui has not heard of yet.
enum Step {
    Events(Vec<Event>),
    /// A field's new content.
    Text(u64, String),
}

struct Dom {
    mirror: Mirror,
    document: Document,
    root: HtmlElement,
    canvas: HtmlElement,
    elements: HashMap<u64, HtmlElement>,
    /// A value typed here that egui has not taken over yet.
    typed: Option<(u64, String, u8)>,
    /// A control focused here where egui's focus has not arrived yet.
    focusing: Option<(u64, u8)>,
}

/// Connects egui with the mirror.
#[derive(Debug)]
struct AriaPlugin;

impl Plugin for AriaPlugin {
    fn debug_name(&self) -> &'static str {
        "aria"
    }

    fn input_hook(&mut self, _ctx: &egui::Context, input: &mut RawInput) {
        if has_focus() {
            // For egui the window has the keyboard wherever in the page it is.
            input.focused = true;
            input.events.retain(|event| *event != Event::WindowFocused(false));
        }
        input.events.extend(PENDING.with_borrow_mut(VecDeque::pop_front).map(Step::into_events).unwrap_or_default());
    }

    fn output_hook(&mut self, ctx: &egui::Context, output: &mut FullOutput) {
        if PENDING.with_borrow(|pending| !pending.is_empty()) {
            ctx.request_repaint();
        }
        let Some(update) = output.platform_output.accesskit_update.take() else { return };
        let changes = MIRROR.with_borrow_mut(|dom| {
            dom.as_mut().map(|dom| dom.mirror.update(&update, ctx.zoom_factor())).unwrap_or_default()
        });
        for change in changes {
            apply(change);
        }
        MIRROR.with_borrow_mut(|dom| dom.iter_mut().for_each(Dom::grow_impatient));
    }
}

/// Lays the mirror over the canvas.
pub(super) fn install(ctx: &egui::Context, document: &Document) -> Result<(), JsValue> {
    let root: HtmlElement = document.get_element_by_id("mirror").ok_or("no mirror")?.dyn_into()?;
    let canvas: HtmlElement = document.get_element_by_id("canvas").ok_or("no canvas")?.dyn_into()?;
    for kind in ["click", "input", "focusin", "keydown", "submit"] {
        let ctx = ctx.clone();
        let listener = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            if take(kind, &event).is_some() {
                ctx.request_repaint();
            }
        });
        root.add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref())?;
        listener.forget();
    }
    // egui's own hidden field takes what is typed on the canvas.
    if let Some(agent) = document.query_selector("body > input, body > div > input")? {
        agent.set_attribute("aria-label", "Typing on the canvas")?;
    }
    MIRROR.set(Some(Dom {
        mirror: Mirror::default(),
        document: document.clone(),
        root,
        canvas,
        elements: HashMap::new(),
        typed: None,
        focusing: None,
    }));
    ctx.enable_accesskit();
    ctx.add_plugin(AriaPlugin);
    Ok(())
}

/// Whether the keyboard is in the mirror.
fn has_focus() -> bool {
    MIRROR.with_borrow(|dom| dom.as_ref().is_some_and(|dom| dom.focused().is_some()))
}

/// Turns what happened to an element into events for egui.
fn take(kind: &str, event: &web_sys::Event) -> Option<()> {
    if kind == "submit" {
        // The form is there for password managers; what it would send is egui's to decide.
        event.prevent_default();
        return None;
    }
    let target: HtmlElement = event.target()?.dyn_into().ok()?;
    let id: u64 = target.get_attribute(ID_ATTRIBUTE)?.parse().ok()?;
    match kind {
        "click" => {
            event.prevent_default();
            request(id, if is_editable(&target) { Action::Focus } else { Action::Click });
        }
        "focusin" => {
            MIRROR.with_borrow_mut(|dom| dom.iter_mut().for_each(|dom| dom.focusing = Some((id, 0))));
            request(id, Action::Focus);
        }
        "input" => {
            let value = value_of(&target)?;
            MIRROR.with_borrow_mut(|dom| dom.iter_mut().for_each(|dom| dom.typed = Some((id, value.clone(), 0))));
            replace_text(id, value);
        }
        _ => press(id, &target, event.dyn_ref()?)?,
    }
    Some(())
}

fn request(id: u64, action: Action) {
    let request = ActionRequest { action, target_tree: TreeId::ROOT, target_node: NodeId(id), data: None };
    push([Event::AccessKitActionRequest(request)]);
}

/// Replaces what stands in a text field, whether it has the keyboard or not; quick typing is taken together.
fn replace_text(id: u64, value: String) {
    PENDING.with_borrow_mut(|pending| match pending.back_mut() {
        Some(Step::Text(waiting, text)) if *waiting == id => text.clone_from(&value),
        _ => pending.push_back(Step::Text(id, value)),
    });
}

impl Step {
    fn into_events(self) -> Vec<Event> {
        match self {
            Self::Events(events) => events,
            Self::Text(id, value) => {
                let data = Some(ActionData::Value(value.into()));
                let target_node = NodeId(id);
                let request = ActionRequest { action: Action::SetValue, target_tree: TreeId::ROOT, target_node, data };
                vec![Event::AccessKitActionRequest(request)]
            }
        }
    }
}

/// A key pressed in the mirror: what the element does itself stays there, the rest is egui's.
fn press(id: u64, target: &HtmlElement, event: &KeyboardEvent) -> Option<()> {
    let key = Key::from_name(&event.key())?;
    let command = event.ctrl_key() || event.meta_key();
    let is_own = match key {
        Key::Tab => true,
        Key::Enter => target.tag_name() == "TEXTAREA" && !command,
        Key::Escape | Key::ArrowUp | Key::ArrowDown => target.tag_name() == "TEXTAREA" && key != Key::Escape,
        Key::K | Key::S => is_editable(target) && !command,
        _ => is_editable(target),
    };
    if is_own || event.is_composing() {
        return None;
    }
    event.prevent_default();
    if matches!(key, Key::Enter | Key::Space) && !is_editable(target) && !command {
        request(id, Action::Click);
    } else {
        let modifiers = Modifiers {
            alt: event.alt_key(),
            ctrl: event.ctrl_key(),
            shift: event.shift_key(),
            mac_cmd: event.meta_key(),
            command,
        };
        push(key_events(key, modifiers));
    }
    Some(())
}

fn key_events(key: Key, modifiers: Modifiers) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
}

fn push(events: impl IntoIterator<Item = Event>) {
    PENDING.with_borrow_mut(|pending| pending.push_back(Step::Events(events.into_iter().collect())));
}

/// Carries out one change. The mirror is not borrowed while the DOM changes, since the browser may call back.
fn apply(change: Change) {
    let step = MIRROR.with_borrow_mut(|dom| dom.as_mut().and_then(|dom| dom.prepare(change)));
    if let Some(step) = step {
        step();
    }
}

type DomStep = Box<dyn FnOnce()>;

impl Dom {
    fn prepare(&mut self, change: Change) -> Option<DomStep> {
        match change {
            Change::Remove(id) => self.remove(id),
            Change::Put(id, control) => self.put(id, &control),
            Change::Children(parent, children) => self.arrange(parent, &children),
            Change::Focus(id) => self.follow_focus(id),
        }
    }

    fn remove(&mut self, id: u64) -> Option<DomStep> {
        let element = self.elements.remove(&id)?;
        let had_focus = self.focused().is_some_and(|focused| focused == element);
        let canvas = self.canvas.clone();
        Some(Box::new(move || {
            element.remove();
            if had_focus {
                focus(&canvas);
            }
        }))
    }

    fn put(&mut self, id: u64, control: &Control) -> Option<DomStep> {
        let tag = match control.element {
            Element::Generic => "div",
            Element::Text => "span",
            Element::Input(_) => "input",
            Element::TextArea => "textarea",
        };
        let known = self.elements.get(&id).filter(|element| element.tag_name().eq_ignore_ascii_case(tag)).cloned();
        let element = match known {
            Some(element) => element,
            None => {
                let element: HtmlElement = self.document.create_element(tag).ok()?.dyn_into().ok()?;
                if let Some(old) = self.elements.insert(id, element.clone()) {
                    old.replace_with_with_node_1(&element).ok();
                }
                element
            }
        };
        self.fill(id, &element, control);
        None
    }

    /// Sets everything about an element. Attributes of plain elements can always be set.
    fn fill(&mut self, id: u64, element: &HtmlElement, control: &Control) {
        for name in element.get_attribute_names().iter().filter_map(|name| name.as_string()) {
            let stays = control.attributes.contains_key(name.as_str()) || name == "style" || name == ID_ATTRIBUTE;
            if !stays {
                element.remove_attribute(&name).ok();
            }
        }
        let set = |name: &str, value: &str| element.set_attribute(name, value).ok();
        set(ID_ATTRIBUTE, &id.to_string());
        control.attributes.iter().for_each(|(name, value)| {
            set(name, value);
        });
        if !control.role.is_empty() {
            set("role", control.role);
        }
        if control.focusable {
            set("tabindex", "0");
        }
        match control.element {
            Element::Text => element.set_text_content(Some(&control.name)),
            Element::Input("password") => {
                set("type", "password");
                set("autocomplete", "current-password");
            }
            Element::Input(kind) => {
                set("type", kind);
                set("autocomplete", if kind == "email" { "username" } else { "off" });
            }
            Element::Generic | Element::TextArea => {}
        }
        if control.element != Element::Text && !control.name.is_empty() {
            set("aria-label", &control.name);
        }
        let style = element.style();
        for (property, pixels) in ["left", "top", "width", "height"].into_iter().zip(control.bounds) {
            style.set_property(property, &format!("{pixels}px")).ok();
        }
        if let Some(value) = &control.value {
            self.fill_value(id, element, value, control.element == Element::Input("password"));
        }
    }

    /// Shows egui's value, unless something newer was typed here; a password is never shown, only cleared.
    fn fill_value(&mut self, id: u64, element: &HtmlElement, value: &str, is_secret: bool) {
        let waits = self.typed.as_ref().is_some_and(|(typed, _, _)| *typed == id);
        if waits && self.typed.as_ref().is_some_and(|(_, typed, _)| typed == value) {
            self.typed = None;
        }
        let is_shown = value_of(element).is_some_and(|shown| shown == value);
        if !waits && !is_shown && (!is_secret || value.is_empty()) {
            set_value(element, value);
        }
    }

    fn arrange(&self, parent: Option<u64>, children: &[u64]) -> Option<DomStep> {
        let parent = match parent {
            Some(id) => self.elements.get(&id)?.clone(),
            None => self.root.clone(),
        };
        let children: Vec<HtmlElement> = children.iter().filter_map(|id| self.elements.get(id)).cloned().collect();
        Some(Box::new(move || {
            let mut next = parent.first_child();
            for child in children {
                if next.as_ref().is_some_and(|next| *next == **child) {
                    next = child.next_sibling();
                } else {
                    // Elements of the mirror can be put anywhere in it.
                    parent.insert_before(&child, next.as_ref()).ok();
                }
            }
        }))
    }

    /// The keyboard follows egui's focus only when it is in the mirror already: whoever uses the canvas stays there.
    fn follow_focus(&mut self, id: u64) -> Option<DomStep> {
        if let Some((wanted, _)) = self.focusing {
            if wanted == id {
                self.focusing = None;
            }
            return None;
        }
        let focused = self.focused()?;
        let element = self.elements.get(&id).filter(|element| **element != focused)?.clone();
        Some(Box::new(move || focus(&element)))
    }

    fn grow_impatient(&mut self) {
        if let Some((_, _, frames)) = &mut self.typed {
            *frames += 1;
        }
        if let Some((_, frames)) = &mut self.focusing {
            *frames += 1;
        }
        self.typed.take_if(|(_, _, frames)| *frames > PATIENCE_FRAMES);
        self.focusing.take_if(|(_, frames)| *frames > PATIENCE_FRAMES);
    }

    fn focused(&self) -> Option<HtmlElement> {
        let active: HtmlElement = self.document.active_element()?.dyn_into().ok()?;
        (active != self.root && self.root.contains(Some(&active))).then_some(active)
    }
}

fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot be focused leaves the keyboard where it is.
    element.focus_with_options(&options).ok();
}

fn is_editable(element: &HtmlElement) -> bool {
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA")
}

fn value_of(element: &HtmlElement) -> Option<String> {
    let input = element.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value);
    input.or_else(|| element.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value))
}

fn set_value(element: &HtmlElement, value: &str) {
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        input.set_value(value);
    } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        area.set_value(value);
    }
}
