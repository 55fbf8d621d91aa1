//! Opens what lies in a data directory.

use std::sync::Arc;

use model::WorkspaceId;

use crate::config::DataDir;
use crate::domain::{OpenRelayError, Relay};
use crate::hub::{self, HubHandle, HubThread};
use crate::identity::directory::Directory;
use crate::identity::env::{FreshIds, Surroundings};
use crate::identity::errors::IdentityFailure;
use crate::identity::gate::Gate;
use crate::identity::store::IdentityStore;
use crate::identity::{HashCost, Identity, IdentityOptions, Machine};
use crate::store::{OpenStoreError, SqliteStore};

/// Why the data can't be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    /// The database.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// The log.
    #[error(transparent)]
    Relay(#[from] OpenRelayError),
    /// People and sessions.
    #[error(transparent)]
    Identity(#[from] IdentityFailure),
    /// The core's thread.
    #[error("the system gives no thread")]
    Thread(#[from] std::io::Error),
}

/// A relay whose core runs.
pub(super) struct Running {
    pub(super) identity: Arc<Identity>,
    pub(super) hub: HubHandle,
    pub(super) thread: HubThread,
    pub(super) workspace: WorkspaceId,
}

/// Opens the log alone.
pub(super) fn log(dir: &DataDir) -> Result<Relay<SqliteStore>, OpenError> {
    Ok(Relay::open(SqliteStore::open(&dir.database())?, &mut FreshIds(&Machine))?)
}

/// Opens the log alone, to check it however damaged it is.
pub(super) fn log_to_verify(dir: &DataDir) -> Result<Relay<SqliteStore>, OpenError> {
    Ok(Relay::open_to_verify(SqliteStore::open_existing(&dir.database())?)?)
}

/// Opens log and identity and starts the core.
pub(super) fn start(dir: &DataDir) -> Result<Running, OpenError> {
    let relay = log(dir)?;
    let workspace = relay.workspace();
    let env: Arc<dyn Surroundings> = Arc::new(Machine);
    let identity = Arc::new(Identity::open(IdentityOptions {
        database: dir.database(),
        keys: dir.keys(),
        workspace,
        cost: HashCost::PRODUCTION,
        env: Arc::clone(&env),
    })?);
    let tables = IdentityStore::open(&dir.database(), workspace).map_err(IdentityFailure::from)?;
    let (hub, thread) = hub::spawn(relay, Gate::new(Arc::clone(&identity), env, tables))?;
    Ok(Running { identity, hub, thread, workspace })
}

impl Running {
    /// Lists people and devices in the log.
    pub(super) fn directory(&self) -> Directory {
        Directory::new(Arc::clone(&self.identity), self.hub.clone())
    }

    /// Stops the core and waits until the database is closed.
    pub(super) fn stop(self) -> Result<(), crate::domain::RelayError> {
        self.hub.shut_down();
        self.thread.join()
    }
}
