//! The palette (Ctrl+K): records found while typing, and commands.

use egui::{Align2, Context, Id, Key, Modifiers, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use model::query::Hit;
use model::{Kind, RecordRef};

use crate::act::Act;
use crate::dialog::{Dialog, Palette};
use crate::icons;
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::menu::heading;
use crate::widgets::{Field, caption, paint, paint_icon};

/// Records looked at lately that an empty box shows.
const RECENT_SHOWN: usize = 8;

/// The groups of hits, in their order.
const GROUPS: [Kind; 6] = [Kind::Lead, Kind::Contact, Kind::Account, Kind::Task, Kind::Activity, Kind::Attachment];

/// An entry of the palette.
struct Entry {
    group: &'static str,
    icon: &'static str,
    text: String,
    detail: String,
    acts: Vec<Act>,
}

/// Draws the palette; `true` when it should close.
pub(crate) fn palette_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    (hits, recent): (&[Hit], &[(RecordRef, String)]),
    palette: &mut Palette,
    out: &mut Vec<Act>,
) -> bool {
    let is_empty = palette.text.trim().is_empty();
    // An empty box shows what was looked at lately, when there is something.
    let hits = if is_empty && !recent.is_empty() { &[] } else { hits };
    let mut entries = entries(scene, hits, &palette.text);
    if is_empty {
        entries.splice(0..0, recent.iter().take(RECENT_SHOWN).filter_map(recent_entry));
    }
    palette.cursor = palette.cursor.min(entries.len().saturating_sub(1));
    let mut taken = keys(ctx, palette, entries.len()).then_some(palette.cursor);
    let frame = Frame { title: "Search", width: 600.0, sheet: false, high: true };
    let closed = frame.show(
        ctx,
        |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            search_box(ui, palette);
            ui.add_space(4.0);
            if entries.is_empty() {
                caption(ui, &format!("No matches for “{}”", palette.text.trim()));
            }
            let mut group = "";
            for (index, entry) in entries.iter().enumerate() {
                if entry.group != group {
                    heading(ui, entry.group);
                    group = entry.group;
                }
                let response = entry_ui(ui, entry, index == palette.cursor);
                if response.hovered() && ui.input(|input| input.pointer.is_moving()) {
                    palette.cursor = index;
                }
                if response.clicked() {
                    taken = Some(index);
                }
            }
        },
        None,
    );
    if let Some(index) = taken.filter(|index| *index < entries.len()) {
        let acts = entries.swap_remove(index).acts;
        // A command that opens a dialog replaces this one.
        if !acts.iter().any(|act| matches!(act, Act::Open(_) | Act::New(..) | Act::QuickLog(_) | Act::Go(_))) {
            out.push(Act::CloseDialog);
        }
        out.extend(acts);
        return false;
    }
    closed
}

fn search_box(ui: &mut Ui, palette: &mut Palette) {
    let id = Id::unique("palette");
    let hint = "Search… > commands, @ people, # tags, Tab for more";
    let response =
        Field::new("Search everything").bare().hint(hint).icon(icons::SEARCH).id(id).show(ui, &mut palette.text);
    if response.changed() {
        palette.cursor = 0;
    }
    if !response.has_focus() {
        response.request_focus();
    }
}

fn keys(ctx: &Context, palette: &mut Palette, count: usize) -> bool {
    ctx.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) && palette.cursor + 1 < count {
            palette.cursor += 1;
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            palette.cursor = palette.cursor.saturating_sub(1);
        }
        if input.consume_key(Modifiers::NONE, Key::Tab) {
            palette.expanded = !palette.expanded;
        }
        input.consume_key(Modifiers::NONE, Key::Enter)
    })
}

fn recent_entry((record, name): &(RecordRef, String)) -> Option<Entry> {
    Some(Entry {
        group: "Recently viewed",
        icon: crate::words::kind_icon(record.kind),
        text: name.clone(),
        detail: String::new(),
        acts: vec![Act::Go(Screen::of(*record)?)],
    })
}

/// `@` people and `#` tags lead to the leads that have them.
fn marked(scene: &Scene<'_>, text: &str) -> Option<Vec<Entry>> {
    let leads = |icon, text: String, key, value: String| Entry {
        group: "Leads",
        icon,
        text,
        detail: String::new(),
        acts: vec![Act::Go(Screen::List(Kind::Lead)), Act::Filter(key, value)],
    };
    if let Some(tag) = text.strip_prefix('#') {
        let tag = tag.trim().to_owned();
        let entry = leads(icons::TAG, format!("Leads tagged “{tag}”"), "tag", tag.clone());
        return Some(if tag.is_empty() { Vec::new() } else { vec![entry] });
    }
    let wanted = model::fold::fold(text.strip_prefix('@')?.trim());
    let fits = |person: &&model::Record| model::fold::fold(person.text("name")).contains(&wanted);
    let people = scene.people.iter().filter(fits);
    let entry =
        |of: &model::Record| leads(icons::PERSON, format!("Leads of {}", of.text("name")), "owner", of.id.to_string());
    Some(people.map(entry).collect())
}

fn entries(scene: &Scene<'_>, hits: &[Hit], text: &str) -> Vec<Entry> {
    if let Some(entries) = marked(scene, text) {
        return entries;
    }
    let only_commands = text.starts_with('>');
    let wanted = model::fold::fold(text.trim_start_matches('>').trim());
    let mut entries = Vec::new();
    if !only_commands {
        let mut hits: Vec<&Hit> = hits.iter().collect();
        let place = |kind: Kind| GROUPS.iter().position(|of| *of == kind);
        hits.sort_by_key(|hit| place(hit.record.kind).unwrap_or(9));
        entries.extend(hits.into_iter().filter_map(hit_entry));
    }
    let fits = |entry: &Entry| wanted.is_empty() || model::fold::fold(&entry.text).contains(&wanted);
    entries.extend(commands(scene).into_iter().filter(fits));
    entries
}

fn hit_entry(hit: &Hit) -> Option<Entry> {
    Some(Entry {
        group: crate::words::kinds(hit.record.kind),
        icon: crate::words::kind_icon(hit.record.kind),
        text: hit.title.clone(),
        detail: hit.subtitle.clone(),
        acts: vec![Act::Go(Screen::of(hit.record).or_else(|| Screen::of(hit.about?))?)],
    })
}

fn commands(scene: &Scene<'_>) -> Vec<Entry> {
    let command = |icon, text: &str, keys: &str, act| Entry {
        group: "Commands",
        icon,
        text: text.to_owned(),
        detail: keys.to_owned(),
        acts: vec![act],
    };
    let mut commands = Vec::new();
    if scene.denied_create(Kind::Lead).is_none() {
        commands.extend([
            command(icons::LEADS, "New lead", "N L", Act::New(Kind::Lead, None)),
            command(icons::CONTACTS, "New contact", "N C", Act::New(Kind::Contact, None)),
            command(icons::ACCOUNTS, "New account", "N A", Act::New(Kind::Account, None)),
            command(icons::TASK, "New task", "N T", Act::New(Kind::Task, None)),
            command(icons::NOTE, "Log an activity", "L", Act::QuickLog(None)),
        ]);
    }
    commands.extend([
        command(icons::TODAY, "Go to Today", "G T", Act::Go(Screen::Today)),
        command(icons::PIPELINE, "Go to Pipeline", "G P", Act::Go(Screen::Pipeline)),
        command(icons::LEADS, "Go to Leads", "G L", Act::Go(Screen::List(Kind::Lead))),
        command(icons::CONTACTS, "Go to Contacts", "G C", Act::Go(Screen::List(Kind::Contact))),
        command(icons::ACCOUNTS, "Go to Accounts", "G A", Act::Go(Screen::List(Kind::Account))),
        command(icons::TREND, "Go to Reports", "G R", Act::Go(Screen::Reports)),
        command(icons::IMPORT, "Import a file", "", Act::Go(Screen::Import)),
        command(icons::SETTINGS, "Go to Settings", "G S", Act::Go(Screen::Settings)),
        command(icons::TRASH, "Go to the trash", "", Act::Go(Screen::Trash)),
        command(icons::COPY, "Find duplicates", "", Act::Go(Screen::Duplicates)),
        command(icons::SUN, "Use the light theme", "", Act::Theme(egui::ThemePreference::Light)),
        command(icons::MOON, "Use the dark theme", "", Act::Theme(egui::ThemePreference::Dark)),
        command(icons::SYSTEM, "Use the system's theme", "", Act::Theme(egui::ThemePreference::System)),
        command(icons::UNDO, "Undo", "Ctrl Z", Act::StepLast(crate::undo::Way::Undo)),
        command(icons::REDO, "Redo", "Ctrl Shift Z", Act::StepLast(crate::undo::Way::Redo)),
        command(icons::KEYBOARD, "Keyboard shortcuts", "?", Act::Open(Box::new(Dialog::Help))),
    ]);
    commands
}

fn entry_ui(ui: &mut Ui, entry: &Entry, lit: bool) -> Response {
    let t = tokens(ui);
    let height = ui.spacing().interact_size.y.max(34.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, lit, &entry.text));
    if lit {
        ui.painter().rect_filled(rect, 6, t.surface_2);
        if !ui.clip_rect().contains_rect(rect) {
            ui.scroll_to_rect(rect, None);
        }
    }
    let y = rect.center().y;
    paint_icon(ui, pos2(rect.left() + 18.0, y), entry.icon, 16.0, t.text_2);
    let right = (pos2(rect.right() - 10.0, y), Align2::RIGHT_CENTER);
    let detail = paint(ui, right, &entry.detail, (Type::Caption, t.text_3), rect.width() * 0.4);
    let left = (pos2(rect.left() + 36.0, y), Align2::LEFT_CENTER);
    paint(ui, left, &entry.text, (Type::Body, t.text), detail.left() - rect.left() - 48.0);
    response
}
