//! What the replica says: answers, outcomes, the session, notices.

use model::Kind;
use model::app::{Done, RequestId, Session, SyncState, Trouble, Update};

use crate::app::{App, Effect};
use crate::dialog::{CreateForm, Dialog};
use crate::feed::Slot;
use crate::routes::Screen;
use crate::update::Purpose;
use crate::words;

impl App {
    /// Takes in what the replica says.
    pub(crate) fn take_in(&mut self, update: Update) {
        match update {
            Update::Session(session) => self.new_session(session),
            Update::Answer(id, answer) => match self.exporting.remove(&id) {
                Some(name) => self.save_answer(name, answer),
                None if self.feed.take(id, answer) => self.name_subject(),
                None => {}
            },
            Update::Done(id, outcome) => self.finished(id, outcome),
            // Watches bring what changed; nothing is kept beside them.
            Update::Changed(_) => {}
            Update::ImportOpened(id, outcome) => self.screens.import.opened(id, outcome),
            Update::ImportProgress(id, done, all) => self.screens.import.progressed(id, done, all),
            Update::ImportReport(id, outcome) => self.screens.import.reported(id, outcome),
            Update::Notice(notice) => self.notice(&notice),
            Update::Team(id, answer) => self.team_answered(id, answer),
            Update::Remind(reminders) => self.remind(&reminders),
            Update::BackedUp(id, outcome) => self.backed_up(id, outcome),
            Update::FileRead(id, outcome) => self.file_read(id, outcome),
            Update::BackupRestored(_, outcome) => self.restored(outcome),
            Update::Verified(_, found) => {
                let found = found.map_err(|trouble| words::trouble(&trouble));
                self.screens.verify = crate::screens::settings::sync::VerifyState::Done(found);
            }
        }
    }

    pub(crate) fn notice(&mut self, notice: &model::app::Notice) {
        let entering = self.start.busy;
        if entering && notice.tone == model::app::Tone::Bad {
            self.start.busy = false;
            self.start.trouble = Some(notice.text.clone());
            return;
        }
        let now = self.ids.now;
        match notice.tone {
            model::app::Tone::Good => self.toasts.good(notice.text.clone(), now),
            model::app::Tone::Neutral => self.toasts.neutral(notice.text.clone(), now),
            model::app::Tone::Bad => self.toasts.bad(notice.text.clone(), now),
        }
    }

    pub(crate) fn new_session(&mut self, session: Session) {
        let signed_in = !matches!(session.sync, SyncState::Alone | SyncState::NeedsSignIn);
        let was_out = self.session.as_ref().is_none_or(|old| old.me.is_none());
        if session.me.is_some() && (was_out || signed_in) {
            self.start.busy = false;
            self.start.password.clear();
            if self.dialog == Some(Dialog::Join) {
                self.dialog = None;
            }
        }
        self.session = Some(session);
    }

    pub(crate) fn finished(&mut self, id: RequestId, outcome: Result<Done, Trouble>) {
        let Some(purpose) = self.doing.remove(&id) else {
            // Not asked here: entering a team reports its troubles this way too.
            if let (Err(trouble), true) = (outcome, self.start.busy) {
                self.start.busy = false;
                self.start.trouble = Some(words::trouble(&trouble));
            }
            return;
        };
        match outcome {
            Ok(done) => self.succeeded(id, &purpose, done),
            Err(trouble) => self.failed(id, &purpose, &trouble),
        }
    }

    pub(crate) fn succeeded(&mut self, id: RequestId, purpose: &Purpose, done: Done) {
        if let Purpose::Step(way, command) = purpose {
            self.stepped(*way, *command, &done);
            return;
        }
        if *purpose == Purpose::Composer {
            self.screens.detail.composer.clear();
        }
        if *purpose == Purpose::Form {
            self.form_done(id, &done);
        }
        let Some(command) = done.command else { return };
        self.toasts.remember(command);
        if !matches!(purpose, Purpose::Field(_) | Purpose::Quiet) {
            self.toasts.done(words::label(&done.label), command, self.ids.now);
        }
    }

    pub(crate) fn form_done(&mut self, id: RequestId, done: &Done) {
        let another = match &self.dialog {
            Some(Dialog::Create(form)) => form.sent.filter(|(sent, _)| *sent == id).map(|(_, another)| another),
            Some(Dialog::Close(form)) => form.sent.filter(|sent| *sent == id).map(|_| false),
            Some(Dialog::Log(form)) => form.sent.filter(|sent| *sent == id).map(|_| false),
            _ => None,
        };
        let Some(another) = another else { return };
        let form = self.dialog.take();
        if let (true, Some(Dialog::Create(form))) = (another, form) {
            let mut next = CreateForm::new(form.kind);
            // The next one is about the same: account, source and stage stay.
            next.picks = form.picks;
            next.about = form.about;
            self.dialog = Some(Dialog::Create(next));
            return;
        }
        let created = done.records.first().copied().filter(|record| record.kind != Kind::Activity);
        let on_board = self.route.screen == Screen::Pipeline;
        if let Some(record) = created.filter(|record| on_board && record.kind == Kind::Lead) {
            self.screens.board.focus = Some(record.id);
        }
    }

    pub(crate) fn failed(&mut self, id: RequestId, purpose: &Purpose, trouble: &Trouble) {
        let problems = match trouble {
            Trouble::Invalid(problems) => problems.clone(),
            _ => Vec::new(),
        };
        let taken = match (&mut self.dialog, purpose) {
            (Some(Dialog::Create(form)), Purpose::Form) if form.sent.is_some_and(|(sent, _)| sent == id) => {
                form.sent = None;
                form.problems.extend(problems.iter().map(|of| (of.key.clone(), of.problem.clone())));
                !problems.is_empty()
            }
            (Some(Dialog::Close(form)), Purpose::Form) if form.sent == Some(id) => {
                form.sent = None;
                form.problems.extend(problems.iter().map(|of| (of.key.clone(), of.problem.clone())));
                !problems.is_empty()
            }
            (Some(Dialog::Log(form)), Purpose::Form) if form.sent == Some(id) => {
                form.sent = None;
                false
            }
            _ => false,
        };
        if let Purpose::Field(_) = purpose {
            self.screens.detail.problems.extend(problems.iter().map(|of| (of.key.clone(), of.problem.clone())));
        }
        // What was shown before the answer was not true.
        let stale = match purpose {
            Purpose::Move | Purpose::Plain | Purpose::Form => Some(Slot::Board),
            _ => None,
        };
        for slot in stale.into_iter().chain([Slot::Detail]) {
            let again = self.feed.ask_again(slot);
            self.effects.extend(again.map(Effect::Request));
        }
        let asked = match purpose {
            Purpose::Step(way, command) => self.asks_about_step(*way, *command, trouble),
            _ => false,
        };
        if !taken && !asked {
            self.toasts.bad(words::trouble(trouble), self.ids.now);
        }
    }
}
