//! The people and devices that a restored backup names. A device that works alone has no documents of them, so they are
//! remembered beside the records, and shown, until it joins a team whose relay has a directory of its own.

use model::{Record, RecordRef, WorkspaceId};
use serde::{Deserialize, Serialize};
use store::{Projection, Reader, Tx};

use crate::replica::ReplicaError;

const RESTORED: &str = "restored";

/// What is remembered of a restored backup.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    people: Vec<Record>,
    workspace: Option<WorkspaceId>,
}

fn remembered(store: &Reader) -> Result<Option<Remembered>, ReplicaError> {
    Ok(store.meta(RESTORED)?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// The team whose relay knows what was restored here.
pub(crate) fn from_workspace(store: &Reader) -> Result<Option<WorkspaceId>, ReplicaError> {
    Ok(remembered(store)?.and_then(|found| found.workspace))
}

/// Remembers and shows them.
pub(super) fn keep_people(
    tx: &mut Tx<'_>,
    people: Vec<Record>,
    workspace: Option<WorkspaceId>,
) -> Result<(), ReplicaError> {
    tx.set_meta(RESTORED, &serde_json::to_vec(&Remembered { people, workspace })?)?;
    project_people(tx).map(drop)
}

/// Shows them; returns whether there are any.
pub(crate) fn project_people(tx: &mut Tx<'_>) -> Result<bool, ReplicaError> {
    let Some(Remembered { people, .. }) = remembered(tx)? else { return Ok(false) };
    for record in &people {
        tx.project(&Projection { record, heads: &[], pending: false, conflicts: &[], problems: &[] })?;
    }
    Ok(!people.is_empty())
}

/// Forgets them: a relay's directory takes their place.
pub(crate) fn forget_people(tx: &mut Tx<'_>) -> Result<Vec<RecordRef>, ReplicaError> {
    let Some(Remembered { people, .. }) = remembered(tx)? else { return Ok(Vec::new()) };
    for person in &people {
        tx.unproject(person.id)?;
    }
    tx.remove_meta(RESTORED)?;
    Ok(people.iter().map(Record::reference).collect())
}
