//! Builders of records for tests and sample data, and a seeded source of ids. Nothing here is random: the
//! same calls make the same records.
//!
//! A claim about a lead starts with `build::lead("Website").worth(1_250_000).in_stage("qualified")`; only what
//! the claim is about is said, the rest takes believable defaults.

use std::ops::Deref;

use crate::value::Fields;
use crate::{Edit, IdSource, Kind, Record, RecordId, Timestamp, UserId, Value};

/// The person who owns what nobody else is said to own.
pub const ME: UserId = UserId::from_bytes(*b"trailtrack--user");

/// The moment that counts as "now" in built data: Monday, 2 March 2026, 09:00 UTC.
pub fn now() -> Timestamp {
    Timestamp::from_millis(1_772_442_000_000)
}

/// A small generator of repeatable numbers (splitmix64).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Starts the sequence that belongs to this seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number of the sequence.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but not including `limit`; 0 when `limit` is 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        let number = self.next_u64();
        if limit == 0 { 0 } else { number % limit }
    }

    /// A place in a list of this length; 0 when it is empty.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low.saturating_add_unsigned(self.below(u64::try_from(span).unwrap_or(1)))
    }

    /// True in `percent` of a hundred cases.
    pub const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }
}

/// A source of ids that brings the same ids for the same seed; its clock stands until it is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeededIds {
    now: Timestamp,
    dice: Dice,
}

impl SeededIds {
    /// Starts the sequence of this seed at `now()`.
    pub fn new(seed: u64) -> Self {
        Self::starting(seed, now())
    }

    /// Starts the sequence of this seed at a moment.
    pub const fn starting(seed: u64, now: Timestamp) -> Self {
        Self { now, dice: Dice::new(seed) }
    }

    /// Moves the clock.
    pub const fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// The dice that the ids are drawn from.
    pub const fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}

impl IdSource for SeededIds {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.dice.next_u64().to_be_bytes());
        bytes[8..].copy_from_slice(&self.dice.next_u64().to_be_bytes()[..2]);
        bytes
    }
}

/// A record being built. Reads like a `Record`; `record` and `edit` hand it over.
///
/// Its id follows from its kind and name, so that two tests agree on it; `with_id` sets another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    record: Record,
}

/// An account.
pub fn account(name: &str) -> Draft {
    Draft::new(Kind::Account, name).with("name", name)
}

/// A contact; the last word of several is the last name.
pub fn contact(name: &str) -> Draft {
    let draft = Draft::new(Kind::Contact, name);
    match name.trim().rsplit_once(' ') {
        Some((first, last)) => draft.with("first_name", first.trim()).with("last_name", last),
        None => draft.with("first_name", name),
    }
}

/// A lead in the first stage.
pub fn lead(title: &str) -> Draft {
    Draft::new(Kind::Lead, title).with("title", title).in_stage("new")
}

/// An activity of this type (`call`, `email`, `meeting`, `note`, `sms`) that has just happened.
pub fn activity(activity_type: &str, subject: &str) -> Draft {
    let draft = Draft::new(Kind::Activity, &format!("{activity_type} {subject}"));
    draft.with("type", activity_type).with("subject", subject).with("occurred_at", now())
}

/// An open task about a record.
pub fn task(title: &str, about: &Record) -> Draft {
    let draft = Draft::new(Kind::Task, title).with("title", title).with("status", "open").with("priority", "medium");
    draft.with("linked_type", about.kind.name()).with("linked_id", about.id)
}

impl Draft {
    fn new(kind: Kind, name: &str) -> Self {
        let fields = Fields::from([("owner_id".to_owned(), ME.into()), ("created_at".to_owned(), now().into())]);
        Self { record: Record { kind, id: id_for(kind, name), fields } }
    }

    /// Sets a field.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.record.fields.insert(key.to_owned(), value.into());
        self
    }

    /// Sets the id.
    #[must_use]
    pub const fn with_id(mut self, id: RecordId) -> Self {
        self.record.id = id;
        self
    }

    /// Makes it a person's own.
    #[must_use]
    pub fn owned_by(self, owner: UserId) -> Self {
        self.with("owner_id", owner)
    }

    /// Dates its creation.
    #[must_use]
    pub fn created(self, at: Timestamp) -> Self {
        self.with("created_at", at)
    }

    /// Puts a contact, lead or activity at an account.
    #[must_use]
    pub fn at(self, account: &Record) -> Self {
        self.with("account_id", account.id)
    }

    /// Links an activity to a lead, account or contact.
    #[must_use]
    pub fn about(self, record: &Record) -> Self {
        match record.kind {
            Kind::Lead => self.with("lead_id", record.id),
            Kind::Contact => self.with("contact_id", record.id),
            _ => self.at(record),
        }
    }

    /// Makes a contact a lead's first contact.
    #[must_use]
    pub fn with_contact(self, contact: &Record) -> Self {
        self.with("primary_contact_id", contact.id)
    }

    /// Gives a lead a value in cents.
    #[must_use]
    pub fn worth(self, cents: i64) -> Self {
        self.with("value_cents", cents)
    }

    /// Puts a lead in the middle of a stage.
    #[must_use]
    pub fn in_stage(self, stage: &str) -> Self {
        self.at_rank(stage, "80")
    }

    /// Puts a lead at a rank within a stage.
    #[must_use]
    pub fn at_rank(self, stage: &str, rank: &str) -> Self {
        self.with("place", format!("{stage}|{rank}"))
    }

    /// Makes a task due.
    #[must_use]
    pub fn due(self, at: Timestamp) -> Self {
        self.with("due_at", at)
    }

    /// The finished record.
    pub fn record(self) -> Record {
        self.record
    }

    /// The edit that creates it.
    pub fn edit(self) -> Edit {
        Edit::Create { record: self.record.reference(), fields: self.record.fields }
    }
}

impl Deref for Draft {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

/// An id that follows from kind and name: a version 7 id made at `now()`.
fn id_for(kind: Kind, name: &str) -> RecordId {
    let start = u64::from(kind.code());
    let seed = name.bytes().fold(start, |seed, byte| Dice::new(seed.rotate_left(8) ^ u64::from(byte)).next_u64());
    SeededIds::new(seed).fresh_record_id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::check_record;

    #[test]
    fn every_builder_makes_a_complete_record() {
        let acme = account("Acme");
        let ada = contact("Ada Lovelace").at(&acme);
        let website = lead("Website").at(&acme).with_contact(&ada).worth(1_250_000).in_stage("qualified");
        let call = activity("call", "Talked").about(&website).about(&acme).about(&ada);
        let quote = task("Send quote", &website).due(now());

        for draft in [&acme, &ada, &website, &call, &quote] {
            assert_eq!(check_record(draft.kind, &draft.fields), vec![], "{draft:?}");
        }
        assert_eq!(ada.text("last_name"), "Lovelace");
        assert_eq!(website.place(), ("qualified", "80"));
        assert_eq!(call.link("lead_id"), Some(website.id));
    }

    #[test]
    fn ids_follow_from_kind_and_name() {
        assert_eq!(account("Acme").id, account("Acme").id);
        assert_ne!(account("Acme").id, account("Acne").id);
        assert_ne!(account("Acme").id, lead("Acme").id);
    }

    #[test]
    fn the_same_seed_brings_the_same_ids() {
        let draw = |seed| {
            let mut ids = SeededIds::new(seed);
            [ids.fresh_record_id(), ids.fresh_record_id()]
        };

        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_ne!(draw(1)[0], draw(1)[1]);
    }

    #[test]
    fn dice_stay_within_their_bounds() {
        let mut dice = Dice::new(7);
        for _ in 0..1_000 {
            assert!((-3..=3).contains(&dice.between(-3, 3)));
            assert!(dice.below(5) < 5);
        }
        assert_eq!((dice.below(0), dice.between(4, 4), dice.between(9, 1)), (0, 4, 9));
    }
}
