//! What an open form is about. Its page is asked for while the form is open, since not every screen shows that record:
//! the form carries its name and its account, wherever it was opened from.

use model::RecordRef;
use model::query::{Query, Row};

use crate::app::App;
use crate::dialog::Dialog;
use crate::feed::Slot;

impl App {
    fn subject(&self) -> Option<RecordRef> {
        match &self.dialog {
            Some(Dialog::Log(form)) => form.about.as_ref().map(|(about, _)| *about),
            Some(Dialog::Create(form)) => form.about,
            _ => None,
        }
    }

    /// What asks for the record that the open form is about.
    pub(crate) fn subject_query(&self) -> Option<Query> {
        self.subject().map(Query::Detail)
    }

    /// Tells the open form what its record is called and which account that belongs to, once it is known.
    pub(crate) fn name_subject(&mut self) {
        let Some(row) = self.subject().and_then(|about| self.known_row(about)) else { return };
        let (name, account) = (row.record.display_name(), row.record.link("account_id"));
        let held = match &mut self.dialog {
            Some(Dialog::Log(form)) => {
                form.account = account;
                form.about.as_mut().map(|(_, held)| held)
            }
            Some(Dialog::Create(form)) => form.picks.get_mut("linked_id").map(|(_, held)| held),
            _ => None,
        };
        if let Some(held) = held.filter(|held| held.is_empty()) {
            *held = name;
        }
    }

    /// A record's row in whatever answer shows it.
    pub(crate) fn known_row(&self, record: RecordRef) -> Option<&Row> {
        let pages = [self.feed.detail().flatten(), self.feed.subject()];
        let pages = pages.into_iter().flatten();
        let related = pages.clone().flat_map(|detail| detail.related.values()).flatten();
        let cards = self.feed.board().into_iter().flat_map(|board| &board.columns).flat_map(|column| &column.rows);
        let lists = [Slot::List, Slot::Tasks, Slot::Ahead].into_iter().filter_map(|slot| self.feed.list(slot));
        let best = self.feed.next_best().into_iter().flat_map(|best| &best.rows);
        let mut rows = pages
            .map(|detail| &detail.row)
            .chain(cards)
            .chain(lists.flat_map(|list| &list.rows))
            .chain(best.map(|action| &action.row))
            .chain(related);
        rows.find(|row| row.record.reference() == record)
    }
}
