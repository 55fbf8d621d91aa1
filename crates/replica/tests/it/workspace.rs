//! What a workspace adds of its own: fields, words, a name; and how the device stands.

use std::collections::BTreeMap;

use model::action::{Action, Rewording, WordList};
use model::app::{Request, TeamAnswer, TeamRequest, Update, Verified};
use model::query::{Answer, Diagnostics, Likeness, Query};
use model::settings::SETTINGS_ID;
use model::{Fields, IdSource, Kind, OwnField, OwnType, RecordRef, Value};
use replica::{HeadlessError, Verb};

use crate::desk::Desk;

fn define(desk: &mut Desk, kind: Kind, name: &str, of: OwnType) -> OwnField {
    let field = OwnField::new(kind, name, of, desk.replica.settings());
    let fields = field.fields().into_iter().map(|(key, value)| (key, Some(value))).collect();
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    desk.act(Action::SetFields { record, base_heads: Vec::new(), fields }).unwrap();
    field
}

fn answer(desk: &mut Desk, query: &Query) -> Answer {
    let now = desk.env.now();
    desk.replica.answer(query, now).unwrap()
}

fn diagnostics(desk: &mut Desk) -> Diagnostics {
    match answer(desk, &Query::Diagnostics) {
        Answer::Diagnostics(of) => *of,
        other => panic!("{other:?}"),
    }
}

fn set(desk: &mut Desk, record: RecordRef, key: &str, text: &str) -> Result<serde_json::Value, HeadlessError> {
    let fields = BTreeMap::from([(key.to_owned(), text.to_owned())]);
    let Desk { replica, env, .. } = desk;
    replica.run(env, &Verb::Set { kind: record.kind, id: record.id, fields })
}

fn list(desk: &mut Desk, key: &str, text: &str) -> usize {
    let filter = BTreeMap::from([(key.to_owned(), text.to_owned())]);
    let Desk { replica, env, .. } = desk;
    let found = replica.run(env, &Verb::List { kind: Kind::Lead, filter, q: String::new() }).unwrap();
    found.as_array().unwrap().len()
}

#[test]
fn scripts_set_and_find_own_fields_by_what_they_hold() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let until = define(&mut desk, Kind::Lead, "Contract until", OwnType::Date);

    let shown = set(&mut desk, lead, until.value_key(), "31/12/2026").unwrap();

    assert_eq!(shown["custom"]["Contract until"], "2026-12-31");
    assert_eq!(list(&mut desk, until.value_key(), "2026-12-31"), 1);
    assert_eq!(list(&mut desk, until.value_key(), "2027-01-01"), 0);
    assert!(matches!(set(&mut desk, lead, until.value_key(), "some day"), Err(HeadlessError::Usage(_))));
    assert!(matches!(set(&mut desk, lead, "custom/Contract untill", "x"), Err(HeadlessError::Usage(_))));
    set(&mut desk, lead, until.value_key(), "").unwrap();
    assert_eq!(desk.record(lead).unwrap().get(until.value_key()), None);
}

#[test]
fn a_tag_is_renamed_everywhere_and_one_undo_brings_it_back() {
    let mut desk = Desk::alone();
    let (one, _) = desk.create_lead("One");
    let (two, _) = desk.create_lead("Two");
    desk.set(one, "tags/vip", true.into());
    desk.set(two, "tags/VIP", true.into());

    let rewording = Rewording { list: WordList::Tag, from: "vip".into(), to: Some("Key account".into()) };
    let done = desk.act(Action::Reword(rewording)).unwrap();

    let tags = |desk: &Desk, lead| {
        let record = desk.record(lead).unwrap();
        record.members("tags").map(|(tag, _)| tag.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((tags(&desk, one), tags(&desk, two)), (vec!["Key account".into()], vec!["Key account".into()]));
    let Answer::Tags(found) = answer(&mut desk, &Query::Tags) else { panic!("not tags") };
    assert_eq!(found.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Key account"]);

    desk.act(Action::Undo(done.command.unwrap())).unwrap();
    assert_eq!((tags(&desk, one), tags(&desk, two)), (vec!["vip".to_owned()], vec!["VIP".to_owned()]));
}

#[test]
fn whoever_works_alone_changes_their_name_at_once() {
    let mut desk = Desk::alone();
    let rename = |desk: &mut Desk, name: &str| {
        desk.updates.clear();
        desk.ask(Request::Team(3, TeamRequest::Rename { name: name.into() }));
        let told = desk.updates.iter().find_map(|update| match update {
            Update::Team(3, answer) => Some(answer.clone()),
            _ => None,
        });
        told.unwrap()
    };

    assert_eq!(rename(&mut desk, " Ada Lovelace "), Ok(TeamAnswer::Done));
    assert!(rename(&mut desk, "  ").is_err());

    assert_eq!(desk.replica.session_view().unwrap().me.unwrap().name, "Ada Lovelace");
    let Answer::Workspace(workspace) = answer(&mut desk, &Query::Workspace) else { panic!("not a workspace") };
    assert_eq!(workspace.users[0].text("name"), "Ada Lovelace");
    let mut again = replica::Replica::open(desk.replica.into_store(), &mut desk.env).unwrap();
    assert_eq!(again.session_view().unwrap().me.unwrap().name, "Ada Lovelace");
    assert!(again.verify().unwrap().problems.is_empty());
    again.rebuild().unwrap();
}

#[test]
fn in_a_team_the_relay_changes_the_name() {
    let mut desk = Desk::alone();
    desk.join();
    desk.outputs.clear();

    desk.ask(Request::Team(3, TeamRequest::Rename { name: "Ada L.".into() }));

    let asked = desk.outputs.iter().any(|output| match output {
        replica::Output::Http { url, method: replica::Method::Patch, body, .. } => {
            url.ends_with("/api/v1/me") && body == br#"{"name":"Ada L."}"#
        }
        _ => false,
    });
    assert!(asked, "{:?}", desk.outputs);
}

#[test]
fn the_device_says_how_it_stands() {
    let mut desk = Desk::alone();
    let before = diagnostics(&mut desk).documents;
    desk.create_lead("Website");

    let alone = diagnostics(&mut desk);
    assert_eq!((alone.documents, alone.waiting, alone.digest.as_str()), (before + 1, 0, ""));
    assert!(alone.database_bytes > 0 && alone.sqlite.starts_with("3."));

    desk.join();
    let (_, done) = desk.create_lead("Shop");
    let joined = diagnostics(&mut desk);
    assert!(done.command.is_some());
    assert!(joined.waiting > 0 && joined.oldest_waiting.is_some(), "{joined:?}");
    assert!(joined.heard_at.is_some(), "{joined:?}");
}

#[test]
fn a_check_is_asked_for_and_answered() {
    let mut desk = Desk::alone();
    desk.create_lead("Website");

    desk.ask(Request::Verify(5));

    let found = desk.updates.iter().find_map(|update| match update {
        Update::Verified(5, found) => found.clone().ok(),
        _ => None,
    });
    let Some(Verified { documents, problems, digest }) = found else { panic!("it is answered") };
    assert_eq!((documents, problems.as_slice(), digest.len()), (2, &[][..], 64));
}

#[test]
fn what_is_typed_is_recognised_by_name_address_or_domain() {
    let mut desk = Desk::alone();
    let create = |desk: &mut Desk, kind, fields: &[(&str, &str)]| {
        let record = RecordRef::new(kind, desk.env.fresh_record_id());
        let fields: Fields = fields.iter().map(|(key, text)| ((*key).to_owned(), Value::from(*text))).collect();
        desk.act(Action::Create { record, fields }).unwrap();
        record
    };
    let acme = create(&mut desk, Kind::Account, &[("name", "Acme GmbH"), ("website", "https://acme.de")]);
    let ann =
        create(&mut desk, Kind::Contact, &[("first_name", "Ann"), ("last_name", "Lee"), ("email", "ann@acme.de")]);
    let gone = create(&mut desk, Kind::Contact, &[("last_name", "Lee"), ("email", "lee@acme.de")]);
    desk.act(Action::Delete(vec![gone])).unwrap();
    let found = |desk: &mut Desk, kind, fields: &[(&str, &str)]| {
        let fields: Fields = fields.iter().map(|(key, text)| ((*key).to_owned(), Value::from(*text))).collect();
        match answer(desk, &Query::Lookalikes { kind, fields }) {
            Answer::Lookalikes(found) => found.into_iter().map(|of| (of.row.record.id, of.why)).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(found(&mut desk, Kind::Account, &[("name", "acme")]), [(acme.id, Likeness::Name)]);
    let site = [("name", "Wile"), ("website", "https://shop.acme.de")];
    assert_eq!(found(&mut desk, Kind::Account, &site), [(acme.id, Likeness::Domain)]);
    assert_eq!(found(&mut desk, Kind::Contact, &[("email", "ANN@acme.de")]), [(ann.id, Likeness::Email)]);
    assert_eq!(found(&mut desk, Kind::Contact, &[("email", "lee@acme.de")]), [], "what is in the trash is not there");
    assert_eq!(found(&mut desk, Kind::Account, &[("name", "Ac")]), []);
}
