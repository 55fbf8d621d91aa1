//! Scanning and tidying, from the relay's housekeeping.

use std::sync::Arc;

use model::{Kind, RecordId, RecordRef};

use crate::attachments::Attachments;
use crate::attachments::errors::AttachmentFailure;
use crate::attachments::service::TRASH_LIFE_MILLIS;
use crate::http::app::App;
use crate::http::error::describe;

/// Attachments whose records are looked at in one go.
const LOOKS: u32 = 200;

/// Scans what waits, without anybody waiting for it.
pub(super) fn scan_soon(app: &Arc<App>) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let Some(files) = app.options.attachments.as_deref() else { return };
        complain("files could not be scanned", files.scan_waiting().await);
    });
}

/// Does what is due; `after` is where the last round ended.
pub(in crate::http) async fn look_after(app: &App, after: Option<RecordId>) -> Option<RecordId> {
    let files = app.options.attachments.as_deref()?;
    complain("files could not be scanned", files.scan_waiting().await);
    let next = match detach_the_gone(app, files, after).await {
        Ok(next) => next,
        Err(error) => {
            tracing::error!(error = %describe(&error), "attachments could not be looked after");
            None
        }
    };
    complain("unused files could not be removed", files.remove_unused().await);
    next
}

/// Attachments that have lain in the trash for long enough hold their files no more.
async fn detach_the_gone(
    app: &App,
    files: &Attachments,
    after: Option<RecordId>,
) -> Result<Option<RecordId>, AttachmentFailure> {
    let now = app.identity.now();
    let attachments = files.attached_after(after, LOOKS).await?;
    for id in &attachments {
        let seen = app.hub.look(RecordRef::new(Kind::Attachment, *id)).await;
        // A record that can't be read keeps its file.
        let Ok(Ok(Some(seen))) = seen else { continue };
        let gone = seen.record.time("deleted_at").is_some_and(|at| now.millis_since(at) > TRASH_LIFE_MILLIS);
        if gone {
            files.detach(*id).await?;
        }
    }
    Ok(attachments.last().copied())
}

fn complain(what: &str, done: Result<(), AttachmentFailure>) {
    if let Err(error) = done {
        tracing::error!(error = %describe(&error), "{what}");
    }
}
