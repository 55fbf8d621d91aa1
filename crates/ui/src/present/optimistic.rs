//! Shows an edit in the frame it was made in: changes the last answer as the replica is about to.
//! The replica's own answer replaces it.

use model::query::{Board, BoardColumn, Detail, Row};
use model::{FieldChanges, RecordId, Settings, Value};

/// Moves a card to a stage, behind `after` (`None`: on top).
pub(crate) fn move_card(board: &mut Board, lead: RecordId, stage: &str, after: Option<RecordId>) {
    if !board.columns.iter().any(|column| column.stage.id == stage) {
        return;
    }
    let Some(mut row) = board.columns.iter_mut().find_map(|column| take(column, lead)) else { return };
    row.pending = true;
    row.record.fields.insert("place".into(), Value::Text(format!("{stage}|")));
    if let Some(column) = board.columns.iter_mut().find(|column| column.stage.id == stage) {
        put(column, row, after);
    }
}

fn take(column: &mut BoardColumn, lead: RecordId) -> Option<Row> {
    let at = column.rows.iter().position(|row| row.record.id == lead)?;
    let row = column.rows.remove(at);
    let cents = row.record.int("value_cents").unwrap_or(0);
    column.count = column.count.saturating_sub(1);
    column.sum_cents -= cents;
    column.weighted_cents -= weighted(&row, cents);
    Some(row)
}

fn put(column: &mut BoardColumn, row: Row, after: Option<RecordId>) {
    let cents = row.record.int("value_cents").unwrap_or(0);
    column.count += 1;
    column.sum_cents += cents;
    column.weighted_cents += weighted(&row, cents);
    let above = after.and_then(|after| column.rows.iter().position(|row| row.record.id == after));
    let at = above.map_or(0, |above| above + 1);
    column.rows.insert(at, row);
}

fn weighted(row: &Row, cents: i64) -> i64 {
    model::report::weighted(i128::from(cents) * i128::from(row.record.int("probability").unwrap_or(0)))
}

/// Writes fields into an open record.
pub(crate) fn set_fields(detail: &mut Detail, changes: &FieldChanges, settings: &Settings) {
    let fields = &mut detail.row.record.fields;
    for (key, value) in changes {
        match value {
            Some(value) => fields.insert(key.clone(), value.clone()),
            None => fields.remove(key),
        };
        detail.row.names.remove(key);
    }
    let status = settings.stage_kind(detail.row.record.place().0).status();
    if !detail.row.status.is_empty() {
        status.clone_into(&mut detail.row.status);
    }
    detail.row.pending = true;
}
