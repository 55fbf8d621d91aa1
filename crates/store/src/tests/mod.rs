//! Claims about the store. What several files need to say things shortly.

mod answering;
mod filtering;
mod looking_up;
mod next_best;
mod opening;
mod recomputing;
mod reporting;
mod salvaging;
mod storing;
mod wording;

use model::{ChangeHash, CommandId, Record, RecordRef, Settings};

use crate::{OutboxCommand, PendingChange, Projection, QueryContext, Store, StoreError};

pub(crate) fn empty() -> Store {
    Store::open_in_memory().expect("memory is there")
}

/// A store with the default settings and these records projected.
pub(crate) fn holding(records: &[&Record]) -> Store {
    let mut store = empty();
    let done: Result<(), StoreError> = store.write(|tx| {
        tx.set_settings(&Settings::default())?;
        tx.project_many(records.iter().map(|record| shown(record)))
    });
    done.expect("records are written");
    store
}

pub(crate) fn shown(record: &Record) -> Projection<'_> {
    Projection { record, heads: &[], pending: false, conflicts: &[], problems: &[] }
}

pub(crate) fn project(store: &mut Store, record: &Record) {
    store.write(|tx| tx.project(&shown(record))).expect("a record is written");
}

pub(crate) fn ctx(settings: &Settings) -> QueryContext<'_> {
    QueryContext { now: model::build::now(), me: model::build::ME, settings }
}

pub(crate) const fn hash(byte: u8) -> ChangeHash {
    ChangeHash([byte; 32])
}

pub(crate) const fn command_id(byte: u8) -> CommandId {
    CommandId::from_bytes([byte; 16])
}

/// A command named by a number that changes these records.
pub(crate) fn command(byte: u8, records: &[RecordRef]) -> OutboxCommand {
    let change = |(index, record): (u8, &RecordRef)| PendingChange {
        record: *record,
        hash: ChangeHash([byte.wrapping_mul(16).wrapping_add(index); 32]),
        bytes: vec![byte, index],
    };
    OutboxCommand {
        id: command_id(byte),
        at: model::build::now(),
        payload: vec![byte; 3],
        changes: (0..).zip(records).map(change).collect(),
    }
}
