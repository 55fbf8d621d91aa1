//! Undo and redo: what is taken back, what is done again, and what was changed by somebody else meanwhile.

use model::action::Label;
use model::app::Trouble;
use model::{Action, Kind, RecordRef, Value};

use crate::desk::Desk;

fn title(desk: &Desk, lead: RecordRef) -> String {
    desk.record(lead).expect("the lead is here").text("title").to_owned()
}

#[test]
fn what_was_undone_is_done_again_and_back_a_hundred_times() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("0");
    let mut done: Vec<_> = (1..=100).map(|step| desk.set(lead, "title", step.to_string().into()).command).collect();

    let mut undone = Vec::new();
    while let Some(command) = done.pop().flatten() {
        undone.push(desk.act(Action::Undo(command)).unwrap().command);
    }
    assert_eq!(title(&desk, lead), "0");
    while let Some(command) = undone.pop().flatten() {
        done.push(desk.act(Action::Undo(command)).unwrap().command);
    }

    assert_eq!(title(&desk, lead), "100");
    assert_eq!(done.len(), 100);
    assert!(desk.replica.verify().unwrap().problems.is_empty());
}

#[test]
fn redo_is_called_so() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let set = desk.set(lead, "title", "Shop".into()).command.unwrap();

    let undone = desk.act(Action::Undo(set)).unwrap();
    let redone = desk.act(Action::Undo(undone.command.unwrap())).unwrap();
    let undone_again = desk.act(Action::Undo(redone.command.unwrap())).unwrap();

    let changed = || Box::new(Label::Changed(Kind::Lead, 1));
    assert_eq!(undone.label, Label::Undid(changed()));
    assert_eq!(redone.label, Label::Redid(changed()));
    assert_eq!(undone_again.label, Label::Undid(changed()));
}

#[test]
fn undo_and_redo_work_after_the_relay_has_everything_and_after_a_restart() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    desk.join();
    desk.accept_all();
    let set = desk.set(lead, "title", "Shop".into()).command.unwrap();
    desk.accept_all();

    let mut desk = desk.restarted();
    desk.welcome_again();
    let undone = desk.act(Action::Undo(set)).unwrap().command.unwrap();
    assert_eq!(title(&desk, lead), "Website");
    desk.accept_all();
    desk.act(Action::Undo(undone)).unwrap();

    assert_eq!(title(&desk, lead), "Shop");
}

#[test]
fn undo_that_would_overwrite_a_newer_value_asks_and_shows_it() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let fields = [("title".to_owned(), Some("Shop".into())), ("source".to_owned(), Some("Event".into()))].into();
    let set = desk.act(Action::SetFields { record: lead, base_heads: Vec::new(), fields }).unwrap().command.unwrap();
    desk.advance(60_000);
    desk.set(lead, "title", "Portal".into());

    let asked = desk.act(Action::Undo(set));

    let Err(Trouble::WouldOverwrite { clashes, rest }) = asked else { panic!("{asked:?}") };
    assert_eq!(rest, 1, "the source can be taken back all the same");
    assert_eq!(clashes.len(), 1);
    assert_eq!((clashes[0].key.as_str(), clashes[0].name.as_str()), ("title", "Portal"));
    assert_eq!(clashes[0].newer, Some(Value::from("Portal")));
    assert_eq!(clashes[0].older, Some(Value::from("Website")));
    assert_eq!(clashes[0].author.name, "Ada");
    assert_eq!(clashes[0].at, model::IdSource::now(&desk.env));
    assert_eq!(title(&desk, lead), "Portal");
    assert_eq!(desk.record(lead).unwrap().text("source"), "Event", "asking changes nothing");
}

#[test]
fn whoever_was_asked_keeps_the_newer_value_or_overwrites_it() {
    let story = |overwrite: bool| {
        let mut desk = Desk::alone();
        let (lead, _) = desk.create_lead("Website");
        let fields = [("title".to_owned(), Some("Shop".into())), ("source".to_owned(), Some("Event".into()))].into();
        let set = desk.act(Action::SetFields { record: lead, base_heads: Vec::new(), fields }).unwrap();
        desk.set(lead, "title", "Portal".into());
        desk.act(Action::UndoOver { command: set.command.unwrap(), overwrite }).unwrap();
        let record = desk.record(lead).unwrap();
        (record.text("title").to_owned(), record.text("source").to_owned())
    };

    assert_eq!(story(false), ("Portal".to_owned(), String::new()));
    assert_eq!(story(true), ("Website".to_owned(), String::new()));
}

#[test]
fn nothing_is_asked_when_the_old_value_stands_again_already() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let set = desk.set(lead, "title", "Shop".into()).command.unwrap();
    desk.set(lead, "title", "Website".into());

    let undone = desk.act(Action::Undo(set)).unwrap();

    assert_eq!(undone.command, None);
    assert_eq!(title(&desk, lead), "Website");
}

#[test]
fn when_every_value_is_newer_keeping_them_is_no_undo() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let set = desk.set(lead, "title", "Shop".into()).command.unwrap();
    desk.set(lead, "title", "Portal".into());

    let undone = desk.act(Action::UndoOver { command: set, overwrite: false });

    assert!(matches!(undone, Err(Trouble::ChangedSince(_))), "{undone:?}");
    assert_eq!(title(&desk, lead), "Portal");
}
