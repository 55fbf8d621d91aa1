//! One suite for every implementation of the store.

use model::build::{self, SeededIds};
use model::{ChangeHash, CommandId, IdSource, RecordId, Timestamp, WorkspaceId};
use sync::wire::{RelayFrame, Retry};
use sync::{Cursor, Digest, Epoch};
use sync_server::store::{
    AppendError, Authorship, BackupError, Group, LogEntry, LogStore, MemoryStore, OpenStoreError, SqliteStore,
    StoreError, Workspace,
};

use crate::support::{ADA, BEN, Person, World, command, command_id, created, edited, noise};

macro_rules! conformance {
    ($($claim:ident)*) => {
        mod memory {
            $(#[test] fn $claim() { super::$claim(&mut super::MemoryStore::new()); })*
        }
        mod sqlite {
            $(#[test] fn $claim() {
                let directory = tempfile::tempdir().expect("a directory");
                let mut store = super::SqliteStore::open(&directory.path().join("relay.db")).expect("a new file");
                super::$claim(&mut store);
            })*
        }
    };
}

conformance! {
    a_new_store_has_no_workspace_and_keeps_the_one_it_is_given
    another_epoch_is_kept
    a_group_is_read_back_as_it_was
    a_group_that_does_not_continue_the_log_is_refused
    a_records_entries_come_in_order
    an_entry_leads_back_to_the_one_before_it_in_its_record
    a_commands_entries_come_together_even_from_several_groups
    an_actor_belongs_to_whoever_used_it_first
    every_digest_can_be_found
    missing_hashes_are_told_from_known_ones
    records_are_listed_in_the_order_of_their_ids
    a_long_log_reads_the_same_from_every_place
}

fn workspace() -> Workspace {
    let head = Cursor { epoch: Epoch([3; 16]), seq: 0, digest: Digest::EMPTY };
    Workspace { id: WorkspaceId::from_bytes([1; 16]), receipt_key: [2; 32], head }
}

fn ready(store: &mut impl LogStore) {
    store.create(&workspace()).expect("an empty store");
}

/// Entries of new leads and one edit each, in commands of three.
fn entries(who: Person, count: usize, seed: u64) -> Vec<LogEntry> {
    let mut ids = SeededIds::new(seed);
    let mut entries = Vec::new();
    let mut command = ids.fresh_command_id();
    while entries.len() < count {
        if entries.len().is_multiple_of(3) {
            command = ids.fresh_command_id();
        }
        let draft = build::lead("A lead").with_id(ids.fresh_record_id());
        let (mut lead, first) = created(who, &draft);
        let edit = edited(who, &mut lead, "title", "An edited lead");
        for change in [first, edit] {
            entries.push(LogEntry {
                seq: 0,
                record: lead.record(),
                hash: change.hash,
                actor: change.actor,
                by: Authorship { user: who.user, device: who.device },
                command,
                received_at: Timestamp::from_millis(1_000_000 + seed.cast_signed()),
                change: change.bytes,
            });
        }
    }
    entries.truncate(count);
    entries
}

/// Numbers the entries from where the store ends.
fn group(store: &mut impl LogStore, mut entries: Vec<LogEntry>) -> Group {
    let head = store.workspace().expect("readable").expect("a workspace").head;
    let (mut seq, mut digest, mut digests) = (head.seq, head.digest, Vec::new());
    for entry in &mut entries {
        seq += 1;
        entry.seq = seq;
        digest = digest.then(seq, entry.record.id, entry.hash);
        digests.push(digest);
    }
    Group { entries, digests }
}

fn append(store: &mut impl LogStore, entries: Vec<LogEntry>) -> Group {
    let group = group(store, entries);
    store.append(&group).expect("it continues the log");
    group
}

fn read_all(store: &mut impl LogStore, after: u64) -> Vec<LogEntry> {
    let mut found = Vec::new();
    let read = store.entries_after(after, &mut |entry| {
        found.push(entry);
        true
    });
    read.expect("readable");
    found
}

fn a_new_store_has_no_workspace_and_keeps_the_one_it_is_given(store: &mut impl LogStore) {
    assert_eq!(store.workspace().expect("readable"), None);

    ready(store);

    assert_eq!(store.workspace().expect("readable"), Some(workspace()));
    assert!(store.create(&workspace()).is_err());
    assert_eq!(store.digest_at(0).expect("readable"), Some(Digest::EMPTY));
    assert!(read_all(store, 0).is_empty());
}

fn another_epoch_is_kept(store: &mut impl LogStore) {
    ready(store);

    store.set_epoch(Epoch([8; 16])).expect("writable");

    assert_eq!(store.workspace().expect("readable").expect("there").head.epoch, Epoch([8; 16]));
}

fn a_group_is_read_back_as_it_was(store: &mut impl LogStore) {
    ready(store);

    let one = append(store, entries(ADA, 7, 1));
    let two = append(store, entries(BEN, 5, 2));

    let all: Vec<LogEntry> = one.entries.iter().chain(&two.entries).cloned().collect();
    assert_eq!(read_all(store, 0), all);
    assert_eq!(read_all(store, 5), all[5..]);
    let head = store.workspace().expect("readable").expect("there").head;
    assert_eq!((head.seq, Some(&head.digest)), (12, two.digests.last()));
    assert_eq!(store.counts().expect("readable").entries, 12);
    assert_eq!(store.check().expect("readable"), Vec::<String>::new());
}

fn a_group_that_does_not_continue_the_log_is_refused(store: &mut impl LogStore) {
    ready(store);
    append(store, entries(ADA, 2, 1));
    let mut gap = group(store, entries(ADA, 2, 3));
    gap.entries.iter_mut().for_each(|entry| entry.seq += 1);

    let refused = store.append(&gap);

    assert!(matches!(refused, Err(AppendError::Store(StoreError::Inconsistent(_)))));
    assert_eq!(read_all(store, 0).len(), 2);
}

fn a_records_entries_come_in_order(store: &mut impl LogStore) {
    ready(store);
    let group = append(store, entries(ADA, 6, 1));

    let record = group.entries[2].record.id;

    assert_eq!(store.entries_of(record).expect("readable"), group.entries[2..4]);
    assert!(store.entries_of(RecordId::from_bytes([9; 16])).expect("readable").is_empty());
}

fn an_entry_leads_back_to_the_one_before_it_in_its_record(store: &mut impl LogStore) {
    ready(store);
    // More than stay outside of segments.
    let mut all = entries(ADA, 300, 1);
    all.rotate_left(1);
    let all = append(store, all).entries;

    for entry in &all {
        let before = all.iter().rfind(|other| other.record == entry.record && other.seq < entry.seq);
        assert_eq!(store.earlier(entry.seq).expect("readable"), before.map(LogEntry::as_earlier));
    }
    assert!(store.earlier(301).is_err());
}

fn a_commands_entries_come_together_even_from_several_groups(store: &mut impl LogStore) {
    ready(store);
    let mut all = entries(ADA, 6, 1);
    let command = all[0].command;
    let later = all.split_off(1);
    let one = append(store, all);
    append(store, entries(BEN, 3, 2));
    let (own, rest): (Vec<_>, Vec<_>) = later.into_iter().partition(|entry| entry.command == command);
    let two = append(store, own);
    append(store, rest);

    let found = store.entries_of_command(command).expect("readable");

    assert_eq!(found, [one.entries, two.entries].concat());
    let unknown = CommandId::from_bytes([9; 16]);
    assert!(store.entries_of_command(unknown).expect("readable").is_empty());
}

fn an_actor_belongs_to_whoever_used_it_first(store: &mut impl LogStore) {
    ready(store);
    let group = append(store, entries(ADA, 4, 1));

    let owner = store.actor(&group.entries[0].actor).expect("readable");

    assert_eq!(owner, Some(Authorship { user: ADA.user, device: ADA.device }));
    assert_eq!(store.actor(&[9; 16]).expect("readable"), None);
}

fn every_digest_can_be_found(store: &mut impl LogStore) {
    ready(store);
    let group = append(store, entries(ADA, 150, 1));

    for (seq, digest) in (1..).zip(&group.digests) {
        assert_eq!(store.digest_at(seq).expect("readable"), Some(*digest), "after {seq}");
    }
    assert_eq!(store.digest_at(151).expect("readable"), None);
}

fn missing_hashes_are_told_from_known_ones(store: &mut impl LogStore) {
    ready(store);
    let one = append(store, entries(ADA, 2, 1));
    let unknown = ChangeHash([9; 32]);
    let asked = [one.entries[0].hash, unknown, one.entries[1].hash];

    let before = store.missing(&asked).expect("readable");
    let two = append(store, entries(BEN, 1, 2));
    let after = store.missing(&[two.entries[0].hash]).expect("readable");

    assert_eq!(before, [unknown]);
    assert!(after.is_empty());
}

fn records_are_listed_in_the_order_of_their_ids(store: &mut impl LogStore) {
    ready(store);
    let group = append(store, entries(ADA, 20, 1));
    let mut ids: Vec<RecordId> = group.entries.iter().map(|entry| entry.record.id).collect();
    ids.sort_unstable();
    ids.dedup();

    let mut listed = Vec::new();
    while let Some(last) = {
        let page = store.records_after(listed.last().copied(), 3).expect("readable");
        listed.extend(page.iter().map(|record| record.id));
        page.last().copied()
    } {
        assert_eq!(listed.last(), Some(&last.id));
    }

    assert_eq!(listed, ids);
    assert_eq!(store.counts().expect("readable").records, 10);
}

/// Long enough that older entries have been packed together.
fn a_long_log_reads_the_same_from_every_place(store: &mut impl LogStore) {
    ready(store);
    let mut written = Group::default();
    let made = entries(ADA, 600, 1);
    let mut rest = made.as_slice();
    for size in [1, 127, 128, 3, 200, 141] {
        let (now, later) = rest.split_at(size);
        rest = later;
        let group = append(store, now.to_vec());
        written.entries.extend(group.entries);
        written.digests.extend(group.digests);
    }

    for after in [0, 1, 126, 127, 128, 129, 255, 256, 383, 384, 400, 599, 600, 601] {
        let from = usize::try_from(after).expect("small").min(600);
        assert_eq!(read_all(store, after), written.entries[from..], "after {after}");
    }
    for (seq, digest) in (1..).zip(&written.digests) {
        assert_eq!(store.digest_at(seq).expect("readable"), Some(*digest), "after {seq}");
    }
    for pair in written.entries.chunks(2) {
        assert_eq!(store.entries_of(pair[0].record.id).expect("readable"), pair);
        let by = store.actor(&pair[0].actor).expect("readable");
        assert_eq!(by, Some(pair[0].by));
    }
    for command in written.entries.chunks(4) {
        let found = store.entries_of_command(command[0].command).expect("readable");
        assert!(
            found.iter().any(|entry| *entry == command[0])
                && found.iter().all(|entry| entry.command == command[0].command)
        );
    }
    let hashes: Vec<ChangeHash> = written.entries.iter().map(|entry| entry.hash).collect();
    assert!(store.missing(&hashes).expect("readable").is_empty());
    assert_eq!((store.counts().expect("readable").entries, read_all(store, 0).len()), (600, 600));
    assert_eq!(store.check().expect("readable"), Vec::<String>::new());
}

#[test]
fn a_file_is_found_again_as_it_was_left() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("relay.db");
    let mut store = SqliteStore::open(&path).expect("a new file");
    ready(&mut store);
    let group = append(&mut store, entries(ADA, 300, 1));
    drop(store);

    let mut again = SqliteStore::open_existing(&path).expect("the same file");

    assert_eq!(read_all(&mut again, 0), group.entries);
}

#[test]
fn a_file_that_may_not_grow_refuses_for_now_and_goes_on_when_it_may() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("relay.db");
    let mut world = World::on(SqliteStore::open(&path).expect("a new file"));
    let conn = world.connect_live(ADA);
    world.relay.store_mut().limit_pages(1).expect("it is allowed");

    let mut refused = None;
    let mut taken = 0;
    for low in 0..=255 {
        let draft = build::lead(&format!("Lead {low}")).with("custom/text", noise(u64::from(low), 3_000));
        let (lead, first) = created(ADA, &draft);
        let pushed = command(command_id(1, low), [(&lead, &first)]);
        match world.push(conn, vec![pushed.clone()]).as_slice() {
            [RelayFrame::Ack(_)] => taken += 1,
            [RelayFrame::Nack(nack)] => {
                refused = Some((nack.clone(), pushed));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    let (nack, pushed) = refused.expect("the file is full at last");
    let head_when_full = world.relay.head().seq;
    world.relay.store_mut().limit_pages(u32::MAX).expect("it is allowed");
    world.push_ok(conn, pushed);

    assert_eq!((nack.code.as_str(), nack.retry), ("storage_full", Retry::Later));
    assert_eq!(head_when_full, taken + 1);
    assert_eq!(world.relay.head().seq, taken + 2);
    assert!(world.relay.verify().expect("readable").is_sound());
}

#[test]
fn files_of_others_are_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "not a database at all, just words that are long enough to be read as a header").expect("ok");
    let foreign = directory.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).and_then(|db| db.execute_batch("CREATE TABLE t (a)")).expect("a database");

    for path in [&text, &foreign] {
        assert!(matches!(SqliteStore::open(path), Err(OpenStoreError::NotOurs(_))), "{}", path.display());
    }
    assert!(SqliteStore::open_existing(&directory.path().join("missing.db")).is_err());
}

#[test]
fn a_newer_file_is_named_as_such() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("relay.db");
    drop(SqliteStore::open(&path).expect("a new file"));
    let db = rusqlite::Connection::open(&path).expect("open");
    db.pragma_update(None, "user_version", 99).expect("writable");
    drop(db);

    assert!(matches!(SqliteStore::open(&path), Err(OpenStoreError::TooNew { found: 99, .. })));
}

#[test]
fn a_memory_store_has_no_file_to_back_up() {
    let refused = MemoryStore::new().back_up(std::path::Path::new("nowhere"));

    assert!(matches!(refused, Err(BackupError::NoFile)));
}
