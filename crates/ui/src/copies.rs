//! Records made from others: a contact beside a lead, a lead like another.

use model::action::Label;
use model::plan::merge::is_own;
use model::schema::FieldType;
use model::{Action, Edit, Fields, IdSource, Kind, Record, RecordRef, StageKind, Value};

use crate::app::App;
use crate::routes::{Route, Screen};
use crate::screens::lead_contacts::adding;
use crate::update::Purpose;

impl App {
    /// Creates a contact at the open lead's account and makes it one of the lead's: one step.
    pub(crate) fn add_new_contact(&mut self, name: &str) {
        let Some(me) = self.session.as_ref().and_then(|session| session.me.as_ref()).map(|me| me.id) else { return };
        let Some(lead) = self.open_record().and_then(|record| self.known_row(record)).map(|row| row.record.clone())
        else {
            return;
        };
        let contact = RecordRef::new(Kind::Contact, self.ids.fresh_record_id());
        let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
        let mut fields = Fields::from([
            ("first_name".to_owned(), Value::from(first)),
            ("owner_id".to_owned(), me.into()),
            ("created_at".to_owned(), self.ids.now.into()),
        ]);
        if !last.is_empty() {
            fields.insert("last_name".into(), last.into());
        }
        fields.extend(lead.link("account_id").map(|account| ("account_id".to_owned(), Value::Id(account))));
        let listed = adding(&lead, contact.id);
        let listed = Edit::Set { record: lead.reference(), base_heads: Vec::new(), fields: listed };
        let edits = vec![Edit::Create { record: contact, fields }, listed];
        self.perform(Action::Prepared { label: Label::Created(Kind::Contact), edits }, Purpose::Plain);
    }

    /// Creates a record like this one, and opens it.
    pub(crate) fn duplicate(&mut self, record: RecordRef) {
        let Some(row) = self.known_row(record) else { return };
        let mut fields = copied(&row.record);
        if let Some(stage) = self.workspace.settings.first_stage(StageKind::Open).filter(|_| record.kind == Kind::Lead)
        {
            let place = model::plan::place(&stage.id, &model::rank::between(None, None));
            fields.insert("place".into(), place.into());
            fields.insert("probability".into(), i64::from(stage.probability).into());
        }
        let copy = RecordRef::new(record.kind, self.ids.fresh_record_id());
        self.perform(Action::Create { record: copy, fields }, Purpose::Plain);
        self.show(Route::to(Screen::Detail(copy)));
    }
}

/// What a copy takes over: what the record says, not what has become of it.
fn copied(record: &Record) -> Fields {
    let taken = |key: &str| {
        let name = key.split('/').next().unwrap_or(key);
        !is_own(name) && name != "quiet"
    };
    let mut fields: Fields = record.fields.clone();
    fields.retain(|key, _| taken(key));
    for key in ["title", "name"] {
        let field = record.kind.field(key).is_some_and(|field| field.of == FieldType::Line);
        if let (true, Some(Value::Text(text)), true) = (field, fields.get_mut(key), record.kind != Kind::Contact) {
            let room = model::schema::LINE_MAX_CHARS - 8;
            *text = format!("{} (copy)", text.chars().take(room).collect::<String>());
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    #[test]
    fn a_copy_says_the_same_and_begins_anew() {
        let (acme, ada) = (build::account("Acme"), build::contact("Ada"));
        let lead = build::lead("Website").at(&acme).with_contact(&ada).worth(100).in_stage("won");
        let lead = lead.with("lost_note", "x").with("tags/hot", true).with("quiet/row", build::now()).record();

        let copy = copied(&lead);

        let keys: Vec<&str> = copy.keys().map(String::as_str).collect();
        assert_eq!(keys, ["account_id", "primary_contact_id", "tags/hot", "title", "value_cents"]);
        assert_eq!(copy.get("title"), Some(&Value::from("Website (copy)")));
    }
}
