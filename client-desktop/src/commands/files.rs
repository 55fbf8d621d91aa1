//! `attach`, `files` and `fetch`.

use std::path::Path;

use model::app::{Done, FileSource, Request, RequestId, Trouble, Update};
use model::query::{Answer, FileRow, Query, Transfer};
use model::{IdSource as _, Kind, RecordId, RecordRef};
use replica::Input;
use serde_json::{Value as Json, json};

use super::{CommandError, STALLED, exchange};
use crate::engine::Engine;
use crate::env::SystemEnv;
use crate::profile::Profile;

/// The one request that is answered.
const REQUEST: RequestId = 1;

/// Attaches a file; it is kept on this device when this returns.
pub(super) fn attach(mut engine: Engine, linked: RecordRef, file: &Path) -> Result<Json, CommandError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = std::path::absolute(file)?;
    let Some(path) = path.to_str() else { return Err(CommandError::Usage("the file's name is not UTF-8".into())) };
    let source = FileSource::Path(path.to_owned());
    let request = Request::AttachFile { id: REQUEST, linked, name, mime_type: String::new(), source };
    let done = ask(&mut engine, request)?;
    Ok(json!({ "records": done.records.iter().map(|record| record.id.to_string()).collect::<Vec<_>>() }))
}

/// Lists files and where they are.
pub(super) fn list(profile: &mut Profile, linked: Option<RecordRef>) -> Result<Json, CommandError> {
    let answer = profile.replica.answer(&Query::Files(linked), SystemEnv.now())?;
    let Answer::Files(rows) = answer else { return Ok(Json::Array(Vec::new())) };
    Ok(rows.iter().map(row_json).collect())
}

fn row_json(row: &FileRow) -> Json {
    let mut json = Json::Object(row.record.to_json());
    json["on_device"] = row.here.into();
    json["on_relay"] = row.on_relay.into();
    json["keep_offline"] = row.keep_offline.into();
    json["transfer"] = match row.under_way {
        Some(Transfer::WaitsToUpload) => "waits".into(),
        Some(Transfer::Uploading(percent)) => format!("uploading {percent} %").into(),
        Some(Transfer::Downloading) => "downloading".into(),
        None => Json::Null,
    };
    json["trouble"] = row.trouble.clone().into();
    json
}

/// Brings a file to this device, and copies it out when that is asked for.
pub(super) fn fetch(mut engine: Engine, id: RecordId, to: Option<&Path>) -> Result<Json, CommandError> {
    let (attachment, request) =
        (RecordRef::new(Kind::Attachment, id), Request::FetchFile { id: REQUEST, attachment: id });
    if !is_here(&mut engine, attachment)? {
        let mut said = Vec::new();
        engine.handle(Input::FromUi { client: 0, request: Request::SyncNow }, &mut |_, _| {});
        exchange(&mut engine, &mut said)?;
        ask(&mut engine, request)?;
    }
    let Some(record) = engine.profile.replica.record(attachment)? else { return Err(not_here()) };
    let kept = engine.profile.files.path(record.text("checksum"));
    if let Some(to) = to {
        std::fs::copy(&kept, to)?;
    }
    Ok(json!({ "id": id.to_string(), "checksum": record.text("checksum"), "file": to.unwrap_or(&kept) }))
}

fn is_here(engine: &mut Engine, attachment: RecordRef) -> Result<bool, CommandError> {
    let record = engine.profile.replica.record(attachment)?;
    Ok(record.is_some_and(|record| engine.profile.files.path(record.text("checksum")).is_file()))
}

fn not_here() -> CommandError {
    CommandError::Refused(Trouble::NotHere.to_string())
}

/// Asks for something and turns the engine until it is answered.
fn ask(engine: &mut Engine, request: Request) -> Result<Done, CommandError> {
    let mut answer = None;
    engine.handle(Input::FromUi { client: 0, request }, &mut |_, update| note(&mut answer, update));
    while answer.is_none() && engine.turn(STALLED, &mut |_, update| note(&mut answer, update)) {}
    match answer {
        Some(Ok(done)) => Ok(done),
        Some(Err(Trouble::Offline(reason))) => Err(CommandError::Offline(reason)),
        Some(Err(trouble @ (Trouble::BadFile(_) | Trouble::Storage(_)))) => {
            Err(CommandError::Usage(trouble.to_string()))
        }
        Some(Err(trouble)) => Err(CommandError::Refused(trouble.to_string())),
        None => Err(CommandError::Offline("no answer".into())),
    }
}

fn note(answer: &mut Option<Result<Done, Trouble>>, update: Update) {
    if let Update::Done(REQUEST, done) = update {
        *answer = Some(done);
    }
}
