//! `GET /{resource}`

use std::sync::Arc;

use ::store::StoreError;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::UserId;
use model::query::{Condition, Op};
use serde_json::{Value, json};

use super::asker::{Asker, rest};
use super::query::{Pairs, Part, Wanted, cursor_after, wanted};
use super::resource::Resource;
use super::view::row_json;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::http::rates::Asked;
use crate::projection::View;

/// Lists a page, or the next stretch of a walk.
pub(super) async fn list(
    resource: &'static Resource,
    State(app): State<Arc<App>>,
    asker: Asker,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let wanted = wanted(resource, &query?.0)?;
    if !wanted.list.text.is_empty() {
        asker.charge(&app, Asked::Search)?;
    }
    let page = rest(&app)?.projection.read(move |view| read(view, wanted, asker.user)).await?;
    Ok(Json(page))
}

fn read(view: &View<'_>, wanted: Wanted, me: UserId) -> Result<Value, StoreError> {
    let Wanted { mut list, part, page_size } = wanted;
    let context = view.context(me);
    list.limit = page_size;
    let found = match part {
        Part::Page(page) => {
            list.offset = (page - 1) * page_size;
            view.store.list(&list, &context)?
        }
        Part::After(None) => view.store.list(&list, &context)?,
        Part::After(Some(last)) => {
            let total = view.store.list(&model::query::ListQuery { limit: 0, ..list.clone() }, &context)?.total;
            list.filter.push(Condition { field: "id".into(), op: Op::Over, values: vec![last.into()] });
            model::query::List { total, ..view.store.list(&list, &context)? }
        }
    };
    let full = u32::try_from(found.rows.len()).is_ok_and(|count| count == page_size);
    let next = found.rows.last().filter(|_| full && matches!(part, Part::After(_)));
    let page = if let Part::Page(page) = part { Some(page) } else { None };
    Ok(json!({
        "items": found.rows.iter().map(row_json).collect::<Vec<_>>(),
        "total": found.total,
        "page": page,
        "page_size": page_size,
        "next_cursor": next.map(|row| cursor_after(row.record.id)),
    }))
}
