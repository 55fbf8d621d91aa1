//! Every setting of the relay: the command line with its environment variables, and the files of a data directory.
//!
//! A setting exists when it stands here; the Docker files are held against these definitions by a test.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::{Role, UserId};

use crate::attachments::scan::Clamd;
use crate::attachments::{Bucket, Place};

/// The port that clients expect.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// The relay of a TrailTrack team: keeps the shared log and serves the web client.
#[derive(Debug, Parser)]
#[command(name = "trailtrack-relay", version, about, disable_help_subcommand = true)]
pub struct CommandLine {
    /// How the log on standard error is written.
    #[arg(long, global = true, env = "TRAILTRACK_LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

/// How the log is written. What is logged is chosen by `RUST_LOG` (default: `info`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// One JSON object a line.
    Json,
    /// For reading.
    Text,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Runs the relay until SIGTERM or Ctrl+C.
    Serve(ServeOptions),
    /// Manages people while the relay is stopped.
    #[command(subcommand)]
    Admin(AdminTask),
    /// Checks everything that is stored and prints a JSON report; exit code 1 when there are problems.
    Verify {
        /// Where the data lies.
        #[command(flatten)]
        data: DataOption,
        /// Where the files lie.
        #[command(flatten)]
        files: FilesOption,
    },
    /// Copies the database to a new file and the files of attachments to the folder FILE.files beside it, also while
    /// the relay runs. Exit code 1 when a file can't be copied as it was.
    Backup {
        /// Where the data lies.
        #[command(flatten)]
        data: DataOption,
        /// Where the files lie.
        #[command(flatten)]
        files: FilesOption,
        /// The file to write; neither it nor FILE.files may exist.
        file: PathBuf,
    },
    /// Puts a backup into an empty data directory; clients bring back what is newer than the backup.
    Restore {
        /// Where the data is to lie.
        #[command(flatten)]
        data: DataOption,
        /// Where the files are to lie.
        #[command(flatten)]
        files: FilesOption,
        /// The backup; files of attachments are taken from FILE.files.
        file: PathBuf,
    },
    /// Asks a running relay whether it is well; exit code 1 when not.
    Health {
        /// The relay's address [default: this machine at the port of `--listen`].
        #[arg(long, env = "TRAILTRACK_HEALTH_URL")]
        url: Option<String>,
        /// The address that the relay listens on, to find it without `--url`.
        #[arg(long, env = "TRAILTRACK_LISTEN", default_value = DEFAULT_LISTEN)]
        listen: SocketAddr,
    },
}

/// Where the data lies.
#[derive(Debug, Clone, Args)]
pub struct DataOption {
    /// Folder for everything the relay keeps; made when missing.
    #[arg(long = "data", value_name = "DIR", env = "TRAILTRACK_DATA")]
    pub dir: PathBuf,
}

/// Where the files of attachments lie.
#[derive(Debug, Clone, Args)]
pub struct FilesOption {
    /// An S3 bucket for the files of attachments, as in `s3://bucket/folder`; without it they lie in the data folder.
    /// Region, endpoint and keys are read from the usual variables, as in `AWS_REGION` and `AWS_ENDPOINT`.
    #[arg(long, value_name = "URL", env = "TRAILTRACK_FILES_AT")]
    pub files_at: Option<Bucket>,
}

impl FilesOption {
    /// The place that is meant.
    pub fn place(&self, data: &DataDir) -> Place {
        self.files_at.clone().map_or_else(|| Place::Folder(data.attachments()), Place::Bucket)
    }
}

/// How to run the relay.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Where the data lies.
    #[command(flatten)]
    pub data: DataOption,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR:PORT", env = "TRAILTRACK_LISTEN", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,
    /// Folder with the built web client; without it the relay serves the API alone.
    #[arg(long, value_name = "DIR", env = "TRAILTRACK_WEB")]
    pub web: Option<PathBuf>,
    /// The address under which people reach the relay, as in `https://crm.example.org`.
    #[arg(long, value_name = "URL", env = "TRAILTRACK_PUBLIC_URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,
    /// Further origins whose pages may connect, as in `https://other.example.org`; separated by commas.
    #[arg(long, value_name = "ORIGIN", env = "TRAILTRACK_ALLOW_ORIGIN", value_delimiter = ',', value_parser = parse_public_url)]
    pub allow_origin: Vec<String>,
    /// A reverse proxy stands in front: take the client's address from the last entry of `X-Forwarded-For`.
    #[arg(long, env = "TRAILTRACK_BEHIND_PROXY", value_parser = clap::builder::FalseyValueParser::new())]
    pub behind_proxy: bool,
    /// Where the files of attachments lie.
    #[command(flatten)]
    pub files: FilesOption,
    /// Largest file that can be attached, in MiB.
    #[arg(long, value_name = "MIB", env = "TRAILTRACK_FILE_MAX", default_value_t = 25)]
    pub file_max: u64,
    /// Room for the files of one person, in MiB.
    #[arg(long, value_name = "MIB", env = "TRAILTRACK_FILES_PER_USER", default_value_t = 1024)]
    pub files_per_user: u64,
    /// Requests that one session or personal token may make in a minute; 0 is any number.
    #[arg(long, value_name = "N", env = "TRAILTRACK_REQUESTS_PER_MINUTE", default_value_t = 300)]
    pub requests_per_minute: u32,
    /// Changes of one person that are taken in a second, beyond a burst; 0 is any number. Whoever sends faster waits.
    #[arg(long, value_name = "N", env = "TRAILTRACK_CHANGES_PER_SECOND", default_value_t = 2_000)]
    pub changes_per_second: u32,
    /// Webhooks may use `http` and reach addresses inside your network; without it only `https` and public addresses.
    #[arg(long, env = "TRAILTRACK_WEBHOOKS_ALLOW_PRIVATE", value_parser = clap::builder::FalseyValueParser::new())]
    pub webhooks_allow_private: bool,
    /// A ClamAV daemon that looks at every file: /path/to/clamd.ctl or host:port.
    #[arg(long, value_name = "ADDR", env = "TRAILTRACK_CLAMD")]
    pub clamd: Option<Clamd>,
}

/// What can be done about people.
#[derive(Debug, Subcommand)]
pub enum AdminTask {
    /// Creates a person; the password is the first line of standard input.
    Create {
        /// Where the data lies.
        #[command(flatten)]
        data: DataOption,
        /// Their e-mail address.
        #[arg(long, env = "TRAILTRACK_EMAIL")]
        email: String,
        /// Their name.
        #[arg(long, env = "TRAILTRACK_NAME")]
        name: String,
        /// Their role.
        #[arg(long, env = "TRAILTRACK_ROLE", value_enum, default_value_t = RoleName::Admin)]
        role: RoleName,
        /// Their id on the relay that was lost (`trailtrack list user` tells): what they own stays theirs.
        #[arg(long, env = "TRAILTRACK_USER_ID")]
        id: Option<UserId>,
    },
    /// Lists everybody, one JSON object a line; also while the relay runs.
    List {
        /// Where the data lies.
        #[command(flatten)]
        data: DataOption,
    },
    /// Changes a person's role.
    SetRole {
        /// Where the data lies.
        #[command(flatten)]
        data: DataOption,
        /// Their e-mail address.
        #[arg(long, env = "TRAILTRACK_EMAIL")]
        email: String,
        /// Their new role.
        #[arg(long, env = "TRAILTRACK_ROLE", value_enum)]
        role: RoleName,
    },
    /// Sets a new password, the first line of standard input, and ends the person's sessions.
    Reset {
        /// Where the data lies.
        #[command(flatten)]
        data: DataOption,
        /// Their e-mail address.
        #[arg(long, env = "TRAILTRACK_EMAIL")]
        email: String,
    },
}

/// A role on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Runs the workspace.
    Admin,
    /// Works with the records.
    User,
    /// Sees everything, changes nothing.
    Viewer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::User => Self::User,
            RoleName::Viewer => Self::Viewer,
        }
    }
}

/// An address that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write it as https://host or http://host:port, in small letters and without a path")]
pub struct ParseOriginError;

/// Reads `https://host[:port]`, as browsers write an origin; a slash at the end is forgiven.
fn parse_public_url(text: &str) -> Result<String, ParseOriginError> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(ParseOriginError)?;
    let fits = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b".-:[]_".contains(&letter);
    if host.is_empty() || !host.bytes().all(fits) {
        return Err(ParseOriginError);
    }
    Ok(text.to_owned())
}

/// The files of a data directory.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Names the files below `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database: log, people, sessions.
    pub fn database(&self) -> PathBuf {
        self.0.join("relay.db")
    }

    /// What lists and searches are answered from; built again from the log when it is gone.
    pub fn projection(&self) -> PathBuf {
        self.0.join("projection.db")
    }

    /// What became of the deliveries of webhooks.
    pub fn webhooks(&self) -> PathBuf {
        self.0.join("webhooks.db")
    }

    /// The secrets for tokens.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys.json")
    }

    /// The files of attachments.
    pub fn attachments(&self) -> PathBuf {
        self.0.join("attachments")
    }

    /// Held by the one process that may write.
    pub fn lock(&self) -> PathBuf {
        self.0.join("relay.lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_flag_has_an_environment_variable() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
                let (flag, env) = (argument.get_id().as_str(), argument.get_env());
                let builtin = ["help", "version"].contains(&flag);
                let named = env.is_some_and(|env| env.to_string_lossy().starts_with("TRAILTRACK_"));
                assert!(builtin || named, "--{flag} of {}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }

        let mut command = CommandLine::command();
        command.build();
        check(&command);
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for good in ["https://crm.example.org", "http://127.0.0.1:8080", "http://[::1]:8080", "https://x/"] {
            assert!(parse_public_url(good).is_ok(), "{good}");
        }
        for bad in
            ["crm.example.org", "https://", "https://a/b", "https://A.org", "ftp://a", "https://a b", "https://u@a"]
        {
            assert!(parse_public_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bare_serve_listens_on_this_machine_only() {
        let line = CommandLine::try_parse_from(["trailtrack-relay", "serve", "--data", "/data"]).unwrap();
        let Task::Serve(options) = line.task else { panic!("{line:?}") };

        assert!(options.listen.ip().is_loopback());
    }
}
