//! A backup of whatever a team left behind makes the same again.

use model::IdSource as _;
use replica::archive::{Manifest, Packer, Part, Prepared};
use replica::{Replica, Unpacked};
use store::Store;

use super::Failure;
use super::member::Member;

/// Backs a member up, fills an empty device from that, and backs that up: all lines have to be the same.
pub(crate) fn check(member: &mut Member) -> Result<(), Failure> {
    let failure = |problem: String| Failure::Backup { member: member.name.clone(), problem };
    let prepared = member.replica.prepare_backup(member.env.now()).map_err(|error| failure(error.to_string()))?;
    let memory = Store::open_in_memory().expect("memory can be opened");
    let mut fresh = Replica::open(memory, &mut member.env).expect("an empty store can be opened");
    let unpacked = Unpacked { manifest: manifest_of(&prepared), parts: prepared.parts.clone() };
    fresh.restore(&mut member.env, &unpacked).map_err(|error| failure(error.to_string()))?;
    let again = fresh.prepare_backup(member.env.now()).map_err(|error| failure(error.to_string()))?;
    if let Some((before, after)) = prepared.parts.iter().zip(&again.parts).find(|(before, after)| before != after) {
        return Err(failure(first_difference(before, after)));
    }
    match fresh.verify().expect("the store can be read").problems.first() {
        Some(problem) => Err(failure(format!("{problem:?}"))),
        None => Ok(()),
    }
}

/// The manifest that a written archive of these parts has.
fn manifest_of(prepared: &Prepared) -> Manifest {
    let mut packer = Packer::new(std::io::Cursor::new(Vec::new()), prepared.about.clone());
    prepared.parts.iter().for_each(|part| packer.add_part(part).expect("memory takes everything"));
    for file in prepared.files.iter().cloned() {
        packer.add_file(file, None).expect("memory takes everything");
    }
    packer.finish().expect("memory takes everything").1
}

fn first_difference(before: &Part, after: &Part) -> String {
    let (old, new) = (String::from_utf8_lossy(&before.bytes), String::from_utf8_lossy(&after.bytes));
    let differ = old.lines().zip(new.lines()).find(|(old, new)| old != new);
    format!("{}: {differ:?}, {} against {} lines", before.name, before.line_count(), after.line_count())
}
