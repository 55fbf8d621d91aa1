//! What a change that passed the gates has done, judged without them.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ledger::Document;
use model::policy::Role;
use model::{FieldChanges, Kind, Record, Timestamp};

use crate::gates::Who;
use crate::ground::{Ground, Stage, user};
use crate::support::author;

/// What must never happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    Panic,
    Unloadable,
    Divergence,
    Breach,
}

impl Harm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Unloadable => "unloadable",
            Self::Divergence => "divergence",
            Self::Breach => "breach",
        }
    }
}

/// Facts that a record's first change writes and nothing later.
const FIXED: [&str; 8] = ["kind", "id", "schema", "created_at", "record_kind", "record_id", "changes", "for_id"];

/// Everything a change does wrong.
pub(crate) fn examine(ground: &Ground, stage: &Stage, who: Who, (bytes, after): (&[u8], &Document)) -> BTreeSet<Harm> {
    let checks = [
        (Harm::Unloadable, catch_unwind(AssertUnwindSafe(|| !stays_whole(after)))),
        (Harm::Divergence, catch_unwind(AssertUnwindSafe(|| diverges(ground, stage, bytes)))),
        (Harm::Breach, catch_unwind(AssertUnwindSafe(|| breaches(stage, who, after)))),
    ];
    let found = checks.into_iter().filter_map(|(harm, check)| match check {
        Ok(true) => Some(harm),
        Ok(false) => None,
        Err(_) => Some(Harm::Panic),
    });
    found.collect()
}

/// It saves and loads, can be rebuilt from its changes, and takes an honest edit.
fn stays_whole(after: &Document) -> bool {
    let same = |other: &Document| other.read() == after.read() && other.conflicts() == after.conflicts();
    let saved = Document::load(after.record(), &after.save(), &after.heads())
        .is_ok_and(|loaded| same(&loaded) && loaded.history() == after.history());
    let changes = after.changes();
    let rebuilt = Document::from_changes(after.record(), changes.iter().rev().map(|change| change.bytes.as_slice()));
    let mut edited = after.clone();
    let at = Timestamp::from_millis(999);
    let edit = match after.record().kind {
        Kind::Lead => {
            FieldChanges::from([("title".into(), Some("After".into())), ("notes".into(), Some("All".into()))])
        }
        _ => FieldChanges::from([("deleted_at".into(), Some(at.into()))]),
    };
    let takes_more = edited.edit(&edit, &[], &author(9, 999), &author(9, 999)).is_ok();
    let saves_more = Document::load(edited.record(), &edited.save(), &edited.heads()).is_ok();
    saved && rebuilt.is_ok_and(|rebuilt| same(&rebuilt)) && takes_more && saves_more
}

/// Whether it means another thing when honest changes have arrived before it than when they arrive after it.
fn diverges(ground: &Ground, stage: &Stage, bytes: &[u8]) -> bool {
    let Some(document) = &stage.document else { return false };
    let Ok(hostile) = ledger::guard::inspect(bytes) else { return true };
    let others: Vec<&[u8]> = ground.taken[stage.held..]
        .iter()
        .filter(|change| change.actor != hostile.actor)
        .map(|change| change.bytes.as_slice())
        .collect();
    let (mut first, mut last) = (document.clone(), document.clone());
    let taken_first = first.apply(&hostile.bytes).is_ok();
    bring(&mut first, &others);
    bring(&mut last, &others);
    let taken_last = last.apply(&hostile.bytes).is_ok();
    // What is written on the hostile change itself, when that is an honest one in another dress.
    bring(&mut last, &others);
    let same = first.heads() == last.heads() && first.read() == last.read() && first.conflicts() == last.conflicts();
    !(taken_first && taken_last && same)
}

/// Brings what fits; what builds on a change that is not here has to wait.
fn bring(document: &mut Document, changes: &[&[u8]]) {
    for change in changes {
        let _ = document.apply(change);
    }
}

/// Whether it changed what its author may not change: every value that stands anywhere is compared, shown or not.
fn breaches(stage: &Stage, who: Who, after: &Document) -> bool {
    if who.role == Role::Viewer {
        return true;
    }
    let Some(before) = &stage.document else { return begins_wrongly(who, after) };
    let changed = changed_keys(before, after);
    if changed.iter().any(|key| FIXED.contains(&key.as_str())) {
        return true;
    }
    let owner = before.owner();
    let admin = who.role == Role::Admin;
    match before.record().kind {
        Kind::Suggestion => {
            let decides = admin || !who.only_owners_edit || who.person == 1;
            let wrote = admin || owner == Some(user(who.person));
            changed.iter().any(|key| if key == "status" { !decides } else { !wrote || key == "owner_id" })
        }
        _ => {
            let owns = admin || !who.only_owners_edit || owner.is_none_or(|owner| owner == user(who.person));
            !changed.is_empty() && !owns
        }
    }
}

fn begins_wrongly(who: Who, after: &Document) -> bool {
    let (record, _) = after.read();
    let named = record.owner() == Some(user(who.person)) && record.text("status") == "open";
    record.kind == Kind::Suggestion && !named
}

fn changed_keys(before: &Document, after: &Document) -> BTreeSet<String> {
    let ((then, _), (now, _)) = (before.read(), after.read());
    let keys = then.fields.keys().chain(now.fields.keys()).cloned();
    let fixed = FIXED.iter().map(|key| (*key).to_owned());
    let listed = then.kind.fields().iter().map(|field| field.key.to_owned());
    let differs =
        |key: &String| shown(&then, key) != shown(&now, key) || before.all_values(key) != after.all_values(key);
    keys.chain(fixed).chain(listed).filter(differs).collect()
}

fn shown<'a>(record: &'a Record, key: &str) -> Option<&'a model::Value> {
    record.get(key)
}
