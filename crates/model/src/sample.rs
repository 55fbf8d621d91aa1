//! Believable sample data for a first look: accounts, contacts, leads in every stage, what was said and what is
//! to be done. Everything carries `sample: true`, so that it can be taken away again.

mod words;

use std::collections::BTreeSet;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::build::Dice;
use crate::fold::fold;
use crate::settings::StageKind;
use crate::time::DAY_MILLIS;
use crate::value::Fields;
use crate::{Date, Edit, IdSource, Kind, RecordId, RecordRef, Settings, Stage, Timestamp, UserId, Value, rank};
use words::Talk;

const HOUR_MILLIS: i64 = 3_600_000;
/// Sample data reaches this far back.
const SPAN_DAYS: i64 = 182;

/// Makes the edits that create sample data with this many leads, owned by `me`; the same ids make the same data.
pub fn sample_edits(ids: &mut (impl IdSource + ?Sized), me: UserId, now: Timestamp, leads: u32) -> Vec<Edit> {
    let [seed @ .., _, _] = ids.random();
    let dice = Dice::new(u64::from_be_bytes(seed));
    let mut sample =
        Sample { ids, dice, me, now, settings: Settings::default(), edits: Vec::new(), emails: BTreeSet::new() };
    let accounts: Vec<Account> = (0..leads.div_ceil(4)).map(|index| sample.add_account(index)).collect();
    sample.add_leads(accounts, leads);
    sample.edits
}

struct Sample<'a, I: ?Sized> {
    ids: &'a mut I,
    dice: Dice,
    me: UserId,
    now: Timestamp,
    settings: Settings,
    edits: Vec<Edit>,
    emails: BTreeSet<String>,
}

struct Account {
    id: RecordId,
    name: String,
    age_days: i64,
    contacts: Vec<Contact>,
    titles: BTreeSet<String>,
}

struct Contact {
    id: RecordId,
    first_name: &'static str,
}

/// What an account's contacts share.
struct Company {
    id: RecordId,
    age_days: i64,
    domain: String,
    phone: String,
}

/// A lead, as its activities and tasks see it.
struct Lead {
    id: RecordId,
    title: String,
    account: RecordId,
    account_name: String,
    contact: RecordId,
    first_name: &'static str,
    created_at: Timestamp,
    /// Days since it was created, and since it was closed (0 while open).
    age_days: i64,
    closed_days: i64,
    is_open: bool,
}

impl<I: IdSource + ?Sized> Sample<'_, I> {
    fn add_account(&mut self, index: u32) -> Account {
        let (name, industry) = company_name(index);
        let place = self.dice.pick(&words::CITIES);
        let domain = format!("{}.example", words_only(&name));
        let phone = self.phone(place.phone_start, place.phone_digits);
        let age_days = self.dice.between(30, SPAN_DAYS);
        let mut fields = self.started(age_days);
        put(&mut fields, "name", name.as_str());
        put(&mut fields, "website", format!("https://www.{domain}"));
        put(&mut fields, "industry", industry);
        put(&mut fields, "size", *self.dice.pick(&words::SIZES));
        put(&mut fields, "phone", phone.as_str());
        put(&mut fields, "email", format!("hello@{domain}"));
        put(&mut fields, "street", format!("{} {}", self.dice.between(1, 240), self.dice.pick(&words::STREETS)));
        put(&mut fields, "city", place.name);
        put(&mut fields, "country", place.country);
        if !place.state.is_empty() {
            put(&mut fields, "state", place.state);
        }
        if self.dice.chance(20) {
            put(&mut fields, "notes", *self.dice.pick(&words::ACCOUNT_NOTES));
        }
        let id = self.create(Kind::Account, fields);
        let company = Company { id, age_days, domain, phone };
        let contacts = (0..self.dice.between(1, 3)).map(|_| self.add_contact(&company)).collect();
        Account { id, name, age_days, contacts, titles: BTreeSet::new() }
    }

    fn add_contact(&mut self, company: &Company) -> Contact {
        let (first_name, last_name, email) = self.new_person(&company.domain);
        let age_days = self.dice.between(1, company.age_days);
        let mut fields = self.started(age_days);
        put(&mut fields, "account_id", company.id);
        put(&mut fields, "first_name", first_name);
        put(&mut fields, "last_name", last_name);
        put(&mut fields, "title", *self.dice.pick(&words::JOB_TITLES));
        put(&mut fields, "email", email);
        if self.dice.chance(70) {
            put(&mut fields, "phone", format!("{} x{}", company.phone, self.dice.between(10, 99)));
        }
        Contact { id: self.create(Kind::Contact, fields), first_name }
    }

    /// Draws names until the address is new; gives up on looks, not on uniqueness.
    fn new_person(&mut self, domain: &str) -> (&'static str, &'static str, String) {
        loop {
            let first = *self.dice.pick(&words::FIRST_NAMES);
            let last = *self.dice.pick(&words::LAST_NAMES);
            let email = format!("{}.{}@{domain}", words_only(first), words_only(last));
            if self.emails.insert(email.clone()) {
                return (first, last, email);
            }
        }
    }

    fn add_leads(&mut self, mut accounts: Vec<Account>, count: u32) {
        let account_count = accounts.len();
        for number in 1..=count {
            // Every account gets some, a few get many.
            let even = number % 2 == 0;
            let nth = if even { number as usize / 2 % account_count } else { self.dice.index(account_count) };
            let account = &mut accounts[nth];
            let stage = self.draw_stage();
            let lead = self.add_lead(account, &stage, number);
            self.add_talks(&lead, &stage);
            self.add_tasks(&lead);
        }
    }

    /// Many leads at the start of the pipeline, few at its end, and a history of closed ones.
    fn draw_stage(&mut self) -> Stage {
        let shares = [22, 20, 15, 10, 19, 14];
        let mut draw = self.dice.below(shares.iter().sum());
        let mut index = 0;
        while draw >= shares[index] {
            draw -= shares[index];
            index += 1;
        }
        self.settings.stages[index].clone()
    }

    fn add_lead(&mut self, account: &mut Account, stage: &Stage, number: u32) -> Lead {
        let title = self.new_title(account);
        let (low, high) = age_range(stage);
        let age_days = self.dice.between(low, high).min(account.age_days);
        let contact = self.dice.pick(&account.contacts);
        let created_at = self.work_time(age_days);
        let mut fields = self.owned(created_at);
        put(&mut fields, "title", title.as_str());
        put(&mut fields, "account_id", account.id);
        put(&mut fields, "primary_contact_id", contact.id);
        put(&mut fields, "place", format!("{}|{}", stage.id, rank::nth(u64::from(number))));
        put(&mut fields, "probability", i64::from(stage.probability));
        let source = self.dice.pick(&self.settings.sources).clone();
        put(&mut fields, "source", source);
        let value_cents = self.draw_value(stage);
        put(&mut fields, "value_cents", value_cents);
        if self.dice.chance(40) {
            put(&mut fields, &format!("contacts/{}", contact.id), *self.dice.pick(&words::ROLES));
        }
        if self.dice.chance(15) {
            put(&mut fields, &format!("tags/{}", self.dice.pick(&words::TAGS)), true);
        }
        let closed_days = self.close_or_expect(&mut fields, stage, age_days);
        Lead {
            created_at,
            id: self.create(Kind::Lead, fields),
            title,
            account: account.id,
            account_name: account.name.clone(),
            contact: contact.id,
            first_name: contact.first_name,
            age_days,
            closed_days,
            is_open: stage.kind == StageKind::Open,
        }
    }

    fn new_title(&mut self, account: &mut Account) -> String {
        let start = self.dice.index(words::DEALS.len());
        for round in 1_u32.. {
            for offset in 0..words::DEALS.len() {
                let deal = words::DEALS[(start + offset) % words::DEALS.len()];
                let title = if round == 1 { deal.to_owned() } else { format!("{deal}, phase {round}") };
                if account.titles.insert(title.clone()) {
                    return title;
                }
            }
        }
        String::new()
    }

    fn draw_value(&mut self, stage: &Stage) -> i64 {
        // A few leads have no price yet.
        if stage.kind == StageKind::Open && self.dice.chance(6) { 0 } else { self.dice.pick(&words::AMOUNTS) * 100 }
    }

    /// Sets the expected close, and for a closed lead how it ended; returns the days since.
    fn close_or_expect(&mut self, fields: &mut Fields, stage: &Stage, age_days: i64) -> i64 {
        if stage.kind == StageKind::Open {
            if self.dice.chance(88) {
                let ahead = self.dice.between(-9, 75);
                put(fields, "expected_close_date", self.day(-ahead));
            }
            return 0;
        }
        let closed_days = self.dice.between(0, (age_days - 7).max(0));
        put(fields, "closed_on", self.day(closed_days));
        let expected_days = closed_days + self.dice.between(-14, 14);
        put(fields, "expected_close_date", self.day(expected_days));
        if stage.kind == StageKind::Won {
            let value = fields.get("value_cents").and_then(Value::as_int).unwrap_or(0);
            put(fields, "closed_value_cents", value);
        } else {
            self.lose(fields);
        }
        closed_days
    }

    fn lose(&mut self, fields: &mut Fields) {
        let reason = self.dice.pick(&self.settings.lost_reasons).clone();
        if reason == "Other" {
            put(fields, "lost_note", "Project was stopped after a change of management");
        }
        if reason == "Competitor" {
            put(fields, "competitor", *self.dice.pick(&words::COMPETITORS));
        }
        put(fields, "lost_reason", reason);
    }

    fn add_talks(&mut self, lead: &Lead, stage: &Stage) {
        let count = match stage.id.as_str() {
            "new" => self.dice.between(0, 1),
            "qualified" => self.dice.between(1, 3),
            "negotiation" => self.dice.between(3, 5),
            _ => self.dice.between(2, 4),
        };
        // From the oldest to the newest, evenly with a little unrest.
        let span = lead.age_days - lead.closed_days;
        for index in 0..count {
            let talk =
                if index == 0 { self.dice.pick(&words::FIRST_TALKS) } else { self.dice.pick(&words::LATER_TALKS) };
            let days_ago = lead.age_days - span * index / count - self.dice.between(0, span / (count * 2));
            self.add_talk(lead, talk, days_ago);
        }
    }

    fn add_talk(&mut self, lead: &Lead, talk: &Talk, days_ago: i64) {
        let at = self.work_time(days_ago).max(lead.created_at);
        let mut fields = self.owned(at);
        put(&mut fields, "lead_id", lead.id);
        put(&mut fields, "account_id", lead.account);
        put(&mut fields, "contact_id", lead.contact);
        put(&mut fields, "type", talk.activity_type);
        put(&mut fields, "occurred_at", at);
        put(&mut fields, "body", lead.fill(talk.body));
        put(&mut fields, "via", if self.dice.chance(90) { "quick_log" } else { "form" });
        let optional = [
            ("subject", lead.fill(talk.subject)),
            ("outcome", talk.outcome.into()),
            ("direction", talk.direction.into()),
        ];
        for (key, text) in optional.into_iter().filter(|(_, text)| !text.is_empty()) {
            put(&mut fields, key, text);
        }
        let minutes = match (talk.activity_type, talk.outcome) {
            ("call", "Talked") => *self.dice.pick(&[5, 15, 30]),
            ("meeting", "Held") => *self.dice.pick(&[30, 60]),
            _ => 0,
        };
        if minutes > 0 {
            put(&mut fields, "duration_minutes", minutes);
        }
        self.create(Kind::Activity, fields);
    }

    fn add_tasks(&mut self, lead: &Lead) {
        if self.dice.chance(25) {
            let done_days = self.dice.between(lead.closed_days, lead.age_days);
            let done_at = self.work_time(done_days);
            let mut fields = self.task_fields(lead, done_at, done_at);
            put(&mut fields, "status", "done");
            put(&mut fields, "completed_at", done_at);
            self.create(Kind::Task, fields);
        }
        if lead.is_open && self.dice.chance(70) {
            let days_ahead = match self.dice.below(100) {
                0..20 => -self.dice.between(1, 6),
                20..34 => 0,
                _ => self.dice.between(1, 14),
            };
            let made_days = self.dice.between(0, lead.age_days.min(10));
            let made_at = self.work_time(made_days);
            let due_at = self.due_time(days_ahead);
            let mut fields = self.task_fields(lead, made_at.min(due_at), due_at);
            put(&mut fields, "status", "open");
            self.create(Kind::Task, fields);
        }
    }

    fn task_fields(&mut self, lead: &Lead, made_at: Timestamp, due_at: Timestamp) -> Fields {
        let mut fields = self.owned(made_at);
        put(&mut fields, "linked_type", "lead");
        put(&mut fields, "linked_id", lead.id);
        let title = *self.dice.pick(&words::TASKS);
        put(&mut fields, "title", lead.fill(title));
        put(&mut fields, "due_at", due_at);
        // Noon stands for the whole day, so that it is the same day in nearly every time zone.
        put(&mut fields, "all_day", due_at.as_millis() % DAY_MILLIS == 12 * HOUR_MILLIS);
        put(&mut fields, "priority", *self.dice.pick(&["low", "medium", "medium", "medium", "high"]));
        fields
    }

    fn create(&mut self, kind: Kind, fields: Fields) -> RecordId {
        let id = self.ids.fresh_record_id();
        self.edits.push(Edit::Create { record: RecordRef::new(kind, id), fields });
        id
    }

    fn started(&mut self, days_ago: i64) -> Fields {
        let at = self.work_time(days_ago);
        self.owned(at)
    }

    fn owned(&self, created_at: Timestamp) -> Fields {
        let mut fields = Fields::new();
        put(&mut fields, "owner_id", self.me);
        put(&mut fields, "created_at", created_at);
        put(&mut fields, "sample", true);
        fields
    }

    fn phone(&mut self, start: &str, digits: usize) -> String {
        (0..digits).fold(start.to_owned(), |phone, _| format!("{phone}{}", self.dice.below(10)))
    }

    /// A moment in working hours some days ago, never in the future.
    fn work_time(&mut self, days_ago: i64) -> Timestamp {
        let minutes = self.dice.between(8 * 12, 17 * 12) * 5;
        self.workday_before(days_ago).plus_millis(minutes * 60_000).min(self.now)
    }

    fn due_time(&mut self, days_ahead: i64) -> Timestamp {
        let hour = if self.dice.chance(60) { 12 } else { self.dice.between(9, 17) };
        let weekend_days = match self.midnight(days_ahead).date_in(&TimeZone::UTC).civil().weekday() {
            // What is due today stays, or a first look on a Saturday would find nothing to do.
            Weekday::Saturday if days_ahead > 0 => 2,
            Weekday::Sunday if days_ahead > 0 => 1,
            _ => 0,
        };
        self.midnight(days_ahead + weekend_days).plus_millis(hour * HOUR_MILLIS)
    }

    /// The start of the day some days ago, or of the Friday before when that was a weekend.
    fn workday_before(&self, days_ago: i64) -> Timestamp {
        let start = self.midnight(-days_ago);
        match start.date_in(&TimeZone::UTC).civil().weekday() {
            Weekday::Saturday => start.plus_millis(-DAY_MILLIS),
            Weekday::Sunday => start.plus_millis(-2 * DAY_MILLIS),
            _ => start,
        }
    }

    fn midnight(&self, days_ahead: i64) -> Timestamp {
        let today = self.now.as_millis().div_euclid(DAY_MILLIS);
        Timestamp::from_millis((today + days_ahead) * DAY_MILLIS)
    }

    fn day(&self, days_ago: i64) -> Date {
        self.workday_before(days_ago).date_in(&TimeZone::UTC)
    }
}

impl Lead {
    fn fill(&self, template: &str) -> String {
        let filled = template.replace("{first}", self.first_name).replace("{account}", &self.account_name);
        filled.replace("{deal}", &self.title)
    }
}

fn put(fields: &mut Fields, key: &str, value: impl Into<Value>) {
    fields.insert(key.to_owned(), value.into());
}

/// The youngest and the oldest a lead in this stage is, in days.
fn age_range(stage: &Stage) -> (i64, i64) {
    match stage.id.as_str() {
        "new" => (0, 20),
        "qualified" => (4, 60),
        "proposal" => (12, 90),
        "negotiation" => (20, 120),
        _ => (25, SPAN_DAYS),
    }
}

/// A company's name and industry; the first 2,560 indexes differ in words, later ones by a number.
fn company_name(index: u32) -> (String, &'static str) {
    let starts = words::NAME_STARTS.len();
    let ends = words::NAME_ENDS.len();
    let index = index as usize;
    let start = words::NAME_STARTS[index % starts];
    // 9 and 40 have no common divisor, so each start meets each end once in a cycle.
    let (end, industry) = words::NAME_ENDS[(index * 7 + index / starts) % ends];
    match index / (starts * ends) {
        0 => (format!("{start} {end}"), industry),
        cycle => (format!("{start} {end} {}", cycle + 1), industry),
    }
}

/// What is left of a name in a domain or an address.
fn words_only(name: &str) -> String {
    fold(name).chars().filter(char::is_ascii_alphanumeric).collect()
}
