//! Writes typical changes as files, one each, for training a dictionary of the store's packing:
//!
//! ```text
//! cargo run -p sync-server --example change_samples -- DIRECTORY
//! zstd --train -r DIRECTORY --maxdict=32768 -o sync-server/assets/changes-N.dict
//! ```
//!
//! A dictionary that stores have been written with is never replaced; a better one gets the next number.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::path::Path;

use ledger::{Author, Document, actor_id};
use model::build::{Dice, SeededIds, account, activity, contact, lead, now, task};
use model::sample::sample_edits;
use model::{DeviceId, Edit, FieldChanges, Fields, IdSource, Kind, RecordRef, Timestamp, UserId, Value};

const STAGES: [&str; 6] = ["new", "qualified", "proposal", "negotiation", "won", "lost"];
const SYLLABLES: [&str; 24] = [
    "ka", "ro", "lin", "ta", "ver", "mo", "sen", "dal", "bru", "ni", "fel", "gor", "ham", "ist", "jun", "kel", "lor",
    "mar", "nor", "ost", "per", "quin", "ras", "wil",
];

fn main() -> std::io::Result<()> {
    let directory = std::env::args().nth(1).ok_or_else(|| std::io::Error::other("name a directory"))?;
    std::fs::create_dir_all(&directory)?;
    let mut count = 0;
    for seed in 0..24 {
        for change in changes_of_a_team(seed) {
            std::fs::write(Path::new(&directory).join(format!("{count:06}")), &change[8..])?;
            count += 1;
        }
    }
    println!("{count} changes");
    Ok(())
}

/// What one team writes: sample data, an import and some days of work on both.
fn changes_of_a_team(seed: u64) -> Vec<Vec<u8>> {
    let mut ids = SeededIds::starting(seed, now().plus_millis(i64::try_from(seed).unwrap_or(0) * 86_400_123_456));
    let me = UserId(ids.fresh_uuid());
    let device = DeviceId(ids.fresh_uuid());
    let at = ids.now();
    let mut edits = sample_edits(&mut ids, me, at, 20);
    edits.extend(imported(&mut ids, me, 120));
    let mut changes = Vec::new();
    for edit in edits {
        let Edit::Create { record, fields } = edit else { continue };
        changes.extend(life_of(record, &fields, &mut ids, me, device));
    }
    changes
}

/// A record's first change and some edits.
fn life_of(record: RecordRef, fields: &Fields, ids: &mut SeededIds, me: UserId, device: DeviceId) -> Vec<Vec<u8>> {
    let mut at = ids.now().plus_millis(i64::try_from(ids.dice().below(1 << 31)).unwrap_or(0));
    let author = |at| Author { actor: actor_id(device, me, record.id, 0, b""), at };
    let Ok((mut document, first)) = Document::create(record, fields, &author(at)) else { return Vec::new() };
    let mut changes = vec![first.bytes];
    for _ in 0..ids.dice().below(4) {
        at = at.plus_millis(i64::try_from(ids.dice().below(1 << 28)).unwrap_or(0));
        let edit = typical_edit(record.kind, ids, at);
        let author = author(at);
        if let Ok(Some(change)) = document.edit(&edit, &[], &author, &author) {
            changes.push(change.bytes);
        }
    }
    changes
}

fn typical_edit(kind: Kind, ids: &mut SeededIds, at: Timestamp) -> FieldChanges {
    let mut edit = FieldChanges::new();
    let mut set = |key: &str, value: Value| edit.insert(key.to_owned(), Some(value));
    match (kind, ids.dice().below(4)) {
        (Kind::Lead, 0..=1) => {
            let stage: &str = ids.dice().pick::<&str>(&STAGES);
            set("place", format!("{stage}|{:x}", ids.dice().below(1 << 20)).into());
            set("probability", ids.dice().between(0, 100).into());
        }
        (Kind::Lead, 2) => drop(set("value_cents", (ids.dice().between(10, 90_000) * 100).into())),
        (Kind::Task, 0..=1) => {
            set("status", "done".into());
            set("completed_at", at.into());
        }
        (Kind::Contact, 0) => drop(set("phone", format!("+49 {}", ids.dice().below(10_000_000_000)).into())),
        (Kind::Account | Kind::Contact | Kind::Lead, 3) => drop(set("notes", words(ids.dice(), 12).into())),
        (Kind::Account | Kind::Contact | Kind::Lead, _) => {
            set(&format!("tags/{}", word(ids.dice())), true.into());
        }
        _ => drop(set("deleted_at", at.into())),
    }
    edit
}

/// What an import creates: fuller records with words that never come twice.
fn imported(ids: &mut SeededIds, me: UserId, count: u64) -> Vec<Edit> {
    let mut edits = Vec::new();
    for row in 0..count {
        let (first, last, company) = (name(ids.dice()), name(ids.dice()), name(ids.dice()));
        let domain = format!("{}.com", company.to_lowercase());
        let org = account(&company)
            .with_id(ids.fresh_record_id())
            .with("website", format!("https://{domain}"))
            .with("phone", format!("+1 {}", ids.dice().below(10_000_000_000)))
            .with("city", name(ids.dice()))
            .with("import_ref", format!("import:{row}"));
        let person = contact(&format!("{first} {last}"))
            .with_id(ids.fresh_record_id())
            .with("email", format!("{}@{domain}", first.to_lowercase()))
            .with("phone", format!("+1 {}", ids.dice().below(10_000_000_000)))
            .with("title", words(ids.dice(), 2))
            .with("notes", words(ids.dice(), 10))
            .at(&org);
        let deal = lead(&words(ids.dice(), 3))
            .with_id(ids.fresh_record_id())
            .worth(ids.dice().between(100, 9_000_000))
            .in_stage(ids.dice().pick::<&str>(&STAGES))
            .with("source", words(ids.dice(), 1))
            .with("probability", ids.dice().between(0, 100))
            .at(&org)
            .with_contact(&person);
        let call = activity(ids.dice().pick::<&str>(&["call", "email", "meeting", "note"]), &words(ids.dice(), 4))
            .with_id(ids.fresh_record_id())
            .with("body", words(ids.dice(), 20))
            .about(&deal)
            .about(&person);
        let next = task(&words(ids.dice(), 3), &deal).with_id(ids.fresh_record_id()).due(ids.now());
        edits.extend([org, person, deal, call, next].map(|draft| draft.owned_by(me).edit()));
    }
    edits
}

fn word(dice: &mut Dice) -> String {
    (0..dice.between(2, 4)).map(|_| *dice.pick::<&str>(&SYLLABLES)).collect()
}

fn name(dice: &mut Dice) -> String {
    let word = word(dice);
    word[..1].to_uppercase() + &word[1..]
}

fn words(dice: &mut Dice, count: usize) -> String {
    (0..count).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
}
