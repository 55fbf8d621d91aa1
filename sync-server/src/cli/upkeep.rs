//! `verify`, `backup` and `restore`.

use std::path::Path;

use serde_json::json;

use super::data_lock::{LockedData, existing};
use super::{Outcome, open, say};
use crate::domain::VerifyReport;
use crate::identity::Machine;
use crate::identity::env::random_bytes;
use crate::store::{self, LogStore as _, SqliteStore};

/// Checks everything and prints what was found.
pub(super) fn verify(dir: &Path) -> Outcome {
    existing(dir)?;
    let data = LockedData::open(dir)?;
    let report = match open::log_to_verify(&data.dir) {
        Ok(mut relay) => relay.verify()?,
        Err(error) => {
            // What can't even be opened is a finding too.
            let problem = crate::http::describe(&error).to_string();
            say(json!({ "ok": false, "problem_count": 1, "problems": [problem] }));
            return Ok(false);
        }
    };
    say(in_json(&report));
    Ok(report.is_sound())
}

fn in_json(report: &VerifyReport) -> serde_json::Value {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    json!({
        "ok": report.is_sound(),
        "entries": report.entries,
        "documents": report.documents,
        "head": { "seq": report.head.seq, "epoch": hex(&report.head.epoch.0), "digest": hex(&report.head.digest.0) },
        "problem_count": report.problem_count,
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
