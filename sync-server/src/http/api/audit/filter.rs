//! The parameters into a question.

use model::{DeviceId, Kind, RecordId, Timestamp, UserId};

use super::page::{Cursor, PAGE_SIZE_MAX};
use crate::audit::Action;
use crate::http::api::failure::field as problem;
use crate::http::api::query::{PAGE_SIZE, Pairs, each, number, unknown};
use crate::http::error::{ApiError, FieldError};

/// What is done to records.
pub(in crate::http::api) const CHANGE_ACTIONS: [&str; 5] = ["created", "changed", "moved", "trashed", "restored"];
/// How it came about.
pub(in crate::http::api) const VIAS: [&str; 5] = ["app", "quick_log", "import", "api", "relay"];

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// Something to a record.
    Change(&'static str),
    /// Something else.
    Event(Action),
}

/// What is asked for; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) user: Option<UserId>,
    pub(super) device: Option<DeviceId>,
    pub(super) kind: Option<Kind>,
    pub(super) record: Option<RecordId>,
    pub(super) field: Option<String>,
    pub(super) via: Option<&'static str>,
    pub(super) action: Option<Done>,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) cursor: Cursor,
    pub(super) page_size: u32,
}

impl Wanted {
    /// Whether entries other than changes of records can be meant.
    pub(super) fn has_events(&self) -> bool {
        let of_kind = self.kind.is_none_or(|kind| matches!(kind, Kind::User | Kind::Device | Kind::Attachment));
        let done = self.action.is_none_or(|action| matches!(action, Done::Event(_)));
        of_kind && done && self.field.is_none() && self.via.is_none_or(|via| via == "relay")
    }

    /// Whether changes of records can be meant.
    pub(super) fn has_changes(&self) -> bool {
        self.action.is_none_or(|action| matches!(action, Done::Change(_)))
    }
}

/// Reads the parameters and refuses everything else.
pub(super) fn wanted(pairs: &Pairs) -> Result<Wanted, ApiError> {
    let mut wanted = Wanted {
        user: None,
        device: None,
        kind: None,
        record: None,
        field: None,
        via: None,
        action: None,
        from: None,
        to: None,
        cursor: Cursor::default(),
        page_size: PAGE_SIZE,
    };
    each(pairs, |name, text| read(&mut wanted, name, text))?;
    Ok(wanted)
}

fn read(wanted: &mut Wanted, name: &str, text: &str) -> Result<(), FieldError> {
    let invalid = |detail: &str| problem(name, "invalid", detail);
    let id = || text.parse::<RecordId>().map_err(|_| invalid("must be an id"));
    let moment = || text.parse::<Timestamp>().map_err(|_| invalid("must be a moment as in 2026-10-03T14:30:00Z"));
    match name {
        "user_id" => wanted.user = Some(UserId(id()?.0)),
        "device_id" => wanted.device = Some(DeviceId(id()?.0)),
        "record_id" => wanted.record = Some(id()?),
        "kind" => wanted.kind = Some(text.parse().map_err(|_| invalid("must be a kind of record, as in lead"))?),
        "field" => wanted.field = Some(field(text).ok_or_else(|| invalid("must be a field's name"))?),
        "via" => {
            let found = VIAS.iter().find(|via| **via == text);
            wanted.via = Some(found.ok_or_else(|| invalid(&format!("must be one of {}", VIAS.join(", "))))?);
        }
        "action" => wanted.action = Some(done(text).ok_or_else(|| invalid("there is no such action"))?),
        "from" => wanted.from = Some(moment()?),
        "to" => wanted.to = Some(moment()?),
        "cursor" => wanted.cursor = text.parse().map_err(|_| invalid("take it from next_cursor"))?,
        "page_size" => wanted.page_size = number(name, text, PAGE_SIZE_MAX)?,
        _ => return Err(unknown(name)),
    }
    Ok(())
}

fn done(text: &str) -> Option<Done> {
    let change = CHANGE_ACTIONS.iter().find(|action| **action == text).map(|action| Done::Change(action));
    change.or_else(|| Action::from_name(text).map(Done::Event))
}

/// Any field of any kind, as records show it.
fn field(text: &str) -> Option<String> {
    let known = |kind: &Kind| kind.fields().iter().any(|field| field.key == text);
    let shown = ["stage", "board_key"].contains(&text);
    (shown || Kind::ALL.iter().any(known)).then(|| text.to_owned())
}
