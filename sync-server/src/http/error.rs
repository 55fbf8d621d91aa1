//! Every answer that is no success: a status, a code for programs and a sentence for people.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::attachments::errors::{
    AttachmentFailure, BeginUploadError, FinishUploadError, PutPartError, ReadFileError, TakeFileError,
};
use crate::domain::WriteError;
use crate::hub::{HubStopped, HubWriteError};
use crate::identity::errors::{
    AuthenticateError, ChangePasswordError, ChangePersonError, CreatePersonError, IdentityFailure, OfferLinkError,
    RefreshError, SetUpError, SignInError, UseLinkError,
};
use crate::identity::throttle::TooManyTries;
use crate::store::StoreError;

/// Seconds after which a busy relay may be asked again.
const BUSY_SECS: i64 = 2;

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    fields: Vec<FieldError>,
    retry_after_secs: Option<i64>,
}

/// What is wrong with one field or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct FieldError {
    pub(super) field: String,
    pub(super) detail: String,
    pub(super) code: &'static str,
}

impl ApiError {
    /// An error with its own words.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl ToString) -> Self {
        Self { status, code, detail: detail.to_string(), fields: Vec::new(), retry_after_secs: None }
    }

    /// The same with what is wrong with each field.
    pub(super) fn with_fields(self, fields: Vec<FieldError>) -> Self {
        Self { fields, ..self }
    }

    pub(super) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_route", "there is nothing under this address")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address is used with another method")
    }

    pub(super) fn sign_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign_in", "sign in first")
    }

    pub(super) fn admins_only() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", "only an administrator can do this")
    }

    pub(super) fn foreign_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", "pages of this origin may not connect")
    }

    /// The person's rights don't allow it; the reason in words.
    pub(super) fn denied(why: model::policy::Denied) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", why)
    }

    /// A browser's request that carries our cookie, but not the signs of our own page.
    pub(super) fn foreign_page() -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign_page", "this request does not come from the relay's own page")
    }

    /// Somebody asks for what is not there again and again.
    pub(super) fn too_many_misses(wait: std::time::Duration) -> Self {
        let detail = "you ask for what is not there too often; wait a moment";
        let secs = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
        Self { retry_after_secs: Some(secs), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_misses", detail) }
    }

    /// Somebody asks too often.
    pub(super) fn too_many_requests(wait: std::time::Duration) -> Self {
        let secs = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
        let detail = format!("you ask too often; wait {secs} s");
        Self { retry_after_secs: Some(secs), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail) }
    }

    /// What is not there, and what the caller may not know of: the same answer.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing")
    }

    pub(super) fn busy() -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "the relay is busy; try again in a moment");
        Self { retry_after_secs: Some(BUSY_SECS), ..error }
    }

    /// Whether the same request would be refused again: it was judged, rather than not come to.
    pub(super) fn is_final(&self) -> bool {
        self.status.is_client_error()
    }

    /// The relay's fault: logged here, once, and not explained outside.
    pub(super) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(error = %describe(cause), "a request failed");
        let detail = "the relay failed; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

/// Shows an error with everything behind it.
pub(crate) fn describe(error: &dyn std::error::Error) -> impl std::fmt::Display {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        // A transparent error repeats its source.
        if !words.ends_with(&more) {
            words = format!("{words}: {more}");
        }
        source = error.source();
    }
    words
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "detail": self.detail, "code": self.code });
        if !self.fields.is_empty() {
            body["fields"] = json!(self.fields);
        }
        let body = Json(body);
        let mut response = (self.status, body).into_response();
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "not_json",
            _ => "invalid_body",
        };
        Self::new(rejection.status(), code, rejection.body_text())
    }
}

impl From<TooManyTries> for ApiError {
    fn from(error: TooManyTries) -> Self {
        let answer = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", error);
        Self { retry_after_secs: Some(error.after_secs()), ..answer }
    }
}

impl From<IdentityFailure> for ApiError {
    fn from(error: IdentityFailure) -> Self {
        Self::internal(&error)
    }
}

impl From<HubStopped> for ApiError {
    fn from(_: HubStopped) -> Self {
        Self::busy()
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::SignIn => Self::sign_in(),
            AuthenticateError::Failed(error) => error.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", error),
            SignInError::TooMany(error) => error.into(),
            SignInError::Busy => too_busy(&error),
            SignInError::DeviceTaken => Self::new(StatusCode::CONFLICT, "device_taken", error),
            SignInError::Failed(error) => error.into(),
        }
    }
}

impl From<CreatePersonError> for ApiError {
    fn from(error: CreatePersonError) -> Self {
        match error {
            CreatePersonError::Invalid(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", error),
            CreatePersonError::Weak(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", error),
            CreatePersonError::EmailTaken => Self::new(StatusCode::CONFLICT, "email_taken", error),
            CreatePersonError::Busy => too_busy(&error),
            CreatePersonError::Failed(error) => error.into(),
        }
    }
}

impl From<SetUpError> for ApiError {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::AlreadyDone => Self::new(StatusCode::CONFLICT, "already_set_up", error),
            SetUpError::BadToken => Self::new(StatusCode::NOT_FOUND, "setup_link_invalid", error),
            SetUpError::TooMany(error) => error.into(),
            SetUpError::Person(error) => error.into(),
            SetUpError::SignIn(error) => error.into(),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Ended => Self::new(StatusCode::UNAUTHORIZED, "session_ended", error),
            RefreshError::Failed(error) => error.into(),
        }
    }
}

impl From<ChangePersonError> for ApiError {
    fn from(error: ChangePersonError) -> Self {
        match error {
            ChangePersonError::Invalid(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", error),
            ChangePersonError::NoSuchPerson => Self::not_found(),
            ChangePersonError::LastAdmin => Self::new(StatusCode::CONFLICT, "last_admin", error),
            ChangePersonError::Failed(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            // The session is good; 401 would make clients drop it.
            ChangePasswordError::Current(SignInError::Wrong) => {
                Self::new(StatusCode::FORBIDDEN, "wrong_password", "the current password is wrong")
            }
            ChangePasswordError::Current(error) => error.into(),
            ChangePasswordError::New(error) => error.into(),
        }
    }
}

impl From<OfferLinkError> for ApiError {
    fn from(error: OfferLinkError) -> Self {
        match error {
            OfferLinkError::NoSuchPerson => Self::not_found(),
            OfferLinkError::Failed(error) => error.into(),
        }
    }
}

impl From<UseLinkError> for ApiError {
    fn from(error: UseLinkError) -> Self {
        match error {
            UseLinkError::Invalid => Self::new(StatusCode::NOT_FOUND, "link_invalid", error),
            UseLinkError::TooMany(error) => error.into(),
            UseLinkError::Password(error) => error.into(),
            UseLinkError::SignIn(error) => error.into(),
            UseLinkError::Failed(error) => error.into(),
        }
    }
}

impl From<AttachmentFailure> for ApiError {
    fn from(error: AttachmentFailure) -> Self {
        Self::internal(&error)
    }
}

impl From<BeginUploadError> for ApiError {
    fn from(error: BeginUploadError) -> Self {
        match error {
            BeginUploadError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", error),
            BeginUploadError::Empty => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "empty_file", error),
            BeginUploadError::QuotaReached => Self::new(StatusCode::CONFLICT, "quota_reached", error),
            BeginUploadError::TooManyUploads => Self::new(StatusCode::CONFLICT, "too_many_uploads", error),
            BeginUploadError::Failed(error) => error.into(),
        }
    }
}

impl From<PutPartError> for ApiError {
    fn from(error: PutPartError) -> Self {
        match error {
            PutPartError::NoSuchUpload | PutPartError::NoSuchPart => Self::not_found(),
            PutPartError::WrongSize { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_size", error),
            PutPartError::Failed(error) => error.into(),
        }
    }
}

impl From<FinishUploadError> for ApiError {
    fn from(error: FinishUploadError) -> Self {
        match error {
            FinishUploadError::NoSuchUpload => Self::not_found(),
            FinishUploadError::Incomplete(_) => Self::new(StatusCode::CONFLICT, "parts_missing", error),
            FinishUploadError::WrongChecksum => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_checksum", error),
            FinishUploadError::Failed(error) => error.into(),
        }
    }
}

impl From<TakeFileError> for ApiError {
    fn from(error: TakeFileError) -> Self {
        match error {
            TakeFileError::Begin(error) => error.into(),
            TakeFileError::Cut => Self::new(StatusCode::BAD_REQUEST, "cut", error),
            TakeFileError::Failed(error) => error.into(),
        }
    }
}

impl From<ReadFileError> for ApiError {
    fn from(error: ReadFileError) -> Self {
        match error {
            ReadFileError::NotHere => Self::not_found(),
            ReadFileError::Blocked => Self::new(StatusCode::FORBIDDEN, "blocked_by_scan", error),
            ReadFileError::Pending => Self::new(StatusCode::CONFLICT, "scan_pending", error),
            ReadFileError::Failed(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<HubWriteError> for ApiError {
    fn from(error: HubWriteError) -> Self {
        match error {
            HubWriteError::Stopped(error) => error.into(),
            HubWriteError::Write(WriteError::Field(problem)) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", problem)
            }
            HubWriteError::Write(error) => Self::internal(&error),
        }
    }
}

fn too_busy(error: &dyn std::error::Error) -> ApiError {
    let answer = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", error);
    ApiError { retry_after_secs: Some(BUSY_SECS), ..answer }
}
