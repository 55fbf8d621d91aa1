//! A page: two streams, each from where the last page ended, told as one.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;

use ::store::{AcceptedChange, AcceptedChanges, ChangeFilter, Means, StoreError};
use model::{CommandId, Timestamp, WorkspaceId};

use super::filter::{Done, Wanted};
use super::line::{Line, Names, action_of};
use crate::audit::{AuditEntry, AuditFilter};
use crate::http::api::history::field_told;
use crate::http::app::Rest;
use crate::http::error::ApiError;
use crate::projection::View;
use crate::projection::told::via_of_device;

/// Most entries of a page; a change's fields are never parted, so a page may hold a few more.
pub(in crate::http::api) const PAGE_SIZE_MAX: u32 = 500;

/// Where a page begins: before an entry of the log of changes, and before one of the audit log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) change: Option<u64>,
    pub(super) event: Option<u64>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |seq: Option<u64>| seq.map_or_else(|| "end".to_owned(), |seq| seq.to_string());
        write!(f, "{}-{}", part(self.change), part(self.event))
    }
}

/// A cursor that is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ParseCursorError;

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let part = |part: &str| match part {
            "end" => Ok(None),
            digits if digits.bytes().all(|letter| letter.is_ascii_digit()) => {
                digits.parse().map(Some).map_err(|_| ParseCursorError)
            }
            _ => Err(ParseCursorError),
        };
        let (change, event) = text.split_once('-').ok_or(ParseCursorError)?;
        Ok(Self { change: part(change)?, event: part(event)? })
    }
}

/// A page and where the next one begins.
pub(super) struct Page {
    pub(super) lines: Vec<Line>,
    pub(super) next: Option<Cursor>,
}

/// Reads a page.
pub(super) async fn read(rest: &Rest, workspace: WorkspaceId, wanted: &Wanted) -> Result<Page, ApiError> {
    let size = wanted.page_size as usize;
    let events = if wanted.has_events() {
        rest.audit.before(wanted.cursor.event, events_wanted(wanted), size).await?
    } else {
        Vec::new()
    };
    let wanted = wanted.clone();
    Ok(rest.projection.read(move |view| read_both(view, workspace, &wanted, events)).await?)
}

fn events_wanted(wanted: &Wanted) -> AuditFilter {
    let action = if let Some(Done::Event(action)) = wanted.action { Some(action) } else { None };
    let (by, device, subject) = (wanted.user, wanted.device, wanted.record);
    AuditFilter { by, device, subject, action, from: wanted.from, to: wanted.to }
}

fn read_both(
    view: &View<'_>,
    workspace: WorkspaceId,
    wanted: &Wanted,
    events: Vec<AuditEntry>,
) -> Result<Page, StoreError> {
    let mut vias = Vias { view, workspace, of_commands: BTreeMap::new() };
    let changes = if wanted.has_changes() {
        changes(view, &mut vias, wanted)?
    } else {
        AcceptedChanges { found: Vec::new(), down_to: 0, more_before: None }
    };
    let more_events = events.len() == wanted.page_size as usize;
    let mut both = Both { wanted, vias, names: Names::new(view), lines: Vec::new(), cursor: wanted.cursor };
    both.tell(changes, events.into(), more_events)
}

/// Reads changes whose fields the filter wants.
fn changes(view: &View<'_>, vias: &mut Vias<'_>, wanted: &Wanted) -> Result<AcceptedChanges, StoreError> {
    let filter = ChangeFilter {
        user: wanted.user,
        device: wanted.device,
        kind: wanted.kind,
        record: wanted.record,
        from: wanted.from,
        to: wanted.to,
    };
    let action = if let Some(Done::Change(action)) = wanted.action { Some(action) } else { None };
    view.store.accepted_changes(wanted.cursor.change, &filter, wanted.page_size as usize, &mut |change| {
        change.fields.retain(|row| {
            let named = |field: &String| field_told(row).0.split('/').next() == Some(field.as_str());
            wanted.field.as_ref().is_none_or(named) && action.is_none_or(|action| action_of(row) == action)
        });
        if let Some(via) = wanted.via.filter(|_| !change.fields.is_empty())
            && vias.of(change)? != via
        {
            change.fields.clear();
        }
        Ok(())
    })
}

/// How commands came about, each looked up once.
struct Vias<'a> {
    view: &'a View<'a>,
    workspace: WorkspaceId,
    of_commands: BTreeMap<CommandId, Means>,
}

impl Vias<'_> {
    fn of(&mut self, change: &AcceptedChange) -> Result<&'static str, StoreError> {
        if let Some(via) = via_of_device(change.device, self.workspace) {
            return Ok(via);
        }
        if let Some(means) = self.of_commands.get(&change.command) {
            return Ok(means.name());
        }
        let means = self.view.store.means_of(change.command, change.log_seq)?;
        self.of_commands.insert(change.command, means);
        Ok(means.name())
    }
}

/// Two streams becoming one.
struct Both<'a> {
    wanted: &'a Wanted,
    vias: Vias<'a>,
    names: Names<'a>,
    lines: Vec<Line>,
    cursor: Cursor,
}

impl Both<'_> {
    /// Tells what comes next of both, by the relay's clock, until the page is full or one of them has to be read on.
    fn tell(
        &mut self,
        changes: AcceptedChanges,
        mut events: VecDeque<AuditEntry>,
        more_events: bool,
    ) -> Result<Page, StoreError> {
        let AcceptedChanges { found, down_to, more_before } = changes;
        let mut found = VecDeque::from(found);
        while self.lines.len() < self.wanted.page_size as usize {
            match (found.front(), events.front()) {
                (Some(change), event) if event.is_none_or(|event| change.received_at >= event.at) => {
                    let Some(change) = found.pop_front() else { break };
                    self.tell_change(&change)?;
                }
                (None, Some(event)) if waits(more_before, event.at) => break,
                (_, Some(_)) => {
                    let Some(event) = events.pop_front() else { break };
                    self.tell_event(event)?;
                }
                (_, None) => break,
            }
        }
        if found.is_empty() {
            self.cursor.change = Some(down_to);
        }
        let done = found.is_empty() && more_before.is_none() && events.is_empty() && !more_events;
        if events.is_empty() && !more_events {
            self.cursor.event = Some(0);
        }
        let next = (!done).then_some(self.cursor);
        Ok(Page { lines: std::mem::take(&mut self.lines), next })
    }

    fn tell_change(&mut self, change: &AcceptedChange) -> Result<(), StoreError> {
        let via = self.vias.of(change)?;
        for row in &change.fields {
            let line = self.names.change(change, row, via)?;
            self.lines.push(line);
        }
        self.cursor.change = Some(change.log_seq);
        Ok(())
    }

    fn tell_event(&mut self, event: AuditEntry) -> Result<(), StoreError> {
        self.cursor.event = Some(event.seq);
        let line = self.names.event(event)?;
        if self.wanted.kind.is_none_or(|kind| line.kind == Some(kind)) {
            self.lines.push(line);
        }
        Ok(())
    }
}

/// An event that is older than changes that are still to be read waits for them.
fn waits(more_before: Option<Timestamp>, at: Timestamp) -> bool {
    more_before.is_some_and(|reached| at < reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        for cursor in
            [Cursor::default(), Cursor { change: Some(7), event: None }, Cursor { change: Some(0), event: Some(9) }]
        {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for bad in ["", "7", "-", "a-b", "1-2-3", "+1-2", "18446744073709551616-0"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
