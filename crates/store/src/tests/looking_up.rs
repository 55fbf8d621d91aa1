//! What the replica looks up while it plans, confirms and bootstraps.

use model::{Kind, RecordId, build};

use super::*;
use crate::BootstrapDocument;

#[test]
fn a_card_goes_between_the_ranks_around_its_place() {
    let a = build::lead("a").at_rank("new", "10").record();
    let b = build::lead("b").at_rank("new", "20").record();
    let trash = build::lead("trash").at_rank("new", "15").with("deleted_at", build::now()).record();
    let elsewhere = build::lead("elsewhere").at_rank("won", "12").record();
    let store = holding(&[&a, &b, &trash, &elsewhere]);
    let around = |stage: &str, after: Option<&Record>| store.ranks_around(stage, after.map(|lead| lead.id)).unwrap();
    let rank = |rank: &str| Some(rank.to_owned());

    assert_eq!(around("new", None), (None, rank("10")));
    assert_eq!(around("new", Some(&a)), (rank("10"), rank("20")));
    assert_eq!(around("new", Some(&b)), (rank("20"), None));
    assert_eq!(around("new", Some(&elsewhere)), (None, rank("10")));
    assert_eq!(around("lost", None), (None, None));
}

#[test]
fn open_tasks_and_sample_records_leave_out_the_trash() {
    let lead = build::lead("a").with("sample", true).record();
    let open = build::task("open", &lead).with("sample", true).record();
    let done = build::task("done", &lead).with("status", "done").record();
    let trash = build::task("trash", &lead).with("sample", true).with("deleted_at", build::now()).record();
    let store = holding(&[&lead, &open, &done, &trash]);

    assert_eq!(store.open_tasks(lead.id).unwrap(), std::slice::from_ref(&open));
    assert_eq!(store.list_sample().unwrap(), [lead.reference(), open.reference()]);
}

#[test]
fn a_command_leaves_the_outbox_with_its_last_change() {
    let lead = build::lead("a").record();
    let mut store = holding(&[&lead]);
    let waiting = command(1, &[lead.reference(), lead.reference()]);
    let pending = |store: &Store| store.projections(None, 1).unwrap()[0].pending;
    let step = |store: &mut Store, index: usize| {
        let done: Result<(), StoreError> = store.write(|tx| {
            tx.confirm_pending(lead.id, waiting.changes[index].hash)?;
            tx.take_finished(waiting.id)?;
            tx.refresh_pending(lead.id)
        });
        done.unwrap();
    };
    let done: Result<(), StoreError> = store.write(|tx| {
        tx.push_command(&waiting)?;
        tx.refresh_pending(lead.id)
    });
    done.unwrap();
    assert!(pending(&store));

    step(&mut store, 0);
    assert_eq!((store.outbox_len().unwrap(), pending(&store)), (1, true));

    step(&mut store, 1);
    assert_eq!((store.outbox_len().unwrap(), pending(&store)), (0, false));
}

#[test]
fn a_command_that_is_replaced_keeps_its_place() {
    let lead = build::lead("a").reference();
    let mut store = empty();
    let (first, second) = (command(1, &[lead]), command(2, &[lead]));
    let anew = OutboxCommand { payload: b"anew".to_vec(), changes: vec![], ..first.clone() };
    let done: Result<(), StoreError> = store.write(|tx| {
        tx.push_command(&first)?;
        tx.push_command(&second)?;
        tx.replace_command(&anew)
    });
    done.unwrap();

    let waiting: Vec<OutboxCommand> = store.outbox(0, 9).unwrap().into_iter().map(|(_, command)| command).collect();
    assert_eq!(waiting, [anew, second]);
}

#[test]
fn a_bootstrapped_document_shows_at_once_and_a_removed_one_is_gone() {
    let lead = build::lead("a").record();
    let entered = build::now();
    let mut store = holding(&[]);
    let document =
        BootstrapDocument { record: &lead, saved: b"saved", heads: &[hash(1)], stage_entered_at: Some(entered) };
    store.write(|tx| tx.bootstrap(&document)).unwrap();

    let settings = Settings::default();
    let row = store.row(lead.reference(), &ctx(&settings)).unwrap().unwrap();
    assert_eq!((row.record, row.stage_entered_at), (lead.clone(), Some(entered)));
    assert_eq!(store.heads_of(lead.id).unwrap(), [hash(1)]);
    assert_eq!(store.view_heads(lead.id).unwrap(), [hash(1)]);

    store.write(|tx| tx.remove_document(lead.id)).unwrap();
    assert_eq!(store.document(lead.id).unwrap(), None);
    assert_eq!(store.record(lead.id).unwrap(), None);
    assert_eq!(store.heads_of(RecordId::from_bytes([9; 16])).unwrap(), []);
    assert!(store.document_ids(Some(Kind::Lead), None, 9).unwrap().is_empty());
}
