//! Honest changes, as the clients' features make them: every one has to pass.

use std::collections::BTreeMap;

use ledger::{ActorId, Author, Document, NewChange, actor_id};
use model::action::{FollowUp, Outcome};
use model::build::SeededIds;
use model::plan::{self, Circumstances};
use model::settings::SETTINGS_ID;
use model::suggestion::{OPEN, Proposal, Proposals, write_proposals};
use model::{
    Action, CommandId, DeviceId, Edit, FieldChanges, Fields, IdSource, Kind, Record, RecordId, RecordRef, Role,
    Settings, Value,
};

use crate::dice::Dice;
use crate::gates::{Who, pass};
use crate::ground::{Ground, user};

/// Things done on one desk.
const DEEDS: usize = 120;

/// What became of honest changes.
#[derive(Debug, Default)]
pub(crate) struct Honest {
    pub(crate) changes: u64,
    pub(crate) accepted: u64,
    pub(crate) features: BTreeMap<&'static str, u64>,
    /// By reason: how often, and the first seed.
    pub(crate) refused: BTreeMap<String, (u64, u64)>,
}

/// Makes at least so many changes and sends each through the gates.
pub(crate) fn run(count: u64, start: u64) -> Honest {
    let mut honest = Honest::default();
    let mut seed = start;
    while honest.changes < count {
        concurrent_work(seed, &mut honest);
        Desk::new(seed).work(&mut honest, seed);
        seed += 1;
    }
    honest
}

impl Honest {
    fn note(&mut self, feature: &'static str, seed: u64, refused: Option<String>) {
        self.changes += 1;
        *self.features.entry(feature).or_default() += 1;
        match refused {
            None => self.accepted += 1,
            Some(why) => self.refused.entry(format!("{feature}: {why}")).or_insert((0, seed)).0 += 1,
        }
    }
}

/// Several people at once on one record: stale forms, branches, conflicts settled, notes typed together.
fn concurrent_work(seed: u64, honest: &mut Honest) {
    let ground = Ground::worked(&mut Dice(seed));
    let feature = if ground.record.kind == Kind::Lead { "concurrent edits" } else { "suggestions decided at once" };
    let mut document: Option<Document> = None;
    for change in &ground.taken {
        let who = Who { person: ground.writers[&change.actor], role: Role::User, only_owners_edit: false };
        match pass((ground.record, document.as_ref()), &ground.writers, who, &change.bytes) {
            Ok(after) => {
                document = Some(after);
                honest.note(feature, seed, None);
            }
            Err(gate) => return honest.note(feature, seed, Some(gate.0)),
        }
    }
}

/// One administrator at one device, who uses everything there is.
struct Desk {
    dice: Dice,
    ids: SeededIds,
    documents: BTreeMap<RecordId, Document>,
    writers: BTreeMap<ActorId, u8>,
    commands: u64,
}

const ME: Who = Who { person: 1, role: Role::Admin, only_owners_edit: true };
const KINDS: [Kind; 6] = [Kind::Account, Kind::Contact, Kind::Lead, Kind::Activity, Kind::Task, Kind::Attachment];

impl Desk {
    fn new(seed: u64) -> Self {
        let (settings, _) = Document::settings_genesis();
        Self {
            dice: Dice(seed ^ 0x5eed),
            ids: SeededIds::new(seed),
            documents: BTreeMap::from([(SETTINGS_ID, settings)]),
            writers: BTreeMap::new(),
            commands: 0,
        }
    }

    fn work(mut self, honest: &mut Honest, seed: u64) {
        let now = self.ids.now();
        let sample = model::sample::sample_edits(&mut self.ids, user(1), now, 4);
        self.carry_out("sample data", &sample, honest, seed);
        for _ in 0..DEEDS {
            let (feature, action) = self.deed();
            if let Some(edits) = self.planned(action) {
                self.carry_out(feature, &edits, honest, seed);
            }
        }
    }

    fn some(&mut self, kind: Kind) -> Option<Record> {
        let of: Vec<&Document> = self.documents.values().filter(|document| document.record().kind == kind).collect();
        if of.is_empty() { None } else { Some(self.dice.pick(&of).read().0) }
    }

    fn deed(&mut self) -> (&'static str, Action) {
        let lead = self.some(Kind::Lead).expect("sample data has leads");
        match self.dice.below(14) {
            0 => ("create", self.create()),
            1 => ("edit", self.edit(lead.reference(), &["title", "source", "value_cents", "expected_close_date"])),
            2 => ("tags and custom fields", self.edit(lead.reference(), &["tags/hot", "custom/size", "contacts/a"])),
            3 => ("notes", self.edit(lead.reference(), &["notes"])),
            4 => {
                let stage = (*self.dice.pick(&["new", "qualified", "proposal", "won", "lost"])).to_owned();
                ("move", Action::MoveLeads { leads: vec![lead.id], stage, after: None })
            }
            5 => ("close", self.close(lead.id)),
            6 => ("log", self.log(lead.id)),
            7 => match self.some(Kind::Task) {
                Some(task) => ("task done", Action::SetTaskDone { task: task.id, done: self.dice.one_in(2) }),
                None => ("create", self.create()),
            },
            8 => ("trash", Action::Delete(vec![lead.reference()])),
            9 => ("restore", Action::Restore(vec![lead.reference()])),
            10 => ("settings", self.settings()),
            11 => ("suggest", self.suggest(&lead)),
            12 => match self.some(Kind::Suggestion) {
                Some(found) if self.dice.one_in(2) => ("accept", Action::AcceptSuggestion(found.id)),
                Some(found) => ("decline", Action::DeclineSuggestion(found.id)),
                None => ("suggest", self.suggest(&lead)),
            },
            _ => ("hand over", self.edit(lead.reference(), &["owner_id"])),
        }
    }

    fn words(&mut self) -> String {
        let word = *self.dice.pick(&["Nordwind", "Ünlü", "東京", "🦊 & Söhne", "O'Neill; \"x\""]);
        format!("{word} {}", self.dice.below(1_000))
    }

    fn create(&mut self) -> Action {
        let kind = *self.dice.pick(&KINDS);
        let about = self.some(Kind::Lead).map_or(SETTINGS_ID, |lead| lead.id);
        let text = Value::from(self.words());
        let now = self.ids.now();
        let pairs: Vec<(&str, Value)> = match kind {
            Kind::Account => vec![("name", text), ("notes", "Long\nnotes".into()), ("tags/new", true.into())],
            Kind::Contact => vec![("last_name", text), ("emails/a@b.co", "work".into())],
            Kind::Lead => vec![("title", text), ("value_cents", 12_300.into())],
            Kind::Activity => vec![("type", "note".into()), ("body", text), ("lead_id", about.into())],
            Kind::Task => vec![("title", text), ("linked_type", "lead".into()), ("linked_id", about.into())],
            _ => vec![
                ("filename", text),
                ("linked_type", "lead".into()),
                ("linked_id", about.into()),
                ("uploaded_at", now.into()),
                ("checksum", "ab".into()),
            ],
        };
        let fields = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Action::Create { record: RecordRef::new(kind, self.ids.fresh_record_id()), fields }
    }

    fn edit(&mut self, record: RecordRef, keys: &[&str]) -> Action {
        let mut fields = FieldChanges::new();
        for key in keys {
            let value: Value = match *key {
                "value_cents" => (self.dice.below(100_000) as i64).into(),
                "expected_close_date" => self.ids.now().date_in(&Settings::default().zone()).into(),
                "tags/hot" => true.into(),
                "owner_id" => user(1 + self.dice.below(3) as u8).into(),
                "notes" => format!("{}\n{}", self.documents[&record.id].read().0.text("notes"), self.words()).into(),
                _ => self.words().into(),
            };
            let kept = ["title", "owner_id"].contains(key) || !self.dice.one_in(4);
            fields.insert((*key).to_owned(), kept.then_some(value));
        }
        let base_heads = if self.dice.one_in(3) { self.documents[&record.id].heads() } else { Vec::new() };
        Action::SetFields { record, base_heads, fields }
    }

    fn close(&mut self, lead: RecordId) -> Action {
        let on = self.ids.now().date_in(&Settings::default().zone());
        let outcome = match self.dice.one_in(2) {
            true => Outcome::Won { on, value_cents: 5_000, note: self.words() },
            false => Outcome::Lost { on, reason: "Price".into(), note: String::new(), competitor: self.words() },
        };
        Action::CloseLead { lead, outcome, cancel_tasks: true }
    }

    fn log(&mut self, lead: RecordId) -> Action {
        let fields = Fields::from([
            ("type".to_owned(), "call".into()),
            ("lead_id".to_owned(), lead.into()),
            ("subject".to_owned(), self.words().into()),
            ("via".to_owned(), "quick_log".into()),
        ]);
        let (id, task) = (self.ids.fresh_record_id(), self.ids.fresh_record_id());
        let follow_up = FollowUp { id: task, title: self.words(), due_at: self.ids.now(), all_day: true };
        Action::LogActivity { id, fields, follow_up: Some(follow_up) }
    }

    fn settings(&mut self) -> Action {
        let (key, value) = match self.dice.below(3) {
            0 => ("stage/new/name".to_owned(), Value::from(self.words())),
            1 => ("only_owners_edit".to_owned(), self.dice.one_in(2).into()),
            _ => (format!("source/{}", self.words().replace('/', " ")), true.into()),
        };
        let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
        Action::SetFields { record, base_heads: Vec::new(), fields: FieldChanges::from([(key, Some(value))]) }
    }

    fn suggest(&mut self, lead: &Record) -> Action {
        let proposal = Proposal { seen: lead.get("title").cloned(), value: Some(self.words().into()) };
        let changes =
            write_proposals(&Proposals::from([("title".to_owned(), proposal)])).expect("words can be written");
        let fields = Fields::from([
            ("record_kind".to_owned(), "lead".into()),
            ("record_id".to_owned(), lead.id.into()),
            ("changes".to_owned(), changes.into()),
            ("for_id".to_owned(), user(2).into()),
            ("status".to_owned(), OPEN.into()),
            ("note".to_owned(), self.words().into()),
        ]);
        Action::Create { record: RecordRef::new(Kind::Suggestion, self.ids.fresh_record_id()), fields }
    }

    fn planned(&self, action: Action) -> Option<Vec<Edit>> {
        let here = |id: RecordId| self.documents.get(&id).map(|document| (id, document.read().0));
        let mut records: BTreeMap<RecordId, Record> =
            plan::touched(&action).into_iter().filter_map(|record| here(record.id)).collect();
        records.extend(plan::subjects(&records).into_iter().filter_map(|record| here(record.id)).collect::<Vec<_>>());
        let settings = Settings::read(&self.documents[&SETTINGS_ID].read().0);
        let met = Circumstances {
            now: self.ids.now(),
            actor: ME.actor(),
            settings: &settings,
            records: &records,
            open_tasks: &[],
            hanging: &[],
            above: None,
            below: Some("m".into()),
        };
        plan::plan(action, &met).ok().map(|planned| planned.edits)
    }

    /// Writes edits as the replica does, and shows every change to the gates first.
    fn carry_out(&mut self, feature: &'static str, edits: &[Edit], honest: &mut Honest, seed: u64) {
        self.commands += 1;
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.commands.to_be_bytes());
        let command = CommandId::from_bytes(salt);
        for edit in edits {
            let record = edit.record();
            let before = self.documents.get(&record.id).cloned();
            let Some((after, change)) = self.write(edit, before.clone(), command) else { continue };
            let passed = pass((record, before.as_ref()), &self.writers, ME, &change.bytes);
            self.writers.insert(change.actor, ME.person);
            honest.note(feature, seed, passed.err().map(|gate| gate.0));
            self.documents.insert(record.id, after);
        }
    }

    fn write(&self, edit: &Edit, document: Option<Document>, command: CommandId) -> Option<(Document, NewChange)> {
        let (device, at, record) = (DeviceId::from_bytes([1; 16]), self.ids.now(), edit.record());
        let author = Author { actor: actor_id(device, user(1), record.id, 0, &[]), at };
        let branch = Author { actor: actor_id(device, user(1), record.id, 0, command.as_bytes()), at };
        match edit {
            Edit::Create { fields, .. } => Some(Document::create(record, fields, &author).expect("a planned record")),
            Edit::Set { base_heads, fields, .. } => {
                let mut document = document?;
                let change = document.edit(fields, base_heads, &author, &branch).expect("a planned edit")?;
                Some((document, change))
            }
            Edit::Settle { key, value, .. } => {
                let mut document = document?;
                let change = document.settle(key, value.clone(), &author).expect("a planned choice")?;
                Some((document, change))
            }
        }
    }
}
