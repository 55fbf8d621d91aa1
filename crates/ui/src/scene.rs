//! What every drawing function may look at: the moment, the person, the workspace, the window.

use jiff::tz::TimeZone;
use model::app::{Me, Session};
use model::input::{DateOrder, InputContext};
use model::policy::{Actor, Denied};
use model::query::{Hit, Row, TagRow};
use model::{Date, Kind, Record, RecordId, Settings, Timestamp, UserId};

/// How wide the window is (PRODUCT 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Width {
    /// Under 600: a phone.
    Compact,
    /// 600 to 1023.
    Medium,
    /// From 1024.
    Expanded,
}

impl Width {
    /// The class of a width in points.
    pub(crate) fn of(points: f32) -> Self {
        match points {
            ..600.0 => Self::Compact,
            ..1024.0 => Self::Medium,
            _ => Self::Expanded,
        }
    }
}

/// What a drawing function may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The present moment.
    pub(crate) now: Timestamp,
    /// The workspace's time zone.
    pub(crate) zone: &'a TimeZone,
    /// Today in that zone.
    pub(crate) today: Date,
    /// The workspace's settings.
    pub(crate) settings: &'a Settings,
    /// The workspace's people.
    pub(crate) people: &'a [Record],
    /// Who and where we are.
    pub(crate) session: &'a Session,
    /// A thumb, not a mouse.
    pub(crate) touch: bool,
    /// Rows and cards are low.
    pub(crate) dense: bool,
    /// How wide the window is.
    pub(crate) width: Width,
    /// What the open picker found.
    pub(crate) found: &'a [Row],
    /// What it found among records of several kinds.
    pub(crate) hits: &'a [Hit],
    /// Every tag, while a picker offers them.
    pub(crate) tags: &'a [TagRow],
    /// The order in which the person writes dates.
    pub(crate) date_order: DateOrder,
}

impl<'a> Scene<'a> {
    /// What typed text means here and now.
    pub(crate) fn input(&self) -> InputContext<'a> {
        InputContext { date_order: self.date_order, ..InputContext::new(self.settings, self.now) }
    }

    /// Whether a row waits for a relay. Whoever works alone waits for nobody.
    pub(crate) fn waits(&self, row: &Row) -> bool {
        row.pending && !self.session.server.is_empty()
    }

    /// The person at this device.
    pub(crate) const fn me(&self) -> Option<&Me> {
        self.session.me.as_ref()
    }

    /// The person's id as a record id, for filters and owners.
    pub(crate) fn my_id(&self) -> Option<RecordId> {
        self.me().map(|me| me.id.record())
    }

    fn actor(&self) -> Option<Actor> {
        let me = self.me()?;
        Some(Actor { user: me.id, role: me.role, only_owners_edit: self.settings.only_owners_edit })
    }

    /// Whether the person administers the workspace.
    pub(crate) fn is_admin(&self) -> bool {
        self.me().is_some_and(|me| me.role == model::Role::Admin)
    }

    /// Whether the person may change only what is their own.
    pub(crate) fn edits_own_only(&self) -> bool {
        self.actor().is_some_and(|of| of.only_owners_edit && of.role == model::Role::User)
    }

    /// Why the person may not create such a record; `None` when they may.
    pub(crate) fn denied_create(&self, kind: Kind) -> Option<String> {
        self.actor()?.may_create(kind).err().map(reason)
    }

    /// Why the person may not edit this record; `None` when they may.
    pub(crate) fn denied_edit(&self, record: &Record) -> Option<String> {
        if record.is_deleted() {
            return Some("This is in the trash. Restore it to change it".to_owned());
        }
        self.denied_edit_of(record.kind, record.owner())
    }

    /// Why the person may not edit records of this kind and owner; `None` when they may.
    pub(crate) fn denied_edit_of(&self, kind: Kind, owner: Option<UserId>) -> Option<String> {
        self.actor()?.may_edit(kind, owner).err().map(reason)
    }

    /// A person's name; empty when unknown.
    pub(crate) fn person(&self, id: RecordId) -> &str {
        self.people.iter().find(|person| person.id == id).map_or("", |person| person.text("name"))
    }

    /// The present hour, for queries that must not change with every frame.
    pub(crate) fn now_rounded(&self) -> Timestamp {
        crate::present::columns::hour(self.now)
    }

    /// First and last day of the present month.
    pub(crate) fn month(&self) -> (Date, Date) {
        let civil = self.today.civil();
        (Date::from_civil(civil.first_of_month()), Date::from_civil(civil.last_of_month()))
    }

    /// The relay can be asked.
    pub(crate) const fn is_connected(&self) -> bool {
        use model::app::SyncState;
        matches!(self.session.sync, SyncState::Synced | SyncState::Sending | SyncState::CatchingUp { .. })
    }

    /// What people call a record's field: their own by the name it has now.
    pub(crate) fn field_words(&self, kind: Kind, key: &str) -> String {
        let own = self.settings.field_of_value(kind, key);
        own.map_or_else(|| crate::words::field(key), |own| own.name.clone())
    }

    /// A phone.
    pub(crate) fn is_compact(&self) -> bool {
        self.width == Width::Compact
    }
}

/// A reason as a sentence for a tooltip.
fn reason(denied: Denied) -> String {
    let text = denied.to_string();
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::Width;

    #[test]
    fn the_widths_break_at_600_and_1024() {
        assert_eq!(Width::of(599.9), Width::Compact);
        assert_eq!(Width::of(600.0), Width::Medium);
        assert_eq!(Width::of(1023.9), Width::Medium);
        assert_eq!(Width::of(1024.0), Width::Expanded);
    }
}
