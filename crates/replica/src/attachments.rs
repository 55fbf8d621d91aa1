//! Files that hang on records: kept on this device first, uploaded when the relay is there, fetched when wanted.
//!
//! The bytes are the shell's affair (`Output::File`); here is decided what happens to them and when. One upload and
//! one download are under way at most, one request each.

mod tidy;
mod transfer;

use std::collections::{BTreeMap, VecDeque};

use model::action::{Action, Label};
use model::app::{Done, FileSource, RequestId, Trouble, Update};
use model::query::{FileRow, ListQuery, Sort, Transfer, WINDOW_MAX};
use model::schema::{LINE_MAX_CHARS, LINKED_TYPES};
use model::{Fields, IdSource, Kind, Record, RecordId, RecordRef, Timestamp};
use serde::{Deserialize, Serialize};
use store::{QueryContext, Reader, SalvagedOutbox, Tx};

use crate::backup::Archiving;
use crate::message::{ClientId, FileOutcome, FileWork, Output};
use crate::replica::{Replica, ReplicaError};

/// What is known of a file stands under `file/<attachment>`.
const FILE: &str = "file/";

/// What this device knows of an attachment's file beside its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LocalFile {
    checksum: String,
    size_bytes: u64,
    /// It is on this device.
    here: bool,
    /// The relay does not have it yet.
    to_upload: bool,
    /// It is to stay on this device.
    keep: bool,
}

/// Files and what is under way with them.
#[derive(Default)]
pub(crate) struct Files {
    known: BTreeMap<RecordId, LocalFile>,
    jobs: BTreeMap<u64, Job>,
    last_job: u64,
    upload: Option<Upload>,
    fetching: Option<RecordId>,
    /// Files to fetch, and who waits for each.
    wanted: BTreeMap<RecordId, Vec<Waiter>>,
    /// Why a file does not go on until the next start or until somebody asks to sync.
    stuck: BTreeMap<RecordId, String>,
    /// Files in the trash that the relay has too, whose bytes go from this device.
    trashed: Vec<RecordId>,
    /// A fresh access token is on its way.
    renewing: bool,
    retry_at: Option<Timestamp>,
    failures: u32,
}

/// Work that a shell does.
enum Job {
    Keep(Keeping),
    Part,
    Fetch,
    Read(Reading),
    Drop,
    Archive(Archiving),
}

/// Whoever waits for a file to come.
#[derive(Debug, Clone, Copy)]
struct Waiter {
    client: ClientId,
    id: RequestId,
    /// They want its bytes, not only to have it here.
    reads: bool,
}

/// A file whose bytes somebody wants.
struct Reading {
    client: ClientId,
    id: RequestId,
    name: String,
}

/// A file that is being attached.
struct Keeping {
    client: ClientId,
    id: RequestId,
    linked: RecordRef,
    name: String,
    mime_type: String,
}

/// The upload under way; one request of it is unanswered.
struct Upload {
    attachment: RecordId,
    step: Step,
}

enum Step {
    Begin,
    Parts(Parts),
    Finish,
}

struct Parts {
    upload: String,
    count: u64,
    part_bytes: u64,
    /// The first is on its way.
    waiting: VecDeque<u64>,
}

impl Files {
    /// Reads what is known.
    pub(crate) fn read(store: &Reader) -> Result<Self, ReplicaError> {
        let mut known = BTreeMap::new();
        for (id, json) in store.metas(FILE)? {
            // What can't be read costs the knowledge of one file; its record and its bytes stay.
            if let (Ok(id), Ok(file)) = (id.parse(), serde_json::from_slice::<LocalFile>(&json)) {
                known.insert(id, file);
            }
        }
        let trashed = tidy::trashed(&known, store)?;
        let missing = known.iter().filter(|(id, file)| file.keep && !file.here && !trashed.contains(id));
        let wanted = missing.map(|(id, _)| (*id, Vec::new())).collect();
        Ok(Self { known, wanted, trashed, ..Self::default() })
    }

    pub(crate) const fn next_wake(&self) -> Option<Timestamp> {
        self.retry_at
    }

    /// Whether something is to be sent or fetched.
    pub(crate) fn has_work(&self) -> bool {
        self.upload.is_some() || self.fetching.is_some() || !self.wanted.is_empty() || self.next_upload().is_some()
    }

    /// What was given up may be tried again.
    pub(crate) fn try_again(&mut self) {
        self.stuck.clear();
        self.retry_at = None;
    }

    fn next_upload(&self) -> Option<RecordId> {
        let waits = |(id, file): &(&RecordId, &LocalFile)| file.to_upload && file.here && !self.stuck.contains_key(id);
        self.known.iter().find(waits).map(|(id, _)| *id)
    }

    fn job(&mut self, job: Job) -> u64 {
        self.last_job += 1;
        self.jobs.insert(self.last_job, job);
        self.last_job
    }

    /// How many files are here, each once, and how much room they take.
    pub(crate) fn room(&self) -> (u64, u64) {
        let here = self.known.values().filter(|file| file.here);
        let once: BTreeMap<&str, u64> = here.map(|file| (file.checksum.as_str(), file.size_bytes)).collect();
        (u64::try_from(once.len()).unwrap_or(u64::MAX), once.values().sum())
    }

    /// Work on an archive begins.
    pub(crate) fn archiving(&mut self, waiting: Archiving) -> u64 {
        self.job(Job::Archive(waiting))
    }

    /// Removing a file begins.
    pub(crate) fn dropping(&mut self) -> u64 {
        self.job(Job::Drop)
    }

    pub(crate) fn is_here(&self, checksum: &str) -> bool {
        self.known.values().any(|file| file.here && file.checksum == checksum)
    }

    fn transfer(&self, id: RecordId) -> Option<Transfer> {
        if self.fetching == Some(id) || self.wanted.contains_key(&id) {
            return Some(Transfer::Downloading);
        }
        match self.upload.as_ref().filter(|upload| upload.attachment == id).map(|upload| &upload.step) {
            Some(Step::Begin) => Some(Transfer::Uploading(0)),
            Some(Step::Finish) => Some(Transfer::Uploading(100)),
            Some(Step::Parts(parts)) => Some(Transfer::Uploading(parts.percent())),
            None => self.known.get(&id).filter(|file| file.to_upload).map(|_| Transfer::WaitsToUpload),
        }
    }
}

impl Parts {
    fn percent(&self) -> u8 {
        let waiting = u64::try_from(self.waiting.len()).unwrap_or(u64::MAX);
        let done = self.count.saturating_sub(waiting).saturating_mul(100).checked_div(self.count).unwrap_or(100);
        u8::try_from(done).unwrap_or(100)
    }
}

fn write(tx: &mut Tx<'_>, id: RecordId, file: &LocalFile) -> Result<(), ReplicaError> {
    Ok(tx.set_meta(&format!("{FILE}{id}"), &serde_json::to_vec(file)?)?)
}

/// Notes which files of a backup are here, to be uploaded when this device joins a team.
pub(crate) fn restored_files(tx: &mut Tx<'_>, manifest: &interchange::backup::Manifest) -> Result<(), ReplicaError> {
    let here: BTreeMap<&str, u64> = manifest
        .files
        .iter()
        .filter(|file| !file.missing)
        .map(|file| (file.sha256.as_str(), file.size_bytes))
        .collect();
    let mut after = None;
    loop {
        let page = tx.records(Kind::Attachment, after, WINDOW_MAX)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for record in page {
            let checksum = record.text("checksum");
            if let Some(size_bytes) = here.get(checksum) {
                let checksum = checksum.to_owned();
                let file = LocalFile { checksum, size_bytes: *size_bytes, here: true, to_upload: true, keep: true };
                write(tx, record.id, &file)?;
            }
        }
    }
}

/// Takes over what a damaged store knew of files; their bytes lie elsewhere.
pub(crate) fn restore(tx: &mut Tx<'_>, saved: &SalvagedOutbox) -> Result<(), ReplicaError> {
    for (key, value) in saved.meta.iter().filter(|(key, _)| key.starts_with(FILE)) {
        tx.set_meta(key, value)?;
    }
    Ok(())
}

const fn reference(id: RecordId) -> RecordRef {
    RecordRef::new(Kind::Attachment, id)
}

/// A file somebody attaches, as the request has it.
pub(crate) struct Attaching {
    pub(crate) linked: RecordRef,
    pub(crate) name: String,
    pub(crate) mime_type: String,
    pub(crate) source: FileSource,
}

impl Replica {
    /// Has a file kept on this device; its record is made when that is done.
    pub(crate) fn attach_file(&mut self, client: ClientId, id: RequestId, attaching: Attaching) {
        let Attaching { linked, name, mime_type, source } = attaching;
        if let Err(error) = self.may_attach(linked) {
            self.tell(client, Update::Done(id, Err(error.into())));
            return;
        }
        let job = self.files.job(Job::Keep(Keeping { client, id, linked, name, mime_type }));
        self.outputs.push(Output::File { job, work: FileWork::Keep { source } });
    }

    fn may_attach(&self, linked: RecordRef) -> Result<(), ReplicaError> {
        if !LINKED_TYPES.contains(&linked.kind.name()) {
            return Err(Trouble::NotAllowed("files hang on leads, accounts, contacts and activities".into()).into());
        }
        let record = self.record(linked)?.filter(|record| !record.is_deleted()).ok_or(Trouble::NotHere)?;
        let actor = self.actor()?;
        let allowed = actor.may_create(Kind::Attachment).and_then(|()| actor.may_edit(linked.kind, record.owner()));
        allowed.map_err(|denied| Trouble::NotAllowed(denied.to_string()).into())
    }

    /// A shell has done its work on a file, or could not.
    pub(crate) fn file_done(
        &mut self,
        env: &mut dyn IdSource,
        job: u64,
        outcome: Result<FileOutcome, String>,
    ) -> Result<(), ReplicaError> {
        match self.files.jobs.remove(&job) {
            Some(Job::Keep(keeping)) => {
                let (client, id) = (keeping.client, keeping.id);
                let done = match outcome {
                    Ok(FileOutcome::Kept { checksum, size_bytes }) => {
                        self.attach_kept(env, keeping, checksum, size_bytes).map_err(Trouble::from)
                    }
                    Ok(_) => Err(Trouble::BadFile("the file was not kept".into())),
                    Err(reason) => Err(Trouble::BadFile(reason)),
                };
                self.tell(client, Update::Done(id, done));
                Ok(())
            }
            Some(Job::Part) => self.part_answered(env, outcome),
            Some(Job::Fetch) => self.fetched(outcome),
            Some(Job::Read(reading)) => {
                self.is_read(reading, outcome);
                Ok(())
            }
            Some(Job::Archive(waiting)) => self.archived(env, waiting, outcome),
            Some(Job::Drop) | None => Ok(()),
        }
    }

    /// The record and what is known of its file, in one transaction; the bytes are on the disk already.
    fn attach_kept(
        &mut self,
        env: &mut dyn IdSource,
        keeping: Keeping,
        checksum: String,
        size_bytes: u64,
    ) -> Result<Done, ReplicaError> {
        let id = env.fresh_record_id();
        let mut fields = Fields::from([
            ("linked_type".to_owned(), keeping.linked.kind.name().into()),
            ("linked_id".to_owned(), keeping.linked.id.into()),
            ("filename".to_owned(), shown_name(&keeping.name).into()),
            ("size_bytes".to_owned(), i64::try_from(size_bytes).unwrap_or(i64::MAX).into()),
            ("checksum".to_owned(), checksum.as_str().into()),
            ("uploaded_at".to_owned(), env.now().into()),
        ]);
        if !keeping.mime_type.is_empty() {
            fields.insert("mime_type".into(), keeping.mime_type.as_str().into());
        }
        let planned = self.plan(&Action::Create { record: reference(id), fields }, env.now())?;
        let file = LocalFile { checksum, size_bytes, here: true, to_upload: true, keep: true };
        let done = self.commit_with(env, planned, |tx| write(tx, id, &file))?;
        self.files.known.insert(id, file);
        Ok(done)
    }

    /// Brings a file here; whoever asks is told when it has come.
    pub(crate) fn fetch_file(
        &mut self,
        client: ClientId,
        id: RequestId,
        attachment: RecordId,
    ) -> Result<(), ReplicaError> {
        let told = match self.record(reference(attachment))? {
            None => Err(Trouble::NotHere),
            Some(record) if self.files.is_here(record.text("checksum")) => Ok(fetched_done(attachment)),
            Some(record) => match self.may_fetch(&record) {
                Ok(()) => return self.want(attachment, Waiter { client, id, reads: false }),
                Err(trouble) => Err(trouble),
            },
        };
        self.tell(client, Update::Done(id, told));
        Ok(())
    }

    /// Reads a file for whoever asks, bringing it here first where it has to.
    pub(crate) fn read_file(
        &mut self,
        client: ClientId,
        id: RequestId,
        attachment: RecordId,
    ) -> Result<(), ReplicaError> {
        let trouble = match self.record(reference(attachment))? {
            None => Trouble::NotHere,
            Some(record) if self.files.is_here(record.text("checksum")) => {
                self.begin_reading(Waiter { client, id, reads: true }, &record);
                return Ok(());
            }
            Some(record) => match self.may_fetch(&record) {
                Ok(()) => return self.want(attachment, Waiter { client, id, reads: true }),
                Err(trouble) => trouble,
            },
        };
        self.tell(client, Update::FileRead(id, Err(trouble)));
        Ok(())
    }

    fn want(&mut self, attachment: RecordId, waiter: Waiter) -> Result<(), ReplicaError> {
        self.files.wanted.entry(attachment).or_default().push(waiter);
        self.note_changed([reference(attachment)])
    }

    /// Whether the relay can be asked for a file.
    fn may_fetch(&self, record: &Record) -> Result<(), Trouble> {
        let scan = record.text("scan");
        if record.text("path").is_empty() {
            Err(Trouble::BadFile("this file is not on the relay yet".into()))
        } else if scan == "blocked" {
            Err(Trouble::NotAllowed("the relay's virus scanner has found something in this file".into()))
        } else if scan == "pending" {
            Err(Trouble::BadFile("the relay's virus scanner has not looked at this file yet".into()))
        } else if self.is_connected() {
            Ok(())
        } else {
            Err(Trouble::Offline("connect to fetch this file".into()))
        }
    }

    fn begin_reading(&mut self, waiter: Waiter, record: &Record) {
        let Waiter { client, id, .. } = waiter;
        let reading = Reading { client, id, name: record.text("filename").to_owned() };
        let job = self.files.job(Job::Read(reading));
        let work = FileWork::Read { checksum: record.text("checksum").to_owned() };
        self.outputs.push(Output::File { job, work });
    }

    fn is_read(&mut self, reading: Reading, outcome: Result<FileOutcome, String>) {
        let Reading { client, id, name } = reading;
        let read = match outcome {
            Ok(FileOutcome::Read(bytes)) => Ok((name, bytes)),
            Ok(_) => Err(Trouble::BadFile("the file was not read".into())),
            Err(reason) => Err(Trouble::BadFile(reason)),
        };
        self.tell(client, Update::FileRead(id, read));
    }

    /// Keeps a file on this device from now on, or lets it go where the relay has it too.
    pub(crate) fn keep_file(&mut self, attachment: RecordId, keep: bool) -> Result<(), ReplicaError> {
        let Some(record) = self.record(reference(attachment))? else { return Ok(()) };
        let checksum = record.text("checksum").to_owned();
        let mut file = self.files.known.get(&attachment).cloned().unwrap_or_else(|| LocalFile {
            size_bytes: size_of(&record),
            here: self.files.is_here(&checksum),
            checksum: checksum.clone(),
            to_upload: false,
            keep,
        });
        file.keep = keep;
        let others =
            self.files.known.iter().any(|(id, other)| *id != attachment && other.checksum == checksum && other.keep);
        let lets_go = !keep && file.here && !file.to_upload && !record.text("path").is_empty() && !others;
        if lets_go {
            file.here = false;
            let job = self.files.job(Job::Drop);
            self.outputs.push(Output::File { job, work: FileWork::Drop { checksum } });
        }
        if keep && !file.here {
            self.files.wanted.entry(attachment).or_default();
        }
        self.remember(attachment, file)
    }

    fn remember(&mut self, attachment: RecordId, file: LocalFile) -> Result<(), ReplicaError> {
        self.store.write(|tx| write(tx, attachment, &file))?;
        self.files.known.insert(attachment, file);
        self.note_changed([reference(attachment)])
    }

    /// Files of a record and of what was said about it (an e-mail brings its own), or all; newest first.
    pub(crate) fn file_rows(
        &self,
        linked: Option<RecordRef>,
        ctx: &QueryContext<'_>,
    ) -> Result<Vec<FileRow>, ReplicaError> {
        let rows = match linked {
            Some(linked) => self.store.files_of(linked, ctx)?,
            None => {
                let sort = vec![Sort { field: "created_at".into(), descending: true }];
                self.store.list(&ListQuery { sort, limit: WINDOW_MAX, ..ListQuery::of(Kind::Attachment) }, ctx)?.rows
            }
        };
        Ok(rows.into_iter().map(|row| self.file_row(row.record)).collect())
    }

    fn file_row(&self, record: Record) -> FileRow {
        let files = &self.files;
        let known = files.known.get(&record.id);
        FileRow {
            here: files.is_here(record.text("checksum")),
            on_relay: !record.text("path").is_empty() && !known.is_some_and(|file| file.to_upload),
            keep_offline: known.is_some_and(|file| file.keep),
            under_way: files.transfer(record.id),
            trouble: files.stuck.get(&record.id).cloned(),
            record,
        }
    }
}

fn size_of(record: &Record) -> u64 {
    record.int("size_bytes").and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
}

/// Nothing had to change for it.
fn fetched_done(attachment: RecordId) -> Done {
    Done { command: None, label: Label::Changed(Kind::Attachment, 0), records: vec![reference(attachment)] }
}

/// A file's name without its folders, as far as it fits.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|letter| !letter.is_control()).take(LINE_MAX_CHARS).collect();
    if shown.trim().is_empty() { "file".to_owned() } else { shown.trim().to_owned() }
}
