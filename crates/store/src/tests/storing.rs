//! Documents, the outbox, the trays and the log keep what they are given.

use model::{Kind, RecordId, RecordRef, build};

use super::*;
use crate::{Entry, LOGGED_COMMANDS, RefusedRow};

fn lead() -> RecordRef {
    build::lead("Website").reference()
}

fn write<T>(store: &mut Store, work: impl FnOnce(&mut crate::Tx<'_>) -> Result<T, StoreError>) -> T {
    store.write(work).expect("a write succeeds")
}

#[test]
fn an_error_inside_write_leaves_nothing() {
    let mut store = holding(&[&build::lead("Before").record()]);
    let after = build::lead("After").record();

    let failed: Result<(), StoreError> = store.write(|tx| {
        tx.set_meta("cursor", b"1")?;
        tx.put_confirmed(lead(), b"doc", &[hash(1)], b"")?;
        tx.push_command(&command(1, &[lead()]))?;
        tx.project(&shown(&after))?;
        Err(StoreError::Full)
    });

    assert!(matches!(failed, Err(StoreError::Full)));
    assert_eq!(store.meta("cursor").unwrap(), None);
    assert_eq!(store.document(lead().id).unwrap(), None);
    assert_eq!((store.outbox_len().unwrap(), store.documents_count().unwrap()), (0, 0));
    assert_eq!(store.record(after.id).unwrap(), None);
}

#[test]
fn a_search_after_a_rolled_back_write_finds_what_stands() {
    let settings = Settings::default();
    let mut store = holding(&[&build::lead("Before").record()]);
    store.prepare_search().unwrap();

    let failed: Result<(), StoreError> = store.write(|tx| {
        tx.project(&shown(&build::lead("After").record()))?;
        Err(StoreError::Full)
    });

    assert!(failed.is_err());
    assert_eq!(store.search("after", &[], 5, &ctx(&settings)).unwrap(), []);
    assert_eq!(store.search("before", &[], 5, &ctx(&settings)).unwrap().len(), 1);
}

#[test]
fn a_document_is_its_saved_form_its_tail_and_its_pending_changes_in_order() {
    let mut store = empty();
    let (first, second) = (command(1, &[lead(), lead()]), command(2, &[lead()]));

    let wants_compaction = write(&mut store, |tx| {
        tx.put_confirmed(lead(), b"saved", &[hash(1)], b"relay")?;
        tx.push_command(&first)?;
        tx.push_command(&second)?;
        tx.set_epoch(lead(), 3)?;
        tx.append_confirmed(lead(), b"+tail", &[hash(2)])
    });

    let document = store.document(lead().id).unwrap().unwrap();
    assert_eq!(document.confirmed, b"saved+tail");
    assert_eq!((document.confirmed_heads, document.epoch, document.tail_bytes), (vec![hash(2)], 3, 5));
    assert_eq!(document.provenance, b"relay");
    assert_eq!(document.pending, [first.changes, second.changes].concat());
    assert!(!wants_compaction);
}

#[test]
fn a_long_tail_asks_for_compaction_and_saving_anew_ends_it() {
    let mut store = empty();

    let asked = write(&mut store, |tx| {
        tx.put_confirmed(lead(), &[0; 5000], &[], b"")?;
        Ok([tx.append_confirmed(lead(), &[1; 5000], &[])?, tx.append_confirmed(lead(), &[1; 1], &[])?])
    });
    assert_eq!(asked, [false, true]);
    assert!(store.document(lead().id).unwrap().unwrap().wants_compaction());

    write(&mut store, |tx| tx.put_confirmed(lead(), &[2; 6000], &[hash(9)], b""));
    let document = store.document(lead().id).unwrap().unwrap();
    assert_eq!((document.confirmed, document.tail_bytes), (vec![2; 6000], 0));
}

#[test]
fn documents_are_listed_by_id_page_by_page() {
    let mut store = empty();
    let all: Vec<RecordRef> =
        (1..=5).map(|byte| RecordRef::new(if byte == 3 { Kind::Contact } else { Kind::Lead }, id(byte))).collect();
    write(&mut store, |tx| all.iter().rev().try_for_each(|record| tx.put_confirmed(*record, b"x", &[], b"")));

    let first = store.document_ids(None, None, 2).unwrap();
    let rest = store.document_ids(None, Some(first[1].id), 10).unwrap();

    assert_eq!([first, rest].concat(), all);
    assert_eq!(store.document_ids(Some(Kind::Contact), None, 10).unwrap(), [all[2]]);
    assert_eq!(store.documents_count().unwrap(), 5);
}

const fn id(byte: u8) -> RecordId {
    RecordId::from_bytes([byte; 16])
}

#[test]
fn the_outbox_keeps_its_order_whatever_is_taken_or_replaced() {
    let mut store = empty();
    let commands = [3, 1, 2].map(|byte| command(byte, &[lead()]));
    write(&mut store, |tx| commands.iter().try_for_each(|command| tx.push_command(command)));
    let anew = PendingChange { record: lead(), hash: hash(77), bytes: vec![7] };

    let taken = write(&mut store, |tx| {
        assert!(tx.replace_changes(command_id(2), std::slice::from_ref(&anew))?);
        assert!(!tx.replace_changes(command_id(9), &[])?);
        tx.take_command(command_id(1))
    });
    write(&mut store, |tx| tx.push_command(&command(4, &[])));

    assert_eq!(taken.as_ref(), Some(&commands[1]));
    let waiting = store.outbox(0, 10).unwrap();
    assert_eq!(waiting.iter().map(|(_, command)| command.id).collect::<Vec<_>>(), [3, 2, 4].map(command_id));
    assert_eq!(store.document(lead().id).unwrap().unwrap().pending, [commands[0].changes[0].clone(), anew]);
    assert_eq!(store.outbox(waiting[0].0, 1).unwrap()[0].1.id, command_id(2));
    assert_eq!((store.outbox_len().unwrap(), store.command(command_id(1)).unwrap()), (3, None));
}

#[test]
fn the_epoch_of_a_document_outlives_its_last_change() {
    let mut store = empty();
    write(&mut store, |tx| {
        tx.push_command(&command(1, &[lead()]))?;
        tx.set_epoch(lead(), 1)?;
        tx.take_command(command_id(1))
    });

    let document = store.document(lead().id).unwrap().unwrap();
    assert_eq!((document.epoch, document.pending, document.confirmed), (1, vec![], vec![]));
}

#[test]
fn the_log_keeps_the_newest_commands() {
    let mut store = empty();
    let id = |number: u32| model::CommandId::from_slice(&[&[0; 12], &number.to_be_bytes()[..]].concat()).unwrap();
    write(&mut store, |tx| {
        (0..LOGGED_COMMANDS + 5).try_for_each(|number| tx.log_command(id(number), build::now(), &number.to_be_bytes()))
    });

    assert_eq!(store.logged_command(id(4)).unwrap(), None);
    assert_eq!(store.logged_command(id(5)).unwrap().unwrap().payload, 5_u32.to_be_bytes());
    let newest = store.logged_commands(2).unwrap();
    assert_eq!(newest.iter().map(|command| command.id).collect::<Vec<_>>(), [id(1004), id(1003)]);
}

#[test]
fn the_trays_give_back_what_was_put_in() {
    let mut store = empty();
    let refused = RefusedRow {
        command: command_id(1),
        at: build::now(),
        payload: vec![1],
        code: "role".into(),
        detail: "only admins".into(),
        changes_payload: vec![2],
    };
    write(&mut store, |tx| {
        tx.put_refused(&refused)?;
        tx.put_refused(&RefusedRow { command: command_id(2), ..refused.clone() })?;
        tx.quarantine(lead(), hash(1), b"bytes", "newer schema")?;
        tx.quarantine(lead(), hash(1), b"again", "newer schema")
    });

    assert_eq!(store.refused_len().unwrap(), 2);
    assert_eq!(write(&mut store, |tx| tx.take_refused(command_id(1))), Some(refused));
    assert_eq!(store.refused().unwrap()[0].command, command_id(2));
    assert_eq!(store.quarantined_records().unwrap(), [lead()]);
    assert_eq!(store.quarantined(lead().id).unwrap()[0].bytes, b"bytes");
    assert!(write(&mut store, |tx| tx.release(hash(1))));
    assert_eq!(store.quarantined(lead().id).unwrap(), []);
}

#[test]
fn an_entry_that_comes_again_under_another_number_replaces_itself() {
    let mut store = empty();
    let entry = Entry {
        log_seq: 7,
        record: lead(),
        hash: hash(1),
        actor: [1; 16],
        actor_seq: 2,
        user: build::ME,
        device: model::DeviceId::from_bytes([5; 16]),
        command: command_id(1),
        received_at: build::now(),
        receipt: vec![9],
    };
    let again = Entry { log_seq: 3, ..entry.clone() };
    write(&mut store, |tx| {
        tx.put_entry(&entry)?;
        tx.bind_actor(lead().id, [1; 16], entry.user, entry.device)?;
        tx.put_entry(&again)
    });

    assert_eq!(store.entries_after(0, 10).unwrap(), std::slice::from_ref(&again));
    assert_eq!(store.entry_of(hash(1)).unwrap(), Some(again));
    assert_eq!(store.author_of(lead().id, [1; 16]).unwrap(), Some((entry.user, entry.device)));
    assert_eq!(store.author_of(lead().id, [2; 16]).unwrap(), None);
}
