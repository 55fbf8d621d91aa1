//! Which records attachments are about, and who may add files to them.

use model::schema::LINKED_TYPES;
use model::{Kind, Record, RecordId, RecordRef};

use crate::attachments::Attachments;
use crate::domain::Seen;
use crate::http::app::App;
use crate::http::error::ApiError;
use crate::identity::Person;

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
pub(super) async fn may_change(app: &App, attachment: &Seen, person: &Person) -> Result<(), ApiError> {
    attachment.may_edit(person.id, person.role).map_err(ApiError::denied)?;
    match linked(&attachment.record) {
        Some(linked) => may_attach_to(app, linked, person).await,
        None => Ok(()),
    }
}

/// Holds the person to the rights on the record that a file is to hang on.
pub(super) async fn may_attach_to(app: &App, linked: RecordRef, person: &Person) -> Result<(), ApiError> {
    let seen = look(app, linked).await?;
    seen.may_edit(person.id, person.role).map_err(ApiError::denied)
}
