//! `verify`, `backup` and `restore`.

use std::path::Path;
use std::sync::Arc;

use model::WorkspaceId;
use serde_json::json;
use tokio::runtime::Runtime;

use super::data_lock::{LockedData, existing};
use super::{Outcome, open, say};
use crate::attachments::backup::{CopyReport, copy_in, copy_out, files_named_in, folder_of};
use crate::attachments::service::FilesReport;
use crate::attachments::vault::Vault;
use crate::attachments::{AttachmentLimits, AttachmentOptions, Attachments, Place};
use crate::audit::{Action, AuditLog, Event};
use crate::config::{DataDir, FilesOption};
use crate::domain::VerifyReport;
use crate::identity::Machine;
use crate::identity::env::{Surroundings as _, random_bytes};
use crate::store::{self, BackupError, LogStore as _, RestoreError, SqliteStore};

/// Checks everything and prints what was found.
pub(super) fn verify(dir: &Path, files: &FilesOption) -> Outcome {
    existing(dir)?;
    let data = LockedData::open(dir)?;
    let (report, files) = match open::log_to_verify(&data.dir) {
        Ok(mut relay) => (relay.verify()?, files_of(&data.dir, files.place(&data.dir), relay.workspace())),
        Err(error) => {
            // What can't even be opened is a finding too.
            let problem = crate::http::describe(&error).to_string();
            say(json!({ "ok": false, "problem_count": 1, "problems": [problem] }));
            return Ok(false);
        }
    };
    say(in_json(&report, &files));
    Ok(report.is_sound() && files.problems.is_empty())
}

/// What became of checking the files; what can't even be checked is a finding too.
fn files_of(data: &DataDir, place: Place, workspace: WorkspaceId) -> FilesReport {
    verify_files(data, place, workspace).unwrap_or_else(|error| FilesReport {
        problems: vec![crate::http::describe(error.as_ref()).to_string()],
        ..FilesReport::default()
    })
}

/// Checks the files of attachments, when there are any.
fn verify_files(
    data: &DataDir,
    place: Place,
    workspace: WorkspaceId,
) -> Result<FilesReport, Box<dyn std::error::Error>> {
    if files_named_in(&data.database())?.is_empty() {
        return Ok(FilesReport::default());
    }
    let attachments = Attachments::open(AttachmentOptions {
        database: data.database(),
        place,
        workspace,
        limits: AttachmentLimits::default(),
        clamd: None,
        env: Arc::new(Machine),
    })?;
    Ok(Runtime::new()?.block_on(attachments.verify())?)
}

fn in_json(report: &VerifyReport, files: &FilesReport) -> serde_json::Value {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    problems.extend_from_slice(&files.problems);
    json!({
        "ok": report.is_sound() && files.problems.is_empty(),
        "files": files.files,
        "entries": report.entries,
        "documents": report.documents,
        "audit": { "entries": report.audit_entries, "head": hex(&report.audit_head) },
        "head": { "seq": report.head.seq, "epoch": hex(&report.head.epoch.0), "digest": hex(&report.head.digest.0) },
        "problem_count": report.problem_count + u64::try_from(files.problems.len()).unwrap_or(u64::MAX),
        "problems": problems,
    })
}

/// Copies the database and the files that it names; a running relay goes on meanwhile. The database appears last, so
/// that there is a backup only when all of it is there.
pub(super) fn backup(dir: &Path, files: &FilesOption, file: &Path) -> Outcome {
    let dir = existing(dir)?;
    let folder = folder_of(file);
    if let Some(taken) = [file, &folder].into_iter().find(|path| path.exists()) {
        return Err(BackupError::Exists(taken.to_owned()).into());
    }
    note(&dir, Action::BackedUp)?;
    let database = file.with_added_extension("part");
    match std::fs::remove_file(&database) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => SqliteStore::open_existing(&dir.database())?.back_up(&database)?,
    }
    let named = files_named_in(&database)?;
    let report = if named.is_empty() {
        CopyReport::default()
    } else {
        Runtime::new()?.block_on(copy_out(&Vault::beside(&files.place(&dir))?, &named, &folder))?
    };
    store::make_durable(&database, file)?;
    say(json!({ "backup": file, "files": report.files, "file_bytes": report.bytes, "problems": report.problems }));
    Ok(report.problems.is_empty())
}

/// Puts a backup into a directory without data, the database last. The log gets a new epoch, so that clients bring
/// back what is newer.
pub(super) fn restore(dir: &Path, files: &FilesOption, file: &Path) -> Outcome {
    let data = LockedData::open(dir)?;
    let database = data.dir.database();
    if database.exists() {
        return Err(RestoreError::Exists(database).into());
    }
    let named = files_named_in(file)?;
    let report = if named.is_empty() {
        CopyReport::default()
    } else {
        Runtime::new()?.block_on(copy_in(&folder_of(file), &named, &Vault::open(&files.place(&data.dir))?))?
    };
    store::restore(file, &database, sync::Epoch(random_bytes(&Machine)))?;
    note(&data.dir, Action::Restored)?;
    say(json!({
        "restored": data.dir.path(), "files": report.files, "file_bytes": report.bytes, "problems": report.problems,
    }));
    Ok(report.problems.is_empty())
}

/// Writes down what was done on the command line.
fn note(dir: &DataDir, action: Action) -> Result<(), Box<dyn std::error::Error>> {
    let Some(workspace) = SqliteStore::open_existing(&dir.database())?.workspace()? else { return Ok(()) };
    let log = AuditLog::open(&dir.database(), workspace.id)?;
    Ok(log.note_blocking(&Event::new(action, Machine.now()))?)
}
