//! Believable records in any number. The words are not those of the sample data, so that nothing that was fitted to
//! them looks better than it is.

use model::action::Action;
use model::build::{self, Draft};
use model::{Edit, FieldChanges, IdSource, Kind, Record, RecordId, RecordRef, UserId};

use super::relay_side::Env;

const FIRST: [&str; 24] = [
    "Amara", "Bo", "Chiara", "Dmitri", "Élodie", "Farouk", "Greta", "Hiro", "Ines", "Jovan", "Kateryna", "Liam",
    "Mireille", "Nuno", "Oksana", "Pilar", "Quentin", "Rosa", "Søren", "Tamsin", "Umberto", "Vesna", "Wanda", "Zoë",
];
const LAST: [&str; 24] = [
    "Abara",
    "Bianchi",
    "Castellanos",
    "Dvořák",
    "Eriksen",
    "Fontaine",
    "Gallagher",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalczyk",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rossi",
    "Schäfer",
    "Takahashi",
    "Ueda",
    "Vasquez",
    "Whitlock",
    "Zimmermann",
];
const COMPANY: [&str; 24] = [
    "Alder", "Basalt", "Cinder", "Drift", "Ember", "Fathom", "Granite", "Hollow", "Ironwood", "Juniper", "Kestrel",
    "Lantern", "Meridian", "Nimbus", "Orchard", "Pinnacle", "Quarry", "Ridge", "Sable", "Thistle", "Umber", "Vale",
    "Wharf", "Yarrow",
];
const THING: [&str; 24] = [
    "annual",
    "backup",
    "cabling",
    "dashboard",
    "extension",
    "framework",
    "gateway",
    "handover",
    "inventory",
    "joint",
    "kiosk",
    "logistics",
    "maintenance",
    "network",
    "onboarding",
    "packaging",
    "quarterly",
    "refit",
    "scanner",
    "telemetry",
    "upgrade",
    "vehicle",
    "warehouse",
    "yearly",
];
const STAGES: [&str; 6] = ["new", "qualified", "proposal", "negotiation", "won", "lost"];
const ACTIVITIES: [&str; 4] = ["call", "email", "meeting", "note"];
const DAY_MILLIS: i64 = 86_400_000;

/// How many of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mix {
    pub(crate) accounts: usize,
    pub(crate) contacts: usize,
    pub(crate) leads: usize,
    pub(crate) activities: usize,
    pub(crate) tasks: usize,
}

impl Mix {
    /// So many records of all kinds, a tenth of them leads.
    pub(crate) const fn of_all_kinds(count: usize) -> Self {
        let (accounts, leads, tasks) = (count / 10, count / 10, count / 20);
        let activities = count * 35 / 100;
        Self { accounts, contacts: count - accounts - leads - tasks - activities, leads, activities, tasks }
    }

    /// Leads alone.
    pub(crate) const fn of_leads(leads: usize) -> Self {
        Self { accounts: 0, contacts: 0, leads, activities: 0, tasks: 0 }
    }

    pub(crate) const fn total(self) -> usize {
        self.accounts + self.contacts + self.leads + self.activities + self.tasks
    }
}

/// Makes records that link to each other.
pub(crate) struct Maker<'a> {
    env: &'a mut Env,
    owner: UserId,
    accounts: Vec<RecordId>,
    contacts: Vec<RecordId>,
    leads: Vec<RecordId>,
}

impl<'a> Maker<'a> {
    pub(crate) const fn new(env: &'a mut Env, owner: UserId) -> Self {
        Self { env, owner, accounts: Vec::new(), contacts: Vec::new(), leads: Vec::new() }
    }

    /// The edits that create the records of a mix.
    pub(crate) fn mix(&mut self, mix: Mix) -> Vec<Edit> {
        let mut edits: Vec<Edit> = (0..mix.accounts).map(|_| self.account()).collect();
        edits.extend((0..mix.contacts).map(|_| self.contact()));
        edits.extend((0..mix.leads).map(|_| self.lead()));
        edits.extend((0..mix.activities).map(|_| self.activity()));
        edits.extend((0..mix.tasks).map(|_| self.task()));
        edits
    }

    fn account(&mut self) -> Edit {
        let name = format!("{} {} {}", self.pick(&COMPANY), self.pick(&COMPANY), self.below(10_000));
        let draft = build::account(&name)
            .with("website", format!("https://{}.example", name.to_lowercase().replace(' ', "-")))
            .with("industry", self.pick(&THING))
            .with("phone", self.phone())
            .with("city", self.pick(&LAST))
            .with("notes", self.words(8));
        let id = self.env.fresh_record_id();
        self.accounts.push(id);
        self.finish(draft, id)
    }

    fn contact(&mut self) -> Edit {
        let (first, last) = (self.pick(&FIRST), self.pick(&LAST));
        let mut draft = build::contact(&format!("{first} {last}"))
            .with("email", format!("p{}@{}.example", self.below(100_000_000), self.pick(&COMPANY).to_lowercase()))
            .with("phone", self.phone())
            .with("title", self.words(2));
        if let Some(account) = self.one_of(|maker| &maker.accounts) {
            draft = draft.with("account_id", account);
        }
        let id = self.env.fresh_record_id();
        self.contacts.push(id);
        self.finish(draft, id)
    }

    /// A lead; without accounts in the mix it links to one that is not here.
    pub(crate) fn lead(&mut self) -> Edit {
        let title = format!("{} {} {}", self.pick(&COMPANY), self.words(2), self.below(1_000));
        let account = self.one_of(|maker| &maker.accounts).unwrap_or_else(|| self.env.fresh_record_id());
        let contact = self.one_of(|maker| &maker.contacts).unwrap_or_else(|| self.env.fresh_record_id());
        let (stage, rank) = (self.pick(&STAGES), self.below(1 << 30));
        let draft = build::lead(&title)
            .with("account_id", account)
            .with("primary_contact_id", contact)
            .worth(self.env.dice().between(1_000, 90_000_000))
            .at_rank(stage, &format!("{rank:x}1"))
            .with("probability", self.env.dice().between(0, 100))
            .with("source", self.pick(&THING));
        let id = self.env.fresh_record_id();
        self.leads.push(id);
        self.finish(draft, id)
    }

    fn activity(&mut self) -> Edit {
        let at = self.env.now().plus_millis(-self.env.dice().between(0, 300) * DAY_MILLIS);
        let mut draft = build::activity(self.pick(&ACTIVITIES), &self.words(3))
            .with("occurred_at", at)
            .with("body", self.words(20));
        if let Some(lead) = self.one_of(|maker| &maker.leads) {
            draft = draft.with("lead_id", lead);
        }
        let id = self.env.fresh_record_id();
        self.finish(draft, id)
    }

    fn task(&mut self) -> Edit {
        let about = self.one_of(|maker| &maker.leads).unwrap_or_else(|| self.env.fresh_record_id());
        let about = Record::new(Kind::Lead, about);
        let due = self.env.now().plus_millis(self.env.dice().between(-30, 60) * DAY_MILLIS);
        let draft = build::task(&self.words(3), &about).due(due);
        let id = self.env.fresh_record_id();
        self.finish(draft, id)
    }

    fn finish(&self, draft: Draft, id: RecordId) -> Edit {
        draft.with_id(id).owned_by(self.owner).created(self.env.now()).edit()
    }

    fn one_of(&mut self, among: fn(&Self) -> &Vec<RecordId>) -> Option<RecordId> {
        let index = self.below(among(self).len() as u64);
        among(self).get(usize::try_from(index).unwrap_or(0)).copied()
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.env.dice().below(limit)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        self.env.dice().pick::<&'static str>(from)
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.pick(&THING)).collect::<Vec<_>>().join(" ")
    }

    fn phone(&mut self) -> String {
        format!("+1 415 555 {:04}", self.below(10_000))
    }
}

/// The action that gives a lead a value.
pub(crate) fn set_value(lead: RecordId, cents: i64) -> Action {
    let fields = FieldChanges::from([("value_cents".to_owned(), Some(cents.into()))]);
    Action::SetFields { record: RecordRef::new(Kind::Lead, lead), base_heads: Vec::new(), fields }
}

/// A file of contacts with their companies, as another program would export it.
pub(crate) fn contacts_csv(rows: usize, env: &mut Env) -> Vec<u8> {
    let owner = UserId::from_bytes([0; 16]);
    let mut maker = Maker::new(env, owner);
    let mut text =
        String::from("Record ID,First Name,Last Name,Email,Phone Number,Job Title,Company Name,Create Date\r\n");
    // Numbers and addresses are everybody's own: a row that matches another would be no new contact.
    for row in 1..=rows {
        let (first, last, company) = (maker.pick(&FIRST), maker.pick(&LAST), maker.pick(&COMPANY));
        let number = maker.below(rows as u64 / 10 + 1);
        let (title, phone) = (maker.words(2), format!("+1 415 {:03} {:04}", 200 + row / 10_000, row % 10_000));
        let line = format!(
            "{row},{first},{last},person{row}@{}{number}.example,{phone},{title},{company} {number},2026-03-02 09:15\r\n",
            company.to_lowercase(),
        );
        text.push_str(&line);
    }
    text.into_bytes()
}
