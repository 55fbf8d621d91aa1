//! What every route can reach, and the bounds it works within.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{RecordId, WorkspaceId};

use super::error::describe;
use super::lines::Lines;
use super::rates::Rates;
use crate::access::{Access, AccessStore, AccessStoreError};
use crate::attachments::Attachments;
use crate::audit::AuditLog;
use crate::config::DataDir;
use crate::hub::HubHandle;
use crate::identity::directory::Directory;
use crate::identity::{Identity, Surroundings};
use crate::projection::Projection;
use crate::webhooks::Webhooks;

/// The bounds of connections and requests. Every wait and every queue has one.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most open connections of any kind; the next is told to come back.
    pub connections_max: usize,
    /// Most sockets that have not said `Hello` yet.
    pub strangers_max: usize,
    /// Most such sockets from one address.
    pub strangers_per_address_max: usize,
    /// Most sockets of one person.
    pub sockets_per_user_max: usize,
    /// How long a request's headers may take; also how long an idle connection is kept.
    pub header_timeout: Duration,
    /// How long a request may take, its body included.
    pub request_timeout: Duration,
    /// How long a socket may take to say `Hello`.
    pub hello_timeout: Duration,
    /// How often a socket is pinged.
    pub ping_every: Duration,
    /// A socket that sends nothing for this long is dead.
    pub dead_after: Duration,
    /// How long a frame may take to be written.
    pub write_timeout: Duration,
    /// How long open requests and sockets may take to end at a shutdown.
    pub drain_timeout: Duration,
    /// Largest body of a request.
    pub body_max_bytes: usize,
    /// Requests of one session or personal token in a minute; 0 is any number, also of searches, exports and misses.
    pub requests_per_minute: u32,
    /// Changes of one person that are taken in a second, beyond a burst; 0 is any number.
    pub changes_per_second: u32,
    /// Changes of one person that are taken at once.
    pub changes_burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 6_000,
            strangers_max: 200,
            strangers_per_address_max: 10,
            sockets_per_user_max: 20,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            hello_timeout: Duration::from_secs(5),
            ping_every: Duration::from_secs(30),
            dead_after: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
            body_max_bytes: 64 * 1024,
            requests_per_minute: 300,
            changes_per_second: 2_000,
            changes_burst: 20_000,
        }
    }
}

/// How the outside is set up.
#[derive(Debug, Clone, Default)]
pub struct AppOptions {
    /// The folder of the web client.
    pub web: Option<PathBuf>,
    /// The address under which people reach the relay, without a slash at the end.
    pub public_url: Option<String>,
    /// Further origins whose pages may connect.
    pub allow_origin: Vec<String>,
    /// Whether a proxy in front says where requests come from.
    pub behind_proxy: bool,
    /// The bounds.
    pub limits: Limits,
    /// The files of attachments; without them the routes of attachments are not there.
    pub attachments: Option<Arc<Attachments>>,
    /// What the records' part of the API works with; without it there is none.
    pub rest: Option<Rest>,
    /// The webhooks; without them their routes are not there.
    pub webhooks: Option<Webhooks>,
}

/// What the records' part of the API works with.
#[derive(Clone)]
pub struct Rest {
    /// Answers lists and searches.
    pub projection: Projection,
    /// Personal tokens and requests that may be repeated.
    pub access: Arc<Access>,
    /// Who did what.
    pub audit: AuditLog,
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rest")
    }
}

impl Rest {
    /// Opens both in a relay's data directory, beside a log and an identity that are open.
    ///
    /// # Errors
    /// When the tables can't be used or the system gives no thread.
    pub fn open(
        dir: &DataDir,
        hub: &HubHandle,
        workspace: WorkspaceId,
        env: Arc<dyn Surroundings>,
    ) -> Result<Self, OpenRestError> {
        let store = AccessStore::open(&dir.database(), workspace)?;
        let access = Arc::new(Access::new(store, Arc::clone(&env)));
        let audit = AuditLog::open(&dir.database(), workspace)?;
        Ok(Self { projection: Projection::start(dir.projection(), hub, env)?, access, audit })
    }
}

/// Why the records' part of the API can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenRestError {
    /// The tables.
    #[error(transparent)]
    Store(#[from] AccessStoreError),
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] rusqlite::Error),
    /// The projection's thread.
    #[error("the system gives no thread")]
    Thread(#[from] std::io::Error),
}

/// What every route can reach.
pub struct App {
    /// Who may use the relay.
    pub identity: Arc<Identity>,
    /// The core.
    pub hub: HubHandle,
    /// Lists people and devices in the log.
    pub directory: Directory,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How the outside is set up.
    pub options: AppOptions,
    /// The open sockets.
    pub(super) lines: Lines,
    /// How often people ask.
    pub(super) rates: Rates,
}

impl App {
    /// Puts the parts together.
    pub fn new(identity: Arc<Identity>, hub: HubHandle, workspace: WorkspaceId, options: AppOptions) -> Arc<Self> {
        let (lines, rates) = (Lines::new(&options.limits), Rates::new(&options.limits));
        let directory = Directory::new(Arc::clone(&identity), hub.clone());
        Arc::new(Self { identity, hub, directory, workspace, options, lines, rates })
    }

    /// Brings the directory up to date. When that fails, people and sessions are all the same as they should be, and
    /// it is tried again soon.
    pub(super) async fn publish_directory(&self) {
        if let Err(error) = self.directory.publish().await {
            tracing::error!(error = %describe(&error), "the user directory could not be written");
        }
    }

    /// Does what is due about files: scans, and removes what nobody holds any more. Looks at some attachments after
    /// `after` and returns the last of them.
    pub async fn look_after_files(&self, after: Option<RecordId>) -> Option<RecordId> {
        super::attachments::upkeep::look_after(self, after).await
    }

    /// How many sockets are open.
    pub fn socket_count(&self) -> usize {
        self.lines.open_count()
    }
}
