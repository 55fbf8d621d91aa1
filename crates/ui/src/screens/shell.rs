//! What surrounds every screen: sidebar, rail or bottom bar; header with title, search, sync state and "+".

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use model::Kind;
use model::app::SyncState;
use model::query::Overview;
use model::reminder::Reminder;

use crate::act::Act;
use crate::dialog::{Dialog, Palette};
use crate::icons;
use crate::present::format;
use crate::reminders::Notifications;
use crate::routes::{Route, Screen};
use crate::scene::{Scene, Width};
use crate::theme::{Tone, Type, height, space, tokens};
use crate::widgets::avatar::paint_avatar;
use crate::widgets::menu::{Item, menu, panel};
use crate::widgets::text::{tip, width_of};
use crate::widgets::{Button, focus_ring, hairline, icon, icon_button, label, paint, paint_icon, paragraph};

/// An entry of the navigation: screen, word, icon, key.
type Place = (Screen, &'static str, &'static str, &'static str);

const PLACES: [Place; 5] = [
    (Screen::Today, "Today", icons::TODAY, "G T"),
    (Screen::Pipeline, "Pipeline", icons::PIPELINE, "G P"),
    (Screen::List(Kind::Lead), "Leads", icons::LEADS, "G L"),
    (Screen::List(Kind::Contact), "Contacts", icons::CONTACTS, "G C"),
    (Screen::List(Kind::Account), "Accounts", icons::ACCOUNTS, "G A"),
];

const MORE: [Place; 3] = [
    (Screen::Reports, "Reports", icons::TREND, "G R"),
    (Screen::Import, "Import", icons::IMPORT, ""),
    (Screen::Settings, "Settings", icons::SETTINGS, "G S"),
];

/// Where the parts of the window lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Areas {
    /// Sidebar, rail or bottom bar.
    pub(crate) navigation: Rect,
    /// The header.
    pub(crate) header: Rect,
    /// The screen.
    pub(crate) content: Rect,
}

impl Areas {
    /// Cuts the window up for its width.
    pub(crate) fn of(window: Rect, width: Width) -> Self {
        if width == Width::Compact {
            let bar = Rect::from_min_max(pos2(window.left(), window.bottom() - height::BAR), window.max);
            let header = Rect::from_min_size(window.min, vec2(window.width(), height::HEADER));
            let content = Rect::from_min_max(header.left_bottom(), bar.right_top());
            return Self { navigation: bar, header, content };
        }
        let side = if width == Width::Expanded { 232.0 } else { height::BAR };
        let navigation = Rect::from_min_size(window.min, vec2(side, window.height()));
        let header = Rect::from_min_max(navigation.right_top(), pos2(window.right(), window.top() + height::HEADER));
        let content = Rect::from_min_max(header.left_bottom(), window.max);
        Self { navigation, header, content }
    }
}

/// What the shell shows beside the scene.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShellView<'a> {
    /// The screen that shows.
    pub(crate) screen: Screen,
    /// The header's words.
    pub(crate) title: &'a str,
    /// Badges.
    pub(crate) overview: Option<&'a Overview>,
    /// Reminders whose moment has come.
    pub(crate) reminders: &'a [Reminder],
    /// Whether they are told outside the window too.
    pub(crate) notifications: Notifications,
    /// There is a screen to go back to, above this one.
    pub(crate) can_go_back: bool,
}

/// Draws the navigation.
pub(crate) fn navigation_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, view: &ShellView<'_>, out: &mut Vec<Act>) {
    match scene.width {
        Width::Compact => bottom_bar(ui, rect, scene, view, out),
        _ => side(ui, rect, scene, view, out),
    }
}

fn side(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, view: &ShellView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let wide = scene.width == Width::Expanded;
    hairline(ui, rect.right_top(), rect.right_bottom());
    let mark = Rect::from_min_size(rect.min + vec2(14.0, 10.0), vec2(28.0, 28.0));
    ui.painter().rect_filled(mark, 7, t.accent);
    paint_icon(ui, mark.center(), icons::TREND, 18.0, t.on_accent);
    if wide {
        let name = match scene.settings.name.as_str() {
            "" => "TrailTrack",
            name => name,
        };
        let at = (pos2(mark.right() + 10.0, mark.center().y), Align2::LEFT_CENTER);
        paint(ui, at, name, (Type::Label, t.text), rect.right() - mark.right() - 24.0);
    }
    let step = if scene.touch { 46.0 } else { 34.0 };
    let mut y = rect.top() + 56.0;
    for place in PLACES {
        entry(ui, row(rect, y, step), place, (wide, view), out);
        y += step;
    }
    y += space::M;
    for place in MORE {
        entry(ui, row(rect, y, step), place, (wide, view), out);
        y += step;
    }
    me(ui, rect, wide, scene);
}

fn row(rect: Rect, y: f32, step: f32) -> Rect {
    Rect::from_min_size(pos2(rect.left() + 8.0, y), vec2(rect.width() - 16.0, step - 2.0))
}

fn is_at(place: Screen, screen: Screen) -> bool {
    match (place, screen) {
        (Screen::List(kind), Screen::Detail(record)) => kind == record.kind,
        (place, screen) => place == screen,
    }
}

fn entry(ui: &Ui, rect: Rect, place: Place, (wide, view): (bool, &ShellView<'_>), out: &mut Vec<Act>) {
    let (screen, word, mark, keys) = place;
    let t = tokens(ui);
    let on = is_at(screen, view.screen);
    let response = ui.interact(rect, ui.scope_id().with(("place", word)), Sense::click());
    let spoken = spoken(place, view);
    response.widget_info(|| WidgetInfo::selected(Role::Link, true, on, &spoken));
    let fill = if on {
        t.accent_soft
    } else if response.hovered() {
        t.surface_2
    } else {
        t.canvas
    };
    ui.painter().rect_filled(rect, 6, fill);
    let ink = if on { t.accent } else { t.text_2 };
    let center = if wide { pos2(rect.left() + 18.0, rect.center().y) } else { rect.center() };
    paint_icon(ui, center, mark, 18.0, ink);
    if wide {
        let ink = if on { t.accent } else { t.text };
        let at = (pos2(rect.left() + 36.0, rect.center().y), Align2::LEFT_CENTER);
        paint(ui, at, word, (Type::Label, ink), rect.width() - 72.0);
    }
    if let Some(due) = due_on(screen, view) {
        badge(ui, rect, wide, due);
    }
    focus_ring(ui, &response, rect, 6);
    if response.clicked() {
        out.push(Act::Go(screen));
    }
    let keys = if keys.is_empty() { String::new() } else { format!("  ({keys})") };
    if !wide || !keys.is_empty() {
        tip(response, &format!("{word}{keys}"));
    }
}

/// How many of my tasks are overdue or due today, on the entry that shows them.
fn due_on(screen: Screen, view: &ShellView<'_>) -> Option<u64> {
    let due = view.overview.map_or(0, |overview| overview.tasks_due);
    (screen == Screen::Today && due > 0).then_some(due)
}

/// What a screen reader says of an entry.
fn spoken((screen, word, ..): Place, view: &ShellView<'_>) -> String {
    due_on(screen, view).map_or_else(|| word.to_owned(), |due| format!("{word}, {due} due"))
}

fn badge_text(due: u64) -> String {
    if due > 99 { "99+".to_owned() } else { due.to_string() }
}

fn badge(ui: &Ui, rect: Rect, wide: bool, due: u64) {
    let t = tokens(ui);
    let text = badge_text(due);
    if wide {
        let at = (pos2(rect.right() - 10.0, rect.center().y), Align2::RIGHT_CENTER);
        paint(ui, at, &text, (Type::CaptionStrong, t.danger), 40.0);
    } else {
        badge_at(ui, rect.center() + vec2(11.0, -9.0), &text);
    }
}

/// A number on an icon.
fn badge_at(ui: &Ui, center: egui::Pos2, text: &str) {
    let t = tokens(ui);
    let wide = (width_of(ui, text, Type::CaptionStrong) + 8.0).max(16.0);
    ui.painter().rect_filled(Rect::from_center_size(center, vec2(wide, 16.0)), 8, t.danger);
    paint(ui, (center, Align2::CENTER_CENTER), text, (Type::CaptionStrong, t.surface), wide);
}

fn me(ui: &Ui, rect: Rect, wide: bool, scene: &Scene<'_>) {
    let t = tokens(ui);
    let Some(me) = scene.me() else { return };
    let center = pos2(rect.left() + 28.0, rect.bottom() - 28.0);
    paint_avatar(ui, center, &me.name, 28.0);
    if wide {
        let at = (pos2(center.x + 24.0, center.y), Align2::LEFT_CENTER);
        paint(ui, at, &me.name, (Type::Dense, t.text_2), rect.right() - center.x - 40.0);
    }
}

fn bottom_bar(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, view: &ShellView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0, t.surface);
    hairline(ui, rect.left_top(), rect.right_top());
    let cell = |index: usize| {
        #[expect(clippy::cast_precision_loss, reason = "one of five")]
        let left = rect.left() + rect.width() / 5.0 * index as f32;
        Rect::from_min_size(pos2(left, rect.top()), vec2(rect.width() / 5.0, rect.height()))
    };
    for (index, place) in [(0, PLACES[0]), (1, PLACES[1]), (3, PLACES[3])] {
        let said = (place.2, place.1, spoken(place, view));
        if bar_cell(ui, cell(index), said, is_at(place.0, view.screen)).clicked() {
            out.push(Act::Go(place.0));
        }
        if let Some(due) = due_on(place.0, view) {
            badge_at(ui, cell(index).center() + vec2(13.0, -17.0), &badge_text(due));
        }
    }
    let plus = ui.interact(cell(2), ui.scope_id().with("bar plus"), Sense::click());
    crate::widgets::button::describe(&plus, "New", None, None);
    ui.painter().circle_filled(cell(2).center(), 20.0, t.accent);
    paint_icon(ui, cell(2).center(), icons::PLUS, 20.0, t.on_accent);
    focus_ring(ui, &plus, cell(2).shrink(6.0), 8);
    new_menu(&plus, scene, out);
    let more_at = !PLACES[..2].iter().chain([&PLACES[3]]).any(|place| is_at(place.0, view.screen));
    let more = bar_cell(ui, cell(4), (icons::MENU, "More", "More".to_owned()), more_at);
    menu(&more, 200.0, |ui| {
        for place in [PLACES[2], PLACES[4]].into_iter().chain(MORE) {
            if Item::new(place.2, place.1).show(ui) {
                out.push(Act::Go(place.0));
            }
        }
    });
}

fn bar_cell(ui: &Ui, rect: Rect, (mark, word, spoken): (&str, &str, String), on: bool) -> egui::Response {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("bar", word)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Link, true, on, &spoken));
    let ink = if on { t.accent } else { t.text_2 };
    paint_icon(ui, rect.center() - vec2(0.0, 8.0), mark, 22.0, ink);
    let at = (rect.center() + vec2(0.0, 14.0), Align2::CENTER_CENTER);
    paint(ui, at, word, (Type::CaptionStrong, ink), rect.width());
    focus_ring(ui, &response, rect.shrink(4.0), 6);
    response
}

/// Draws the header.
pub(crate) fn header_ui(ui: &mut Ui, scene: &Scene<'_>, view: &ShellView<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    hairline(ui, rect.left_bottom(), rect.right_bottom());
    ui.add_space(match (scene.is_compact(), view.can_go_back) {
        (true, true) => space::XS,
        (true, false) => space::M,
        _ => space::L,
    });
    if view.can_go_back && icon_button(ui, icons::ARROW_LEFT, "Back").clicked() {
        out.push(Act::Back);
    }
    let title_room = (ui.available_width() - if scene.is_compact() { 190.0 } else { 460.0 }).max(60.0);
    ui.allocate_ui(vec2(title_room, 24.0), |ui| crate::widgets::cut(ui, view.title, Type::Title, t.text));
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.add_space(if scene.is_compact() { space::XS } else { space::L });
        if !scene.is_compact() {
            let plus = Button::primary("New").icon(icons::PLUS).tip("New record (N)").show(ui);
            new_menu(&plus, scene, out);
        }
        sync_button(ui, scene, out);
        super::bell::bell_ui(ui, scene, view, out);
        search_box(ui, scene, out);
    });
}

fn search_box(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let open = || Act::Open(Box::new(Dialog::Palette(Palette::default())));
    if scene.is_compact() {
        if icon_button(ui, icons::SEARCH, "Search").clicked() {
            out.push(open());
        }
        return;
    }
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(240.0, ui.spacing().interact_size.y), Sense::click());
    crate::widgets::button::describe(&response, "Search", None, None);
    let border = if response.hovered() { t.text_3 } else { t.border };
    let stroke = egui::Stroke::new(1.0, border);
    ui.painter().rect(rect, 6, t.surface, stroke, egui::StrokeKind::Inside);
    paint_icon(ui, pos2(rect.left() + 16.0, rect.center().y), icons::SEARCH, 16.0, t.text_3);
    let left = (pos2(rect.left() + 30.0, rect.center().y), Align2::LEFT_CENTER);
    paint(ui, left, "Search…", (Type::Dense, t.text_3), 120.0);
    let right = (pos2(rect.right() - 8.0, rect.center().y), Align2::RIGHT_CENTER);
    paint(ui, right, "Ctrl K", (Type::Caption, t.text_3), 80.0);
    focus_ring(ui, &response, rect, 6);
    if response.clicked() {
        out.push(open());
    }
}

/// The menu of the global "+".
pub(crate) fn new_menu(button: &egui::Response, scene: &Scene<'_>, out: &mut Vec<Act>) {
    menu(button, 210.0, |ui| {
        for (kind, text, keys) in [
            (Kind::Lead, "New lead", "N L"),
            (Kind::Contact, "New contact", "N C"),
            (Kind::Account, "New account", "N A"),
            (Kind::Activity, "New activity", "N V"),
            (Kind::Task, "New task", "N T"),
        ] {
            let denied = scene.denied_create(kind);
            let mut item = Item::new(crate::words::kind_icon(kind), text).keys(keys);
            item.disabled = denied.as_deref();
            if item.show(ui) {
                out.push(Act::New(kind, None));
            }
        }
    });
}

/// How the sync state is shown: icon, words, colour.
pub(crate) fn sync_words(scene: &Scene<'_>) -> (&'static str, String, Tone) {
    let waiting = scene.session.waiting;
    match &scene.session.sync {
        SyncState::Alone => (icons::ALONE, "Only on this device".into(), Tone::Neutral),
        SyncState::CatchingUp { done, all: 0 } => {
            (icons::SYNCING, format!("Catching up · {}", format::many(*done, "record", "records")), Tone::Info)
        }
        SyncState::CatchingUp { done, all } => {
            let text = format!("Catching up · {} of {}", format::grouped(*done), format::grouped(*all));
            (icons::SYNCING, text, Tone::Info)
        }
        SyncState::Synced => (icons::SYNCED, "Synced".into(), Tone::Success),
        SyncState::Sending => (icons::WAITING, waiting_words(waiting), Tone::Info),
        SyncState::Offline { since, .. } => {
            let since = since.map(|at| format!(" since {}", format::moment(at, scene.zone, scene.today)));
            let text = format!("Offline{}", since.unwrap_or_default());
            let tail = if waiting > 0 { format!(" · {}", waiting_words(waiting)) } else { String::new() };
            (icons::OFFLINE, text + &tail, Tone::Warning)
        }
        SyncState::NeedsSignIn => (icons::SIGN_IN, "Sign in to sync".into(), Tone::Warning),
        SyncState::NeedsUpgrade => (icons::WARNING, "Update needed to sync".into(), Tone::Warning),
    }
}

fn waiting_words(waiting: u64) -> String {
    format!("{} waiting", format::many(waiting, "change", "changes"))
}

fn sync_button(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let (mark, words, tone) = sync_words(scene);
    let t = tokens(ui);
    let side = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    let name = format!("Sync: {words}");
    crate::widgets::button::describe(&response, &name, None, None);
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_2);
    }
    paint_icon(ui, rect.center(), mark, 18.0, t.tone(tone).0);
    if scene.session.refused > 0 {
        ui.painter().circle_filled(rect.right_top() + vec2(-7.0, 7.0), 4.0, t.danger);
    }
    focus_ring(ui, &response, rect, 6);
    let response = tip(response, &words);
    panel(&response, 280.0, |ui| sync_panel(ui, scene, out));
}

fn sync_panel(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let (mark, words, tone) = sync_words(scene);
    egui::Frame::new().inner_margin(8).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.horizontal(|ui| {
            icon(ui, mark, 18.0, t.tone(tone).0);
            label(ui, &words, Type::Label, t.text);
        });
        let text = match &scene.session.sync {
            SyncState::Alone => "Nothing leaves this device. You can join a team at any time and lose nothing.".into(),
            SyncState::Offline { reason, .. } if !reason.is_empty() => {
                format!("{}. Everything works as usual and is sent later.", crate::words::capital(reason))
            }
            SyncState::NeedsSignIn => "Your session has ended. Everything works as usual and is sent later.".into(),
            SyncState::NeedsUpgrade => "The team's server is newer than this program. Your work is kept here.".into(),
            _ => scene.session.server.clone(),
        };
        if !text.is_empty() {
            paragraph(ui, &text, Type::Caption, t.text_2);
        }
        sync_actions(ui, scene, out);
    });
}

fn sync_actions(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    if scene.session.refused > 0 {
        let text = format!("{} refused…", format::many(scene.session.refused, "change", "changes"));
        if Button::new(&text).icon(icons::ERROR).fill().show(ui).clicked() {
            let mut route = Route::to(Screen::Settings);
            route.query.push(("s".to_owned(), "sync".to_owned()));
            out.push(Act::Visit(route));
        }
    }
    let clicked = match &scene.session.sync {
        SyncState::Alone => Button::new("Join a team…").fill().show(ui).clicked().then(join),
        SyncState::NeedsSignIn => Button::primary("Sign in…").fill().show(ui).clicked().then(join),
        SyncState::Offline { .. } => {
            let now = Button::new("Try now").icon(icons::SYNCING).fill().show(ui).clicked();
            now.then_some(Act::Send(model::app::Request::SyncNow))
        }
        _ => None,
    };
    if let Some(act) = clicked {
        egui::Popup::close_all(ui.ctx());
        out.push(act);
    }
}

fn join() -> Act {
    Act::Open(Box::new(Dialog::Join))
}
