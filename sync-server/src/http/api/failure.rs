//! From what went wrong inside to what a program is told.

use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use model::schema::FieldProblem;
use sync::wire::nack;

use super::resource::Resource;
use crate::access::AccessFailure;
use crate::audit::AuditFailure;
use crate::domain::ActError;
use crate::http::error::{ApiError, FieldError};
use crate::hub::HubActError;
use crate::projection::ReadError;
use crate::webhooks::WebhookFailure;

/// There is no such record, or it lies in the trash.
pub(super) fn no_such_record(resource: &Resource) -> ApiError {
    let detail = format!("there is no such {}", resource.kind);
    ApiError::new(StatusCode::NOT_FOUND, "no_such_record", detail)
}

/// Fields of the body are not valid.
pub(super) fn invalid_fields(fields: Vec<FieldError>) -> ApiError {
    let detail = fields.first().map_or_else(String::new, |first| format!("{}: {}", first.field, first.detail));
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail).with_fields(fields)
}

/// Parameters of the address are not valid.
pub(super) fn invalid_parameters(fields: Vec<FieldError>) -> ApiError {
    let detail = fields.first().map_or_else(String::new, |first| format!("{}: {}", first.field, first.detail));
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_parameter", detail).with_fields(fields)
}

/// Fields name what does not exist in this workspace.
pub(super) fn unknown_reference(fields: Vec<FieldError>) -> ApiError {
    let detail = fields.first().map_or_else(String::new, |first| format!("{}: {}", first.field, first.detail));
    ApiError::new(StatusCode::CONFLICT, "unknown_reference", detail).with_fields(fields)
}

/// A problem of one field.
pub(super) fn field(name: impl Into<String>, code: &'static str, detail: impl ToString) -> FieldError {
    FieldError { field: name.into(), detail: detail.to_string(), code }
}

fn field_error(problem: FieldProblem, code: &'static str) -> FieldError {
    // A lead's place is made from its stage.
    let name = if problem.key == "place" { "stage".to_owned() } else { problem.key };
    field(name, code, problem.problem)
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Busy | ReadError::Stopped => Self::busy(),
            ReadError::Store(error) => Self::internal(&error),
        }
    }
}

impl From<WebhookFailure> for ApiError {
    fn from(error: WebhookFailure) -> Self {
        Self::internal(&error)
    }
}

impl From<AccessFailure> for ApiError {
    fn from(error: AccessFailure) -> Self {
        Self::internal(&error)
    }
}

impl From<AuditFailure> for ApiError {
    fn from(error: AuditFailure) -> Self {
        Self::internal(&error)
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_parameter", rejection.body_text())
    }
}

/// Why an act on a resource was not done.
pub(super) fn refused(resource: &Resource, error: HubActError) -> ApiError {
    let error = match error {
        HubActError::Stopped(error) => return error.into(),
        HubActError::Act(error) => error,
    };
    let coded = |problems: Vec<FieldProblem>, code| problems.into_iter().map(|one| field_error(one, code)).collect();
    match error {
        ActError::NotAllowed(reason) => ApiError::new(StatusCode::FORBIDDEN, "not_allowed", reason),
        ActError::SignIn => ApiError::sign_in(),
        ActError::Invalid(problems) => invalid_fields(coded(problems, "invalid")),
        ActError::Unknown(problems) => unknown_reference(coded(problems, "unknown_reference")),
        ActError::NotHere => no_such_record(resource),
        ActError::OtherVersion => ApiError::new(StatusCode::PRECONDITION_FAILED, "version_mismatch", error),
        ActError::NameTaken => ApiError::new(StatusCode::CONFLICT, "name_taken", error),
        ActError::Refused(code, detail) => refused_by_gate(code, &detail),
        ActError::StorageFull => ApiError::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", error),
        ActError::Edit(_) | ActError::Store(_) | ActError::Relay(_) => ApiError::internal(&error),
    }
}

fn refused_by_gate(code: &'static str, detail: &str) -> ApiError {
    let status = if code == nack::TOO_LARGE { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
    ApiError::new(status, code, detail)
}
