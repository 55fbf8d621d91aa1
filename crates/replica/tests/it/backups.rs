//! Backups: what an archive holds, that an empty device becomes the same, and what is refused.

use std::io::Cursor;

use model::action::Action;
use model::app::{FileSource, Request, Trouble, Update};
use model::build::SeededIds;
use model::query::{Answer, Query};
use model::{Fields, IdSource as _, Kind, RecordRef, Value};
use replica::archive::{Archive, Packer, Part, Prepared, history_name, records_name};
use replica::{FileOutcome, FileWork, Input, Output, Packed, Replica, Unpacked};
use store::Store;

use crate::desk::Desk;

const FILE: &[u8] = b"hello";
const SUM: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// What a shell does: `files` are on its disk.
fn pack(prepared: Prepared, files: &[&[u8]]) -> Vec<u8> {
    let mut packer = Packer::new(Cursor::new(Vec::new()), prepared.about);
    prepared.parts.iter().for_each(|part| packer.add_part(part).unwrap());
    for wanted in prepared.files {
        let found = files.iter().find(|bytes| replica::archive::checksum_of(bytes) == wanted.sha256);
        match found {
            Some(bytes) => packer.add_file(wanted, Some(&mut &**bytes)).unwrap(),
            None => packer.add_file(wanted, None).unwrap(),
        }
    }
    packer.finish().unwrap().0.into_inner()
}

fn unpack(bytes: Vec<u8>) -> Unpacked {
    let mut archive = Archive::open(Cursor::new(bytes)).unwrap();
    Unpacked { manifest: archive.manifest().clone(), parts: archive.parts().unwrap() }
}

/// A desk with a past: many kinds, moves, a conflict, a trash, own fields of every type, a file.
fn desk_with_a_past() -> Desk {
    let mut desk = Desk::alone();
    desk.act(Action::LoadSample { leads: 12 }).unwrap();
    desk.advance(60_000);
    let (lead, _) = desk.create_lead("Website; \"new\"\n");
    let opened = desk.replica.store().heads_of(lead.id).unwrap();
    desk.advance(60_000);
    desk.set(lead, "title", "Shop".into());
    desk.advance(60_000);
    let stale = [("title".to_owned(), Some(Value::from("Café ☕")))].into();
    desk.act(Action::SetFields { record: lead, base_heads: opened, fields: stale }).unwrap();
    for (name, value) in [
        ("Budget", Value::Int(7)),
        ("Since", Value::Date("2026-10-03".parse().unwrap())),
        ("Seen", Value::Time(desk.env.now())),
        ("Partner", Value::Id(lead.id)),
        ("Vip", Value::Bool(true)),
        ("2026-10-03", Value::from("2026-10-03")),
    ] {
        desk.set(lead, &format!("custom/{name}"), value);
    }
    desk.set(lead, "notes", "one\ntwo".into());
    desk.act(Action::MoveLeads { leads: vec![lead.id], stage: "won".into(), after: None }).unwrap();
    let (gone, _) = desk.create_lead("Gone");
    desk.act(Action::Delete(vec![gone])).unwrap();
    let settings = RecordRef::new(Kind::Settings, model::settings::SETTINGS_ID);
    desk.set(settings, "currency", "EUR".into());
    attach(&mut desk, lead);
    desk
}

fn attach(desk: &mut Desk, linked: RecordRef) {
    let source = FileSource::Bytes(FILE.to_vec());
    desk.ask(Request::AttachFile { id: 9, linked, name: "plan.txt".into(), mime_type: String::new(), source });
    let (job, _) = file_work(desk);
    let kept = FileOutcome::Kept { checksum: SUM.into(), size_bytes: 5 };
    desk.input(Input::FileDone { job, outcome: Ok(kept) });
}

fn file_work(desk: &mut Desk) -> (u64, FileWork) {
    let found = desk.outputs.drain(..).find_map(|output| match output {
        Output::File { job, work } => Some((job, work)),
        _ => None,
    });
    found.expect("the shell is asked for something")
}

fn records(replica: &Replica, kind: Kind) -> Vec<model::Record> {
    replica.store().records(kind, None, 1_000).unwrap()
}

fn fresh(seed: u64) -> (Replica, SeededIds) {
    let mut env = SeededIds::new(seed);
    (Replica::open(Store::open_in_memory().unwrap(), &mut env).unwrap(), env)
}

#[test]
fn an_empty_device_restored_from_a_backup_makes_the_same_backup() {
    let desk = desk_with_a_past();
    let before = desk.replica.prepare_backup(desk.env.now()).unwrap();
    let (mut replica, mut env) = fresh(99);

    let restored = replica.restore(&mut env, &unpack(pack(before.clone(), &[FILE]))).unwrap();
    let after = replica.prepare_backup(env.now()).unwrap();

    for (before, after) in before.parts.iter().zip(&after.parts) {
        let text = |part: &Part| String::from_utf8(part.bytes.clone()).unwrap();
        assert_eq!(text(before), text(after), "{}", before.name);
    }
    assert_eq!((before.parts, before.files), (after.parts, after.files));
    assert!(restored.records > 40 && restored.steps > restored.records, "{restored:?}");
    assert!(replica.verify().unwrap().problems.is_empty());
}

#[test]
fn what_was_restored_has_its_past_with_who_and_when() {
    let mut desk = desk_with_a_past();
    let prepared = desk.replica.prepare_backup(desk.env.now()).unwrap();
    let lead = RecordRef::new(
        Kind::Lead,
        records(&desk.replica, Kind::Lead).into_iter().find(|lead| lead.text("notes") == "one\ntwo").unwrap().id,
    );
    let (mut replica, mut env) = fresh(99);
    replica.restore(&mut env, &unpack(pack(prepared, &[]))).unwrap();

    let query = Query::Timeline { record: lead, limit: 100 };
    let told = |answer: Answer| match answer {
        Answer::Timeline(entries) => entries
            .into_iter()
            .map(|entry| format!("{} {} {:?}", entry.at, entry.author.name, entry.what))
            .collect::<std::collections::BTreeSet<_>>(),
        other => panic!("{other:?}"),
    };
    let now = desk.env.now();
    let (before, after) = (told(desk.replica.answer(&query, now).unwrap()), told(replica.answer(&query, now).unwrap()));

    // The conflict's winner is told again behind the loser; nothing else differs.
    assert!(before.iter().filter(|line| !after.contains(*line)).count() <= 1, "{before:#?}\n{after:#?}");
    assert!(after.iter().all(|line| line.contains(" Ada ")), "{after:#?}");
}

#[test]
fn a_file_that_is_not_on_the_device_is_named_as_missing() {
    let desk = desk_with_a_past();
    let prepared = desk.replica.prepare_backup(desk.env.now()).unwrap();

    let unpacked = unpack(pack(prepared, &[]));

    let missing: Vec<_> = unpacked.manifest.missing_files().collect();
    assert_eq!((missing.len(), missing[0].sha256.as_str(), missing[0].size_bytes), (1, SUM, 5));
}

#[test]
fn a_backup_is_asked_for_written_by_the_shell_and_told() {
    let mut desk = desk_with_a_past();

    desk.ask(Request::Backup { id: 5, to: Some("/home/ada/b.zip".into()) });
    let (job, work) = file_work(&mut desk);
    let FileWork::Pack { prepared, to } = work else { panic!("{work:?}") };
    assert_eq!(to.as_deref(), Some("/home/ada/b.zip"));
    let manifest = unpack(pack(*prepared, &[])).manifest;
    desk.updates.clear();
    let packed = Packed { manifest, size_bytes: 1_000, bytes: Vec::new() };
    desk.input(Input::FileDone { job, outcome: Ok(FileOutcome::Packed(Box::new(packed))) });

    let done = desk.updates.iter().find_map(|update| match update {
        Update::BackedUp(5, Ok((done, _))) => Some(*done),
        _ => None,
    });
    let done = done.expect("it is told");
    assert_eq!((done.files, done.missing_files, done.size_bytes), (1, 1, 1_000));
}

#[test]
fn nothing_is_restored_where_something_is_or_into_a_team() {
    let mut desk = desk_with_a_past();
    let unpacked = unpack(pack(desk.replica.prepare_backup(desk.env.now()).unwrap(), &[]));

    assert!(desk.replica.restore(&mut desk.env, &unpacked).is_err());
    desk.ask(Request::RestoreBackup { id: 3, source: FileSource::Bytes(Vec::new()) });
    assert!(desk.outputs.is_empty());
    assert!(matches!(desk.updates.last(), Some(Update::BackupRestored(3, Err(Trouble::NotAllowed(_))))));

    let mut joined = Desk::alone();
    joined.join();
    assert!(joined.replica.restore(&mut joined.env, &unpacked).is_err());
}

#[test]
fn a_backup_that_contradicts_itself_changes_nothing_and_leaves_no_files() {
    let mut desk = desk_with_a_past();
    let mut prepared = desk.replica.prepare_backup(desk.env.now()).unwrap();
    let leads = prepared.parts.iter_mut().find(|part| part.name == records_name(Kind::Lead)).unwrap();
    leads.bytes = String::from_utf8(leads.bytes.clone()).unwrap().replace("Gone", "Kept").into_bytes();
    let unpacked = unpack(pack(prepared, &[FILE]));
    let mut empty = Desk::alone();

    empty.ask(Request::RestoreBackup { id: 3, source: FileSource::Path("/home/ada/b.zip".into()) });
    let (job, work) = file_work(&mut empty);
    assert!(matches!(work, FileWork::Unpack { .. }));
    empty.updates.clear();
    empty.input(Input::FileDone { job, outcome: Ok(FileOutcome::Unpacked(Box::new(unpacked))) });

    assert!(matches!(&empty.updates[..], [Update::BackupRestored(3, Err(Trouble::BadFile(_))), ..]));
    assert!(matches!(file_work(&mut empty).1, FileWork::Drop { checksum } if checksum == SUM));
    assert_eq!(empty.replica.store().documents_count().unwrap(), 1);
    assert_eq!(empty.replica.session_view().unwrap().me.unwrap().name, "Ada");
    assert!(empty.replica.may_restore().is_ok());
    desk.updates.clear();
}

#[test]
fn a_damaged_line_is_named() {
    let desk = desk_with_a_past();
    let mut prepared = desk.replica.prepare_backup(desk.env.now()).unwrap();
    let history = prepared.parts.iter_mut().find(|part| part.name == history_name(Kind::Lead)).unwrap();
    history.bytes.extend_from_slice(b"{\"id\":5}\n");
    let (mut replica, mut env) = fresh(99);

    let refused = replica.restore(&mut env, &unpack(pack(prepared, &[]))).unwrap_err();

    assert!(refused.to_string().contains("history/leads.ndjson"), "{refused}");
    assert!(replica.session_view().unwrap().me.is_none());
}

#[test]
fn restored_records_become_the_joiners_and_their_files_are_uploaded() {
    let desk = desk_with_a_past();
    let unpacked = unpack(pack(desk.replica.prepare_backup(desk.env.now()).unwrap(), &[FILE]));
    let mut empty = Desk::alone();
    let Desk { replica, env, .. } = &mut empty;
    replica.restore(env, &unpacked).unwrap();

    empty.join();
    empty.accept_all();

    let ada: model::UserId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
    let leads = records(&empty.replica, Kind::Lead);
    assert!(leads.iter().all(|lead| lead.owner() == Some(ada)));
    assert_eq!(empty.replica.store().outbox_len().unwrap(), 0);
    assert_eq!(empty.replica.store().refused_len().unwrap(), 0);
    assert!(empty.replica.store().users().unwrap().is_empty(), "the relay tells who is in the team");
}

#[test]
fn everything_of_a_kind_is_exported_and_the_room_it_takes_is_measured() {
    let mut desk = desk_with_a_past();
    let contact = RecordRef::new(Kind::Contact, desk.env.fresh_record_id());
    let fields = Fields::from([("last_name".to_owned(), "Lovelace".into())]);
    desk.act(Action::Create { record: contact, fields }).unwrap();
    let now = desk.env.now();
    let mut export = |kind, form| match desk.replica.answer(&Query::Export { kind, form }, now).unwrap() {
        Answer::Export(text) => text,
        other => panic!("{other:?}"),
    };

    let csv = export(Kind::Lead, model::query::ExportForm::Csv);
    let json = export(Kind::Lead, model::query::ExportForm::Json);
    let cards = export(Kind::Contact, model::query::ExportForm::VCard4);

    assert!(!csv.contains("Gone") && csv.contains("Café ☕"), "{csv}");
    let leads: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(leads.len(), 13);
    assert!(cards.contains("N:Lovelace;"), "{cards}");
    let Answer::Storage(used) = desk.replica.answer(&Query::Storage, now).unwrap() else { panic!() };
    let line = |of| used.lines.iter().find(|(line, ..)| *line == of).copied().unwrap();
    assert_eq!(line(model::query::StorageLine::Files).1, 1);
    assert_eq!(line(model::query::StorageLine::Files).2, 5);
    assert!(line(model::query::StorageLine::Waiting).2 > 5_000);
    assert!(used.database_bytes > 100_000);
}

/// The archive that the first version of the format made; it has to be restored for ever.
const FIRST_VERSION: &[u8] = include_bytes!("../fixtures/backup-1.zip");

#[test]
fn a_backup_of_the_first_version_is_restored() {
    let unpacked = unpack(FIRST_VERSION.to_vec());
    let (mut replica, mut env) = fresh(99);

    replica.restore(&mut env, &unpacked).unwrap();

    // Record lines gain fields with the schema; steps stay what they were.
    let again = replica.prepare_backup(env.now()).unwrap();
    for part in again.parts.iter().filter(|part| part.name.starts_with("history/")) {
        let first = unpacked.parts.iter().find(|first| first.name == part.name);
        assert_eq!(first.map(|first| &first.bytes), Some(&part.bytes), "{}", part.name);
    }
    assert!(replica.verify().unwrap().problems.is_empty());
    assert_eq!(records(&replica, Kind::Lead)[0].text("title"), "Shop");
}
