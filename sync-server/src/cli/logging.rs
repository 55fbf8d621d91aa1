//! The log on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Libraries that log what goes over the wire when asked for everything: never here, whatever `RUST_LOG` says.
const CAPPED: [&str; 5] =
    ["hyper=info", "hyper_util=info", "tungstenite=info", "tokio_tungstenite=info", "rusqlite=info"];

/// Starts logging; `RUST_LOG` chooses what.
pub(super) fn start(format: LogFormat) {
    let chosen = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = CAPPED.iter().filter_map(|cap| cap.parse().ok()).fold(chosen, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    if json {
        builder.json().flatten_event(true).init();
    } else {
        builder.with_ansi(io::stderr().is_terminal()).init();
    }
}
