//! What the benchmark's client makes.

use ledger::{Author, Document, NewChange, actor_id};
use model::build::{SeededIds, contact, lead};
use model::schema::NOTE_MAX_BYTES;
use model::{CommandId, DeviceId, FieldChanges, IdSource, RecordRef, Role, Timestamp, UserId, Value};
use sync_server::domain::{ConnId, Rejected, RelayEnv, Session};

const NOUNS: [&str; 16] = [
    "website",
    "licences",
    "support contract",
    "pilot",
    "training",
    "migration",
    "rollout",
    "renewal",
    "audit",
    "workshop",
    "integration",
    "hardware",
    "retainer",
    "redesign",
    "analytics",
    "hosting",
];
const STAGES: [&str; 6] = ["new", "qualified", "proposal", "negotiation", "won", "lost"];

/// A change with its command.
pub(crate) struct Made {
    pub(crate) record: RecordRef,
    pub(crate) command: CommandId,
    pub(crate) change: Vec<u8>,
    document: Document,
}

/// A client and the world around the relay.
pub(crate) struct Bench {
    ids: SeededIds,
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    conns: u64,
}

impl Bench {
    pub(crate) fn new(seed: u64) -> Self {
        let mut ids = SeededIds::new(seed);
        let (user, device) = (UserId(ids.fresh_uuid()), DeviceId(ids.fresh_uuid()));
        Self { ids, user, device, conns: 0 }
    }

    pub(crate) fn fresh_conn(&mut self) -> ConnId {
        self.conns += 1;
        ConnId(self.conns)
    }

    /// New leads, each linked to an account and a contact.
    pub(crate) fn leads(&mut self, count: usize, strange: bool) -> Vec<Made> {
        (0..count).map(|index| self.lead(index, strange)).collect()
    }

    fn lead(&mut self, index: usize, strange: bool) -> Made {
        self.pass_time(40_000);
        let account = model::build::account("Some").with_id(self.ids.fresh_record_id());
        let person = contact("Some").with_id(self.ids.fresh_record_id());
        let (title, source) = if strange {
            (
                format!("{:x} {:x}", self.ids.dice().next_u64() >> 24, self.ids.dice().next_u64() >> 32),
                "7f3a".to_owned(),
            )
        } else {
            (format!("{} {index}", self.ids.dice().pick::<&str>(&NOUNS)), "Referral".to_owned())
        };
        let stage: &str = self.ids.dice().pick::<&str>(&STAGES);
        let rank = format!("{:x}", self.ids.dice().below(1 << 32));
        let draft = lead(&title)
            .with_id(self.ids.fresh_record_id())
            .created(self.ids.now())
            .owned_by(self.user)
            .at(&account)
            .with_contact(&person)
            .worth(self.ids.dice().between(1_000, 90_000_000))
            .at_rank(stage, &rank)
            .with("probability", self.ids.dice().between(0, 100))
            .with("source", source);
        let author = self.author(draft.reference());
        let (document, change) =
            Document::create(draft.reference(), &draft.fields, &author).expect("builders make valid records");
        self.made(document, change)
    }

    /// Edits of random leads: moves and new values.
    pub(crate) fn edits(&mut self, leads: &[Made], count: usize) -> Vec<Made> {
        (0..count.min(leads.len()))
            .map(|index| self.edit(leads[index * leads.len() / count].document.clone()))
            .collect()
    }

    fn edit(&mut self, mut document: Document) -> Made {
        self.pass_time(20_000);
        let author = self.author(document.record());
        let rank = self.ids.dice().below(1 << 32);
        let stage: &str = self.ids.dice().pick::<&str>(&STAGES);
        let changes = FieldChanges::from([
            ("place".to_owned(), Some(Value::from(format!("{stage}|{rank:x}")))),
            ("value_cents".to_owned(), Some(self.ids.dice().between(1_000, 90_000_000).into())),
        ]);
        let change = document.edit(&changes, &[], &author, &author).expect("a valid edit").expect("a change");
        self.made(document, change)
    }

    /// A lead with as long a note as there may be.
    pub(crate) fn longest_note(&mut self) -> Made {
        let note: String = (0..NOTE_MAX_BYTES).map(|_| char::from(b'a' + (self.ids.dice().below(26) as u8))).collect();
        let draft = lead("Much to say").with_id(self.ids.fresh_record_id()).with("notes", note);
        let author = self.author(draft.reference());
        let (document, change) =
            Document::create(draft.reference(), &draft.fields, &author).expect("builders make valid records");
        self.made(document, change)
    }

    fn author(&self, record: RecordRef) -> Author {
        Author { actor: actor_id(self.device, self.user, record.id, 0, b""), at: self.ids.now() }
    }

    fn pass_time(&mut self, most_millis: u64) {
        let millis = self.ids.dice().below(most_millis);
        let now = self.ids.now().plus_millis(millis.cast_signed());
        self.ids.set_now(now);
    }

    fn made(&mut self, document: Document, change: NewChange) -> Made {
        let command = self.ids.fresh_command_id();
        Made { record: document.record(), command, change: change.bytes, document }
    }
}

impl IdSource for Bench {
    fn now(&self) -> Timestamp {
        self.ids.now()
    }

    fn random(&mut self) -> [u8; 10] {
        self.ids.random()
    }
}

impl RelayEnv for Bench {
    fn authenticate(&mut self, _token: &str, device: DeviceId) -> Result<Session, Rejected> {
        Ok(Session { user: self.user, device, role: Role::User, sign_in: [0; 16] })
    }

    fn role_now(&mut self, session: &Session) -> Result<Role, Rejected> {
        Ok(session.role)
    }

    fn listed(&mut self, _: UserId) -> Option<FieldChanges> {
        None
    }
}
