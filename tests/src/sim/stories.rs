//! Stories about rights, told with real replicas and the real relay, without faults.

use model::action::Action;
use model::app::{Request, Trouble};
use model::query::{Answer, Condition, ListQuery, Op, Query, RefusedCommand, Suggestion, WhoMay};
use model::settings::SETTINGS_ID;
use model::{FieldChanges, Fields, IdSource, Kind, RecordId, RecordRef, Role, Value};

use super::member::Member;
use super::verdict;
use super::world::World;

const BOSS: usize = 0;
const ADA: usize = 1;
const BEN: usize = 2;

/// An administrator, Ada and Ben.
fn team(folder: &tempfile::TempDir) -> World {
    World::of(&[Role::Admin, Role::User, Role::User], folder.path())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

fn set(record: RecordRef, key: &str, value: impl Into<Value>) -> Action {
    let fields = FieldChanges::from([(key.to_owned(), Some(value.into()))]);
    Action::SetFields { record, base_heads: Vec::new(), fields }
}

fn only_owners_edit() -> Action {
    set(RecordRef::new(Kind::Settings, SETTINGS_ID), "only_owners_edit", true)
}

fn create_lead(member: &mut Member, title: &str) -> RecordRef {
    let record = RecordRef::new(Kind::Lead, member.env.fresh_record_id());
    let fields = Fields::from([("title".to_owned(), title.into())]);
    member.act(Action::Create { record, fields }).expect("users create leads");
    record
}

fn title(member: &Member, record: RecordRef) -> String {
    let found = member.replica.record(record).expect("the store can be read");
    found.map(|found| found.text("title").to_owned()).unwrap_or_default()
}

fn tray(member: &mut Member) -> Vec<RefusedCommand> {
    let now = member.env.now();
    match member.replica.answer(&Query::Refused, now).expect("the store can be read") {
        Answer::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

fn suggestions(member: &mut Member) -> Vec<Suggestion> {
    let now = member.env.now();
    match member.replica.answer(&Query::Suggestions, now).expect("the store can be read") {
        Answer::Suggestions(found) => found,
        other => panic!("{other:?}"),
    }
}

/// Ada owns a lead; Ben, offline, renames it while an administrator lets only owners edit; Ben is back.
fn refused_rename(world: &mut World) -> RecordRef {
    let lead = create_lead(&mut world.members[ADA], "Website");
    world.rest().expect("rest");
    world.cut_off(BEN);
    world.members[BEN].act(set(lead, "title", "Web shop")).expect("Ben does not know better");
    world.members[BOSS].act(only_owners_edit()).expect("administrators change settings");
    world.work();
    world.rest().expect("rest");
    lead
}

#[test]
fn a_refused_change_becomes_a_suggestion_that_the_owner_accepts() {
    let folder = folder();
    let mut world = team(&folder);
    let lead = refused_rename(&mut world);

    let refused = tray(&mut world.members[BEN]);
    assert_eq!(title(&world.members[BEN], lead), "Website");
    let [refused] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(refused.who, WhoMay::Owners(vec!["User 1".into()]));
    assert!(refused.can_suggest);
    let [change] = refused.changes.as_slice() else { panic!("{refused:?}") };
    assert_eq!((change.before.clone(), change.after.clone()), (Some("Website".into()), Some("Web shop".into())));
    assert_eq!((change.seen.clone(), change.owner_name.as_str()), (Some("Website".into()), "User 1"));

    let note = "They sell shoes".to_owned();
    world.members[BEN].settle(refused.command, Request::SuggestRefused { command: refused.command, note });
    world.rest().expect("rest");
    let waiting = suggestions(&mut world.members[ADA]);
    let [suggestion] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((suggestion.author.name.as_str(), suggestion.note.as_str()), ("User 2", "They sell shoes"));
    assert_eq!((suggestion.is_mine, &suggestion.cannot_accept), (false, &None));
    assert_eq!(suggestion.changes[0].proposed, Some("Web shop".into()));
    assert!(tray(&mut world.members[BEN]).is_empty());
    let sent = suggestions(&mut world.members[BEN]);
    assert!(sent[0].is_mine && sent[0].cannot_accept.is_some());

    let done = world.members[ADA].act(Action::AcceptSuggestion(suggestion.id)).expect("Ada owns it");
    world.rest().expect("rest");
    for member in [BOSS, ADA, BEN] {
        assert_eq!(title(&world.members[member], lead), "Web shop");
    }
    assert!(suggestions(&mut world.members[ADA]).is_empty());
    assert_eq!(suggestions(&mut world.members[BEN])[0].status, "accepted");

    world.members[ADA].act(Action::Undo(done.command.expect("something changed"))).expect("one undo step");
    world.rest().expect("rest");
    assert_eq!(title(&world.members[BEN], lead), "Website");
    assert_eq!(suggestions(&mut world.members[ADA]).len(), 1);
    assert_eq!(verdict::check(&mut world), Ok(()));
}

#[test]
fn a_suggestion_is_declined_by_the_owner_and_by_nobody_else() {
    let folder = folder();
    let mut world = team(&folder);
    let lead = refused_rename(&mut world);
    let command = tray(&mut world.members[BEN])[0].command;
    world.members[BEN].settle(command, Request::SuggestRefused { command, note: String::new() });
    world.rest().expect("rest");
    let id = suggestions(&mut world.members[BEN])[0].id;

    let by_author = world.members[BEN].act(Action::AcceptSuggestion(id));
    world.members[ADA].act(Action::DeclineSuggestion(id)).expect("Ada owns the lead");
    world.rest().expect("rest");
    let too_late = world.members[BOSS].act(Action::AcceptSuggestion(id));

    assert!(matches!(by_author, Err(Trouble::NotAllowed(_))), "{by_author:?}");
    assert!(matches!(too_late, Err(Trouble::NotAllowed(_))), "{too_late:?}");
    assert_eq!(title(&world.members[ADA], lead), "Website");
    assert_eq!(suggestions(&mut world.members[BEN])[0].status, "declined");
}

#[test]
fn what_is_refused_can_be_tried_again_once_it_is_allowed_and_not_before() {
    let folder = folder();
    let mut world = team(&folder);
    let lead = refused_rename(&mut world);
    let command = tray(&mut world.members[BEN])[0].command;

    world.members[BEN].settle(command, Request::SettleRefused { command, retry: true });
    let still_there = tray(&mut world.members[BEN]).len();
    let ben = world.members[BEN].user;
    world.members[ADA].act(set(lead, "owner_id", ben)).expect("Ada hands it over");
    world.rest().expect("rest");
    let who = tray(&mut world.members[BEN])[0].who.clone();
    world.members[BEN].settle(command, Request::SettleRefused { command, retry: true });
    world.rest().expect("rest");

    assert_eq!((still_there, who), (1, WhoMay::You));
    assert_eq!(title(&world.members[ADA], lead), "Web shop");
    assert!(tray(&mut world.members[BEN]).is_empty());
}

#[test]
fn what_cannot_be_suggested_stays_in_the_tray_and_says_why() {
    let folder = folder();
    let mut world = team(&folder);
    world.cut_off(BEN);
    let created = create_lead(&mut world.members[BEN], "Mine");
    world.give_role(BEN, Role::Viewer);
    world.work();
    world.rest().expect("rest");
    let command = tray(&mut world.members[BEN])[0].command;

    world.members[BEN].settle(command, Request::SuggestRefused { command, note: String::new() });

    let refused = tray(&mut world.members[BEN]);
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].who.clone(), refused[0].can_suggest), (WhoMay::Administrators, false));
    assert_eq!(title(&world.members[BEN], created), "");
    assert!(suggestions(&mut world.members[BOSS]).is_empty());
}

#[test]
fn somebody_demoted_while_offline_loses_nothing_and_nobody_sees_it() {
    let folder = folder();
    let mut world = team(&folder);
    let lead = create_lead(&mut world.members[ADA], "Website");
    world.rest().expect("rest");
    world.cut_off(BEN);
    world.members[BEN].act(set(lead, "source", "Fair")).expect("Ben is a user as far as he knows");
    world.give_role(BEN, Role::Viewer);
    world.work();

    world.rest().expect("rest");
    let by_viewer = world.members[BEN].act(set(lead, "source", "Fair"));

    let refused = tray(&mut world.members[BEN]);
    assert_eq!(refused[0].changes[0].after, Some("Fair".into()));
    assert!(matches!(by_viewer, Err(Trouble::NotAllowed(_))), "{by_viewer:?}");
    assert_eq!(verdict::check(&mut world), Ok(()));
}

#[test]
fn logging_on_another_persons_lead_is_allowed_where_only_owners_edit() {
    let folder = folder();
    let mut world = team(&folder);
    let lead = create_lead(&mut world.members[ADA], "Website");
    world.members[BOSS].act(only_owners_edit()).expect("administrators change settings");
    world.rest().expect("rest");
    let member = &mut world.members[BEN];
    let fields = Fields::from([
        ("type".to_owned(), "call".into()),
        ("lead_id".to_owned(), lead.id.into()),
        ("subject".to_owned(), "Rang".into()),
    ]);
    let id = member.env.fresh_record_id();

    member.act(Action::LogActivity { id, fields, follow_up: None }).expect("logging is allowed");
    let edited = member.act(set(lead, "title", "Mine now"));
    let taken = member.act(set(lead, "owner_id", member.user));
    let deleted = member.act(Action::Delete(vec![lead]));
    world.rest().expect("rest");

    for denied in [edited, taken, deleted] {
        assert!(matches!(&denied, Err(Trouble::NotAllowed(why)) if why.contains("owner")), "{denied:?}");
    }
    let logged = RecordRef::new(Kind::Activity, id);
    assert!(world.members[ADA].replica.record(logged).expect("the store can be read").is_some());
    assert_eq!(verdict::check(&mut world), Ok(()));
}

/// The contacts of an account, by its page and by a list of that account's, with what the list calls it.
fn contacts_of(member: &mut Member, account: RecordRef) -> (Vec<RecordId>, Vec<(RecordId, String)>) {
    let now = member.env.now();
    let Answer::Detail(Some(page)) = member.replica.answer(&Query::Detail(account), now).expect("it is here") else {
        panic!("no page")
    };
    let related = page.related.get(&Kind::Contact).map_or(&[][..], Vec::as_slice);
    let at_account = Condition { field: "account_id".into(), op: Op::Is, values: vec![account.id.into()] };
    let list = Query::List(ListQuery { filter: vec![at_account], ..ListQuery::of(Kind::Contact) });
    let Answer::List(list) = member.replica.answer(&list, now).expect("the store can be read") else {
        panic!("not a list")
    };
    let listed = list.rows.iter().map(|row| (row.record.id, row.names.get("account_id").cloned().unwrap_or_default()));
    (related.iter().map(|row| row.record.id).collect(), listed.collect())
}

#[test]
fn what_is_linked_to_a_record_that_was_merged_elsewhere_shows_at_the_one_that_stayed() {
    let folder = folder();
    let mut world = team(&folder);
    let create = |member: &mut Member, kind, fields: &[(&str, Value)]| {
        let record = RecordRef::new(kind, member.env.fresh_record_id());
        let fields: Fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        member.act(Action::Create { record, fields }).expect("users create records");
        record
    };
    let one = create(&mut world.members[ADA], Kind::Account, &[("name", "Acme".into())]);
    let two = create(&mut world.members[ADA], Kind::Account, &[("name", "Acme Inc".into())]);
    // The oldest stays.
    let (stays, goes) = (one.min(two), one.max(two));
    world.rest().expect("rest");

    world.cut_off(BEN);
    let link = [("last_name", "Lee".into()), ("account_id", goes.id.into())];
    let contact = create(&mut world.members[BEN], Kind::Contact, &link);
    let merge = Action::Merge { records: vec![one, two], fields: FieldChanges::new() };
    let merged = world.members[BOSS].act(merge).expect("administrators merge");
    world.work();
    world.rest().expect("rest");

    let name = title_of(&world.members[BOSS], stays);
    for member in [BOSS, ADA, BEN] {
        let found = contacts_of(&mut world.members[member], stays);
        assert_eq!(found, (vec![contact.id], vec![(contact.id, name.clone())]), "member {member}");
    }

    let undo = Action::Undo(merged.command.expect("something changed"));
    world.members[BOSS].act(undo).expect("one undo step");
    world.rest().expect("rest");
    for member in [BOSS, ADA, BEN] {
        assert_eq!(contacts_of(&mut world.members[member], stays).0, [], "member {member}");
        assert_eq!(contacts_of(&mut world.members[member], goes).0, [contact.id], "member {member}");
    }
    assert_eq!(verdict::check(&mut world), Ok(()));
}

fn title_of(member: &Member, record: RecordRef) -> String {
    let found = member.replica.record(record).expect("the store can be read");
    found.map(|found| found.display_name()).unwrap_or_default()
}
