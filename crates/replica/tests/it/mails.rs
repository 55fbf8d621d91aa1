//! Saved e-mails: each logged once, where it belongs, with its files.

use model::action::Action;
use model::app::{Done, Request, Trouble, Update};
use model::{Fields, IdSource as _, Kind, RecordRef};
use replica::{FileOutcome, FileWork, Input, Output};

use crate::desk::Desk;

const LETTER: &str = "From: Grace <Grace@Navy.example>\r\nTo: ada@example.org\r\nSubject: Your offer\r\n\
    Date: Sun, 1 Mar 2026 08:00:00 +0000\r\nMessage-ID: <7@navy.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nWe take it.\r\n--B\r\n\
    Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=order.pdf\r\n\r\n%PDF-\r\n--B--\r\n";

fn log(desk: &mut Desk, about: RecordRef, letter: &str) -> Result<Done, Trouble> {
    desk.updates.clear();
    desk.ask(Request::LogMail { id: 5, about, bytes: letter.as_bytes().to_vec() });
    let done = desk.updates.iter().find_map(|update| match update {
        Update::Done(5, done) => Some(done.clone()),
        _ => None,
    });
    done.expect("it is answered")
}

fn contact(desk: &mut Desk, name: &str, email: &str) -> RecordRef {
    let record = RecordRef::new(Kind::Contact, desk.env.fresh_record_id());
    let fields = Fields::from([("last_name".to_owned(), name.into()), ("email".to_owned(), email.into())]);
    desk.act(Action::Create { record, fields }).unwrap();
    record
}

#[test]
fn a_letter_becomes_an_activity_of_the_record_and_of_who_wrote_it() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let grace = contact(&mut desk, "Hopper", "grace@navy.example");

    let done = log(&mut desk, lead, LETTER).unwrap();

    let [activity] = done.records.as_slice() else { panic!("{done:?}") };
    let activity = desk.record(*activity).unwrap();
    assert_eq!((activity.text("type"), activity.text("via"), activity.text("direction")), ("email", "eml", "in"));
    assert_eq!((activity.text("subject"), activity.text("body")), ("Your offer", "We take it."));
    assert_eq!(activity.link("lead_id"), Some(lead.id));
    assert_eq!(activity.link("contact_id"), Some(grace.id));
    assert_eq!(activity.time("occurred_at").unwrap().to_string(), "2026-03-01T08:00:00.000Z");
}

#[test]
fn its_files_hang_on_the_activity() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");

    let done = log(&mut desk, lead, LETTER).unwrap();

    let job = desk.outputs.iter().find_map(|output| match output {
        Output::File { job, work: FileWork::Keep { .. } } => Some(*job),
        _ => None,
    });
    let checksum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".to_owned();
    let outcome = Ok(FileOutcome::Kept { checksum, size_bytes: 5 });
    desk.updates.clear();
    desk.input(Input::FileDone { job: job.expect("the shell keeps it"), outcome });
    let kept = desk.updates.iter().find_map(|update| match update {
        Update::Done(5, Ok(done)) => done.records.first().copied(),
        _ => None,
    });
    let file = desk.record(kept.unwrap()).unwrap();
    assert_eq!((file.text("filename"), file.link("linked_id")), ("order.pdf", Some(done.records[0].id)));
}

#[test]
fn the_same_letter_is_logged_once() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    log(&mut desk, lead, LETTER).unwrap();

    let again = log(&mut desk, lead, LETTER);

    assert_eq!(again, Err(Trouble::BadFile("this e-mail is logged already".into())));
}

#[test]
fn what_is_no_letter_changes_nothing_and_says_so() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let before = desk.replica.verify().unwrap().documents;

    let refused = log(&mut desk, lead, "PK\u{3}\u{4} a photo");

    assert!(matches!(refused, Err(Trouble::BadFile(why)) if why.contains("not an e-mail")));
    assert_eq!(desk.replica.verify().unwrap().documents, before);
}
