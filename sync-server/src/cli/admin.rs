//! `admin`: people, from the command line, while the relay is stopped.
//!
//! Changes go through the same identity and the same core as the relay's own, so that the directory in the log says
//! the same as the tables.

use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

use model::{Role, Timestamp, UserId};
use serde::Serialize;
use tokio::runtime::Runtime;

use super::data_lock::{LockedData, existing};
use super::open::{self, Running};
use super::{Outcome, say};
use crate::config::AdminTask;
use crate::identity::password::PASSWORD_MAX_CHARS;
use crate::identity::service::NewPerson;
use crate::identity::store::IdentityStore;
use crate::identity::{Person, Secret};
use crate::store::{LogStore as _, SqliteStore};

/// A password that is not there.
#[derive(Debug, thiserror::Error)]
#[error("give the password as the first line of standard input")]
struct NoPassword;

/// A person as the command line shows them.
#[derive(Serialize)]
struct PersonView {
    id: UserId,
    email: String,
    name: String,
    role: Role,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
}

/// Does what is to be done.
pub(super) fn run(task: AdminTask) -> Outcome {
    match task {
        AdminTask::List { data } => list(&data.dir),
        AdminTask::Create { data, email, name, role, id } => {
            let new = NewPerson { name, email, role: role.into(), password: read_password()? };
            change(&data.dir, async |relay| match id {
                Some(id) => Ok(relay.identity.register_again(new, id).await?),
                None => Ok(relay.identity.register(new, None).await?),
            })
        }
        AdminTask::SetRole { data, email, role } => {
            change(&data.dir, async |relay| Ok(relay.identity.set_role(&email, role.into()).await?))
        }
        AdminTask::Reset { data, email } => {
            let password = read_password()?;
            change(&data.dir, async |relay| Ok(relay.identity.reset_password(&email, &password).await?))
        }
    }
}

/// Makes a change to a person, writes the directory, and shows the person.
fn change(dir: &Path, work: impl AsyncFnOnce(&Running) -> Result<Person, Box<dyn std::error::Error>>) -> Outcome {
    let data = LockedData::open(dir)?;
    let running = open::start(&data.dir)?;
    let changed = Runtime::new()?.block_on(async {
        let person = work(&running).await?;
        running.directory().publish().await?;
        Ok::<_, Box<dyn std::error::Error>>(person)
    });
    running.stop()?;
    show(changed?)?;
    Ok(true)
}

/// Only reads, so it needs no lock.
fn list(dir: &Path) -> Outcome {
    let dir = existing(dir)?;
    let workspace = SqliteStore::open_existing(&dir.database())?.workspace()?;
    let Some(workspace) = workspace else { return Ok(true) };
    for person in IdentityStore::open(&dir.database(), workspace.id)?.people()? {
        show(person)?;
    }
    Ok(true)
}

fn show(person: Person) -> serde_json::Result<()> {
    let Person { id, email, name, role, created_at, disabled_at } = person;
    say(serde_json::to_string(&PersonView { id, email, name, role, created_at, disabled_at })?);
    Ok(())
}

fn read_password() -> Result<Secret, Box<dyn std::error::Error>> {
    let most = u64::try_from(PASSWORD_MAX_CHARS * 4 + 2)?;
    let mut line = String::new();
    io::stdin().lock().take(most).read_line(&mut line)?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(NoPassword.into()),
        password => Ok(Secret::new(password)),
    }
}
