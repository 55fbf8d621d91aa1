//! A record's document: made, opened, fed with changes of others, saved. Editing and reading are beside it.

use automerge::transaction::{CommitOptions, Transaction};
use automerge::{Automerge, AutomergeError, Change, ROOT, ReadDoc, ScalarValue, Value as Found};
use model::schema::check_field;
use model::settings::{SETTINGS_ID, default_fields};
use model::time::LATEST_MILLIS;
use model::{ChangeHash, Fields, Kind, RecordRef, Timestamp};

use crate::edit::EditError;
use crate::engine::{Panicked, blank, from_engine, guarded, load_options, new_change};
use crate::graph::{ChangeMeta, Graph};
use crate::root::first_change;
use crate::{ActorId, Author, NewChange};

/// The root key that names the record's kind.
pub(crate) const KIND_KEY: &str = "kind";
/// The root key that holds the record's id.
pub(crate) const ID_KEY: &str = "id";
/// The root key that holds the version of the field table the record was made with.
pub(crate) const SCHEMA_KEY: &str = "schema";

/// The actor of the settings' first change, which is the same everywhere.
const SETTINGS_ACTOR: ActorId = *SETTINGS_ID.as_bytes();

/// One record's document.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) record: RecordRef,
    pub(crate) doc: Automerge,
    pub(crate) graph: Graph,
    pub(crate) weight: Weight,
}

/// How much room a document takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    bytes: usize,
    /// Whether `bytes` is the saved size rather than the sum of the changes.
    is_saved: bool,
}

impl Weight {
    pub(crate) const fn changes(bytes: usize) -> Self {
        Self { bytes, is_saved: false }
    }

    const fn add(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.is_saved = false;
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is part of the document now.
    New,
    /// It was part of the document before.
    AlreadyHere,
}

/// Why a change was not applied; the document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The bytes are not one sound change.
    #[error("the change is damaged")]
    Malformed(#[source] Option<automerge::LoadChangeError>),
    /// Changes it was written on are not here.
    #[error("{} changes that it builds on are missing", .0.len())]
    MissingDeps(Vec<ChangeHash>),
    /// It would begin the record a second time.
    #[error("the record has a first change already")]
    SecondRoot,
    /// Automerge refused it.
    #[error("the change does not fit the document")]
    Refused(#[source] AutomergeError),
    /// Automerge panicked on it.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

/// Why saved bytes are not the document they should be.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are damaged or cut off.
    #[error("the saved document is damaged")]
    Damaged(#[source] AutomergeError),
    /// One of the changes is damaged.
    #[error("a saved change is damaged")]
    DamagedChange(#[source] ApplyError),
    /// Changes that others build on are not there.
    #[error("{} changes are missing", .0.len())]
    MissingDeps(Vec<ChangeHash>),
    /// The document is sound, but older, newer or another than what was expected.
    #[error("the document has other heads than it should")]
    WrongHeads {
        /// The heads that were found.
        found: Vec<ChangeHash>,
    },
    /// It doesn't hold this record.
    #[error("the document belongs to another record")]
    WrongRecord,
    /// Automerge panicked on it.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

impl Document {
    /// Makes a record's document and its first change.
    ///
    /// # Errors
    /// When a field isn't the kind's or its value doesn't fit, or the change would be too large to send.
    pub fn create(record: RecordRef, fields: &Fields, author: &Author) -> Result<(Self, NewChange), EditError> {
        for (key, value) in fields {
            check_field(record.kind, key, value)?;
        }
        let mut document = Self { record, doc: blank(), graph: Graph::default(), weight: Weight::changes(0) };
        let at = claimed_millis(author.at);
        let change = guarded(|| first_change(record, fields, author.actor, at))?;
        crate::edit::check_size(&change)?;
        document.apply_parsed(change.clone()).map_err(EditError::Unfit)?;
        let change = new_change(change).ok_or(EditError::Engine(AutomergeError::Fail))?;
        Ok((document, change))
    }

    /// Makes the settings' document; its first change is the same everywhere, so that devices which start
    /// alone can join later.
    pub fn settings_genesis() -> (Self, NewChange) {
        let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
        let author = Author { actor: SETTINGS_ACTOR, at: Timestamp::from_millis(0) };
        Self::create(record, &default_fields(), &author).expect("the default settings fit their own table")
    }

    /// Opens a saved document: what [`save`](Self::save) gave, change chunks one after another, or the first
    /// followed by the second.
    ///
    /// # Errors
    /// When the bytes are damaged or incomplete, or hold another record or other heads. Automerge answers `Ok`
    /// for some input that it ignored, so the heads are compared every time.
    pub fn load(record: RecordRef, saved: &[u8], heads: &[ChangeHash]) -> Result<Self, LoadError> {
        let doc = guarded(|| Automerge::load_with_options(saved, load_options()))?.map_err(LoadError::Damaged)?;
        let document = Self::open(record, doc, Weight { bytes: saved.len(), is_saved: true })?;
        let mut expected = heads.to_vec();
        expected.sort_unstable();
        let found = document.heads();
        if found == expected { Ok(document) } else { Err(LoadError::WrongHeads { found }) }
    }

    /// Builds a document from its changes, in any order.
    ///
    /// # Errors
    /// When a change is damaged or missing, or they belong to another record.
    pub fn from_changes<'a>(record: RecordRef, changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, LoadError> {
        let mut size = 0;
        let sized = changes.into_iter().inspect(|change| size += change.len());
        let parsed: Result<Vec<Change>, ApplyError> = sized.map(parse_change).collect();
        let parsed = parsed.map_err(LoadError::DamagedChange)?;
        let doc = guarded(|| {
            let mut doc = blank();
            doc.apply_changes(parsed).map(|()| doc)
        })?;
        Self::open(record, doc.map_err(LoadError::Damaged)?, Weight::changes(size))
    }

    /// Checks what was read and takes stock of its changes.
    fn open(record: RecordRef, doc: Automerge, weight: Weight) -> Result<Self, LoadError> {
        let missing = guarded(|| doc.get_missing_deps(&[]))?;
        if !missing.is_empty() {
            return Err(LoadError::MissingDeps(missing.into_iter().map(from_engine).collect()));
        }
        let holds_record = guarded(|| record_of(&doc))? == Some(record);
        if !holds_record {
            return Err(LoadError::WrongRecord);
        }
        let graph = guarded(|| Graph::read(&doc))?.ok_or(LoadError::WrongRecord)?;
        Ok(Self { record, doc, graph, weight })
    }

    /// Adds a change that somebody else made.
    ///
    /// # Errors
    /// When it is damaged, builds on changes that are not here, or doesn't fit; nothing has changed then.
    pub fn apply(&mut self, change: &[u8]) -> Result<Applied, ApplyError> {
        let change = parse_change(change)?;
        let hash = change.hash();
        if self.graph.contains(&from_engine(hash)) {
            return Ok(Applied::AlreadyHere);
        }
        let deps: Vec<ChangeHash> = change.deps().iter().copied().map(from_engine).collect();
        let missing = self.graph.unknown(&deps);
        if !missing.is_empty() {
            return Err(ApplyError::MissingDeps(missing));
        }
        if deps.is_empty() {
            return Err(ApplyError::SecondRoot);
        }
        self.apply_parsed(change)?;
        Ok(Applied::New)
    }

    /// Works on a copy, so that neither an error nor a panic leaves half a change behind.
    pub(crate) fn apply_parsed(&mut self, change: Change) -> Result<(), ApplyError> {
        let hash = change.hash();
        let size = change.raw_bytes().len();
        let mut trial = self.doc.clone();
        let meta = guarded(|| {
            trial.apply_changes([change]).map_err(ApplyError::Refused)?;
            let meta = trial.get_change_meta_by_hash(&hash);
            meta.as_ref().and_then(ChangeMeta::read).ok_or(ApplyError::Malformed(None))
        })??;
        self.doc = trial;
        self.graph.push(meta);
        self.weight.add(size);
        Ok(())
    }

    /// Runs `write` as one transaction and takes stock of the change; `None` when nothing was written.
    pub(crate) fn write(
        &mut self,
        author: &Author,
        write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
    ) -> Result<Option<NewChange>, EditError> {
        self.doc.set_actor(author.actor.into());
        let mut tx = self.doc.transaction();
        write(&mut tx)?;
        let at = claimed_millis(author.at);
        let (hash, _) = tx.commit_with(CommitOptions::default().with_time(at));
        let Some(hash) = hash else { return Ok(None) };
        let change = self.doc.get_change_by_hash(&hash).ok_or(AutomergeError::MissingHash(hash))?;
        crate::edit::check_size(&change)?;
        let meta = self.doc.get_change_meta_by_hash(&hash);
        let meta = meta.as_ref().and_then(ChangeMeta::read).ok_or(AutomergeError::MissingHash(hash))?;
        self.graph.push(meta);
        self.weight.add(change.raw_bytes().len());
        Ok(new_change(change))
    }

    /// The newest changes, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.doc.get_heads().into_iter().map(from_engine).collect()
    }

    /// The whole document in Automerge's own format, history included.
    pub fn save(&self) -> Vec<u8> {
        self.doc.save()
    }

    /// The document as [`save`](Self::save) writes it, if that can be read back and says the same.
    ///
    /// # Errors
    /// When it can't; the changes one after another are what to keep then.
    pub fn save_checked(&self) -> Result<Vec<u8>, LoadError> {
        let saved = guarded(|| self.save())?;
        let loaded = Self::load(self.record, &saved, &self.heads())?;
        if loaded.read() == self.read() { Ok(saved) } else { Err(LoadError::WrongRecord) }
    }

    /// About how many bytes it has, saved.
    pub const fn size_bytes(&self) -> usize {
        self.weight.bytes
    }

    /// Whether the document stays within `max` bytes when `more` come.
    pub(crate) fn fits_with(&mut self, more: usize, max: usize) -> bool {
        if self.weight.bytes + more > max && !self.weight.is_saved {
            self.weight = Weight { bytes: self.save().len(), is_saved: true };
        }
        self.weight.bytes + more <= max
    }

    /// Which record it holds.
    pub const fn record(&self) -> RecordRef {
        self.record
    }

    /// Every change as it was stored and sent, dependencies first.
    pub fn changes(&self) -> Vec<NewChange> {
        self.doc.get_changes(&[]).into_iter().filter_map(new_change).collect()
    }

    /// What is known of every change without its operations, dependencies first.
    pub fn change_metas(&self) -> &[ChangeMeta] {
        self.graph.changes()
    }

    /// Whether this change is part of the document.
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.graph.contains(hash)
    }

    /// Everybody who wrote here, sorted.
    pub fn actors(&self) -> impl Iterator<Item = &ActorId> {
        self.graph.actors()
    }

    /// The sequence number of the actor's next change.
    pub fn next_seq(&self, actor: &ActorId) -> u64 {
        self.graph.last_of(actor).map_or(1, |meta| meta.seq + 1)
    }
}

/// The moment a change claims, kept within what a relay takes.
fn claimed_millis(at: Timestamp) -> i64 {
    at.as_millis().clamp(0, LATEST_MILLIS)
}

/// Parses one change chunk and checks its checksum, which Automerge leaves unchecked here.
pub(crate) fn parse_change(bytes: &[u8]) -> Result<Change, ApplyError> {
    let parsed = guarded(|| Change::try_from(bytes))?;
    let change = parsed.map_err(|error| ApplyError::Malformed(Some(error)))?;
    if bytes.get(4..8) != Some(&change.hash().0[..4]) {
        return Err(ApplyError::Malformed(None));
    }
    Ok(change)
}

/// The record a document says it holds; `None` unless it says so once and clearly.
fn record_of(doc: &Automerge) -> Option<RecordRef> {
    let only = |key: &str| match doc.get_all(ROOT, key).ok()?.as_slice() {
        [(Found::Scalar(scalar), _)] => Some(scalar.as_ref().clone()),
        _ => None,
    };
    let (ScalarValue::Str(kind), ScalarValue::Bytes(id)) = (only(KIND_KEY)?, only(ID_KEY)?) else { return None };
    let kind = Kind::ALL.into_iter().find(|one| one.name() == kind.as_str())?;
    Some(RecordRef::new(kind, model::RecordId::from_slice(&id)?))
}
