//! Working alone: saved at once, undone where it still stands, never lost by a restart.

use model::IdSource;
use model::action::Action;
use model::query::{Answer, BoardQuery, BoardSort, Query};

use crate::desk::Desk;

#[test]
fn a_lead_stands_on_the_board_as_soon_as_it_is_saved() {
    let mut desk = Desk::alone();

    let (lead, _) = desk.create_lead("Website");

    let board = BoardQuery { filter: Vec::new(), text: String::new(), sort: BoardSort::Manual, windows: [].into() };
    let now = desk.env.now();
    let Answer::Board(board) = desk.replica.answer(&Query::Board(board), now).unwrap() else { panic!("not a board") };
    assert_eq!(board.columns[0].stage.id, "new");
    assert_eq!(board.columns[0].rows[0].record.id, lead.id);
}

#[test]
fn undo_puts_back_what_was_there_before() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let done = desk.set(lead, "title", "Shop".into());

    desk.act(Action::Undo(done.command.unwrap())).unwrap();

    assert_eq!(desk.record(lead).unwrap().text("title"), "Website");
}

#[test]
fn an_undone_creation_lies_in_the_trash_and_comes_back_when_that_is_undone() {
    let mut desk = Desk::alone();
    let (lead, created) = desk.create_lead("Website");

    let undone = desk.act(Action::Undo(created.command.unwrap())).unwrap();
    assert!(desk.record(lead).unwrap().is_deleted());
    desk.act(Action::Undo(undone.command.unwrap())).unwrap();

    assert!(!desk.record(lead).unwrap().is_deleted());
}

#[test]
fn sample_data_comes_and_goes() {
    let mut desk = Desk::alone();

    desk.act(Action::LoadSample { leads: 20 }).unwrap();
    let now = desk.env.now();
    let overview = |desk: &mut Desk| match desk.replica.answer(&Query::Overview, now).unwrap() {
        Answer::Overview(overview) => overview,
        other => panic!("{other:?}"),
    };
    assert_eq!(overview(&mut desk).counts[&model::Kind::Lead], 20);
    desk.act(Action::RemoveSample).unwrap();

    assert_eq!(overview(&mut desk).sample_records, 0);
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}
