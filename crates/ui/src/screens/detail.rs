//! The page of a lead, account or contact.

use egui::{Id, Rect, ScrollArea, Ui, UiBuilder, vec2};
use model::query::{Detail, FileRow, Query};
use model::{ChangeHash, Kind, RecordId, RecordRef};

use super::composer::{Composer, composer_ui};
use super::detail_head::header;
use super::fields::{FieldDrafts, FieldView, field_ui};
use super::lead_contacts::contacts_ui;
use super::related::related_ui;
use super::tasks_tab::{TasksState, tasks_ui};
use super::timeline::{ActivityFilter, TimelineState, activities_ui, timeline_ui};
use crate::act::Act;
use crate::feed::{Feed, Slot};
use crate::icons;
use crate::picking::Wanted;
use crate::present::fields::{Editor, all_fields, key_fields};
use crate::present::format;
use crate::scene::{Scene, Width};
use crate::theme::height::THUMB_BAR;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::tabs::tabs;
use crate::widgets::{Button, hairline, label};

/// What a page remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct DetailState {
    tab: usize,
    pub(super) fields: FieldDrafts,
    /// The composer.
    pub(crate) composer: Composer,
    pub(super) title: Option<(String, Vec<ChangeHash>)>,
    /// Which part of the timeline shows, and what it is to be taken back to.
    pub(super) timeline: TimelineState,
    /// Which activities show.
    pub(super) activities: ActivityFilter,
    /// What is typed for a new task, and whether done ones show.
    pub(crate) tasks: TasksState,
    /// What the replica found wrong, by field.
    pub(crate) problems: std::collections::BTreeMap<String, String>,
}

impl DetailState {
    /// The queries that the open tab needs beside the page's own.
    pub(crate) fn needs(&self, record: RecordRef, account: Option<RecordId>) -> Vec<(Slot, Query)> {
        let mut needs = Vec::new();
        let tab = page_tabs(record.kind).get(self.tab).copied().unwrap_or(Tab::Activity);
        match tab {
            Tab::Activity => needs.push((Slot::Timeline, self.activities.query(record))),
            Tab::Timeline => needs.push((Slot::History, self.timeline.query(record))),
            Tab::Related(Kind::Contact) if record.kind == Kind::Lead => {
                needs.extend(account.map(|account| (Slot::Colleagues, super::lead_contacts::colleagues(account))));
            }
            _ => {}
        }
        if record.kind == Kind::Lead {
            needs.push((Slot::Stages, Query::FieldHistory { record, key: "place".into() }));
        }
        if let Some(key) = self.fields.history_of.clone() {
            needs.push((Slot::FieldHistory, Query::FieldHistory { record, key }));
        }
        if let Some((at, _)) = self.timeline.going_back {
            needs.push((Slot::AsOf, Query::AsOf { record, at }));
        }
        needs
    }

    /// Shows the timeline.
    pub(crate) fn show_timeline(&mut self, kind: Kind) -> &'static str {
        self.tab = page_tabs(kind).iter().position(|tab| *tab == Tab::Timeline).unwrap_or(0);
        Tab::Timeline.word()
    }

    /// Opens the tab of this word; the first one when there is none.
    pub(crate) fn open_tab(&mut self, kind: Kind, word: &str) {
        self.tab = page_tabs(kind).iter().position(|tab| tab.word() == word).unwrap_or(0);
    }

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
    /// What else was answered about it.
    pub(crate) feed: &'a Feed,
    /// Its files.
    pub(crate) files: &'a [FileRow],
    /// Single keys belong to the page.
    pub(crate) keys: bool,
}

/// A tab of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Activity,
    Details,
    Related(Kind),
    Files,
    Timeline,
}

impl Tab {
    /// Its word in the address; the first tab needs none.
    const fn word(self) -> &'static str {
        match self {
            Self::Activity => "",
            Self::Details => "details",
            Self::Related(kind) => kind.plural(),
            Self::Files => "files",
            Self::Timeline => "timeline",
        }
    }
}

const fn page_tabs(kind: Kind) -> &'static [Tab] {
    match kind {
        Kind::Lead => &[
            Tab::Activity,
            Tab::Details,
            Tab::Related(Kind::Contact),
            Tab::Files,
            Tab::Related(Kind::Task),
            Tab::Timeline,
        ],
        Kind::Account => &[
            Tab::Activity,
            Tab::Details,
            Tab::Related(Kind::Lead),
            Tab::Related(Kind::Contact),
            Tab::Files,
            Tab::Related(Kind::Task),
            Tab::Timeline,
        ],
        _ => &[
            Tab::Activity,
            Tab::Details,
            Tab::Related(Kind::Lead),
            Tab::Files,
            Tab::Related(Kind::Task),
            Tab::Timeline,
        ],
    }
}

type Typing<'a> = &'a mut Option<Wanted>;

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
    keys(ui, scene, view, state, out);
    if scene.width == Width::Expanded {
        two_panes(ui, scene, (view, detail, denied.as_deref()), state, typing, out);
    } else if scene.is_compact() {
        let whole = ui.max_rect();
        let bar = whole.with_min_y(whole.bottom() - THUMB_BAR);
        let page = UiBuilder::new().id_salt("page").max_rect(whole.with_max_y(bar.top()));
        ui.scope_builder(page, |ui| one_pane(ui, scene, (view, detail, denied.as_deref()), state, typing, out));
        thumb_bar(ui, bar, scene, view.record, out);
    } else {
        one_pane(ui, scene, (view, detail, denied.as_deref()), state, typing, out);
    }
}

fn thumb_bar(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, record: RecordRef, out: &mut Vec<Act>) {
    ui.painter().rect_filled(rect, 0, tokens(ui).surface);
    hairline(ui, rect.left_top(), rect.right_top());
    let denied = scene.denied_create(Kind::Activity);
    let denied = denied.as_deref();
    let inner = rect.shrink2(vec2(space::M, space::S));
    let (left, right) = inner.split_left_right_at_fraction(0.5);
    let half = |ui: &mut Ui, rect: Rect, name: &str, button: Button<'_>| {
        ui.scope_builder(UiBuilder::new().id_salt(name).max_rect(rect), |ui| {
            button.fill().disabled(denied).show(ui).clicked()
        })
        .inner
    };
    let log = Button::primary("Log").icon(icons::NOTE).name("Log activity");
    if half(ui, left.with_max_x(left.right() - 4.0), "log", log) {
        out.push(Act::QuickLog(Some(record)));
    }
    let task = Button::new("Task").icon(icons::TASK).name("New task");
    if half(ui, right.with_min_x(right.left() + 4.0), "task", task) {
        out.push(Act::New(Kind::Task, Some(record)));
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

/// Keys of the tabs, from the first on.
const TAB_KEYS: [egui::Key; 7] = [
    egui::Key::Num1,
    egui::Key::Num2,
    egui::Key::Num3,
    egui::Key::Num4,
    egui::Key::Num5,
    egui::Key::Num6,
    egui::Key::Num7,
];

fn keys(ui: &Ui, scene: &Scene<'_>, view: &DetailView<'_>, state: &mut DetailState, out: &mut Vec<Act>) {
    if !view.keys {
        return;
    }
    let record = view.record;
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(egui::Modifiers::NONE, egui::Key::L) {
        out.push(Act::QuickLog(Some(record)));
    }
    if pressed(egui::Modifiers::NONE, egui::Key::T) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    if let Some(Some(detail)) = view.detail {
        super::lead_keys::lead_keys(ui, scene, &detail.row, out);
    }
    for (index, (key, tab)) in TAB_KEYS.into_iter().zip(page_tabs(view.record.kind)).enumerate() {
        if pressed(egui::Modifiers::NONE, key) {
            state.tab = index;
            out.push(Act::Tab(tab.word()));
        }
    }
    if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::E)) {
        ui.memory_mut(|memory| memory.request_focus(title_id(view.record)));
        crate::keyboard::swallow_text(ui.ctx());
    }
}

pub(super) fn title_id(record: RecordRef) -> Id {
    Id::unique(("title", record.id))
}

pub(super) type Shown<'a> = (&'a DetailView<'a>, &'a Detail, Option<&'a str>);

fn two_panes(
    ui: &mut Ui,
    scene: &Scene<'_>,
    shown: Shown<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let whole = ui.max_rect();
    // Long names take the header more than one line.
    let inner = whole.shrink2(vec2(space::L, space::L));
    let drawn = ui.scope_builder(UiBuilder::new().id_salt("head").max_rect(inner), |ui| {
        header(ui, scene, shown, state, out);
    });
    let head = whole.with_max_y(drawn.response.rect.bottom() + space::L);
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
    let view = FieldView { detail, denied, place: "side", label_width: 116.0, history: None };
    for spec in key_fields(detail.row.record.kind) {
        field_ui(ui, scene, (&view, spec), &mut state.fields, typing, out);
    }
    ui.add_space(space::S);
    super::record_tags::page_tags_ui(ui, scene, (detail, denied), out);
    let elsewhere = detail
        .conflicts
        .iter()
        .filter(|conflict| !key_fields(detail.row.record.kind).iter().any(|spec| spec.key == conflict.key));
    for conflict in elsewhere {
        ui.add_space(space::S);
        let name = scene.field_words(conflict.record.kind, &conflict.key);
        let text = format!("{name} is in conflict, see Details");
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
    let names: Vec<(&str, Option<u64>)> = list.iter().map(|tab| tab_name(*tab, (detail, view.files))).collect();
    state.tab = state.tab.min(list.len() - 1);
    let margin = if scene.is_compact() { 4 } else { 8 };
    egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 0)).show(ui, |ui| {
        if let Some(tab) = tabs(ui, &names, state.tab) {
            state.tab = tab;
            out.push(Act::Tab(list[tab].word()));
        }
    });
    let tab = list[state.tab];
    let content = |ui: &mut Ui, state: &mut DetailState, typing: Typing<'_>, out: &mut Vec<Act>| {
        let margin = if scene.is_compact() { 12 } else { 16 };
        egui::Frame::new().inner_margin(egui::Margin::symmetric(margin, 16)).show(ui, |ui| {
            let widest = if tab == Tab::Details { 900.0 } else { 760.0 };
            ui.set_width(ui.available_width().min(widest));
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

fn tab_name(tab: Tab, (detail, files): (&Detail, &[FileRow])) -> (&'static str, Option<u64>) {
    let count = |kind| detail.counts.get(&kind).copied().filter(|count| *count > 0);
    match tab {
        Tab::Activity => ("Activity", None),
        Tab::Details => ("Details", None),
        Tab::Related(kind) => (crate::words::kinds(kind), count(kind)),
        Tab::Files => ("Files", Some(files.len() as u64).filter(|count| *count > 0)),
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
    match tab {
        Tab::Activity => {
            let refused = scene.denied_create(Kind::Activity);
            composer_ui(ui, scene, &mut state.composer, refused.as_deref(), out);
            ui.add_space(space::L);
            let entries = view.feed.timeline().unwrap_or_default();
            activities_ui(ui, scene, entries, &mut state.activities, out);
        }
        Tab::Details => details_ui(ui, scene, shown, state, typing, out),
        Tab::Related(Kind::Contact) if view.record.kind == Kind::Lead => {
            let colleagues = view.feed.list(Slot::Colleagues).map(|list| list.rows.as_slice()).unwrap_or_default();
            contacts_ui(ui, scene, (detail, denied, colleagues), typing, out);
        }
        Tab::Related(Kind::Task) => tasks_ui(ui, scene, (view.record, detail), &mut state.tasks, out),
        Tab::Related(kind) => related_ui(ui, scene, (view.record, detail, kind), out),
        Tab::Files => super::files::files_ui(ui, scene, (&detail.row.record, view.files), out),
        Tab::Timeline => timeline_ui(ui, scene, (view, detail, denied), &mut state.timeline, out),
    }
}

/// Width from which fields stand in two columns.
const TWO_COLUMNS: f32 = 660.0;

/// All fields: in two columns where there is room, notes and custom fields below.
fn details_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, detail, denied): Shown<'_>,
    state: &mut DetailState,
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    ui.spacing_mut().item_spacing.y = space::XS;
    let label_width = if scene.is_compact() { 108.0 } else { 120.0 };
    let history = Some(view.feed.field_history().unwrap_or_default());
    let fields = FieldView { detail, denied, place: "details", label_width, history };
    let all = all_fields(view.record.kind);
    let (notes, short): (Vec<_>, Vec<_>) = all.iter().partition(|spec| spec.editor == Editor::Note);
    if ui.available_width() < TWO_COLUMNS {
        for spec in short {
            field_ui(ui, scene, (&fields, spec), &mut state.fields, typing, out);
        }
    } else {
        let half = short.len().div_ceil(2);
        ui.columns(2, |columns| {
            for (column, specs) in columns.iter_mut().zip([&short[..half], &short[half..]]) {
                column.spacing_mut().item_spacing.y = space::XS;
                for spec in specs {
                    field_ui(column, scene, (&fields, spec), &mut state.fields, typing, out);
                }
            }
        });
    }
    for spec in notes {
        field_ui(ui, scene, (&fields, spec), &mut state.fields, typing, out);
    }
    // In two panes they stand at the side.
    if scene.width != Width::Expanded {
        super::record_tags::page_tags_ui(ui, scene, (detail, denied), out);
    }
    super::custom_fields::custom_ui(ui, scene, &fields, (&mut state.fields, typing), out);
    problems_ui(ui, scene, detail);
}

fn problems_ui(ui: &mut Ui, scene: &Scene<'_>, detail: &Detail) {
    for problem in &detail.problems {
        let name = scene.field_words(detail.row.record.kind, &problem.key);
        let text = format!("{name} could not be read: {}", problem.problem);
        crate::widgets::field::problem_line(ui, &text);
    }
}
