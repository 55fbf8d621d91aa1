//! Tags, sources and reasons under another name: everywhere or nowhere.

use std::collections::BTreeMap;

use model::action::{Edit, Rewording, WordList};
use model::app::Trouble;
use model::plan::{Circumstances, Planned, plan};
use model::policy::Actor;
use model::settings::{SETTINGS_ID, default_fields, word_rank};
use model::{Action, FieldChanges, Kind, Record, RecordId, Role, Settings, UserId, Value, build};

const OTHER: UserId = UserId::from_bytes([9; 16]);

fn settings(more: &[(&str, Value)]) -> Record {
    let mut fields = default_fields();
    fields.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    Record { kind: Kind::Settings, id: SETTINGS_ID, fields }
}

fn reword(
    (list, from, to): (WordList, &str, Option<&str>),
    (role, settings): (Role, &Record),
    hanging: &[Record],
) -> Result<Planned, Trouble> {
    let records = BTreeMap::from([(settings.id, settings.clone())]);
    let met = Circumstances {
        now: build::now(),
        actor: Actor { user: build::ME, role, only_owners_edit: true },
        settings: &Settings::read(settings),
        records: &records,
        open_tasks: &[],
        hanging,
        above: None,
        below: None,
    };
    let (from, to) = (from.to_owned(), to.map(str::to_owned));
    plan(Action::Reword(Rewording { list, from, to }), &met)
}

fn changes(planned: &Planned, record: RecordId) -> FieldChanges {
    let of = |edit: &Edit| match edit {
        Edit::Set { record: of, fields, .. } if of.id == record => Some(fields.clone()),
        _ => None,
    };
    planned.edits.iter().find_map(of).unwrap_or_default()
}

fn on(keys: &[(&str, bool)]) -> FieldChanges {
    keys.iter().map(|(key, set)| ((*key).to_owned(), set.then(|| true.into()))).collect()
}

#[test]
fn a_tag_is_renamed_in_every_spelling_and_joins_one_that_is_there() {
    let one = build::lead("one").with("tags/VIP", true).record();
    let two = build::lead("two").with("tags/vip", true).with("tags/Key", true).record();
    let settings = settings(&[("tag_color/vip", 3.into())]);

    let planned = reword((WordList::Tag, "vip", Some("Key")), (Role::Admin, &settings), &[one.clone(), two.clone()]);
    let planned = planned.unwrap();

    assert_eq!(changes(&planned, one.id), on(&[("tags/VIP", false), ("tags/Key", true)]));
    assert_eq!(changes(&planned, two.id), on(&[("tags/vip", false)]));
    let colors = [("tag_color/key".to_owned(), Some(3.into())), ("tag_color/vip".to_owned(), None)];
    assert_eq!(changes(&planned, SETTINGS_ID), FieldChanges::from(colors), "the colour goes with the name");
}

#[test]
fn another_way_of_writing_a_tag_is_a_new_name_too() {
    let lead = build::lead("one").with("tags/vip", true).record();
    let planned =
        reword((WordList::Tag, "vip", Some("VIP")), (Role::User, &settings(&[])), std::slice::from_ref(&lead)).unwrap();

    assert_eq!(changes(&planned, lead.id), on(&[("tags/vip", false), ("tags/VIP", true)]));
}

#[test]
fn a_tag_is_taken_away_from_all() {
    let lead = build::lead("one").with("tags/vip", true).with("tags/new", true).record();
    let planned =
        reword((WordList::Tag, "VIP", None), (Role::User, &settings(&[])), std::slice::from_ref(&lead)).unwrap();

    assert_eq!(changes(&planned, lead.id), on(&[("tags/vip", false)]));
}

#[test]
fn where_only_owners_edit_a_tag_of_others_stays_and_it_is_said_how_many() {
    let mine = build::lead("mine").with("tags/vip", true).record();
    let others = build::lead("others").owned_by(OTHER).with("tags/vip", true).record();

    let refused = reword((WordList::Tag, "vip", None), (Role::User, &settings(&[])), &[mine, others]);

    let Err(Trouble::NotAllowed(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("others own 1 of the records"), "{reason}");
}

#[test]
fn a_source_is_renamed_in_the_proposals_and_in_every_lead() {
    let lead = build::lead("one").with("source", "referral").record();
    let rank = word_rank("source", "Referral");
    let settings = settings(&[(&rank, "5".into())]);

    let planned = reword(
        (WordList::Source, "Referral", Some("Word of mouth")),
        (Role::Admin, &settings),
        std::slice::from_ref(&lead),
    );
    let planned = planned.unwrap();

    let expected = [("source".to_owned(), Some("Word of mouth".into()))];
    assert_eq!(changes(&planned, lead.id), FieldChanges::from(expected));
    let listed = changes(&planned, SETTINGS_ID);
    assert_eq!(listed["source/Referral"], None);
    assert_eq!(listed["source/Word of mouth"], Some(true.into()));
    assert_eq!(listed[&word_rank("source", "Word of mouth")], Some("5".into()), "it keeps its place");
}

#[test]
fn only_an_administrator_renames_what_forms_propose() {
    let refused = reword((WordList::Source, "Event", Some("Fair")), (Role::User, &settings(&[])), &[]);

    assert!(matches!(refused, Err(Trouble::NotAllowed(_))), "{refused:?}");
}
