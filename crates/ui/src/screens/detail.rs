//! The page of a lead, account or contact.

use egui::{Align2, Id, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use model::query::{Detail, Row, TimelineEntry};
use model::{Action, ChangeHash, Kind, RecordRef, StageKind};

use super::composer::{Composer, composer_ui};
use super::fields::{FieldDrafts, FieldView, field_ui, title_edit};
use super::timeline::{activities_ui, timeline_ui};
use super::today::{lead_row, task_row};
use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::present::fields::{all_fields, key_fields};
use crate::present::{format, next_step_pill, stage_kind};
use crate::scene::{Scene, Width};
use crate::theme::{Tone, Type, height, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::menu::{Item, menu};
use crate::widgets::pill::pill;
use crate::widgets::tabs::tabs;
use crate::widgets::text::{tip, width_of};
use crate::widgets::{Button, Pill, card, focus_ring, hairline, icon, label, paint};

/// What a page remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct DetailState {
    tab: usize,
    fields: FieldDrafts,
    /// The composer.
    pub(crate) composer: Composer,
    title: Option<(String, Vec<ChangeHash>)>,
    /// What the replica found wrong, by field.
    pub(crate) problems: std::collections::BTreeMap<String, String>,
}

impl DetailState {
    /// Starts a page afresh.
    pub(crate) fn open(&mut self, _record: RecordRef) {
        *self = Self::default();
    }

    /// The heads that the saved draft was opened at.
    pub(crate) fn take_heads(&mut self) -> Option<Vec<ChangeHash>> {
        self.fields.saved_heads.take()
    }
}

/// What a page is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DetailView<'a> {
    /// The record.
    pub(crate) record: RecordRef,
    /// Its page; outer `None` until the first answer, inner when it isn't on this device.
    pub(crate) detail: Option<Option<&'a Detail>>,
    /// Its history.
    pub(crate) timeline: Option<&'a [TimelineEntry]>,
    /// Single keys belong to the page.
    pub(crate) keys: bool,
}

/// A tab of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Activity,
    Details,
    Related(Kind),
    Timeline,
}

const fn page_tabs(kind: Kind) -> &'static [Tab] {
    match kind {
        Kind::Lead => &[Tab::Activity, Tab::Details, Tab::Related(Kind::Contact), Tab::Related(Kind::Task), Tab::Timeline],
        Kind::Account => &[
            Tab::Activity,
            Tab::Details,
            Tab::Related(Kind::Lead),
            Tab::Related(Kind::Contact),
            Tab::Related(Kind::Task),
            Tab::Timeline,
        ],
        _ => &[Tab::Activity, Tab::Details, Tab::Related(Kind::Lead), Tab::Related(Kind::Task), Tab::Timeline],
    }
}

type Typing<'a> = &'a mut Option<(Kind, String)>;

/// Draws a page.
pub(crate) fn detail_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    view: &DetailView<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let Some(found) = view.detail else { return };
    let Some(detail) = found else {
        not_here(ui, out);
        return;
    };
    state.fields.problems.append(&mut state.problems);
    let denied = scene.denied_edit(&detail.row.record);
    keys(ui, view, state, out);
    if scene.width == Width::Expanded {
        two_panes(ui, scene, (view, detail, denied.as_deref()), state, typing, out);
    } else {
        one_pane(ui, scene, (view, detail, denied.as_deref()), state, typing, out);
    }
}

fn not_here(ui: &mut Ui, out: &mut Vec<Act>) {
    ui.add_space(space::XXL);
    let empty = Empty {
        icon: icons::HISTORY,
        title: "Not on this device yet",
        text: "It may still be on its way from your team's server.",
        actions: &["Sync now", "Back"],
    };
    match empty.show(ui) {
        Some(0) => out.push(Act::Send(model::app::Request::SyncNow)),
        Some(_) => out.push(Act::Back),
        None => {}
    }
}

fn keys(ui: &Ui, view: &DetailView<'_>, state: &mut DetailState, out: &mut Vec<Act>) {
    if !view.keys {
        return;
    }
    let record = view.record;
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(egui::Modifiers::NONE, egui::Key::L) {
        out.push(Act::New(Kind::Activity, Some(record)));
    }
    if pressed(egui::Modifiers::NONE, egui::Key::T) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    for (key, won) in [(egui::Key::W, true), (egui::Key::X, false)] {
        if record.kind == Kind::Lead && pressed(egui::Modifiers::SHIFT, key) {
            out.push(Act::AskClose { lead: record.id, won });
        }
    }
    let numbers = [egui::Key::Num1, egui::Key::Num2, egui::Key::Num3, egui::Key::Num4, egui::Key::Num5, egui::Key::Num6];
    for (index, key) in numbers.into_iter().enumerate().take(page_tabs(view.record.kind).len()) {
        if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key)) {
            state.tab = index;
        }
    }
    if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::E)) {
        ui.memory_mut(|memory| memory.request_focus(title_id(view.record)));
        crate::keyboard::swallow_text(ui.ctx());
    }
}

fn title_id(record: RecordRef) -> Id {
    Id::unique(("title", record.id))
}

type Shown<'a> = (&'a DetailView<'a>, &'a Detail, Option<&'a str>);

fn two_panes(
    ui: &mut Ui,
    scene: &Scene<'_>,
    shown: Shown<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let whole = ui.max_rect();
    let head_height = head_height(shown.1.row.record.kind, &shown.1.row, scene);
    let head = Rect::from_min_size(whole.min, vec2(whole.width(), head_height));
    ui.scope_builder(UiBuilder::new().id_salt("head").max_rect(head.shrink2(vec2(space::L, space::L))), |ui| {
        header(ui, scene, shown, state, out);
    });
    hairline(ui, head.left_bottom(), head.right_bottom());
    let fields = Rect::from_min_size(head.left_bottom(), vec2(360.0, whole.bottom() - head.bottom()));
    hairline(ui, fields.right_top(), fields.right_bottom());
    ui.scope_builder(UiBuilder::new().id_salt("fields").max_rect(fields), |ui| {
        ScrollArea::vertical().id_salt("fields").auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(egui::Margin { left: 16, right: 12, top: 12, bottom: 12 }).show(ui, |ui| {
                side_fields(ui, scene, shown, state, typing, out);
            });
        });
    });
    let rest = Rect::from_min_max(fields.right_top(), whole.max);
    ui.scope_builder(UiBuilder::new().id_salt("tabs").max_rect(rest), |ui| {
        body(ui, scene, shown, state, typing, out);
    });
}

fn one_pane(
    ui: &mut Ui,
    scene: &Scene<'_>,
    shown: Shown<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    ScrollArea::vertical().id_salt("page").auto_shrink(false).show(ui, |ui| {
        let margin = if scene.is_compact() { 12 } else { 16 };
        egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 12)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            header(ui, scene, shown, state, out);
            ui.add_space(space::S);
        });
        body(ui, scene, shown, state, typing, out);
    });
}

fn head_height(kind: Kind, row: &Row, scene: &Scene<'_>) -> f32 {
    let stages = if kind == Kind::Lead { 44.0 } else { 0.0 };
    let closed = kind == Kind::Lead && stage_kind(scene, row) != StageKind::Open;
    let deleted = row.record.is_deleted();
    let banners = f32::from(u8::from(closed) + u8::from(deleted)) * 44.0;
    96.0 + stages + banners
}

fn header(ui: &mut Ui, scene: &Scene<'_>, shown: Shown<'_>, state: &mut DetailState, out: &mut Vec<Act>) {
    let (view, detail, denied) = shown;
    let row = &detail.row;
    ui.spacing_mut().item_spacing.y = space::S;
    banners(ui, scene, row, denied, out);
    ui.horizontal(|ui| {
        let buttons = if scene.is_compact() { 40.0 } else { buttons_width(ui, view.record.kind) };
        let room = ui.available_width() - buttons - space::M;
        ui.allocate_ui(vec2(room, 36.0), |ui| {
            ui.set_width(room);
            title_ui(ui, view, (detail, denied), state, out);
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            actions(ui, scene, shown, out);
        });
    });
    facts(ui, scene, row, out);
    if view.record.kind == Kind::Lead {
        stages_ui(ui, scene, row, denied, out);
    }
}

fn banners(ui: &mut Ui, scene: &Scene<'_>, row: &Row, denied: Option<&str>, out: &mut Vec<Act>) {
    let record = &row.record;
    if record.is_deleted() && banner(ui, (icons::TRASH, "This is in the trash", Tone::Danger), ("Restore", None)) {
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
    if banner(ui, (mark, &text, tone), ("Reopen", denied)) && let Some(stage) = open {
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
            label(ui, &record.display_name(), Type::Heading, tokens(ui).text);
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

fn actions(ui: &mut Ui, scene: &Scene<'_>, (view, detail, denied): Shown<'_>, out: &mut Vec<Act>) {
    let record = view.record;
    let more = crate::widgets::icon_button(ui, icons::MORE, "More actions");
    menu(&more, 200.0, |ui| more_items(ui, scene, (view, detail, denied), out));
    if scene.is_compact() {
        return;
    }
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
        out.push(Act::New(Kind::Activity, Some(record)));
    }
}

fn more_items(ui: &mut Ui, scene: &Scene<'_>, (view, detail, denied): Shown<'_>, out: &mut Vec<Act>) {
    let record = view.record;
    if scene.is_compact() {
        if Item::new(icons::NOTE, "Log activity…").show(ui) {
            out.push(Act::New(Kind::Activity, Some(record)));
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
    let email = detail.row.record.text("email");
    if !email.is_empty() && Item::new(icons::EMAIL, "Write an email").show(ui) {
        out.push(Act::Shell(Effect::OpenUrl(format!("mailto:{email}"))));
    }
    let phone = detail.row.record.text("phone");
    if !phone.is_empty() && Item::new(icons::CALL, "Call").show(ui) {
        out.push(Act::Shell(Effect::OpenUrl(format!("tel:{}", phone.replace(' ', "")))));
    }
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
fn facts(ui: &mut Ui, scene: &Scene<'_>, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::M, space::XS);
        for key in ["account_id", "primary_contact_id"] {
            link_fact(ui, row, key, out);
        }
        match row.record.kind {
            Kind::Lead => {
                let value = format::money(row.record.int("value_cents").unwrap_or(0), &scene.settings.currency);
                label(ui, &value, Type::Label, t.text);
            }
            Kind::Account => {
                let open = format::many(u64::from(row.open_leads), "open lead", "open leads");
                let sum = format::money(row.open_cents, &scene.settings.currency);
                label(ui, &format!("{open} · {sum}"), Type::Body, t.text_2);
            }
            _ => {
                label(ui, row.record.text("title"), Type::Body, t.text_2);
            }
        }
        if !row.owner_name.is_empty() {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                crate::widgets::avatar::avatar(ui, &row.owner_name, 20.0);
                label(ui, &row.owner_name, Type::Body, t.text_2);
            });
        }
        if row.record.kind == Kind::Lead && let Some(next) = next_step_pill(scene, row) {
            pill(ui, &next);
        }
        if row.conflicted {
            let text = "In conflict".to_owned();
            pill(ui, &Pill { icon: icons::CONFLICT, text, tone: Tone::Warning, tip: "Two people changed a field at once".into() });
        }
        if row.pending {
            let text = "Not synced yet".to_owned();
            let tip = "Saved on this device, waiting to be sent".to_owned();
            if scene.session.server.is_empty() {
                return;
            }
            pill(ui, &Pill { icon: icons::WAITING, text, tone: Tone::Info, tip });
        }
    });
}

fn link_fact(ui: &mut Ui, row: &Row, key: &str, out: &mut Vec<Act>) {
    let (Some(id), Some(name)) = (row.record.link(key), row.names.get(key)) else { return };
    let kind = if key == "account_id" { Kind::Account } else { Kind::Contact };
    let t = tokens(ui);
    let width = width_of(ui, name, Type::Body) + 22.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
    let spoken = format!("Open {name}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &spoken));
    let ink = if response.hovered() { t.accent } else { t.text_2 };
    crate::widgets::paint_icon(ui, pos2(rect.left() + 8.0, rect.center().y), crate::words::kind_icon(kind), 16.0, ink);
    paint(ui, (pos2(rect.left() + 20.0, rect.center().y), Align2::LEFT_CENTER), name, (Type::Body, ink), f32::INFINITY);
    focus_ring(ui, &response, rect, 4);
    if response.clicked() {
        out.push(Act::Go(crate::routes::Screen::Detail(RecordRef::new(kind, id))));
    }
}

/// The stages as chevrons; a click moves the lead.
fn stages_ui(ui: &mut Ui, scene: &Scene<'_>, row: &Row, denied: Option<&str>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let stages = &scene.settings.stages;
    let current = stages.iter().position(|stage| stage.id == row.record.place().0);
    let compact = scene.is_compact();
    let shown: Vec<_> = stages.iter().enumerate().filter(|(index, stage)| {
        (stage.kind == StageKind::Open || current == Some(*index)) && (!compact || current.is_none_or(|at| at.abs_diff(*index) <= 1))
    }).collect();
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
        let days = row.stage_entered_at.filter(|_| on).map(|at| super::today::days_since(scene, at));
        let words = days.map_or_else(|| stage.name.clone(), |days| format!("{} · {}", stage.name, format::age_days(days)));
        paint(ui, (rect.center(), Align2::CENTER_CENTER), &words, (Type::CaptionStrong, ink), rect.width() - 28.0);
        focus_ring(ui, &response, rect, 4);
        if response.clicked() {
            out.push(Act::Move { lead: row.record.id, stage: stage.id.clone(), after: None });
        }
        tip(response, denied.unwrap_or(&name));
    }
}

fn chevron(rect: Rect, fill: egui::Color32) -> egui::Shape {
    let tip = 8.0;
    let points = vec![
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

fn side_fields(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (_, detail, denied): Shown<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = space::XXS;
    let view = FieldView { detail, denied, place: "side", label_width: 116.0 };
    for spec in key_fields(detail.row.record.kind) {
        field_ui(ui, scene, (&view, spec), &mut state.fields, typing, out);
    }
    let elsewhere = detail.conflicts.iter().filter(|conflict| {
        !key_fields(detail.row.record.kind).iter().any(|spec| spec.key == conflict.key)
    });
    for conflict in elsewhere {
        ui.add_space(space::S);
        let text = format!("{} is in conflict, see Details", crate::words::field(&conflict.key));
        label(ui, &text, Type::Caption, t.warning);
    }
    ui.add_space(space::M);
    let created = detail.row.record.time("created_at");
    if let Some(created) = created {
        let text = format!("Created {}", format::full_date(created.date_in(scene.zone)));
        crate::widgets::caption(ui, &text);
    }
}

fn body(
    ui: &mut Ui,
    scene: &Scene<'_>,
    shown: Shown<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let (view, detail, _) = shown;
    let list = page_tabs(view.record.kind);
    let names: Vec<(&str, Option<u64>)> = list.iter().map(|tab| tab_name(*tab, detail)).collect();
    state.tab = state.tab.min(list.len() - 1);
    let margin = if scene.is_compact() { 4 } else { 8 };
    egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 0)).show(ui, |ui| {
        if let Some(tab) = tabs(ui, &names, state.tab) {
            state.tab = tab;
        }
    });
    let tab = list[state.tab];
    let content = |ui: &mut Ui, state: &mut DetailState, typing: Typing<'_>, out: &mut Vec<Act>| {
        let margin = if scene.is_compact() { 12 } else { 16 };
        egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 16)).show(ui, |ui| {
            ui.set_width(ui.available_width().min(760.0));
            tab_ui(ui, scene, (shown, tab), state, typing, out);
        });
    };
    if scene.width == Width::Expanded {
        ScrollArea::vertical().id_salt(("tab", state.tab)).auto_shrink(false).show(ui, |ui| {
            content(ui, state, typing, out);
        });
    } else {
        content(ui, state, typing, out);
    }
}

fn tab_name(tab: Tab, detail: &Detail) -> (&'static str, Option<u64>) {
    let count = |kind| detail.related.get(&kind).map(|rows| rows.len() as u64).filter(|count| *count > 0);
    match tab {
        Tab::Activity => ("Activity", None),
        Tab::Details => ("Details", None),
        Tab::Related(kind) => (crate::words::kinds(kind), count(kind)),
        Tab::Timeline => ("Timeline", None),
    }
}

fn tab_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (shown, tab): (Shown<'_>, Tab),
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let (view, detail, denied) = shown;
    let entries = view.timeline.unwrap_or_default();
    match tab {
        Tab::Activity => {
            let denied = scene.denied_create(Kind::Activity);
            composer_ui(ui, scene, &mut state.composer, denied.as_deref(), out);
            ui.add_space(space::L);
            activities_ui(ui, scene, entries);
        }
        Tab::Details => {
            ui.spacing_mut().item_spacing.y = space::XS;
            let width = if scene.is_compact() { 108.0 } else { 140.0 };
            let fields = FieldView { detail, denied, place: "details", label_width: width };
            for spec in all_fields(view.record.kind) {
                field_ui(ui, scene, (&fields, spec), &mut state.fields, typing, out);
            }
            problems_ui(ui, detail);
        }
        Tab::Related(kind) => related_ui(ui, scene, (view.record, detail, kind), out),
        Tab::Timeline => timeline_ui(ui, scene, view.record.kind, entries),
    }
}

fn problems_ui(ui: &mut Ui, detail: &Detail) {
    for problem in &detail.problems {
        let text = format!("{} could not be read: {}", crate::words::field(&problem.key), problem.problem);
        crate::widgets::field::problem_line(ui, &text);
    }
}

fn related_ui(ui: &mut Ui, scene: &Scene<'_>, (record, detail, kind): (RecordRef, &Detail, Kind), out: &mut Vec<Act>) {
    let rows = detail.related.get(&kind).map(Vec::as_slice).unwrap_or_default();
    let add = format!("New {}", crate::words::kind(kind));
    let denied = scene.denied_create(kind);
    if rows.is_empty() {
        let several = crate::words::kinds(kind).to_lowercase();
        let title = format!("No {several} here yet");
        let actions: &[&str] = if denied.is_some() { &[] } else { &[&add] };
        let empty = Empty { icon: crate::words::kind_icon(kind), title: &title, text: "", actions };
        if empty.show(ui).is_some() {
            out.push(Act::New(kind, Some(record)));
        }
        return;
    }
    ui.horizontal(|ui| {
        if Button::new(&add).icon(icons::PLUS).disabled(denied.as_deref()).show(ui).clicked() {
            out.push(Act::New(kind, Some(record)));
        }
    });
    ui.add_space(space::XS);
    card(ui, 0, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(ui.available_width());
        for (index, row) in rows.iter().enumerate() {
            let step = if scene.touch { 56.0 } else { 44.0 };
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), step), Sense::hover());
            if index > 0 {
                hairline(ui, rect.left_top() + vec2(12.0, 0.0), rect.right_top() - vec2(12.0, 0.0));
            }
            match kind {
                Kind::Task => task_row(ui, rect, scene, row, out),
                Kind::Lead => lead_row(ui, rect, scene, row, out),
                _ => contact_row(ui, rect, row, out),
            }
        }
    });
}

fn contact_row(ui: &Ui, rect: Rect, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let name = row.record.display_name();
    let response = ui.interact(rect, Id::unique(("contact row", row.record.id)), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 6, t.surface_2);
    }
    focus_ring(ui, &response, rect.shrink(2.0), 6);
    let y = rect.center().y;
    crate::widgets::avatar::paint_avatar(ui, pos2(rect.left() + 28.0, y), &name, 24.0);
    let email = row.record.text("email");
    let end = paint(ui, (pos2(rect.right() - 12.0, y), Align2::RIGHT_CENTER), email, (Type::Dense, t.text_2), rect.width() * 0.4);
    let at = (pos2(rect.left() + 50.0, y), Align2::LEFT_CENTER);
    let shown = paint(ui, at, &name, (Type::Body, t.text), end.left() - rect.left() - 60.0);
    let at = (pos2(shown.right() + 10.0, y), Align2::LEFT_CENTER);
    paint(ui, at, row.record.text("title"), (Type::Dense, t.text_3), end.left() - shown.right() - 20.0);
    if response.clicked() {
        out.push(Act::Go(crate::routes::Screen::Detail(row.record.reference())));
    }
}
