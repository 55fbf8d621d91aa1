//! What a damaged file gives back.

use std::fs;

use super::*;
use crate::{RefusedRow, Tx, salvage, salvage_without_schema, set_aside};

/// Writes a file whose outbox spans many pages, with other tables between.
fn write_outbox(path: &std::path::Path) {
    let mut store = Store::open(path).unwrap();
    let lead = model::build::lead("Website").reference();
    let done: Result<(), StoreError> = store.write(|tx: &mut Tx<'_>| {
        tx.set_meta("device", b"mine")?;
        for byte in 1..=100 {
            let mut command = command(byte, &[lead]);
            command.payload = vec![byte; 2000];
            tx.push_command(&command)?;
        }
        let refused = RefusedRow {
            command: command_id(200),
            at: model::build::now(),
            payload: vec![1],
            code: "role".into(),
            detail: "only admins".into(),
            changes_payload: vec![2],
        };
        tx.put_refused(&refused)
    });
    done.unwrap();
}

#[test]
fn a_sound_file_gives_back_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    write_outbox(&path);

    let saved = salvage(&path);

    assert_eq!(saved.losses, [""; 0]);
    assert_eq!(saved.commands.len(), 100);
    assert_eq!(saved.commands[4].changes, command(5, &[model::build::lead("Website").reference()]).changes);
    assert_eq!((saved.refused.len(), saved.orphans.len()), (1, 0));
    assert_eq!(saved.meta.get("device").map(Vec::as_slice), Some(&b"mine"[..]));
}

#[test]
fn every_damaged_page_costs_only_what_stood_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    write_outbox(&path);
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    let mut saved_in_all = 0;

    for page in 1..pages {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(&path, &damaged).unwrap();

        let saved = salvage(&path);

        let ordered = saved.commands.windows(2).all(|pair| pair[0].id < pair[1].id);
        assert!(ordered, "page {page}");
        saved_in_all += saved.commands.len();
        assert_eq!(fs::read(&path).unwrap(), damaged, "salvage changed the file");
    }

    // A few pages are inner ones or hold the schema and cost more than a row; on average little is lost.
    assert!(saved_in_all > (pages - 1) * 90, "{saved_in_all} of {}", (pages - 1) * 100);
}

/// The pages that hold the schema, the first one among them.
fn schema_pages(bytes: &[u8]) -> Vec<usize> {
    let holds_schema = |page: &&[u8]| page.windows(13).any(|word| word == b"CREATE TABLE ");
    let pages = bytes.chunks(4096).enumerate().filter(|(_, page)| holds_schema(page));
    std::iter::once(0).chain(pages.map(|(number, _)| number)).collect()
}

#[test]
fn a_damaged_page_of_the_schema_costs_nothing_but_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    write_outbox(&path);
    let whole = salvage(&path);
    let bytes = fs::read(&path).unwrap();
    let pages = schema_pages(&bytes);
    assert!(pages.len() > 3, "{pages:?}");

    for page in pages {
        let mut damaged = bytes.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(&path, &damaged).unwrap();

        let from_file = salvage(&path);
        let from_bytes = salvage_without_schema(&damaged).unwrap();

        for saved in [from_file, from_bytes] {
            let of_whole = (&whole.commands, &whole.refused, &whole.meta);
            assert_eq!((&saved.commands, &saved.refused, &saved.meta), of_whole, "page {page}");
            let loss = if page == 0 { "the first page" } else { "the pages of the schema" };
            assert_eq!(saved.losses, [loss], "page {page}");
        }
        assert_eq!(fs::read(&path).unwrap(), damaged, "salvage changed the file");
    }
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("grafted")), "the copy is gone");
    assert_eq!(salvage_without_schema(&b"words ".repeat(10)), None, "there is no page to replace");
}

#[test]
fn a_file_that_is_no_database_gives_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    fs::write(&path, b"words ".repeat(1000)).unwrap();

    let saved = salvage(&path);

    assert!(saved.commands.is_empty());
    assert!(!saved.losses.is_empty());
}

#[test]
fn what_is_set_aside_keeps_its_journal_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let aside = |suffix: &str| folder.path().join(format!("crm.db.damaged-{suffix}"));
    for text in ["first", "second"] {
        fs::write(&path, text).unwrap();
        fs::write(folder.path().join("crm.db-wal"), text).unwrap();

        set_aside(&path).unwrap();
        assert!(!path.exists());
    }

    assert_eq!(fs::read_to_string(aside("1")).unwrap(), "first");
    assert_eq!(fs::read_to_string(aside("2")).unwrap(), "second");
    assert_eq!(fs::read_to_string(aside("2-wal")).unwrap(), "second");
}
