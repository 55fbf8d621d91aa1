//! The accept loop, housekeeping, and the way down.
//!
//! `axum::serve` gives hyper no timer, so its header time-out would never fire; hence an own loop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use super::app::{App, Limits};
use super::error::describe;
use super::extract::{Peer, Place};
use crate::domain::{RightsChange, Whose};
use crate::identity::SessionId;

/// Most headers of a request.
const HEADERS_MAX: usize = 64;
/// Most bytes of a request's headers.
const HEADER_BYTES_MAX: usize = 16 * 1_024;
/// Pause after a failed accept: the system is out of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often sessions whose time is over are ended, and the directory is looked after.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long a refused connection may take to read why.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);
/// Most refused connections that are told why; beyond it they are just closed.
const REFUSALS_MAX: usize = 64;
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 56\r\n\r\n{\"detail\":\"too many open connections\",\"code\":\"too_many\"}";

/// Serves until `stop` resolves, then lets open requests end, says goodbye to every socket and stops the core.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let mut housekeeping = JoinSet::new();
    housekeeping.spawn(close_sockets_of_ended_sessions(Arc::clone(&app)));
    housekeeping.spawn(sweep(Arc::clone(&app)));
    let (stopping, stopped) = watch::channel(false);
    let mut accepting = Accepting::new(&app, stopped);
    tokio::select! {
        () = accepting.run(&listener) => {}
        () = stop => {}
    }
    drop(listener);
    tracing::info!("shutting down");
    // Somebody still listens unless every connection has ended already.
    let _ = stopping.send(true);
    let drain = app.options.limits.drain_timeout;
    let requests_ended = timeout(drain, async { while accepting.connections.join_next().await.is_some() {} }).await;
    app.hub.shut_down();
    let sockets_ended = timeout(drain, app.lines.drained()).await;
    if requests_ended.is_err() || sockets_ended.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}

/// Accepts connections and serves them.
struct Accepting {
    routes: Router,
    limits: Limits,
    room: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
    connections: JoinSet<()>,
}

impl Accepting {
    fn new(app: &Arc<App>, stopped: watch::Receiver<bool>) -> Self {
        let limits = app.options.limits;
        Self {
            routes: super::routes(app),
            limits,
            room: Arc::new(Semaphore::new(limits.connections_max)),
            refusals: Arc::new(Semaphore::new(REFUSALS_MAX)),
            stopped,
            connections: JoinSet::new(),
        }
    }

    async fn run(&mut self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.accept(stream, peer),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
            // What has ended is forgotten, so that the set does not grow.
            while self.connections.try_join_next().is_some() {}
        }
    }

    fn accept(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Frames are small and wanted at once.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was lost before it began");
            return;
        }
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(place) => {
                let (routes, stopped) = (self.routes.clone(), self.stopped.clone());
                self.connections.spawn(serve_connection(stream, peer, routes, self.limits, stopped, place));
            }
            Err(_) => {
                if let Ok(turn) = Arc::clone(&self.refusals).try_acquire_owned() {
                    self.connections.spawn(refuse(stream, turn));
                }
            }
        }
    }
}

/// The place goes with every request: a socket keeps it when the connection has become one.
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
) {
    let place = Place(Arc::new(place));
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(place.clone());
        routes.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = until_stopping(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %describe(&error), "a connection ended with an error");
    }
}

/// Resolves when the server stops, or is gone.
async fn until_stopping(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn refuse(mut stream: TcpStream, _turn: OwnedSemaphorePermit) {
    let told: Result<io::Result<()>, _> = timeout(REFUSAL_TIMEOUT, stream.write_all(REFUSAL)).await;
    tracing::debug!(told = matches!(told, Ok(Ok(()))), "a connection was refused: too many are open");
}

/// A session that ends takes its sockets with it.
async fn close_sockets_of_ended_sessions(app: Arc<App>) {
    let mut ended = app.identity.ended_sessions();
    loop {
        let sessions = match ended.recv().await {
            Ok(session) => vec![session],
            Err(RecvError::Closed) => return,
            // More at once than the queue holds: all that ever ended, to be sure.
            Err(RecvError::Lagged(_)) => app.identity.ended_so_far().await.unwrap_or_else(|error| {
                tracing::error!(error = %describe(&error), "ended sessions could not be read");
                Vec::new()
            }),
        };
        if revoke(&app, sessions).await.is_err() {
            return;
        }
    }
}

async fn revoke(app: &App, sessions: Vec<SessionId>) -> Result<(), crate::hub::HubStopped> {
    for session in sessions {
        app.hub.change_rights(RightsChange::Revoked(Whose::SignIn(*session.0.as_bytes()))).await?;
    }
    Ok(())
}

/// Does what is due once in a while.
async fn sweep(app: Arc<App>) {
    let mut looked_at = None;
    loop {
        sleep(SWEEP_EVERY).await;
        looked_at = app.look_after_files(looked_at).await;
        app.publish_directory().await;
        if let Err(error) = app.identity.end_expired_sessions().await {
            tracing::error!(error = %describe(&error), "sessions could not be ended");
        }
    }
}
