//! The files of a record: what there is, where it is, adding and taking away.

use egui::{Align2, Rect, Sense, Ui, UiBuilder, pos2, vec2};
use model::app::Request;
use model::query::{FileRow, Transfer};
use model::{Action, Kind, Record};

use super::rows::row_height;
use crate::act::Act;
use crate::app::{Effect, FilePurpose};
use crate::attached::opens;
use crate::icons;
use crate::present::format::{moment, size};
use crate::scene::Scene;
use crate::theme::{Tone, Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::menu::{Item, menu};
use crate::widgets::pill::paint_pill_right;
use crate::widgets::{Button, Pill, card, hairline, paint, paint_icon};

/// Draws the tab.
pub(super) fn files_ui(ui: &mut Ui, scene: &Scene<'_>, (record, files): (&Record, &[FileRow]), out: &mut Vec<Act>) {
    let denied = scene.denied_create(Kind::Attachment).or_else(|| scene.denied_edit(record));
    let purpose = FilePurpose::Attachment(record.reference());
    let choose = Act::Shell(Effect::OpenFileDialog { purpose });
    if files.is_empty() {
        let actions: &[&str] = if denied.is_some() { &[] } else { &["Add a file"] };
        let text = "Drop files here, or choose one. They are kept on this device first.";
        let empty = Empty { icon: icons::PAPERCLIP, title: "No files here yet", text, actions };
        if empty.show(ui).is_some() {
            out.push(choose);
        }
        return;
    }
    if Button::new("Add a file").icon(icons::PLUS).disabled(denied.as_deref()).show(ui).clicked() {
        out.push(choose);
    }
    ui.add_space(space::XS);
    card(ui, 0, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(ui.available_width());
        for (index, file) in files.iter().enumerate() {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), row_height(true)), Sense::hover());
            if index > 0 {
                hairline(ui, rect.left_top() + vec2(12.0, 0.0), rect.right_top() - vec2(12.0, 0.0));
            }
            file_ui(ui, rect, scene, file, out);
        }
    });
}

fn file_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, file: &FileRow, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let name = file.record.display_name();
    let told = ui.interact(rect, egui::Id::unique(("file", file.record.id)), Sense::click());
    let place = place(file);
    told.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{name}, {}", place.text)));
    if told.hovered() || told.has_focus() {
        ui.painter().rect_filled(rect.shrink(1.0), crate::theme::radius::CONTROL, t.surface_2);
    }
    if told.clicked() && may_read(file) {
        out.push(Act::OpenFile(file.record.id));
    }
    paint_icon(ui, pos2(rect.left() + 24.0, rect.center().y), icons::FILE, 18.0, t.text_2);
    let spot = Rect::from_center_size(pos2(rect.right() - 24.0, rect.center().y), vec2(36.0, 36.0));
    let mut inner = ui.new_child(UiBuilder::new().id_salt(("file more", file.record.id)).max_rect(spot));
    let more = crate::widgets::icon_button(&mut inner, icons::MORE, &format!("Actions for {name}"));
    menu(&more, 210.0, |ui| items(ui, scene, file, out));
    // On a phone the name has its line to itself.
    let lower = if scene.is_compact() { 10.0 } else { 0.0 };
    let end = paint_pill_right(ui, pos2(spot.left() - 4.0, rect.center().y + lower), &place, 170.0).left() - 12.0;
    let left = rect.left() + 44.0;
    let top = (pos2(left, rect.center().y - 9.0), Align2::LEFT_CENTER);
    let name_end = if scene.is_compact() { spot.left() - 4.0 } else { end };
    paint(ui, top, &name, (Type::Body, t.text), name_end - left);
    let bytes = file.record.int("size_bytes").and_then(|bytes| u64::try_from(bytes).ok()).map(size);
    let added = file.record.time("uploaded_at").map(|at| moment(at, scene.zone, scene.today));
    let by = file.record.link("owner_id").map(|id| scene.person(id).to_owned()).filter(|name| !name.is_empty());
    let scanned = scan_words(file).map(ToOwned::to_owned);
    let facts: Vec<String> = [bytes, added, by, scanned].into_iter().flatten().collect();
    let low = (pos2(left, rect.center().y + 10.0), Align2::LEFT_CENTER);
    paint(ui, low, &facts.join(" · "), (Type::Caption, t.text_3), end - left);
    crate::widgets::text::tip(told, file.trouble.as_deref().unwrap_or(""));
}

/// Where the file is, in words.
fn place(file: &FileRow) -> Pill {
    let pill = |icon, text: &str, tone| Pill { icon, text: text.to_owned(), tone, tip: String::new() };
    if let Some(trouble) = &file.trouble {
        return Pill { tip: trouble.clone(), ..pill(icons::ERROR, "Stuck", Tone::Danger) };
    }
    match file.record.text("scan") {
        "blocked" => return pill(icons::ERROR, "Blocked by the virus scanner", Tone::Danger),
        "pending" if !file.here => return pill(icons::WAITING, "Being scanned", Tone::Info),
        _ => {}
    }
    match (file.under_way, file.here, file.on_relay) {
        (Some(Transfer::WaitsToUpload), ..) => pill(icons::WAITING, "Waits to upload", Tone::Info),
        (Some(Transfer::Uploading(percent)), ..) => pill(icons::SYNCING, &format!("Uploading {percent} %"), Tone::Info),
        (Some(Transfer::Downloading), ..) => pill(icons::SYNCING, "Downloading", Tone::Info),
        (None, true, true) => pill(icons::SYNCED, "Here and on the server", Tone::Success),
        (None, true, false) => pill(icons::ALONE, "On this device", Tone::Neutral),
        (None, false, true) => pill(icons::SYNCED, "On the server", Tone::Neutral),
        (None, false, false) => pill(icons::OFFLINE, "Not here yet", Tone::Warning),
    }
}

/// What the relay's scanner said; a file that nobody scanned is never called clean.
fn scan_words(file: &FileRow) -> Option<&'static str> {
    match file.record.text("scan") {
        "clean" => Some("no virus found"),
        "not_scanned" => Some("not scanned"),
        _ => None,
    }
}

/// Whether its bytes can be had at all.
fn may_read(file: &FileRow) -> bool {
    file.here || file.on_relay
}

fn items(ui: &mut Ui, scene: &Scene<'_>, file: &FileRow, out: &mut Vec<Act>) {
    let attachment = file.record.id;
    if may_read(file) && opens(file.record.text("filename")) && Item::new(icons::FILE, "Open").show(ui) {
        out.push(Act::OpenFile(attachment));
    }
    if may_read(file) && Item::new(icons::EXPORT, "Save a copy…").show(ui) {
        out.push(Act::SaveFileCopy(attachment));
    }
    if !file.here && file.on_relay && Item::new(icons::IMPORT, "Bring it to this device").show(ui) {
        out.push(Act::FetchFile(attachment));
    }
    let keep = !file.keep_offline;
    let word = if keep { "Keep on this device" } else { "Need not stay on this device" };
    if file.on_relay && Item::new(icons::ALONE, word).show(ui) {
        out.push(Act::Send(Request::KeepFile { attachment, keep }));
    }
    let denied = scene.denied_edit(&file.record);
    if (Item { disabled: denied.as_deref(), ..Item::new(icons::TRASH, "Move to trash") }).show(ui) {
        out.push(Act::Do(Action::Delete(vec![file.record.reference()])));
    }
}
