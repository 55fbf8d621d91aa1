//! What screens, the command line and REST ask of the CRM, and the answers they get.
//!
//! Answers carry only what is visible (windows of lists), with counts and sums over everything that matches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::{Question, Report};
use crate::score::Scored;
use crate::{
    ChangeHash, CommandId, Date, DeviceId, Kind, Record, RecordId, RecordRef, Settings, Stage, Timestamp, UserId, Value,
};

/// Most rows that one answer carries.
pub const WINDOW_MAX: u32 = 500;

/// Most records that are selected at once.
pub const MATCHING_MAX: u32 = 10_000;

/// A question about the CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Query {
    /// The pipeline.
    Board(BoardQuery),
    /// A list of one kind.
    List(ListQuery),
    /// One record with everything its page shows.
    Detail(RecordRef),
    /// What happened to a record, newest first.
    Timeline {
        /// The record.
        record: RecordRef,
        /// At most this many entries.
        limit: u32,
    },
    /// Records that contain every word, best first.
    Search {
        /// What was typed.
        text: String,
        /// Only these kinds; empty is all.
        kinds: Vec<Kind>,
        /// At most this many for each kind.
        limit_per_kind: u32,
    },
    /// The workspace's settings and people.
    Workspace,
    /// Records with a field that two people changed at once.
    Conflicts,
    /// What the relay refused.
    Refused,
    /// Suggestions that wait for this person's answer, and those they sent; newest first.
    Suggestions,
    /// Figures for start pages and badges.
    Overview,
    /// Files that hang on a record, or all of them; at most `WINDOW_MAX`.
    Files(Option<RecordRef>),
    /// What asks for attention most among open leads and tasks (PRODUCT 8.3).
    NextBest {
        /// Whose; `None` is everybody's.
        owner: Option<UserId>,
        /// At most this many rows.
        limit: u32,
    },
    /// Records that may be the same, the surest first.
    Duplicates {
        /// At most this many groups.
        limit: u32,
    },
    /// The ids of everything that matches, in the list's order; at most `MATCHING_MAX`. The window doesn't count.
    Matching(ListQuery),
    /// Everything that matches as a CSV file with these columns; the window doesn't count.
    Csv {
        /// The list.
        list: ListQuery,
        /// Field keys, derived ones too, and what stands above them.
        columns: Vec<(String, String)>,
    },
    /// What the person chose on this device: theme, widths of columns.
    Preferences,
    /// A report (PRODUCT 9).
    Report(Box<Question>),
    /// A page of what happened to a record, newest first; answered by `Answer::Timeline`.
    TimelinePage {
        /// The record.
        record: RecordRef,
        /// Which part of it.
        part: TimelinePart,
        /// Entries to leave out, the newest first.
        offset: u32,
        /// At most this many entries.
        limit: u32,
    },
    /// Every value that one field of a record has had, newest first; answered by `Answer::Timeline`.
    FieldHistory {
        /// The record.
        record: RecordRef,
        /// The field.
        key: String,
    },
    /// What the fields of a record were at a moment, where they are something else now.
    AsOf {
        /// The record.
        record: RecordRef,
        /// The moment, by the authors' clocks.
        at: Timestamp,
    },
    /// Reminders of this person's tasks whose moment has come and that nobody has read; the latest first.
    Reminders,
    /// The tags that records have, with their counts.
    Tags,
    /// How activities of the last `QUICK_LOG_DAYS` were logged, own and everybody's.
    QuickLogShare,
    /// How this device stands: counts and versions, no records.
    Diagnostics,
    /// Records that a new one with these fields may be again.
    Lookalikes {
        /// Of which kind.
        kind: Kind,
        /// What is typed so far.
        fields: crate::Fields,
    },
    /// How much room everything takes on this device.
    Storage,
    /// Everything of a kind but the trash, as a file.
    Export {
        /// Of which kind.
        kind: Kind,
        /// In which form.
        form: ExportForm,
    },
}

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportForm {
    /// Comma-separated values.
    Csv,
    /// A list of JSON objects.
    Json,
    /// vCard 3.0, of contacts.
    VCard3,
    /// vCard 4.0, of contacts.
    VCard4,
}

/// The days that the share of Quick Log is counted over.
pub const QUICK_LOG_DAYS: i64 = 30;

/// Which part of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TimelinePart {
    /// All of it.
    #[default]
    All,
    /// What was changed in the record itself.
    Changes,
    /// Activities.
    Conversations,
    /// The activities, pinned ones first whatever their age.
    Activities,
}

/// The answer to a `Query`, variant by variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// To `Query::Board`.
    Board(Board),
    /// To `Query::List`.
    List(List),
    /// To `Query::Detail`; `None` when the record is not on this device.
    Detail(Option<Box<Detail>>),
    /// To `Query::Timeline`.
    Timeline(Vec<TimelineEntry>),
    /// To `Query::Search`.
    Search(Vec<Hit>),
    /// To `Query::Workspace`.
    Workspace(Box<Workspace>),
    /// To `Query::Conflicts`.
    Conflicts(Vec<Conflict>),
    /// To `Query::Refused`.
    Refused(Vec<RefusedCommand>),
    /// To `Query::Suggestions`.
    Suggestions(Vec<Suggestion>),
    /// To `Query::Overview`.
    Overview(Overview),
    /// To `Query::NextBest`.
    NextBest(NextBest),
    /// To `Query::Files`, newest first.
    Files(Vec<FileRow>),
    /// To `Query::Duplicates`.
    Duplicates(Duplicates),
    /// To `Query::Matching`.
    Matching(Vec<RecordId>),
    /// To `Query::Csv`.
    Csv(String),
    /// To `Query::Preferences`.
    Preferences(BTreeMap<String, String>),
    /// To `Query::Report`.
    Report(Box<Report>),
    /// To `Query::AsOf`.
    AsOf(Vec<AsOfField>),
    /// To `Query::Reminders`.
    Reminders(Vec<crate::reminder::Reminder>),
    /// To `Query::Storage`.
    Storage(StorageUse),
    /// To `Query::Export`: the file's text.
    Export(String),
    /// To `Query::Tags`, by name.
    Tags(Vec<TagRow>),
    /// To `Query::QuickLogShare`.
    QuickLogShare(QuickLogShare),
    /// To `Query::Diagnostics`.
    Diagnostics(Box<Diagnostics>),
    /// To `Query::Lookalikes`, the surest first.
    Lookalikes(Vec<Lookalike>),
}

/// How much room things take on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageUse {
    /// What, how many, how many bytes.
    pub lines: Vec<(StorageLine, u64, u64)>,
    /// The whole database.
    pub database_bytes: u64,
    /// What of that is free to be used again.
    pub free_bytes: u64,
}

/// Something that takes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageLine {
    /// Records as lists show them.
    Records,
    /// The documents behind them, with all that ever happened to each.
    Documents,
    /// Changes of single fields, for timelines and reports.
    History,
    /// Changes that wait for the relay.
    Waiting,
    /// What the relay accepted, and what can be undone.
    Log,
    /// Attached files.
    Files,
}

/// A tag that records have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRow {
    /// The tag as it is written (where it is written in several ways, as most do).
    pub name: String,
    /// Records that have it, by kind; without trash and archive.
    pub counts: BTreeMap<Kind, u64>,
}

/// How activities were logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickLogShare {
    /// This person's.
    pub own: LoggedCount,
    /// Everybody's.
    pub team: LoggedCount,
}

/// Activities that people logged; what was imported or came from programs is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedCount {
    /// With Quick Log.
    pub quick: u64,
    /// In whatever way.
    pub all: u64,
}

/// How a device stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// The program's version.
    pub version: String,
    /// SQLite's version.
    pub sqlite: String,
    /// The form of the records.
    pub schema: u32,
    /// The form of what goes over the wire.
    pub protocol: u32,
    /// Documents on this device.
    pub documents: u64,
    /// Room that the database takes, in bytes.
    pub database_bytes: u64,
    /// This device's id.
    pub device: String,
    /// The log's position that this device has reached.
    pub seq: u64,
    /// The running digest there, in hexadecimal digits; empty when working alone.
    pub digest: String,
    /// When something last came from the relay, since the program was started.
    pub heard_at: Option<Timestamp>,
    /// Commands that wait for the relay.
    pub waiting: u64,
    /// When the oldest of them was done.
    pub oldest_waiting: Option<Timestamp>,
    /// Commands that the relay refused.
    pub refused: u64,
    /// Fields in conflict.
    pub conflicts: u64,
    /// Changes that this version can't read.
    pub quarantined: u64,
}

/// A record that a new one may be again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookalike {
    /// The record.
    pub row: Row,
    /// What they share.
    pub why: Likeness,
}

/// A field that was something else at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOfField {
    /// Its key.
    pub key: String,
    /// What it was.
    pub then: Option<Value>,
    /// What it is.
    pub now: Option<Value>,
}

/// Records that may be the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Groups found in all.
    pub total: u64,
    /// The surest of them.
    pub groups: Vec<DuplicateGroup>,
}

/// Records of one kind that may be the same, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateGroup {
    /// The records.
    pub rows: Vec<Row>,
    /// What they share.
    pub why: Likeness,
}

/// What records share that may be the same, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Likeness {
    /// An e-mail address.
    Email,
    /// A telephone number and the last name.
    Phone,
    /// A LinkedIn page.
    LinkedIn,
    /// The domain of website or e-mail address.
    Domain,
    /// The name, at the same account where there is one.
    Name,
    /// Much the same name at the same account or in the same city.
    Similar,
}

/// An attachment and where its file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// The attachment.
    pub record: Record,
    /// The file is on this device.
    pub here: bool,
    /// The file is on the relay.
    pub on_relay: bool,
    /// It is to stay on this device.
    pub keep_offline: bool,
    /// What is under way.
    pub under_way: Option<Transfer>,
    /// Why it does not go on, in words.
    pub trouble: Option<String>,
}

/// A file on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transfer {
    /// It waits for the relay.
    WaitsToUpload,
    /// It goes up: percent.
    Uploading(u8),
    /// It comes down.
    Downloading,
}

/// Compares a field with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// Equals one of the values.
    Is,
    /// Equals none of them.
    IsNot,
    /// Contains one of them, case- and accent-blind.
    Contains,
    /// Has no value.
    Empty,
    /// Has a value.
    NotEmpty,
    /// Greater than the first value.
    Over,
    /// Less than the first value.
    Under,
    /// From the first to the second value, both included.
    Between,
}

/// One filter chip: `field op values`. Chips are joined by AND.
///
/// Besides the schema's fields it knows the derived `stage`, `status`, `tag`, `last_touch_at`, `idle_since` (the last
/// touch, or when it was created if nobody touched it), `next_task_due`, `rotting`, `no_next_step`, `contact_count`, and `deleted_at` (lists leave out the trash unless a chip names it). `figure` is one
/// of a report's figures (`report::Figure`): the records behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// How it is compared.
    pub op: Op,
    /// What with.
    pub values: Vec<Value>,
}

/// A sort key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The field, schema's or derived.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// Asks for a window of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Of which kind.
    pub kind: Kind,
    /// Filter chips.
    pub filter: Vec<Condition>,
    /// Words that must all occur in the record; case- and accent-blind.
    pub text: String,
    /// Sort keys; ties are broken by id.
    pub sort: Vec<Sort>,
    /// First row.
    pub offset: u32,
    /// At most this many rows, never more than `WINDOW_MAX`.
    pub limit: u32,
}

impl ListQuery {
    /// The first rows of a kind, unfiltered.
    pub fn of(kind: Kind) -> Self {
        Self { kind, filter: Vec::new(), text: String::new(), sort: Vec::new(), offset: 0, limit: 100 }
    }
}

/// A window of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Rows that match.
    pub total: u64,
    /// Sum of `value_cents` over all that match (leads; else 0).
    pub sum_cents: i64,
    /// Σ(value·probability) over all that match, divided by 100 once, half up.
    pub weighted_cents: i64,
    /// First row's index.
    pub offset: u32,
    /// The rows asked for.
    pub rows: Vec<Row>,
}

/// A record with what lists and cards show beside its own fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The record.
    pub record: Record,
    /// Names of the records it links to, by field key (`account_id` → "Acme").
    pub names: BTreeMap<String, String>,
    /// The owner's name.
    pub owner_name: String,
    /// `open`, `closed_won`, `closed_lost` for leads; else empty.
    pub status: String,
    /// When the lead entered its stage.
    pub stage_entered_at: Option<Timestamp>,
    /// Latest activity up to now, completed task, stage change or file.
    pub last_touch_at: Option<Timestamp>,
    /// The open task due first.
    pub next_task: Option<NextTask>,
    /// Open leads of an account.
    pub open_leads: u32,
    /// Sum of an account's open leads.
    pub open_cents: i64,
    /// Sum of an account's won leads.
    pub won_cents: i64,
    /// Files attached.
    pub files: u32,
    /// Holds changes that the relay has not accepted yet.
    pub pending: bool,
    /// A field was changed by two people at once.
    pub conflicted: bool,
    /// A lead that nobody has touched for longer than its stage allows, and for which nothing is planned.
    pub rotting: bool,
}

/// The open task of a lead that is due first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextTask {
    /// The task.
    pub id: RecordId,
    /// Its title.
    pub title: String,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// Its priority.
    pub priority: String,
}

/// Asks for the pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardQuery {
    /// Filter chips.
    pub filter: Vec<Condition>,
    /// Words that must all occur.
    pub text: String,
    /// Order within a column.
    pub sort: BoardSort,
    /// Which rows of which stage; a stage without a window gets its first 50.
    pub windows: BTreeMap<String, (u32, u32)>,
}

/// Order of cards within a column (PRODUCT 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum BoardSort {
    /// Overdue, today, none, future.
    #[default]
    NextStep,
    /// Largest value first.
    Value,
    /// Earliest expected close first, none last.
    CloseDate,
    /// Longest in stage first.
    Age,
    /// By hand (`board_key`).
    Manual,
}

/// The pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// One column for each stage, in order.
    pub columns: Vec<BoardColumn>,
}

/// One stage's column; figures are over everything that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardColumn {
    /// The stage.
    pub stage: Stage,
    /// Leads in it.
    pub count: u64,
    /// Sum of their values.
    pub sum_cents: i64,
    /// Σ(value·probability)/100, divided once, half up.
    pub weighted_cents: i64,
    /// Index of the first of `rows`.
    pub offset: u32,
    /// The window asked for.
    pub rows: Vec<Row>,
    /// Leads that were closed in the present month.
    pub month_count: u64,
    /// What those came to.
    pub month_cents: i64,
    /// Whole days that the leads have been in the stage, on average.
    pub mean_age_days: i64,
}

/// A record's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The record and what surrounds it.
    pub row: Row,
    /// Heads of its document, for `SetFields::base_heads`.
    pub heads: Vec<ChangeHash>,
    /// Fields with more than one concurrent value.
    pub conflicts: Vec<Conflict>,
    /// Fields somebody wrote oddly, with what is wrong.
    pub problems: Vec<crate::schema::FieldProblem>,
    /// Leads, contacts, tasks and files that belong to it, by kind, newest first (open tasks before the
    /// others), at most `WINDOW_MAX` each.
    pub related: BTreeMap<Kind, Vec<Row>>,
    /// How many of each kind there are.
    pub counts: BTreeMap<Kind, u64>,
    /// Why this person may not edit it; `None` when they may.
    pub denied: Option<crate::policy::Denied>,
}

/// A field that was changed by two people at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The record.
    pub record: RecordRef,
    /// What people call it.
    pub name: String,
    /// The field.
    pub key: String,
    /// All values, the one that shows first.
    pub values: Vec<ConflictValue>,
}

/// One of the values in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictValue {
    /// The value; `None` when it cannot be read.
    pub value: Option<Value>,
    /// Who wrote it.
    pub author: Author,
    /// When, by their clock.
    pub at: Timestamp,
}

/// Who made a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The person; `None` while unknown.
    pub user: Option<UserId>,
    /// Their name; empty while unknown.
    pub name: String,
    /// The device.
    pub device: Option<DeviceId>,
    /// What that is called; empty while unknown.
    pub device_name: String,
}

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When, by the author's clock.
    pub at: Timestamp,
    /// When the relay took it; `None` while it has not.
    pub received_at: Option<Timestamp>,
    /// Who.
    pub author: Author,
    /// What.
    pub what: Happened,
}

/// What a timeline entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// The record was created.
    Created,
    /// A field changed.
    Field {
        /// The field's key (`place` for a lead's stage).
        key: String,
        /// Before.
        before: Option<Value>,
        /// After.
        after: Option<Value>,
    },
    /// An activity was logged.
    Activity(Box<Record>),
    /// A task was created, done or canceled.
    Task(Box<Record>),
    /// A file was added.
    File(Box<Record>),
    /// A field of an activity was changed later, or the activity went to the trash.
    Edited {
        /// The activity as it stands.
        activity: Box<Record>,
        /// The field's key.
        key: String,
        /// Before.
        before: Option<Value>,
        /// After.
        after: Option<Value>,
    },
}

/// A search hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The record.
    pub record: RecordRef,
    /// What people call it.
    pub title: String,
    /// A second line: account, e-mail, stage.
    pub subtitle: String,
    /// What a task, an activity or a file is about: the record that has a page.
    pub about: Option<RecordRef>,
}

/// The workspace's settings and people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its settings.
    pub settings: Settings,
    /// Its people, by name.
    pub users: Vec<Record>,
}

/// A command that the relay refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCommand {
    /// The command.
    pub command: CommandId,
    /// When the person did it.
    pub at: Timestamp,
    /// What it is called.
    pub label: crate::action::Label,
    /// The relay's code (`sync` lists them).
    pub code: String,
    /// The reason in words.
    pub detail: String,
    /// Who may do it, by what is known now.
    pub who: WhoMay,
    /// Whether some of it can be sent to somebody as a suggestion.
    pub can_suggest: bool,
    /// What it would have changed: record, its name, field, before, after.
    pub changes: Vec<RefusedChange>,
}

/// Who may do what was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhoMay {
    /// This person, by now: trying again is worth it.
    You,
    /// These owners, or an administrator.
    Owners(Vec<String>),
    /// An administrator.
    Administrators,
    /// Only its author.
    Author,
    /// Nobody: it was not a question of rights.
    Nobody,
}

/// One field of a refused command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedChange {
    /// The record.
    pub record: RecordRef,
    /// What people call it.
    pub name: String,
    /// The field.
    pub key: String,
    /// The value that stands now.
    pub before: Option<Value>,
    /// The value that was refused.
    pub after: Option<Value>,
    /// The value that the person saw when they changed it.
    #[serde(default)]
    pub seen: Option<Value>,
    /// The name of the record's owner; empty when it has none.
    #[serde(default)]
    pub owner_name: String,
}

/// A suggestion: what somebody proposes to change in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The suggestion's own id, for `Action::AcceptSuggestion` and `Action::DeclineSuggestion`.
    pub id: RecordId,
    /// The record it is about.
    pub record: RecordRef,
    /// What people call that record; empty when it is not on this device.
    pub name: String,
    /// Who proposes it.
    pub author: Author,
    /// Whom it is addressed to.
    pub addressee: Author,
    /// A word from its author.
    pub note: String,
    /// When it was sent, by its author's clock.
    pub at: Timestamp,
    /// `open`, `accepted` or `declined`.
    pub status: String,
    /// Whether this person sent it; else it waits for their answer.
    pub is_mine: bool,
    /// Why this person can't accept it; `None` when they can.
    pub cannot_accept: Option<String>,
    /// What it would change.
    pub changes: Vec<SuggestedChange>,
    /// Holds changes that the relay has not accepted yet.
    pub pending: bool,
}

/// One field of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedChange {
    /// The field.
    pub key: String,
    /// The value that its author saw.
    pub seen: Option<Value>,
    /// The value that stands now.
    pub current: Option<Value>,
    /// The value proposed.
    pub proposed: Option<Value>,
}

/// Figures for start pages and badges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Records by kind, trash left out.
    pub counts: BTreeMap<Kind, u64>,
    /// Records that `LoadSample` created.
    pub sample_records: u64,
    /// Open leads' sum.
    pub open_cents: i64,
    /// Open leads' weighted sum.
    pub weighted_cents: i64,
    /// Sum of leads won in the current month of the workspace's zone.
    pub won_this_month_cents: i64,
    /// My open tasks that are due before today's end, overdue ones included.
    pub tasks_due: u64,
    /// Fields in conflict.
    pub conflicts: u64,
    /// Refused commands that wait for their author.
    pub refused: u64,
    /// Open suggestions that wait for this person's answer.
    pub suggestions: u64,
    /// The day "today" in the workspace's zone.
    pub today: Option<Date>,
}

/// What asks for attention most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextBest {
    /// Rows in order; the first `top` show at once.
    pub rows: Vec<NextAction>,
    /// How many show at once: at most five, at most two of one account.
    pub top: u32,
    /// Candidates in all.
    pub total: u64,
}

/// A lead or lone task that asks for attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextAction {
    /// The lead; or the task, when it is not about a lead.
    pub row: Row,
    /// The task that counts.
    pub task: Option<NextTask>,
    /// Why, and how much.
    pub scored: Scored,
}
