//! Files: kept first, in one step with their record; uploaded part by part; fetched when asked for.

use model::action::Action;
use model::app::{FileSource, Request, Trouble, Update};
use model::query::{Answer, FileRow, Query, Transfer};
use model::{IdSource as _, Kind, RecordRef};
use replica::{ConnectionState, FileOutcome, FileWork, Input, Output};
use serde_json::{Value as Json, json};

use crate::desk::Desk;

const SUM: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// Attaches a file of three parts to a record; the shell keeps it.
fn attach(desk: &mut Desk, linked: RecordRef) -> RecordRef {
    let source = FileSource::Path("/home/ada/plan.pdf".into());
    let request = Request::AttachFile { id: 9, linked, name: "../plan.pdf".into(), mime_type: String::new(), source };
    desk.ask(request);
    let (job, work) = file_work(desk);
    assert!(matches!(work, FileWork::Keep { .. }));
    desk.updates.clear();
    desk.input(Input::FileDone { job, outcome: Ok(FileOutcome::Kept { checksum: SUM.into(), size_bytes: 25 }) });
    let done = desk.updates.iter().find_map(|update| match update {
        Update::Done(9, done) => Some(done.clone()),
        _ => None,
    });
    done.unwrap().unwrap().records[0]
}

/// The one work on files that is asked for.
fn file_work(desk: &mut Desk) -> (u64, FileWork) {
    let mut found = None;
    desk.outputs.retain(|output| match output {
        Output::File { job, work } => {
            found = Some((*job, work.clone()));
            false
        }
        _ => true,
    });
    found.expect("the shell is asked for something")
}

/// The address and body of the one HTTP request that is asked for.
fn http(desk: &mut Desk) -> (u64, String, Json) {
    let requests: Vec<_> = desk
        .outputs
        .drain(..)
        .filter_map(|output| match output {
            Output::Http { id, url, body, .. } => Some((id, url, serde_json::from_slice(&body).unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests.into_iter().next().unwrap()
}

fn answer(desk: &mut Desk, id: u64, status: u16, body: &Json) {
    desk.input(Input::HttpAnswered { id, status: Ok(status), body: body.to_string().into_bytes() });
}

fn row(desk: &mut Desk) -> FileRow {
    let now = desk.env.now();
    let Answer::Files(rows) = desk.replica.answer(&Query::Files(None), now).unwrap() else { panic!() };
    rows.into_iter().next().unwrap()
}

/// Somebody in a team with a file that the relay does not have; its record has been accepted.
fn ready_to_upload() -> (Desk, RecordRef) {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let attachment = attach(&mut desk, lead);
    desk.join();
    desk.accept_all();
    (desk, attachment)
}

#[test]
fn a_file_is_kept_before_its_record_is_there_and_waits_for_the_relay() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");

    let attachment = attach(&mut desk, lead);

    let record = desk.record(attachment).unwrap();
    assert_eq!(
        (record.text("filename"), record.text("checksum"), record.int("size_bytes")),
        ("plan.pdf", SUM, Some(25))
    );
    assert_eq!(record.link("linked_id"), Some(lead.id));
    let row = row(&mut desk);
    assert_eq!((row.here, row.on_relay, row.under_way), (true, false, Some(Transfer::WaitsToUpload)));
}

#[test]
fn what_could_not_be_kept_leaves_no_record() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let source = FileSource::Path("/nowhere".into());
    desk.ask(Request::AttachFile { id: 9, linked: lead, name: "x".into(), mime_type: String::new(), source });
    let (job, _) = file_work(&mut desk);
    desk.updates.clear();

    desk.input(Input::FileDone { job, outcome: Err("the file can't be read".into()) });

    assert!(desk.updates.contains(&Update::Done(9, Err(Trouble::BadFile("the file can't be read".into())))));
    let now = desk.env.now();
    assert_eq!(desk.replica.answer(&Query::Files(None), now).unwrap(), Answer::Files(Vec::new()));
}

#[test]
fn an_upload_sends_what_is_missing_and_then_is_done() {
    let (mut desk, attachment) = ready_to_upload();
    assert_eq!(desk.replica.connection().unwrap(), ConnectionState::Busy);

    let (id, url, body) = http(&mut desk);
    assert_eq!(url, "http://relay.test/api/v1/attachments/uploads");
    assert_eq!(body, json!({"attachment_id": attachment.id, "checksum": SUM, "size_bytes": 25}));
    let begun = json!({"upload_id": "u1", "part_bytes": 10, "part_count": 3, "missing": [0, 2]});
    answer(&mut desk, id, 201, &begun);
    for (part, offset, length) in [(0, 0, 10), (2, 20, 5)] {
        let (job, work) = file_work(&mut desk);
        let FileWork::SendPart { url, offset: from, length: many, checksum, .. } = work else { panic!() };
        assert_eq!(url, format!("http://relay.test/api/v1/attachments/uploads/u1/parts/{part}"));
        assert_eq!((from, many, checksum.as_str()), (offset, length, SUM));
        desk.input(Input::FileDone { job, outcome: Ok(FileOutcome::Answered(204, Vec::new())) });
    }
    assert_eq!(row(&mut desk).under_way, Some(Transfer::Uploading(100)));
    let (id, url, _) = http(&mut desk);
    assert_eq!(url, "http://relay.test/api/v1/attachments/uploads/u1/finish");
    answer(&mut desk, id, 200, &json!({}));

    assert_eq!(row(&mut desk).under_way, None);
    assert_eq!(desk.replica.connection().unwrap(), ConnectionState::Idle);
    assert_eq!(desk.replica.sync_report().file_bytes_sent, 15);
}

#[test]
fn a_cut_upload_waits_and_begins_again_where_it_was() {
    let (mut desk, _) = ready_to_upload();
    let (id, _, _) = http(&mut desk);
    answer(&mut desk, id, 201, &json!({"upload_id": "u1", "part_bytes": 10, "part_count": 3, "missing": [0, 1, 2]}));
    let (job, _) = file_work(&mut desk);

    desk.input(Input::FileDone { job, outcome: Err("connection reset".into()) });
    assert_eq!(row(&mut desk).under_way, Some(Transfer::WaitsToUpload));
    let wake = desk.replica.next_wake().unwrap();
    assert!(wake > desk.env.now());
    desk.env.set_now(wake);
    desk.outputs.clear();
    desk.input(Input::Wake);

    let (id, url, _) = http(&mut desk);
    assert!(url.ends_with("/attachments/uploads"));
    answer(&mut desk, id, 201, &json!({"upload_id": "u1", "part_bytes": 10, "part_count": 3, "missing": [2]}));
    let (_, work) = file_work(&mut desk);
    assert!(matches!(work, FileWork::SendPart { offset: 20, length: 5, .. }));
}

#[test]
fn a_refused_upload_says_why_and_does_not_hold_up_the_rest() {
    let (mut desk, _) = ready_to_upload();
    let (id, _, _) = http(&mut desk);

    answer(&mut desk, id, 403, &json!({"detail": "your role is read-only", "code": "not_allowed"}));

    assert_eq!(row(&mut desk).trouble.as_deref(), Some("your role is read-only"));
    assert_eq!(desk.replica.connection().unwrap(), ConnectionState::Idle);
}

#[test]
fn a_file_that_is_not_on_the_relay_can_not_be_fetched() {
    let (mut desk, attachment) = ready_to_upload();
    let other = RecordRef::new(Kind::Attachment, desk.env.fresh_record_id());
    desk.updates.clear();

    desk.ask(Request::FetchFile { id: 5, attachment: other.id });
    desk.ask(Request::FetchFile { id: 6, attachment: attachment.id });

    assert!(desk.updates.contains(&Update::Done(5, Err(Trouble::NotHere))));
    let here =
        desk.updates.iter().any(|update| matches!(update, Update::Done(6, Ok(done)) if done.records == [attachment]));
    assert!(here, "it is on this device");
}

#[test]
fn files_hang_only_on_what_may_carry_them() {
    let mut desk = Desk::alone();
    let nothing = RecordRef::new(Kind::Lead, desk.env.fresh_record_id());
    let (lead, _) = desk.create_lead("Website");
    let attachment = attach(&mut desk, lead);
    desk.updates.clear();

    for (id, linked) in [(1, nothing), (2, attachment)] {
        let source = FileSource::Bytes(Vec::new());
        desk.ask(Request::AttachFile { id, linked, name: "x".into(), mime_type: String::new(), source });
    }

    assert!(desk.updates.contains(&Update::Done(1, Err(Trouble::NotHere))));
    assert!(desk.updates.iter().any(|update| matches!(update, Update::Done(2, Err(Trouble::NotAllowed(_))))));
}

#[test]
fn what_is_not_sent_is_remembered_over_a_restart() {
    let (desk, _) = ready_to_upload();

    let mut desk = desk.restarted();

    assert_eq!(row(&mut desk).under_way, Some(Transfer::WaitsToUpload));
    assert!(row(&mut desk).here);
}

/// Carries an upload of one part to its end.
fn upload(desk: &mut Desk) {
    let (id, _, _) = http(desk);
    answer(desk, id, 201, &json!({"upload_id": "u1", "part_bytes": 30, "part_count": 1, "missing": [0]}));
    let (job, _) = file_work(desk);
    desk.input(Input::FileDone { job, outcome: Ok(FileOutcome::Answered(204, Vec::new())) });
    let (id, _, _) = http(desk);
    answer(desk, id, 200, &json!({}));
}

#[test]
fn a_file_in_the_trash_lies_on_the_relay_alone_from_the_next_start_on() {
    let (mut desk, attachment) = ready_to_upload();
    upload(&mut desk);
    desk.act(Action::Delete(vec![attachment])).unwrap();

    let mut desk = desk.restarted();
    desk.outputs.clear();
    desk.input(Input::Wake);

    let (_, work) = file_work(&mut desk);
    assert_eq!(work, FileWork::Drop { checksum: SUM.into() });
    desk.act(Action::Restore(vec![attachment])).unwrap();
    let row = row(&mut desk);
    assert_eq!((row.here, row.keep_offline), (false, true), "it is fetched when it is wanted");
}

#[test]
fn a_file_in_the_trash_that_the_relay_does_not_have_stays_here() {
    let (mut desk, attachment) = ready_to_upload();
    desk.act(Action::Delete(vec![attachment])).unwrap();

    let mut desk = desk.restarted();
    desk.outputs.clear();
    desk.input(Input::Wake);

    assert!(!desk.outputs.iter().any(|output| matches!(output, Output::File { .. })));
}

#[test]
fn a_file_that_is_here_is_read_for_whoever_asks() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let attachment = attach(&mut desk, lead);
    desk.outputs.clear();

    desk.ask(Request::ReadFile { id: 7, attachment: attachment.id });
    let (job, work) = file_work(&mut desk);
    assert_eq!(work, FileWork::Read { checksum: SUM.into() });
    desk.input(Input::FileDone { job, outcome: Ok(FileOutcome::Read(b"hello".to_vec())) });

    assert!(desk.updates.contains(&Update::FileRead(7, Ok(("plan.pdf".into(), b"hello".to_vec())))));
}

#[test]
fn a_file_that_can_not_be_had_says_why_to_whoever_wants_its_bytes() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let attachment = attach(&mut desk, lead);
    let nothing = desk.env.fresh_record_id();
    desk.outputs.clear();

    desk.ask(Request::ReadFile { id: 7, attachment: nothing });
    desk.ask(Request::ReadFile { id: 8, attachment: attachment.id });
    let (job, _) = file_work(&mut desk);
    desk.input(Input::FileDone { job, outcome: Err("the file has changed on the disk".into()) });

    assert!(desk.updates.contains(&Update::FileRead(7, Err(Trouble::NotHere))));
    let changed = Trouble::BadFile("the file has changed on the disk".into());
    assert!(desk.updates.contains(&Update::FileRead(8, Err(changed))));
}

#[test]
fn the_files_of_what_was_said_about_a_record_are_among_its_files() {
    let mut desk = Desk::alone();
    let (lead, _) = desk.create_lead("Website");
    let mail = RecordRef::new(Kind::Activity, desk.env.fresh_record_id());
    let fields = [
        ("type".to_owned(), "email".into()),
        ("subject".to_owned(), "Quote".into()),
        ("lead_id".to_owned(), lead.id.into()),
        ("occurred_at".to_owned(), desk.env.now().into()),
    ];
    desk.ask(Request::Do(3, Action::Create { record: mail, fields: fields.into() }));
    let attachment = attach(&mut desk, mail);

    let now = desk.env.now();
    let Answer::Files(rows) = desk.replica.answer(&Query::Files(Some(lead)), now).unwrap() else { panic!() };
    assert_eq!(rows.iter().map(|row| row.record.id).collect::<Vec<_>>(), [attachment.id]);
}
