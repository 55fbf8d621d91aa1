//! Keys on the board: moving the keyboard's card, and what can be done with it.

use egui::{Key, Modifiers, Ui};
use model::query::{Board, Row};
use model::{Kind, RecordId};

use super::board::{BoardState, BoardView};
use crate::act::Act;
use crate::scene::Scene;

/// Moves the keyboard's card, or moves that card to another stage.
pub(super) fn keys(
    ui: &Ui,
    scene: &Scene<'_>,
    (view, board): (&BoardView<'_>, &Board),
    state: &mut BoardState,
    out: &mut Vec<Act>,
) {
    if !view.keys || state.drag.is_some() {
        return;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let place = state.focus.and_then(|focus| find(board, focus));
    for (key, step) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
        if pressed(Modifiers::SHIFT, key)
            && let Some((column, at)) = place
        {
            shift_stage(scene, board, (column, at, step), out);
            state.grab_focus = true;
        }
    }
    let movable = |row: &Row| scene.denied_edit(&row.record).is_none();
    if pressed(Modifiers::COMMAND, Key::A) {
        let column = board.columns.get(place.map_or(0, |(column, _)| column));
        let rows = column.into_iter().flat_map(|column| &column.rows);
        state.selected.extend(rows.filter(|row| movable(row)).map(|row| row.record.id));
    }
    let further = pressed(Modifiers::SHIFT, Key::ArrowDown);
    if further && let Some((column, at)) = place {
        let rows = board.columns[column].rows.iter().skip(at).take(2);
        state.selected.extend(rows.filter(|row| movable(row)).map(|row| row.record.id));
    }
    let mut go = |to: Option<RecordId>| {
        if to.is_some() {
            state.focus = to;
            state.grab_focus = true;
            // Otherwise the same key would carry the focus on to the card after it.
            ui.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
        }
    };
    let down = further || pressed(Modifiers::NONE, Key::ArrowDown) || pressed(Modifiers::NONE, Key::J);
    let up = pressed(Modifiers::NONE, Key::ArrowUp) || pressed(Modifiers::NONE, Key::K);
    let left = pressed(Modifiers::NONE, Key::ArrowLeft);
    let right = pressed(Modifiers::NONE, Key::ArrowRight);
    match place {
        None if down || up || left || right => go(first_card(board)),
        None => {}
        Some((column, at)) => {
            let rows = &board.columns[column].rows;
            let id = |at: usize| rows.get(at).map(|row| row.record.id);
            if down {
                go(id(at + 1));
            }
            if up {
                go(at.checked_sub(1).and_then(id));
            }
            if pressed(Modifiers::NONE, Key::Home) {
                go(id(0));
            }
            if pressed(Modifiers::NONE, Key::End) {
                go(rows.last().map(|row| row.record.id));
            }
            if left {
                go(beside(board, state_columns(board, column, false), at));
            }
            if right {
                go(beside(board, state_columns(board, column, true), at));
            }
        }
    }
    if let Some((column, at)) = place
        && let Some(row) = board.columns[column].rows.get(at)
    {
        super::lead_keys::owner_key(ui, scene, row, out);
    }
    act_keys(ui, board, state, out);
    // After Shift+X, which would be taken for it.
    if let Some((column, at)) = place
        && pressed(Modifiers::NONE, Key::X)
        && let Some(row) = board.columns[column].rows.get(at)
        && scene.denied_edit(&row.record).is_none()
    {
        state.toggle(row.record.id);
    }
    if !state.selected.is_empty() && pressed(Modifiers::NONE, Key::Escape) {
        state.selected.clear();
    }
}

/// Keys that do something with the card that has the keyboard.
fn act_keys(ui: &Ui, board: &Board, state: &BoardState, out: &mut Vec<Act>) {
    let Some(lead) = state.focus.filter(|focus| find(board, *focus).is_some()) else { return };
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::SHIFT, Key::W) {
        out.push(Act::AskClose { lead, won: true });
    }
    if pressed(Modifiers::SHIFT, Key::X) {
        out.push(Act::AskClose { lead, won: false });
    }
    let record = model::RecordRef::new(Kind::Lead, lead);
    if pressed(Modifiers::NONE, Key::Space) {
        out.push(Act::Peek(record));
    }
    if pressed(Modifiers::NONE, Key::T) {
        out.push(Act::New(Kind::Task, Some(record)));
    }
    if pressed(Modifiers::NONE, Key::L) {
        out.push(Act::QuickLog(Some(record)));
    }
}

fn find(board: &Board, lead: RecordId) -> Option<(usize, usize)> {
    board.columns.iter().enumerate().find_map(|(column, of)| {
        let at = of.rows.iter().position(|row| row.record.id == lead)?;
        Some((column, at))
    })
}

fn first_card(board: &Board) -> Option<RecordId> {
    board.columns.iter().find_map(|column| column.rows.first()).map(|row| row.record.id)
}

/// The columns to one side, nearest first.
fn state_columns(board: &Board, from: usize, right: bool) -> Vec<usize> {
    if right { (from + 1..board.columns.len()).collect() } else { (0..from).rev().collect() }
}

fn beside(board: &Board, columns: Vec<usize>, at: usize) -> Option<RecordId> {
    let rows = columns.into_iter().map(|column| &board.columns[column].rows).find(|rows| !rows.is_empty())?;
    rows.get(at.min(rows.len() - 1)).map(|row| row.record.id)
}

fn shift_stage(scene: &Scene<'_>, board: &Board, (column, at, step): (usize, usize, isize), out: &mut Vec<Act>) {
    let Some(row) = board.columns[column].rows.get(at) else { return };
    if scene.denied_edit(&row.record).is_some() {
        return;
    }
    let Some(target) = column.checked_add_signed(step).and_then(|to| board.columns.get(to)) else { return };
    out.push(Act::Move { lead: row.record.id, stage: target.stage.id.clone(), after: None });
}
