//! What lists want done beside their filters: columns, files, saved views.

use model::app::Request;
use model::query::{Answer, Condition, ListQuery, Op, Query};
use model::{Action, IdSource, Kind, RecordId, RecordRef, Value};

use crate::app::{App, Effect};
use crate::dialog::Dialog;
use crate::feed::Slot;
use crate::present::columns::columns;
use crate::routes::{Route, Screen};
use crate::scene::Width;
use crate::screens::views;
use crate::update::Purpose;

impl App {
    /// The columns of a kind's list: what the address says, or what was chosen on this device.
    pub(crate) fn layout(&self, kind: Kind) -> String {
        match self.route.get("cols") {
            "" => self.prefers(&layout_key(kind)).to_owned(),
            layout => layout.to_owned(),
        }
    }

    /// A choice of columns belongs to the saved view that shows, or to this device.
    pub(crate) fn lay_out(&mut self, kind: Kind, layout: String) {
        let in_view = !self.route.get("cols").is_empty() || !self.route.get(views::VIEW).is_empty();
        if !in_view {
            self.prefer(&layout_key(kind), layout);
            return;
        }
        let mut route = self.route.clone();
        route.query.retain(|(name, _)| name != "cols");
        if !layout.is_empty() {
            route.query.push(("cols".to_owned(), layout));
        }
        self.show(route);
    }

    /// Asks for what the list matches, or for what is selected of it, as a file.
    pub(crate) fn export_list(&mut self, only_selected: bool) {
        let Some(session) = self.session.clone() else { return };
        let Some(mut list) = self.list_query(&self.bare_scene(&session)) else { return };
        if only_selected {
            let ids = self.screens.list.selected.iter().map(|id| Value::Id(*id)).collect();
            let chosen = Condition { field: "id".to_owned(), op: Op::Is, values: ids };
            list = ListQuery { filter: vec![chosen], text: String::new(), ..list };
        }
        let laid = columns(list.kind, &self.layout(list.kind), Width::Expanded, &self.workspace.settings);
        let columns = laid.into_iter().map(|(column, _)| (column.key.to_owned(), column.head.to_owned())).collect();
        let name = format!("{}.csv", list.kind.plural());
        let id = self.feed.fresh_id();
        self.exporting.insert(id, name);
        self.send(Request::Ask(id, Query::Csv { list, columns }));
    }

    /// Lets the person save a file that was asked for.
    pub(crate) fn save_answer(&mut self, name: String, answer: Answer) {
        if let Answer::Csv(text) | Answer::Export(text) = answer {
            self.effects.push(Effect::SaveFile { name, bytes: text.into_bytes() });
        }
    }

    /// Saves the view that the open dialog describes, and shows it.
    pub(crate) fn save_view(&mut self) {
        let Some(Dialog::View(form)) = self.dialog.take() else { return };
        let id = self.ids.fresh_record_id();
        let mut route = self.route.clone();
        if form.of.is_none() {
            self.pin_columns(&mut route);
        }
        let action = views::save(&form, &route, id);
        if form.of.is_none() {
            route.query.retain(|(name, _)| name != views::VIEW);
            route.query.push((views::VIEW.to_owned(), id.to_string()));
            self.show(route);
        }
        self.perform(action, Purpose::Plain);
    }

    /// A saved view keeps the columns that show, whatever this device chooses later.
    fn pin_columns(&self, route: &mut Route) {
        let Screen::List(kind) = route.screen else { return };
        let layout = self.layout(kind);
        if !layout.is_empty() && route.get("cols").is_empty() {
            route.query.push(("cols".to_owned(), layout));
        }
    }

    /// Makes a saved view be what shows.
    pub(crate) fn keep_view(&mut self, view: RecordId) {
        let rows = self.feed.list(Slot::Views).map(|list| list.rows.as_slice()).unwrap_or_default();
        let Some(row) = rows.iter().find(|row| row.record.id == view) else { return };
        let record = RecordRef::new(Kind::View, view);
        let fields = views::changes(row, &self.route);
        self.perform(Action::SetFields { record, base_heads: Vec::new(), fields }, Purpose::Plain);
    }
}

fn layout_key(kind: Kind) -> String {
    format!("cols/{}", kind.plural())
}
