//! Which record a row is about (PRODUCT 10, Match). A record and a row are compared by the keys both have, the
//! strongest first; what only looks alike is reported, never merged.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use model::input::{DateOrder, InputContext};
use model::value::Fields;
use model::{FieldChanges, Kind, Record, RecordId, Settings, Timestamp, Value};

use crate::keys::{self, company_key, domain_of_website, email_domain, name_key};

/// Most records that are compared for one key.
pub(crate) const CANDIDATES_MAX: usize = 16;

/// Most records that a new one is compared with for likeness.
pub(crate) const LOOKALIKES_MAX: usize = 100;

/// Jaro–Winkler similarity from which names look alike.
pub(crate) const ALIKE: f64 = 0.93;

/// How often a merged record may point on to another.
const REDIRECTS_MAX: usize = 8;

/// One way to recognise a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MatchKey {
    pub(crate) text: String,
    pub(crate) strength: Strength,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Stands for one record.
    Sure,
    /// A name within an account: two records of the same origin with different ids may share it.
    Named,
    /// A name where the row says no account: anything that speaks against it counts.
    NameOnly,
}

/// The records that rows are compared with: those of the workspace and those the import has made so far.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// Only the region counts, which phone numbers are read in.
    settings: Settings,
    pub(crate) records: BTreeMap<RecordId, Record>,
    pub(crate) keys: BTreeSet<(String, RecordId)>,
    merged: BTreeMap<RecordId, RecordId>,
    phone_keys: PhoneKeys,
}

/// Phone numbers' keys as they were read last: reading one is slow, and a row's are read several times.
#[derive(Debug, Clone, Default)]
struct PhoneKeys {
    known: RefCell<BTreeMap<String, Option<String>>>,
}

/// How many phone numbers are remembered.
const PHONES_KNOWN: usize = 512;

impl PhoneKeys {
    fn get(&self, phone: &str, settings: &Settings) -> Option<String> {
        if let Some(key) = self.known.borrow().get(phone) {
            return key.clone();
        }
        let zone = TimeZone::UTC;
        let now = Timestamp::default();
        let today = now.date_in(&zone);
        // Only the region counts.
        let ctx = InputContext { settings, zone, now, today, date_order: DateOrder::default(), decimal: '.' };
        let key = keys::phone_key(phone, &ctx);
        let mut known = self.known.borrow_mut();
        if known.len() >= PHONES_KNOWN {
            known.clear();
        }
        known.insert(phone.to_owned(), key.clone());
        key
    }
}

impl Index {
    /// Builds the index from the workspace's accounts, contacts, leads and activities; `region` reads phone numbers.
    ///
    /// What lies in the trash is not compared; a merged record's keys lead to the one it was merged into.
    pub fn new(region: &str, records: impl IntoIterator<Item = Record>) -> Self {
        let settings = Settings { region: region.to_owned(), ..Settings::default() };
        let mut index = Self { settings, ..Self::default() };
        for record in records {
            index.add(record);
        }
        index
    }

    /// Adds a record.
    pub fn add(&mut self, record: Record) {
        if let Some(winner) = record.link("merged_into") {
            self.merged.insert(record.id, winner);
        } else if record.is_deleted() {
            return;
        }
        for key in self.all_keys(&record) {
            self.keys.insert((key, record.id));
        }
        // Of activities only the external id is ever looked up.
        if record.kind == Kind::Activity {
            self.records.insert(record.id, Record::new(record.kind, record.id));
        } else if !self.merged.contains_key(&record.id) {
            self.records.insert(record.id, record);
        }
    }

    /// Changes a record's fields.
    pub(crate) fn update(&mut self, id: RecordId, changes: &FieldChanges) {
        let Some(mut record) = self.records.remove(&id) else { return };
        // The index is always what it would be if it were built from the records anew.
        for key in self.all_keys(&record) {
            self.keys.remove(&(key, id));
        }
        for (key, value) in changes {
            match value {
                Some(value) => record.fields.insert(key.clone(), value.clone()),
                None => record.fields.remove(key),
            };
        }
        self.add(record);
    }

    /// The record with this id.
    pub fn get(&self, id: RecordId) -> Option<&Record> {
        self.records.get(&id)
    }

    /// The record that came from elsewhere under this id.
    pub(crate) fn by_ref(&self, kind: Kind, import_ref: &str) -> Option<RecordId> {
        self.having(&ref_key(kind, import_ref)).next()
    }

    /// Remembers another external id of a record, for links within the file.
    pub(crate) fn add_ref(&mut self, kind: Kind, import_ref: &str, id: RecordId) {
        self.keys.insert((ref_key(kind, import_ref), id));
    }

    /// The record that a draft describes; the draft's id does not count.
    pub fn find(&self, draft: &Record) -> Option<RecordId> {
        let keys = self.match_keys(draft);
        // A name alone counts only where the row says no account.
        let placed = draft.get("account_id").is_some();
        keys.iter().filter(|key| !placed || key.strength != Strength::NameOnly).find_map(|key| self.best(key, draft))
    }

    /// Of several that have a key the one that has most of the row already and lacks least; of equals the oldest id.
    fn best(&self, key: &MatchKey, draft: &Record) -> Option<RecordId> {
        let records = self.having(&key.text).filter_map(|id| self.get(id));
        let fitting = records.filter(|record| key.strength.permits(record, draft));
        let scored = fitting.map(|record| (agreement(record, &draft.fields), record.id));
        scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, id)| id)
    }

    /// A record that only looks like a draft: much the same name, and the same account or city.
    pub fn lookalike(&self, draft: &Record) -> Option<&Record> {
        let name = compared_name(draft);
        let neighbours = self.having_at_most(&neighbour_key(draft)?, LOOKALIKES_MAX).filter_map(|id| self.get(id));
        neighbours.into_iter().find(|record| strsim::jaro_winkler(&compared_name(record), &name) >= ALIKE)
    }

    /// Every way to recognise a record, the strongest first.
    fn match_keys(&self, record: &Record) -> Vec<MatchKey> {
        let mut keys = Vec::new();
        let mut push = |strength, text: String| keys.push(MatchKey { text, strength });
        if let Some(import_ref) = record.get("import_ref").and_then(Value::as_text) {
            push(Strength::Sure, ref_key(record.kind, import_ref));
        }
        match record.kind {
            Kind::Account => account_keys(record, push),
            Kind::Contact => contact_keys(record, |phone| self.phone_keys.get(phone, &self.settings), push),
            Kind::Lead => lead_keys(record, push),
            _ => {}
        }
        keys
    }

    fn all_keys(&self, record: &Record) -> Vec<String> {
        let keys = self.match_keys(record).into_iter().map(|key| key.text);
        keys.chain(neighbour_key(record)).collect()
    }

    fn having<'a>(&'a self, key: &str) -> impl Iterator<Item = RecordId> + 'a {
        self.having_at_most(key, CANDIDATES_MAX)
    }

    fn having_at_most<'a>(&'a self, key: &str, limit: usize) -> impl Iterator<Item = RecordId> + 'a {
        let from = (key.to_owned(), RecordId::from_bytes([0; 16]));
        let to = (key.to_owned(), RecordId::from_bytes([255; 16]));
        self.keys.range(from..=to).take(limit).map(|(_, id)| self.resolve(*id))
    }

    fn resolve(&self, id: RecordId) -> RecordId {
        let mut id = id;
        for _ in 0..REDIRECTS_MAX {
            let Some(winner) = self.merged.get(&id) else { break };
            id = *winner;
        }
        id
    }
}

impl Strength {
    pub(crate) fn permits(self, record: &Record, draft: &Record) -> bool {
        let both = |has: fn(&Record) -> bool| has(record) && has(draft);
        match self {
            Self::Sure => true,
            Self::Named => !of_one_origin_with_other_id(record, draft),
            Self::NameOnly => {
                !of_one_origin_with_other_id(record, draft)
                    && !both(has_email)
                    && !both(has_phone)
                    && !both(|record| record.get("linkedin_url").is_some())
            }
        }
    }
}

fn has_email(record: &Record) -> bool {
    record.get("email").is_some() || record.members("emails").next().is_some()
}

fn has_phone(record: &Record) -> bool {
    record.get("phone").is_some() || record.members("phones").next().is_some()
}

fn of_one_origin_with_other_id(record: &Record, draft: &Record) -> bool {
    let (Some((origin, id)), Some((draft_origin, draft_id))) =
        (record.text("import_ref").split_once(':'), draft.text("import_ref").split_once(':'))
    else {
        return false;
    };
    origin == draft_origin && id != draft_id
}

/// How many of the fields a record has just so, and how few it lacks.
fn agreement(record: &Record, fields: &Fields) -> (usize, Reverse<usize>) {
    let equal = fields.iter().filter(|(key, value)| record.get(key) == Some(value)).count();
    let lacking = fields.keys().filter(|key| record.get(key).is_none()).count();
    (equal, Reverse(lacking))
}

fn ref_key(kind: Kind, import_ref: &str) -> String {
    format!("{}:ref:{import_ref}", kind.name())
}

fn account_keys(record: &Record, mut push: impl FnMut(Strength, String)) {
    let domains = [domain_of_website(record.text("website")), email_domain(record.text("email"))];
    for domain in domains.into_iter().flatten() {
        push(Strength::Sure, format!("a:domain:{domain}"));
    }
    let name = company_key(record.text("name"));
    if !name.is_empty() {
        push(Strength::Named, format!("a:name:{name}"));
    }
}

fn contact_keys(record: &Record, phone_key: impl Fn(&str) -> Option<String>, mut push: impl FnMut(Strength, String)) {
    let emails = std::iter::once(record.text("email")).chain(record.members("emails").map(|(email, _)| email));
    for key in emails.filter_map(keys::email_key) {
        push(Strength::Sure, format!("c:email:{key}"));
    }
    let last_name = name_key(record.text("last_name"));
    let phones = std::iter::once(record.text("phone")).chain(record.members("phones").map(|(phone, _)| phone));
    if !last_name.is_empty() {
        for key in phones.filter(|phone| !phone.is_empty()).filter_map(phone_key) {
            push(Strength::Sure, format!("c:phone:{key}:{last_name}"));
        }
    }
    if let Some(key) = keys::linkedin_key(record.text("linkedin_url")) {
        push(Strength::Sure, format!("c:linkedin:{key}"));
    }
    let name = full_name_key(record);
    if name.is_empty() {
        return;
    }
    if let Some(account) = record.link("account_id") {
        push(Strength::Named, format!("c:name:{account}:{name}"));
    }
    push(Strength::NameOnly, format!("c:name::{name}"));
}

fn lead_keys(record: &Record, mut push: impl FnMut(Strength, String)) {
    let title = name_key(record.text("title"));
    if !title.is_empty() {
        let account = record.link("account_id").map(|id| id.to_string()).unwrap_or_default();
        push(Strength::Named, format!("l:title:{account}:{title}"));
    }
}

fn full_name_key(record: &Record) -> String {
    name_key(&format!("{} {}", record.text("first_name"), record.text("last_name")))
}

pub(crate) fn compared_name(record: &Record) -> String {
    match record.kind {
        Kind::Account => company_key(record.text("name")),
        Kind::Contact => full_name_key(record),
        _ => name_key(record.text("title")),
    }
}

/// Where lookalikes are found: the same account or city, and the same first letter.
fn neighbour_key(record: &Record) -> Option<String> {
    let initial = compared_name(record).chars().next()?;
    match record.kind {
        Kind::Account => {
            let city = name_key(record.text("city"));
            (!city.is_empty()).then(|| format!("a:city:{initial}:{city}"))
        }
        Kind::Contact => record.link("account_id").map(|account| format!("c:at:{initial}:{account}")),
        Kind::Lead => record.link("account_id").map(|account| format!("l:at:{initial}:{account}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    fn index(records: &[&Record]) -> Index {
        Index::new("US", records.iter().map(|&record| record.clone()))
    }

    fn found(index: &Index, draft: &Record) -> Option<RecordId> {
        index.find(draft)
    }

    #[test]
    fn a_contact_is_recognised_by_any_address() {
        let ann = build::contact("Ann Lee").with("email", "ann@acme.com").with("emails/lee@home.org", "home").record();
        let index = index(&[&ann]);

        assert_eq!(found(&index, &build::contact("A. L.").with("email", "LEE@home.org")), Some(ann.id));
        assert_eq!(found(&index, &build::contact("A. L.").with("email", "al@home.org")), None);
    }

    #[test]
    fn a_phone_number_needs_the_last_name() {
        let ann = build::contact("Ann Lee").with("phone", "+1 212 555 0147").record();
        let index = index(&[&ann]);

        assert_eq!(found(&index, &build::contact("Anna Lee").with("phone", "(212) 555-0147")), Some(ann.id));
        assert_eq!(found(&index, &build::contact("Bob Ray").with("phone", "(212) 555-0147")), None);
    }

    #[test]
    fn a_linkedin_page_is_enough() {
        let ann = build::contact("Ann Lee").with("linkedin_url", "https://www.linkedin.com/in/annlee/").record();
        let index = index(&[&ann]);

        assert_eq!(
            found(&index, &build::contact("X Y").with("linkedin_url", "http://linkedin.com/in/AnnLee")),
            Some(ann.id)
        );
    }

    #[test]
    fn a_full_name_needs_the_same_account() {
        let (acme, other) = (build::account("Acme"), build::account("Other"));
        let ann = build::contact("Ann Lee").at(&acme).record();
        let index = index(&[&ann]);

        assert_eq!(found(&index, &build::contact("ANN  Lée").at(&acme)), Some(ann.id));
        assert_eq!(found(&index, &build::contact("Ann Lee").at(&other)), None);
    }

    #[test]
    fn a_name_alone_counts_when_nothing_speaks_against_it() {
        let ann = build::contact("Ann Lee").with("email", "ann@acme.com").record();
        let index = index(&[&ann]);

        assert_eq!(found(&index, &build::contact("Ann Lee")), Some(ann.id));
        assert_eq!(found(&index, &build::contact("Ann Lee").with("email", "ann@other.com")), None);
    }

    #[test]
    fn an_account_is_recognised_by_domain_or_name_without_legal_form() {
        let acme = build::account("Acme GmbH & Co. KG").with("website", "https://www.acme.co.uk/about").record();
        let index = index(&[&acme]);

        assert_eq!(found(&index, &build::account("Wile").with("website", "shop.acme.co.uk")), Some(acme.id));
        assert_eq!(found(&index, &build::account("ÀCME, Inc.")), Some(acme.id));
        assert_eq!(found(&index, &build::account("Acme Labs")), None);
    }

    #[test]
    fn free_mail_and_social_domains_never_match() {
        let one = build::account("One").with("email", "one@gmail.com").record();
        let two = build::account("Two").with("website", "https://facebook.com/two").record();
        let index = index(&[&one, &two]);

        assert_eq!(found(&index, &build::account("Three").with("email", "three@gmail.com")), None);
        assert_eq!(found(&index, &build::account("Three").with("website", "https://facebook.com/three")), None);
    }

    #[test]
    fn a_lead_is_recognised_by_external_id_else_by_title_and_account() {
        let acme = build::account("Acme");
        let renewal = build::lead("Renewal").at(&acme).with("import_ref", "hubspot_deals:1").record();
        let index = index(&[&renewal]);

        assert_eq!(found(&index, &build::lead("Other").with("import_ref", "hubspot_deals:1")), Some(renewal.id));
        assert_eq!(found(&index, &build::lead("renewal").at(&acme)), Some(renewal.id));
        assert_eq!(found(&index, &build::lead("renewal")), None);
        let second = build::lead("Renewal").at(&acme).with("import_ref", "hubspot_deals:2");
        assert_eq!(found(&index, &second), None, "another deal of the same program");
    }

    #[test]
    fn a_merged_record_leads_to_the_one_it_became() {
        let winner = build::contact("Ann Lee").record();
        let loser = build::contact("Anna Li").with("email", "a@b.co").with("merged_into", winner.id);
        let loser = loser.with("deleted_at", build::now()).record();
        let index = index(&[&winner, &loser]);

        assert_eq!(found(&index, &build::contact("X").with("email", "a@b.co")), Some(winner.id));
    }

    #[test]
    fn what_lies_in_the_trash_is_not_found() {
        let ann = build::contact("Ann Lee").with("email", "a@b.co").with("deleted_at", build::now()).record();

        assert_eq!(found(&index(&[&ann]), &build::contact("Ann Lee").with("email", "a@b.co")), None);
    }

    #[test]
    fn much_the_same_name_at_the_same_account_or_city_looks_alike() {
        let acme = build::account("Acme Widgets").with("city", "Berlin").record();
        let ann = build::contact("Katherine Johnson").at(&acme).record();
        let index = index(&[&acme, &ann]);

        let alike = |draft: &Record| index.lookalike(draft).map(|record| record.id);
        assert_eq!(alike(&build::contact("Katharine Johnson").at(&acme)), Some(ann.id));
        assert_eq!(alike(&build::contact("Katharine Johnson")), None);
        assert_eq!(alike(&build::account("Acme Widget").with("city", "berlin")), Some(acme.id));
        assert_eq!(alike(&build::account("Acme Widget").with("city", "Bonn")), None);
    }
}
