//! The contacts of a lead: who is the first, what the others are to it, and who of the account is not among them.

use egui::{Align2, Id, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use model::query::{Condition, Detail, ListQuery, Op, Query, Row, Sort};
use model::schema::CONTACT_ROLES;
use model::{FieldChanges, Kind, RecordId, Value};

use super::rows::rows_ui;
use crate::act::Act;
use crate::icons;
use crate::picking::Wanted;
use crate::present::fields::options;
use crate::routes::Screen;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::text::tip;
use crate::widgets::{Button, Look, cut, focus_ring, paint, paint_icon};

/// Others of the account that are asked for, and how many of them are proposed.
const ASKED: u32 = 20;
const PROPOSED: usize = 6;
/// Room for the star, the role and the button that removes.
const STAR: f32 = 40.0;
const ROLE: f32 = 150.0;
const REMOVE: f32 = 36.0;

type Typing<'a> = &'a mut Option<Wanted>;

/// Asks for the contacts of a lead's account.
pub(super) fn colleagues(account: RecordId) -> Query {
    let of_account = Condition { field: "account_id".into(), op: Op::Is, values: vec![account.into()] };
    let sort = vec![Sort { field: "last_touch_at".into(), descending: true }];
    Query::List(ListQuery { filter: vec![of_account], sort, limit: ASKED, ..ListQuery::of(Kind::Contact) })
}

/// The key that holds what a contact is to a lead.
pub(crate) fn role_key(contact: RecordId) -> String {
    format!("contacts/{contact}")
}

/// What makes somebody a contact of a lead; the first one becomes its primary contact.
pub(crate) fn adding(lead: &model::Record, contact: RecordId) -> FieldChanges {
    let mut fields = FieldChanges::from([(role_key(contact), Some(Value::from("")))]);
    if lead.link("primary_contact_id").is_none() {
        fields.insert("primary_contact_id".into(), Some(contact.into()));
    }
    fields
}

/// What makes a contact the primary one; the one before stays among the others.
fn starring(lead: &model::Record, contact: RecordId) -> FieldChanges {
    let mut fields = FieldChanges::from([("primary_contact_id".to_owned(), Some(contact.into()))]);
    for listed in lead.link("primary_contact_id").into_iter().chain([contact]) {
        if lead.get(&role_key(listed)).is_none() {
            fields.insert(role_key(listed), Some(Value::from("")));
        }
    }
    fields
}

fn removing(lead: &model::Record, contact: RecordId) -> FieldChanges {
    let mut fields = FieldChanges::new();
    if lead.get(&role_key(contact)).is_some() {
        fields.insert(role_key(contact), None);
    }
    if lead.link("primary_contact_id") == Some(contact) {
        fields.insert("primary_contact_id".into(), None);
    }
    fields
}

/// Draws the tab.
pub(super) fn contacts_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (detail, denied, colleagues): (&Detail, Option<&str>, &[Row]),
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let lead = &detail.row.record;
    let mut rows: Vec<&Row> = detail.related.get(&Kind::Contact).into_iter().flatten().collect();
    rows.sort_by_key(|row| (lead.link("primary_contact_id") != Some(row.record.id), row.record.display_name()));
    add_ui(ui, scene, (lead, denied), typing, out);
    ui.add_space(space::S);
    if rows.is_empty() {
        let text = "Who decides, who advises, who will use it? Add them here.";
        Empty { icon: icons::CONTACTS, title: "No contacts here yet", text, actions: &[] }.show(ui);
    } else {
        rows_ui(ui, scene, rows.iter().copied(), |ui, rect, row| contact_ui(ui, rect, (lead, row, denied), out));
    }
    let others = colleagues.iter().filter(|row| !rows.iter().any(|listed| listed.record.id == row.record.id));
    propose_ui(ui, (detail, denied), others, out);
}

fn add_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (lead, denied): (&model::Record, Option<&str>),
    typing: Typing<'_>,
    out: &mut Vec<Act>,
) {
    let listed = |option: &PickOption| option.key.parse().is_ok_and(|id: RecordId| lead.get(&role_key(id)).is_some());
    let mut found = options(crate::present::fields::Editor::Link(Kind::Contact), scene);
    found.retain(|option| !listed(option));
    let create = scene.denied_create(Kind::Contact).is_none().then_some("new contact");
    let picker = Picker::new("Add a contact", "", &found).bare().placeholder("Add a contact…").records(create);
    let output = picker.width(280.0_f32.min(ui.available_width())).disabled(denied).show(ui);
    if let Some(text) = output.typing {
        *typing = Some(Wanted::Of(Kind::Contact, text));
    }
    match output.picked {
        Some(Picked::Choice(key)) => out.extend(key.parse().ok().map(|contact| Act::Save(adding(lead, contact)))),
        Some(Picked::Create(name)) => out.push(Act::AddNewContact(name)),
        Some(Picked::Clear) | None => {}
    }
}

fn contact_ui(ui: &mut Ui, rect: Rect, (lead, row, denied): (&model::Record, &Row, Option<&str>), out: &mut Vec<Act>) {
    let contact = row.record.id;
    let name = row.record.display_name();
    let star = rect.with_max_x(rect.left() + STAR);
    star_ui(ui, star, (lead, contact, &name, denied), out);
    let remove = rect.with_min_x(rect.right() - REMOVE);
    let role_width = ROLE.min(rect.width() * 0.36);
    let role = Rect::from_min_max(pos2(remove.left() - role_width, rect.top()), pos2(remove.left(), rect.bottom()));
    let middle = Rect::from_center_size(role.center(), vec2(role.width(), ui.spacing().interact_size.y));
    let builder = UiBuilder::new().id_salt(("role", contact)).max_rect(middle);
    let layout = egui::Layout::top_down(egui::Align::Min);
    ui.scope_builder(builder.layout(layout), |ui| role_ui(ui, (lead, contact, &name, denied), out));
    if remove_ui(ui, remove, (contact, &name, denied)) {
        out.push(Act::Save(removing(lead, contact)));
    }
    name_ui(ui, Rect::from_min_max(star.right_top(), role.left_bottom()), row, out);
}

fn star_ui(
    ui: &Ui,
    rect: Rect,
    (lead, contact, name, denied): (&model::Record, RecordId, &str, Option<&str>),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let first = lead.link("primary_contact_id") == Some(contact);
    let spot = Rect::from_center_size(rect.center(), vec2(28.0, 28.0));
    let sense = if denied.is_some() || first { Sense::hover() } else { Sense::click() };
    let response = ui.interact(spot, Id::unique(("star", contact)), sense);
    let words =
        if first { format!("{name} is the primary contact") } else { format!("Make {name} the primary contact") };
    crate::widgets::button::describe(&response, &words, denied, first.then_some(true));
    let ink = if first || response.hovered() { t.accent } else { t.text_3 };
    if first {
        ui.painter().circle_filled(spot.center(), 13.0, t.accent_soft);
    }
    paint_icon(ui, spot.center(), icons::STAR, 18.0, ink);
    focus_ring(ui, &response, spot, 14);
    if response.clicked() {
        out.push(Act::Save(starring(lead, contact)));
    }
    tip(response, denied.unwrap_or(&words));
}

fn role_ui(
    ui: &mut Ui,
    (lead, contact, name, denied): (&model::Record, RecordId, &str, Option<&str>),
    out: &mut Vec<Act>,
) {
    let key = role_key(contact);
    let roles: Vec<PickOption> = CONTACT_ROLES.iter().map(|role| PickOption::new(*role, *role)).collect();
    let spoken = format!("Role of {name}");
    let picker = Picker::new(&spoken, lead.text(&key), &roles).bare().quiet().placeholder("Role").clearable();
    match picker.disabled(denied).show(ui).picked {
        Some(Picked::Choice(role)) => out.push(Act::Save(FieldChanges::from([(key, Some(role.into()))]))),
        Some(Picked::Clear) => out.push(Act::Save(FieldChanges::from([(key, Some(Value::from("")))]))),
        Some(Picked::Create(_)) | None => {}
    }
}

fn remove_ui(ui: &Ui, rect: Rect, (contact, name, denied): (RecordId, &str, Option<&str>)) -> bool {
    let t = tokens(ui);
    let spot = Rect::from_center_size(rect.center(), vec2(28.0, 28.0));
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let response = ui.interact(spot, Id::unique(("remove contact", contact)), sense);
    let words = format!("Remove {name} from this lead");
    crate::widgets::button::describe(&response, &words, denied, None);
    if response.hovered() {
        ui.painter().rect_filled(spot, 6, t.surface_2);
    }
    paint_icon(ui, spot.center(), icons::CLOSE, 14.0, t.text_3);
    focus_ring(ui, &response, spot, 6);
    let clicked = response.clicked();
    tip(response, denied.unwrap_or(&words));
    clicked
}

fn name_ui(ui: &Ui, rect: Rect, row: &Row, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let name = row.record.display_name();
    let response = ui.interact(rect, Id::unique(("contact", row.record.id)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &name));
    focus_ring(ui, &response, rect.shrink(3.0), 6);
    crate::widgets::avatar::paint_avatar(ui, pos2(rect.left() + 14.0, rect.center().y), &name, 24.0);
    let ink = if response.hovered() { t.accent } else { t.text };
    let left = rect.left() + 36.0;
    let room = rect.right() - left - 8.0;
    let below = match row.record.text("title") {
        "" => row.record.text("email"),
        title => title,
    };
    if below.is_empty() {
        paint(ui, (pos2(left, rect.center().y), Align2::LEFT_CENTER), &name, (Type::Body, ink), room);
    } else {
        let y = rect.center().y;
        paint(ui, (pos2(left, y - 9.0), Align2::LEFT_CENTER), &name, (Type::Body, ink), room);
        paint(ui, (pos2(left, y + 9.0), Align2::LEFT_CENTER), below, (Type::Caption, t.text_2), room);
    }
    if response.clicked() {
        out.push(Act::Go(Screen::Detail(row.record.reference())));
    }
}

/// Others of the account, one click away.
fn propose_ui<'a>(
    ui: &mut Ui,
    (detail, denied): (&Detail, Option<&str>),
    others: impl Iterator<Item = &'a Row>,
    out: &mut Vec<Act>,
) {
    let others: Vec<&Row> = others.take(PROPOSED).collect();
    if others.is_empty() {
        return;
    }
    ui.add_space(space::M);
    let account = detail.row.names.get("account_id").map_or("the account", String::as_str);
    cut(ui, &format!("Others at {account}"), Type::CaptionStrong, tokens(ui).text_3);
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        for row in others {
            let name: String = row.record.display_name().chars().take(24).collect();
            let spoken = format!("Add {}", row.record.display_name());
            let button = Button::new(&name).icon(icons::PLUS).look(Look::Chip).name(&spoken).disabled(denied);
            if button.show(ui).clicked() {
                out.push(Act::Save(adding(&detail.row.record, row.record.id)));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    #[test]
    fn the_primary_contact_before_stays_among_the_others() {
        let (ada, grace) = (build::contact("Ada"), build::contact("Grace"));
        let lead = build::lead("Website").with_contact(&ada).record();

        let fields = starring(&lead, grace.id);

        assert_eq!(fields.get("primary_contact_id"), Some(&Some(grace.id.into())));
        assert_eq!(fields.get(&role_key(ada.id)), Some(&Some(Value::from(""))));
        assert_eq!(removing(&lead, ada.id), FieldChanges::from([("primary_contact_id".to_owned(), None)]));
        assert_eq!(adding(&lead, grace.id).len(), 1);
    }
}
