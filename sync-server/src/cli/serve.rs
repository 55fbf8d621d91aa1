//! `serve`: runs the relay until it is told to stop.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use model::WorkspaceId;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::data_lock::LockedData;
use super::open::{self, Running};
use super::{Outcome, say};
use crate::attachments::errors::AttachmentFailure;
use crate::attachments::{AttachmentLimits, AttachmentOptions, Attachments};
use crate::config::{DataDir, ServeOptions};
use crate::http::{App, AppOptions, Limits, Rest, server};
use crate::identity::Machine;
use crate::identity::errors::IdentityFailure;
use crate::webhooks::{SystemNames, WebhookOptions, Webhooks};

/// Why the relay does not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    /// The address is taken or not this machine's.
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    /// There is no web client.
    #[error("there is no index.html in {}; build the web client first", .0.display())]
    NoWebClient(std::path::PathBuf),
}

/// Runs the relay.
pub(super) fn serve(options: ServeOptions) -> Outcome {
    if let Some(web) = options.web.as_ref().filter(|web| !web.join("index.html").is_file()) {
        return Err(StartError::NoWebClient(web.clone()).into());
    }
    let data = LockedData::open(&options.data.dir)?;
    let running = open::start(&data.dir)?;
    let attachments = attachments(&data.dir, running.workspace, &options)?;
    Runtime::new()?.block_on(run(running, options, attachments))?;
    tracing::info!("stopped");
    Ok(true)
}

/// Serves until a signal comes or the core fails; the database is closed when this returns.
async fn run(running: Running, options: ServeOptions, attachments: Attachments) -> Result<(), Box<dyn Error>> {
    attachments.tidy_up().await?;
    let Running { identity, hub, thread, workspace } = running;
    let (core_ended, core_end) = oneshot::channel();
    let core = tokio::task::spawn_blocking(move || {
        let ended = thread.join();
        // Nobody waits for it any more when the relay is shutting down anyway.
        let _ = core_ended.send(());
        ended
    });
    let rest = Rest::open(&DataDir::new(&options.data.dir), &hub, workspace, Arc::new(Machine))?;
    let (webhooks, delivering) = Webhooks::start(WebhookOptions {
        deliveries: DataDir::new(&options.data.dir).webhooks(),
        workspace,
        hub: hub.clone(),
        projection: rest.projection.clone(),
        access: Arc::clone(&rest.access),
        key: identity.webhook_key(),
        allow_private: options.webhooks_allow_private,
        names: Arc::new(SystemNames),
        env: Arc::new(Machine),
    })?;
    let (attachments, rest, webhooks) = (Some(Arc::new(attachments)), Some(rest), Some(webhooks));
    let outside = AppOptions { attachments, rest, webhooks, ..outside(&options) };
    let app = App::new(identity, hub.clone(), workspace, outside);
    let served = listen(app, &options, core_end).await;
    hub.shut_down();
    core.await??;
    tokio::task::spawn_blocking(move || delivering.join()).await?;
    served
}

fn outside(options: &ServeOptions) -> AppOptions {
    AppOptions {
        web: options.web.clone(),
        public_url: options.public_url.clone(),
        allow_origin: options.allow_origin.clone(),
        behind_proxy: options.behind_proxy,
        limits: Limits {
            requests_per_minute: options.requests_per_minute,
            changes_per_second: options.changes_per_second,
            ..Limits::default()
        },
        attachments: None,
        rest: None,
        webhooks: None,
    }
}

fn attachments(
    data: &DataDir,
    workspace: WorkspaceId,
    options: &ServeOptions,
) -> Result<Attachments, AttachmentFailure> {
    const MIB: u64 = 1024 * 1024;
    Attachments::open(AttachmentOptions {
        database: data.database(),
        place: options.files.place(data),
        workspace,
        limits: AttachmentLimits {
            file_bytes_max: options.file_max.saturating_mul(MIB),
            user_bytes_max: options.files_per_user.saturating_mul(MIB),
            ..AttachmentLimits::default()
        },
        clamd: options.clamd.clone(),
        env: Arc::new(Machine),
    })
}

async fn listen(app: Arc<App>, options: &ServeOptions, core_end: oneshot::Receiver<()>) -> Result<(), Box<dyn Error>> {
    let signal = stop_signal()?;
    app.directory.publish().await?;
    let address = options.listen;
    let listen_failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen_failed)?;
    let address = listener.local_addr().map_err(listen_failed)?;
    announce(&app, address).await?;
    server::serve(app, listener, async {
        tokio::select! {
            () = signal => {}
            _ = core_end => tracing::error!("the core has failed"),
        }
    })
    .await;
    Ok(())
}

/// Says where the relay is, and how to set it up while nobody has.
async fn announce(app: &App, address: SocketAddr) -> Result<(), IdentityFailure> {
    let public_url = app.options.public_url.as_deref();
    let url = public_url.map_or_else(|| format!("http://{}", reachable(address)), str::to_owned);
    tracing::info!(workspace.id = %app.workspace, %address, url, "listening");
    let encrypted = public_url.is_some_and(|url| url.starts_with("https://"));
    if !address.ip().is_loopback() && !encrypted {
        tracing::warn!("other machines can connect without encryption; put a TLS proxy in front and set --public-url");
    }
    say(format_args!("TrailTrack relay: {url}"));
    if let Some(token) = app.identity.offer_setup().await? {
        say(format_args!("Set it up within an hour: {url}/setup?token={}", token.reveal()));
    }
    Ok(())
}

/// Resolves at SIGTERM or Ctrl+C.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The address to type here when the relay listens on every one.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    SocketAddr::new(ip, address.port())
}
