//! `GET /healthz` and `GET /metrics`

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::app::App;
use super::error::ApiError;
use crate::domain::RelayStats;

/// A core that does not answer for this long is not well.
const CORE_TIMEOUT: Duration = Duration::from_secs(5);

/// Says that the core answers.
pub(super) async fn healthz(State(app): State<Arc<App>>) -> Result<&'static str, ApiError> {
    stats(&app).await?;
    Ok("ok\n")
}

/// Counts in the text format of Prometheus.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ApiError> {
    let text = in_prometheus(&stats(&app).await?, &app);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

async fn stats(app: &App) -> Result<RelayStats, ApiError> {
    let answer = tokio::time::timeout(CORE_TIMEOUT, app.hub.stats()).await;
    Ok(answer.map_err(|_| ApiError::busy())??)
}

fn in_prometheus(stats: &RelayStats, app: &App) -> String {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let lines = [
        ("gauge", "sockets", "open sockets", count(app.socket_count())),
        ("gauge", "connections", "sockets that have said hello or are about to", count(stats.connections)),
        ("gauge", "connections_live", "connections that have everything", count(stats.live)),
        ("gauge", "waiting_bytes", "bytes of frames that wait for the core", count(app.hub.waiting_bytes())),
        ("gauge", "head_seq", "the end of the log", stats.head_seq),
        ("counter", "commands_accepted_total", "commands accepted since the start", stats.accepted),
        ("counter", "commands_refused_total", "commands refused since the start", stats.refused),
        ("gauge", "documents_loaded", "documents held in memory", count(stats.documents_loaded)),
    ];
    let mut text = String::new();
    for (kind, name, help, value) in lines {
        let name = format!("trailtrack_{name}");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    text
}
