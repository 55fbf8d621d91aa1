//! What the commands print, and the codes they end with.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use serde_json::Value as Json;

/// How a command ended, beside "done".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It failed.
    Failed = 1,
    /// The arguments are off.
    Usage = 2,
    /// The relay can't be reached.
    Offline = 3,
    /// The relay refused.
    Refused = 4,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}

/// Says on standard error what went wrong.
pub(crate) fn complain(error: &impl Display) -> ExitCode {
    eprintln!("trailtrack: {error}");
    Ending::Failed.into()
}

/// Prints a command's result: as JSON, or as lines for people.
pub(crate) fn print(result: &Json, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{result:#}")?;
        return out.flush();
    }
    match result {
        Json::Array(records) => {
            for record in records {
                writeln!(out, "{}  {}", text(&record["id"]), name(record))?;
            }
        }
        Json::Object(fields) => {
            for (key, value) in fields.iter().filter(|(_, value)| !is_empty(value)) {
                writeln!(out, "{key}: {}", text(value))?;
            }
        }
        other => writeln!(out, "{}", text(other))?,
    }
    out.flush()
}

fn name(record: &Json) -> String {
    let one = |key: &str| record[key].as_str().unwrap_or("").to_owned();
    let person = format!("{} {}", one("first_name"), one("last_name"));
    [one("title"), one("name"), person.trim().to_owned(), one("subject"), one("filename"), one("email")]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::String(text) => text.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}
