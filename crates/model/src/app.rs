//! What an interface and the replica say to each other: requests one way, updates the other.
//!
//! The same messages cross a channel natively and `postMessage` in the browser (postcard bytes), so
//! everything here is plain data.

mod webhooks;

use serde::{Deserialize, Serialize};

use crate::action::Label;
use crate::import::{ImportOptions, ImportPreview, ImportReport};
use crate::policy::{Actor, Role};
use crate::query::{Answer, Query};
use crate::schema::FieldProblem;
use crate::{Action, CommandId, DeviceId, RecordId, RecordRef, Settings, Timestamp, UserId};

pub use webhooks::{DeliveryRow, DeliveryState, WebhookPause, WebhookRequest, WebhookRow};

/// Names a request, so that its answer finds the way back. Chosen by the interface.
pub type RequestId = u64;

/// From an interface to the replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Does something; answered by `Update::Done`.
    Do(RequestId, Action),
    /// Asks once; answered by `Update::Answer` with the same number.
    Ask(RequestId, Query),
    /// Asks, and again whenever the answer may have changed, until `Unwatch`. A second `Watch` under the same
    /// number replaces the first.
    Watch(RequestId, Query),
    /// Ends a watch.
    Unwatch(RequestId),
    /// First run: works on this device alone.
    StartSolo {
        /// The person's name.
        name: String,
    },
    /// First run or later: joins the team on a relay; what exists here is uploaded.
    JoinTeam {
        /// The relay's address (`https://crm.example.org`).
        server: String,
        /// E-mail.
        email: String,
        /// Password; never stored.
        password: String,
    },
    /// Signs in again after the session has ended; nothing local changes.
    SignIn {
        /// Password; never stored.
        password: String,
    },
    /// Signs out. Refused while anything waits for the relay, unless `even_if_waiting`.
    SignOut {
        /// Leave what waits on this device and sign out all the same.
        even_if_waiting: bool,
    },
    /// Connects at once instead of waiting for the next try.
    SyncNow,
    /// Takes a refused command from the tray for good, or tries it again.
    SettleRefused {
        /// The command.
        command: CommandId,
        /// Try again (`true`) or discard.
        retry: bool,
    },
    /// Proposes what the relay refused to those who may change it, and takes it from the tray. What can't be
    /// proposed (a creation, a setting) stays there and says why.
    SuggestRefused {
        /// The command.
        command: CommandId,
        /// A word to whoever decides; may be empty.
        note: String,
    },
    /// Attaches a file to a record: kept on this device first, uploaded when the relay is there; answered by
    /// `Update::Done`.
    AttachFile {
        /// Answer's number.
        id: RequestId,
        /// What it hangs on.
        linked: RecordRef,
        /// The file's name.
        name: String,
        /// Its media type; may be empty.
        mime_type: String,
        /// Where its bytes are.
        source: FileSource,
    },
    /// Brings an attachment's file to this device; answered by `Update::Done` when it is here.
    FetchFile {
        /// Answer's number.
        id: RequestId,
        /// The attachment.
        attachment: RecordId,
    },
    /// Reads an attachment's file, bringing it to this device first where it has to; answered by `Update::FileRead`.
    ReadFile {
        /// Answer's number.
        id: RequestId,
        /// The attachment.
        attachment: RecordId,
    },
    /// Keeps an attachment's file on this device, or (`false`) lets it be on the relay alone.
    KeepFile {
        /// The attachment.
        attachment: RecordId,
        /// Keep it.
        keep: bool,
    },
    /// Reads a file for import; answered by `Update::ImportOpened`.
    ImportOpen {
        /// Answer's number.
        id: RequestId,
        /// The file's name.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
        /// How to read it.
        options: ImportOptions,
    },
    /// Works out what the opened file would do; answered by `Update::ImportReport`.
    ImportDryRun {
        /// Answer's number.
        id: RequestId,
        /// How to read it.
        options: ImportOptions,
    },
    /// Imports the opened file in chunks; `Update::ImportProgress`, then `Update::ImportReport`.
    ImportCommit {
        /// Answer's number.
        id: RequestId,
        /// How to read it.
        options: ImportOptions,
    },
    /// Stops a running import after the current chunk.
    ImportCancel,
    /// Takes back everything an import created or changed, but what was edited since.
    ImportUndo {
        /// Answer's number.
        id: RequestId,
        /// The import's id from its report.
        import: CommandId,
    },
    /// Asks the relay about people, devices and passwords; answered by `Update::Team`. Needs a connection.
    Team(RequestId, TeamRequest),
    /// Keeps a choice on this device; an empty value forgets it.
    Prefer {
        /// Which.
        key: String,
        /// What was chosen.
        value: String,
    },
    /// Logs a saved e-mail (`.eml`) about a record, with its files; answered by `Update::Done`.
    LogMail {
        /// Answer's number.
        id: RequestId,
        /// What it is about: a lead, an account or a contact.
        about: RecordRef,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Writes everything as a backup; answered by `Update::BackedUp`.
    Backup {
        /// Answer's number.
        id: RequestId,
        /// The file to write; without it the answer brings the bytes.
        to: Option<String>,
    },
    /// Fills this device, which must be empty, from a backup; answered by `Update::BackupRestored`.
    RestoreBackup {
        /// Answer's number.
        id: RequestId,
        /// The backup.
        source: FileSource,
    },
    /// Checks every document on this device; answered by `Update::Verified`.
    Verify(RequestId),
}

/// What a check of all documents found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Documents checked.
    pub documents: u64,
    /// What is wrong, in words; empty when all is well. At most `PROBLEMS_MAX`.
    pub problems: Vec<String>,
    /// SHA-256 over what the relay has accepted of each: equal on all devices that are up to date.
    pub digest: String,
}

/// Most problems that an answer to `Request::Verify` lists.
pub const PROBLEMS_MAX: usize = 100;

/// What the relay decides about people and devices, not the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamRequest {
    /// Invites somebody; answered by a link to hand over.
    Invite {
        /// Their name.
        name: String,
        /// Their e-mail.
        email: String,
        /// What they may do.
        role: Role,
    },
    /// Makes a link with which somebody chooses a new password.
    ResetLink(UserId),
    /// Gives somebody another role.
    SetRole(UserId, Role),
    /// Shuts somebody out (`true`), or lets them in again. Their records stay.
    SetDisabled(UserId, bool),
    /// Changes one's own password; neither is stored.
    ChangePassword {
        /// The one that holds.
        current: String,
        /// The new one.
        new: String,
    },
    /// Lists devices: one's own, or an administrator's view of everybody's.
    Devices {
        /// Everybody's.
        everybody: bool,
    },
    /// Signs a device out for good.
    RevokeDevice(DeviceId),
    /// Lists one's own personal tokens.
    Tokens,
    /// Makes a personal token; answered by its secret.
    MakeToken {
        /// What it is for.
        name: String,
        /// Whether it may write.
        writes: bool,
        /// When it ends by itself.
        expires_at: Option<Timestamp>,
    },
    /// Ends a personal token.
    RevokeToken(String),
    /// Asks whether one's own calendar has an address.
    Calendar,
    /// Gives one's own calendar a new address; answered by it.
    MakeCalendar,
    /// Takes one's own calendar's address away.
    EndCalendar,
    /// Changes one's own name; who works alone needs no relay for it.
    Rename {
        /// The new one.
        name: String,
    },
    /// Something about webhooks.
    Webhook(WebhookRequest),
}

/// What the relay answered to a `TeamRequest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamAnswer {
    /// It was done.
    Done,
    /// A link to hand over, once, and until when it works.
    Link {
        /// The link.
        link: String,
        /// Until when.
        expires_at: Timestamp,
    },
    /// Devices.
    Devices(Vec<DeviceRow>),
    /// Personal tokens, the newest first.
    Tokens(Vec<TokenRow>),
    /// Something that is shown once.
    Secret(String),
    /// One's own calendar.
    Calendar(CalendarFeed),
    /// Webhooks, the oldest first.
    Webhooks(Vec<WebhookRow>),
    /// A webhook's deliveries, the newest first.
    Deliveries(Vec<DeliveryRow>),
}

/// A personal token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Whether it may write.
    pub writes: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was used the last time, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Whether one's own calendar has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarFeed {
    /// Since when it has this one; `None` when it has none.
    pub created_at: Option<Timestamp>,
    /// When a program looked there the last time, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A device that signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it calls itself.
    pub name: String,
    /// When it signed in or renewed its tokens the last time.
    pub last_seen_at: Timestamp,
    /// It has been signed out for good.
    pub revoked_at: Option<Timestamp>,
    /// It is this one.
    pub current: bool,
}

/// Longest key of a choice that a device keeps, in bytes.
pub const PREFERENCE_KEY_MAX: usize = 100;
/// Longest choice that a device keeps, in bytes.
pub const PREFERENCE_MAX: usize = 4_096;

/// The choice of not being told of reminders when their moment comes (`off`).
pub const NOTIFY_REMINDERS: &str = "notify/reminders";

/// Where the bytes of a file are that somebody attaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileSource {
    /// In a file of this device.
    Path(String),
    /// Here: a browser hands over what was dropped on the page.
    Bytes(Vec<u8>),
}

/// From the replica to an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Update {
    /// Who and where we are; sent at the start and whenever it changes.
    Session(Session),
    /// The answer to `Ask` or `Watch`.
    Answer(RequestId, Answer),
    /// An action was committed to disk, or could not be.
    Done(RequestId, Result<Done, Trouble>),
    /// Records that changed, whoever changed them.
    Changed(Vec<RecordRef>),
    /// A file was read for import.
    ImportOpened(RequestId, Result<ImportPreview, Trouble>),
    /// Rows done of all rows.
    ImportProgress(RequestId, u64, u64),
    /// A dry run's or an import's outcome; the import's id when something was imported.
    ImportReport(RequestId, Result<(ImportReport, Option<CommandId>), Trouble>),
    /// Something a person should read once.
    Notice(Notice),
    /// The relay's answer about people and devices.
    Team(RequestId, Result<TeamAnswer, Trouble>),
    /// Reminders whose moment has come; several at once are those that were missed. Shells tell the person outside the
    /// window too.
    Remind(Vec<crate::reminder::Reminder>),
    /// All documents were checked.
    Verified(RequestId, Result<Verified, Trouble>),
    /// A backup was written; its bytes unless a file was named.
    BackedUp(RequestId, Result<(BackupDone, Vec<u8>), Trouble>),
    /// An attachment's file: its name and its bytes.
    FileRead(RequestId, Result<(String, Vec<u8>), Trouble>),
    /// A backup was restored.
    BackupRestored(RequestId, Result<BackupDone, Trouble>),
}

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupDone {
    /// Records of all kinds.
    pub records: u64,
    /// Attached files that it names.
    pub files: u64,
    /// How many of these were not on the device, and are not in it.
    pub missing_files: u64,
    /// Refused changes that are not in it.
    pub refused: u64,
    /// The archive's size; 0 when it was read.
    pub size_bytes: u64,
}

/// A committed action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The command, for `Action::Undo`; `None` when nothing had to change.
    pub command: Option<CommandId>,
    /// What it is called.
    pub label: Label,
    /// Records it touched.
    pub records: Vec<RecordRef>,
}

/// Why something was not done; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Trouble {
    /// Fields need attention.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldProblem>),
    /// Not allowed; the reason in words.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// The record is not on this device.
    #[error("the record is not on this device")]
    NotHere,
    /// Undo would overwrite newer values of these fields.
    #[error("somebody has changed this since")]
    ChangedSince(Vec<FieldProblem>),
    /// The relay said no to signing in.
    #[error("{0}")]
    SignIn(String),
    /// The relay cannot be reached.
    #[error("the relay cannot be reached: {0}")]
    Offline(String),
    /// The file cannot be used.
    #[error("{0}")]
    BadFile(String),
    /// The device's storage failed; what to do.
    #[error("{0}")]
    Storage(String),
    /// Something is still waiting to be sent.
    #[error("{0} changes are not on the relay yet")]
    StillWaiting(u64),
    /// Undo would overwrite newer values: the person has to see them first (`Action::UndoOver`).
    #[error("this would overwrite newer values")]
    WouldOverwrite {
        /// The newer values.
        clashes: Vec<Overwrite>,
        /// Fields that can be taken back without overwriting anything.
        rest: u32,
    },
}

/// A newer value that an undo would overwrite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overwrite {
    /// The record.
    pub record: RecordRef,
    /// What people call it.
    pub name: String,
    /// The field.
    pub key: String,
    /// The value that stands now.
    pub newer: Option<crate::Value>,
    /// The value that undo would bring back.
    pub older: Option<crate::Value>,
    /// Who wrote the newer one.
    pub author: crate::query::Author,
    /// When, by their clock.
    pub at: Timestamp,
}

/// Who we are and how we stand with the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The person; `None` until first run is over.
    pub me: Option<Me>,
    /// The relay's address; empty when working alone.
    pub server: String,
    /// How we stand with the relay.
    pub sync: SyncState,
    /// Commands the relay has not accepted yet.
    pub waiting: u64,
    /// Commands the relay refused, waiting for their author.
    pub refused: u64,
}

/// The person at this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail; empty when working alone.
    pub email: String,
    /// Their role; admin when working alone.
    pub role: Role,
}

impl Me {
    /// This person with their rights under the workspace's settings.
    pub const fn actor(&self, settings: &Settings) -> Actor {
        Actor { user: self.id, role: self.role, only_owners_edit: settings.only_owners_edit }
    }
}

/// How a client stands with the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncState {
    /// There is no relay.
    Alone,
    /// Connecting, or catching up: done of all, in records.
    CatchingUp {
        /// Records received.
        done: u64,
        /// Records expected; 0 while unknown.
        all: u64,
    },
    /// Everything here is there and the other way round.
    Synced,
    /// No connection since then (`None`: since the start).
    Offline {
        /// When it was lost.
        since: Option<Timestamp>,
        /// Why, in words.
        reason: String,
    },
    /// The session has ended; local work goes on.
    NeedsSignIn,
    /// The relay speaks a newer version only; local work goes on.
    NeedsUpgrade,
    /// Connected and up to date; something of ours is on its way there.
    Sending,
}

/// Something a person should read once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Good, neutral or bad news.
    pub tone: Tone,
    /// The words.
    pub text: String,
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// It worked.
    Good,
    /// For information.
    Neutral,
    /// Needs attention.
    Bad,
}
