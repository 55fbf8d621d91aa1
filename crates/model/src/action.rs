//! What people do (`Action`), and what it comes to (`Command`): one action is one command, one undo step,
//! one fate at the relay.

use serde::{Deserialize, Serialize};

use crate::value::{FieldChanges, Fields};
use crate::{ChangeHash, CommandId, Date, Kind, RecordId, RecordRef, Timestamp};

/// Something a person does. `plan` turns it into a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Creates a record. Owner, creation time and other defaults are filled in.
    Create {
        /// Kind and id of the new record; the id is made by the caller.
        record: RecordRef,
        /// What was entered.
        fields: Fields,
    },
    /// Changes fields of one record.
    SetFields {
        /// The record.
        record: RecordRef,
        /// Heads of the document when the form was opened; empty means "as it stands now".
        base_heads: Vec<ChangeHash>,
        /// Only what the person changed.
        fields: FieldChanges,
    },
    /// Changes the same fields of several records.
    SetMany {
        /// The records.
        records: Vec<RecordRef>,
        /// Only what the person changed.
        fields: FieldChanges,
    },
    /// Moves leads to a stage.
    MoveLeads {
        /// The leads, in the order they should stand.
        leads: Vec<RecordId>,
        /// The stage's id.
        stage: String,
        /// The lead above the place they were dropped at; `None` is the top.
        after: Option<RecordId>,
    },
    /// Closes a lead.
    CloseLead {
        /// The lead.
        lead: RecordId,
        /// How.
        outcome: Outcome,
        /// Cancels its open tasks as well.
        cancel_tasks: bool,
    },
    /// Logs an activity, with an optional follow-up task.
    LogActivity {
        /// The new activity's id.
        id: RecordId,
        /// What was entered; `type` and the links at least.
        fields: Fields,
        /// A task to create with it.
        follow_up: Option<FollowUp>,
    },
    /// Checks a task off (`true`) or opens it again.
    SetTaskDone {
        /// The task.
        task: RecordId,
        /// Done or not.
        done: bool,
    },
    /// Moves records to the trash.
    Delete(Vec<RecordRef>),
    /// Takes records out of the trash.
    Restore(Vec<RecordRef>),
    /// Settles a conflict: this value stands, the others go.
    ChooseValue {
        /// The record.
        record: RecordRef,
        /// The field in conflict.
        key: String,
        /// The value that stands; `None` is "no value".
        value: Option<crate::Value>,
    },
    /// Takes a suggestion: its values go into the record as this person's own change, in the same step.
    AcceptSuggestion(RecordId),
    /// Turns a suggestion down.
    DeclineSuggestion(RecordId),
    /// Takes back a command, where its values still stand.
    Undo(CommandId),
    /// Creates believable sample data; removed by `RemoveSample`.
    LoadSample {
        /// How many leads.
        leads: u32,
    },
    /// Removes what `LoadSample` created and nobody has since made their own.
    RemoveSample,
    /// Edits prepared elsewhere (import).
    Prepared {
        /// What the history calls it.
        label: Label,
        /// The edits.
        edits: Vec<Edit>,
    },
    /// Makes several records of one kind one. The oldest stays; the others point to it, and what hung on them
    /// hangs on it.
    Merge {
        /// From 2 to `merge::RECORDS_MAX` accounts, contacts or leads.
        records: Vec<RecordRef>,
        /// What the one that stays gets in place of its own values.
        fields: FieldChanges,
    },
    /// Notes that records of one kind only look alike, so that they are not proposed for merging again.
    KeepApart(Vec<RecordRef>),
    /// Takes a stage out of the pipeline; its leads move to another one.
    RemoveStage {
        /// The stage's id.
        stage: String,
        /// The stage that its leads move to.
        to: String,
        /// The leads in it.
        leads: Vec<RecordId>,
    },
    /// Takes back a command of which some values were changed since, after the person has seen them.
    UndoOver {
        /// The command.
        command: CommandId,
        /// Overwrites the newer values (`true`), or leaves those fields alone.
        overwrite: bool,
    },
    /// Gives a word another name wherever it stands, or takes a tag away.
    Reword(Rewording),
    /// Closes several leads on one day for one reason; each keeps its own value.
    CloseLeads {
        /// The leads, in the order they should stand.
        leads: Vec<RecordId>,
        /// How; the value of one that is won is its own.
        outcome: Outcome,
        /// Cancels their open tasks as well.
        cancel_tasks: bool,
    },
}

/// A word of the workspace's that is about to be called something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewording {
    /// Where it stands.
    pub list: WordList,
    /// The word.
    pub from: String,
    /// What it is called from now on; `None` takes it away. A word that is there already takes this one in.
    pub to: Option<String>,
}

/// The words that a workspace has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordList {
    /// Tags of records.
    Tag,
    /// Sources of leads.
    Source,
    /// Reasons for losing leads.
    LostReason,
}

/// How a lead was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Won.
    Won {
        /// The day; not in the future.
        on: Date,
        /// The final value in cents.
        value_cents: i64,
        /// A note.
        note: String,
    },
    /// Lost.
    Lost {
        /// The day; not in the future.
        on: Date,
        /// Why; required.
        reason: String,
        /// Required when the reason is "Other".
        note: String,
        /// Who won it instead.
        competitor: String,
    },
}

/// The task that follows an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The new task's id.
    pub id: RecordId,
    /// Its title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Whether `due_at` stands for the whole day.
    pub all_day: bool,
}

/// What a command is called in the toast, the history and the outbox. Counts are of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Label {
    /// Created a record.
    Created(Kind),
    /// Changed records of a kind.
    Changed(Kind, u32),
    /// Moved leads; the stage's name.
    Moved(u32, String),
    /// Won a lead.
    Won,
    /// Lost a lead.
    Lost,
    /// Logged an activity; its type.
    Logged(String),
    /// Checked a task off.
    TaskDone,
    /// Opened a task again.
    TaskReopened,
    /// Moved records to the trash.
    Deleted(u32),
    /// Took records out of the trash.
    Restored(u32),
    /// Settled a conflict.
    ConflictSettled,
    /// Proposed changes of other people's records; how many.
    Suggested(u32),
    /// Took a suggestion.
    SuggestionAccepted,
    /// Turned a suggestion down.
    SuggestionDeclined,
    /// Took something back.
    Undid(Box<Label>),
    /// Imported rows; which part of how many.
    Imported {
        /// The file's name.
        file: String,
        /// The import all parts belong to.
        import: CommandId,
    },
    /// Created sample data.
    SampleLoaded,
    /// Removed sample data.
    SampleRemoved,
    /// Made several records of a kind one.
    Merged(Kind, u32),
    /// Noted that records only look alike.
    KeptApart(u32),
    /// Took a stage of this name out of the pipeline.
    StageRemoved(String),
    /// Changed the workspace's settings.
    SettingsChanged,
    /// Did again what had been taken back.
    Redid(Box<Label>),
    /// Brought a record back to what it was at a moment.
    RestoredTo(Timestamp),
    /// Asked not to be bothered about something for a while.
    Dismissed,
    /// Made again what a backup holds.
    BackupRestored,
    /// Gave a word another name (or took it away) in so many records.
    Reworded {
        /// What it was called.
        from: String,
        /// What it is called now.
        to: Option<String>,
        /// Records that hold it.
        records: u32,
    },
}

/// One user action as it is stored, sent and executed again when that is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its name for ever; the relay's idempotency key.
    pub id: CommandId,
    /// When the person did it, by their device's clock.
    pub at: Timestamp,
    /// What it is called.
    pub label: Label,
    /// What it does, in order.
    pub edits: Vec<Edit>,
}

/// One command's effect on one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// The record's first change.
    Create {
        /// The new record.
        record: RecordRef,
        /// All its fields.
        fields: Fields,
    },
    /// A later change, field by field.
    Set {
        /// The record.
        record: RecordRef,
        /// Heads the author saw; empty means those at execution.
        base_heads: Vec<ChangeHash>,
        /// Only what changes.
        fields: FieldChanges,
    },
    /// Writes a field anew so that no conflict is left on it.
    Settle {
        /// The record.
        record: RecordRef,
        /// The field.
        key: String,
        /// The value that stands.
        value: Option<crate::Value>,
    },
}

impl Edit {
    /// The record it is about.
    pub const fn record(&self) -> RecordRef {
        match self {
            Self::Create { record, .. } | Self::Set { record, .. } | Self::Settle { record, .. } => *record,
        }
    }
}
