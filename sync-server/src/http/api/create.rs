//! `POST /{resource}`

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::RecordRef;
use serde_json::Value;

use super::asker::{Asker, rest};
use super::fields::parse;
use super::resource::Resource;
use super::write::{act, prepare};
use crate::access::{Repeated, RequestName};
use crate::domain::{Act, Deed};
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;

/// The header that names a request.
pub(super) const KEY: &str = "idempotency-key";
/// Longest key, in bytes.
pub(super) const KEY_MAX_BYTES: usize = 200;

/// Creates a record. With an `Idempotency-Key`, the same request sent again brings the same answer.
pub(super) async fn create(
    resource: &'static Resource,
    (State(app), asker): (State<Arc<App>>, Asker),
    headers: HeaderMap,
    Body(body): Body<Value>,
) -> Result<Response, ApiError> {
    asker.may_write()?;
    let access = &rest(&app)?.access;
    let Some(key) = key_of(&headers)? else {
        let (etag, json) = create_as(resource, &app, (&asker, access.fresh_name()), body).await?;
        return Ok(created(resource, etag, json));
    };
    let content = format!("POST {}\n{body}", resource.kind.plural());
    let name = match access.begin_request(asker.user, key.clone(), content.as_bytes()).await? {
        Repeated::Do(name) => name,
        Repeated::Answered(etag, json) => return Ok(created(resource, etag, json)),
        Repeated::Differs => {
            let detail = "the key was used for another request";
            return Err(ApiError::new(StatusCode::CONFLICT, "idempotency_key_reused", detail));
        }
    };
    match create_as(resource, &app, (&asker, name), body).await {
        Ok((etag, json)) => {
            access.end_request(asker.user, key, (etag.clone(), json.clone())).await?;
            Ok(created(resource, etag, json))
        }
        Err(error) => {
            if error.is_final() {
                access.drop_request(asker.user, key).await?;
            }
            Err(error)
        }
    }
}

async fn create_as(
    resource: &Resource,
    app: &Arc<App>,
    (asker, name): (&Asker, RequestName),
    body: Value,
) -> Result<(String, String), ApiError> {
    let record = RecordRef::new(resource.kind, name.record);
    let (patch, below) = prepare(app, record, parse(resource.kind, body)?).await?;
    let deed = Deed::Create { patch, below };
    let shown = act(resource, app, asker, Act { command: name.command, record, deed, versions: None }).await?;
    Ok((shown.etag, shown.json.to_string()))
}

fn created(resource: &Resource, etag: String, json: String) -> Response {
    let id = serde_json::from_str::<Value>(&json).ok().and_then(|json| Some(json["id"].as_str()?.to_owned()));
    let location = format!("/api/v1/{}/{}", resource.kind.plural(), id.unwrap_or_default());
    let headers = [(ETAG, etag), (LOCATION, location), (CONTENT_TYPE, "application/json".to_owned())];
    (StatusCode::CREATED, headers, json).into_response()
}

fn is_key(key: &str) -> bool {
    (1..=KEY_MAX_BYTES).contains(&key.len()) && key.bytes().all(|letter| letter.is_ascii_graphic())
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| is_key(key));
    let detail = "Idempotency-Key takes 1 to 200 letters, digits and signs";
    let invalid = || ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_parameter", detail);
    key.map(|key| Some(key.to_owned())).ok_or_else(invalid)
}
