//! What the relay decides about people, devices and passwords: asked over HTTP with a fresh token, answered once.

mod webhooks;

use std::collections::BTreeMap;

use model::app::{CalendarFeed, DeviceRow, RequestId, TeamAnswer, TeamRequest, TokenRow, Trouble, Update};
use model::{DeviceId, Timestamp, UserId};
use serde::Deserialize;
use serde_json::json;

use crate::account::detail_of;
use crate::message::{ClientId, Method, Output};
use crate::replica::{Replica, ReplicaError};

/// Numbers of these HTTP requests start here.
pub(crate) const HTTP_TEAM: u64 = 1_000;
/// Most requests that wait for an answer.
const WAITING_MAX: usize = 32;

/// Requests that have not been answered.
#[derive(Debug, Default)]
pub(crate) struct Team {
    last: u64,
    waiting: BTreeMap<u64, Asked>,
}

#[derive(Debug)]
struct Asked {
    client: ClientId,
    id: RequestId,
    request: TeamRequest,
    sent: bool,
}

#[derive(Deserialize)]
struct Link {
    link: String,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Devices {
    devices: Vec<Device>,
}

#[derive(Deserialize)]
struct Device {
    id: DeviceId,
    user_id: UserId,
    name: String,
    last_seen_at: Timestamp,
    revoked_at: Option<Timestamp>,
    current: bool,
}

#[derive(Deserialize)]
struct Tokens {
    items: Vec<Token>,
}

#[derive(Deserialize)]
struct Token {
    id: String,
    name: String,
    scopes: Vec<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// Relays of the time before it was noted don't tell it.
    #[serde(default)]
    last_used_at: Option<Timestamp>,
}

/// A token that was made.
#[derive(Deserialize)]
struct Made {
    token: String,
}

#[derive(Deserialize)]
struct Feed {
    created_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

/// Where a calendar is, below the relay's address.
#[derive(Deserialize)]
struct Place {
    path: String,
}

fn token_row(of: Token) -> TokenRow {
    TokenRow {
        writes: of.scopes.iter().any(|scope| scope == "write"),
        id: of.id,
        name: of.name,
        created_at: of.created_at,
        expires_at: of.expires_at,
        last_used_at: of.last_used_at,
    }
}

impl Replica {
    /// Asks the relay, as soon as there is a fresh token.
    pub(crate) fn ask_team(
        &mut self,
        now: Timestamp,
        client: ClientId,
        (id, request): (RequestId, TeamRequest),
    ) -> Result<(), ReplicaError> {
        let joined = self.account.as_ref().is_some_and(crate::account::Account::is_joined);
        if let (false, TeamRequest::Rename { name }) = (joined, &request) {
            let done = self.rename_alone(now, name).map(|()| TeamAnswer::Done).map_err(Trouble::from);
            self.tell(client, Update::Team(id, done));
            return Ok(());
        }
        let trouble = match joined {
            false => Some(Trouble::Offline("this device works alone".into())),
            true if self.team.waiting.len() >= WAITING_MAX => Some(Trouble::Offline("too much is waiting".into())),
            true => None,
        };
        if let Some(trouble) = trouble {
            self.tell(client, Update::Team(id, Err(trouble)));
            return Ok(());
        }
        self.team.last += 1;
        let asked = Asked { client, id, request, sent: false };
        self.team.waiting.insert(HTTP_TEAM + self.team.last, asked);
        if self.account.as_ref().is_some_and(|account| account.has_fresh_token(now)) {
            return self.send_team_requests(now, true);
        }
        self.renew_token()
    }

    /// A fresh token has come, or has not.
    pub(crate) fn send_team_requests(&mut self, now: Timestamp, renewed: bool) -> Result<(), ReplicaError> {
        let account = self.account.as_ref().filter(|account| renewed && account.has_fresh_token(now));
        let token = account.and_then(|account| Some((account.server.clone(), account.access_token.clone()?)));
        let unsent: Vec<u64> = self.team.waiting.iter().filter(|(_, of)| !of.sent).map(|(id, _)| *id).collect();
        for id in unsent {
            let Some((server, bearer)) = &token else {
                let reason = "sign in again, or try when you are connected".to_owned();
                self.answer_team(id, Err(Trouble::Offline(reason)));
                continue;
            };
            let Some(asked) = self.team.waiting.get_mut(&id) else { continue };
            asked.sent = true;
            let (method, path, body) = wire(&asked.request);
            let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body)? };
            let url = format!("{server}/api/v1/{path}");
            self.outputs.push(Output::Http { id, url, method, body, bearer: Some(bearer.clone()) });
        }
        Ok(())
    }

    pub(crate) fn team_answered(
        &mut self,
        id: u64,
        status: Result<u16, String>,
        body: &[u8],
    ) -> Result<(), ReplicaError> {
        let Some(asked) = self.team.waiting.get(&id) else { return Ok(()) };
        let answer = match status {
            Ok(200..=299) => {
                let server = self.account.as_ref().map_or("", |account| &account.server);
                read(&asked.request, server, body)
            }
            Ok(status) => {
                let detail = detail_of(body).unwrap_or_else(|| format!("the relay answered {status}"));
                Err(Trouble::NotAllowed(detail))
            }
            Err(reason) => Err(Trouble::Offline(reason)),
        };
        self.answer_team(id, answer);
        Ok(())
    }

    fn answer_team(&mut self, id: u64, answer: Result<TeamAnswer, Trouble>) {
        if let Some(Asked { client, id, .. }) = self.team.waiting.remove(&id) {
            self.tell(client, Update::Team(id, answer));
        }
    }
}

/// The HTTP request of a request: method, path behind the API's prefix, JSON body or null.
fn wire(request: &TeamRequest) -> (Method, String, serde_json::Value) {
    let null = serde_json::Value::Null;
    match request {
        TeamRequest::Invite { name, email, role } => {
            (Method::Post, "auth/invite".into(), json!({ "name": name, "email": email, "role": role }))
        }
        TeamRequest::ResetLink(user) => (Method::Post, format!("users/{user}/reset-link"), json!({})),
        TeamRequest::SetRole(user, role) => (Method::Patch, format!("users/{user}"), json!({ "role": role })),
        TeamRequest::SetDisabled(user, disabled) => {
            (Method::Patch, format!("users/{user}"), json!({ "disabled": disabled }))
        }
        TeamRequest::ChangePassword { current, new } => {
            let body = json!({ "current_password": current, "new_password": new });
            (Method::Post, "auth/password".into(), body)
        }
        TeamRequest::Devices { everybody } => (Method::Get, format!("devices?everybody={everybody}"), null),
        TeamRequest::RevokeDevice(device) => (Method::Delete, format!("devices/{device}"), null),
        TeamRequest::Tokens => (Method::Get, "tokens".into(), null),
        TeamRequest::MakeToken { name, writes, expires_at } => {
            let scopes: &[&str] = if *writes { &["read", "write"] } else { &["read"] };
            let body = json!({ "name": name, "scopes": scopes, "expires_at": expires_at });
            (Method::Post, "tokens".into(), body)
        }
        TeamRequest::RevokeToken(id) => (Method::Delete, format!("tokens/{}", webhooks::plain(id)), null),
        TeamRequest::Calendar => (Method::Get, "calendar-feed".into(), null),
        TeamRequest::MakeCalendar => (Method::Post, "calendar-feed".into(), json!({})),
        TeamRequest::EndCalendar => (Method::Delete, "calendar-feed".into(), null),
        TeamRequest::Rename { name } => (Method::Patch, "me".into(), json!({ "name": name })),
        TeamRequest::Webhook(request) => webhooks::wire(request),
    }
}

fn read(request: &TeamRequest, server: &str, body: &[u8]) -> Result<TeamAnswer, Trouble> {
    let unreadable = |_| Trouble::Offline("the relay's answer can't be read".into());
    match request {
        TeamRequest::Invite { .. } | TeamRequest::ResetLink(_) => {
            let Link { link, expires_at } = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(TeamAnswer::Link { link, expires_at })
        }
        TeamRequest::Devices { .. } => {
            let Devices { devices } = serde_json::from_slice(body).map_err(unreadable)?;
            let row = |of: Device| DeviceRow {
                id: of.id,
                user_id: of.user_id,
                name: of.name,
                last_seen_at: of.last_seen_at,
                revoked_at: of.revoked_at,
                current: of.current,
            };
            Ok(TeamAnswer::Devices(devices.into_iter().map(row).collect()))
        }
        TeamRequest::Tokens => {
            let Tokens { items } = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(TeamAnswer::Tokens(items.into_iter().map(token_row).collect()))
        }
        TeamRequest::MakeToken { .. } => {
            let Made { token } = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(TeamAnswer::Secret(token))
        }
        TeamRequest::Calendar => {
            let Feed { created_at, last_used_at } = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(TeamAnswer::Calendar(CalendarFeed { created_at, last_used_at }))
        }
        TeamRequest::MakeCalendar => {
            let Place { path } = serde_json::from_slice(body).map_err(unreadable)?;
            Ok(TeamAnswer::Secret(format!("{server}{path}")))
        }
        TeamRequest::Webhook(request) => webhooks::read(request, body).map_err(unreadable),
        _ => Ok(TeamAnswer::Done),
    }
}
