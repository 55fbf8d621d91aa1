//! What is attacked: a record that several people have worked on honestly, as it was when one of its changes had not
//! arrived yet.

use std::collections::BTreeMap;

use ledger::{ActorId, Document, NewChange};
use model::suggestion::{ACCEPTED, DECLINED, OPEN};
use model::{FieldChanges, Fields, Kind, RecordId, RecordRef, Timestamp, UserId, Value};

use crate::dice::Dice;
use crate::support::{LEAD, author, branch, fields};
use crate::team::Team;

/// A suggestion that person 2 has sent to person 1 about the lead.
const SUGGESTION: RecordRef = RecordRef::new(Kind::Suggestion, RecordId::from_bytes([0x5a; 16]));

/// A record with all its honest changes, in an order in which they can arrive.
pub(crate) struct Ground {
    pub(crate) record: RecordRef,
    pub(crate) taken: Vec<NewChange>,
    /// Whose each actor is.
    pub(crate) writers: BTreeMap<ActorId, u8>,
}

/// The record before one of its changes has arrived.
pub(crate) struct Stage {
    /// Which change has not.
    pub(crate) held: usize,
    pub(crate) document: Option<Document>,
}

/// The user behind a person's number.
pub(crate) const fn user(person: u8) -> UserId {
    UserId::from_bytes([person; 16])
}

impl Ground {
    pub(crate) fn worked(dice: &mut Dice) -> Self {
        if dice.one_in(4) { Self::suggestion(dice) } else { Self::lead(dice) }
    }

    fn lead(dice: &mut Dice) -> Self {
        let mut team = Team::of(3);
        for _ in 0..10 + dice.below(30) {
            team.step(dice);
        }
        team.finish();
        Self { record: LEAD, taken: team.taken, writers: team.writers }
    }

    /// Accepted, declined, withdrawn and put back, also at the same time.
    fn suggestion(dice: &mut Dice) -> Self {
        let (mut document, root) = Document::create(SUGGESTION, &suggested(), &author(2, 1)).expect("a suggestion");
        let mut ground = Self { record: SUGGESTION, taken: vec![root], writers: BTreeMap::new() };
        ground.writers.insert(author(2, 1).actor, 2);
        let mut seen = vec![document.heads()];
        for at in 2..4 + dice.below(10) as i64 {
            let (person, key) = *dice.pick(&[(1, "status"), (1, "status"), (2, "deleted_at")]);
            let value: Option<Value> = match key {
                "status" => Some((*dice.pick(&[OPEN, ACCEPTED, DECLINED])).into()),
                _ => dice.one_in(2).then(|| Timestamp::from_millis(at).into()),
            };
            let base = if dice.one_in(3) { dice.pick(&seen).clone() } else { Vec::new() };
            let changes = FieldChanges::from([(key.to_owned(), value)]);
            let (usual, aside) = (author(person, at), branch(person, at));
            if let Some(change) = document.edit(&changes, &base, &usual, &aside).expect("a sound edit") {
                ground.writers.insert(change.actor, person);
                ground.taken.push(change);
                seen.push(document.heads());
            }
        }
        ground
    }

    pub(crate) fn stage(&self, dice: &mut Dice) -> Stage {
        let held = dice.below(self.taken.len());
        let before = self.taken[..held].iter().map(|change| change.bytes.as_slice());
        let document = (held > 0).then(|| Document::from_changes(self.record, before).expect("complete"));
        Stage { held, document }
    }
}

fn suggested() -> Fields {
    fields([
        ("record_kind", "lead".into()),
        ("record_id", LEAD.id.into()),
        ("changes", "{\"title\":{\"seen\":null,\"value\":{\"Text\":\"New\"}}}".into()),
        ("for_id", Value::from(user(1))),
        ("status", OPEN.into()),
        ("owner_id", Value::from(user(2))),
        ("created_at", Timestamp::from_millis(1).into()),
    ])
}
