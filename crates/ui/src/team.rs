//! Asking the relay about people, devices and passwords, and what comes of it.

use model::Role;
use model::app::{Request, RequestId, TeamAnswer, TeamRequest, Trouble};

use crate::app::App;
use crate::dialog::Dialog;
use crate::screens::settings::team::LinkView;
use crate::words;

impl App {
    /// Asks the relay.
    pub(crate) fn ask_team(&mut self, request: TeamRequest) {
        if matches!(request, TeamRequest::Devices { .. }) {
            self.screens.team.asked = true;
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
            Ok(TeamAnswer::Done) => self.team_done(&request),
            Err(trouble) => self.toasts.bad(words::trouble(&trouble), self.ids.now),
        }
    }

    fn team_done(&mut self, request: &TeamRequest) {
        let text = match request {
            TeamRequest::SetRole(..) => "Role changed",
            TeamRequest::SetDisabled(_, true) => "Shut out; their records stay",
            TeamRequest::SetDisabled(_, false) => "Let in again",
            TeamRequest::ChangePassword { .. } => "Password changed",
            TeamRequest::RevokeDevice(_) => "Device signed out",
            TeamRequest::Rename { .. } => "Name changed",
            TeamRequest::Invite { .. } | TeamRequest::ResetLink(_) | TeamRequest::Devices { .. } => return,
        };
        self.toasts.good(text.to_owned(), self.ids.now);
        if matches!(request, TeamRequest::RevokeDevice(_) | TeamRequest::SetDisabled(..)) {
            let me = self.session.as_ref().and_then(|session| session.me.as_ref());
            let everybody = me.is_some_and(|me| me.role == Role::Admin);
            self.ask_team(TeamRequest::Devices { everybody });
        }
    }
}
