//! Several people who work on one lead, honestly and at random, with a relay between them.

use std::collections::BTreeMap;

use ledger::guard::{admit, inspect};
use ledger::{ActorId, Author, Document, NewChange};
use model::{ChangeHash, Date, FieldChanges, RecordId, Timestamp, Value};

use crate::dice::Dice;
use crate::support::{LEAD, author, branch, lead};

/// One person's document, what the relay has not seen of it, and heads that forms were opened at.
struct Person {
    document: Document,
    unsent: Vec<NewChange>,
    opened: Vec<Vec<ChangeHash>>,
}

/// The people and what the relay holds.
pub(crate) struct Team {
    people: Vec<Person>,
    pub(crate) relay: Document,
    /// Every change in the order the relay took it.
    pub(crate) taken: Vec<NewChange>,
    /// Whose each actor is.
    pub(crate) writers: BTreeMap<ActorId, u8>,
    clock: i64,
}

const KEYS: [&str; 12] = [
    "title",
    "source",
    "notes",
    "notes",
    "value_cents",
    "probability_pinned",
    "expected_close_date",
    "tags/a",
    "tags/b",
    "updated_at",
    "account_id",
    "custom/x",
];

impl Team {
    pub(crate) fn of(count: usize) -> Self {
        let (relay, root) = lead();
        let person = || Person { document: relay.clone(), unsent: vec![], opened: vec![relay.heads()] };
        let people = (0..count).map(|_| person()).collect();
        let writers = BTreeMap::from([(root.actor, 1)]);
        Self { people, relay, taken: vec![root], writers, clock: 100 }
    }

    /// Somebody does something: edits, edits from a form opened long ago, settles, sends, or fetches.
    pub(crate) fn step(&mut self, dice: &mut Dice) {
        self.clock += 1;
        let who = dice.below(self.people.len());
        match dice.below(8) {
            0 => self.send(who),
            1 => self.fetch(who),
            2 => {
                let heads = self.people[who].document.heads();
                self.people[who].opened.push(heads);
            }
            3 => self.settle(who, dice),
            _ => self.edit(who, dice),
        }
    }

    /// Everything arrives everywhere.
    pub(crate) fn finish(&mut self) {
        for who in 0..self.people.len() {
            self.send(who);
        }
        for who in 0..self.people.len() {
            self.fetch(who);
            assert_eq!(self.people[who].document.heads(), self.relay.heads());
            assert_eq!(self.people[who].document.read(), self.relay.read());
        }
    }

    fn authors(&self, who: usize) -> (Author, Author) {
        let person = who as u8 + 1;
        (author(person, self.clock), branch(person, self.clock))
    }

    fn edit(&mut self, who: usize, dice: &mut Dice) {
        let (author, branch) = self.authors(who);
        let person = &mut self.people[who];
        let base = if dice.one_in(3) { dice.pick(&person.opened).clone() } else { vec![] };
        let text = person.document.read().0.text("notes").to_owned();
        let changes: FieldChanges = (0..=dice.below(3))
            .map(|_| {
                let key = *dice.pick(&KEYS);
                (key.to_owned(), value(key, &text, dice))
            })
            .collect();
        let change = person.document.edit(&changes, &base, &author, &branch).expect("a sound edit");
        person.unsent.extend(change);
    }

    fn settle(&mut self, who: usize, dice: &mut Dice) {
        let (author, _) = self.authors(who);
        let person = &mut self.people[who];
        for conflict in person.document.conflicts() {
            let choice = dice.pick(&conflict.values).value.clone();
            let change = person.document.settle(&conflict.key, choice, &author).expect("a sound choice");
            assert!(person.document.conflicts().iter().all(|left| left.key != conflict.key));
            person.unsent.extend(change);
        }
    }

    fn send(&mut self, who: usize) {
        for change in self.people[who].unsent.drain(..) {
            let inspected = inspect(&change.bytes).expect("an honest change");
            assert_eq!((inspected.hash, inspected.bytes.as_slice()), (change.hash, change.bytes.as_slice()));
            admit(Some(&self.relay), LEAD, &inspected).expect("an honest change");
            self.relay.apply(&inspected.bytes).expect("an honest change");
            self.writers.insert(change.actor, who as u8 + 1);
            self.taken.push(change);
        }
    }

    fn fetch(&mut self, who: usize) {
        for change in &self.taken {
            self.people[who].document.apply(&change.bytes).expect("an honest change");
        }
    }
}

fn value(key: &str, text: &str, dice: &mut Dice) -> Option<Value> {
    if key != "title" && dice.one_in(5) {
        return None;
    }
    let word = *dice.pick(&["red", "green", "Grüße", "🦊", ""]);
    Some(match key {
        "notes" => retyped(text, word, dice).into(),
        "value_cents" => (dice.below(1000) as i64).into(),
        "probability_pinned" => dice.one_in(2).into(),
        "expected_close_date" => Date::new(2026, 1 + dice.below(12) as i8, 1).expect("a day").into(),
        "tags/a" | "tags/b" => true.into(),
        "updated_at" => Timestamp::from_millis(dice.below(1000) as i64).into(),
        "account_id" => RecordId::from_bytes([dice.below(3) as u8; 16]).into(),
        _ => word.into(),
    })
}

/// The text with a word put in, and perhaps some of it gone.
fn retyped(text: &str, word: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let from = dice.below(letters.len() + 1);
    let to = (from + dice.below(4)).min(letters.len());
    letters.splice(from..to, word.chars());
    letters.into_iter().collect()
}
