//! Reminders: what is said when their moment comes, inside the window and outside it, and what people make of them.

use model::action::Label;
use model::reminder::{Reminder, read};
use model::{Action, Edit, Kind, RecordRef, Timestamp};

use crate::app::App;
use crate::present::format::many;

/// Whether the person can be told outside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notifications {
    /// Yes; or there is nothing to ask for.
    #[default]
    Allowed,
    /// The browser asks the person once they say that they want it.
    NotAsked,
    /// The browser has been told not to.
    Blocked,
    /// This browser has none.
    Missing,
}

/// What a shell tells the person outside the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The heading.
    pub title: String,
    /// The words under it; may be empty.
    pub body: String,
}

impl Notification {
    /// The words for reminders whose moment has come: several at once are told together.
    pub fn of(reminders: &[Reminder]) -> Option<Self> {
        const NAMED: usize = 3;
        match reminders {
            [] => None,
            [one] => Some(Self { title: one.title.clone(), body: one.about_name.clone() }),
            several => {
                let titles: Vec<&str> = several.iter().rev().take(NAMED).map(|one| one.title.as_str()).collect();
                let more = several.len().saturating_sub(NAMED);
                let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
                let title = many(several.len() as u64, "reminder", "reminders");
                Some(Self { title, body: titles.join(", ") + &tail })
            }
        }
    }
}

impl App {
    /// The person was asked whether they may be told outside the window.
    pub const fn set_notifications(&mut self, notifications: Notifications) {
        self.options.notifications = notifications;
    }

    /// Says that the moment of reminders has come.
    pub(crate) fn remind(&mut self, reminders: &[Reminder]) {
        let Some(told) = Notification::of(reminders) else { return };
        let text = match told.body.as_str() {
            "" => format!("Reminder: {}", told.title),
            body if reminders.len() == 1 => format!("Reminder: {} · {body}", told.title),
            body => format!("{}: {body}", told.title),
        };
        self.toasts.neutral(text, self.ids.now);
    }
}

/// The action that is done with all of these reminders.
pub(crate) fn dismiss_all(reminders: &[Reminder], now: Timestamp) -> Action {
    let edit = |reminder: &Reminder| Edit::Set {
        record: RecordRef::new(Kind::Task, reminder.task),
        base_heads: Vec::new(),
        fields: read(now),
    };
    Action::Prepared { label: Label::Dismissed, edits: reminders.iter().map(edit).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reminder(title: &str) -> Reminder {
        let task = model::build::account(title).id;
        let (about, about_name) = (None, "Website".to_owned());
        let at = model::build::now();
        Reminder { task, title: title.into(), about, about_name, due_at: None, all_day: false, at }
    }

    #[test]
    fn one_reminder_is_told_by_name_and_several_together() {
        let told = |titles: &[&str]| {
            let reminders: Vec<Reminder> = titles.iter().map(|title| reminder(title)).collect();
            Notification::of(&reminders).map(|told| (told.title, told.body))
        };

        assert_eq!(told(&[]), None);
        assert_eq!(told(&["Send quote"]), Some(("Send quote".into(), "Website".into())));
        assert_eq!(told(&["a", "b"]), Some(("2 reminders".into(), "b, a".into())));
        assert_eq!(told(&["a", "b", "c", "d", "e"]), Some(("5 reminders".into(), "e, d, c and 2 more".into())));
    }
}
