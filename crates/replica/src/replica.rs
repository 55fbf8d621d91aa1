//! The replica itself: what it holds, how inputs find their way, when it wants to be woken.

use std::collections::{BTreeMap, BTreeSet};

use model::app::{Notice, Request, RequestId, Session as SessionView, Tone, Trouble, Update};
use model::policy::Actor;
use model::query::{Answer, Query};
use model::settings::SETTINGS_ID;
use model::{DeviceId, IdSource, Record, RecordRef, Settings, Timestamp};
use store::{Store, StoreError};

use crate::account::Account;
use crate::attachments::{Attaching, Files};
use crate::imports::OpenImport;
use crate::link::Link;
use crate::message::{ClientId, Input, Output};
use crate::recent::Recent;
use crate::reminders::Reminders;
use crate::upkeep::Upkeep;

/// The whole client, without threads, sockets, clock or dice.
pub struct Replica {
    pub(crate) store: Store,
    pub(crate) device: DeviceId,
    pub(crate) account: Option<Account>,
    pub(crate) settings: Settings,
    pub(crate) link: Link,
    pub(crate) upkeep: Upkeep,
    pub(crate) import: Option<OpenImport>,
    pub(crate) team: crate::team::Team,
    pub(crate) duplicates: Option<crate::duplicates::Found>,
    pub(crate) files: Files,
    pub(crate) recent: Recent,
    pub(crate) reminders: Reminders,
    /// Whether the browser keeps the refresh token, where no script can read it.
    pub(crate) cookie: bool,
    pub(crate) outputs: Vec<Output>,
    /// The relay that somebody is signing in to.
    pub(crate) joining: Option<String>,
    /// Why signing in failed the last time.
    pub(crate) sign_in_trouble: Option<Trouble>,
    pub(crate) device_name: String,
    pub(crate) watches: BTreeMap<(ClientId, RequestId), Watch>,
    changed: BTreeSet<RecordRef>,
    session_told: Option<SessionView>,
    damaged: bool,
}

pub(crate) struct Watch {
    pub(crate) query: Query,
    pub(crate) told: Option<Answer>,
}

/// Why the replica can't go on with what it was doing; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The device's storage failed.
    #[error("this device's storage failed: {0}")]
    Store(#[from] StoreError),
    /// A document could not be read back.
    #[error("a record on this device is damaged: {0}")]
    Load(#[from] ledger::LoadError),
    /// A change could not be applied.
    #[error("a change does not fit: {0}")]
    Apply(#[from] ledger::ApplyError),
    /// Bytes are no valid change.
    #[error("a change is damaged: {0}")]
    Guard(#[from] ledger::guard::GuardError),
    /// An edit could not be written.
    #[error(transparent)]
    Edit(#[from] ledger::EditError),
    /// What the replica itself wrote can't be read back.
    #[error("stored data can't be read: {0}")]
    Stored(#[from] serde_json::Error),
    /// A document that the relay sent could not be read.
    #[error("the relay sent a record that can't be read")]
    ForeignDocument(#[source] ledger::LoadError),
    /// A row that the relay sent could not be read.
    #[error("the relay sent a record that can't be read")]
    ForeignRow(#[source] sync::row::ReadRowError),
    /// Damage was seen when the file was used before.
    #[error("the database on this device is damaged")]
    NeedsMending,
    /// Not done, for a reason people understand.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Stands in the store once damage was seen.
const DAMAGE_SEEN: &str = "damage_seen";

impl ReplicaError {
    /// Whether it shows that the file is damaged: then it should be mended before the next use.
    pub const fn is_damage(&self) -> bool {
        let in_store = matches!(self, Self::Store(StoreError::Damaged(_) | StoreError::Unreadable(_)));
        in_store || matches!(self, Self::Load(_) | Self::Stored(_) | Self::NeedsMending)
    }
}

impl From<ReplicaError> for Trouble {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::Trouble(trouble) => trouble,
            ReplicaError::Edit(ledger::EditError::Field(problem)) => Self::Invalid(vec![problem]),
            ReplicaError::Edit(error) => Self::Storage(error.to_string()),
            error => Self::Storage(error.to_string()),
        }
    }
}

impl Replica {
    /// Opens the replica that lives in `store`, with a fresh device id when there is none yet.
    ///
    /// # Errors
    /// When the store can't be read or written, or damage was seen in it before ([`ReplicaError::is_damage`]).
    pub fn open(mut store: Store, env: &mut dyn IdSource) -> Result<Self, ReplicaError> {
        if store.meta(DAMAGE_SEEN)?.is_some() {
            return Err(ReplicaError::NeedsMending);
        }
        let device = crate::account::device_of(&mut store, env)?;
        let account = crate::account::read_account(&store)?;
        let upkeep = Upkeep::read(&store)?;
        let files = Files::read(&store)?;
        let reminders = Reminders::read(&store)?;
        let mut replica = Self {
            store,
            device,
            link: Link::new(account.as_ref()),
            account,
            settings: Settings::default(),
            upkeep,
            import: None,
            duplicates: None,
            team: crate::team::Team::default(),
            files,
            recent: Recent::default(),
            reminders,
            cookie: false,
            outputs: Vec::new(),
            joining: None,
            sign_in_trouble: None,
            device_name: "this device".into(),
            watches: BTreeMap::new(),
            changed: BTreeSet::new(),
            session_told: None,
            damaged: false,
        };
        replica.read_settings()?;
        replica.try_quarantine_after_upgrade()?;
        Ok(replica)
    }

    /// Takes an input and returns what the shell must do now. Call [`flush`](Self::flush) when no input is left,
    /// so that watched answers are worked out once for many inputs.
    pub fn handle(&mut self, env: &mut dyn IdSource, input: Input) -> Vec<Output> {
        let taken = self.take(env, input);
        let pushed = self.push_outbox(env.now());
        let filed = self.files_step(env);
        let reminded = self.reminders_step(env.now());
        for error in [taken.err(), pushed.err(), filed.err(), reminded.err()].into_iter().flatten() {
            self.tell_failure(&error);
        }
        std::mem::take(&mut self.outputs)
    }

    /// Works out the watched answers that may have changed and the session's state, and returns the news.
    pub fn flush(&mut self, env: &dyn IdSource) -> Vec<Output> {
        self.tell_changes(env.now());
        self.tell_session();
        std::mem::take(&mut self.outputs)
    }

    /// When the replica wants an `Input::Wake`, if nothing else happens before.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let link = self.link.next_wake();
        [link, self.upkeep.next_wake(), self.import_wake(), self.files.next_wake(), self.reminders_wake()]
            .into_iter()
            .flatten()
            .min()
    }

    /// This installation's id.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// The store, to read from.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Ends the replica and hands its store back.
    pub fn into_store(self) -> Store {
        self.store
    }

    /// The workspace's settings as they stand.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether damage was seen in the file: the next start has to mend it.
    pub const fn needs_mending(&self) -> bool {
        self.damaged
    }

    fn tell_failure(&mut self, error: &ReplicaError) {
        if error.is_damage() {
            self.note_damage(error);
        } else {
            self.notice(Tone::Bad, format!("{error}. Nothing was changed."));
        }
    }

    /// Remembers in the file if an error shows that it is damaged, so that the next start mends it; says so once.
    pub(crate) fn note_damage(&mut self, error: &ReplicaError) {
        if !error.is_damage() || std::mem::replace(&mut self.damaged, true) {
            return;
        }
        let noted = self.store.write(|tx| tx.set_meta(DAMAGE_SEEN, &[]).map_err(ReplicaError::from));
        let advice = match noted {
            // Only browsers keep a cookie.
            _ if self.cookie => "Load the page again to mend it",
            Ok(()) => "Close TrailTrack and start it again to mend it",
            Err(_) => "Close TrailTrack and run `trailtrack mend`",
        };
        self.notice(Tone::Bad, format!("{error}. {advice}."));
    }

    /// Whether a command has come to nothing: when it was executed again, what it wanted stood already.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn came_to_nothing(&self, command: model::CommandId) -> Result<bool, ReplicaError> {
        let Some(found) = self.store.logged_command(command)? else { return Ok(false) };
        let logged: crate::undo::Logged = serde_json::from_slice(&found.payload)?;
        Ok(logged.steps.is_empty())
    }

    fn take(&mut self, env: &mut dyn IdSource, input: Input) -> Result<(), ReplicaError> {
        match input {
            Input::FromUi { client, request } => self.request(env, client, request),
            Input::UiGone { client } => {
                self.watches.retain(|(of, _), _| *of != client);
                Ok(())
            }
            Input::SocketOpened => self.socket_opened(env),
            Input::SocketMessage(bytes) => self.socket_message(env, &bytes),
            Input::SocketClosed { reason } => self.socket_closed(env, reason),
            Input::HttpAnswered { id, status, body } => self.http_answered(env, id, status, &body),
            Input::FileDone { job, outcome } => self.file_done(env, job, outcome),
            Input::Wake => {
                self.link_wake(env)?;
                self.import_step(env);
                self.upkeep_step()
            }
        }
    }

    fn request(&mut self, env: &mut dyn IdSource, client: ClientId, request: Request) -> Result<(), ReplicaError> {
        match request {
            Request::Do(id, action) => {
                let done = self.act(env, action);
                if let Err(error) = &done {
                    self.note_damage(error);
                }
                self.tell(client, Update::Done(id, done.map_err(Trouble::from)));
                Ok(())
            }
            Request::Ask(id, query) => {
                let answer = self.answer(&query, env.now())?;
                self.tell(client, Update::Answer(id, answer));
                Ok(())
            }
            Request::Watch(id, query) => {
                let answer = self.answer(&query, env.now())?;
                self.tell(client, Update::Answer(id, answer.clone()));
                self.watches.insert((client, id), Watch { query, told: Some(answer) });
                self.session_told = None;
                Ok(())
            }
            Request::Unwatch(id) => {
                self.watches.remove(&(client, id));
                Ok(())
            }
            Request::StartSolo { name } => self.start_solo(env, &name),
            Request::JoinTeam { server, email, password } => self.join_team(env, &server, &email, &password),
            Request::SignIn { password } => self.sign_in(env, &password),
            Request::SignOut { even_if_waiting } => self.sign_out(client, even_if_waiting),
            Request::SyncNow => {
                self.files.try_again();
                self.sync_now(env)
            }
            Request::AttachFile { id, linked, name, mime_type, source } => {
                self.attach_file(client, id, Attaching { linked, name, mime_type, source });
                Ok(())
            }
            Request::FetchFile { id, attachment } => self.fetch_file(client, id, attachment),
            Request::ReadFile { id, attachment } => self.read_file(client, id, attachment),
            Request::KeepFile { attachment, keep } => self.keep_file(attachment, keep),
            Request::SettleRefused { command, retry } => self.settle_refused(env, command, retry),
            Request::SuggestRefused { command, note } => {
                let done = self.suggest_refused(env, command, &note)?;
                self.tell_suggested(&done);
                Ok(())
            }
            Request::ImportOpen { id, name, bytes, options } => {
                self.import_open(client, id, name, bytes, &options);
                Ok(())
            }
            Request::ImportDryRun { id, options } => self.import_dry_run(env, client, id, options),
            Request::ImportCommit { id, options } => self.import_commit(env, client, id, options),
            Request::ImportCancel => {
                self.import_cancel();
                Ok(())
            }
            Request::ImportUndo { id, import } => self.import_undo(env, client, id, import),
            Request::Team(id, request) => self.ask_team(env.now(), client, (id, request)),
            Request::Prefer { key, value } => self.prefer(&key, &value),
            Request::LogMail { id, about, bytes } => {
                self.log_mail(env, client, (id, about), &bytes);
                Ok(())
            }
            Request::Backup { id, to } => {
                self.back_up(env, (client, id), to);
                Ok(())
            }
            Request::RestoreBackup { id, source } => {
                self.restore_backup((client, id), source);
                Ok(())
            }
            Request::Verify(id) => {
                let found = self.verified().map_err(Trouble::from);
                self.tell(client, Update::Verified(id, found));
                Ok(())
            }
        }
    }

    /// Tells one interface.
    pub(crate) fn tell(&mut self, client: ClientId, update: Update) {
        self.outputs.push(Output::ToUi { client: Some(client), update: Box::new(update) });
    }

    /// Tells every interface.
    pub(crate) fn tell_all(&mut self, update: Update) {
        self.outputs.push(Output::ToUi { client: None, update: Box::new(update) });
    }

    /// Tells every interface something to be read once.
    pub(crate) fn notice(&mut self, tone: Tone, text: impl Into<String>) {
        self.tell_all(Update::Notice(Notice { tone, text: text.into() }));
    }

    /// Notes records that changed; `flush` tells.
    pub(crate) fn note_changed(&mut self, records: impl IntoIterator<Item = RecordRef>) -> Result<(), ReplicaError> {
        let before = self.changed.len();
        self.changed.extend(records);
        let has = |kind| self.changed.iter().any(|record| record.kind == kind);
        let settings_changed = has(model::Kind::Settings);
        if settings_changed || has(model::Kind::Task) {
            self.reminders.look_again();
        }
        if settings_changed && self.changed.len() > before {
            self.read_settings()?;
        }
        let me = self.account.as_ref().map(|account| RecordRef::new(model::Kind::User, account.user.record()));
        if me.is_some_and(|me| self.changed.contains(&me)) {
            self.read_own_standing()?;
        }
        Ok(())
    }

    /// Reads the settings from their record again, and lets the store know the stages.
    pub(crate) fn read_settings(&mut self) -> Result<(), ReplicaError> {
        self.settings =
            self.store.record(SETTINGS_ID)?.map_or_else(Settings::default, |record| Settings::read(&record));
        let settings = &self.settings;
        self.store.write(|tx| tx.set_settings(settings).map_err(ReplicaError::from))
    }

    /// Who acts on this device, with which rights.
    pub(crate) fn actor(&self) -> Result<Actor, Trouble> {
        let account = self.account.as_ref().ok_or(Trouble::NotAllowed("start first: say who you are".into()))?;
        Ok(Actor { user: account.user, role: account.role, only_owners_edit: self.settings.only_owners_edit })
    }

    fn tell_changes(&mut self, now: Timestamp) {
        if self.changed.is_empty() {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        let mut news = Vec::new();
        let mut watches = std::mem::take(&mut self.watches);
        for ((client, id), watch) in &mut watches {
            match self.answer(&watch.query, now) {
                Ok(answer) if watch.told.as_ref() != Some(&answer) => {
                    watch.told = Some(answer.clone());
                    news.push((*client, Update::Answer(*id, answer)));
                }
                Ok(_) => {}
                Err(error) => {
                    self.note_damage(&error);
                    let text = format!("A view could not be refreshed: {error}");
                    news.push((*client, Update::Notice(Notice { tone: Tone::Bad, text })));
                }
            }
        }
        self.watches = watches;
        self.tell_all(Update::Changed(changed.into_iter().take(1_000).collect()));
        news.into_iter().for_each(|(client, update)| self.tell(client, update));
    }

    fn tell_session(&mut self) {
        let Ok(session) = self.session_view() else { return };
        if self.session_told.as_ref() != Some(&session) {
            self.session_told = Some(session.clone());
            self.tell_all(Update::Session(session));
        }
    }

    /// A record as it is projected.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn record(&self, record: RecordRef) -> Result<Option<Record>, ReplicaError> {
        Ok(self.store.record(record.id)?)
    }
}
