//! Undo and redo: the steps of this session, and the question before a newer value is overwritten.

use model::app::{Done, Overwrite, Trouble};
use model::{Action, CommandId};

use crate::app::App;
use crate::dialog::Dialog;
use crate::update::Purpose;
use crate::words;

/// Which way a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Takes a command back.
    Undo,
    /// Does it again: takes its undo back.
    Redo,
}

/// The question before newer values are overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overwriting {
    /// Undo or redo.
    pub(crate) way: Way,
    /// The command that is taken back.
    pub(crate) command: CommandId,
    /// The newer values.
    pub(crate) clashes: Vec<Overwrite>,
    /// Fields that can be written without overwriting anything.
    pub(crate) rest: u32,
}

impl App {
    /// Takes a command back, or does it again.
    pub(crate) fn step(&mut self, way: Way, command: CommandId) {
        self.perform(Action::Undo(command), Purpose::Step(way, command));
    }

    /// Takes the last step back, or does the last undone one again.
    pub(crate) fn step_last(&mut self, way: Way) {
        match (self.toasts.take_last(way), way) {
            (Some(command), way) => self.step(way, command),
            (None, Way::Undo) => self.toasts.neutral("Nothing to undo".into(), self.ids.now),
            (None, Way::Redo) => self.toasts.neutral("Nothing to redo".into(), self.ids.now),
        }
    }

    /// Goes on after the person has seen what would be overwritten.
    pub(crate) fn step_over(&mut self, overwrite: bool) {
        let Some(Dialog::Overwrite(asked)) = self.dialog.take() else { return };
        let action = Action::UndoOver { command: asked.command, overwrite };
        self.perform(action, Purpose::Step(asked.way, asked.command));
    }

    /// A step was taken: the other way is open now.
    pub(crate) fn stepped(&mut self, way: Way, command: CommandId, done: &Done) {
        self.toasts.forget(command);
        let text = words::label(&done.label);
        let Some(inverse) = done.command else {
            self.toasts.good(text, self.ids.now);
            return;
        };
        match way {
            Way::Undo => self.toasts.undone(text, inverse, self.ids.now),
            Way::Redo => self.toasts.redone(text, inverse, self.ids.now),
        }
    }

    /// A step was not taken. `true` when the person is asked what to do.
    pub(crate) fn asks_about_step(&mut self, way: Way, command: CommandId, trouble: &Trouble) -> bool {
        let Trouble::WouldOverwrite { clashes, rest } = trouble else { return false };
        self.toasts.put_back(way, command);
        let asked = Overwriting { way, command, clashes: clashes.clone(), rest: *rest };
        self.dialog = Some(Dialog::Overwrite(asked));
        true
    }
}
