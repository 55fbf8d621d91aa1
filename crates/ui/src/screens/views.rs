//! Saved views: a list's or the pipeline's address under a name, one's own or shared with the team.

use egui::{Context, Key, Modifiers, Popup, Ui};
use model::query::Row;
use model::{Action, FieldChanges, Fields, RecordId, RecordRef, Value};

use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::routes::{Route, Screen};
use crate::scene::Scene;
use crate::widgets::check::check;
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::menu::{Item, heading, menu};
use crate::widgets::{Button, Field};

/// The parameter that names the view an address began with.
pub(crate) const VIEW: &str = "view";

/// What the dialog that saves a view remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewForm {
    /// The view that is changed; `None` saves a new one.
    pub(crate) of: Option<RecordId>,
    /// What is typed.
    pub(crate) name: String,
    /// Others see it.
    pub(crate) shared: bool,
    /// What is wrong with the name.
    pub(crate) problem: Option<&'static str>,
    /// The name gets the keyboard in the next frame.
    pub(crate) focus: bool,
}

/// What the menu is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Views<'a> {
    /// All saved views.
    pub(crate) all: &'a [Row],
    /// The address that shows.
    pub(crate) route: &'a Route,
    /// `V` opens the menu.
    pub(crate) keys: bool,
}

impl<'a> Views<'a> {
    /// The views of the screen that shows, which this person may see: one's own first.
    fn here(&self, scene: &Scene<'_>) -> Vec<&'a Row> {
        let word = screen_word(self.route.screen);
        let mine = |row: &&Row| row.record.link("owner_id") == scene.my_id();
        let mut rows: Vec<&Row> = self.all.iter().filter(|row| row.record.text("screen") == word).collect();
        rows.retain(|row| mine(row) || row.record.flag("shared"));
        rows.sort_by_key(|row| (!mine(row), row.record.text("name").to_lowercase()));
        rows
    }

    /// The view that the address began with.
    fn current(&self) -> Option<&'a Row> {
        let id: RecordId = self.route.get(VIEW).parse().ok()?;
        self.all.iter().find(|row| row.record.id == id)
    }
}

/// What the schema calls a screen.
pub(crate) fn screen_word(screen: Screen) -> &'static str {
    match screen {
        Screen::Pipeline => "pipeline",
        Screen::List(kind) => kind.plural(),
        _ => "",
    }
}

/// The address of a saved view.
pub(crate) fn route_of(row: &Row) -> Route {
    let record = &row.record;
    let mut route = Route::parse(&format!("/{}", record.text("screen")));
    let kept = record.members("filter");
    route.query = kept.filter_map(|(key, value)| Some((key.to_owned(), value.as_text()?.to_owned()))).collect();
    route.query.push((VIEW.to_owned(), record.id.to_string()));
    route
}

/// The members that keep an address.
fn filter_fields(route: &Route) -> Fields {
    let kept = route.query.iter().filter(|(key, value)| key != VIEW && !value.is_empty());
    kept.map(|(key, value)| (format!("filter/{key}"), Value::Text(value.clone()))).collect()
}

fn is_changed(row: &Row, route: &Route) -> bool {
    let kept: Fields =
        row.record.members("filter").map(|(key, value)| (format!("filter/{key}"), value.clone())).collect();
    kept != filter_fields(route)
}

/// What makes a saved view be the address that shows.
pub(crate) fn changes(row: &Row, route: &Route) -> FieldChanges {
    let mut changes: FieldChanges =
        row.record.members("filter").map(|(key, _)| (format!("filter/{key}"), None)).collect();
    changes.extend(filter_fields(route).into_iter().map(|(key, value)| (key, Some(value))));
    changes.retain(|key, value| row.record.get(key) != value.as_ref());
    changes
}

/// The fields of a new view of the address that shows.
pub(crate) fn fields(form: &ViewForm, route: &Route) -> Fields {
    let mut fields = filter_fields(route);
    fields.insert("name".to_owned(), form.name.trim().into());
    fields.insert("screen".to_owned(), screen_word(route.screen).into());
    if form.shared {
        fields.insert("shared".to_owned(), true.into());
    }
    fields
}

/// Draws the button with the menu of views.
pub(super) fn views_button(ui: &mut Ui, scene: &Scene<'_>, views: &Views<'_>, out: &mut Vec<Act>) {
    let current = views.current();
    let changed = current.is_some_and(|row| is_changed(row, views.route));
    let text = match current {
        Some(row) if changed => format!("{} (changed)", row.record.text("name")),
        Some(row) => row.record.text("name").to_owned(),
        None => "Views".to_owned(),
    };
    let name = format!("Views: {text}");
    let name = if current.is_some() { name.as_str() } else { "Views" };
    let button = match (scene.is_compact(), current) {
        (true, None) => Button::quiet("").icon(icons::SIDEBAR),
        _ => Button::quiet(&text).icon(icons::SIDEBAR).trailing(icons::DOWN),
    };
    let button = button.name(name).tip("V");
    let response = button.selected(current.is_some()).show(ui);
    if views.keys && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::V)) {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
    }
    menu(&response, 240.0, |ui| items(ui, scene, (views, current, changed), out));
}

fn items(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (views, current, changed): (&Views<'_>, Option<&Row>, bool),
    out: &mut Vec<Act>,
) {
    for row in views.here(scene) {
        let held = current.is_some_and(|current| current.record.id == row.record.id);
        let mark = if row.record.flag("shared") { icons::CONTACTS } else { icons::PERSON };
        if (Item { selected: held, ..Item::new(mark, row.record.text("name")) }).show(ui) {
            out.push(Act::Route(route_of(row)));
        }
    }
    if !views.here(scene).is_empty() {
        heading(ui, "");
    }
    let denied = scene.denied_create(model::Kind::View);
    let item = |icon, text| Item { disabled: denied.as_deref(), ..Item::new(icon, text) };
    if item(icons::PLUS, "Save as a new view…").show(ui) {
        out.push(Act::Open(Box::new(Dialog::View(form(None)))));
    }
    let Some(row) = current else { return };
    let foreign = scene.denied_edit(&row.record);
    let item = |icon, text| Item { disabled: foreign.as_deref(), ..Item::new(icon, text) };
    if changed && item(icons::CHECK, "Save the changes").show(ui) {
        out.push(Act::KeepView(row.record.id));
    }
    if item(icons::PENCIL, "Rename or share…").show(ui) {
        out.push(Act::Open(Box::new(Dialog::View(form(Some(row))))));
    }
    if item(icons::TRASH, "Delete the view").show(ui) {
        out.push(Act::Do(Action::Delete(vec![row.record.reference()])));
        out.push(Act::Filter(VIEW, String::new()));
    }
}

fn form(of: Option<&Row>) -> ViewForm {
    let record = of.map(|row| &row.record);
    ViewForm {
        of: record.map(|record| record.id),
        name: record.map(|record| record.text("name").to_owned()).unwrap_or_default(),
        shared: record.is_some_and(|record| record.flag("shared")),
        problem: None,
        focus: true,
    }
}

/// Draws the dialog; `true` when it should close.
pub(super) fn view_ui(ctx: &Context, scene: &Scene<'_>, form: &mut ViewForm, out: &mut Vec<Act>) -> bool {
    let title = if form.of.is_some() { "Rename or share the view" } else { "Save this view" };
    let mut save = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut footer = |ui: &mut Ui| save |= Button::primary("Save").tip("Ctrl Enter").show(ui).clicked();
    let frame = Frame { title, width: 420.0, sheet: scene.is_compact(), high: false };
    let mut entered = false;
    let closed = frame.show(
        ctx,
        |ui| {
            let field = Field::new("Name").hint("Closing this quarter").problem(form.problem);
            let response = field.show(ui, &mut form.name);
            if std::mem::take(&mut form.focus) {
                response.request_focus();
            }
            entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if !scene.session.server.is_empty() {
                check(ui, &mut form.shared, "The whole team sees it");
            }
        },
        Some(&mut footer),
    );
    if !(save || entered) {
        return closed;
    }
    if form.name.trim().is_empty() {
        form.problem = Some("Enter a name");
        return closed;
    }
    out.push(Act::SaveView);
    closed
}

/// The action that the dialog comes to; `id` is for a new view.
pub(crate) fn save(form: &ViewForm, route: &Route, id: RecordId) -> Action {
    match form.of {
        Some(of) => {
            let shared = form.shared.then(|| true.into());
            let fields =
                FieldChanges::from([("name".to_owned(), Some(form.name.trim().into())), ("shared".to_owned(), shared)]);
            Action::SetFields { record: RecordRef::new(model::Kind::View, of), base_heads: Vec::new(), fields }
        }
        None => Action::Create { record: RecordRef::new(model::Kind::View, id), fields: fields(form, route) },
    }
}
