//! `GET /users` and `GET /users/{id}`: the directory that every client has too.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use model::query::{ListQuery, Sort};
use model::{Kind, RecordId};
use serde_json::{Value, json};

use super::asker::{Asker, rest};
use super::query::{Pairs, paging};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Lists people by name.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asker: Asker,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let paging = paging(&query?.0)?;
    let sort = vec![Sort { field: "name".into(), descending: false }];
    let offset = (paging.page - 1) * paging.page_size;
    let list = ListQuery { sort, offset, limit: paging.page_size, ..ListQuery::of(Kind::User) };
    let me = asker.user;
    let found = rest(&app)?.projection.read(move |view| view.store.list(&list, &view.context(me))).await?;
    Ok(Json(json!({
        "items": found.rows.iter().map(|row| row.record.to_json()).collect::<Vec<_>>(),
        "total": found.total,
        "page": paging.page,
        "page_size": paging.page_size,
    })))
}

/// Shows somebody.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    _asker: Asker,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let nobody = || ApiError::new(StatusCode::NOT_FOUND, "no_such_record", "there is no such user");
    let id: RecordId = id.parse().map_err(|_| nobody())?;
    let found = rest(&app)?.projection.read(move |view| view.store.record(id)).await?;
    let user = found.filter(|record| record.kind == Kind::User).ok_or_else(nobody)?;
    Ok(Json(user.to_json().into()))
}
