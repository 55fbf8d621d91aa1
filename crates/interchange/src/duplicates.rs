//! Records that may be the same (PRODUCT 10, Match): proposed for merging, never merged by themselves.

use std::collections::BTreeMap;

use model::plan::merge::distinct_key;
use model::query::Likeness;
use model::{Kind, Record, RecordId};

use crate::matching::{ALIKE, CANDIDATES_MAX, Index, LOOKALIKES_MAX, Strength, compared_name};

/// Records of one kind that may be the same, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The records.
    pub records: Vec<RecordId>,
    /// The surest thing that two of them share.
    pub why: Likeness,
}

impl Index {
    /// Groups the records that may be the same, the surest first.
    ///
    /// Records that somebody marked as different are not joined, unless a third one joins them.
    pub fn duplicates(&self) -> Vec<Group> {
        let mut joined = Joined::default();
        let mut rest = self.keys.iter().peekable();
        while let Some((key, first)) = rest.next() {
            let mut sharing = vec![*first];
            while let Some((_, next)) = rest.next_if(|(other, _)| other == key) {
                sharing.push(*next);
            }
            if sharing.len() > 1 {
                self.join_sharing(key, &sharing, &mut joined);
            }
        }
        joined.groups()
    }

    fn join_sharing(&self, key: &str, sharing: &[RecordId], joined: &mut Joined) {
        let Some((why, strength)) = meaning(key) else { return };
        let most = if why == Likeness::Similar { LOOKALIKES_MAX } else { CANDIDATES_MAX };
        let records: Vec<&Record> = sharing.iter().filter_map(|id| self.records.get(id)).take(most).collect();
        for (index, one) in records.iter().enumerate() {
            for other in &records[index + 1..] {
                if !are_apart(one, other) && strength.permits(one, other) && are_alike(why, one, other) {
                    joined.join(one.id, other.id, why);
                }
            }
        }
    }
}

/// What a key says about records that share it; `None` for keys that say nothing here.
fn meaning(key: &str) -> Option<(Likeness, Strength)> {
    let mut parts = key.splitn(4, ':');
    let (kind, what, at) = (parts.next()?, parts.next()?, parts.next().unwrap_or(""));
    Some(match (kind, what) {
        ("c", "email") => (Likeness::Email, Strength::Sure),
        ("c", "phone") => (Likeness::Phone, Strength::Sure),
        ("c", "linkedin") => (Likeness::LinkedIn, Strength::Sure),
        ("a", "domain") => (Likeness::Domain, Strength::Sure),
        ("c", "name") if at.is_empty() => (Likeness::Name, Strength::NameOnly),
        ("a" | "c", "name") | ("l", "title") => (Likeness::Name, Strength::Named),
        ("a", "city") | ("c", "at") => (Likeness::Similar, Strength::NameOnly),
        _ => return None,
    })
}

fn are_apart(one: &Record, other: &Record) -> bool {
    one.get(&distinct_key(other.id)).is_some() || other.get(&distinct_key(one.id)).is_some()
}

fn are_alike(why: Likeness, one: &Record, other: &Record) -> bool {
    let both_at = one.link("account_id").zip(other.link("account_id"));
    match (why, one.kind) {
        // A deal that was won or lost may come again under the same name.
        (_, Kind::Lead) => one.get("closed_on").is_none() && other.get("closed_on").is_none(),
        (Likeness::Name, Kind::Contact) => both_at.is_none_or(|(one, other)| one == other),
        (Likeness::Similar, _) => strsim::jaro_winkler(&compared_name(one), &compared_name(other)) >= ALIKE,
        _ => true,
    }
}

/// Which records were joined with which.
#[derive(Debug, Default)]
struct Joined {
    /// The next record on the way to the group's first.
    towards: BTreeMap<RecordId, RecordId>,
    why: BTreeMap<RecordId, Likeness>,
}

impl Joined {
    fn first_of(&self, id: RecordId) -> RecordId {
        let mut id = id;
        while let Some(next) = self.towards.get(&id) {
            id = *next;
        }
        id
    }

    fn join(&mut self, one: RecordId, other: RecordId, why: Likeness) {
        let (one, other) = (self.first_of(one), self.first_of(other));
        let (first, second) = (one.min(other), one.max(other));
        let known = [first, second].map(|id| self.why.remove(&id));
        let surest = known.into_iter().flatten().fold(why, Likeness::min);
        self.why.insert(first, surest);
        if first != second {
            self.towards.insert(second, first);
        }
    }

    fn groups(&self) -> Vec<Group> {
        let mut members: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for id in self.towards.keys() {
            members.entry(self.first_of(*id)).or_default().push(*id);
        }
        let group = |(first, rest): (RecordId, Vec<RecordId>)| {
            let why = self.why.get(&first).copied().unwrap_or(Likeness::Similar);
            Group { records: std::iter::once(first).chain(rest).collect(), why }
        };
        let mut groups: Vec<Group> = members.into_iter().map(group).collect();
        groups.sort_by_key(|group| group.why);
        groups
    }
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    fn id(number: u8) -> RecordId {
        RecordId::from_bytes([number; 16])
    }

    fn found(records: &[&Record]) -> Vec<(Vec<RecordId>, Likeness)> {
        let index = Index::new("US", records.iter().map(|&record| record.clone()));
        index.duplicates().into_iter().map(|group| (group.records, group.why)).collect()
    }

    #[test]
    fn contacts_that_share_an_address_in_any_form_are_one_group() {
        let ann = build::contact("Ann Lee").with_id(id(1)).with("email", "ann@acme.com").record();
        let anna = build::contact("A. Lee").with("emails/ANN@acme.com", "old").with("phone", "+12125550147").record();
        let lee = build::contact("Anna Lee").with("phone", "(212) 555-0147").record();
        let ben = build::contact("Ben Ray").with("email", "ben@acme.com").record();

        let mut ids = vec![ann.id, anna.id, lee.id];
        ids.sort();
        assert_eq!(found(&[&ann, &anna, &lee, &ben]), [(ids, Likeness::Email)]);
    }

    #[test]
    fn accounts_share_a_domain_a_name_without_legal_form_or_nearly_a_name_in_one_city() {
        let one = build::account("Acme GmbH").with("website", "https://acme.de").record();
        let two = build::account("ACME").with("city", "Berlin").record();
        let three = build::account("Müller Maschinenbau").with("city", "Ulm").record();
        let four = build::account("Müller Maschinebau").with("city", "ulm").record();

        let groups = found(&[&one, &two, &three, &four]);

        assert_eq!(groups.iter().map(|(_, why)| *why).collect::<Vec<_>>(), [Likeness::Name, Likeness::Similar]);
    }

    #[test]
    fn namesakes_are_left_alone_when_something_speaks_against_it() {
        let (acme, other) = (build::account("Acme"), build::account("Other"));
        let at_acme = build::contact("Ann Lee").with_id(id(2)).at(&acme).record();
        let at_other = build::contact("Ann Lee").with_id(id(3)).at(&other).record();
        let with_mail = build::contact("Ann Lee").with_id(id(4)).with("email", "ann@home.org").record();
        let other_mail = build::contact("Ann Lee").with_id(id(5)).with("email", "lee@home.org").record();

        assert_eq!(found(&[&at_acme, &at_other]), []);
        assert_eq!(found(&[&with_mail, &other_mail]), []);
        assert_eq!(found(&[&at_acme, &with_mail]).len(), 1);
    }

    #[test]
    fn a_lead_that_was_closed_may_come_again() {
        let acme = build::account("Acme");
        let won = build::lead("Renewal")
            .with_id(id(8))
            .at(&acme)
            .with("closed_on", "2026-01-31".parse::<model::Date>().unwrap());
        let won = won.record();
        let open = build::lead("renewal").with_id(id(9)).at(&acme).record();
        let twice = build::lead("Renewal").with_id(id(10)).at(&acme).record();

        assert_eq!(found(&[&won, &open]), []);
        assert_eq!(found(&[&open, &twice]).len(), 1);
    }

    #[test]
    fn what_was_marked_as_different_is_not_proposed_again() {
        let father = build::contact("Ann Lee").with_id(id(6)).with("email", "lee@home.org").record();
        let daughter = build::contact("Ann Lee").with_id(id(7)).with("email", "lee@home.org");
        let daughter = daughter.with(&distinct_key(father.id), true).record();

        assert_eq!(found(&[&father, &daughter]), []);
    }
}
