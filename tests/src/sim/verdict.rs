//! What must hold when a world has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use model::query::{Answer, Query};
use model::{ChangeHash, CommandId, IdSource, Kind, Record, RecordId};

use super::member::Member;
use super::world::World;
use super::{backups, facts};

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The world does not come to rest.
    #[error("no rest: {members:?}")]
    NoRest {
        /// Who is still busy.
        members: Vec<String>,
    },
    /// Something waits in an outbox.
    #[error("{member}: {waiting} commands wait")]
    OutboxNotEmpty {
        /// Whose.
        member: String,
        /// How many.
        waiting: u64,
    },
    /// Two replicas hold different documents.
    #[error("{one} and {other} hold different documents: {records:?}")]
    HeadsDiffer {
        /// One.
        one: String,
        /// The other.
        other: String,
        /// Which documents.
        records: Vec<RecordId>,
    },
    /// Two replicas show different records.
    #[error("{one} and {other} show {record} differently: {left} against {right}")]
    ContentDiffers {
        /// One.
        one: String,
        /// The other.
        other: String,
        /// Which record.
        record: RecordId,
        /// What one shows.
        left: String,
        /// What the other shows.
        right: String,
    },
    /// A command that was promised is nowhere.
    #[error("{member}: command {command} is lost")]
    Lost {
        /// Whose.
        member: String,
        /// Which.
        command: CommandId,
    },
    /// A command was refused, and taken all the same.
    #[error("{member}: command {command} was refused and is in the log")]
    RefusedAndTaken {
        /// Whose.
        member: String,
        /// Which.
        command: CommandId,
    },
    /// A record whose creation was refused is somewhere.
    #[error("{member} shows {record}, whose creation was refused")]
    RefusedIsShown {
        /// Who.
        member: String,
        /// Which record.
        record: RecordId,
    },
    /// A fact that never changes has changed.
    #[error("{key} of {record} is another after entry {seq}")]
    GuardedFact {
        /// Which entry of the log.
        seq: u64,
        /// Which record.
        record: RecordId,
        /// Which fact.
        key: String,
    },
    /// The relay took what was not allowed.
    #[error("entry {seq} of {record} was not allowed: {denied}")]
    Breach {
        /// Which entry of the log.
        seq: u64,
        /// Which record.
        record: RecordId,
        /// Why not.
        denied: model::policy::Denied,
    },
    /// An honest client was refused for something else than rights.
    #[error("{member}: an honest command was refused: {code}")]
    HonestRefused {
        /// Whose.
        member: String,
        /// The relay's code.
        code: String,
    },
    /// A device shows another role than the person has.
    #[error("{member} shows the role {shown:?}, and has {real:?}")]
    RoleShown {
        /// Whose.
        member: String,
        /// The role shown.
        shown: Option<model::Role>,
        /// The role they have.
        real: model::Role,
    },
    /// A replica's own check fails.
    #[error("{member}: {problem}")]
    Unsound {
        /// Whose.
        member: String,
        /// What is wrong.
        problem: String,
    },
    /// A backup does not make the same again.
    #[error("a backup of {member}: {problem}")]
    Backup {
        /// Whose.
        member: String,
        /// What is wrong.
        problem: String,
    },
    /// The projection differs from one that is built anew.
    #[error("{member}: the projection is not what a rebuild makes")]
    Projection {
        /// Whose.
        member: String,
    },
}

/// Checks everything that must hold.
pub(crate) fn check(world: &mut World) -> Result<(), Failure> {
    let auditor = world.add_auditor();
    world.rest()?;
    for member in &world.members {
        let waiting = member.replica.store().outbox_len().expect("the store can be read");
        if waiting > 0 {
            return Err(Failure::OutboxNotEmpty { member: member.name.clone(), waiting });
        }
    }
    for index in 0..auditor {
        same_documents(&world.members[index], &world.members[auditor])?;
    }
    for index in 0..auditor {
        let (left, right) = world.members.split_at_mut(auditor);
        same_content(&mut left[index], &mut right[0])?;
    }
    promises_kept(world, auditor)?;
    facts::check(world)?;
    backups::check(&mut world.members[0])?;
    world.members.iter_mut().try_for_each(sound)
}

fn heads(member: &Member) -> BTreeMap<RecordId, Vec<ChangeHash>> {
    let heads = member.replica.store().confirmed_heads(None, 1_000_000).expect("the store can be read");
    heads.into_iter().collect()
}

fn same_documents(one: &Member, other: &Member) -> Result<(), Failure> {
    let (left, right) = (heads(one), heads(other));
    let differs = |id: &&RecordId| left.get(*id) != right.get(*id);
    let ids: BTreeSet<&RecordId> = left.keys().chain(right.keys()).collect();
    let records: Vec<RecordId> = ids.into_iter().filter(differs).copied().collect();
    if records.is_empty() {
        return Ok(());
    }
    Err(Failure::HeadsDiffer { one: one.name.clone(), other: other.name.clone(), records })
}

/// Every record with its conflicts, as people see it.
fn content(member: &mut Member) -> BTreeMap<RecordId, (Record, Vec<String>)> {
    let mut shown = BTreeMap::new();
    for kind in Kind::ALL {
        for record in member.records(kind) {
            shown.insert(record.id, (record, Vec::new()));
        }
    }
    let now = member.env.now();
    let answer = member.replica.answer(&Query::Conflicts, now).expect("conflicts can be read");
    let Answer::Conflicts(conflicts) = answer else { return shown };
    for conflict in conflicts {
        let values = conflict.values.iter().map(|value| format!("{:?} by {:?}", value.value, value.author.user));
        let text = format!("{}: {}", conflict.key, values.collect::<Vec<_>>().join(", "));
        shown.entry(conflict.record.id).and_modify(|(_, conflicts)| conflicts.push(text));
    }
    shown
}

fn same_content(one: &mut Member, other: &mut Member) -> Result<(), Failure> {
    let (left, right) = (content(one), content(other));
    let ids: BTreeSet<RecordId> = left.keys().chain(right.keys()).copied().collect();
    for id in ids {
        if left.get(&id) != right.get(&id) {
            return Err(Failure::ContentDiffers {
                one: one.name.clone(),
                other: other.name.clone(),
                record: id,
                left: format!("{:?}", left.get(&id)),
                right: format!("{:?}", right.get(&id)),
            });
        }
    }
    Ok(())
}

/// Every command that was promised stands in the log that the auditor holds, or in its author's tray.
fn promises_kept(world: &World, auditor: usize) -> Result<(), Failure> {
    let store = world.members[auditor].replica.store();
    let entries = store.entries_after(0, u32::MAX).expect("the store can be read");
    let held: BTreeSet<CommandId> = entries.into_iter().map(|entry| entry.command).collect();
    for member in &world.members {
        let tray = member.replica.store().refused().expect("the store can be read");
        let tray: BTreeSet<CommandId> = tray.into_iter().map(|row| row.command).collect();
        let settled: BTreeSet<CommandId> = member.settled.iter().map(|(command, _)| *command).collect();
        let moot = |command| member.replica.came_to_nothing(command).expect("the store can be read");
        let kept = |command: &CommandId| {
            held.contains(command) || tray.contains(command) || settled.contains(command) || moot(*command)
        };
        let lost = member.promised.iter().find(|(command, _)| !kept(command));
        if let Some((command, _)) = lost {
            return Err(Failure::Lost { member: member.name.clone(), command: *command });
        }
    }
    Ok(())
}

fn sound(member: &mut Member) -> Result<(), Failure> {
    let name = member.name.clone();
    let found = member.replica.verify().expect("the store can be read");
    if let Some(problem) = found.problems.first() {
        return Err(Failure::Unsound { member: name, problem: format!("{problem:?}") });
    }
    let before = member.replica.store().projection_digest().expect("the store can be read");
    member.replica.rebuild().expect("the projection can be rebuilt");
    let after = member.replica.store().projection_digest().expect("the store can be read");
    if before == after { Ok(()) } else { Err(Failure::Projection { member: name }) }
}
