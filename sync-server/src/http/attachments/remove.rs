//! `DELETE /attachments/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::access::{self, Writer};
use crate::domain::Write;
use crate::http::app::App;
use crate::http::error::ApiError;

/// Moves an attachment to the trash, as on every client; its bytes stay as long as it can be restored.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    who: Writer,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let seen = access::attachment(&app, access::record_id(&id)?).await?;
    access::may_change(&app, &seen, who).await?;
    let changes = [("deleted_at".to_owned(), Some(app.identity.now().into()))];
    app.hub
        .write_as(who.authorship(), vec![Write { record: seen.record.reference(), changes: changes.into() }])
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
