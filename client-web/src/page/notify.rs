//! Reminders outside the tab: the browser's notifications. They are asked for when somebody wants them, never before.

use model::reminder::Reminder;
use ui::reminders::{Notification as Told, Notifications};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// The same in every tab, so that a reminder shows once however many are open.
const TAG: &str = "trailtrack-reminders";

/// Whether this browser tells, has not been asked, or does not.
pub(super) fn state() -> Notifications {
    let known =
        web_sys::window().is_some_and(|window| js_sys::Reflect::has(&window, &"Notification".into()) == Ok(true));
    if !known {
        return Notifications::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Notifications::Allowed,
        NotificationPermission::Denied => Notifications::Blocked,
        _ => Notifications::NotAsked,
    }
}

/// Lets the browser ask, and hands the answer over.
pub(super) fn ask(answered: impl FnOnce(Notifications) + 'static) -> Result<(), JsValue> {
    let asked = Notification::request_permission()?;
    spawn_local(async move {
        // Whatever came of it stands in the permission.
        drop(JsFuture::from(asked).await);
        answered(state());
    });
    Ok(())
}

/// Tells reminders whose moment has come, if the person allowed it.
pub(super) fn tell(reminders: &[Reminder]) {
    let Some(told) = Told::of(reminders).filter(|_| state() == Notifications::Allowed) else { return };
    let options = NotificationOptions::new();
    options.set_body(&told.body);
    options.set_tag(TAG);
    // Some browsers on phones have the constructor and refuse it; the list behind the bell has everything anyway.
    let Ok(shown) = Notification::new_with_options(&told.title, &options) else { return };
    let to_tab = Closure::once_into_js(|| {
        if let Some(window) = web_sys::window() {
            // A tab that can't be brought to the front stays where it is.
            window.focus().ok();
        }
    });
    shown.set_onclick(Some(to_tab.unchecked_ref()));
}
