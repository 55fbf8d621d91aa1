//! The kinds of records.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a record is. The number is its code on the wire and in SQLite, and never changes meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// The workspace's settings: one record, the same id everywhere.
    Settings = 1,
    /// A person who uses the workspace; written only by the relay once there is one.
    User = 2,
    /// An installation of a client; written only by the relay.
    Device = 3,
    /// An organisation.
    Account = 4,
    /// A person at an organisation.
    Contact = 5,
    /// A deal on its way through the pipeline.
    Lead = 6,
    /// A call, e-mail, meeting, note or SMS.
    Activity = 7,
    /// Something to do.
    Task = 8,
    /// A file.
    Attachment = 9,
    /// What somebody proposes to change in another person's record.
    Suggestion = 10,
    /// A way of looking at a list or the pipeline that somebody saved under a name.
    View = 11,
}

impl Kind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::Settings,
        Self::User,
        Self::Device,
        Self::Account,
        Self::Contact,
        Self::Lead,
        Self::Activity,
        Self::Task,
        Self::Attachment,
        Self::Suggestion,
        Self::View,
    ];

    /// The kinds that people create as such: what lists, search and exports are about.
    pub const RECORDS: [Self; 6] =
        [Self::Account, Self::Contact, Self::Lead, Self::Activity, Self::Task, Self::Attachment];

    /// The code on the wire and in SQLite.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The name in JSON, documents and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::User => "user",
            Self::Device => "device",
            Self::Account => "account",
            Self::Contact => "contact",
            Self::Lead => "lead",
            Self::Activity => "activity",
            Self::Task => "task",
            Self::Attachment => "attachment",
            Self::Suggestion => "suggestion",
            Self::View => "view",
        }
    }

    /// The plural in REST paths, table names and exports.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::User => "users",
            Self::Device => "devices",
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Lead => "leads",
            Self::Activity => "activities",
            Self::Task => "tasks",
            Self::Attachment => "attachments",
            Self::Suggestion => "suggestions",
            Self::View => "views",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of record: {text}")]
pub struct ParseKindError {
    /// What was given.
    pub text: String,
}

impl FromStr for Kind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, ParseKindError> {
        let same = |kind: &Self| kind.name() == text || kind.plural() == text;
        Self::ALL.into_iter().find(same).ok_or_else(|| ParseKindError { text: text.to_owned() })
    }
}
