//! Records looked at lately: which they are is kept on this device, what they are called is asked for. So a renamed one
//! shows its new name, and one in the trash no longer shows.

use model::query::{Condition, ListQuery, Op, Query};
use model::{Kind, RecordRef, Value};

use crate::app::App;
use crate::feed::{Feed, Slot};
use crate::routes::{Route, Screen};

/// The key among the choices of this device.
pub(crate) const RECENT: &str = "recent";

const RECENT_MAX: usize = 20;

/// Where the rows of each kind are answered.
const SLOTS: [(Kind, Slot); 3] =
    [(Kind::Lead, Slot::RecentLeads), (Kind::Account, Slot::RecentAccounts), (Kind::Contact, Slot::RecentContacts)];

/// Reads what is kept: the paths of their pages, the last first.
pub(crate) fn read(kept: &str) -> Vec<RecordRef> {
    let record = |path: &str| match Route::parse(path).screen {
        Screen::Detail(record) => Some(record),
        _ => None,
    };
    kept.split(',').filter_map(record).take(RECENT_MAX).collect()
}

fn written(recent: &[RecordRef]) -> String {
    recent.iter().map(|record| Screen::Detail(*record).path()).collect::<Vec<_>>().join(",")
}

/// What asks for their names.
pub(crate) fn queries(recent: &[RecordRef]) -> impl Iterator<Item = (Slot, Query)> {
    SLOTS.into_iter().filter_map(|(kind, slot)| {
        let of_kind = recent.iter().filter(|record| record.kind == kind);
        let ids: Vec<Value> = of_kind.map(|record| Value::Id(record.id)).collect();
        let these = Condition { field: "id".into(), op: Op::Is, values: ids };
        let some = !these.values.is_empty();
        some.then(|| (slot, Query::List(ListQuery { filter: vec![these], ..ListQuery::of(kind) })))
    })
}

/// Those that are here, with their names.
pub(crate) fn named(recent: &[RecordRef], feed: &Feed) -> Vec<(RecordRef, String)> {
    let rows = || SLOTS.into_iter().filter_map(|(_, slot)| feed.list(slot)).flat_map(|list| &list.rows);
    let named = |record: &RecordRef| {
        let row = rows().find(|row| row.record.reference() == *record)?;
        Some((*record, row.record.display_name()))
    };
    recent.iter().filter_map(named).collect()
}

impl App {
    /// Puts the open record in front of those that were looked at lately.
    pub(crate) fn remember_visit(&mut self) {
        let Screen::Detail(record) = self.route.screen else { return };
        let is_here = matches!(self.feed.detail(), Some(Some(_)));
        // What was kept comes first, or it would be forgotten.
        let is_known = self.applied.is_some();
        let recent = &mut self.screens.recent;
        if !is_here || !is_known || recent.first() == Some(&record) {
            return;
        }
        recent.retain(|other| *other != record);
        recent.insert(0, record);
        recent.truncate(RECENT_MAX);
        let kept = written(recent);
        self.prefer(RECENT, kept);
    }
}
