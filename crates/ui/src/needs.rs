//! Which queries the screen needs as it stands.

use std::collections::BTreeMap;

use model::input::read_field;
use model::query::{BoardQuery, Condition, ListQuery, Op, Query, WINDOW_MAX};
use model::report::Name;
use model::{Fields, Kind, RecordRef, Value};

use crate::app::App;
use crate::dialog::{CloseForm, CreateForm, Dialog};
use crate::feed::Slot;
use crate::present::{columns, filters, reports, smart};
use crate::routes::{Screen, board_sort, sort};
use crate::scene::Scene;
use crate::screens::board::BoardFilter;
use crate::screens::list::ListFilter;
use crate::screens::record_tags::has_tags;

impl App {
    pub(crate) fn board_filter(&self) -> BoardFilter {
        BoardFilter {
            text: self.route.get("q").to_owned(),
            mine: self.route.get("owner") == "me",
            quick: self.route.get("f").to_owned(),
            more: filters::of_route(&self.route),
            sort: board_sort(self.route.get("sort")),
        }
    }

    pub(crate) fn list_filter(&self) -> Option<ListFilter> {
        let Screen::List(kind) = self.route.screen else { return None };
        let on = match self.route.get("f") {
            "" => columns::default_filters(kind),
            on => on,
        };
        Some(ListFilter {
            kind,
            text: self.route.get("q").to_owned(),
            more: filters::of_route(&self.route),
            on: on.split(',').filter(|word| !word.is_empty() && *word != "none").map(str::to_owned).collect(),
            sort: match sort(self.route.get("sort")) {
                keys if keys.is_empty() => vec![columns::default_sort(kind)],
                keys => keys,
            },
            layout: self.layout(kind),
        })
    }

    /// Every query that the screen needs as it stands.
    pub(crate) fn needs(&self) -> BTreeMap<Slot, Query> {
        let mut needs = BTreeMap::new();
        let Some(session) = self.session.as_ref().filter(|session| session.me.is_some()) else { return needs };
        needs.insert(Slot::Workspace, Query::Workspace);
        needs.insert(Slot::Overview, Query::Overview);
        needs.insert(Slot::Preferences, Query::Preferences);
        if matches!(self.route.screen, Screen::Pipeline | Screen::List(_)) {
            let all = ListQuery { limit: WINDOW_MAX, ..ListQuery::of(Kind::View) };
            needs.insert(Slot::Views, Query::List(all));
        }
        needs.insert(Slot::Reminders, Query::Reminders);
        let scene = self.bare_scene(session);
        match self.route.screen {
            Screen::Today => needs.extend(crate::screens::today::needs(&scene, self.route.get("who"))),
            Screen::Pipeline => {
                needs.insert(Slot::Board, Query::Board(self.board_query(&scene)));
            }
            Screen::List(_) => {
                if self.list_filter().is_some_and(|filter| filter.on.iter().any(|word| word == columns::DUPLICATES)) {
                    needs.insert(Slot::Duplicates, Query::Duplicates { limit: WINDOW_MAX });
                }
                if let Some(query) = self.list_query(&scene) {
                    let (offset, limit) = self.screens.list.window();
                    if self.screens.list.select_all {
                        needs.insert(Slot::Selection, Query::Matching(query.clone()));
                    }
                    if !self.screens.list.selected.is_empty() && scene.edits_own_only() {
                        let mine = columns::condition("mine", &scene);
                        let filter = query.filter.iter().cloned().chain(mine).collect();
                        needs.insert(Slot::Editable, Query::Matching(ListQuery { filter, ..query.clone() }));
                    }
                    needs.insert(Slot::List, Query::List(ListQuery { offset, limit, ..query }));
                }
            }
            Screen::Detail(record) => self.page_needs(&mut needs, record),
            Screen::Import => {}
            Screen::Reports => {
                let question = reports::question(&self.route, &scene);
                if question.name == Name::Hygiene {
                    needs.insert(Slot::Duplicates, Query::Duplicates { limit: 1 });
                }
                needs.insert(Slot::Report, Query::Report(Box::new(question)));
            }
            Screen::Trash => {
                let kind = crate::screens::trash::kind_named(self.route.get("kind"));
                needs.insert(Slot::List, Query::List(crate::screens::trash::query(kind)));
            }
            Screen::Duplicates => {
                let limit = crate::screens::duplicates::SHOWN;
                needs.insert(Slot::Duplicates, Query::Duplicates { limit });
            }
            Screen::Settings => {
                needs.extend(crate::screens::settings::needs(self.route.get("s")));
            }
        }
        if let Some(record) = self.screens.peek.filter(|_| self.route.screen.has_peek()) {
            self.page_needs(&mut needs, record);
        }
        if let Some(Dialog::Palette(palette)) = &self.dialog {
            needs.insert(Slot::Search, search_query(&palette.text, palette.expanded));
        }
        if self.route.screen == Screen::Today || matches!(self.dialog, Some(Dialog::Palette(_))) {
            needs.extend(crate::recent::queries(&self.screens.recent));
        }
        if let Some(Dialog::Close(form)) = &self.dialog {
            needs.insert(Slot::OpenTasks, Query::List(open_tasks_query(form)));
        }
        if let Some(Dialog::RemoveStage(form)) = &self.dialog {
            let leads = crate::screens::settings::pipeline::leads_query(form);
            needs.insert(Slot::StageLeads, Query::Matching(leads));
        }
        if let Some(Dialog::Behind(behind)) = &self.dialog {
            needs.insert(Slot::Behind, Query::List(crate::screens::behind::query(behind)));
        }
        if let Some(Dialog::Create(form)) = &self.dialog {
            if has_tags(form.kind) && form.more {
                needs.insert(Slot::Tags, Query::Tags);
            }
            needs.extend(self.lookalikes_of(form).map(|query| (Slot::Lookalikes, query)));
        }
        if let Some(Dialog::Merge(form)) = &self.dialog {
            needs.insert(Slot::Merging, Query::List(crate::screens::merge::query(form)));
        }
        needs.extend(self.subject_query().map(|query| (Slot::Subject, query)));
        if let Some(wanted) = &self.picking {
            needs.insert(Slot::Picker, wanted.query());
        }
        if let Some(record) = self.opening {
            needs.insert(Slot::Editing, Query::Detail(record));
        }
        needs
    }

    /// What the list that shows asks for, without a window.
    pub(crate) fn list_query(&self, scene: &Scene<'_>) -> Option<ListQuery> {
        let filter = self.list_filter()?;
        let on: Vec<&str> = filter.on.iter().map(String::as_str).collect();
        let mut query = columns::query(filter.kind, &filter.text, &on, filter.sort, scene);
        query.filter.extend(filters::conditions(filter.kind, &filter.more, scene));
        query.filter.extend(on.contains(&columns::DUPLICATES).then(|| self.is_duplicate(filter.kind)));
        Some(query)
    }

    /// The condition that a record may be the same as another one; nothing is until they have been looked for.
    fn is_duplicate(&self, kind: Kind) -> Condition {
        let groups = self.feed.duplicates().into_iter().flat_map(|found| &found.groups);
        let records = groups.flat_map(|group| &group.rows).map(|row| &row.record).filter(|of| of.kind == kind);
        Condition { field: "id".into(), op: Op::Is, values: records.map(|of| Value::Id(of.id)).collect() }
    }

    /// What asks for records that the one in the form may be again; nothing until something tells.
    fn lookalikes_of(&self, form: &CreateForm) -> Option<Query> {
        if !matches!(form.kind, Kind::Lead | Kind::Account | Kind::Contact) || form.sent.is_some() {
            return None;
        }
        let ctx = self.input();
        let typed = form.texts.iter().filter(|(key, _)| key.as_str() != "notes");
        let read = typed.filter_map(|(key, text)| {
            let value = read_field(form.kind, key, text, &ctx).ok()?.value?;
            Some((key.clone(), value))
        });
        let mut fields: Fields = read.collect();
        if let Some(line) = form.texts.get("title").filter(|_| form.kind == Kind::Lead) {
            let parts = smart::parts(line, &form.put_back, &ctx, &self.workspace.users);
            fields.insert("title".to_owned(), smart::title(line, &parts).into());
        }
        if fields.is_empty() {
            return None;
        }
        fields.extend(form.picks.iter().map(|(key, (value, _))| (key.clone(), value.clone())));
        Some(Query::Lookalikes { kind: form.kind, fields })
    }

    /// What a record's page shows.
    fn page_needs(&self, needs: &mut BTreeMap<Slot, Query>, record: RecordRef) {
        needs.insert(Slot::Detail, Query::Detail(record));
        needs.insert(Slot::Tags, Query::Tags);
        needs.insert(Slot::Files, Query::Files(Some(record)));
        let account = self.feed.detail().flatten().and_then(|detail| detail.row.record.link("account_id"));
        needs.extend(self.screens.detail.needs(record, account));
    }

    pub(crate) fn board_query(&self, scene: &Scene<'_>) -> BoardQuery {
        let filter = self.board_filter();
        let mut conditions = filters::conditions(Kind::Lead, &filter.more, scene);
        let quick: Vec<&str> = self.route.get("f").split(',').collect();
        conditions.extend(quick.into_iter().filter_map(|word| columns::condition(word, scene)));
        BoardQuery { filter: conditions, text: filter.text, sort: filter.sort, windows: self.screens.board.windows() }
    }
}

fn search_query(text: &str, expanded: bool) -> Query {
    let limit_per_kind = if expanded { 20 } else { 5 };
    Query::Search { text: text.trim_start_matches('>').trim().to_owned(), kinds: Vec::new(), limit_per_kind }
}

/// What counts the open tasks of the leads that are being closed.
fn open_tasks_query(form: &CloseForm) -> ListQuery {
    let leads = std::iter::once(&form.lead).chain(&form.others).map(|lead| Value::Id(*lead)).collect();
    let about = Condition { field: "linked_id".into(), op: Op::Is, values: leads };
    let open = Condition { field: "status".into(), op: Op::Is, values: vec!["open".into()] };
    ListQuery { filter: vec![about, open], limit: 1, ..ListQuery::of(Kind::Task) }
}
