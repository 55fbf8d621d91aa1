//! Reminders outside the window: the system's notifications, where there is a service for them.

use model::app::Update;
use ui::reminders::Notification;

/// Tells the person outside the window what an update asks for.
pub(crate) fn tell(update: &Update) {
    let Update::Remind(reminders) = update else { return };
    let Some(told) = Notification::of(reminders) else { return };
    // The service may take its time, or not be there at all: the list behind the bell has everything anyway.
    let shown = std::thread::Builder::new().name("notification".into()).spawn(move || show(&told));
    drop(shown);
}

fn show(told: &Notification) {
    let mut notification = notify_rust::Notification::new();
    notification.appname("TrailTrack").summary(&told.title).body(&escaped(&told.body));
    // Without a service there is nobody to tell, and nothing to do about it.
    drop(notification.show());
}

/// Services read some markup in a body; names are shown as they are.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(escaped("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }
}
