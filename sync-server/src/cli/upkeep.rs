//! `verify`, `backup` and `restore`.

use std::path::Path;
use std::sync::Arc;

use model::WorkspaceId;
use serde_json::json;
use tokio::runtime::Runtime;

use super::data_lock::{LockedData, existing};
use super::{Outcome, open, say};
use crate::attachments::service::FilesReport;
use crate::attachments::{AttachmentLimits, AttachmentOptions, Attachments};
use crate::config::DataDir;
use crate::domain::VerifyReport;
use crate::identity::Machine;
use crate::identity::env::random_bytes;
use crate::store::{self, LogStore as _, SqliteStore};

/// Checks everything and prints what was found.
pub(super) fn verify(dir: &Path) -> Outcome {
    existing(dir)?;
    let data = LockedData::open(dir)?;
    let (report, files) = match open::log_to_verify(&data.dir) {
        Ok(mut relay) => (relay.verify()?, files_of(&data.dir, relay.workspace())),
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
fn files_of(data: &DataDir, workspace: WorkspaceId) -> FilesReport {
    verify_files(data, workspace).unwrap_or_else(|error| FilesReport {
        problems: vec![crate::http::describe(error.as_ref()).to_string()],
        ..FilesReport::default()
    })
}

/// Checks the files of attachments, when there are any.
fn verify_files(data: &DataDir, workspace: WorkspaceId) -> Result<FilesReport, Box<dyn std::error::Error>> {
    if !data.attachments().is_dir() {
        return Ok(FilesReport::default());
    }
    let attachments = Attachments::open(AttachmentOptions {
        database: data.database(),
        folder: data.attachments(),
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
        "head": { "seq": report.head.seq, "epoch": hex(&report.head.epoch.0), "digest": hex(&report.head.digest.0) },
        "problem_count": report.problem_count + u64::try_from(files.problems.len()).unwrap_or(u64::MAX),
        "problems": problems,
    })
}

/// Copies the database; a running relay goes on meanwhile.
pub(super) fn backup(dir: &Path, file: &Path) -> Outcome {
    let dir = existing(dir)?;
    SqliteStore::open_existing(&dir.database())?.back_up(file)?;
    say(json!({ "backup": file }));
    Ok(true)
}

/// Puts a backup into a directory without data. The log gets a new epoch, so that clients bring back what is newer.
pub(super) fn restore(dir: &Path, file: &Path) -> Outcome {
    let data = LockedData::open(dir)?;
    store::restore(file, &data.dir.database(), sync::Epoch(random_bytes(&Machine)))?;
    say(json!({ "restored": data.dir.path() }));
    Ok(true)
}
