//! The upper part of a page: banners, title, buttons, the line of facts, a lead's stages.

use std::collections::BTreeMap;

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};
use model::query::{Detail, Row};
use model::time::DAY_MILLIS;
use model::{Action, Kind, RecordRef, StageKind};

use super::detail::{DetailState, DetailView, Shown, title_id};
use super::fields::title_edit;
use crate::act::Act;
use crate::app::Effect;
use crate::dialog::{Dialog, MergeWith};
use crate::icons;
use crate::present::{format, next_step_pill, stage_kind};
use crate::scene::Scene;
use crate::theme::{Tone, Type, height, space, tokens};
use crate::widgets::menu::{Item, menu};
use crate::widgets::pill::pill;
use crate::widgets::text::{tip, width_of};
use crate::widgets::{Button, Pill, focus_ring, icon, label, paint};

/// The most room for a name in the line of facts; the tooltip has all of it.
const NAME_MAX: f32 = 240.0;
/// The least width of a title beside the buttons.
const TITLE_MIN: f32 = 220.0;

pub(super) fn header(ui: &mut Ui, scene: &Scene<'_>, shown: Shown<'_>, state: &mut DetailState, out: &mut Vec<Act>) {
    let (view, detail, denied) = shown;
    let row = &detail.row;
    ui.spacing_mut().item_spacing.y = space::S;
    if ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::P)) {
        out.push(super::detail_print::save_pdf(scene, view, detail));
    }
    banners(ui, scene, row, denied, out);
    let wanted = buttons_width(ui, view.record.kind);
    // Beside a long row of buttons no title could be read: they get a row of their own.
    let cramped = !scene.is_compact() && ui.available_width() - wanted < TITLE_MIN;
    ui.horizontal(|ui| {
        let buttons = if cramped || scene.is_compact() { 40.0 } else { wanted };
        let room = ui.available_width() - buttons - space::M;
        ui.allocate_ui(vec2(room, 36.0), |ui| {
            ui.set_width(room);
            title_ui(ui, view, (detail, denied), state, out);
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            more_button(ui, scene, shown, out);
            if !cramped && !scene.is_compact() {
                actions(ui, scene, shown, out);
            }
        });
    });
    if cramped {
        let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
        let reversed = egui::Layout::right_to_left(egui::Align::Center);
        ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.allocate_ui_with_layout(vec2(wanted - 48.0, size.y), reversed, |ui| actions(ui, scene, shown, out));
        });
    }
    facts(ui, scene, (row, denied), out);
    if view.record.kind == Kind::Lead {
        let spent = super::stages::time_in_stages(view.feed.stages(), scene.now);
        stages_ui(ui, scene, (row, denied, &spent), out);
    }
}

fn banners(ui: &mut Ui, scene: &Scene<'_>, row: &Row, denied: Option<&str>, out: &mut Vec<Act>) {
    let record = &row.record;
    let kept_back = scene.denied_edit_of(record.kind, record.owner());
    let restore = ("Restore", kept_back.as_deref());
    if record.is_deleted() && banner(ui, (icons::TRASH, "This is in the trash", Tone::Danger), restore) {
        out.push(Act::Do(Action::Restore(vec![record.reference()])));
    }
    let kind = stage_kind(scene, row);
    if record.kind != Kind::Lead || kind == StageKind::Open {
        return;
    }
    let on = record.date("closed_on").map(|on| format!(" on {}", format::full_date(on))).unwrap_or_default();
    let reason = match record.text("lost_reason") {
        "" => String::new(),
        reason => format!(" · {reason}"),
    };
    let (mark, text, tone) = match kind {
        StageKind::Won => (icons::TROPHY, format!("Won{on}"), Tone::Success),
        _ => (icons::LOST, format!("Lost{on}{reason}"), Tone::Danger),
    };
    let open = scene.settings.first_stage(StageKind::Open).map(|stage| stage.id.clone());
    if banner(ui, (mark, &text, tone), ("Reopen", denied))
        && let Some(stage) = open
    {
        out.push(Act::Move { lead: record.id, stage, after: None });
    }
}

fn banner(ui: &mut Ui, (mark, text, tone): (&str, &str, Tone), (action, denied): (&str, Option<&str>)) -> bool {
    let (ink, soft) = tokens(ui).tone(tone);
    let frame = egui::Frame::new().fill(soft).corner_radius(6).inner_margin(egui::Margin::symmetric(12, 4));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                icon(ui, mark, 16.0, ink);
                label(ui, text, Type::Label, ink);
                let right = egui::Layout::right_to_left(egui::Align::Center);
                ui.with_layout(right, |ui| Button::new(action).disabled(denied).show(ui).clicked()).inner
            })
            .inner
        })
        .inner
}

fn title_ui(
    ui: &mut Ui,
    view: &DetailView<'_>,
    (detail, denied): (&Detail, Option<&str>),
    state: &mut DetailState,
    out: &mut Vec<Act>,
) {
    let record = &detail.row.record;
    let key = match record.kind {
        Kind::Account => "name",
        Kind::Lead => "title",
        // A contact's name is two fields, edited below.
        _ => {
            crate::widgets::cut(ui, &record.display_name(), Type::Heading, tokens(ui).text);
            return;
        }
    };
    let mut text = state.title.as_ref().map_or_else(|| record.text(key).to_owned(), |(text, _)| text.clone());
    let name = crate::words::field(key);
    let response = title_edit(ui, (title_id(view.record), &name), &mut text, denied);
    if response.changed() {
        let heads = state.title.take().map_or_else(|| detail.heads.clone(), |(_, heads)| heads);
        state.title = Some((text, heads));
    }
    if !response.lost_focus() {
        return;
    }
    let Some((text, heads)) = state.title.take() else { return };
    let escaped = ui.input(|input| input.key_pressed(egui::Key::Escape));
    if escaped || text.trim().is_empty() || text.trim() == record.text(key) {
        return;
    }
    state.fields.saved_heads = Some(heads);
    out.push(Act::Save([(key.to_owned(), Some(text.trim().into()))].into()));
}

fn buttons_width(ui: &Ui, kind: Kind) -> f32 {
    let words: &[&str] = match kind {
        Kind::Lead => &["Log", "Task", "Won", "Lost"],
        Kind::Account => &["Log", "Task", "New lead"],
        _ => &["Log", "Task", "New lead"],
    };
    words.iter().map(|word| width_of(ui, word, Type::Label) + 54.0).sum::<f32>() + 40.0
}

fn more_button(ui: &mut Ui, scene: &Scene<'_>, shown: Shown<'_>, out: &mut Vec<Act>) {
    let more = crate::widgets::icon_button(ui, icons::MORE, "More actions");
    menu(&more, 200.0, |ui| more_items(ui, scene, shown, out));
}

fn actions(ui: &mut Ui, scene: &Scene<'_>, (view, detail, denied): Shown<'_>, out: &mut Vec<Act>) {
    let record = view.record;
    let open = stage_kind(scene, &detail.row) == StageKind::Open;
    if record.kind == Kind::Lead && open {
        if Button::new("Lost").icon(icons::LOST).disabled(denied).tip("Shift X").show(ui).clicked() {
            out.push(Act::AskClose { lead: record.id, won: false });
        }
        if Button::new("Won").icon(icons::TROPHY).disabled(denied).tip("Shift W").show(ui).clicked() {
            out.push(Act::AskClose { lead: record.id, won: true });
        }
    }
    if record.kind != Kind::Lead {
        let denied = scene.denied_create(Kind::Lead);
        if Button::new("New lead").icon(icons::LEADS).disabled(denied.as_deref()).show(ui).clicked() {
            out.push(Act::New(Kind::Lead, Some(record)));
        }
    }
    let denied = scene.denied_create(Kind::Task);
    if Button::new("Task").icon(icons::TASK).disabled(denied.as_deref()).tip("T").show(ui).clicked() {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    if Button::new("Log").icon(icons::NOTE).disabled(denied.as_deref()).tip("L").show(ui).clicked() {
        out.push(Act::QuickLog(Some(record)));
    }
}

fn more_items(ui: &mut Ui, scene: &Scene<'_>, (view, detail, denied): Shown<'_>, out: &mut Vec<Act>) {
    let record = view.record;
    if scene.is_compact() {
        if Item::new(icons::NOTE, "Log activity…").show(ui) {
            out.push(Act::QuickLog(Some(record)));
        }
        if Item::new(icons::TASK, "New task…").show(ui) {
            out.push(Act::New(Kind::Task, Some(record)));
        }
        if record.kind == Kind::Lead && stage_kind(scene, &detail.row) == StageKind::Open {
            if (Item { disabled: denied, ..Item::new(icons::TROPHY, "Won…") }).show(ui) {
                out.push(Act::AskClose { lead: record.id, won: true });
            }
            if (Item { disabled: denied, ..Item::new(icons::LOST, "Lost…") }).show(ui) {
                out.push(Act::AskClose { lead: record.id, won: false });
            }
        }
    }
    if Item::new(icons::LINK, "Copy link").show(ui) {
        let path = crate::routes::Screen::Detail(record).path();
        let link = format!("{}{path}", scene.session.server.trim_end_matches('/'));
        out.push(Act::Shell(Effect::CopyText(link)));
    }
    let refused = scene.denied_create(record.kind);
    if (Item { disabled: refused.as_deref(), ..Item::new(icons::COPY, "Duplicate") }).show(ui) {
        out.push(Act::Duplicate(record));
    }
    if (Item { disabled: denied, ..Item::new(icons::UP_DOWN, "Merge with…") }).show(ui) {
        let name = detail.row.record.display_name();
        out.push(Act::Open(Box::new(Dialog::MergeWith(MergeWith { record, name }))));
    }
    if Item::new(icons::FILE, "Save as PDF").keys("Ctrl P").show(ui) {
        out.push(super::detail_print::save_pdf(scene, view, detail));
    }
    if Item::new(icons::HISTORY, "History").show(ui) {
        out.push(Act::ShowTimeline(record.kind));
    }
    super::list_actions::reach_items(ui, &detail.row.record, out);
    let website = detail.row.record.text("website");
    if !website.is_empty() && Item::new(icons::WEB, "Open website").show(ui) {
        out.push(Act::Shell(Effect::OpenUrl(website.to_owned())));
    }
    if (Item { disabled: denied, ..Item::new(icons::TRASH, "Move to trash") }).show(ui) {
        out.push(Act::Do(Action::Delete(vec![record])));
        out.push(Act::Back);
    }
}

/// The line under the title: who, how much, what next.
fn facts(ui: &mut Ui, scene: &Scene<'_>, (row, denied): (&Row, Option<&str>), out: &mut Vec<Act>) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 24.0;
        facts_row(ui, scene, (row, denied), out);
    });
}

/// A lead's figures: value, probability with its pin, what that comes to, when it should close.
fn lead_facts(ui: &mut Ui, scene: &Scene<'_>, (row, denied): (&Row, Option<&str>), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let record = &row.record;
    let cents = record.int("value_cents").unwrap_or(0);
    label(ui, &format::money(cents, &scene.settings.currency), Type::Label, t.text);
    if stage_kind(scene, row) != StageKind::Open {
        return;
    }
    let probability = record.int("probability").unwrap_or(0);
    label(ui, &format!("{probability} %"), Type::Body, t.text_2);
    ui.add_space(-space::S);
    pin_ui(ui, scene.touch, (record.flag("probability_pinned"), denied), out);
    let weighted = model::report::weighted(i128::from(cents) * i128::from(probability));
    let response =
        label(ui, &format!("{} weighted", format::money(weighted, &scene.settings.currency)), Type::Body, t.text_2);
    tip(response, "Value times probability");
    if let Some(day) = record.date("expected_close_date") {
        let ink = if day < scene.today { t.danger } else { t.text_2 };
        let response = label(ui, &format!("Closes {}", format::due_date(day, scene.today)), Type::Body, ink);
        tip(response, &format!("Expected close {}", format::full_date(day)));
    }
}

/// Keeps the probability as it is when the lead moves, or lets it follow the stage.
fn pin_ui(ui: &mut Ui, touch: bool, (pinned, denied): (bool, Option<&str>), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
    // It stands in a line of text: a thumb's room lies around it.
    let around = if touch { rect.expand(10.0) } else { rect };
    let response = ui.interact(around, egui::Id::unique("pin the probability"), sense);
    let name = if pinned { "Let the probability follow the stage" } else { "Pin the probability" };
    crate::widgets::button::describe(&response, name, denied, pinned.then_some(true));
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_2);
    }
    crate::widgets::paint_icon(ui, rect.center(), icons::PIN, 14.0, if pinned { t.accent } else { t.text_3 });
    focus_ring(ui, &response, rect, 6);
    if response.clicked() {
        out.push(Act::Save([("probability_pinned".to_owned(), (!pinned).then_some(true.into()))].into()));
    }
    tip(response, denied.unwrap_or(name));
}

fn facts_row(ui: &mut Ui, scene: &Scene<'_>, (row, denied): (&Row, Option<&str>), out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::M, space::XS);
        for key in ["account_id", "primary_contact_id"] {
            link_fact(ui, row, key, out);
        }
        match row.record.kind {
            Kind::Lead => lead_facts(ui, scene, (row, denied), out),
            Kind::Account => {
                let open = format::many(u64::from(row.open_leads), "open lead", "open leads");
                let sum = format::money(row.open_cents, &scene.settings.currency);
                label(ui, &format!("{open} · {sum}"), Type::Body, t.text_2);
            }
            _ => {
                let title = row.record.text("title");
                let room = width_of(ui, title, Type::Body).ceil().min(NAME_MAX);
                ui.allocate_ui(vec2(room, Type::Body.line()), |ui| {
                    ui.set_max_width(room);
                    crate::widgets::cut(ui, title, Type::Body, t.text_2);
                });
            }
        }
        if !row.owner_name.is_empty() {
            owner_fact(ui, &row.owner_name);
        }
        if row.record.kind == Kind::Lead
            && let Some(next) = next_step_pill(scene, row)
        {
            pill(ui, &next);
        }
        if row.conflicted {
            let text = "In conflict".to_owned();
            pill(
                ui,
                &Pill {
                    icon: icons::CONFLICT,
                    text,
                    tone: Tone::Warning,
                    tip: "Two people changed a field at once".into(),
                },
            );
        }
        if scene.waits(row) {
            let text = "Not synced yet".to_owned();
            let tip = "Saved on this device, waiting to be sent".to_owned();
            pill(ui, &Pill { icon: icons::WAITING, text, tone: Tone::Info, tip });
        }
    });
}

fn owner_fact(ui: &mut Ui, name: &str) {
    let t = tokens(ui);
    let room = width_of(ui, name, Type::Body).min(NAME_MAX);
    let (rect, response) = ui.allocate_exact_size(vec2(room + 26.0, 24.0), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Owner: {name}")));
    crate::widgets::avatar::paint_avatar(ui, pos2(rect.left() + 10.0, rect.center().y), name, 20.0);
    let at = (pos2(rect.left() + 26.0, rect.center().y), Align2::LEFT_CENTER);
    paint(ui, at, name, (Type::Body, t.text_2), room + 1.0);
    tip(response, name);
}

fn link_fact(ui: &mut Ui, row: &Row, key: &str, out: &mut Vec<Act>) {
    let (Some(id), Some(name)) = (row.record.link(key), row.names.get(key)) else { return };
    let kind = if key == "account_id" { Kind::Account } else { Kind::Contact };
    let t = tokens(ui);
    let room = width_of(ui, name, Type::Body).min(NAME_MAX);
    let (rect, response) = ui.allocate_exact_size(vec2(room + 22.0, 24.0), Sense::click());
    let spoken = format!("Open {name}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &spoken));
    let ink = if response.hovered() { t.accent } else { t.text_2 };
    crate::widgets::paint_icon(ui, pos2(rect.left() + 8.0, rect.center().y), crate::words::kind_icon(kind), 16.0, ink);
    paint(ui, (pos2(rect.left() + 20.0, rect.center().y), Align2::LEFT_CENTER), name, (Type::Body, ink), room + 1.0);
    focus_ring(ui, &response, rect, 4);
    if response.clicked() {
        out.push(Act::Go(crate::routes::Screen::Detail(RecordRef::new(kind, id))));
    }
}

/// The stages as chevrons; a click moves the lead.
fn stages_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (row, denied, spent): (&Row, Option<&str>, &BTreeMap<String, i64>),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let stages = &scene.settings.stages;
    let current = stages.iter().position(|stage| stage.id == row.record.place().0);
    let compact = scene.is_compact();
    let shown: Vec<_> = stages
        .iter()
        .enumerate()
        .filter(|(index, stage)| {
            (stage.kind == StageKind::Open || current == Some(*index))
                && (!compact || current.is_none_or(|at| at.abs_diff(*index) <= 1))
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful of stages")]
    let width = (ui.available_width() / shown.len().max(1) as f32).min(200.0);
    let tall = ui.spacing().interact_size.y.max(height::CONTROL);
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), tall), Sense::hover());
    for (place, (index, stage)) in shown.into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of stages")]
        let left = line.left() + place as f32 * width;
        let rect = Rect::from_min_size(pos2(left, line.top()), vec2(width - 2.0, tall));
        let on = current == Some(index);
        let passed = current.is_some_and(|current| index < current);
        let sense = if denied.is_some() || on { Sense::hover() } else { Sense::click() };
        let response = ui.interact(rect, ui.scope_id().with(("stage", &stage.id)), sense);
        let name = if on { format!("Stage: {}", stage.name) } else { format!("Move to {}", stage.name) };
        crate::widgets::button::describe(&response, &name, denied, on.then_some(true));
        let color = t.stage(stage.color);
        let fill = match (on, passed) {
            (true, _) => color,
            (false, true) => t.surface_3,
            _ if response.hovered() => t.surface_3,
            _ => t.surface_2,
        };
        ui.painter().add(chevron(rect, fill));
        let ink = if on { t.surface } else { t.text_2 };
        let here = row.stage_entered_at.filter(|_| on).map(|at| super::today::days_since(scene, at));
        let before = spent.get(&stage.id).filter(|_| !on).map(|millis| millis / DAY_MILLIS);
        let days = here.or(before);
        let room = rect.width() - 28.0;
        let whole = days.map(|days| format!("{} · {}", stage.name, format::age_days(days)));
        let whole = whole.filter(|whole| width_of(ui, whole, Type::CaptionStrong) <= room);
        let words = whole.unwrap_or_else(|| stage.name.clone());
        paint(ui, (rect.center(), Align2::CENTER_CENTER), &words, (Type::CaptionStrong, ink), room);
        focus_ring(ui, &response, rect, 4);
        if response.clicked() {
            out.push(Act::Move { lead: row.record.id, stage: stage.id.clone(), after: None });
        }
        let in_all =
            spent.get(&stage.id).map(|millis| format!("\n{} in it in all", format::age_days(millis / DAY_MILLIS)));
        tip(response, &format!("{}{}", denied.unwrap_or(&name), in_all.unwrap_or_default()));
    }
}

fn chevron(rect: Rect, fill: egui::Color32) -> egui::Shape {
    let tip = 8.0;
    let points = [
        rect.left_top(),
        pos2(rect.right() - tip, rect.top()),
        pos2(rect.right(), rect.center().y),
        pos2(rect.right() - tip, rect.bottom()),
        rect.left_bottom(),
        pos2(rect.left() + tip, rect.center().y),
    ];
    // Drawn as two convex halves: egui fills convex shapes only.
    let middle = [points[5], points[2]];
    let upper = vec![points[0], points[1], middle[1], middle[0]];
    let lower = vec![middle[0], middle[1], points[3], points[4]];
    let half = |points| egui::Shape::convex_polygon(points, fill, egui::Stroke::NONE);
    egui::Shape::Vec(vec![half(upper), half(lower)])
}
