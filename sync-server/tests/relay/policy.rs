//! Who may write what, judged at the moment of receipt.

use ledger::Document;
use model::settings::SETTINGS_ID;
use model::{FieldChanges, Kind, RecordRef, Role, UserId, build};
use sync::wire::{Retry, nack};
use sync_server::domain::Write;
use sync_server::store::Authorship;

use crate::support::{ADA, BEN, CAT, Person, World, command, command_id, created, edited};

fn settings_edit(who: Person, only_owners: bool) -> (Document, ledger::NewChange) {
    let (mut settings, _) = Document::settings_genesis();
    let change = edited(who, &mut settings, "only_owners_edit", only_owners);
    (settings, change)
}

#[test]
fn viewers_write_nothing() {
    let mut world = World::new();
    world.env.roles.insert(CAT.user, Role::Viewer);
    let conn = world.connect_live(CAT);
    let (lead, first) = created(CAT, &build::lead("Website"));

    let refused = world.push_refused(conn, command(command_id(1, 1), [(&lead, &first)]));

    assert_eq!((refused.code.as_str(), refused.retry), (nack::NOT_ALLOWED, Retry::Never));
    assert_eq!(world.relay.head().seq, 1);
}

#[test]
fn only_administrators_change_the_settings() {
    let mut world = World::new();
    world.env.roles.insert(ADA.user, Role::Admin);
    let (ada, ben) = (world.connect_live(ADA), world.connect_live(BEN));
    let (settings, by_ben) = settings_edit(BEN, true);
    let (_, by_ada) = settings_edit(ADA, true);

    let refused = world.push_refused(ben, command(command_id(1, 1), [(&settings, &by_ben)]));
    world.push_ok(ada, command(command_id(1, 2), [(&settings, &by_ada)]));

    assert_eq!(refused.code, nack::NOT_ALLOWED);
}

#[test]
fn nobody_but_the_relay_writes_users_and_devices() {
    let mut world = World::new();
    world.env.roles.insert(ADA.user, Role::Admin);
    let conn = world.connect_live(ADA);
    let user = RecordRef::new(Kind::User, ADA.user.record());
    let fields = [("name".into(), "Ada".into()), ("role".into(), "admin".into())].into();
    let author = crate::support::author(ADA, user);
    let (document, change) = Document::create(user, &fields, &author).expect("the ledger minds no roles");

    let refused = world.push_refused(conn, command(command_id(1, 1), [(&document, &change)]));

    assert_eq!(refused.code, nack::NOT_ALLOWED);
}

#[test]
fn where_only_owners_edit_the_owner_of_this_moment_counts() {
    let mut world = World::new();
    world.env.roles.insert(CAT.user, Role::Admin);
    let mut lead = world.create(ADA, &build::lead("Website").owned_by(ADA.user));
    let admin = world.connect_live(CAT);
    let (settings, option) = settings_edit(CAT, true);
    world.push_ok(admin, command(command_id(9, 9), [(&settings, &option)]));
    let ben = world.connect_live(BEN);
    let by_ben = edited(BEN, &mut lead.clone(), "title", "Ben's");

    let refused = world.push_refused(ben, command(command_id(1, 1), [(&lead, &by_ben)]));
    let handed_over = edited(ADA, &mut lead, "owner_id", BEN.user.record());
    let ada = world.connect_live(ADA);
    world.push_ok(ada, command(command_id(1, 2), [(&lead, &handed_over)]));
    let taken = world.push_ok(ben, command(command_id(1, 3), [(&lead, &by_ben)]));

    assert_eq!(refused.code, nack::NOT_ALLOWED);
    assert_eq!(taken.first_seq, 5);
}

#[test]
fn the_relay_writes_the_directory_and_everybody_live_hears_of_it() {
    let mut world = World::new();
    let conn = world.connect_live(BEN);
    let user = UserId::from_bytes([5; 16]);
    let by = Authorship { user: ADA.user, device: ADA.device };
    let set = |key: &str, value: &str| (key.to_owned(), Some(value.into()));
    let fields = FieldChanges::from([set("name", "Eve"), set("email", "eve@example.com"), set("role", "user")]);

    let outputs = world.relay.write_as(&mut world.env, by, vec![Write::user(user, fields)]).expect("valid");
    world.sort(outputs);
    let renamed = Write::user(user, FieldChanges::from([set("name", "Eva")]));
    let outputs = world.relay.write_as(&mut world.env, by, vec![renamed.clone()]).expect("valid");
    world.sort(outputs);
    let unchanged = world.relay.write_as(&mut world.env, by, vec![renamed]).expect("valid");

    let entries = crate::support::entries_in(&world.hear(conn));
    assert_eq!(entries.len(), 2);
    assert!(unchanged.is_empty());
    let changes = entries.iter().map(|entry| entry.change.as_slice());
    let document = Document::from_changes(RecordRef::new(Kind::User, user.record()), changes).expect("sound");
    assert_eq!(document.read().0.text("name"), "Eva");
    assert!(entries.iter().all(|entry| entry.proof.user == ADA.user && entry.proof.device != ADA.device));
}

#[test]
fn a_directory_write_that_does_not_fit_leaves_no_trace() {
    let mut world = World::new();
    let by = Authorship { user: ADA.user, device: ADA.device };
    let head = world.relay.head();
    let good = Write::user(BEN.user, FieldChanges::from([("name".to_owned(), Some("Ben".into()))]));
    let bad = Write::user(CAT.user, FieldChanges::from([("role".to_owned(), Some("emperor".into()))]));

    let refused = world.relay.write_as(&mut world.env, by, vec![good.clone(), bad]);
    let taken = world.relay.write_as(&mut world.env, by, vec![good]);

    assert!(refused.is_err());
    assert!(taken.is_ok());
    assert_eq!(world.relay.head().seq, head.seq + 1);
    assert!(world.relay.verify().expect("the store works").is_sound());
}

#[test]
fn a_restored_relay_writes_under_another_actor() {
    let mut world = World::new();
    let by = Authorship { user: ADA.user, device: ADA.device };
    let write = |name: &str| {
        let fields = FieldChanges::from([("name".to_owned(), Some(name.into()))]);
        vec![Write::user(BEN.user, fields)]
    };
    world.relay.write_as(&mut world.env, by, write("Ben")).expect("valid");

    world.relay.begin_epoch(&mut world.env).expect("the store works");
    world.relay.write_as(&mut world.env, by, write("Benjamin")).expect("valid");

    let log = world.log();
    let [.., before, after] = log.as_slice() else { panic!("two entries") };
    assert_ne!(before.actor, after.actor);
    assert!(log.iter().all(|entry| entry.record.id != SETTINGS_ID || entry.seq == 1));
}
