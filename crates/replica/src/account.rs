//! Who uses this device: starting alone, joining a team, tokens, signing out.

use interchange::backup::Person;
use model::app::{Me, Session as SessionView, SyncState, Tone, Trouble};
use model::policy::Role;
use model::schema::{FieldProblem, LINE_MAX_CHARS};
use model::settings::SETTINGS_ID;
use model::{DeviceId, IdSource, Kind, Record, RecordRef, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use store::{Projection, Reader, SalvagedOutbox, Store, Tx};

use crate::message::{ClientId, Method, Output};
use crate::rebase::NewOwner;
use crate::replica::{Replica, ReplicaError};

const DEVICE: &str = "device";
const ACCOUNT: &str = "account";
/// An access token counts as fresh while it lives at least this much longer.
const FRESH_MILLIS: i64 = 30_000;
/// Number of the HTTP request that signs in or joins.
const HTTP_SIGN_IN: u64 = 1;
/// Number of the HTTP request that renews the tokens.
const HTTP_REFRESH: u64 = 2;
/// Number of the HTTP request that renews the tokens while the socket stays open.
const HTTP_RENEW: u64 = 3;
/// Number of the HTTP request that signs out.
const HTTP_SIGN_OUT: u64 = 4;
/// Number of the HTTP requests that begin and end uploads.
pub(crate) const HTTP_UPLOAD: u64 = 5;

/// The person at this device and their session with a relay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: Role,
    /// The relay's address; empty when working alone.
    pub(crate) server: String,
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) access_token: Option<String>,
    pub(crate) access_expires_at: Option<Timestamp>,
    /// Continues the session; a browser keeps it where no script can read it.
    pub(crate) refresh_token: Option<String>,
    /// The browser keeps the refresh token.
    #[serde(default)]
    pub(crate) refresh_in_cookie: bool,
}

/// What the relay answers to signing in.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    /// Not there when it went into a cookie.
    refresh_token: Option<String>,
    /// Seconds.
    expires_in: i64,
    user: TokenUser,
    workspace_id: WorkspaceId,
}

#[derive(Deserialize)]
struct TokenUser {
    id: UserId,
    name: String,
    email: String,
    role: Role,
}

#[derive(Deserialize)]
struct ApiError {
    detail: String,
}

impl Account {
    /// Somebody who works on this device alone.
    pub(crate) fn alone(person: &Person) -> Self {
        Self {
            user: person.id,
            name: person.name.clone(),
            email: person.email.clone(),
            role: Role::Admin,
            server: String::new(),
            workspace: None,
            access_token: None,
            access_expires_at: None,
            refresh_token: None,
            refresh_in_cookie: false,
        }
    }

    pub(crate) fn is_joined(&self) -> bool {
        !self.server.is_empty()
    }

    pub(crate) fn has_fresh_token(&self, now: Timestamp) -> bool {
        let lives = self.access_expires_at.is_some_and(|at| at.millis_since(now) > FRESH_MILLIS);
        self.access_token.is_some() && lives
    }

    pub(crate) fn socket_url(&self) -> String {
        let base = self.server.replacen("http", "ws", 1);
        format!("{base}/api/v1/sync")
    }

    fn sign_in_again(&self) -> Self {
        Self {
            access_token: None,
            access_expires_at: None,
            refresh_token: None,
            refresh_in_cookie: false,
            ..self.clone()
        }
    }
}

/// The device's id, drawn at the first start.
pub(crate) fn device_of(store: &mut Store, env: &mut dyn IdSource) -> Result<DeviceId, ReplicaError> {
    if let Some(device) = store.meta(DEVICE)?.and_then(|bytes| DeviceId::from_slice(&bytes)) {
        return Ok(device);
    }
    let device = DeviceId(env.fresh_uuid());
    store.write(|tx| tx.set_meta(DEVICE, device.as_bytes()).map_err(ReplicaError::from))?;
    Ok(device)
}

/// The account as stored.
pub(crate) fn read_account(store: &Reader) -> Result<Option<Account>, ReplicaError> {
    Ok(store.meta(ACCOUNT)?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// The account as salvaged from a damaged file.
pub(crate) fn read_salvaged(saved: &SalvagedOutbox) -> Option<Account> {
    saved.meta.get(ACCOUNT).and_then(|bytes| serde_json::from_slice(bytes).ok())
}

/// Makes a new store this device's again: its id, its person, the settings' first change.
pub(crate) fn restore_identity(
    tx: &mut Tx<'_>,
    saved: &SalvagedOutbox,
    account: Option<&Account>,
) -> Result<(), ReplicaError> {
    if let Some(device) = saved.meta.get(DEVICE) {
        tx.set_meta(DEVICE, device)?;
    }
    match account {
        Some(account) => {
            write_account(tx, account)?;
            ensure_settings(tx)
        }
        None => Ok(()),
    }
}

pub(crate) fn write_account(tx: &mut Tx<'_>, account: &Account) -> Result<(), ReplicaError> {
    Ok(tx.set_meta(ACCOUNT, &serde_json::to_vec(account)?)?)
}

impl Replica {
    /// First run: one person on this device alone.
    pub(crate) fn start_solo(&mut self, env: &mut dyn IdSource, name: &str) -> Result<(), ReplicaError> {
        let name = name.trim();
        if self.account.is_some() {
            return Ok(());
        }
        if name.is_empty() {
            self.notice(Tone::Bad, "Type your name to start");
            return Ok(());
        }
        let person = Person { id: UserId(env.fresh_uuid()), name: name.to_owned(), email: String::new() };
        let account = Account::alone(&person);
        self.store.write(|tx| {
            write_account(tx, &account)?;
            project_local_user(tx, &account, env.now())?;
            ensure_settings(tx)
        })?;
        let me = RecordRef::new(Kind::User, account.user.record());
        self.account = Some(account);
        self.note_changed([me, settings_ref()])
    }

    /// Gives the person who works alone another name.
    pub(crate) fn rename_alone(&mut self, now: Timestamp, name: &str) -> Result<(), ReplicaError> {
        let name = name.trim();
        let wrong = |problem: &str| Trouble::Invalid(vec![FieldProblem::new("name", problem)]);
        let Some(mut account) = self.account.clone() else { return Err(Trouble::NotHere.into()) };
        if name.is_empty() {
            return Err(wrong("is required").into());
        }
        if name.chars().count() > LINE_MAX_CHARS || name.contains(char::is_control) {
            return Err(wrong("is too long or has more than one line").into());
        }
        name.clone_into(&mut account.name);
        self.store.write(|tx| {
            write_account(tx, &account)?;
            project_local_user(tx, &account, now)
        })?;
        let me = RecordRef::new(Kind::User, account.user.record());
        self.account = Some(account);
        self.note_changed([me])
    }

    /// Shows the person who works alone among the users again.
    pub(crate) fn project_local_user(&mut self, now: Timestamp) -> Result<(), ReplicaError> {
        let Some(account) = self.account.clone().filter(|account| !account.is_joined()) else { return Ok(()) };
        self.store.write(|tx| {
            if !crate::backup::project_people(tx)? {
                project_local_user(tx, &account, now)?;
            }
            Ok(())
        })
    }

    /// Signs in to a relay; the answer joins its team.
    pub(crate) fn join_team(
        &mut self,
        env: &mut dyn IdSource,
        server: &str,
        email: &str,
        password: &str,
    ) -> Result<(), ReplicaError> {
        let Some(server) = server_address(server) else {
            self.notice(Tone::Bad, "The server's address should look like https://crm.example.org");
            return Ok(());
        };
        if self.account.as_ref().is_some_and(|account| account.is_joined() && account.server != server) {
            self.notice(Tone::Bad, "This device belongs to another team. Sign out there first");
            return Ok(());
        }
        self.joining = Some(server.clone());
        self.request_tokens(env, &server, email, password)
    }

    /// Signs in again with the same account.
    pub(crate) fn sign_in(&mut self, env: &mut dyn IdSource, password: &str) -> Result<(), ReplicaError> {
        let Some(account) = self.account.clone().filter(Account::is_joined) else { return Ok(()) };
        self.joining = Some(account.server.clone());
        self.request_tokens(env, &account.server, &account.email, password)
    }

    fn request_tokens(
        &mut self,
        _env: &mut dyn IdSource,
        server: &str,
        email: &str,
        password: &str,
    ) -> Result<(), ReplicaError> {
        self.sign_in_trouble = None;
        let body = serde_json::json!({
            "email": email.trim(),
            "password": password,
            "device_id": self.device,
            "device_name": self.device_name,
            "carrier": self.carrier(),
        });
        self.outputs.push(Output::Http {
            id: HTTP_SIGN_IN,
            url: format!("{server}/api/v1/auth/login"),
            method: Method::Post,
            body: serde_json::to_vec(&body)?,
            bearer: None,
        });
        Ok(())
    }

    /// Has the browser keep the refresh token in a cookie that no script can read, instead of the database.
    pub const fn keep_refresh_token_in_cookie(&mut self) {
        self.cookie = true;
    }

    const fn carrier(&self) -> &'static str {
        if self.cookie { "cookie" } else { "body" }
    }

    /// Asks for a fresh access token; the connection goes on with the answer.
    pub(crate) fn refresh_token(&mut self, _env: &mut dyn IdSource) -> Result<(), ReplicaError> {
        self.ask_for_tokens(HTTP_REFRESH)
    }

    /// Asks for a fresh access token for something else than the connection, which stays as it is.
    pub(crate) fn renew_token(&mut self) -> Result<(), ReplicaError> {
        self.ask_for_tokens(HTTP_RENEW)
    }

    fn ask_for_tokens(&mut self, id: u64) -> Result<(), ReplicaError> {
        let Some(account) = &self.account else { return Ok(()) };
        let mut body = serde_json::json!({ "carrier": self.carrier() });
        match &account.refresh_token {
            Some(token) => body["refresh_token"] = token.as_str().into(),
            None if account.refresh_in_cookie => {}
            None => {
                self.needs_sign_in();
                return Ok(());
            }
        }
        self.outputs.push(Output::Http {
            id,
            url: format!("{}/api/v1/auth/refresh", account.server),
            method: Method::Post,
            body: serde_json::to_vec(&body)?,
            bearer: None,
        });
        Ok(())
    }

    pub(crate) fn http_answered(
        &mut self,
        env: &mut dyn IdSource,
        id: u64,
        status: Result<u16, String>,
        body: &[u8],
    ) -> Result<(), ReplicaError> {
        match (id, status) {
            (HTTP_SIGN_IN | HTTP_REFRESH, Ok(200 | 201)) => match serde_json::from_slice(body) {
                Ok(tokens) => self.take_tokens(env, tokens),
                Err(_) => {
                    self.trouble_signing_in(id, env, "the server's answer can't be read; is it a TrailTrack relay?");
                    Ok(())
                }
            },
            (HTTP_SIGN_IN, Ok(_)) => {
                self.joining = None;
                let detail = detail_of(body).unwrap_or_else(|| "the server's answer can't be read".into());
                self.sign_in_trouble = Some(Trouble::SignIn(detail.clone()));
                self.notice(Tone::Bad, detail);
                Ok(())
            }
            (HTTP_REFRESH, Ok(401 | 403)) => {
                self.needs_sign_in();
                Ok(())
            }
            (HTTP_REFRESH, Ok(status)) => {
                self.trouble_signing_in(id, env, &format!("the server answered {status}"));
                Ok(())
            }
            (HTTP_SIGN_IN | HTTP_REFRESH, Err(reason)) => {
                self.trouble_signing_in(id, env, &reason);
                Ok(())
            }
            (HTTP_RENEW, Ok(200)) => {
                let tokens = serde_json::from_slice(body);
                let renewed = tokens.is_ok();
                if let Ok(tokens) = tokens {
                    self.take_renewed(env, tokens)?;
                }
                self.token_is_renewed(env, renewed)
            }
            (HTTP_RENEW, status) => {
                if matches!(status, Ok(401 | 403)) {
                    self.needs_sign_in();
                }
                self.token_is_renewed(env, false)
            }
            (id, status) if id >= crate::team::HTTP_TEAM => self.team_answered(id, status, body),
            (HTTP_UPLOAD, status) => self.upload_answered(env, status, body),
            _ => Ok(()),
        }
    }

    /// Keeps fresh tokens of the same person; the connection stays as it is.
    fn take_renewed(&mut self, env: &dyn IdSource, tokens: Tokens) -> Result<(), ReplicaError> {
        let Some(account) = self.account.clone().filter(|account| account.user == tokens.user.id) else {
            return Ok(());
        };
        let account = Account {
            refresh_in_cookie: tokens.refresh_token.is_none(),
            access_token: Some(tokens.access_token),
            access_expires_at: Some(env.now().plus_millis(tokens.expires_in.saturating_mul(1000))),
            refresh_token: tokens.refresh_token,
            ..account
        };
        self.store.write(|tx| write_account(tx, &account))?;
        self.account = Some(account);
        Ok(())
    }

    fn trouble_signing_in(&mut self, id: u64, env: &mut dyn IdSource, reason: &str) {
        if id == HTTP_REFRESH {
            self.retry_later(env, reason.to_owned());
            return;
        }
        self.joining = None;
        self.sign_in_trouble = Some(Trouble::Offline(reason.to_owned()));
        self.notice(Tone::Bad, format!("The server can't be reached: {reason}"));
    }

    fn take_tokens(&mut self, env: &mut dyn IdSource, tokens: Tokens) -> Result<(), ReplicaError> {
        let joining = self.joining.take();
        self.sign_in_trouble = None;
        let before = self.account.clone();
        let server = joining.or_else(|| before.as_ref().map(|account| account.server.clone())).unwrap_or_default();
        let foreign = before.as_ref().is_some_and(|account| account.is_joined() && account.user != tokens.user.id);
        if foreign {
            self.notice(Tone::Bad, "This device holds another person's work. Sign out first");
            return Ok(());
        }
        if crate::backup::from_workspace(&self.store)? == Some(tokens.workspace_id) {
            let text = "These records were restored from a backup of this very team, whose server has them. Join with an \
                        empty profile instead";
            self.notice(Tone::Bad, text);
            return Ok(());
        }
        let account = Account {
            user: tokens.user.id,
            name: tokens.user.name,
            email: tokens.user.email,
            role: tokens.user.role,
            server,
            workspace: Some(tokens.workspace_id),
            access_token: Some(tokens.access_token),
            access_expires_at: Some(env.now().plus_millis(tokens.expires_in.saturating_mul(1000))),
            refresh_in_cookie: tokens.refresh_token.is_none(),
            refresh_token: tokens.refresh_token,
        };
        self.store.write(|tx| {
            write_account(tx, &account)?;
            ensure_settings(tx)
        })?;
        let worked_alone = before.filter(|account| !account.is_joined());
        let owner = worked_alone.map(|before| NewOwner { before: before.user, after: account.user });
        self.account = Some(account);
        if let Some(owner) = owner {
            let others = self.store.write(|tx| {
                tx.unproject(owner.before.record())?;
                crate::backup::forget_people(tx)
            })?;
            self.note_changed(others)?;
            self.become_owner(owner)?;
        }
        self.note_changed([settings_ref()])?;
        self.start_connecting(env, None)
    }

    /// The relay knows us: take over what it says about us.
    pub(crate) fn welcomed(&mut self, workspace: WorkspaceId, user: UserId, role: &str) -> Result<(), ReplicaError> {
        let Some(account) = &mut self.account else { return Ok(()) };
        let role = Role::from_name(role).unwrap_or(Role::Viewer);
        let same = (account.user, account.role, account.workspace) == (user, role, Some(workspace));
        if !same {
            account.role = role;
            account.workspace = Some(workspace);
            let account = account.clone();
            self.store.write(|tx| write_account(tx, &account))?;
        }
        Ok(())
    }

    /// Notes that the person has another role.
    pub(crate) fn take_role(&mut self, role: Role) -> Result<(), ReplicaError> {
        let Some(account) = &mut self.account else { return Ok(()) };
        account.role = role;
        let account = account.clone();
        self.store.write(|tx| write_account(tx, &account))
    }

    /// The directory says what this person is called by now.
    pub(crate) fn take_name(&mut self, name: String) -> Result<(), ReplicaError> {
        let Some(account) = &mut self.account else { return Ok(()) };
        account.name = name;
        let account = account.clone();
        self.store.write(|tx| write_account(tx, &account))
    }

    pub(crate) fn sign_out(&mut self, client: ClientId, even_if_waiting: bool) -> Result<(), ReplicaError> {
        let waiting = self.store.outbox_len()? + self.store.refused_len()?;
        if waiting > 0 && !even_if_waiting {
            let text = format!("{waiting} changes are not on the relay yet. Connect first, or sign out all the same");
            let notice = model::app::Notice { tone: Tone::Bad, text };
            self.tell(client, model::app::Update::Notice(notice));
            return Ok(());
        }
        self.tell_relay_of_sign_out();
        if let Some(account) = self.account.as_ref().map(Account::sign_in_again) {
            self.store.write(|tx| write_account(tx, &account))?;
            self.account = Some(account);
            self.needs_sign_in();
        }
        Ok(())
    }

    /// Ends the session on the relay too. When it can't be reached, the tokens are forgotten all the same, and the
    /// session ends there by itself or from another device.
    fn tell_relay_of_sign_out(&mut self) {
        let Some(account) = self.account.as_ref().filter(|account| account.is_joined()) else { return };
        let Some(token) = &account.access_token else { return };
        let (url, bearer) = (format!("{}/api/v1/auth/logout", account.server), Some(token.clone()));
        self.outputs.push(Output::Http { id: HTTP_SIGN_OUT, url, method: Method::Post, body: b"{}".to_vec(), bearer });
    }

    /// Why signing in failed the last time, until it is tried again.
    pub const fn sign_in_trouble(&self) -> Option<&Trouble> {
        self.sign_in_trouble.as_ref()
    }

    /// Whether the answer to signing in is outstanding.
    pub const fn is_joining(&self) -> bool {
        self.joining.is_some()
    }

    /// Who we are and how we stand with the relay.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn session_view(&self) -> Result<SessionView, ReplicaError> {
        let me = self.account.as_ref().map(|account| Me {
            id: account.user,
            name: account.name.clone(),
            email: account.email.clone(),
            role: account.role,
        });
        let waiting = if self.account.as_ref().is_some_and(Account::is_joined) { self.store.outbox_len()? } else { 0 };
        Ok(SessionView {
            me,
            server: self.account.as_ref().map(|account| account.server.clone()).unwrap_or_default(),
            sync: match self.link.sync_state() {
                SyncState::Synced if waiting > 0 => SyncState::Sending,
                state => state,
            },
            waiting,
            refused: self.store.refused_len()?,
        })
    }
}

const fn settings_ref() -> RecordRef {
    RecordRef::new(Kind::Settings, SETTINGS_ID)
}

/// The settings' first change is the same everywhere, so every device may write it.
pub(crate) fn ensure_settings(tx: &mut Tx<'_>) -> Result<(), ReplicaError> {
    if tx.document(SETTINGS_ID)?.is_some() {
        return Ok(());
    }
    let (document, _) = ledger::Document::settings_genesis();
    tx.put_confirmed(settings_ref(), &document.save(), &document.heads(), &[])?;
    crate::view::project(tx, &document, &[], false)?;
    Ok(())
}

fn project_local_user(tx: &mut Tx<'_>, account: &Account, now: Timestamp) -> Result<(), ReplicaError> {
    let me = local_user(account, now);
    Ok(tx.project(&Projection { record: &me, heads: &[], pending: false, conflicts: &[], problems: &[] })?)
}

/// The directory entry of somebody who works alone; a relay's directory replaces it.
fn local_user(account: &Account, now: Timestamp) -> Record {
    let mut record = Record::new(Kind::User, account.user.record());
    record.fields.insert("name".into(), account.name.as_str().into());
    record.fields.insert("email".into(), account.email.as_str().into());
    record.fields.insert("role".into(), account.role.name().into());
    record.fields.insert("created_at".into(), now.into());
    record
}

/// `https://host[:port]` from what people type; `None` when it isn't an address.
fn server_address(typed: &str) -> Option<String> {
    let typed = typed.trim().trim_end_matches('/');
    let local = typed.starts_with("localhost") || typed.starts_with("127.0.0.1");
    let address = match typed.split_once("://") {
        Some(("http" | "https", rest)) if !rest.is_empty() => typed.to_owned(),
        Some(_) => return None,
        None if local => format!("http://{typed}"),
        None => format!("https://{typed}"),
    };
    let sound = !address.contains(char::is_whitespace) && !address.ends_with("://");
    sound.then_some(address)
}

pub(crate) fn detail_of(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<ApiError>(body).ok().map(|error| error.detail)
}
