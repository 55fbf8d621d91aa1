//! Which records attachments are about, and who may add files to them.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::schema::LINKED_TYPES;
use model::{DeviceId, Kind, Record, RecordId, RecordRef, Role, UserId};

use crate::attachments::Attachments;
use crate::domain::Seen;
use crate::http::api::asker::Asker;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::store::Authorship;

/// Whoever may look at files: somebody with a session, or a script with a personal token.
pub(super) struct Reader;

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Asker::from_request_parts(parts, app).await.map(|_| Self)
    }
}

/// Whoever may add and remove files, as far as their role goes: a session, or a token that may write.
#[derive(Clone, Copy)]
pub(super) struct Writer {
    pub(super) user: UserId,
    role: Role,
    device: DeviceId,
}

impl Writer {
    /// Whose change it is.
    pub(super) const fn authorship(self) -> Authorship {
        Authorship { user: self.user, device: self.device }
    }
}

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let asker = Asker::from_request_parts(parts, app).await?;
        asker.may_write()?;
        let device = asker.device.unwrap_or(DeviceId::from_bytes([0; 16]));
        Ok(Self { user: asker.user, role: asker.role, device })
    }
}

/// The files of this relay.
pub(super) fn files(app: &App) -> Result<&Attachments, ApiError> {
    app.options.attachments.as_deref().ok_or_else(ApiError::no_such_route)
}

/// What is no id names nothing.
pub(super) fn record_id(text: &str) -> Result<RecordId, ApiError> {
    text.parse().map_err(|_| ApiError::not_found())
}

/// A record that is there and not in the trash.
pub(super) async fn look(app: &App, record: RecordRef) -> Result<Seen, ApiError> {
    let seen = app.hub.look(record).await??;
    seen.filter(|seen| !seen.record.is_deleted()).ok_or_else(ApiError::not_found)
}

/// An attachment that is there and not in the trash.
pub(super) async fn attachment(app: &App, id: RecordId) -> Result<Seen, ApiError> {
    look(app, RecordRef::new(Kind::Attachment, id)).await
}

/// What a record's `linked_type` and `linked_id` name.
pub(super) fn linked(record: &Record) -> Option<RecordRef> {
    Some(RecordRef::new(linked_kind(record.text("linked_type"))?, record.link("linked_id")?))
}

/// The kind of this name, if files may hang on it.
pub(super) fn linked_kind(name: &str) -> Option<Kind> {
    LINKED_TYPES.contains(&name).then(|| name.parse().ok()).flatten()
}

/// Holds the person to the rights on the attachment and on the record it hangs on.
pub(super) async fn may_change(app: &App, attachment: &Seen, who: Writer) -> Result<(), ApiError> {
    attachment.may_edit(who.user, who.role).map_err(ApiError::denied)?;
    match linked(&attachment.record) {
        Some(linked) => may_attach_to(app, linked, who).await,
        None => Ok(()),
    }
}

/// Holds the person to the rights on the record that a file is to hang on.
pub(super) async fn may_attach_to(app: &App, linked: RecordRef, who: Writer) -> Result<(), ApiError> {
    let seen = look(app, linked).await?;
    seen.may_edit(who.user, who.role).map_err(ApiError::denied)
}
