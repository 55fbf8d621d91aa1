//! The headless commands: verbs on the same replica that the window uses.

mod backup;
mod files;

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use model::RecordRef;
use model::app::{Notice, Request, Session, Update};
use model::import::ImportOptions;
use replica::{ConnectionState, HeadlessError, Input, Verb};
use serde_json::{Value as Json, json};

use crate::engine::Engine;
use crate::env::SystemEnv;
use crate::output::{self, Ending};
use crate::profile::{OpenProfileError, Profile};
use crate::{Command, map_of};

/// Longest wait for an exchange with the relay to make progress.
const STALLED: Duration = Duration::from_secs(60);

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Profile(#[from] OpenProfileError),
    #[error(transparent)]
    Headless(#[from] HeadlessError),
    #[error(transparent)]
    Replica(#[from] replica::ReplicaError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    File(#[from] crate::files::FileError),
    #[error("{0}")]
    Usage(String),
    #[error("the relay can't be reached: {0}")]
    Offline(String),
    #[error("{0}")]
    Refused(String),
}

impl CommandError {
    const fn ending(&self) -> Ending {
        match self {
            Self::Headless(HeadlessError::Usage(_)) | Self::Usage(_) => Ending::Usage,
            Self::Offline(_) => Ending::Offline,
            Self::Refused(_) => Ending::Refused,
            _ => Ending::Failed,
        }
    }

    const fn is_damage(&self) -> bool {
        match self {
            Self::Replica(error) | Self::Headless(HeadlessError::Failed(error)) => error.is_damage(),
            _ => false,
        }
    }
}

/// Runs a command on the profile in `folder`, prints its result and returns its exit code.
pub(crate) fn run(folder: &Path, command: &Command, json: bool) -> ExitCode {
    let result = match carry_out(folder, command, json) {
        Ok(result) => result,
        Err(error) => {
            output::complain(&error);
            if error.is_damage() {
                output::complain(&"save what is only here and begin a new database with `trailtrack mend`");
            }
            return error.ending().into();
        }
    };
    if let Err(error) = output::print(&result, json) {
        return output::complain(&error);
    }
    let problems = result["problems"].as_array().is_some_and(|problems| !problems.is_empty());
    let refused = result["refused"].as_u64().unwrap_or(0) > 0;
    match command {
        Command::Verify if problems => Ending::Failed.into(),
        Command::Sync { .. } if refused => Ending::Refused.into(),
        _ => ExitCode::SUCCESS,
    }
}

fn carry_out(folder: &Path, command: &Command, json: bool) -> Result<Json, CommandError> {
    let mut profile = match command {
        Command::Mend => Profile::mend(folder)?,
        _ => Profile::open(folder)?,
    };
    if let Some(mended) = profile.mended {
        output::complain(&mended);
    }
    let mut verb = |verb: Verb| Ok(profile.replica.run(&mut SystemEnv, &verb)?);
    match command {
        Command::Init { name } => verb(Verb::Init { name: name.clone() }),
        Command::List { kind, filter, q } => verb(Verb::List { kind: *kind, filter: map_of(filter), q: q.clone() }),
        Command::Report { name, period, as_of, filter, csv } => {
            let given = [("period", period), ("as_of", as_of)];
            let given = given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)));
            let filter = map_of(filter).into_iter().chain(given).collect();
            verb(Verb::Report { name: name.clone(), filter, csv: *csv || !json })
        }
        Command::Show { kind, id } => verb(Verb::Show { kind: *kind, id: *id }),
        Command::Add { kind, fields } => verb(Verb::Add { kind: *kind, fields: map_of(fields) }),
        Command::Set { kind, id, fields } => verb(Verb::Set { kind: *kind, id: *id, fields: map_of(fields) }),
        Command::Delete { kind, id } => verb(Verb::Delete { kind: *kind, id: *id }),
        Command::Undo => verb(Verb::Undo),
        Command::Refused => verb(Verb::Refused),
        Command::Retry { command } => verb(Verb::Retry { command: *command }),
        Command::Discard { command } => verb(Verb::Discard { command: *command }),
        Command::Suggest { command, note } => verb(Verb::Suggest { command: *command, note: note.clone() }),
        Command::Suggestions => verb(Verb::Suggestions),
        Command::Accept { id } => verb(Verb::Accept { id: *id }),
        Command::Decline { id } => verb(Verb::Decline { id: *id }),
        Command::Verify => verb(Verb::Verify),
        Command::Mend => Ok(serde_json::to_value(profile.mended).unwrap_or(Json::Null)),
        Command::Export { file, backup: true, .. } => backup::write(&profile, file),
        Command::Restore { file } => backup::restore(&mut profile, file),
        Command::Export { file, automerge, .. } => {
            let export = verb(Verb::Export)?;
            std::fs::write(file, format!("{export:#}\n"))?;
            let documents = match automerge {
                Some(folder) => export_documents(&profile, folder)?,
                None => 0,
            };
            Ok(json!({ "file": file, "automerge_documents": documents }))
        }
        Command::Attach { kind, id, file } => files::attach(Engine::new(profile)?, RecordRef::new(*kind, *id), file),
        Command::Files { kind, id } => {
            let linked = kind.zip(*id).map(|(kind, id)| RecordRef::new(kind, id));
            files::list(&mut profile, linked)
        }
        Command::Fetch { id, file } => files::fetch(Engine::new(profile)?, *id, file.as_deref()),
        Command::Join { server, email } => join(Engine::new(profile)?, server, email),
        Command::Sync { .. } => sync_once(Engine::new(profile)?),
        Command::Import { file, preset, map, dry_run } => {
            let options = import_options(preset.clone(), map)?;
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = std::fs::read(file)?;
            let report = profile.replica.import_file(&mut SystemEnv, &name, bytes, options, *dry_run)?;
            Ok(report)
        }
    }
}

fn import_options(preset: Option<String>, map: &[(String, String)]) -> Result<ImportOptions, CommandError> {
    let mapping = replica::column_targets(preset.as_deref(), map).map_err(CommandError::Usage)?;
    Ok(ImportOptions { preset, mapping, ..ImportOptions::default() })
}

fn export_documents(profile: &Profile, folder: &Path) -> Result<u64, CommandError> {
    std::fs::create_dir_all(folder)?;
    let mut count = 0;
    for (record, saved) in profile.replica.saved_documents()? {
        std::fs::write(folder.join(format!("{}-{}.automerge", record.kind, record.id)), saved)?;
        count += 1;
    }
    Ok(count)
}

fn join(mut engine: Engine, server: &str, email: &str) -> Result<Json, CommandError> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let request = Request::JoinTeam { server: server.to_owned(), email: email.to_owned(), password };
    let mut said = Vec::new();
    engine.handle(Input::FromUi { client: 0, request }, &mut |_, update| note(&mut said, update));
    let session = exchange(&mut engine, &mut said)?;
    Ok(serde_json::to_value(session).unwrap_or(Json::Null))
}

fn sync_once(mut engine: Engine) -> Result<Json, CommandError> {
    #[expect(clippy::disallowed_methods, reason = "measures how long the exchange took")]
    let start = Instant::now();
    let mut said = Vec::new();
    engine.handle(Input::FromUi { client: 0, request: Request::SyncNow }, &mut |_, update| note(&mut said, update));
    let session = exchange(&mut engine, &mut said)?;
    engine.profile.replica.finish_upkeep()?;
    let report = engine.profile.replica.sync_report();
    Ok(json!({
        "sent_changes": report.sent_changes,
        "received_changes": report.received_changes,
        "bytes_sent": report.bytes_sent,
        "bytes_received": report.bytes_received,
        "messages": report.messages,
        "file_bytes_sent": report.file_bytes_sent,
        "file_bytes_received": report.file_bytes_received,
        "millis": u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        "pending": session.waiting,
        "refused": session.refused,
    }))
}

fn note(said: &mut Vec<Notice>, update: Update) {
    if let Update::Notice(notice) = update {
        said.push(notice);
    }
}

/// Turns the engine until both sides hold the same, or it is clear that they won't.
fn exchange(engine: &mut Engine, said: &mut Vec<Notice>) -> Result<Session, CommandError> {
    let mut progress = engine.profile.replica.sync_report();
    let mut quiet = Duration::ZERO;
    loop {
        if let Some(trouble) = engine.profile.replica.sign_in_trouble() {
            return Err(match trouble {
                model::app::Trouble::Offline(reason) => CommandError::Offline(reason.clone()),
                trouble => CommandError::Refused(trouble.to_string()),
            });
        }
        if engine.profile.replica.needs_mending() {
            return Err(replica::ReplicaError::NeedsMending.into());
        }
        match engine.profile.replica.connection()? {
            // How the session before stood says nothing while somebody signs in.
            _ if engine.profile.replica.is_joining() => {}
            ConnectionState::Idle => return Ok(engine.profile.replica.session_view()?),
            ConnectionState::Offline(reason) => return Err(CommandError::Offline(reason)),
            ConnectionState::NeedsSignIn => {
                return Err(CommandError::Refused("sign in again: `trailtrack join`".into()));
            }
            ConnectionState::NeedsUpgrade => {
                return Err(CommandError::Refused("this version is too old for the relay".into()));
            }
            ConnectionState::Off => {
                return Err(CommandError::Usage("this profile has not joined a team: `trailtrack join`".into()));
            }
            ConnectionState::Busy => {}
        }
        #[expect(clippy::disallowed_methods, reason = "notices an exchange that has stalled")]
        let before = Instant::now();
        engine.turn(STALLED, &mut |_, update| note(said, update));
        let now = engine.profile.replica.sync_report();
        quiet = if now == progress { quiet + before.elapsed() } else { Duration::ZERO };
        progress = now;
        if quiet > STALLED {
            return Err(CommandError::Offline("the relay has stopped answering".into()));
        }
    }
}
