//! What screens want done. `update` is the only reader.

use egui::ThemePreference;
use model::app::{Request, TeamRequest};
use model::query::{BoardSort, ExportForm};
use model::{Action, CommandId, FieldChanges, Kind, RecordId, RecordRef, Value};

use crate::Effect;
use crate::dialog::{Confirm, Dialog};
use crate::routes::{Route, Screen};
use crate::undo::Way;

/// Something a person wants.
#[derive(Debug)]
pub(crate) enum Act {
    /// Shows a screen.
    Go(Screen),
    /// Goes back to the screen before.
    Back,
    /// Sets (or, when empty, removes) a filter in the current address.
    Filter(&'static str, String),
    /// Sets the board's order.
    BoardSort(BoardSort),
    /// Opens a dialog.
    Open(Box<Dialog>),
    /// Opens the dialog that creates a record, linked to this one.
    New(Kind, Option<RecordRef>),
    /// Opens the dialog that edits a task or an activity.
    Edit(RecordRef),
    /// Brings an attachment's file to this device.
    FetchFile(RecordId),
    /// Open an attachment's file with the program for it.
    OpenFile(RecordId),
    /// Save a copy of an attachment's file.
    SaveFileCopy(RecordId),
    /// Shows a record beside the list or board; the same again puts it away.
    Peek(RecordRef),
    /// Puts the record beside the list away.
    ClosePeek,
    /// Asks before something that concerns several records.
    Confirm(Confirm),
    /// Opens Quick Log about a record, or about the open one.
    QuickLog(Option<RecordRef>),
    /// Opens Quick Log about a record; logging it checks the task off.
    LogAndFinish(RecordRef, RecordId),
    /// Logs what Quick Log holds: which type and which outcome was tapped.
    LogOutcome(usize, usize),
    /// Checks a task off and asks for the next step of what it was about.
    Finish(RecordId, Option<(RecordRef, String)>),
    /// Plans the next step after a finished task in so many days, or none.
    NextStep(Option<i32>),
    /// Opens the dialog that creates a lead in this stage.
    NewInStage(String),
    /// Closes the dialog.
    CloseDialog,
    /// Creates what the open dialog holds.
    SubmitForm {
        /// Opens an empty one afterwards.
        another: bool,
    },
    /// Creates a record of this name for a field of the form or page, and links it.
    CreateLinked {
        /// The field.
        key: String,
        /// The new record's kind.
        kind: Kind,
        /// Its name.
        name: String,
    },
    /// Does something to the data.
    Do(Action),
    /// Does something that needs no message.
    Quietly(Action),
    /// Moves a lead to a stage; closing stages ask first.
    Move {
        /// The lead.
        lead: RecordId,
        /// The stage's id.
        stage: String,
        /// The card above.
        after: Option<RecordId>,
    },
    /// Moves several leads to a stage as one step.
    MoveTogether {
        /// The leads, in the order they should stand.
        leads: Vec<RecordId>,
        /// The stage's id.
        stage: String,
        /// The card above.
        after: Option<RecordId>,
    },
    /// Opens the dialog that closes a lead as won or lost.
    AskClose {
        /// The lead.
        lead: RecordId,
        /// Won, or lost.
        won: bool,
    },
    /// Writes fields of the open record.
    Save(FieldChanges),
    /// Settles a conflict of the open record.
    Choose(RecordRef, String, Option<Value>),
    /// Logs what the composer holds.
    Log,
    /// Plans what the composer holds, because it lies ahead.
    LogAsTask,
    /// Creates the task that is typed on a record's page.
    QuickTask(RecordRef),
    /// Creates a contact of this name at the open lead's account, and makes it one of the lead's.
    AddNewContact(String),
    /// Creates a record like this one, and opens it.
    Duplicate(RecordRef),
    /// Shows the timeline of the open record, which is of this kind.
    ShowTimeline(Kind),
    /// The open page shows another tab, of this word.
    Tab(&'static str),
    /// Asks for the day that a task of this title is put off to.
    AskWhen(RecordId, String),
    /// Puts the task of the open dialog off to what is typed.
    PutOff,
    /// Takes a command back, or does it again.
    Step(Way, CommandId),
    /// Takes the last thing back, or does the last undone one again.
    StepLast(Way),
    /// Overwrites what the open dialog shows (`true`), or takes back the rest only.
    StepOver {
        /// Overwrite.
        overwrite: bool,
    },
    /// Sends a request as it is.
    Send(Request),
    /// Asks the shell.
    Shell(Effect),
    /// Chooses light, dark or the system's theme.
    Theme(ThemePreference),
    /// Keeps a choice on this device; an empty value forgets it.
    Prefer(String, String),
    /// Shows an address.
    Route(Route),
    /// Says something once.
    Say(String),
    /// Writes fields of a record as it stands.
    SaveTo(RecordRef, FieldChanges),
    /// Chooses the columns of a list.
    Columns(Kind, String),
    /// Saves everything that the list matches as a CSV file.
    ExportList,
    /// Saves the selected rows as a CSV file.
    ExportSelected,
    /// Asks the relay about people and devices.
    Team(TeamRequest),
    /// Puts a new stage into the pipeline.
    NewStage,
    /// Saves the view that the open dialog describes.
    SaveView,
    /// Makes a saved view be what shows.
    KeepView(RecordId),
    /// Starts on this device, joins or signs in, as the form says.
    Enter,
    /// Reads the import again with changed options.
    ImportPreview,
    /// Works out what the import would do.
    ImportDryRun,
    /// Imports.
    ImportCommit,
    /// Takes the last import back.
    ImportUndo,
    /// Puts the import away.
    ImportReset,
    /// Shows a screen with filters.
    Visit(Route),
    /// Saves everything of a kind as a file.
    ExportKind(Kind, ExportForm),
    /// Writes a backup.
    Backup,
    /// Checks every document on this device.
    Verify,
}
