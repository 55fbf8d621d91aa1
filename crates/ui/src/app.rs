//! The application: what it remembers, and one frame of it.

use std::collections::BTreeMap;

use egui::{Rect, Ui, UiBuilder, vec2};
use jiff::tz::TimeZone;
use model::app::{FileSource, Request, RequestId, Session, TeamRequest, Update};
use model::query::Workspace;
use model::{IdSource, RecordRef, Settings, Timestamp};

use crate::act::Act;
use crate::attached::Reads;
use crate::dialog::Dialog;
use crate::feed::{Feed, Slot};
use crate::picking::Wanted;
use crate::reminders::Notifications;
use crate::routes::{Route, Screen};
use crate::scene::{Scene, Width};
use crate::screens::board::{BoardFilter, BoardState, BoardView, board_ui};
use crate::screens::detail::{DetailState, DetailView, detail_ui};
use crate::screens::dialogs::{DialogView, dialog_ui};
use crate::screens::import::{ImportState, import_ui};
use crate::screens::list::{ListFilter, ListState, ListView, list_ui};
use crate::screens::reports::{ReportsState, ReportsView, reports_ui};
use crate::screens::settings::sync::VerifyState;
use crate::screens::settings::team::TeamState;
use crate::screens::settings::{SettingsView, settings_ui};
use crate::screens::shell::{Areas, ShellView, header_ui, navigation_ui};
use crate::screens::start::{Form, StartForm, opening_ui, start_ui};
use crate::screens::today::{TodayState, TodayView, today_ui};
use crate::screens::views::Views;
use crate::tasks::NextStep;
use crate::toasts::Toasts;
use crate::update::Purpose;
use crate::widgets::toast::Place;
use crate::{theme, words};

/// What the shell decides once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The screen is touched rather than pointed at.
    pub touch: bool,
    /// The person asked the system for less motion.
    pub reduced_motion: bool,
    /// In the browser: the relay that served the page. Only e-mail and password are asked then.
    pub web_server: Option<String>,
    /// Whether reminders can be told outside the window.
    pub notifications: Notifications,
    /// Where the records lie, in words; empty in a browser.
    pub data_place: String,
}

/// What the shell brings for one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameEnv {
    /// The present moment.
    pub now: Timestamp,
    /// Fresh random bytes, for the ids of new records.
    pub random: [u8; 16],
}

/// What the shell must do after a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send this to the replica.
    Request(Request),
    /// Let the person choose a file; hand it to `App::file_chosen`.
    OpenFileDialog {
        /// What it is for.
        purpose: FilePurpose,
    },
    /// Let the person save these bytes.
    SaveFile {
        /// Proposed name.
        name: String,
        /// Content.
        bytes: Vec<u8>,
    },
    /// Open this file with the program for it; a browser saves it.
    OpenFile {
        /// Its name.
        name: String,
        /// Content.
        bytes: Vec<u8>,
    },
    /// Open a web, mail or telephone address.
    OpenUrl(String),
    /// Put this on the clipboard.
    CopyText(String),
    /// Name the window.
    SetTitle(String),
    /// The screen changed; show this in the address bar.
    RouteChanged(String),
    /// The same screen says more of what shows; the address bar says it too, without a step in the history.
    RouteReplaced(String),
    /// The person wants reminders outside the window: ask for that, and say what came of it with
    /// `App::set_notifications`.
    AskToNotify,
    /// Let the person choose where a file goes that the replica writes, and say it with `App::place_chosen`: the path,
    /// or nothing where there are none.
    ChoosePlace {
        /// Proposed name.
        name: String,
    },
}

/// What a file is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilePurpose {
    /// A CSV to import.
    Import,
    /// A file that hangs on this record.
    Attachment(RecordRef),
    /// A backup to restore. Where files have paths, it is handed to `App::backup_chosen` by its path.
    Backup,
}

/// The application.
#[derive(Debug)]
pub struct App {
    pub(crate) options: Options,
    pub(crate) session: Option<Session>,
    pub(crate) feed: Feed,
    pub(crate) route: Route,
    pub(crate) past: Vec<Route>,
    pub(crate) screens: Screens,
    pub(crate) start: StartForm,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) toasts: Toasts,
    pub(crate) doing: BTreeMap<RequestId, Purpose>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) keys: crate::keyboard::Chord,
    pub(crate) ids: FrameIds,
    pub(crate) workspace: Workspace,
    pub(crate) zone: TimeZone,
    pub(crate) picking: Option<Wanted>,
    /// The record that is to be edited once it is here.
    pub(crate) opening: Option<RecordRef>,
    /// A text field had the keyboard in the last frame.
    pub(crate) was_typing: bool,
    /// What the file dialog that is open is for.
    pub(crate) choosing: Option<FilePurpose>,
    /// Whether the browser has promised to keep the records; `None` where there is none to ask.
    pub(crate) kept: Option<bool>,
    /// The window is wide enough for a record beside the list.
    pub(crate) can_peek: bool,
    /// What the relay was asked about people and devices.
    pub(crate) asking: BTreeMap<RequestId, TeamRequest>,
    /// Answers that are asked for once, with the name of the file they become.
    pub(crate) exporting: BTreeMap<RequestId, String>,
    /// Files that are being read, and what for.
    pub(crate) reading: BTreeMap<RequestId, Reads>,
    /// The choices of this device that hold in egui.
    pub(crate) applied: Option<BTreeMap<String, String>>,
    /// What stood in conflict and waited for an answer when it was told last.
    pub(crate) told: Option<(u64, u64)>,
    title: String,
    ready: bool,
}

/// What the screens remember between frames.
#[derive(Debug, Default)]
pub(crate) struct Screens {
    pub(crate) today: TodayState,
    pub(crate) board: BoardState,
    pub(crate) list: ListState,
    pub(crate) detail: DetailState,
    pub(crate) import: ImportState,
    pub(crate) team: TeamState,
    pub(crate) archive: crate::screens::settings::data::ArchiveState,
    pub(crate) api: crate::screens::settings::api::ApiState,
    pub(crate) reports: ReportsState,
    pub(crate) verify: VerifyState,
    /// A finished task's record that waits for its next step.
    pub(crate) next_step: Option<NextStep>,
    /// Records looked at lately, the last first.
    pub(crate) recent: Vec<RecordRef>,
    /// The record beside the list or board.
    pub(crate) peek: Option<RecordRef>,
}

/// Ids made in one frame: the moment and random bytes come from the shell, a counter keeps them apart.
#[derive(Debug, Default)]
pub(crate) struct FrameIds {
    pub(crate) now: Timestamp,
    random: [u8; 16],
    drawn: u64,
}

impl IdSource for FrameIds {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&mut self) -> [u8; 10] {
        self.drawn += 1;
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&self.random[..10]);
        for (byte, count) in bytes.iter_mut().rev().zip(self.drawn.to_le_bytes()) {
            *byte = byte.wrapping_add(count);
        }
        bytes
    }
}

impl App {
    /// Starts with nothing known; the replica's updates bring the rest.
    pub fn new(options: Options) -> Self {
        let start = StartForm {
            server_is_fixed: options.web_server.is_some(),
            server: options.web_server.clone().unwrap_or_default(),
            form: if options.web_server.is_some() { Form::Team } else { Form::Choose },
            ..StartForm::default()
        };
        Self {
            options,
            session: None,
            feed: Feed::default(),
            route: Route::to(Screen::Today),
            past: Vec::new(),
            screens: Screens::default(),
            start,
            dialog: None,
            toasts: Toasts::default(),
            doing: BTreeMap::new(),
            effects: Vec::new(),
            keys: crate::keyboard::Chord::default(),
            ids: FrameIds::default(),
            workspace: Workspace { settings: Settings::default(), users: Vec::new() },
            zone: TimeZone::UTC,
            picking: None,
            opening: None,
            was_typing: false,
            choosing: None,
            kept: None,
            can_peek: false,
            asking: BTreeMap::new(),
            exporting: BTreeMap::new(),
            reading: BTreeMap::new(),
            applied: None,
            told: None,
            title: String::new(),
            ready: false,
        }
    }

    /// Hands fonts and both styles to egui; once, before the first frame.
    pub fn install(ctx: &egui::Context) {
        theme::install(ctx);
    }

    /// Takes in what the replica says.
    pub fn receive(&mut self, update: Update) {
        self.take_in(update);
    }

    /// Notes what the browser answered when it was asked to keep the records.
    pub const fn set_kept(&mut self, kept: bool) {
        self.kept = Some(kept);
    }

    /// The screen that shows, as the address bar has it.
    pub fn route(&self) -> String {
        self.route.to_string()
    }

    /// Shows the screen of an address (typed, or the browser's back and forward).
    pub fn go(&mut self, address: &str) {
        let route = Route::parse(address);
        self.show(route);
        // `/login` and what names no screen are not what the address bar should go on saying.
        let shown = self.route.to_string();
        if shown != address {
            self.effects.push(Effect::RouteReplaced(shown));
        }
    }

    /// Hands over a file that the person chose or dropped: what is dropped on a record's page hangs on it, an e-mail
    /// is logged there, anything else is imported.
    pub fn file_chosen(&mut self, name: String, bytes: Vec<u8>) {
        let on_page = self.open_record().map(FilePurpose::Attachment);
        match self.choosing.take().or(on_page) {
            Some(FilePurpose::Attachment(record)) if is_mail(&name) => self.log_mail(record, bytes),
            Some(FilePurpose::Attachment(record)) => self.attach(record, name, bytes),
            Some(FilePurpose::Backup) => self.restore(FileSource::Bytes(bytes)),
            _ => self.open_import(name, bytes),
        }
    }

    /// How many of the files that were dropped together are taken: all on a record's page, elsewhere one to import.
    /// The person is told of the rest.
    pub fn takes_dropped(&mut self, dropped: usize) -> usize {
        if dropped <= 1 || self.open_record().is_some() {
            return dropped;
        }
        self.toasts.neutral("Files are imported one at a time: the first was taken".into(), self.ids.now);
        1
    }

    /// A saved e-mail is something that was said, not a file.
    fn log_mail(&mut self, about: RecordRef, bytes: Vec<u8>) {
        let id = self.feed.fresh_id();
        self.doing.insert(id, Purpose::Plain);
        self.send(Request::LogMail { id, about, bytes });
    }

    fn attach(&mut self, linked: RecordRef, name: String, bytes: Vec<u8>) {
        let id = self.feed.fresh_id();
        self.doing.insert(id, Purpose::Plain);
        let source = FileSource::Bytes(bytes);
        self.send(Request::AttachFile { id, linked, name, mime_type: String::new(), source });
    }

    /// Draws one frame into the whole of `ui` and returns what the shell must do.
    pub fn ui(&mut self, ui: &mut Ui, env: &FrameEnv) -> Vec<Effect> {
        self.begin(ui, env);
        let mut acts = Vec::new();
        self.global_keys(ui.ctx(), &mut acts);
        self.draw(ui, &mut acts);
        self.take_dropped(ui.ctx());
        self.late_keys(ui.ctx(), &mut acts);
        self.remember_visit();
        self.follow_peek();
        self.was_typing = crate::keyboard::is_typing(ui.ctx());
        for act in acts {
            self.update(ui.ctx(), act);
        }
        let wanted = self.needs();
        self.effects.extend(self.feed.want(wanted).into_iter().map(Effect::Request));
        self.name_window();
        if let Some(next) = self.toasts.next_change(env.now) {
            ui.ctx().request_repaint_after(next);
        }
        std::mem::take(&mut self.effects)
    }

    fn begin(&mut self, ui: &mut Ui, env: &FrameEnv) {
        self.ids = FrameIds { now: env.now, random: env.random, drawn: 0 };
        self.picking = None;
        if !std::mem::replace(&mut self.ready, true) {
            let height = theme::control_height(self.options.touch);
            let motion = if self.options.reduced_motion { 0.0 } else { 0.1 };
            self.toasts.start(env.now);
            ui.ctx().all_styles_mut(|style| {
                style.spacing.interact_size = vec2(height, height);
                style.animation_time = motion;
            });
        }
        self.toasts.expire(env.now);
        self.take_preferences(ui.ctx());
        self.tell_news();
        self.open_edit();
        let workspace = self.feed.workspace();
        if let Some(workspace) = workspace.filter(|workspace| **workspace != self.workspace) {
            self.workspace = workspace.clone();
            self.zone = self.workspace.settings.zone();
        }
    }

    fn draw(&mut self, ui: &mut Ui, acts: &mut Vec<Act>) {
        let window = ui.max_rect();
        ui.painter().rect_filled(window, 0, theme::tokens(ui).canvas);
        let Some(session) = self.session.clone() else {
            opening_ui(ui);
            return;
        };
        if session.me.is_none() {
            start_ui(ui, &mut self.start, acts);
            self.draw_toasts(ui, Place::Bottom(theme::space::L), acts);
            return;
        }
        let width = Width::of(window.width());
        let areas = Areas::of(window, width);
        let blocked = self.dialog.is_some() || crate::widgets::menu::is_any_open(ui.ctx());
        let keys = !blocked && !self.was_typing && !crate::keyboard::is_typing(ui.ctx());
        let title = self.header_title();
        let found = self.feed.list(Slot::Picker).map(|list| list.rows.as_slice()).unwrap_or_default();
        let scene = Scene {
            now: self.ids.now,
            zone: &self.zone,
            today: self.ids.now.date_in(&self.zone),
            settings: &self.workspace.settings,
            people: &self.workspace.users,
            session: &session,
            touch: self.options.touch,
            dense: self.prefers("density") == "compact",
            width,
            found,
            hits: self.feed.picker_hits(),
            tags: self.feed.tags().unwrap_or_default(),
            date_order: self.date_order(),
        };
        let view = ShellView {
            screen: self.route.screen,
            title: &title,
            overview: self.feed.overview(),
            reminders: self.feed.reminders(),
            notifications: self.options.notifications,
            can_go_back: matches!(self.route.screen, Screen::Detail(_) | Screen::Trash | Screen::Duplicates)
                || (width == Width::Compact
                    && matches!(self.route.screen, Screen::Import | Screen::Settings | Screen::Reports)),
        };
        let recent = crate::recent::named(&self.screens.recent, &self.feed);
        let shown = Shown {
            recent: &recent,
            feed: &self.feed,
            screen: self.route.screen,
            board: &self.board_filter(),
            list: self.list_filter(),
            who: self.route.get("who"),
            trash: self.route.get("kind"),
            part: self.route.get("s"),
            views: Views {
                all: self.feed.list(Slot::Views).map(|list| list.rows.as_slice()).unwrap_or_default(),
                route: &self.route,
                keys,
            },
            route: &self.route,
            keys,
            kept: self.kept,
            data_place: &self.options.data_place,
        };
        let mut typing = None;
        self.can_peek = crate::peek::fits(areas.content);
        let peek = self.screens.peek.filter(|_| self.can_peek && shown.screen.has_peek());
        ui.scope_builder(UiBuilder::new().id_salt("page").max_rect(window), |ui| {
            if self.dialog.is_some() {
                crate::widgets::dialog::put_behind(ui);
            }
            shell_ui(ui, &scene, (&view, areas), acts);
            content_ui(ui, &scene, (&shown, areas.content, peek), &mut self.screens, (&mut typing, &mut *acts));
        });
        if let Some(dialog) = &mut self.dialog {
            let view = DialogView {
                hits: self.feed.hits(),
                recent: &recent,
                merging: self.feed.list(Slot::Merging),
                behind: self.feed.list(Slot::Behind),
                lookalikes: self.feed.lookalikes(),
                leads: self.feed.matching(Slot::StageLeads),
                open_tasks: self.feed.list(Slot::OpenTasks).map_or(0, |list| list.total),
                keys: crate::keyboard::HELP,
            };
            dialog_ui(ui.ctx(), &scene, &view, (dialog, &mut self.start), &mut typing, acts);
        }
        self.picking = typing;
        self.draw_toasts(ui, self.place_of_toasts(width), acts);
    }

    fn draw_toasts(&mut self, ui: &Ui, place: Place, acts: &mut Vec<Act>) {
        if let Some(touched) = crate::widgets::toast::toasts_ui(ui.ctx(), self.toasts.shown(), place) {
            acts.extend(self.toasts.touched(touched));
        }
    }

    /// Messages stay clear of the buttons at the window's edge: those of a dialog, and those under a thumb.
    const fn place_of_toasts(&self, width: Width) -> Place {
        match (self.dialog.is_some(), width, self.route.screen) {
            (true, ..) => Place::Top(theme::space::S),
            (false, Width::Compact, Screen::Detail(_)) => {
                Place::Bottom(theme::height::BAR + theme::space::M + theme::height::THUMB_BAR)
            }
            (false, Width::Compact, _) => Place::Bottom(theme::height::BAR + theme::space::M),
            (false, ..) => Place::Bottom(52.0),
        }
    }

    /// The header names the list a page belongs to; the page itself carries the record's name.
    fn header_title(&self) -> String {
        match self.route.screen {
            Screen::Detail(record) => words::kinds(record.kind).into(),
            _ => self.page_title(),
        }
    }

    fn page_title(&self) -> String {
        match self.route.screen {
            Screen::Today => "Today".into(),
            Screen::Pipeline => "Pipeline".into(),
            Screen::List(kind) => words::kinds(kind).into(),
            Screen::Import => "Import".into(),
            Screen::Settings => "Settings".into(),
            Screen::Trash => "Trash".into(),
            Screen::Duplicates => "Duplicates".into(),
            Screen::Reports => "Reports".into(),
            Screen::Detail(record) => match self.feed.detail() {
                Some(Some(detail)) => detail.row.record.display_name(),
                _ => words::capital(words::kind(record.kind)),
            },
        }
    }

    fn name_window(&mut self) {
        let title = match self.session.as_ref().and_then(|session| session.me.as_ref()) {
            Some(_) => format!("{} · TrailTrack", self.page_title()),
            None => "TrailTrack".to_owned(),
        };
        if title != self.title {
            self.title.clone_from(&title);
            self.effects.push(Effect::SetTitle(title));
        }
    }

    /// The scene for decisions that draw nothing.
    pub(crate) fn bare_scene<'a>(&'a self, session: &'a Session) -> Scene<'a> {
        Scene {
            now: self.ids.now,
            zone: &self.zone,
            today: self.ids.now.date_in(&self.zone),
            settings: &self.workspace.settings,
            people: &self.workspace.users,
            session,
            touch: self.options.touch,
            dense: false,
            width: Width::Expanded,
            found: &[],
            hits: &[],
            tags: &[],
            date_order: self.date_order(),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn take_dropped(&mut self, ctx: &egui::Context) {
        let dropped = ctx.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
        for file in dropped.iter().take(self.takes_dropped(dropped.len())) {
            let name = file.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match file.bytes() {
                Ok(bytes) => self.file_chosen(name, bytes),
                Err(reason) => self.toasts.bad(format!("{name} can't be read: {reason}"), self.ids.now),
            }
        }
    }

    /// In the browser a dropped file is read by the shell, which hands it to `file_chosen`.
    #[cfg(target_arch = "wasm32")]
    fn take_dropped(&mut self, _ctx: &egui::Context) {}
}

/// What a screen is drawn from.
struct Shown<'a> {
    recent: &'a [(RecordRef, String)],
    feed: &'a Feed,
    screen: Screen,
    board: &'a BoardFilter,
    list: Option<ListFilter>,
    who: &'a str,
    route: &'a Route,
    trash: &'a str,
    part: &'a str,
    views: Views<'a>,
    keys: bool,
    kept: Option<bool>,
    data_place: &'a str,
}

type Wishes<'a> = (&'a mut Option<Wanted>, &'a mut Vec<Act>);

/// Draws what surrounds the screen.
fn shell_ui(ui: &mut Ui, scene: &Scene<'_>, (view, areas): (&ShellView<'_>, Areas), acts: &mut Vec<Act>) {
    navigation_ui(ui, areas.navigation, scene, view, acts);
    let row = egui::Layout::left_to_right(egui::Align::Center);
    ui.scope_builder(UiBuilder::new().id_salt("header").max_rect(areas.header).layout(row), |ui| {
        header_ui(ui, scene, view, acts);
    });
}

/// Draws the screen, and the record beside it.
fn content_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (shown, content, peek): (&Shown<'_>, Rect, Option<RecordRef>),
    screens: &mut Screens,
    (typing, acts): Wishes<'_>,
) {
    let rest = if peek.is_some() { content.with_max_x(content.right() - crate::peek::PEEK) } else { content };
    let builder = UiBuilder::new().id_salt(("screen", shown.screen.path())).max_rect(rest);
    ui.scope_builder(builder.layout(egui::Layout::top_down(egui::Align::Min)), |ui| {
        ui.set_clip_rect(rest);
        let narrow = Scene { width: Width::Medium, ..*scene };
        let scene = if peek.is_some() { &narrow } else { scene };
        screen_ui(ui, scene, shown, screens, (&mut *typing, &mut *acts));
    });
    if let Some(record) = peek {
        crate::peek::peek_ui(ui, scene, (content, record, shown.feed), &mut screens.detail, (typing, acts));
    }
}

fn screen_ui(ui: &mut Ui, scene: &Scene<'_>, shown: &Shown<'_>, screens: &mut Screens, (typing, acts): Wishes<'_>) {
    let Shown { feed, keys, .. } = *shown;
    let overview = feed.overview();
    match shown.screen {
        Screen::Today => {
            let Screens { today, next_step, .. } = screens;
            let view = TodayView { feed, who: shown.who, next_step: next_step.as_ref(), recent: shown.recent };
            today_ui(ui, scene, &view, today, acts);
        }
        Screen::Pipeline => {
            let view = BoardView { board: feed.board(), filter: shown.board, overview, views: shown.views, keys };
            board_ui(ui, scene, &view, &mut screens.board, acts);
        }
        Screen::List(_) => {
            let Some(filter) = &shown.list else { return };
            let list = feed.list(Slot::List);
            let view = ListView {
                list,
                all: feed.matching(Slot::Selection),
                filter,
                overview,
                views: shown.views,
                keys,
                editable: feed.matching(Slot::Editable).filter(|_| scene.edits_own_only()),
            };
            list_ui(ui, scene, &view, &mut screens.list, (typing, acts));
        }
        Screen::Detail(record) => {
            let view = DetailView { record, detail: feed.detail(), feed, files: feed.files(), keys };
            detail_ui(ui, scene, &view, &mut screens.detail, typing, acts);
        }
        Screen::Import => import_ui(ui, scene, &mut screens.import, acts),
        Screen::Trash => {
            let kind = crate::screens::trash::kind_named(shown.trash);
            crate::screens::trash::trash_ui(ui, scene, (kind, feed.list(Slot::List)), acts);
        }
        Screen::Duplicates => crate::screens::duplicates::duplicates_ui(ui, scene, feed.duplicates(), acts),
        Screen::Reports => {
            let duplicates = feed.duplicates().map(|found| found.total);
            let view = ReportsView { report: feed.report(), route: shown.route, duplicates };
            reports_ui(ui, scene, &view, &mut screens.reports, acts);
        }
        Screen::Settings => {
            let theme = ui.ctx().options(|options| options.theme_preference);
            let view = SettingsView {
                feed,
                theme,
                team: &screens.team,
                part: shown.part,
                kept: shown.kept,
                archive: &screens.archive,
                api: &screens.api,
                verify: &screens.verify,
                data_place: shown.data_place,
            };
            settings_ui(ui, scene, &view, acts);
        }
    }
}

/// Whether a file is a saved e-mail, by its name.
fn is_mail(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("eml"))
}
