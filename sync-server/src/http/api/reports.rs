//! `GET /reports/{name}`: the figures that every client shows, from the same query.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use model::paper::Letterhead;
use model::report::{Name, ParseQuestionError, Question};
use model::{Settings, UserId};

use super::asker::{Asker, rest};
use super::failure::{field, invalid_parameters};
use super::query::Pairs;
use crate::http::app::App;
use crate::http::error::ApiError;

/// The parameter that chooses between JSON, CSV and PDF.
pub(super) const FORMAT: &str = "format";

/// Shows a report.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(name): Path<String>,
    query: Result<Query<Pairs>, QueryRejection>,
) -> Result<Response, ApiError> {
    let name: Name = name.parse().map_err(no_such_report)?;
    let (question, format) = wanted(name, &query?.0, asker.user)?;
    let me = asker.user;
    let (report, settings) = rest(&app)?
        .projection
        .read(move |view| Ok((view.store.report(&question, &view.context(me))?, view.settings.clone())))
        .await?;
    Ok(match format {
        Format::Json => Json(report.to_json()).into_response(),
        Format::Csv => {
            ([(CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], report.sheet().csv(false)).into_response()
        }
        Format::Pdf => {
            let Settings { name, currency, region, .. } = &settings;
            let head = Letterhead { workspace: name, currency, region, today: report.today };
            ([(CONTENT_TYPE, "application/pdf")], report.sheet().pdf(&head)).into_response()
        }
    })
}

/// How a report is sent.
#[derive(Clone, Copy)]
enum Format {
    Json,
    Csv,
    Pdf,
}

fn wanted(name: Name, pairs: &Pairs, me: UserId) -> Result<(Question, Format), ApiError> {
    let me = me.record().to_string();
    let mut format = Format::Json;
    let mut parameters = Vec::new();
    for (key, value) in pairs {
        match (key.as_str(), value.as_str()) {
            (FORMAT, "json") => format = Format::Json,
            (FORMAT, "csv") => format = Format::Csv,
            (FORMAT, "pdf") => format = Format::Pdf,
            (FORMAT, _) => return Err(invalid_parameters(vec![field(FORMAT, "invalid", "must be json, csv or pdf")])),
            ("owner_id", "me") => parameters.push(("owner_id", me.as_str())),
            pair => parameters.push(pair),
        }
    }
    let question = Question::from_pairs(name, parameters).map_err(|error| {
        let code = if matches!(error, ParseQuestionError::Parameter(_)) { "unknown_parameter" } else { "invalid" };
        invalid_parameters(vec![field(error.parameter(), code, &error)])
    })?;
    Ok((question, format))
}

fn no_such_report(error: ParseQuestionError) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_such_report", error)
}
