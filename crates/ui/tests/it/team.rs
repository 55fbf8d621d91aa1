//! Working together: refused changes, suggestions, files.

use egui::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::action::Label;
use model::app::{FileSource, Request, TeamAnswer, TeamRequest, Update};
use model::query::{Author, FileRow, RefusedChange, RefusedCommand, SuggestedChange, Suggestion, Transfer, WhoMay};
use model::{Action, CommandId, Kind, Record, RecordId, Value, build};
use ui::{Effect, FilePurpose};

use crate::desk::{Desk, desk, now};
use crate::stub::{StubReplica, me};

const REFUSED: CommandId = CommandId::from_bytes([5; 16]);

fn with_lead() -> (StubReplica, Record) {
    let lead = build::lead("Website").owned_by(me()).worth(100_000).in_stage("new").record();
    (StubReplica::started(now()).with([lead.clone()]), lead)
}

pub(crate) fn refused(lead: &Record) -> RefusedCommand {
    let change = RefusedChange {
        record: lead.reference(),
        name: "Website".into(),
        key: "value_cents".into(),
        before: Some(100_000.into()),
        after: Some(250_000.into()),
        seen: Some(100_000.into()),
        owner_name: "Ana Lima".into(),
    };
    RefusedCommand {
        command: REFUSED,
        at: now(),
        label: Label::Changed(Kind::Lead, 1),
        code: "not_owner".into(),
        detail: "only the owner or an administrator can change this".into(),
        who: WhoMay::Owners(vec!["Ana Lima".into()]),
        can_suggest: true,
        changes: vec![change],
    }
}

#[test]
fn a_refused_change_says_why_and_who_and_is_sent_as_a_suggestion() {
    let (mut replica, lead) = with_lead();
    replica.refused.push(refused(&lead));
    let mut harness = desk(replica, "/settings?s=sync");

    harness.get_by_label("Only the owner or an administrator can change this");
    harness.get_by_label("Ana Lima or an administrator may do this");
    harness.get_by_label("$1,000.00");
    harness.get_by_label("$2,500.00");
    harness.get_by_role_and_label(Role::Button, "Send as suggestion: Changed 1 lead").click();
    harness.run();

    let wanted = Request::SuggestRefused { command: REFUSED, note: String::new() };
    assert!(harness.state().replica.requests.contains(&wanted));
}

#[test]
fn a_refused_change_is_retried_copied_or_discarded() {
    for (button, retry) in [("Retry: Changed 1 lead", true), ("Discard: Changed 1 lead", false)] {
        let (mut replica, lead) = with_lead();
        replica.refused.push(refused(&lead));
        let mut harness = desk(replica, "/settings?s=sync");

        harness.get_by_role_and_label(Role::Button, "Copy: Changed 1 lead").click();
        harness.run();
        harness.get_by_role_and_label(Role::Button, button).click();
        harness.run();

        let copied = |effect: &Effect| matches!(effect, Effect::CopyText(text) if text.contains("$2,500.00"));
        assert!(harness.state().effects.iter().any(copied));
        let wanted = Request::SettleRefused { command: REFUSED, retry };
        assert!(harness.state().replica.requests.contains(&wanted));
    }
}

#[test]
fn a_suggestion_waits_on_today_and_is_accepted_with_one_click() {
    let (mut replica, lead) = with_lead();
    let author = |name: &str| Author { name: name.into(), ..Author::default() };
    let id = RecordId::from_bytes([8; 16]);
    let change = SuggestedChange {
        key: "value_cents".into(),
        seen: Some(90_000.into()),
        current: Some(100_000.into()),
        proposed: Some(250_000.into()),
    };
    replica.suggestions.push(Suggestion {
        id,
        record: lead.reference(),
        name: "Website".into(),
        author: author("Ben"),
        addressee: author("Ada Lovelace"),
        note: "They said so".into(),
        at: now(),
        status: "open".into(),
        is_mine: false,
        cannot_accept: None,
        changes: vec![change],
        pending: false,
    });
    let mut harness = desk(replica, "/");

    harness.get_by_label("1 suggestion waits for your answer");
    harness.get_by_role_and_label(Role::Button, "Look at them").click();
    harness.run();
    harness.get_by_label("Ben suggests a change of Website");
    harness.get_by_label("It was $900.00 when this was suggested");
    harness.get_by_role_and_label(Role::Button, "Accept the suggestion for Website").click();
    harness.run();

    assert_eq!(harness.state().actions(), [Action::AcceptSuggestion(id)]);
}

#[test]
fn a_file_is_added_to_a_record_and_says_where_it_is() {
    let (mut replica, lead) = with_lead();
    let mut file = Record::new(Kind::Attachment, RecordId::from_bytes([9; 16]));
    file.fields.insert("filename".into(), Value::from("offer.pdf"));
    file.fields.insert("size_bytes".into(), 2_048.into());
    replica.files.push(FileRow {
        record: file,
        here: true,
        on_relay: false,
        keep_offline: false,
        under_way: Some(Transfer::Uploading(40)),
        trouble: None,
    });
    let mut harness = desk(replica, &format!("/leads/{}", lead.id));

    harness.get_by_role_and_label(Role::Tab, "Files").click();
    harness.run();
    harness.get_by_label("offer.pdf, Uploading 40 %");
    harness.get_by_role_and_label(Role::Button, "Add a file").click();
    harness.run();
    let purpose = FilePurpose::Attachment(lead.reference());
    assert!(harness.state().effects.contains(&Effect::OpenFileDialog { purpose }));
    harness.state_mut().app.file_chosen("terms.pdf".into(), vec![1, 2, 3]);
    harness.run();

    let sent = harness.state().replica.requests.iter().any(|request| {
        matches!(request, Request::AttachFile { linked, name, source: FileSource::Bytes(bytes), .. }
            if *linked == lead.reference() && name == "terms.pdf" && bytes == &[1, 2, 3])
    });
    assert!(sent, "{:?}", harness.state().replica.requests);
}

/// A file of this name in a state of scanning, here or on the relay alone.
fn with_file(name: &str, scan: &str, here: bool) -> (StubReplica, model::Record) {
    let (mut replica, lead) = with_lead();
    let mut file = Record::new(Kind::Attachment, RecordId::from_bytes([9; 16]));
    file.fields.insert("filename".into(), Value::from(name));
    file.fields.insert("scan".into(), Value::from(scan));
    replica.files.push(FileRow {
        record: file,
        here,
        on_relay: true,
        keep_offline: false,
        under_way: None,
        trouble: None,
    });
    (replica, lead)
}

fn bytes_asked_for(harness: &Harness<'_, Desk>) -> Option<u64> {
    harness.state().replica.requests.iter().find_map(|request| match request {
        Request::ReadFile { id, .. } => Some(*id),
        _ => None,
    })
}

#[test]
fn a_file_is_opened_by_its_program_and_what_could_run_is_only_saved() {
    for (name, opens) in [("offer.pdf", true), ("setup.exe", false)] {
        let (replica, lead) = with_file(name, "not_scanned", true);
        let mut harness = desk(replica, &format!("/leads/{}?tab=files", lead.id));
        if harness.query_by_label(&format!("{name}, Here and on the server")).is_none() {
            harness.get_by_role_and_label(Role::Tab, "Files").click();
            harness.run();
        }

        harness.get_by_role_and_label(Role::Button, &format!("{name}, Here and on the server")).click();
        harness.run();
        let id = bytes_asked_for(&harness).unwrap();
        harness.state_mut().app.receive(Update::FileRead(id, Ok((name.to_owned(), vec![1, 2]))));
        harness.run();

        let (name, bytes) = (name.to_owned(), vec![1, 2]);
        let effect = if opens { Effect::OpenFile { name, bytes } } else { Effect::SaveFile { name, bytes } };
        assert!(harness.state().effects.contains(&effect));
    }
}

#[test]
fn a_blocked_file_says_so_and_a_copy_is_saved_from_the_menu() {
    let (replica, lead) = with_file("bad.pdf", "blocked", false);
    let mut harness = desk(replica, &format!("/leads/{}", lead.id));
    harness.get_by_role_and_label(Role::Tab, "Files").click();
    harness.run();
    harness.get_by_label("bad.pdf, Blocked by the virus scanner");

    let (replica, lead) = with_file("plan.pdf", "clean", false);
    let mut harness = desk(replica, &format!("/leads/{}", lead.id));
    harness.get_by_role_and_label(Role::Tab, "Files").click();
    harness.run();
    harness.get_by_label("Actions for plan.pdf").click();
    harness.run();
    harness.get_by_label("Save a copy…").click();
    harness.run();
    let id = bytes_asked_for(&harness).unwrap();
    harness.state_mut().app.receive(Update::FileRead(id, Ok(("plan.pdf".into(), vec![3]))));
    harness.run();

    assert!(harness.state().effects.contains(&Effect::SaveFile { name: "plan.pdf".into(), bytes: vec![3] }));
}

fn in_a_team() -> StubReplica {
    let mut replica = StubReplica::started(now());
    replica.session.server = "https://crm.example.org".into();
    replica
}

#[test]
fn somebody_is_invited_and_the_link_is_copied() {
    let mut harness = desk(in_a_team(), "/settings?s=team");

    harness.get_by_role_and_label(Role::Button, "Invite somebody…").click();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Name").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Name").type_text("Ben");
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Make the link").click();
    harness.run();
    harness.get_by_label("Enter an email address");
    harness.get_by_role_and_label(Role::TextInput, "Email").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Email").type_text("ben@example.org");
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Make the link").click();
    harness.run();
    let asked = harness.state().replica.requests.iter().rev().find_map(|request| match request {
        Request::Team(id, TeamRequest::Invite { email, .. }) => Some((*id, email.clone())),
        _ => None,
    });
    let (id, email) = asked.expect("the relay is asked");
    assert_eq!(email, "ben@example.org");
    let link = "https://crm.example.org/accept#secret".to_owned();
    let answer = TeamAnswer::Link { link: link.clone(), expires_at: now() };
    harness.state_mut().app.receive(Update::Team(id, Ok(answer)));
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Copy the link").click();
    harness.run();

    assert!(harness.state().effects.contains(&Effect::CopyText(link)));
}

#[test]
fn devices_are_asked_for_once_when_the_part_is_opened() {
    let harness = desk(in_a_team(), "/settings?s=team");

    let asked = |request: &&Request| matches!(request, Request::Team(_, TeamRequest::Devices { everybody: true }));
    assert_eq!(harness.state().replica.requests.iter().filter(asked).count(), 1);
}
