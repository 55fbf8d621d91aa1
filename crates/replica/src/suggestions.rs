//! Proposing to others what one may not change oneself, and what the tray of refused commands says.

use std::collections::BTreeMap;

use model::action::Label;
use model::app::{Done, Tone, Trouble};
use model::policy::Denied;
use model::query::{RefusedChange, RefusedCommand, Suggestion, WhoMay};
use model::suggestion::{OPEN, Proposal, Proposals, can_be_suggested, write_proposals};
use model::{Command, CommandId, Edit, FieldChanges, Fields, IdSource, Kind, Record, RecordRef, UserId, Value};
use store::{QueryContext, RefusedRow};
use sync::wire::nack;

use crate::execute::write_command;
use crate::lost::NOT_TAKEN_BACK;
use crate::rebase::{Refusal, put_refused, written_by};
use crate::replica::{Replica, ReplicaError};

/// A refused command, taken apart.
#[derive(Default)]
struct Parts {
    /// What can be proposed, by record, with the record's owner.
    proposals: BTreeMap<RecordRef, (UserId, Proposals)>,
    /// What can't, and why the first of it can't.
    rest: Vec<Edit>,
    why: Option<String>,
}

impl Parts {
    fn keep(&mut self, edit: Edit, why: &str) {
        self.rest.push(edit);
        self.why.get_or_insert_with(|| why.to_owned());
    }
}

impl Replica {
    /// Turns a command of the tray into suggestions, one for each record, in one step. What can't be proposed stays
    /// in the tray and says why.
    ///
    /// # Errors
    /// When nothing of it can be proposed; the tray is as it was.
    pub fn suggest_refused(
        &mut self,
        env: &mut dyn IdSource,
        command: CommandId,
        note: &str,
    ) -> Result<Done, ReplicaError> {
        let row = self.store.refused_command(command)?.ok_or(Trouble::NotHere)?;
        let refused: Command = serde_json::from_slice(&row.payload)?;
        let parts = self.take_apart(&row, &refused)?;
        if parts.proposals.is_empty() {
            let why = parts.why.unwrap_or_else(|| "the records hold these values by now".into());
            return Err(Trouble::NotAllowed(why).into());
        }
        let rest = Command { edits: parts.rest, ..refused };
        let refusal = Refusal { code: row.code, detail: parts.why.unwrap_or(row.detail) };
        let proposing = self.proposing(env, parts.proposals, note)?;
        self.permit(&proposing.edits)?;
        let writer = self.writer()?;
        let recent = &mut self.recent;
        let news = self.store.write(|tx| {
            let news = write_command(tx, &proposing, writer, recent)?;
            tx.take_refused(command)?;
            if !rest.edits.is_empty() {
                put_refused(tx, &rest, &refusal)?;
            }
            Ok::<_, ReplicaError>(news)
        })?;
        let records: Vec<RecordRef> = news.iter().map(|(record, _)| *record).collect();
        self.note_changed(records.iter().copied())?;
        Ok(Done { command: Some(proposing.id), label: proposing.label, records })
    }

    /// Says what was sent to whom.
    pub(crate) fn tell_suggested(&mut self, done: &Done) {
        let text = match done.records.len() {
            1 => "Sent as a suggestion. Whoever may change the record sees it".to_owned(),
            count => format!("Sent as {count} suggestions. Whoever may change the records sees them"),
        };
        self.notice(Tone::Good, text);
    }

    fn take_apart(&self, row: &RefusedRow, refused: &Command) -> Result<Parts, ReplicaError> {
        let changes: Vec<RefusedChange> = serde_json::from_slice(&row.changes_payload)?;
        let mut parts = Parts::default();
        for edit in &refused.edits {
            match self.proposable(&row.code, edit)? {
                Ok((owner, current)) => {
                    let proposals = &mut parts.proposals.entry(edit.record()).or_insert((owner, Proposals::new())).1;
                    proposals.extend(proposals_of(edit, &current, &changes));
                }
                Err(why) => parts.keep(edit.clone(), why),
            }
        }
        parts.proposals.retain(|_, (_, proposals)| !proposals.is_empty());
        Ok(parts)
    }

    /// The owner who could make this edit and the record as it stands, or why it can't be proposed.
    fn proposable(&self, code: &str, edit: &Edit) -> Result<Result<(UserId, Record), &'static str>, ReplicaError> {
        let record = edit.record();
        if ![nack::NOT_ALLOWED, nack::DEPENDS_ON_REFUSED].contains(&code) {
            return Ok(Err("it was not refused for a lack of rights, so nobody else could do it either"));
        }
        if matches!(edit, Edit::Create { .. }) {
            return Ok(Err("a new record can't be suggested"));
        }
        if !can_be_suggested(record.kind) {
            return Ok(Err("only an administrator changes this; ask one"));
        }
        let Some(current) = self.store.record(record.id)?.filter(|found| !found.is_deleted()) else {
            return Ok(Err("the record is not here any more"));
        };
        let fixed = |key: &String| record.kind.field(key).is_none_or(|field| field.root_only);
        if written_by(edit).keys().any(fixed) {
            return Ok(Err("a field of it never changes"));
        }
        let me = self.actor()?.user;
        Ok(match current.owner() {
            None => Err("the record has no owner; try again instead"),
            Some(owner) if owner == me => Err("the record is yours; try again instead"),
            Some(owner) => Ok((owner, current)),
        })
    }

    fn proposing(
        &self,
        env: &mut dyn IdSource,
        proposals: BTreeMap<RecordRef, (UserId, Proposals)>,
        note: &str,
    ) -> Result<Command, ReplicaError> {
        let (me, at) = (self.actor()?.user, env.now());
        let count = u32::try_from(proposals.len()).unwrap_or(u32::MAX);
        let mut edits = Vec::with_capacity(proposals.len());
        for (record, (owner, proposals)) in proposals {
            let changes = write_proposals(&proposals).map_err(|error| Trouble::NotAllowed(error.to_string()))?;
            let mut fields = Fields::from([
                ("record_kind".to_owned(), record.kind.name().into()),
                ("record_id".to_owned(), record.id.into()),
                ("changes".to_owned(), changes.into()),
                ("for_id".to_owned(), owner.into()),
                ("status".to_owned(), OPEN.into()),
                ("owner_id".to_owned(), me.into()),
                ("created_at".to_owned(), at.into()),
            ]);
            if !note.trim().is_empty() {
                fields.insert("note".into(), note.trim().into());
            }
            let problems = model::schema::check_record(Kind::Suggestion, &fields);
            if !problems.is_empty() {
                return Err(Trouble::Invalid(problems).into());
            }
            edits.push(Edit::Create { record: RecordRef::new(Kind::Suggestion, env.fresh_record_id()), fields });
        }
        Ok(Command { id: env.fresh_command_id(), at, label: Label::Suggested(count), edits })
    }

    /// The tray as it stands now: current values, owners, and who may do it.
    pub(crate) fn refused_commands(&self) -> Result<Vec<RefusedCommand>, ReplicaError> {
        self.store.refused()?.into_iter().map(|row| self.refused_command(row)).collect()
    }

    fn refused_command(&self, row: RefusedRow) -> Result<RefusedCommand, ReplicaError> {
        let command: Command = serde_json::from_slice(&row.payload)?;
        let mut changes: Vec<RefusedChange> = serde_json::from_slice(&row.changes_payload)?;
        for change in &mut changes {
            let Some(current) = self.store.record(change.record.id)? else { continue };
            change.name = current.display_name();
            change.before = current.get(&change.key).cloned();
            change.owner_name = self.owner_name(&current)?;
        }
        Ok(RefusedCommand {
            command: row.command,
            at: row.at,
            who: self.who_may(&row.code, &command.edits)?,
            can_suggest: !self.take_apart(&row, &command)?.proposals.is_empty(),
            label: command.label,
            code: row.code,
            detail: row.detail,
            changes,
        })
    }

    fn owner_name(&self, record: &Record) -> Result<String, ReplicaError> {
        let owner = match record.owner() {
            Some(owner) => self.store.record(owner.record())?,
            None => None,
        };
        Ok(owner.map(|owner| owner.display_name()).unwrap_or_default())
    }

    fn who_may(&self, code: &str, edits: &[Edit]) -> Result<WhoMay, ReplicaError> {
        if code == NOT_TAKEN_BACK {
            return Ok(WhoMay::Administrators);
        }
        if ![nack::NOT_ALLOWED, nack::DEPENDS_ON_REFUSED].contains(&code) {
            return Ok(WhoMay::Nobody);
        }
        let Ok(actor) = self.actor() else { return Ok(WhoMay::Nobody) };
        let mut owners = Vec::new();
        for edit in edits {
            match self.may_make(&actor, edit)? {
                Ok(()) => {}
                Err(Denied::ReadOnly | Denied::AdminsOnly) => return Ok(WhoMay::Administrators),
                Err(Denied::AuthorsOnly | Denied::OwnNameOnly) => return Ok(WhoMay::Author),
                Err(Denied::RelayOnly) => return Ok(WhoMay::Nobody),
                Err(Denied::OwnersOnly) => {
                    if let Some(record) = self.store.record(edit.record().id)? {
                        owners.push(self.owner_name(&record)?);
                    }
                }
            }
        }
        owners.sort();
        owners.dedup();
        Ok(if owners.is_empty() { WhoMay::You } else { WhoMay::Owners(owners) })
    }

    /// Suggestions that wait for this person, and those they sent.
    pub(crate) fn suggestions(&self, ctx: &QueryContext<'_>) -> Result<Vec<Suggestion>, ReplicaError> {
        let mut found = self.store.suggestions(ctx)?;
        let Ok(actor) = self.actor() else { return Ok(found) };
        for suggestion in &mut found {
            suggestion.cannot_accept = self.cannot_accept(&actor, suggestion)?;
        }
        Ok(found)
    }

    fn cannot_accept(
        &self,
        actor: &model::policy::Actor,
        suggestion: &Suggestion,
    ) -> Result<Option<String>, ReplicaError> {
        if suggestion.status != OPEN {
            return Ok(Some(format!("it is {}", suggestion.status)));
        }
        let proposed = suggestion.changes.iter().map(|change| (change.key.clone(), change.proposed.clone()));
        let fields: FieldChanges = proposed.collect();
        let edit = Edit::Set { record: suggestion.record, base_heads: Vec::new(), fields };
        if self.store.record(suggestion.record.id)?.is_none() {
            return Ok(Some("the record is not on this device".into()));
        }
        Ok(self.may_make(actor, &edit)?.err().map(|denied| denied.to_string()))
    }
}

/// What of an edit differs from what stands, with what its author saw.
fn proposals_of(edit: &Edit, current: &Record, changes: &[RefusedChange]) -> Proposals {
    let seen = |key: &str| -> Option<Value> {
        let of = |change: &&RefusedChange| change.record == edit.record() && change.key == key;
        changes.iter().find(of).and_then(|change| change.seen.clone())
    };
    let differs = written_by(edit).into_iter().filter(|(key, value)| current.get(key) != value.as_ref());
    differs.map(|(key, value)| (key.clone(), Proposal { seen: seen(&key), value })).collect()
}
