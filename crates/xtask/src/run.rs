//! `cargo xtask run`: from a checkout to a running TrailTrack with one command.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{cargo, root, run as run_command, say, target_dir};
use crate::{setup, web};

/// What to run, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct RunOptions {
    /// Where the relay keeps its data [default: `data` in the checkout].
    #[arg(long)]
    data: Option<PathBuf>,
    /// The port on this machine.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Prints a link that fills an empty workspace with believable sample data, removable in one click.
    #[arg(long)]
    demo: bool,
}

/// Builds what is needed and serves until interrupted.
pub(crate) fn run(options: &RunOptions) -> anyhow::Result<()> {
    setup::native()?;
    say("Building the relay");
    run_command(cargo().args(["build", "--release", "--package", "sync-server", "--bin", "trailtrack-relay"]))?;
    say("Building the web client (the first time takes some minutes)");
    let web = web::build(&web::WebOptions { profile: "web".to_owned(), optimize: false, debian: false, out: None })?;

    let data = options.data.clone().unwrap_or_else(|| root().join("data"));
    let address = format!("127.0.0.1:{}", options.port);
    say(format!("\nTrailTrack   http://127.0.0.1:{}/", options.port));
    if options.demo {
        say(format!("Sample data  http://127.0.0.1:{}/?demo=1", options.port));
    }
    say(format!("Data         {}\nStop with Ctrl+C\n", data.display()));
    let relay = target_dir().join("release/trailtrack-relay");
    run_command(
        Command::new(relay).arg("serve").arg("--data").arg(data).args(["--listen", &address]).arg("--web").arg(web),
    )
}
