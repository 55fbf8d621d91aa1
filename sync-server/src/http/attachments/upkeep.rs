//! Scanning and tidying, from the relay's housekeeping.

use std::sync::Arc;

use model::{DeviceId, Kind, RecordId, RecordRef};

use crate::attachments::errors::AttachmentFailure;
use crate::attachments::service::TRASH_LIFE_MILLIS;
use crate::attachments::{AttachedFile, Attachments};
use crate::domain::Write;
use crate::http::app::App;
use crate::http::error::describe;
use crate::store::Authorship;

/// Attachments whose records are looked at in one go.
const LOOKS: u32 = 200;

/// Scans what waits, without anybody waiting for it.
pub(super) fn scan_soon(app: &Arc<App>) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let Some(files) = app.options.attachments.as_deref() else { return };
        scan(&app, files).await;
    });
}

/// Does what is due; `after` is where the last round ended.
pub(in crate::http) async fn look_after(app: &App, after: Option<RecordId>) -> Option<RecordId> {
    let files = app.options.attachments.as_deref()?;
    scan(app, files).await;
    let next = match look_at_some(app, files, after).await {
        Ok(next) => next,
        Err(error) => {
            tracing::error!(error = %describe(&error), "attachments could not be looked after");
            None
        }
    };
    complain("unused files could not be removed", files.remove_unused().await);
    next
}

async fn scan(app: &App, files: &Attachments) {
    match files.scan_waiting().await {
        Ok(scanned) => {
            for file in scanned {
                complain("a file could not be looked after", look_at(app, files, &file).await);
            }
        }
        Err(error) => tracing::error!(error = %describe(&error), "files could not be scanned"),
    }
}

async fn look_at_some(
    app: &App,
    files: &Attachments,
    after: Option<RecordId>,
) -> Result<Option<RecordId>, AttachmentFailure> {
    let held = files.attached_after(after, LOOKS).await?;
    for file in &held {
        look_at(app, files, file).await?;
    }
    Ok(held.last().map(|file| file.attachment))
}

/// An attachment that has lain in the trash for long enough holds its file no more; the record of any other says what
/// the scanner has said.
async fn look_at(app: &App, files: &Attachments, file: &AttachedFile) -> Result<(), AttachmentFailure> {
    let reference = RecordRef::new(Kind::Attachment, file.attachment);
    // A record that can't be read keeps its file.
    let Ok(Ok(Some(seen))) = app.hub.look(reference).await else { return Ok(()) };
    let now = app.identity.now();
    if seen.record.time("deleted_at").is_some_and(|at| now.millis_since(at) > TRASH_LIFE_MILLIS) {
        return files.detach(file.attachment).await;
    }
    if seen.record.text("scan") != file.scan.name() {
        let changes = [("scan".to_owned(), Some(file.scan.name().into()))];
        let by = Authorship { user: file.user, device: DeviceId::from_bytes([0; 16]) };
        // What can't be written now is written in a later round.
        if let Err(error) = app.hub.write_as(by, vec![Write { record: reference, changes: changes.into() }]).await {
            tracing::error!(error = %describe(&error), "what the scanner said could not be written down");
        }
    }
    Ok(())
}

fn complain(what: &str, done: Result<(), AttachmentFailure>) {
    if let Err(error) = done {
        tracing::error!(error = %describe(&error), "{what}");
    }
}
