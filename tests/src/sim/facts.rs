//! What must hold of rights: nothing that was refused is anywhere, what is guarded never moves, and every entry of
//! the log was allowed when the relay took it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Document;
use ledger::guard::{Inspected, Write, inspect, paths};
use model::policy::{Actor, Denied, Standing};
use model::settings::SETTINGS_ID;
use model::{Command, CommandId, Edit, Kind, RecordId, RecordRef, Role, UserId, suggestion};
use sync_server::store::{LogEntry, LogStore};

use super::verdict::Failure;
use super::world::{RoleFrom, World};

/// What honest clients may be refused for.
const ABOUT_RIGHTS: [&str; 2] = [sync::wire::nack::NOT_ALLOWED, sync::wire::nack::DEPENDS_ON_REFUSED];

/// Checks everything about rights.
pub(crate) fn check(world: &mut World) -> Result<(), Failure> {
    let log = log(world);
    refused_are_nowhere(world, &log)?;
    let mut replay = Replay::default();
    for entry in &log {
        replay.take(world, entry)?;
    }
    shown_roles(world)
}

fn log(world: &mut World) -> Vec<LogEntry> {
    let mut log = Vec::new();
    let read = world.relay().store_mut().entries_after(0, &mut |entry| {
        log.push(entry);
        true
    });
    read.expect("the log can be read");
    log
}

/// No change of a refused command is in the log, so it is in no document; and no record that it would have begun is
/// in any replica's documents, projection or search.
fn refused_are_nowhere(world: &World, log: &[LogEntry]) -> Result<(), Failure> {
    let taken: BTreeSet<CommandId> = log.iter().map(|entry| entry.command).collect();
    let begun: BTreeSet<RecordId> = log.iter().map(|entry| entry.record.id).collect();
    for member in &world.members {
        let tray = member.replica.store().refused().expect("the store can be read");
        let gone = member.settled.iter().map(|(command, _)| *command);
        for command in tray.iter().map(|row| row.command).chain(gone) {
            if taken.contains(&command) {
                return Err(Failure::RefusedAndTaken { member: member.name.clone(), command });
            }
        }
        let codes = tray.iter().map(|row| &row.code).chain(member.settled.iter().map(|(_, code)| code));
        if let Some(code) = codes.into_iter().find(|code| !ABOUT_RIGHTS.contains(&code.as_str())) {
            return Err(Failure::HonestRefused { member: member.name.clone(), code: code.clone() });
        }
        for row in &tray {
            let command: Command = serde_json::from_slice(&row.payload).expect("commands can be read");
            let created = command.edits.iter().filter(|edit| matches!(edit, Edit::Create { .. })).map(Edit::record);
            for record in created.filter(|record| !begun.contains(&record.id)) {
                shown_nowhere(world, record)?;
            }
        }
    }
    Ok(())
}

fn shown_nowhere(world: &World, record: RecordRef) -> Result<(), Failure> {
    for member in &world.members {
        let store = member.replica.store();
        let held = store.document(record.id).expect("the store can be read").is_some();
        let shown = store.record(record.id).expect("the store can be read").is_some();
        // Whoever has tried it again shows it until the relay has answered; by now it has.
        if held || shown {
            return Err(Failure::RefusedIsShown { member: member.name.clone(), record: record.id });
        }
    }
    Ok(())
}

/// The log, entry by entry.
#[derive(Default)]
struct Replay {
    documents: BTreeMap<RecordId, Document>,
    first: BTreeMap<(RecordId, &'static str), Vec<String>>,
}

impl Replay {
    fn take(&mut self, world: &World, entry: &LogEntry) -> Result<(), Failure> {
        let change = inspect(&entry.change).expect("what was taken is sound");
        if !world.restored {
            self.was_allowed(&world.role_history, entry, &change)?;
        }
        match self.documents.get_mut(&entry.record.id) {
            Some(document) => drop(document.apply(&entry.change).expect("what was taken fits")),
            None => {
                let document = Document::from_changes(entry.record, [entry.change.as_slice()]);
                self.documents.insert(entry.record.id, document.expect("what was taken begins a record"));
            }
        }
        self.guarded_facts(entry)
    }

    /// Kind, id and creation time: one value each, the first, whatever else was written.
    fn guarded_facts(&mut self, entry: &LogEntry) -> Result<(), Failure> {
        let document = &self.documents[&entry.record.id];
        for key in ["kind", "id", "created_at"] {
            let now = document.all_values(key);
            let first = self.first.entry((entry.record.id, key)).or_insert_with(|| now.clone());
            if *first != now || now.len() > 1 {
                return Err(Failure::GuardedFact { seq: entry.seq, record: entry.record.id, key: key.to_owned() });
            }
        }
        Ok(())
    }

    fn was_allowed(&self, roles: &[RoleFrom], entry: &LogEntry, change: &Inspected) -> Result<(), Failure> {
        if matches!(entry.record.kind, Kind::User | Kind::Device) || entry.seq == 1 {
            return Ok(());
        }
        let actor = Actor {
            user: entry.by.user,
            role: role_at(roles, entry.by.user, entry.seq),
            only_owners_edit: self.only_owners_edit(),
        };
        match self.denied(&actor, entry.record, change) {
            Ok(()) => Ok(()),
            Err(denied) => Err(Failure::Breach { seq: entry.seq, record: entry.record.id, denied }),
        }
    }

    fn only_owners_edit(&self) -> bool {
        self.documents.get(&SETTINGS_ID).is_some_and(|settings| settings.read().0.flag("only_owners_edit"))
    }

    fn denied(&self, actor: &Actor, record: RecordRef, change: &Inspected) -> Result<(), Denied> {
        let document = self.documents.get(&record.id);
        let touched = paths(document, record, change);
        let Some(document) = document else {
            return touched.iter().try_for_each(|one| match &one.write {
                Write::Set(value) => actor.may_begin_with(record.kind, &one.key, value),
                Write::Removed | Write::Typed => actor.may_create(record.kind),
            });
        };
        let (found, _) = document.read();
        let about = suggestion::subject(&found).and_then(|subject| self.documents.get(&subject.id));
        let about = about.map(|about| about.read().0);
        let standing = Standing::of(&found, about.as_ref());
        touched.iter().try_for_each(|one| actor.may_write(&standing, &one.key))
    }
}

fn role_at(roles: &[RoleFrom], user: UserId, seq: u64) -> Role {
    let before = roles.iter().rev().find(|from| from.user == user && from.after_seq < seq);
    before.map_or(Role::Viewer, |from| from.role)
}

/// Everybody's device shows the role that they have.
fn shown_roles(world: &mut World) -> Result<(), Failure> {
    for index in 0..world.members.len() {
        let member = &world.members[index];
        let shown = member.replica.session_view().expect("the store can be read").me.map(|me| me.role);
        let real = world.role_of(member.user);
        if shown != Some(real) {
            return Err(Failure::RoleShown { member: member.name.clone(), shown, real });
        }
    }
    Ok(())
}
