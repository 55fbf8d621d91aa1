//! Messages that pass, and what can be taken back.

use std::time::Duration;

use model::{CommandId, Timestamp};

use crate::act::Act;
use crate::theme::Tone;
use crate::widgets::toast::{Toast, Touched};

/// How long a message stays.
const STAYS_MILLIS: i64 = 6_000;
/// Bad news stays longer.
const BAD_STAYS_MILLIS: i64 = 12_000;
/// Most messages at once; older ones go.
const SHOWN_MAX: usize = 3;
/// Most steps that Ctrl+Z goes back.
const UNDO_MAX: usize = 100;

/// The messages that show, and the commands that can be taken back.
#[derive(Debug, Default)]
pub(crate) struct Toasts {
    shown: Vec<Toast>,
    ends: Vec<(u64, Timestamp)>,
    undoes: Vec<(u64, CommandId)>,
    done: Vec<CommandId>,
    last_id: u64,
}

impl Toasts {
    /// Good news about a command, with Undo.
    pub(crate) fn done(&mut self, text: String, command: CommandId, now: Timestamp) {
        let id = self.push(text, Tone::Success, "Undo", (now, STAYS_MILLIS));
        self.undoes.push((id, command));
    }

    /// Good news.
    pub(crate) fn good(&mut self, text: String, now: Timestamp) {
        self.push(text, Tone::Success, "", (now, STAYS_MILLIS));
    }

    /// News.
    pub(crate) fn neutral(&mut self, text: String, now: Timestamp) {
        self.push(text, Tone::Info, "", (now, STAYS_MILLIS));
    }

    /// Bad news.
    pub(crate) fn bad(&mut self, text: String, now: Timestamp) {
        self.push(text, Tone::Danger, "", (now, BAD_STAYS_MILLIS));
    }

    fn push(&mut self, text: String, tone: Tone, action: &str, (now, stays): (Timestamp, i64)) -> u64 {
        self.last_id += 1;
        // The same words twice are one message that starts again.
        self.shown.retain(|toast| toast.text != text);
        self.shown.push(Toast { id: self.last_id, text, tone, action: action.to_owned() });
        if self.shown.len() > SHOWN_MAX {
            self.shown.remove(0);
        }
        self.ends.push((self.last_id, now.plus_millis(stays)));
        self.last_id
    }

    /// Remembers a command for Ctrl+Z.
    pub(crate) fn remember(&mut self, command: CommandId) {
        self.done.push(command);
        if self.done.len() > UNDO_MAX {
            self.done.remove(0);
        }
    }

    /// Takes the last command that can be undone.
    pub(crate) fn take_last(&mut self) -> Option<CommandId> {
        self.done.pop()
    }

    /// Forgets a command that has been undone another way, and its message.
    pub(crate) fn forget(&mut self, command: CommandId) {
        self.done.retain(|other| *other != command);
        let gone: Vec<u64> = self.undoes.iter().filter(|(_, of)| *of == command).map(|(id, _)| *id).collect();
        self.shown.retain(|toast| !gone.contains(&toast.id));
    }

    /// The first frame knows the moment: what was said before it starts to count now.
    pub(crate) fn start(&mut self, now: Timestamp) {
        for (_, end) in &mut self.ends {
            *end = now.plus_millis(BAD_STAYS_MILLIS);
        }
    }

    /// The messages that show, oldest first.
    pub(crate) fn shown(&self) -> &[Toast] {
        &self.shown
    }

    /// Drops what has been shown long enough.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let over: Vec<u64> = self.ends.iter().filter(|(_, end)| *end <= now).map(|(id, _)| *id).collect();
        self.ends.retain(|(id, _)| !over.contains(id));
        self.shown.retain(|toast| !over.contains(&toast.id));
        self.undoes.retain(|(id, _)| self.shown.iter().any(|toast| toast.id == *id));
    }

    /// When the next message goes.
    pub(crate) fn next_change(&self, now: Timestamp) -> Option<Duration> {
        let shown = self.ends.iter().filter(|(id, _)| self.shown.iter().any(|toast| toast.id == *id));
        let millis = shown.map(|(_, end)| end.millis_since(now)).min()?;
        Some(Duration::from_millis(u64::try_from(millis.max(1)).unwrap_or(1)))
    }

    /// What a touch of a message means.
    pub(crate) fn touched(&mut self, touched: Touched) -> Option<Act> {
        let (Touched::Action(id) | Touched::Closed(id)) = touched;
        self.shown.retain(|toast| toast.id != id);
        let command = self.undoes.iter().find(|(of, _)| *of == id).map(|(_, command)| *command);
        matches!(touched, Touched::Action(_)).then_some(command).flatten().map(Act::Undo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_message_goes_after_six_seconds_and_its_undo_stays_on_the_stack() {
        let mut toasts = Toasts::default();
        let command = CommandId::from_bytes([7; 16]);
        toasts.done("Moved 3 leads".into(), command, at(0));
        toasts.remember(command);

        toasts.expire(at(5_999));
        assert_eq!(toasts.shown().len(), 1);
        toasts.expire(at(6_000));

        assert_eq!(toasts.shown(), []);
        assert_eq!(toasts.take_last(), Some(command));
        assert_eq!(toasts.take_last(), None);
    }

    #[test]
    fn at_most_three_messages_show() {
        let mut toasts = Toasts::default();
        for text in ["a", "b", "c", "d"] {
            toasts.good(text.into(), at(0));
        }
        let texts: Vec<&str> = toasts.shown().iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["b", "c", "d"]);
    }
}
