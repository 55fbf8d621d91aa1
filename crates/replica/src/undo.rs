//! Taking things back: the inverse of a command, applied only where its values still stand.

use std::collections::BTreeMap;

use model::action::Label;
use model::app::Trouble;
use model::plan::Planned;
use model::schema::FieldProblem;
use model::{CommandId, Edit, FieldChanges, RecordRef, Timestamp, Value};
use serde::{Deserialize, Serialize};

use crate::replica::{Replica, ReplicaError};

/// What the client remembers of a command, for undo and history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logged {
    pub(crate) label: Label,
    pub(crate) steps: Vec<UndoStep>,
}

/// One effect of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UndoStep {
    /// Created a record.
    Created(RecordRef),
    /// Changed a field.
    Set { record: RecordRef, key: String, before: Option<Value>, after: Option<Value> },
}

impl Replica {
    /// Plans the inverse of a command. Fields that somebody has changed since are left alone; when nothing of the
    /// command stands any more, that is an error which names them.
    pub(crate) fn plan_undo(&mut self, command: CommandId, now: Timestamp) -> Result<Planned, ReplicaError> {
        self.actor()?;
        let found = self.store.logged_command(command)?.ok_or(Trouble::NotHere)?;
        let logged: Logged = serde_json::from_slice(&found.payload)?;
        self.plan_inverse(&[logged], now)
    }

    /// Plans the inverse of several commands, last first, as one.
    pub(crate) fn plan_inverse(&mut self, commands: &[Logged], now: Timestamp) -> Result<Planned, ReplicaError> {
        let mut inverse: BTreeMap<RecordRef, FieldChanges> = BTreeMap::new();
        let mut changed_since = Vec::new();
        for step in commands.iter().rev().flat_map(|logged| logged.steps.iter().rev()) {
            match step {
                UndoStep::Created(record) => {
                    let fields = [("deleted_at".to_owned(), Some(now.into()))];
                    inverse.insert(*record, FieldChanges::from(fields));
                }
                UndoStep::Set { record, key, before, after } => {
                    let fields = inverse.entry(*record).or_default();
                    let stands = match fields.get(key) {
                        Some(planned) => planned == after,
                        None => self.store.record(record.id)?.and_then(|found| found.get(key).cloned()) == *after,
                    };
                    if stands {
                        fields.insert(key.clone(), before.clone());
                    } else {
                        changed_since.push(FieldProblem::new(key, "was changed since"));
                    }
                }
            }
        }
        inverse.retain(|_, fields| !fields.is_empty());
        if inverse.is_empty() && !changed_since.is_empty() {
            return Err(Trouble::ChangedSince(changed_since).into());
        }
        let label = commands.last().map_or(Label::Restored(0), |logged| logged.label.clone());
        let edit = |(record, fields)| Edit::Set { record, base_heads: Vec::new(), fields };
        Ok(Planned { label: Label::Undid(Box::new(label)), edits: inverse.into_iter().map(edit).collect() })
    }
}
