//! From what is asked to the edits it comes to, by the same rules that clients plan with.

use std::collections::BTreeMap;

use ledger::Document;
use model::action::{Action, Edit};
use model::own_field::{self, OwnFieldError};
use model::plan::{self, Circumstances};
use model::policy::Actor;
use model::schema::FieldProblem;
use model::settings::StageKind;
use model::{FieldChanges, Fields, Kind, Record, Settings, Timestamp, Value};

use super::patch::{Patch, changes_to, new_fields};
use super::{Act, ActError, Speaker, Version};
use crate::domain::Relay;
use crate::store::LogStore;

/// What somebody does to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Creates it.
    Create {
        /// What is said about its fields.
        patch: Patch,
        /// Rank of the card on top of the column that a lead goes to.
        below: Option<String>,
    },
    /// Changes it.
    Change {
        /// What is said about its fields.
        patch: Patch,
        /// Rank of the card on top of the column that a lead goes to.
        below: Option<String>,
    },
    /// Moves it to the trash.
    Trash,
    /// Takes it out of the trash.
    Restore,
}

impl<S: LogStore> Relay<S> {
    /// The edits that an act comes to; none when everything is so already.
    pub(super) fn plan(&mut self, now: Timestamp, speaker: Speaker, act: &Act) -> Result<Vec<Edit>, ActError> {
        let settings = self.settings_now()?;
        let current = self.current(act)?;
        let action = match (&act.deed, &current) {
            (Deed::Create { .. }, Some(_)) => return Err(ActError::NameTaken),
            (Deed::Create { patch, below }, None) => {
                check_own(act.record.kind, new_fields(patch).iter().map(|(key, value)| (key, Some(value))), &settings)?;
                create(act, patch, below.as_deref(), (now, &settings))?
            }
            (_, None) => return Err(ActError::NotHere),
            (Deed::Change { .. } | Deed::Trash, Some(record)) if record.is_deleted() => return Err(ActError::NotHere),
            (Deed::Change { patch, .. }, Some(record)) => match change(record, patch, now, &settings)? {
                fields if fields.is_empty() => Action::SetMany { records: vec![act.record], fields },
                fields => Action::SetFields { record: act.record, base_heads: Vec::new(), fields },
            },
            (Deed::Trash, Some(_)) => Action::Delete(vec![act.record]),
            (Deed::Restore, Some(_)) => Action::Restore(vec![act.record]),
        };
        let met = Circumstances {
            now,
            actor: Actor { user: speaker.user, role: speaker.role, only_owners_edit: self.only_owners_edit },
            settings: &settings,
            records: &current.into_iter().map(|record| (record.id, record)).collect::<BTreeMap<_, _>>(),
            open_tasks: &[],
            hanging: &[],
            above: None,
            below: act.deed.below().map(str::to_owned),
        };
        let edits = plan::plan(action, &met)?.edits;
        Ok(edits.into_iter().filter(changes_something).collect())
    }

    /// The record as it stands, if the act may be done to its version.
    fn current(&mut self, act: &Act) -> Result<Option<Record>, ActError> {
        let Some(document) = self.document(act.record)?.filter(|found| found.record() == act.record) else {
            return Ok(None);
        };
        let fits = act.versions.as_ref().is_none_or(|versions| versions.contains(&Version::of(&document.heads())));
        let record = Document::read(&document).0;
        self.documents.put(document);
        // What lies in the trash is not there, whatever its version.
        let there = matches!(act.deed, Deed::Restore) || !record.is_deleted();
        if fits || !there { Ok(Some(record)) } else { Err(ActError::OtherVersion) }
    }
}

impl Deed {
    fn below(&self) -> Option<&str> {
        match self {
            Self::Create { below, .. } | Self::Change { below, .. } => below.as_deref(),
            Self::Trash | Self::Restore => None,
        }
    }
}

/// Programs write the fields that the workspace has defined, and no others.
fn check_own<'a>(
    kind: Kind,
    changes: impl IntoIterator<Item = (&'a String, Option<&'a Value>)>,
    settings: &Settings,
) -> Result<(), ActError> {
    own_field::check_changes(kind, changes, settings).map_err(|error| match error {
        OwnFieldError::Unknown(problems) => ActError::Unknown(problems),
        OwnFieldError::Unfit(problems) => ActError::Invalid(problems),
    })
}

fn changes_something(edit: &Edit) -> bool {
    !matches!(edit, Edit::Set { fields, .. } if fields.is_empty())
}

fn create(
    act: &Act,
    patch: &Patch,
    below: Option<&str>,
    (now, settings): (Timestamp, &Settings),
) -> Result<Action, ActError> {
    let mut fields = new_fields(patch);
    match act.record.kind {
        Kind::Lead => enter_first_stage(&mut fields, below, (now, settings))?,
        Kind::Activity => drop(fields.insert("via".into(), "api".into())),
        Kind::Task if fields.get("status").and_then(Value::as_text) == Some("done") => {
            fields.entry("completed_at".into()).or_insert(now.into());
        }
        _ => {}
    }
    Ok(Action::Create { record: act.record, fields })
}

/// A lead that begins in a stage begins with what entering the stage brings.
fn enter_first_stage(
    fields: &mut Fields,
    below: Option<&str>,
    (now, settings): (Timestamp, &Settings),
) -> Result<(), ActError> {
    let Some(Value::Text(id)) = fields.remove("stage") else { return Ok(()) };
    let stage = settings.stage(&id).ok_or_else(no_such_stage)?;
    let place = plan::place(&stage.id, &model::rank::between(None, below));
    fields.insert("place".into(), place.into());
    fields.entry("probability".into()).or_insert(i64::from(stage.probability).into());
    if stage.kind != StageKind::Open {
        let value = fields.get("value_cents").cloned().unwrap_or_else(|| 0.into());
        fields.entry("closed_on".into()).or_insert(now.date_in(&settings.zone()).into());
        fields.entry("closed_value_cents".into()).or_insert(value);
    }
    Ok(())
}

fn change(record: &Record, patch: &Patch, now: Timestamp, settings: &Settings) -> Result<FieldChanges, ActError> {
    let mut changes = changes_to(record, patch);
    check_own(record.kind, changes.iter().map(|(key, value)| (key, value.as_ref())), settings)?;
    match record.kind {
        Kind::Lead => {
            let stage = changes.get("stage").cloned().flatten();
            if let Some(Value::Text(id)) = stage {
                settings.stage(&id).ok_or_else(no_such_stage)?;
                if record.place().0 == id {
                    changes.remove("stage");
                }
            }
        }
        Kind::Task => complete(record, &mut changes, now),
        _ => {}
    }
    Ok(changes)
}

/// When a task is done follows from its status, unless it is said.
fn complete(task: &Record, changes: &mut FieldChanges, now: Timestamp) {
    let status = changes.get("status").and_then(|status| status.as_ref()).and_then(Value::as_text);
    let completed_at = match status {
        Some("done") => Some(now.into()),
        Some(_) if task.get("completed_at").is_some() => None,
        _ => return,
    };
    changes.entry("completed_at".into()).or_insert(completed_at);
}

fn no_such_stage() -> ActError {
    ActError::Unknown(vec![FieldProblem::new("stage", "there is no such stage")])
}
