//! The dialog that is open, with what is typed into it.

use std::collections::BTreeMap;

use model::app::RequestId;
use model::{Action, Kind, RecordId, RecordRef, Value};

use crate::edit::Editing;
use crate::quick_log::LogForm;
use crate::screens::assign::AssignForm;
use crate::screens::behind::Behind;
use crate::screens::merge::MergeForm;
use crate::screens::settings::api::{Asking, SecretView, TokenForm};
use crate::screens::settings::own_fields::FieldForm;
use crate::screens::settings::pipeline::RemovalForm;
use crate::screens::settings::team::{InviteForm, LinkView, PasswordForm};
use crate::screens::settings::webhooks::{DeliveriesView, WebhookForm};
use crate::screens::views::ViewForm;

/// A dialog.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Dialog {
    /// Creates a record.
    Create(CreateForm),
    /// Closes a lead.
    Close(CloseForm),
    /// Logs an activity in two actions.
    Log(LogForm),
    /// Search and commands.
    Palette(Palette),
    /// The keyboard table.
    Help,
    /// Joins a team or signs in again.
    Join,
    /// Confirms signing out while changes wait.
    SignOut,
    /// Loads sample data.
    Sample,
    /// Asks before something that concerns several records.
    Confirm(Confirm),
    /// Makes several records one.
    Merge(MergeForm),
    /// Saves what shows as a view.
    View(ViewForm),
    /// Invites somebody.
    Invite(InviteForm),
    /// A link to hand over.
    Link(LinkView),
    /// Changes one's own password.
    Password(PasswordForm),
    /// Takes a stage out of the pipeline.
    RemoveStage(RemovalForm),
    /// Asks when a task is due instead.
    When(WhenForm),
    /// Asks before an undo or redo overwrites newer values.
    Overwrite(crate::undo::Overwriting),
    /// Makes a personal token.
    NewToken(TokenForm),
    /// A secret that is shown once.
    Secret(SecretView),
    /// Asks before the relay is asked.
    AskFirst(Asking),
    /// Makes a webhook.
    NewWebhook(WebhookForm),
    /// Shows what became of telling a webhook.
    Deliveries(DeliveriesView),
    /// Defines a field of the workspace's own.
    NewField(FieldForm),
    /// Asks which record the open one is merged with.
    MergeWith(MergeWith),
    /// Shows the activities or tasks behind a figure.
    Behind(Behind),
    /// Asks who a record is handed to.
    Assign(AssignForm),
}

/// The choice of a record to merge another one with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MergeWith {
    /// The record whose page is open.
    pub(crate) record: RecordRef,
    /// What people call it.
    pub(crate) name: String,
}

/// A question before an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirm {
    /// What will happen, in one sentence.
    pub(crate) text: String,
    /// The word on the button.
    pub(crate) button: String,
    /// It takes something away.
    pub(crate) danger: bool,
    /// What is done.
    pub(crate) action: Action,
}

/// The form that puts a task off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WhenForm {
    /// The task.
    pub(crate) task: RecordId,
    /// Its title.
    pub(crate) title: String,
    /// When it is due, as typed.
    pub(crate) text: String,
    /// What is wrong with that.
    pub(crate) problem: Option<String>,
    /// The field gets the keyboard in the next frame.
    pub(crate) focus: bool,
}

impl WhenForm {
    /// An empty form.
    pub(crate) const fn new(task: RecordId, title: String) -> Self {
        Self { task, title, text: String::new(), problem: None, focus: true }
    }
}

/// The form that creates a record, or changes one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CreateForm {
    /// Of which kind.
    pub(crate) kind: Kind,
    /// What was typed, by field.
    pub(crate) texts: BTreeMap<String, String>,
    /// What was picked, by field: value and words.
    pub(crate) picks: BTreeMap<String, (Value, String)>,
    /// Parts of the smart line whose words stay in the title.
    pub(crate) put_back: Vec<&'static str>,
    /// What is wrong, by field.
    pub(crate) problems: BTreeMap<String, String>,
    /// All fields show.
    pub(crate) more: bool,
    /// The first field gets the keyboard in the next frame.
    pub(crate) focus: bool,
    /// The request that creates it, while it is under way, and whether another form follows.
    pub(crate) sent: Option<(RequestId, bool)>,
    /// What a task is linked to.
    pub(crate) about: Option<RecordRef>,
    /// The record that is changed; `None` where one is created.
    pub(crate) editing: Option<Editing>,
}

impl CreateForm {
    /// An empty form.
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            texts: BTreeMap::new(),
            picks: BTreeMap::new(),
            put_back: Vec::new(),
            problems: BTreeMap::new(),
            more: false,
            focus: true,
            sent: None,
            about: None,
            editing: None,
        }
    }
}

/// The form that closes a lead.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CloseForm {
    /// The lead.
    pub(crate) lead: RecordId,
    /// Others that are closed with it, each at its own value.
    pub(crate) others: Vec<RecordId>,
    /// Its title.
    pub(crate) title: String,
    /// Won, or lost.
    pub(crate) won: bool,
    /// The day as typed.
    pub(crate) date: String,
    /// The final value as typed.
    pub(crate) value: String,
    /// Why it was lost.
    pub(crate) reason: String,
    /// A note.
    pub(crate) note: String,
    /// Who won it instead.
    pub(crate) competitor: String,
    /// Cancels open tasks.
    pub(crate) cancel_tasks: bool,
    /// What is wrong, by field.
    pub(crate) problems: BTreeMap<String, String>,
    /// The request, while it is under way.
    pub(crate) sent: Option<RequestId>,
}

impl CloseForm {
    /// The form as it opens.
    pub(crate) fn new(lead: RecordId, title: String, won: bool) -> Self {
        Self {
            lead,
            others: Vec::new(),
            title,
            won,
            date: "today".into(),
            value: String::new(),
            reason: String::new(),
            note: String::new(),
            competitor: String::new(),
            cancel_tasks: !won,
            problems: BTreeMap::new(),
            sent: None,
        }
    }
}

/// The palette.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Palette {
    /// What was typed.
    pub(crate) text: String,
    /// The entry that Enter takes.
    pub(crate) cursor: usize,
    /// More of each kind shows.
    pub(crate) expanded: bool,
}
