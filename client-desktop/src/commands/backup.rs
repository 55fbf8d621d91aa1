//! Backups: everything into a ZIP, and an empty profile from one.

use std::path::Path;

use model::IdSource as _;
use model::app::FileSource;
use replica::{FileOutcome, FileWork};
use serde_json::{Value as Json, json};

use super::CommandError;
use crate::env::SystemEnv;
use crate::profile::Profile;

/// Number of the only job under way.
const JOB: u64 = 1;

/// Writes a backup and says what is in it, and which files are not.
pub(super) fn write(profile: &Profile, file: &Path) -> Result<Json, CommandError> {
    let prepared = Box::new(profile.replica.prepare_backup(SystemEnv.now())?);
    let work = FileWork::Pack { prepared, to: Some(named(file)?) };
    let FileOutcome::Packed(packed) = profile.files.carry_out(JOB, work)? else {
        return Err(CommandError::Refused("the backup was not written".into()));
    };
    let missing: Vec<&str> = packed.manifest.missing_files().map(|file| file.sha256.as_str()).collect();
    Ok(json!({
        "file": file,
        "records": packed.manifest.record_count(),
        "files": packed.manifest.files.len() - missing.len(),
        "missing_files": missing,
        "refused_changes_left_out": packed.manifest.refused,
        "size_bytes": packed.size_bytes,
    }))
}

/// Checks a backup and makes everything that it holds.
pub(super) fn restore(profile: &mut Profile, file: &Path) -> Result<Json, CommandError> {
    profile.replica.may_restore()?;
    let work = FileWork::Unpack { source: FileSource::Path(named(file)?) };
    let FileOutcome::Unpacked(unpacked) = profile.files.carry_out(JOB, work)? else {
        return Err(CommandError::Refused("the backup was not read".into()));
    };
    let restored = match profile.replica.restore(&mut SystemEnv, &unpacked) {
        Ok(restored) => restored,
        Err(error) => {
            for file in unpacked.manifest.files.iter().filter(|file| !file.missing) {
                profile.files.carry_out(JOB, FileWork::Drop { checksum: file.sha256.clone() })?;
            }
            return Err(error.into());
        }
    };
    Ok(json!({
        "records": restored.records,
        "steps_of_histories": restored.steps,
        "files": unpacked.manifest.files.iter().filter(|file| !file.missing).count(),
        "missing_files": unpacked.manifest.missing_files().map(|file| file.sha256.as_str()).collect::<Vec<_>>(),
    }))
}

fn named(file: &Path) -> Result<String, CommandError> {
    let name = file.to_str().ok_or_else(|| CommandError::Usage("the file's name is no text".into()))?;
    Ok(name.to_owned())
}
