//! Taking things back: the inverse of a command, applied only where its values still stand.

use std::collections::BTreeMap;

use model::action::Label;
use model::app::{Overwrite, Trouble};
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

/// What undo does with fields that hold another value than the command left there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newer {
    /// Does nothing at all, and says which they are.
    Ask,
    /// Leaves them alone.
    Keep,
    /// Overwrites them.
    Overwrite,
}

/// The inverse of commands.
#[derive(Debug, Default)]
struct Inverse {
    /// What is written.
    fields: BTreeMap<RecordRef, FieldChanges>,
    /// Fields that hold another value by now: that value, and the one that would be brought back.
    clashes: Vec<Clash>,
}

#[derive(Debug)]
struct Clash {
    record: RecordRef,
    key: String,
    newer: Option<Value>,
    older: Option<Value>,
}

impl Replica {
    /// Plans the inverse of a command. The inverse of an undo is to do it again.
    pub(crate) fn plan_undo(
        &mut self,
        command: CommandId,
        newer: Newer,
        now: Timestamp,
    ) -> Result<Planned, ReplicaError> {
        self.actor()?;
        let found = self.store.logged_command(command)?.ok_or(Trouble::NotHere)?;
        let logged: Logged = serde_json::from_slice(&found.payload)?;
        if newer != Newer::Ask {
            return self.plan_inverse(&[logged], newer, now);
        }
        let inverse = self.inverse(std::slice::from_ref(&logged), Newer::Keep, now)?;
        if inverse.clashes.is_empty() {
            return self.plan_inverse(&[logged], Newer::Keep, now);
        }
        let rest = inverse.fields.values().map(FieldChanges::len).sum::<usize>();
        let clashes = inverse.clashes.into_iter().map(|clash| self.clash_told(clash)).collect::<Result<_, _>>()?;
        Err(Trouble::WouldOverwrite { clashes, rest: u32::try_from(rest).unwrap_or(u32::MAX) }.into())
    }

    /// Plans the inverse of several commands, last first, as one. When nothing of them can be taken back, that is an
    /// error which names the fields.
    pub(crate) fn plan_inverse(
        &mut self,
        commands: &[Logged],
        newer: Newer,
        now: Timestamp,
    ) -> Result<Planned, ReplicaError> {
        let inverse = self.inverse(commands, newer, now)?;
        if inverse.fields.is_empty() && !inverse.clashes.is_empty() {
            let problem = |clash: &Clash| FieldProblem::new(&clash.key, "was changed since");
            return Err(Trouble::ChangedSince(inverse.clashes.iter().map(problem).collect()).into());
        }
        let label = commands.last().map_or(Label::Restored(0), |logged| logged.label.clone());
        let label = match label {
            Label::Undid(of) => Label::Redid(of),
            Label::Redid(of) => Label::Undid(of),
            of => Label::Undid(Box::new(of)),
        };
        let edit = |(record, fields)| Edit::Set { record, base_heads: Vec::new(), fields };
        Ok(Planned { label, edits: inverse.fields.into_iter().map(edit).collect() })
    }

    fn inverse(&self, commands: &[Logged], newer: Newer, now: Timestamp) -> Result<Inverse, ReplicaError> {
        let mut inverse = Inverse::default();
        for step in commands.iter().rev().flat_map(|logged| logged.steps.iter().rev()) {
            match step {
                UndoStep::Created(record) => {
                    let fields = [("deleted_at".to_owned(), Some(now.into()))];
                    inverse.fields.insert(*record, FieldChanges::from(fields));
                }
                UndoStep::Set { record, key, before, after } => {
                    let planned = inverse.fields.get(record).and_then(|fields| fields.get(key));
                    let stands = match planned {
                        Some(planned) => planned.clone(),
                        None => self.store.record(record.id)?.and_then(|found| found.get(key).cloned()),
                    };
                    let untouched = stands == *after;
                    if untouched || (newer == Newer::Overwrite && stands != *before) {
                        inverse.fields.entry(*record).or_default().insert(key.clone(), before.clone());
                    } else if stands != *before {
                        let (record, key, older) = (*record, key.clone(), before.clone());
                        inverse.clashes.push(Clash { record, key, newer: stands, older });
                    }
                }
            }
        }
        Ok(inverse)
    }

    /// A clash with what a person needs to decide about it.
    fn clash_told(&self, clash: Clash) -> Result<Overwrite, ReplicaError> {
        let Clash { record, key, newer, older } = clash;
        let name = self.store.record(record.id)?.map(|found| found.display_name()).unwrap_or_default();
        let (author, at) = self.store.author_of_value(record, &key)?.unwrap_or_default();
        Ok(Overwrite { record, name, key, newer, older, author, at })
    }
}
