//! `serve`: runs the relay until it is told to stop.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::data_lock::LockedData;
use super::open::{self, Running};
use super::{Outcome, say};
use crate::config::ServeOptions;
use crate::http::{App, AppOptions, Limits, server};
use crate::identity::directory::publish;

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
    let runtime = Runtime::new()?;
    let served = runtime.block_on(run(&running, options));
    // The core has been told to stop already, unless starting failed.
    let stopped = running.stop();
    served?;
    stopped?;
    tracing::info!("stopped");
    Ok(true)
}

async fn run(running: &Running, options: ServeOptions) -> Result<(), Box<dyn std::error::Error>> {
    let stop = stop_signal()?;
    publish(&running.identity, &running.hub).await?;
    let address = options.listen;
    let listen_failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen_failed)?;
    let address = listener.local_addr().map_err(listen_failed)?;
    let url = options.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(address)));
    tracing::info!(workspace.id = %running.workspace, %address, url, "listening");
    say(format_args!("TrailTrack relay: {url}"));
    if let Some(token) = running.identity.offer_setup().await? {
        say(format_args!("Set it up within an hour: {url}/setup?token={}", token.reveal()));
    }
    let options = AppOptions {
        web: options.web,
        public_url: options.public_url,
        allow_origin: options.allow_origin,
        behind_proxy: options.behind_proxy,
        limits: Limits::default(),
    };
    let app = App::new(running.identity.clone(), running.hub.clone(), running.workspace, options);
    server::serve(app, listener, stop).await;
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
