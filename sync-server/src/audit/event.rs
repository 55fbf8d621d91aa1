//! What an entry of the audit log says.

use std::net::IpAddr;

use model::{DeviceId, RecordId, Timestamp, UserId};
use serde_json::{Map, Value};

macro_rules! actions {
    ($($(#[$about:meta])* $action:ident = $name:literal),* $(,)?) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action { $($(#[$about])* $action),* }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$action),*];

            /// The name in the table and in the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$action => $name),* }
            }
        }
    };
}

actions! {
    /// The relay was set up.
    SetUp = "set_up",
    /// Somebody signed in.
    SignIn = "sign_in",
    /// A password for somebody who exists was wrong.
    SignInFailed = "sign_in_failed",
    /// Somebody signed out.
    SignOut = "sign_out",
    /// A used refresh token was used again, and its session ended.
    RefreshReused = "refresh_reused",
    /// A person was created with a password.
    PersonCreated = "person_created",
    /// A person was invited.
    Invited = "invited",
    /// A link for a new password was made.
    ResetLinkMade = "reset_link_made",
    /// A one-time link was used.
    LinkUsed = "link_used",
    /// Somebody changed their own password.
    PasswordChanged = "password_changed",
    /// A password was set on the command line.
    PasswordReset = "password_reset",
    /// A person has another role.
    RoleChanged = "role_changed",
    /// A person may not sign in any more.
    PersonDisabled = "person_disabled",
    /// A person may sign in again.
    PersonEnabled = "person_enabled",
    /// A person is called otherwise.
    PersonRenamed = "person_renamed",
    /// A device's access was taken away.
    DeviceRevoked = "device_revoked",
    /// A personal token was made.
    TokenMade = "token_made",
    /// A personal token was revoked.
    TokenRevoked = "token_revoked",
    /// A file was stored for an attachment.
    FileStored = "file_stored",
    /// The virus scanner blocked a file.
    FileBlocked = "file_blocked",
    /// The audit log was exported.
    AuditExported = "audit_exported",
    /// A backup was made.
    BackedUp = "backed_up",
    /// The relay was restored from a backup.
    Restored = "restored",
    /// A stretch of the log of changes was sealed.
    LogSealed = "log_sealed",
    /// A person's calendar got an address.
    CalendarFeedMade = "calendar_feed_made",
    /// A person's calendar has no address any more.
    CalendarFeedEnded = "calendar_feed_ended",
    /// A webhook was made.
    WebhookMade = "webhook_made",
    /// A webhook's address, events or state were changed.
    WebhookChanged = "webhook_changed",
    /// A webhook got another secret.
    WebhookRotated = "webhook_rotated",
    /// The relay paused a webhook that did not answer.
    WebhookPaused = "webhook_paused",
    /// A webhook was deleted.
    WebhookDeleted = "webhook_deleted",
}

impl Action {
    /// The action of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// Something to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When; `None` is the moment of the entry before, for what happens without a clock.
    pub at: Option<Timestamp>,
    /// What was done.
    pub action: Action,
    /// Who did it; nobody for the relay itself and its command line.
    pub by: Option<UserId>,
    /// On what.
    pub device: Option<DeviceId>,
    /// Whom or what it was done to.
    pub subject: Option<RecordId>,
    /// Where from.
    pub address: Option<IpAddr>,
    /// What else there is to say. Never a secret.
    pub detail: Map<String, Value>,
}

impl Event {
    /// Something that was done now.
    pub fn new(action: Action, at: Timestamp) -> Self {
        Self { at: Some(at), action, by: None, device: None, subject: None, address: None, detail: Map::new() }
    }

    /// Done by somebody.
    pub fn by(mut self, user: impl Into<Option<UserId>>) -> Self {
        self.by = user.into();
        self
    }

    /// Done on a device.
    pub fn on(mut self, device: impl Into<Option<DeviceId>>) -> Self {
        self.device = device.into();
        self
    }

    /// Done to a person.
    pub fn to(mut self, user: UserId) -> Self {
        self.subject = Some(user.record());
        self
    }

    /// Done to something.
    pub fn about(mut self, subject: RecordId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Done from an address.
    pub fn from(mut self, address: impl Into<Option<IpAddr>>) -> Self {
        self.address = address.into();
        self
    }

    /// With something else to say.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }
}
