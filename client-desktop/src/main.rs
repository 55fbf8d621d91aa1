//! `trailtrack`: the native client. Without arguments the window; with a command, the same replica headless.

mod commands;
mod engine;
mod env;
mod files;
mod net;
mod notify;
mod opened;
mod output;
mod profile;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use model::{CommandId, Kind, RecordId};

/// A CRM that works offline and syncs through your own relay.
#[derive(Debug, Parser)]
#[command(name = "trailtrack", version, about, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// The folder that holds the data of this device
    #[arg(long, global = true, env = "TRAILTRACK_PROFILE", value_name = "DIR")]
    profile: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 offline, 4 refused by the relay";

/// What can be done without a window.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start on this device alone
    Init {
        /// Your name
        #[arg(long)]
        name: String,
    },
    /// Join a team; reads the password from standard input
    Join {
        /// The relay's address
        #[arg(long)]
        server: String,
        /// Your e-mail there
        #[arg(long)]
        email: String,
    },
    /// Exchange everything with the relay
    Sync {
        /// End when both sides hold the same
        #[arg(long, required = true)]
        once: bool,
    },
    /// Import a CSV file
    Import {
        /// The file
        file: PathBuf,
        /// What wrote the file (google, linkedin, hubspot_deals …); detected when left out
        #[arg(long)]
        preset: Option<String>,
        /// Where a column goes: COLUMN=field, COLUMN=kind.field, COLUMN=skip
        #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = pair)]
        map: Vec<(String, String)>,
        /// Say what would happen and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List records
    List {
        /// lead, account, contact, activity, task …
        kind: Kind,
        /// Only records with this value
        #[arg(long = "where", value_name = "FIELD=VALUE", value_parser = pair)]
        filter: Vec<(String, String)>,
        /// Only records that contain these words
        #[arg(long, default_value = "")]
        q: String,
    },
    /// Show a report's figures: pipeline, won, sources, forecast, leaderboard, conversion, hygiene
    Report {
        /// Which
        name: String,
        /// this_month, last_month, this_quarter, last_quarter, this_year, last_year or 2026-01-01..2026-03-31
        #[arg(long)]
        period: Option<String>,
        /// The pipeline as it stood at the end of this day
        #[arg(long, value_name = "DATE")]
        as_of: Option<String>,
        /// Further parameters: owner_id, source, tag, archived, as_closed, imports
        #[arg(long = "where", value_name = "NAME=VALUE", value_parser = pair)]
        filter: Vec<(String, String)>,
        /// Print CSV; so it does without --json
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Show a record with its history and conflicts
    Show {
        /// Its kind
        kind: Kind,
        /// Its id
        id: RecordId,
    },
    /// Create a record
    Add {
        /// Its kind
        kind: Kind,
        /// Its fields
        #[arg(value_name = "FIELD=VALUE", value_parser = pair)]
        fields: Vec<(String, String)>,
    },
    /// Change a record; an empty value removes the field
    Set {
        /// Its kind
        kind: Kind,
        /// Its id
        id: RecordId,
        /// The fields
        #[arg(value_name = "FIELD=VALUE", value_parser = pair, required = true)]
        fields: Vec<(String, String)>,
    },
    /// Move a record to the trash
    Delete {
        /// Its kind
        kind: Kind,
        /// Its id
        id: RecordId,
    },
    /// Take back the last command
    Undo,
    /// List what the relay refused: what, why, who may do it, old and new values
    Refused,
    /// Try a refused command again
    Retry {
        /// The command, as `refused` names it
        command: CommandId,
    },
    /// Drop a refused command for good
    Discard {
        /// The command, as `refused` names it
        command: CommandId,
    },
    /// Send a refused command as a suggestion to whoever may change the records
    Suggest {
        /// The command, as `refused` names it
        command: CommandId,
        /// A word to them
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List suggestions that wait for you, and those you sent
    Suggestions,
    /// Take a suggestion: its values become your change
    Accept {
        /// The suggestion
        id: RecordId,
    },
    /// Turn a suggestion down
    Decline {
        /// The suggestion
        id: RecordId,
    },
    /// Attach a file to a record
    Attach {
        /// What it hangs on: lead, account, contact, activity
        kind: Kind,
        /// Its id
        id: RecordId,
        /// The file
        file: PathBuf,
    },
    /// List attached files and where they are
    Files {
        /// Only those of a record of this kind …
        #[arg(requires = "id")]
        kind: Option<Kind>,
        /// … and this id
        id: Option<RecordId>,
    },
    /// Bring an attached file to this device
    Fetch {
        /// The attachment's id
        id: RecordId,
        /// Copy it here
        file: Option<PathBuf>,
    },
    /// Write everything to a JSON file, or as a backup
    Export {
        /// The file
        file: PathBuf,
        /// Write a backup: a ZIP with every record, its history and the files on this device
        #[arg(long, conflicts_with = "automerge")]
        backup: bool,
        /// Also write every record as an Automerge document into this folder
        #[arg(long, value_name = "DIR")]
        automerge: Option<PathBuf>,
    },
    /// Fill an empty profile from a backup
    Restore {
        /// The backup
        file: PathBuf,
    },
    /// Check every document against what is shown of it
    Verify,
    /// Set the database aside and begin a new one with what is only on this device; the rest comes from the relay
    Mend,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("`{text}` should be FIELD=VALUE"))?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Pairs as a map; the last of the same name counts.
pub(crate) fn map_of(pairs: &[(String, String)]) -> BTreeMap<String, String> {
    pairs.iter().cloned().collect()
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = match arguments.profile.map_or_else(profile::default_folder, Ok) {
        Ok(folder) => folder,
        Err(error) => return output::complain(&error),
    };
    match &arguments.command {
        None => window::run(&folder),
        Some(command) => commands::run(&folder, command, arguments.json),
    }
}
