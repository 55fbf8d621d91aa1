//! What people do through REST: planned like in a client, made into Automerge changes by the relay, and taken through
//! the same gates as everything that is pushed. Rights and versions are those at the commit.

mod deed;
mod patch;

use ledger::guard::Inspected;
use ledger::{Author, Document, EditError};
use model::action::Edit;
use model::app::Trouble;
use model::schema::FieldProblem;
use model::settings::SETTINGS_ID;
use model::{
    ChangeHash, CommandId, DeviceId, IdSource, Kind, RecordRef, Role, Settings, Timestamp, UserId, WorkspaceId,
};
use sha2::{Digest as _, Sha256};
use sync::wire::nack;

use super::gate::{Bench, GateError, Refusal, Rights, judge_bytes};
use super::push::log_entry;
use super::staging::{Event, Fate};
use super::{ConnId, Output, Relay, RelayError, Session, Write, WriteError};
use crate::store::{Authorship, LogStore, StoreError};

pub use deed::Deed;
pub use patch::{FieldPatch, Patch};

/// What the device is called that stands for REST in every history.
const API_NAME: &str = "API";

/// Names a state of a record: the same heads, the same version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(pub [u8; 16]);

impl Version {
    /// The version that a document with these heads has.
    pub fn of(heads: &[ChangeHash]) -> Self {
        let mut sorted = heads.to_vec();
        sorted.sort_unstable();
        let digest = sorted.iter().fold(Sha256::new(), |digest, head| digest.chain_update(head.0)).finalize();
        Self(digest.first_chunk().copied().unwrap_or_default())
    }
}

/// One thing that somebody does.
#[derive(Debug, Clone)]
pub struct Act {
    /// Its name for ever; the same name is done once.
    pub command: CommandId,
    /// The record it is about, or that it creates.
    pub record: RecordRef,
    /// What is done.
    pub deed: Deed,
    /// The versions that it may be done to; `None` is any.
    pub versions: Option<Vec<Version>>,
}

/// Who acts, with the role they have now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker {
    /// The person.
    pub user: UserId,
    /// Their role.
    pub role: Role,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acted {
    /// The record, which is another one than asked for when the command was done before.
    pub record: RecordRef,
    /// The end of the log when it was done.
    pub seq: u64,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The person may not; the reason in words.
    #[error("{0}")]
    NotAllowed(String),
    /// The session or token has ended since the request came.
    #[error("sign in first")]
    SignIn,
    /// Fields are not valid.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldProblem>),
    /// A field names something that there is not.
    #[error("something that is referred to does not exist")]
    Unknown(Vec<FieldProblem>),
    /// There is no such record.
    #[error("there is no such record")]
    NotHere,
    /// The record has changed since.
    #[error("the record has changed since")]
    OtherVersion,
    /// The command's name was used by somebody else.
    #[error("the command's name is somebody else's")]
    NameTaken,
    /// A gate refused what the relay itself made of it: its code, and the reason in words.
    #[error("{1}")]
    Refused(&'static str, String),
    /// There is no room left.
    #[error("the relay's disk is full")]
    StorageFull,
    /// The record can't be edited that way.
    #[error("the record can't be changed that way")]
    Edit(#[source] Box<EditError>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The relay failed.
    #[error(transparent)]
    Relay(#[from] RelayError),
}

impl From<EditError> for ActError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Field(problem) => Self::Invalid(vec![problem]),
            error => Self::Edit(Box::new(error)),
        }
    }
}

impl From<Refusal> for ActError {
    fn from(refusal: Refusal) -> Self {
        match refusal.code {
            nack::NOT_ALLOWED => Self::NotAllowed(refusal.detail),
            code => Self::Refused(code, refusal.detail),
        }
    }
}

impl From<GateError> for ActError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Refused(refusal) => refusal.into(),
            GateError::Store(error) => error.into(),
        }
    }
}

impl From<Trouble> for ActError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Invalid(problems) => Self::Invalid(problems),
            Trouble::NotAllowed(reason) => Self::NotAllowed(reason),
            Trouble::NotHere => Self::NotHere,
            other => Self::Refused(nack::INVALID, other.to_string()),
        }
    }
}

impl From<WriteError> for ActError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Field(problem) => Self::Invalid(vec![problem]),
            WriteError::Edit(error) => Self::Edit(error),
            WriteError::Unsound(detail) => Self::Refused(nack::INVALID, detail),
            WriteError::StorageFull => Self::StorageFull,
            WriteError::Store(error) => Self::Store(error),
            WriteError::Relay(error) => Self::Relay(error),
        }
    }
}

impl<S: LogStore> Relay<S> {
    /// Does something on behalf of `speaker`, in one transaction. Returns what was done and what connections are to
    /// hear of it; a command that was done before is not done again.
    ///
    /// # Errors
    /// When nothing was done.
    pub fn act(
        &mut self,
        env: &mut impl IdSource,
        speaker: Speaker,
        act: &Act,
    ) -> Result<(Acted, Vec<(ConnId, Output)>), ActError> {
        if let Some(done) = self.done_before(speaker, act)? {
            return Ok((done, Vec::new()));
        }
        let edits = self.plan(env.now(), speaker, act)?;
        let mut outputs = Vec::new();
        let staged = self.stage_edits(env, speaker, act.command, &edits);
        if let Err(error) = staged {
            self.drop_staged();
            return Err(error);
        }
        let range = 0..self.staging.group.entries.len();
        self.staging.events.push(Event::Entries { range, own: None });
        let staging = std::mem::take(&mut self.staging);
        match self.commit_staged(staging, &mut outputs)? {
            Fate::Committed => Ok((Acted { record: act.record, seq: self.head.seq }, outputs)),
            Fate::NoRoom => Err(ActError::StorageFull),
            Fate::Withdrawn(_) => {
                Err(ActError::Refused(nack::NOT_ALLOWED, "your rights have changed meanwhile".into()))
            }
        }
    }

    fn done_before(&mut self, speaker: Speaker, act: &Act) -> Result<Option<Acted>, ActError> {
        let found = self.store.entries_of_command(act.command)?;
        match found.first() {
            None => Ok(None),
            Some(entry) if entry.by.user == speaker.user => {
                Ok(Some(Acted { record: entry.record, seq: self.head.seq }))
            }
            Some(_) => Err(ActError::NameTaken),
        }
    }

    /// Makes the changes and takes them through the gates.
    fn stage_edits(
        &mut self,
        env: &mut impl IdSource,
        speaker: Speaker,
        command: CommandId,
        edits: &[Edit],
    ) -> Result<(), ActError> {
        let device = self.api_device();
        let session = Session { user: speaker.user, device, role: speaker.role, sign_in: [0; 16] };
        let by = Authorship { user: speaker.user, device };
        let mut bench = Bench::default();
        let mut entries = Vec::new();
        for edit in edits {
            let Some(change) = self.make(env.now(), by, edit)? else { continue };
            match self.pass(&mut bench, edit.record(), &change, by, Rights::Of(&session)) {
                Ok(true) => entries.push(log_entry(edit.record(), &change, by, command, env.now())),
                Ok(false) => {}
                Err(error) => {
                    self.throw_away(bench);
                    return Err(error.into());
                }
            }
        }
        self.keep(bench);
        if !entries.is_empty() {
            self.introduce_api(env)?;
        }
        for entry in entries {
            self.staging.push(self.head, entry);
        }
        Ok(())
    }

    /// Makes the change that an edit comes to; the document itself stays as it is. `None` when nothing changes.
    fn make(&mut self, now: Timestamp, by: Authorship, edit: &Edit) -> Result<Option<Inspected>, ActError> {
        let record = edit.record();
        let author = Author { actor: self.own_actor(by, record), at: now };
        let change = match edit {
            Edit::Create { fields, .. } => Some(Document::create(record, fields, &author)?.1),
            Edit::Set { fields, .. } => {
                let document = self.document(record)?.ok_or(ActError::NotHere)?;
                let change = document.clone().edit(fields, &[], &author, &author);
                self.documents.put(document);
                change?
            }
            Edit::Settle { key, value, .. } => {
                let document = self.document(record)?.ok_or(ActError::NotHere)?;
                let change = document.clone().settle(key, value.clone(), &author);
                self.documents.put(document);
                change?
            }
        };
        Ok(change.map(|change| judge_bytes(&change.bytes)).transpose()?)
    }

    fn api_device(&self) -> DeviceId {
        api_device(self.workspace)
    }

    /// Lists that device in the directory, before its first change.
    fn introduce_api(&mut self, env: &mut impl IdSource) -> Result<(), ActError> {
        let record = RecordRef::new(Kind::Device, self.api_device().record());
        if let Some(document) = self.document(record)? {
            self.documents.put(document);
            return Ok(());
        }
        let nobody = UserId(self.workspace.0);
        let by = Authorship { user: nobody, device: self.own_device() };
        let fields = [("name".to_owned(), Some(API_NAME.into())), ("user_id".to_owned(), Some(nobody.into()))];
        let write = Write { record, changes: fields.into() };
        if let Some(change) = self.write_one(env.now(), by, &write)? {
            let entry = log_entry(record, &change, by, env.fresh_command_id(), env.now());
            self.staging.push(self.head, entry);
        }
        Ok(())
    }

    /// The workspace's settings now.
    fn settings_now(&mut self) -> Result<Settings, StoreError> {
        let Some(document) = self.document(RecordRef::new(Kind::Settings, SETTINGS_ID))? else {
            return Ok(Settings::default());
        };
        let settings = Settings::read(&document.read().0);
        self.documents.put(document);
        Ok(settings)
    }
}

/// The device that REST writes as; another one than the relay's own, which writes the directory.
pub fn api_device(workspace: WorkspaceId) -> DeviceId {
    let digest = Sha256::new().chain_update(b"trailtrack api").chain_update(workspace.as_bytes()).finalize();
    DeviceId::from_bytes(digest.first_chunk().copied().unwrap_or_default())
}
