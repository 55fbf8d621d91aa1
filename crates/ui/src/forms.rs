//! Forms: opening them with what is known, reading what was typed, and sending it.

use model::action::Outcome;
use model::input::read_field;
use model::{Action, FieldChanges, Fields, IdSource, Kind, RecordId, RecordRef, StageKind, Value};

use crate::app::App;
use crate::dialog::{CloseForm, CreateForm, Dialog};
use crate::edit::reminder;
use crate::present::{format, smart};
use crate::routes::Screen;
use crate::update::Purpose;

impl App {
    pub(crate) fn open_form(&mut self, kind: Kind, about: Option<RecordRef>) {
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
                form.picks.insert("type".to_owned(), (Value::from("call"), "Call".into()));
            }
            Kind::Task => {
                form.picks.insert("priority".to_owned(), (Value::from("medium"), "Medium".into()));
            }
            Kind::Lead => self.preset_stage(&mut form, None),
            _ => {}
        }
        self.dialog = Some(Dialog::Create(form));
    }

    pub(crate) fn open_lead_form(&mut self, stage: &str) {
        let mut form = CreateForm::new(Kind::Lead);
        self.preset_stage(&mut form, Some(stage));
        self.dialog = Some(Dialog::Create(form));
    }

    pub(crate) fn preset_stage(&self, form: &mut CreateForm, wanted: Option<&str>) {
        let settings = &self.workspace.settings;
        let wanted = wanted.and_then(|id| settings.stage(id));
        if let Some(stage) = wanted.or_else(|| settings.first_stage(StageKind::Open)) {
            form.picks.insert("place".to_owned(), (Value::from(stage.id.as_str()), stage.name.clone()));
        }
    }

    pub(crate) fn open_record(&self) -> Option<RecordRef> {
        if let Screen::Detail(record) = self.route.screen {
            return Some(record);
        }
        self.screens.peek.filter(|_| self.route.screen.has_peek())
    }

    /// Presets the links of a form that is opened from a record.
    pub(crate) fn link_form(&self, form: &mut CreateForm, about: RecordRef) {
        let row = self.known_row(about);
        let name = row.map(|row| row.record.display_name()).unwrap_or_default();
        let own = (Value::Id(about.id), name);
        match (form.kind, about.kind) {
            (Kind::Task, _) => {
                form.about = Some(about);
                form.picks.insert("linked_id".to_owned(), own);
            }
            (Kind::Activity, Kind::Lead) => {
                form.picks.insert("lead_id".to_owned(), own);
            }
            (Kind::Activity, Kind::Contact) => {
                form.picks.insert("contact_id".to_owned(), own);
            }
            (Kind::Lead | Kind::Contact | Kind::Activity, Kind::Account) => {
                form.picks.insert("account_id".to_owned(), own);
            }
            (Kind::Lead, Kind::Contact) => {
                form.picks.insert("primary_contact_id".to_owned(), own);
            }
            _ => {}
        }
        let account = row.and_then(|row| Some((row.record.link("account_id")?, row.names.get("account_id")?)));
        if let Some((account, name)) = account.filter(|_| matches!(form.kind, Kind::Lead | Kind::Activity)) {
            form.picks.entry("account_id".to_owned()).or_insert((Value::Id(account), name.clone()));
        }
    }

    pub(crate) fn submit(&mut self, another: bool) {
        match self.dialog.take() {
            Some(Dialog::Create(form)) => match form.editing.clone() {
                Some(editing) => self.submit_edit(form, &editing),
                None => self.submit_create(form, another),
            },
            Some(Dialog::Close(form)) => self.submit_close(form),
            other => self.dialog = other,
        }
    }

    pub(crate) fn submit_create(&mut self, mut form: CreateForm, another: bool) {
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
    pub(crate) fn read_form(&self, form: &mut CreateForm) -> Fields {
        let ctx = self.input();
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
        if let Some(line) = form.texts.get("title").filter(|_| form.kind == Kind::Lead) {
            let parts = smart::parts(line, &form.put_back, &ctx, &self.workspace.users);
            if !parts.is_empty() {
                fields.insert("title".into(), smart::title(line, &parts).into());
            }
            for part in parts {
                fields.entry(part.key.to_owned()).or_insert(part.value);
            }
        }
        self.finish_form(form, &mut fields);
        let problems = missing(form.kind, &fields);
        for (key, problem) in problems {
            form.problems.entry(key.to_owned()).or_insert_with(|| problem.to_owned());
        }
        fields
    }

    pub(crate) fn finish_form(&self, form: &CreateForm, fields: &mut Fields) {
        match form.kind {
            Kind::Lead => {
                let stage = fields.get("place").and_then(Value::as_text).unwrap_or_default().to_owned();
                if let Some(stage) = self.workspace.settings.stage(&stage) {
                    let rank = model::rank::between(None, None);
                    fields.insert("place".into(), model::plan::place(&stage.id, &rank).into());
                    fields.insert("probability".into(), i64::from(stage.probability).into());
                }
                let account = form.picks.get("account_id").map(|(_, name)| name.clone());
                if !fields.contains_key("title")
                    && let Some(account) = account
                {
                    let today = self.ids.now.date_in(&self.zone);
                    fields.insert("title".into(), format!("{account} – {}", format::month(today)).into());
                }
            }
            Kind::Task => {
                let kind = form.about.map_or(Kind::Lead, |about| about.kind);
                fields.insert("linked_type".into(), kind.name().into());
                fields.remove("reminder_at");
                let due = fields.get("due_at").and_then(Value::as_time).map(|at| (at, false));
                fields.extend(reminder(form, due).map(|at| ("reminder_at".to_owned(), at.into())));
            }
            _ => {}
        }
    }

    pub(crate) fn create_linked(&mut self, key: &str, kind: Kind, name: &str) {
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
            form.picks.insert(key.to_owned(), (value, name.to_owned()));
        } else {
            self.save(FieldChanges::from([(key.to_owned(), Some(value))]));
        }
    }

    pub(crate) fn ask_close(&mut self, lead: RecordId, won: bool) {
        let record = RecordRef::new(Kind::Lead, lead);
        let Some(row) = self.known_row(record) else { return };
        let denied = self.session.as_ref().and_then(|session| self.bare_scene(session).denied_edit(&row.record));
        if let Some(reason) = denied {
            self.toasts.bad(reason, self.ids.now);
            return;
        }
        let cents = row.record.int("value_cents").unwrap_or(0);
        let currency = &self.workspace.settings.currency;
        let value = if cents == 0 { String::new() } else { format::money(cents, currency) };
        let form = CloseForm { value, ..CloseForm::new(lead, row.record.display_name(), won) };
        self.dialog = Some(Dialog::Close(form));
    }

    /// Opens the dialog that closes several leads in one step.
    pub(crate) fn ask_close_together(&mut self, leads: &[RecordId], won: bool) {
        let Some((first, others)) = leads.split_first() else { return };
        let rows = leads.iter().filter_map(|lead| self.known_row(RecordRef::new(Kind::Lead, *lead)));
        let session = self.session.as_ref();
        let mut denied = rows.filter_map(|row| session.and_then(|of| self.bare_scene(of).denied_edit(&row.record)));
        if let Some(reason) = denied.next() {
            drop(denied);
            self.toasts.bad(reason, self.ids.now);
            return;
        }
        drop(denied);
        if others.is_empty() {
            self.ask_close(*first, won);
            return;
        }
        let title = format::many(leads.len() as u64, "lead", "leads");
        self.dialog = Some(Dialog::Close(CloseForm { others: others.to_vec(), ..CloseForm::new(*first, title, won) }));
    }

    pub(crate) fn submit_close(&mut self, mut form: CloseForm) {
        form.problems.clear();
        if let Some(outcome) = self.outcome(&mut form) {
            let cancel_tasks = form.cancel_tasks;
            let action = match form.others.as_slice() {
                [] => Action::CloseLead { lead: form.lead, outcome, cancel_tasks },
                others => {
                    let leads = std::iter::once(form.lead).chain(others.iter().copied()).collect();
                    Action::CloseLeads { leads, outcome, cancel_tasks }
                }
            };
            form.sent = Some(self.perform(action, Purpose::Form));
        }
        self.dialog = Some(Dialog::Close(form));
    }

    pub(crate) fn outcome(&self, form: &mut CloseForm) -> Option<Outcome> {
        let ctx = self.input();
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
}

/// What a person would have to fill in before the record can be created.
pub(crate) fn missing(kind: Kind, fields: &Fields) -> Vec<(&'static str, &'static str)> {
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
