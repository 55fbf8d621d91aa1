//! The relay as it is served: core thread, accept loop, WebSocket, on a free port of this machine.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use model::WorkspaceId;
use sync_server::domain::Relay;
use sync_server::http::{App, AppOptions, Limits, server};
use sync_server::hub::{self, HubThread};
use sync_server::identity::{HashCost, Identity, IdentityOptions, Machine};
use sync_server::store::SqliteStore;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::figure::BenchError;
use super::relay_side::Env;

/// A relay that serves until it is dropped or stopped.
pub(crate) struct Served {
    runtime: Runtime,
    identity: Arc<Identity>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
    thread: HubThread,
}

impl Served {
    /// Serves what lies in a file.
    pub(crate) fn start(folder: &Path, database: &Path, mut env: Env) -> Result<Self, BenchError> {
        let relay = Relay::open(SqliteStore::open(database)?, &mut env)?;
        let workspace = relay.workspace();
        let (hub, thread) = hub::spawn(relay, env)?;
        let identity = Arc::new(Identity::open(identity_in(folder, workspace))?);
        let app = App::new(Arc::clone(&identity), hub, workspace, unhurried());
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let serving = runtime.spawn(server::serve(app, listener, async {
            // Dropping the sender stops it as well.
            let _: Result<(), _> = stopped.await;
        }));
        Ok(Self { runtime, identity, address, stop, serving, thread })
    }

    /// Its address.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What sets it up.
    pub(crate) fn setup_token(&self) -> Result<String, BenchError> {
        let token = self.runtime.block_on(self.identity.offer_setup())?;
        Ok(token.map(|token| token.reveal().to_owned()).unwrap_or_default())
    }

    /// Where it is reached.
    pub(crate) fn socket_url(&self) -> String {
        format!("ws://{}/api/v1/sync", self.address)
    }

    /// Stops it and waits until its database is closed.
    pub(crate) fn stop(self) -> Result<(), BenchError> {
        // It may have stopped by itself.
        let _ = self.stop.send(());
        if self.runtime.block_on(self.serving).is_err() {
            return Err(BenchError::Stalled("the relay to stop"));
        }
        Ok(self.thread.join()?)
    }
}

/// One person asks for a thousand here.
fn unhurried() -> AppOptions {
    AppOptions { limits: Limits { requests_per_minute: 0, ..Limits::default() }, ..AppOptions::default() }
}

/// Nobody signs in here; the core asks another for what tokens mean.
fn identity_in(folder: &Path, workspace: WorkspaceId) -> IdentityOptions {
    IdentityOptions {
        database: folder.join("identity.db"),
        keys: folder.join("keys.json"),
        workspace,
        cost: HashCost::PRODUCTION,
        env: Arc::new(Machine),
    }
}
