//! Messages that pass, and what can be taken back.

use std::time::Duration;

use model::{CommandId, Timestamp};

use crate::act::Act;
use crate::theme::Tone;
use crate::undo::Way;
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
    offers: Vec<(u64, Way, CommandId)>,
    done: Vec<CommandId>,
    undone: Vec<CommandId>,
    last_id: u64,
}

impl Toasts {
    /// Good news about a command, with Undo.
    pub(crate) fn done(&mut self, text: String, command: CommandId, now: Timestamp) {
        let id = self.push(text, Tone::Success, "Undo", (now, STAYS_MILLIS));
        self.offers.push((id, Way::Undo, command));
    }

    /// A command was taken back by another one, which Ctrl+Shift+Z takes back in turn.
    pub(crate) fn undone(&mut self, text: String, inverse: CommandId, now: Timestamp) {
        keep(&mut self.undone, inverse);
        let id = self.push(text, Tone::Success, "Redo", (now, STAYS_MILLIS));
        self.offers.push((id, Way::Redo, inverse));
    }

    /// What was taken back was done again by this command, which Ctrl+Z takes back.
    pub(crate) fn redone(&mut self, text: String, command: CommandId, now: Timestamp) {
        keep(&mut self.done, command);
        self.done(text, command, now);
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

    /// Remembers a command for Ctrl+Z. Whoever does something new has left what was undone behind.
    pub(crate) fn remember(&mut self, command: CommandId) {
        keep(&mut self.done, command);
        self.undone.clear();
    }

    /// Takes the last command that can be undone, or redone.
    pub(crate) fn take_last(&mut self, way: Way) -> Option<CommandId> {
        self.steps(way).pop()
    }

    /// Puts a command back that was not undone, or redone, after all.
    pub(crate) fn put_back(&mut self, way: Way, command: CommandId) {
        let steps = self.steps(way);
        if !steps.contains(&command) {
            keep(steps, command);
        }
    }

    const fn steps(&mut self, way: Way) -> &mut Vec<CommandId> {
        match way {
            Way::Undo => &mut self.done,
            Way::Redo => &mut self.undone,
        }
    }

    /// Forgets a command that has been undone or redone another way, and its message.
    pub(crate) fn forget(&mut self, command: CommandId) {
        self.done.retain(|other| *other != command);
        self.undone.retain(|other| *other != command);
        let gone: Vec<u64> = self.offers.iter().filter(|(.., of)| *of == command).map(|(id, ..)| *id).collect();
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
        self.offers.retain(|(id, ..)| self.shown.iter().any(|toast| toast.id == *id));
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
        let offer = self.offers.iter().find(|(of, ..)| *of == id).map(|(_, way, command)| (*way, *command));
        let (way, command) = offer.filter(|_| matches!(touched, Touched::Action(_)))?;
        Some(Act::Step(way, command))
    }
}

fn keep(steps: &mut Vec<CommandId>, command: CommandId) {
    steps.push(command);
    if steps.len() > UNDO_MAX {
        steps.remove(0);
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
        assert_eq!(toasts.take_last(Way::Undo), Some(command));
        assert_eq!(toasts.take_last(Way::Undo), None);
    }

    #[test]
    fn a_hundred_steps_are_remembered_and_something_new_ends_what_was_undone() {
        let mut toasts = Toasts::default();
        let command = |number: u8| CommandId::from_bytes([number; 16]);
        for number in 0..=100 {
            toasts.remember(command(number));
        }
        toasts.undone("Undid".into(), command(200), at(0));
        assert_eq!(toasts.take_last(Way::Redo), Some(command(200)));
        toasts.put_back(Way::Redo, command(200));
        toasts.remember(command(201));

        assert_eq!(toasts.take_last(Way::Redo), None);
        let steps = std::iter::from_fn(|| toasts.take_last(Way::Undo)).count();
        assert_eq!(steps, 100);
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
