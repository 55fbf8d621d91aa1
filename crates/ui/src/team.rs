//! Asking the relay about people, devices and passwords, and what comes of it.

use model::Role;
use model::app::{DeliveryRow, Request, RequestId, TeamAnswer, TeamRequest, Trouble, WebhookRequest};

use crate::app::App;
use crate::dialog::Dialog;
use crate::screens::settings::api::SecretView;
use crate::screens::settings::team::LinkView;
use crate::words;

impl App {
    /// Asks the relay.
    pub(crate) fn ask_team(&mut self, request: TeamRequest) {
        if matches!(request, TeamRequest::Devices { .. }) {
            self.screens.team.asked = true;
        }
        if matches!(request, TeamRequest::Tokens | TeamRequest::Calendar) {
            self.screens.api.asked = true;
        }
        if request == TeamRequest::Webhook(WebhookRequest::List) {
            self.screens.api.webhooks.asked = true;
        }
        let id = self.feed.fresh_id();
        self.asking.insert(id, request.clone());
        self.send(Request::Team(id, request));
    }

    /// Tells what came of it, and looks at the devices again when they may have changed.
    pub(crate) fn team_answered(&mut self, id: RequestId, answer: Result<TeamAnswer, Trouble>) {
        let Some(request) = self.asking.remove(&id) else { return };
        match answer {
            Ok(TeamAnswer::Devices(devices)) => self.screens.team.devices = Some(devices),
            Ok(TeamAnswer::Link { link, expires_at }) => {
                self.dialog = Some(Dialog::Link(LinkView { link, expires_at }));
            }
            Ok(TeamAnswer::Tokens(tokens)) => self.screens.api.tokens = Some(tokens),
            Ok(TeamAnswer::Calendar(feed)) => self.screens.api.calendar = Some(feed),
            Ok(TeamAnswer::Webhooks(rows)) => {
                self.screens.api.webhooks.trouble = None;
                self.screens.api.webhooks.rows = Some(rows);
            }
            Ok(TeamAnswer::Deliveries(rows)) => self.show_deliveries(&request, rows),
            Ok(TeamAnswer::Secret(secret)) => self.show_secret(&request, secret),
            Ok(TeamAnswer::Done) => self.team_done(&request),
            // A server of the time before webhooks has none; nobody needs to be told aloud.
            Err(trouble) if request == TeamRequest::Webhook(WebhookRequest::List) => {
                self.screens.api.webhooks.trouble = Some(words::trouble(&trouble));
            }
            Err(trouble) => self.toasts.bad(words::trouble(&trouble), self.ids.now),
        }
    }

    fn show_secret(&mut self, request: &TeamRequest, secret: String) {
        let (view, next) = match request {
            TeamRequest::MakeCalendar => (SecretView::calendar(secret), TeamRequest::Calendar),
            TeamRequest::Webhook(_) => (SecretView::webhook(secret), TeamRequest::Webhook(WebhookRequest::List)),
            _ => (SecretView::token(secret), TeamRequest::Tokens),
        };
        self.dialog = Some(Dialog::Secret(view));
        self.ask_team(next);
    }

    /// Shows deliveries, if their webhook's still show.
    fn show_deliveries(&mut self, request: &TeamRequest, rows: Vec<DeliveryRow>) {
        if let (Some(Dialog::Deliveries(view)), TeamRequest::Webhook(WebhookRequest::Deliveries(webhook))) =
            (&mut self.dialog, request)
            && view.webhook == *webhook
        {
            view.rows = Some(rows);
        }
        // A delivery may have changed how its webhook stands.
        self.ask_team(TeamRequest::Webhook(WebhookRequest::List));
    }

    fn webhook_done(&mut self, request: &WebhookRequest) {
        let text = match request {
            WebhookRequest::SetActive(_, true) => "The webhook goes on where it stopped",
            WebhookRequest::SetActive(_, false) => "The webhook is paused",
            WebhookRequest::Delete(_) => "Webhook deleted",
            WebhookRequest::Test(_) => "The test is on its way",
            WebhookRequest::Resend { .. } => "It is sent again",
            WebhookRequest::List
            | WebhookRequest::Make { .. }
            | WebhookRequest::Rotate(_)
            | WebhookRequest::Deliveries(_) => return,
        };
        self.toasts.good(text.to_owned(), self.ids.now);
        let next = match request {
            WebhookRequest::Test(webhook) | WebhookRequest::Resend { webhook, .. } => {
                WebhookRequest::Deliveries(webhook.clone())
            }
            _ => WebhookRequest::List,
        };
        self.ask_team(TeamRequest::Webhook(next));
    }

    fn team_done(&mut self, request: &TeamRequest) {
        let text = match request {
            TeamRequest::Webhook(request) => return self.webhook_done(request),
            TeamRequest::SetRole(..) => "Role changed",
            TeamRequest::SetDisabled(_, true) => "Shut out; their records stay",
            TeamRequest::SetDisabled(_, false) => "Let in again",
            TeamRequest::ChangePassword { .. } => "Password changed",
            TeamRequest::RevokeDevice(_) => "Device signed out",
            TeamRequest::Rename { .. } => "Name changed",
            TeamRequest::RevokeToken(_) => "Token revoked",
            TeamRequest::EndCalendar => "The calendar is off",
            TeamRequest::Invite { .. }
            | TeamRequest::ResetLink(_)
            | TeamRequest::Devices { .. }
            | TeamRequest::Tokens
            | TeamRequest::MakeToken { .. }
            | TeamRequest::Calendar
            | TeamRequest::MakeCalendar => return,
        };
        self.toasts.good(text.to_owned(), self.ids.now);
        match request {
            TeamRequest::RevokeToken(_) => self.ask_team(TeamRequest::Tokens),
            TeamRequest::EndCalendar => self.ask_team(TeamRequest::Calendar),
            _ => {}
        }
        if matches!(request, TeamRequest::RevokeDevice(_) | TeamRequest::SetDisabled(..)) {
            let me = self.session.as_ref().and_then(|session| session.me.as_ref());
            let everybody = me.is_some_and(|me| me.role == Role::Admin);
            self.ask_team(TeamRequest::Devices { everybody });
        }
    }
}
