//! Settings › API: webhooks are made, tested, paused and deleted, and their deliveries sent again.

use egui::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use model::app::{
    CalendarFeed, DeliveryRow, DeliveryState, Request, SyncState, TeamAnswer, TeamRequest, Trouble, Update,
    WebhookPause, WebhookRequest, WebhookRow,
};
use ui::Effect;

use crate::api::{answer, asked, click, in_a_team};
use crate::desk::{Desk, desk, now};
use crate::stub::StubReplica;

const URL: &str = "https://hooks.example.org/crm?key=geheim";

fn delivery(id: &str, state: DeliveryState) -> DeliveryRow {
    let arrived = state == DeliveryState::Delivered;
    DeliveryRow {
        id: id.into(),
        event: "lead.won".into(),
        state,
        created_at: now(),
        attempts: 1,
        tried_at: Some(now()),
        next_at: (state == DeliveryState::Waiting).then(|| now().plus_millis(30_000)),
        status: Some(if arrived { 200 } else { 500 }),
        error: None,
        duration_millis: Some(120),
        answer: if arrived { "taken".into() } else { "out of order".into() },
    }
}

fn row(paused: Option<WebhookPause>, last: Option<DeliveryState>) -> WebhookRow {
    WebhookRow {
        id: "7".into(),
        url: URL.into(),
        events: vec!["lead.created".into(), "lead.won".into()],
        paused,
        created_at: now(),
        last: last.map(|state| delivery("1", state)),
    }
}

fn asks(harness: &Harness<'static, Desk>, wanted: &WebhookRequest) -> u64 {
    asked(harness, |request| *request == TeamRequest::Webhook(wanted.clone()))
}

/// The part with these webhooks.
fn with(rows: Vec<WebhookRow>) -> Harness<'static, Desk> {
    let mut harness = in_a_team(SyncState::Synced);
    let id = asks(&harness, &WebhookRequest::List);
    answer(&mut harness, id, TeamAnswer::Webhooks(rows));
    harness
}

/// Two webhooks, one of which is not answered.
pub(crate) fn show(harness: &mut Harness<'static, Desk>) {
    let erp = WebhookRow {
        id: "8".into(),
        url: "https://erp.example.org/in/leads".into(),
        events: vec!["*".into()],
        ..row(None, Some(DeliveryState::Waiting))
    };
    let id = asked(harness, |request| *request == TeamRequest::Tokens);
    answer(harness, id, TeamAnswer::Tokens(Vec::new()));
    let id = asked(harness, |request| *request == TeamRequest::Calendar);
    answer(harness, id, TeamAnswer::Calendar(CalendarFeed { created_at: None, last_used_at: None }));
    let id = asks(harness, &WebhookRequest::List);
    answer(harness, id, TeamAnswer::Webhooks(vec![row(None, Some(DeliveryState::Delivered)), erp]));
    harness.get_by_label("New webhook…").scroll_to_me();
    harness.run();
}

/// What became of telling one of them.
pub(crate) fn show_deliveries(harness: &mut Harness<'static, Desk>) {
    show(harness);
    click(harness, "Deliveries · erp.example.org");
    let id = asks(harness, &WebhookRequest::Deliveries("8".into()));
    let mut test = delivery("1", DeliveryState::Failed);
    test.event = "webhook.test".into();
    (test.status, test.error, test.answer) = (None, Some("no answer within 10 s".into()), String::new());
    let rows = vec![delivery("3", DeliveryState::Waiting), delivery("2", DeliveryState::Delivered), test];
    answer(harness, id, TeamAnswer::Deliveries(rows));
}

/// A new one that is told of some things.
pub(crate) fn show_form(harness: &mut Harness<'static, Desk>) {
    show(harness);
    click(harness, "New webhook…");
    harness.get_by_role_and_label(Role::CheckBox, "Anything happens").click();
    harness.run();
}

#[test]
fn a_webhook_is_made_and_its_secret_shown_once() {
    let mut harness = with(Vec::new());
    harness.get_by_label("Nobody else is told");

    click(&mut harness, "New webhook…");
    click(&mut harness, "Make the webhook");
    harness.get_by_label("An address as in https://example.org/hook");
    harness.get_by_role_and_label(Role::TextInput, "Address").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Address").type_text(URL);
    harness.run();
    harness.get_by_role_and_label(Role::CheckBox, "Anything happens").click();
    harness.run();
    click(&mut harness, "Make the webhook");
    harness.get_by_label("Choose at least one");
    for words in ["A lead is new", "A lead is won"] {
        harness.get_by_role_and_label(Role::CheckBox, words).click();
        harness.run();
    }
    click(&mut harness, "Make the webhook");
    let events = vec!["lead.created".into(), "lead.won".into()];
    let id = asks(&harness, &WebhookRequest::Make { url: URL.into(), events });
    answer(&mut harness, id, TeamAnswer::Secret("whsec_x".into()));
    click(&mut harness, "Copy");

    assert!(harness.state().effects.contains(&Effect::CopyText("whsec_x".into())));
    click(&mut harness, "Done");
    assert!(harness.query_by_label_contains("whsec_x").is_none());
    let id = asks(&harness, &WebhookRequest::List);
    answer(&mut harness, id, TeamAnswer::Webhooks(vec![row(None, None)]));
    harness.get_by_label("A lead is new · A lead is won");
    harness.get_by_label("Active · nothing sent yet");
}

#[test]
fn how_a_webhook_stands_is_said_in_words() {
    use DeliveryState::{Delivered, Waiting};
    let rows = [
        (row(None, Some(Delivered)), "last delivery arrived"),
        (row(None, Some(Waiting)), "last delivery failed"),
        (row(Some(WebhookPause::Person), None), "nothing is lost meanwhile"),
        (row(Some(WebhookPause::Failing), None), "for three days"),
        (row(Some(WebhookPause::Gone), None), "gone for good"),
    ];
    for (row, words) in rows {
        let harness = with(vec![row]);
        harness.get_by_label_contains(words);
    }
}

#[test]
fn a_test_is_sent_and_its_delivery_sent_again() {
    let mut harness = with(vec![row(None, None)]);

    click(&mut harness, "Send a test · hooks.example.org");
    let id = asks(&harness, &WebhookRequest::Test("7".into()));
    answer(&mut harness, id, TeamAnswer::Done);
    harness.get_by_label_contains("The test is on its way");
    let id = asks(&harness, &WebhookRequest::Deliveries("7".into()));
    let rows = vec![delivery("2", DeliveryState::Failed), delivery("1", DeliveryState::Delivered)];
    answer(&mut harness, id, TeamAnswer::Deliveries(rows));
    harness.get_by_label_contains("answer 500");
    harness.get_by_label("out of order");

    let again = harness.get_all_by_label_contains("Send again · A lead is won").next().expect("it can be sent again");
    again.click();
    harness.run();
    let resend = WebhookRequest::Resend { webhook: "7".into(), delivery: "2".into() };
    let id = asks(&harness, &resend);
    answer(&mut harness, id, TeamAnswer::Done);
    asks(&harness, &WebhookRequest::Deliveries("7".into()));
}

#[test]
fn a_webhook_is_paused_resumed_rotated_and_deleted() {
    let mut harness = with(vec![row(None, None)]);

    click(&mut harness, "Pause · hooks.example.org");
    let id = asks(&harness, &WebhookRequest::SetActive("7".into(), false));
    answer(&mut harness, id, TeamAnswer::Done);
    let id = asks(&harness, &WebhookRequest::List);
    answer(&mut harness, id, TeamAnswer::Webhooks(vec![row(Some(WebhookPause::Person), None)]));
    click(&mut harness, "Resume · hooks.example.org");
    asks(&harness, &WebhookRequest::SetActive("7".into(), true));

    let before = harness.state().replica.requests.len();
    click(&mut harness, "New secret… · hooks.example.org");
    assert_eq!(harness.state().replica.requests.len(), before, "it is asked first");
    click(&mut harness, "Make a new secret");
    let id = asks(&harness, &WebhookRequest::Rotate("7".into()));
    answer(&mut harness, id, TeamAnswer::Secret("whsec_y".into()));
    harness.get_by_label_contains("whsec_y");
    click(&mut harness, "Done");
    click(&mut harness, "Delete… · hooks.example.org");
    click(&mut harness, "Delete");
    let id = asks(&harness, &WebhookRequest::Delete("7".into()));
    answer(&mut harness, id, TeamAnswer::Done);
    harness.get_by_label_contains("Webhook deleted");
}

#[test]
fn what_a_server_without_webhooks_says_stands_where_they_would() {
    let mut harness = in_a_team(SyncState::Synced);
    let id = asks(&harness, &WebhookRequest::List);
    let trouble = Trouble::NotAllowed("there is nothing under this address".into());

    harness.state_mut().app.receive(Update::Team(id, Err(trouble)));
    harness.run();

    harness.get_by_label_contains("there is nothing under this address");
}

#[test]
fn whoever_is_no_administrator_or_offline_is_told_why_nothing_can_be_done() {
    let mut replica = StubReplica::started(now()).with_role(model::Role::User);
    replica.session.server = "https://crm.example.org".into();
    replica.session.sync = SyncState::Synced;
    let user = desk(replica, "/settings?s=api");
    let offline = in_a_team(SyncState::Offline { since: None, reason: "no network".into() });

    user.get_by_label("Only administrators can do this");
    for harness in [&user, &offline] {
        let asked = harness.state().replica.requests.iter();
        let about_webhooks = |request: &Request| matches!(request, Request::Team(_, TeamRequest::Webhook(_)));
        assert!(!asked.clone().any(about_webhooks), "nobody is asked in vain");
        assert!(harness.get_by_role_and_label(Role::Button, "New webhook…").accesskit_node().is_disabled());
    }
}
