//! The address bar carries the route.

use wasm_bindgen::prelude::*;
use web_sys::{UrlSearchParams, Window};

/// Asks for sample data in an address (`?demo=1`).
const DEMO: &str = "demo";

/// The route in the address bar.
pub(super) fn route(window: &Window) -> Result<String, JsValue> {
    let location = window.location();
    Ok(format!("{}{}", location.pathname()?, location.search()?))
}

/// Shows a route; one that shows already makes no step in the history.
pub(super) fn show(window: &Window, shown: &str) -> Result<(), JsValue> {
    if route(window)? != shown {
        window.history()?.push_state_with_url(&JsValue::NULL, "", Some(shown))?;
    }
    Ok(())
}

/// Shows a route in place of the present one, without a step in the history.
pub(super) fn replace(window: &Window, shown: &str) -> Result<(), JsValue> {
    window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(shown))
}

/// Whether the address asks for sample data; it does not any more afterwards.
pub(super) fn take_demo(window: &Window) -> Result<bool, JsValue> {
    let location = window.location();
    let parameters = UrlSearchParams::new_with_str(&location.search()?)?;
    let asked = parameters.get(DEMO).is_some();
    if asked {
        parameters.delete(DEMO);
        let rest = String::from(parameters.to_string());
        let mark = if rest.is_empty() { "" } else { "?" };
        let address = format!("{}{mark}{rest}", location.pathname()?);
        window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&address))?;
    }
    Ok(asked)
}

/// Calls `go` with the route whenever the person goes back or forward.
pub(super) fn on_travel(window: &Window, go: impl Fn(String) + 'static) -> Result<(), JsValue> {
    let source = window.clone();
    let on_travel = Closure::<dyn FnMut()>::new(move || {
        if let Ok(route) = route(&source) {
            go(route);
        }
    });
    window.add_event_listener_with_callback("popstate", on_travel.as_ref().unchecked_ref())?;
    on_travel.forget();
    Ok(())
}
