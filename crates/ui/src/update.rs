//! What acts come to: requests, routes, dialogs. The only place that changes the application.

use egui::Context;
use model::app::{Request, RequestId, SyncState};
use model::query::Answer;
use model::{Action, CommandId, FieldChanges, IdSource, Kind, RecordId, RecordRef, StageKind};

use crate::act::Act;
use crate::app::{App, Effect};
use crate::attached::Reads;
use crate::dialog::Dialog;
use crate::feed::Slot;
use crate::preferences;
use crate::present::optimistic;
use crate::routes::{Route, Screen, board_sort_word};
use crate::screens::start::Form;
use crate::undo::Way;

/// Screens that Back remembers.
const PAST_MAX: usize = 50;

/// Filters that are typed, letter by letter.
const TYPED: [&str; 3] = ["q", "min", "max"];

/// The key of a page's tab in its address.
const TAB: &str = "tab";

/// Why an action was sent, for when its answer arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Something with a toast.
    Plain,
    /// Something that goes with another act, which has the toast.
    Quiet,
    /// A field was saved in place: no toast, but undoable.
    Field(RecordRef),
    /// A command was taken back, or done again.
    Step(Way, CommandId),
    /// A card was moved.
    Move,
    /// The form of the dialog.
    Form,
    /// The composer of the open record.
    Composer,
}

impl App {
    /// Shows a route.
    pub(crate) fn show(&mut self, route: Route) {
        if route == self.route {
            return;
        }
        if route.screen != self.route.screen {
            self.past.push(self.route.clone());
            if self.past.len() > PAST_MAX {
                self.past.remove(0);
            }
            self.leave(route.screen);
        }
        self.route = route;
        self.open_tab();
        self.effects.push(Effect::RouteChanged(self.route.to_string()));
    }

    /// Opens the tab that the address of a page names.
    fn open_tab(&mut self) {
        if let Screen::Detail(record) = self.route.screen {
            self.screens.detail.open_tab(record.kind, self.route.get(TAB));
        }
    }

    /// Says in the address what shows, without a step in the history.
    fn say_in_address(&mut self, key: &str, value: String) {
        self.route.query.retain(|(name, _)| name != key);
        if !value.is_empty() {
            self.route.query.push((key.to_owned(), value));
        }
        self.effects.push(Effect::RouteReplaced(self.route.to_string()));
    }

    fn leave(&mut self, next: Screen) {
        self.screens.board.drag = None;
        self.screens.board.selected.clear();
        self.screens.peek = None;
        self.screens.team.asked = false;
        self.screens.api.asked = false;
        self.screens.api.webhooks.asked = false;
        self.choosing = None;
        if let Screen::Detail(record) = next {
            self.screens.detail.open(record);
        }
        if matches!(next, Screen::List(_)) {
            self.screens.list = crate::screens::list::ListState { to_top: true, ..Default::default() };
        }
    }

    /// Does what a person wants.
    pub(crate) fn update(&mut self, ctx: &Context, act: Act) {
        match act {
            Act::Go(screen) => {
                self.dialog = None;
                self.show(Route::to(screen));
            }
            Act::Back => self.back(),
            Act::Filter(key, value) => self.filter(key, value),
            Act::BoardSort(sort) => self.filter("sort", board_sort_word(sort).to_owned()),
            Act::Open(dialog) => self.open(*dialog),
            Act::New(kind, about) => self.open_form(kind, about),
            Act::Edit(record) => self.ask_edit(record),
            Act::FetchFile(attachment) => {
                let id = self.feed.fresh_id();
                self.doing.insert(id, Purpose::Quiet);
                self.send(Request::FetchFile { id, attachment });
            }
            Act::OpenFile(attachment) => self.read_file(attachment, Reads::Open),
            Act::SaveFileCopy(attachment) => self.read_file(attachment, Reads::Save),
            Act::Peek(record) => self.peek(record),
            Act::ClosePeek => self.screens.peek = None,
            Act::Confirm(confirm) => self.dialog = Some(Dialog::Confirm(confirm)),
            Act::QuickLog(about) => self.open_quick_log(about, None),
            Act::LogAndFinish(about, task) => self.open_quick_log(Some(about), Some(task)),
            Act::LogOutcome(of, outcome) => self.log_outcome(of, outcome),
            Act::Finish(task, about) => self.finish_task(task, about),
            Act::NextStep(days) => self.plan_next_step(days),
            Act::NewInStage(stage) => self.open_lead_form(&stage),
            Act::CloseDialog => self.dialog = None,
            Act::SubmitForm { another } => self.submit(another),
            Act::CreateLinked { key, kind, name } => self.create_linked(&key, kind, &name),
            Act::Do(action) => {
                self.perform(action, Purpose::Plain);
            }
            Act::Quietly(action) => {
                self.perform(action, Purpose::Quiet);
            }
            Act::Move { lead, stage, after } => self.move_lead(lead, &stage, after),
            Act::MoveTogether { leads, stage, after } => self.move_together(leads, stage, after),
            Act::AskClose { lead, won } => self.ask_close(lead, won),
            Act::Save(changes) => self.save(changes),
            Act::Choose(record, key, value) => {
                self.perform(Action::ChooseValue { record, key, value }, Purpose::Plain);
            }
            Act::Log => self.log(),
            Act::LogAsTask => self.log_as_task(),
            Act::QuickTask(about) => self.quick_task(about),
            Act::AddNewContact(name) => self.add_new_contact(&name),
            Act::Duplicate(record) => self.duplicate(record),
            Act::ShowTimeline(kind) => {
                let word = self.screens.detail.show_timeline(kind);
                self.update(ctx, Act::Tab(word));
            }
            Act::Tab(word) if matches!(self.route.screen, Screen::Detail(_)) => self.say_in_address(TAB, word.into()),
            // Beside a list, the address is the list's.
            Act::Tab(_) => {}
            Act::AskWhen(task, title) => self.dialog = Some(Dialog::When(crate::dialog::WhenForm::new(task, title))),
            Act::PutOff => self.put_off_typed(),
            Act::Step(way, command) => self.step(way, command),
            Act::StepLast(way) => self.step_last(way),
            Act::StepOver { overwrite } => self.step_over(overwrite),
            Act::Send(request) => self.send(request),
            Act::Shell(effect) => {
                if let Effect::OpenFileDialog { purpose } = &effect {
                    self.choosing = Some(*purpose);
                }
                self.effects.push(effect);
            }
            Act::Theme(theme) => {
                ctx.set_theme(theme);
                self.prefer("theme", preferences::theme_word(theme).to_owned());
            }
            Act::Prefer(key, value) => self.prefer(&key, value),
            Act::Route(route) => self.show(route),
            Act::Say(text) => self.toasts.neutral(text, self.ids.now),
            Act::SaveTo(record, fields) => {
                self.perform(Action::SetFields { record, base_heads: Vec::new(), fields }, Purpose::Plain);
            }
            Act::Columns(kind, layout) => self.lay_out(kind, layout),
            Act::ExportList => self.export_list(false),
            Act::ExportSelected => self.export_list(true),
            Act::Team(request) => self.ask_team(request),
            Act::NewStage => self.new_stage(),
            Act::SaveView => self.save_view(),
            Act::KeepView(view) => self.keep_view(view),
            Act::Enter => self.enter(),
            Act::ImportPreview => self.import_preview(),
            Act::ImportDryRun => self.import_dry_run(),
            Act::ImportCommit => self.import_commit(),
            Act::ImportUndo => self.import_undo(),
            Act::Visit(route) => self.show(route),
            Act::ExportKind(kind, form) => self.export_kind(kind, form),
            Act::Backup => self.choose_backup_place(),
            Act::Verify => {
                let id = self.feed.fresh_id();
                self.screens.verify = crate::screens::settings::sync::VerifyState::Running;
                self.send(Request::Verify(id));
            }
            Act::ImportReset => self.screens.import = crate::screens::import::ImportState::default(),
        }
    }

    pub(crate) fn send(&mut self, request: Request) {
        self.effects.push(Effect::Request(request));
    }

    pub(crate) fn perform(&mut self, action: Action, purpose: Purpose) -> RequestId {
        let id = self.feed.fresh_id();
        self.doing.insert(id, purpose);
        self.send(Request::Do(id, action));
        id
    }

    fn back(&mut self) {
        let parent = match self.route.screen {
            Screen::Detail(record) => Screen::List(record.kind),
            _ => Screen::Today,
        };
        let route = self.past.pop().unwrap_or_else(|| Route::to(parent));
        self.leave(route.screen);
        self.route = route;
        self.open_tab();
        self.effects.push(Effect::RouteChanged(self.route.to_string()));
    }

    fn filter(&mut self, key: &'static str, value: String) {
        let mut route = self.route.clone();
        route.query.retain(|(name, _)| name != key);
        if !value.is_empty() {
            route.query.push((key.to_owned(), value));
        }
        self.screens.list.to_top = true;
        self.screens.list.seen = (0, 0);
        self.screens.list.cursor = None;
        self.screens.list.selected.clear();
        self.screens.board.seen.clear();
        // The first letter is a step that Back takes back; those after it only say more.
        if TYPED.contains(&key) && !self.route.get(key).is_empty() {
            self.route = route;
            self.effects.push(Effect::RouteReplaced(self.route.to_string()));
        } else {
            self.show(route);
        }
    }

    fn open(&mut self, dialog: Dialog) {
        if dialog == Dialog::Join {
            let again = self.session.as_ref().is_some_and(|session| session.sync == SyncState::NeedsSignIn);
            self.start.form = if again { Form::Again } else { Form::Team };
            self.start.busy = false;
            self.start.trouble = None;
            self.start.password.clear();
        }
        self.dialog = Some(dialog);
    }

    fn move_lead(&mut self, lead: RecordId, stage: &str, after: Option<RecordId>) {
        let record = RecordRef::new(Kind::Lead, lead);
        let place = self.known_row(record).map(|row| row.record.place().0.to_owned());
        let kind = self.workspace.settings.stage_kind(stage);
        let stays = place.as_deref() == Some(stage);
        if kind != StageKind::Open && !stays {
            self.ask_close(lead, kind == StageKind::Won);
            return;
        }
        if let Some(Answer::Board(board)) = self.feed.answer_mut(Slot::Board) {
            optimistic::move_card(board, lead, stage, after);
            self.screens.board.focus = Some(lead);
        }
        let settings = self.workspace.settings.clone();
        if let Some(Answer::Detail(Some(detail))) = self.feed.answer_mut(Slot::Detail)
            && detail.row.record.id == lead
        {
            let changes = FieldChanges::from([("place".to_owned(), Some(format!("{stage}|").into()))]);
            optimistic::set_fields(detail, &changes, &settings);
        }
        let action = Action::MoveLeads { leads: vec![lead], stage: stage.to_owned(), after };
        self.perform(action, Purpose::Move);
    }

    fn move_together(&mut self, leads: Vec<RecordId>, stage: String, after: Option<RecordId>) {
        let kind = self.workspace.settings.stage_kind(&stage);
        if kind != StageKind::Open {
            self.screens.board.selected.clear();
            self.ask_close_together(&leads, kind == StageKind::Won);
            return;
        }
        let mut above = after;
        if let Some(Answer::Board(board)) = self.feed.answer_mut(Slot::Board) {
            for lead in &leads {
                optimistic::move_card(board, *lead, &stage, above);
                above = Some(*lead);
            }
        }
        self.screens.board.selected.clear();
        self.perform(Action::MoveLeads { leads, stage, after }, Purpose::Move);
    }

    pub(crate) fn save(&mut self, fields: FieldChanges) {
        let settings = self.workspace.settings.clone();
        let Some(Answer::Detail(Some(detail))) = self.feed.answer_mut(Slot::Detail) else { return };
        let record = detail.row.record.reference();
        let base_heads = self.screens.detail.take_heads().unwrap_or_else(|| detail.heads.clone());
        optimistic::set_fields(detail, &fields, &settings);
        self.perform(Action::SetFields { record, base_heads, fields }, Purpose::Field(record));
    }

    fn new_stage(&mut self) {
        let id = self.ids.fresh_record_id().to_string();
        let stage = crate::screens::settings::pipeline::new_stage(&self.workspace.settings.stages, &id);
        let fields = stage.fields().into_iter().map(|(key, value)| (key, Some(value))).collect();
        let record = RecordRef::new(Kind::Settings, model::settings::SETTINGS_ID);
        self.perform(Action::SetFields { record, base_heads: Vec::new(), fields }, Purpose::Plain);
    }

    fn log(&mut self) {
        let Some(record) = self.open_record() else { return };
        let id = self.ids.fresh_record_id();
        let task = self.ids.fresh_record_id();
        let account = self.known_row(record).and_then(|row| row.record.link("account_id"));
        let ctx = self.input();
        if let Some(action) = self.screens.detail.composer.action((record, account), (id, task), &ctx) {
            self.perform(action, Purpose::Composer);
        }
    }

    fn enter(&mut self) {
        let form = &mut self.start;
        let empty = |text: &str| text.trim().is_empty();
        form.missing = match form.form {
            Form::Solo if empty(&form.name) => Some("name"),
            Form::Team if empty(&form.server) => Some("server"),
            Form::Team if empty(&form.email) => Some("email"),
            Form::Team | Form::Again if form.password.is_empty() => Some("password"),
            _ => None,
        };
        if form.missing.is_some() {
            return;
        }
        form.busy = true;
        form.trouble = None;
        let request = match form.form {
            Form::Solo => Request::StartSolo { name: form.name.trim().to_owned() },
            Form::Again => Request::SignIn { password: form.password.clone() },
            _ => Request::JoinTeam {
                server: with_scheme(form.server.trim()),
                email: form.email.trim().to_owned(),
                password: form.password.clone(),
            },
        };
        self.send(request);
    }
}

fn with_scheme(server: &str) -> String {
    let local = server.starts_with("localhost") || server.starts_with("127.") || server.starts_with("[::1]");
    match server {
        server if server.contains("://") => server.to_owned(),
        server if local => format!("http://{server}"),
        server => format!("https://{server}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_a_scheme_is_https_but_for_this_machine() {
        assert_eq!(with_scheme("crm.example.org"), "https://crm.example.org");
        assert_eq!(with_scheme("localhost:8080"), "http://localhost:8080");
        assert_eq!(with_scheme("http://10.0.0.1"), "http://10.0.0.1");
    }
}
