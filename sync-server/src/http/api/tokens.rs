//! `/tokens`: personal tokens for scripts. They open records, never this: only a session does.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::asker::rest;
use super::failure::{field, invalid_fields};
use crate::access::{NewToken, TOKENS_MAX, Token, TokenId, TokenOutcome};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::{Body, Caller};

/// Longest name of a token, in characters.
pub(super) const NAME_MAX_CHARS: usize = 100;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    Read,
    Write,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateToken {
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

/// Makes a token; the answer is the only place where it is ever shown.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Caller(session): Caller,
    Body(new): Body<CreateToken>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let access = &rest(&app)?.access;
    let name: String = new.name.trim().chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MAX_CHARS {
        let detail = format!("takes 1 to {NAME_MAX_CHARS} characters");
        return Err(invalid_fields(vec![field("name", "invalid", detail)]));
    }
    if new.scopes.is_empty() || new.scopes.len() > 2 {
        return Err(invalid_fields(vec![field("scopes", "invalid", "name read, write, or both")]));
    }
    if new.expires_at.is_some_and(|at| at <= access.now()) {
        return Err(ApiError::new(StatusCode::CONFLICT, "already_over", "expires_at has passed already"));
    }
    let writes = new.scopes.contains(&Scope::Write);
    let user = session.person.id;
    match access.make_token(NewToken { user, name, writes, expires_at: new.expires_at }).await? {
        TokenOutcome::Made(token, secret) => {
            tracing::info!(user.id = %user, token.id = %token.id.0, "personal token made");
            let mut json = token_json(&token);
            json["token"] = secret.reveal().into();
            Ok((StatusCode::CREATED, Json(json)))
        }
        TokenOutcome::TooMany => {
            let detail = format!("a person has at most {TOKENS_MAX} tokens; revoke one");
            Err(ApiError::new(StatusCode::CONFLICT, "too_many_tokens", detail))
        }
    }
}

/// Lists the caller's tokens.
pub(super) async fn list(State(app): State<Arc<App>>, Caller(session): Caller) -> Result<Json<Value>, ApiError> {
    let tokens = rest(&app)?.access.tokens_of(session.person.id).await?;
    Ok(Json(json!({ "items": tokens.iter().map(token_json).collect::<Vec<_>>() })))
}

/// Ends one of the caller's tokens.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Caller(session): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let no_such = || ApiError::new(StatusCode::NOT_FOUND, "no_such_token", "you have no such token");
    let id = TokenId(id.parse().map_err(|_| no_such())?);
    let user = session.person.id;
    if !rest(&app)?.access.revoke_token(user, id).await? {
        return Err(no_such());
    }
    tracing::info!(user.id = %user, token.id = %id.0, "personal token revoked");
    Ok(StatusCode::NO_CONTENT)
}

fn token_json(token: &Token) -> Value {
    let scopes: &[Scope] = if token.writes { &[Scope::Read, Scope::Write] } else { &[Scope::Read] };
    json!({
        "id": token.id,
        "name": token.name,
        "scopes": scopes,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    })
}
