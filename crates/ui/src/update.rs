//! What acts come to: requests, routes, dialogs. The only place that changes the application.

use std::collections::BTreeMap;

use egui::Context;
use model::action::Outcome;
use model::app::{Done, Request, RequestId, Session, SyncState, Trouble, Update};
use model::input::{InputContext, read_field};
use model::query::Answer;
use model::{Action, CommandId, FieldChanges, Fields, IdSource, Kind, RecordId, RecordRef, StageKind, Value};

use crate::act::Act;
use crate::app::{App, Effect};
use crate::dialog::{CloseForm, CreateForm, Dialog};
use crate::feed::Slot;
use crate::present::{format, optimistic};
use crate::routes::{Route, Screen, board_sort_word};
use crate::screens::start::Form;
use crate::words;

/// Screens that Back remembers.
const PAST_MAX: usize = 50;

/// Why an action was sent, for when its answer arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Something with a toast.
    Plain,
    /// A field was saved in place: no toast, but undoable.
    Field(RecordRef),
    /// A command was taken back.
    Undo(CommandId),
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
        self.effects.push(Effect::RouteChanged(self.route.to_string()));
    }

    fn leave(&mut self, next: Screen) {
        self.board.drag = None;
        if let Screen::Detail(record) = next {
            self.detail.open(record);
        }
        if matches!(next, Screen::List(_)) {
            self.list = crate::screens::list::ListState { to_top: true, ..Default::default() };
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
            Act::NewInStage(stage) => self.open_lead_form(&stage),
            Act::CloseDialog => self.dialog = None,
            Act::SubmitForm { another } => self.submit(another),
            Act::CreateLinked { key, kind, name } => self.create_linked(key, kind, &name),
            Act::Do(action) => {
                self.perform(action, Purpose::Plain);
            }
            Act::Move { lead, stage, after } => self.move_lead(lead, &stage, after),
            Act::AskClose { lead, won } => self.ask_close(lead, won),
            Act::Save(changes) => self.save(changes),
            Act::Choose(record, key, value) => {
                self.perform(Action::ChooseValue { record, key, value }, Purpose::Plain);
            }
            Act::Log => self.log(),
            Act::Undo(command) => {
                self.perform(Action::Undo(command), Purpose::Undo(command));
            }
            Act::UndoLast => match self.toasts.take_last() {
                Some(command) => {
                    self.perform(Action::Undo(command), Purpose::Undo(command));
                }
                None => self.toasts.neutral("Nothing to undo".into(), self.ids.now),
            },
            Act::Send(request) => self.send(request),
            Act::Shell(effect) => self.effects.push(effect),
            Act::Theme(theme) => {
                self.theme = theme;
                ctx.set_theme(theme);
            }
            Act::Enter => self.enter(),
            Act::ImportPreview => self.import_preview(),
            Act::ImportDryRun => self.import_dry_run(),
            Act::ImportCommit => self.import_commit(),
            Act::ImportUndo => self.import_undo(),
            Act::ImportReset => self.import = crate::screens::import::ImportState::default(),
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
        self.effects.push(Effect::RouteChanged(self.route.to_string()));
    }

    fn filter(&mut self, key: &'static str, value: String) {
        let mut route = self.route.clone();
        route.query.retain(|(name, _)| name != key);
        if !value.is_empty() {
            route.query.push((key.to_owned(), value));
        }
        self.list.to_top = true;
        self.list.seen = (0, 0);
        self.list.cursor = None;
        self.board.seen.clear();
        self.show(route);
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

    fn open_form(&mut self, kind: Kind, about: Option<RecordRef>) {
        let denied = self.session.as_ref().and_then(|session| self.bare_scene(session).denied_create(kind));
        if let Some(reason) = denied {
            self.toasts.bad(reason, self.ids.now);
            return;
        }
        let mut form = CreateForm::new(kind);
        if let Some(about) = about.or_else(|| self.open_record()) {
            self.link_form(&mut form, about);
        }
        match kind {
            Kind::Activity => {
                form.picks.insert("type", (Value::from("call"), "Call".into()));
            }
            Kind::Task => {
                form.picks.insert("priority", (Value::from("medium"), "Medium".into()));
            }
            Kind::Lead => self.preset_stage(&mut form, None),
            _ => {}
        }
        self.dialog = Some(Dialog::Create(form));
    }

    fn open_lead_form(&mut self, stage: &str) {
        let mut form = CreateForm::new(Kind::Lead);
        self.preset_stage(&mut form, Some(stage));
        self.dialog = Some(Dialog::Create(form));
    }

    fn preset_stage(&self, form: &mut CreateForm, wanted: Option<&str>) {
        let settings = &self.workspace.settings;
        let wanted = wanted.and_then(|id| settings.stage(id));
        if let Some(stage) = wanted.or_else(|| settings.first_stage(StageKind::Open)) {
            form.picks.insert("place", (Value::from(stage.id.as_str()), stage.name.clone()));
        }
    }

    fn open_record(&self) -> Option<RecordRef> {
        if let Screen::Detail(record) = self.route.screen { Some(record) } else { None }
    }

    /// Presets the links of a form that is opened from a record.
    fn link_form(&self, form: &mut CreateForm, about: RecordRef) {
        let row = self.known_row(about);
        let name = row.map(|row| row.record.display_name()).unwrap_or_default();
        let own = (Value::Id(about.id), name);
        match (form.kind, about.kind) {
            (Kind::Task, _) => {
                form.about = Some(about);
                form.picks.insert("linked_id", own);
            }
            (Kind::Activity, Kind::Lead) => {
                form.picks.insert("lead_id", own);
            }
            (Kind::Activity, Kind::Contact) => {
                form.picks.insert("contact_id", own);
            }
            (Kind::Lead | Kind::Contact | Kind::Activity, Kind::Account) => {
                form.picks.insert("account_id", own);
            }
            (Kind::Lead, Kind::Contact) => {
                form.picks.insert("primary_contact_id", own);
            }
            _ => {}
        }
        let account = row.and_then(|row| Some((row.record.link("account_id")?, row.names.get("account_id")?)));
        if let Some((account, name)) = account.filter(|_| matches!(form.kind, Kind::Lead | Kind::Activity)) {
            form.picks.entry("account_id").or_insert((Value::Id(account), name.clone()));
        }
    }

    /// A record's row in whatever answer shows it.
    pub(crate) fn known_row(&self, record: RecordRef) -> Option<&model::query::Row> {
        let detail = self.feed.detail().flatten().map(|detail| &detail.row);
        let cards = self.feed.board().into_iter().flat_map(|board| &board.columns).flat_map(|column| &column.rows);
        let rows = self.feed.list(Slot::List).into_iter().flat_map(|list| &list.rows);
        let related =
            self.feed.detail().flatten().into_iter().flat_map(|detail| detail.related.values()).flatten();
        detail.into_iter().chain(cards).chain(rows).chain(related).find(|row| row.record.reference() == record)
    }

    fn submit(&mut self, another: bool) {
        match self.dialog.take() {
            Some(Dialog::Create(form)) => self.submit_create(form, another),
            Some(Dialog::Close(form)) => self.submit_close(form),
            other => self.dialog = other,
        }
    }

    fn submit_create(&mut self, mut form: CreateForm, another: bool) {
        let fields = self.read_form(&mut form);
        if form.problems.is_empty() {
            let record = RecordRef::new(form.kind, self.ids.fresh_record_id());
            let action = match form.kind {
                Kind::Activity => Action::LogActivity { id: record.id, fields, follow_up: None },
                _ => Action::Create { record, fields },
            };
            form.sent = Some((self.perform(action, Purpose::Form), another));
        }
        self.dialog = Some(Dialog::Create(form));
    }

    /// Reads what is typed into a form; what is wrong lands in the form.
    fn read_form(&self, form: &mut CreateForm) -> Fields {
        let ctx = InputContext::new(&self.workspace.settings, self.ids.now);
        let mut fields = Fields::new();
        form.problems.clear();
        for (key, text) in &form.texts {
            match read_field(form.kind, key, text, &ctx) {
                Ok(input) => {
                    for (key, value) in input.also {
                        fields.entry(key).or_insert(value);
                    }
                    fields.extend(input.value.map(|value| ((*key).to_owned(), value)));
                }
                Err(problem) => {
                    form.problems.insert((*key).to_owned(), problem.problem);
                }
            }
        }
        for (key, (value, _)) in &form.picks {
            fields.insert((*key).to_owned(), value.clone());
        }
        self.finish_form(form, &mut fields);
        let problems = missing(form.kind, &fields);
        for (key, problem) in problems {
            form.problems.entry(key.to_owned()).or_insert_with(|| problem.to_owned());
        }
        fields
    }

    fn finish_form(&self, form: &CreateForm, fields: &mut Fields) {
        match form.kind {
            Kind::Lead => {
                let stage = fields.get("place").and_then(Value::as_text).unwrap_or_default().to_owned();
                if let Some(stage) = self.workspace.settings.stage(&stage) {
                    let rank = model::rank::between(None, None);
                    fields.insert("place".into(), model::plan::place(&stage.id, &rank).into());
                    fields.insert("probability".into(), i64::from(stage.probability).into());
                }
                let account = form.picks.get("account_id").map(|(_, name)| name.clone());
                if !fields.contains_key("title") && let Some(account) = account {
                    let today = self.ids.now.date_in(&self.zone);
                    fields.insert("title".into(), format!("{account} – {}", format::month(today)).into());
                }
            }
            Kind::Task => {
                let kind = form.about.map_or(Kind::Lead, |about| about.kind);
                fields.insert("linked_type".into(), kind.name().into());
            }
            _ => {}
        }
    }

    fn create_linked(&mut self, key: &'static str, kind: Kind, name: &str) {
        let record = RecordRef::new(kind, self.ids.fresh_record_id());
        let mut fields = Fields::new();
        match kind {
            Kind::Contact => {
                let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
                fields.insert("first_name".into(), first.into());
                if !last.is_empty() {
                    fields.insert("last_name".into(), last.into());
                }
            }
            Kind::Account => {
                fields.insert("name".into(), name.into());
            }
            _ => {
                fields.insert("title".into(), name.into());
            }
        }
        self.perform(Action::Create { record, fields }, Purpose::Plain);
        let value = Value::Id(record.id);
        if let Some(Dialog::Create(form)) = &mut self.dialog {
            form.picks.insert(key, (value, name.to_owned()));
        } else {
            self.save(FieldChanges::from([(key.to_owned(), Some(value))]));
        }
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
            self.board.focus = Some(lead);
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

    fn ask_close(&mut self, lead: RecordId, won: bool) {
        let record = RecordRef::new(Kind::Lead, lead);
        let Some(row) = self.known_row(record) else { return };
        let denied =
            self.session.as_ref().and_then(|session| self.bare_scene(session).denied_edit(&row.record));
        if let Some(reason) = denied {
            self.toasts.bad(reason, self.ids.now);
            return;
        }
        let cents = row.record.int("value_cents").unwrap_or(0);
        let currency = &self.workspace.settings.currency;
        self.dialog = Some(Dialog::Close(CloseForm {
            lead,
            title: row.record.display_name(),
            won,
            date: "today".into(),
            value: if cents == 0 { String::new() } else { format::money(cents, currency) },
            reason: String::new(),
            note: String::new(),
            competitor: String::new(),
            cancel_tasks: !won,
            problems: BTreeMap::new(),
            sent: None,
        }));
    }

    fn submit_close(&mut self, mut form: CloseForm) {
        form.problems.clear();
        if let Some(outcome) = self.outcome(&mut form) {
            let action = Action::CloseLead { lead: form.lead, outcome, cancel_tasks: form.cancel_tasks };
            form.sent = Some(self.perform(action, Purpose::Form));
        }
        self.dialog = Some(Dialog::Close(form));
    }

    fn outcome(&self, form: &mut CloseForm) -> Option<Outcome> {
        let ctx = InputContext::new(&self.workspace.settings, self.ids.now);
        let mut problem = |key: &str, text: &str| {
            form.problems.insert(key.to_owned(), text.to_owned());
        };
        let on = match read_field(Kind::Lead, "closed_on", &form.date, &ctx) {
            Ok(input) => input.value.and_then(|value| value.as_date()).unwrap_or(ctx.today),
            Err(wrong) => {
                problem("closed_on", &wrong.problem);
                ctx.today
            }
        };
        if on > ctx.today {
            problem("closed_on", "the day is in the future");
        }
        let value_cents = match read_field(Kind::Lead, "value_cents", &form.value, &ctx) {
            Ok(input) => input.value.and_then(|value| value.as_int()).unwrap_or(0),
            Err(wrong) => {
                problem("closed_value_cents", &wrong.problem);
                0
            }
        };
        if !form.won && form.reason.is_empty() {
            problem("lost_reason", "choose a reason");
        }
        if !form.won && form.reason == "Other" && form.note.trim().is_empty() {
            problem("lost_note", "say what happened");
        }
        if !form.problems.is_empty() {
            return None;
        }
        let note = form.note.trim().to_owned();
        Some(if form.won {
            Outcome::Won { on, value_cents, note }
        } else {
            let competitor = form.competitor.trim().to_owned();
            Outcome::Lost { on, reason: form.reason.clone(), note, competitor }
        })
    }

    fn save(&mut self, fields: FieldChanges) {
        let settings = self.workspace.settings.clone();
        let Some(Answer::Detail(Some(detail))) = self.feed.answer_mut(Slot::Detail) else { return };
        let record = detail.row.record.reference();
        let base_heads = self.detail.take_heads().unwrap_or_else(|| detail.heads.clone());
        optimistic::set_fields(detail, &fields, &settings);
        self.perform(Action::SetFields { record, base_heads, fields }, Purpose::Field(record));
    }

    fn log(&mut self) {
        let Some(record) = self.open_record() else { return };
        let id = self.ids.fresh_record_id();
        let task = self.ids.fresh_record_id();
        let account = self.known_row(record).and_then(|row| row.record.link("account_id"));
        let now = self.ids.now;
        if let Some(action) = self.detail.composer.action((record, account), (id, task), (now, &self.zone)) {
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

    /// Takes in what the replica says.
    pub(crate) fn take_in(&mut self, update: Update) {
        match update {
            Update::Session(session) => self.new_session(session),
            Update::Answer(id, answer) => {
                self.feed.take(id, answer);
            }
            Update::Done(id, outcome) => self.finished(id, outcome),
            // Watches bring what changed; nothing is kept beside them.
            Update::Changed(_) => {}
            Update::ImportOpened(id, outcome) => self.import.opened(id, outcome),
            Update::ImportProgress(id, done, all) => self.import.progressed(id, done, all),
            Update::ImportReport(id, outcome) => self.import.reported(id, outcome),
            Update::Notice(notice) => self.notice(&notice),
        }
    }

    fn notice(&mut self, notice: &model::app::Notice) {
        let entering = self.start.busy;
        if entering && notice.tone == model::app::Tone::Bad {
            self.start.busy = false;
            self.start.trouble = Some(notice.text.clone());
            return;
        }
        let now = self.ids.now;
        match notice.tone {
            model::app::Tone::Good => self.toasts.good(notice.text.clone(), now),
            model::app::Tone::Neutral => self.toasts.neutral(notice.text.clone(), now),
            model::app::Tone::Bad => self.toasts.bad(notice.text.clone(), now),
        }
    }

    fn new_session(&mut self, session: Session) {
        let signed_in = !matches!(session.sync, SyncState::Alone | SyncState::NeedsSignIn);
        let was_out = self.session.as_ref().is_none_or(|old| old.me.is_none());
        if session.me.is_some() && (was_out || signed_in) {
            self.start.busy = false;
            self.start.password.clear();
            if self.dialog == Some(Dialog::Join) {
                self.dialog = None;
            }
        }
        self.session = Some(session);
    }

    fn finished(&mut self, id: RequestId, outcome: Result<Done, Trouble>) {
        let Some(purpose) = self.doing.remove(&id) else {
            // Not asked here: entering a team reports its troubles this way too.
            if let (Err(trouble), true) = (outcome, self.start.busy) {
                self.start.busy = false;
                self.start.trouble = Some(words::trouble(&trouble));
            }
            return;
        };
        match outcome {
            Ok(done) => self.succeeded(id, &purpose, done),
            Err(trouble) => self.failed(id, &purpose, &trouble),
        }
    }

    fn succeeded(&mut self, id: RequestId, purpose: &Purpose, done: Done) {
        if let Purpose::Undo(of) = purpose {
            self.toasts.forget(*of);
            self.toasts.good(words::label(&done.label), self.ids.now);
            return;
        }
        if *purpose == Purpose::Composer {
            self.detail.composer.clear();
        }
        if *purpose == Purpose::Form {
            self.form_done(id, &done);
        }
        let Some(command) = done.command else { return };
        self.toasts.remember(command);
        if !matches!(purpose, Purpose::Field(_)) {
            self.toasts.done(words::label(&done.label), command, self.ids.now);
        }
    }

    fn form_done(&mut self, id: RequestId, done: &Done) {
        let another = match &self.dialog {
            Some(Dialog::Create(form)) => form.sent.filter(|(sent, _)| *sent == id).map(|(_, another)| another),
            Some(Dialog::Close(form)) => form.sent.filter(|sent| *sent == id).map(|_| false),
            _ => None,
        };
        let Some(another) = another else { return };
        let form = self.dialog.take();
        if let (true, Some(Dialog::Create(form))) = (another, form) {
            let mut next = CreateForm::new(form.kind);
            // The next one is about the same: account, source and stage stay.
            next.picks = form.picks;
            next.about = form.about;
            self.dialog = Some(Dialog::Create(next));
            return;
        }
        let created = done.records.first().copied().filter(|record| record.kind != Kind::Activity);
        let on_board = self.route.screen == Screen::Pipeline;
        if let Some(record) = created.filter(|record| on_board && record.kind == Kind::Lead) {
            self.board.focus = Some(record.id);
        }
    }

    fn failed(&mut self, id: RequestId, purpose: &Purpose, trouble: &Trouble) {
        let problems = match trouble {
            Trouble::Invalid(problems) => problems.clone(),
            _ => Vec::new(),
        };
        let taken = match (&mut self.dialog, purpose) {
            (Some(Dialog::Create(form)), Purpose::Form) if form.sent.is_some_and(|(sent, _)| sent == id) => {
                form.sent = None;
                form.problems.extend(problems.iter().map(|of| (of.key.clone(), of.problem.clone())));
                !problems.is_empty()
            }
            (Some(Dialog::Close(form)), Purpose::Form) if form.sent == Some(id) => {
                form.sent = None;
                form.problems.extend(problems.iter().map(|of| (of.key.clone(), of.problem.clone())));
                !problems.is_empty()
            }
            _ => false,
        };
        if let Purpose::Field(_) = purpose {
            self.detail.problems.extend(problems.iter().map(|of| (of.key.clone(), of.problem.clone())));
        }
        // What was shown before the answer was not true.
        let stale = match purpose {
            Purpose::Move | Purpose::Plain | Purpose::Form => Some(Slot::Board),
            _ => None,
        };
        for slot in stale.into_iter().chain([Slot::Detail]) {
            let again = self.feed.ask_again(slot);
            self.effects.extend(again.map(Effect::Request));
        }
        if !taken {
            self.toasts.bad(words::trouble(trouble), self.ids.now);
        }
    }
}

/// What a person would have to fill in before the record can be created.
fn missing(kind: Kind, fields: &Fields) -> Vec<(&'static str, &'static str)> {
    let blank = |key: &str| match fields.get(key) {
        None => true,
        Some(Value::Text(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    match kind {
        Kind::Lead if blank("title") => vec![("title", "Enter a title or choose an account")],
        Kind::Account if blank("name") => vec![("name", "Enter a name")],
        Kind::Contact if ["first_name", "last_name", "email"].into_iter().all(blank) => {
            vec![("first_name", "Enter a name or an email address")]
        }
        Kind::Task => {
            let mut problems = Vec::new();
            if blank("title") {
                problems.push(("title", "Enter a title"));
            }
            if blank("linked_id") {
                problems.push(("linked_id", "Choose what it is about"));
            }
            problems
        }
        Kind::Activity if blank("subject") && blank("body") => vec![("subject", "Write a subject or a note")],
        _ => Vec::new(),
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
