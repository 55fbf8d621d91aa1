//! The browser's locks, which end with the tab that holds them. Without them (no secure context), every tab is
//! alone and every lock is free.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Waits for a lock and keeps it as long as the worker lives.
pub(super) async fn hold(name: &str) {
    acquire(name, || Promise::new(&mut |_, _| {})).await;
}

/// Waits until a lock is free.
pub(super) async fn wait_for(name: &str) {
    acquire(name, || Promise::resolve(&JsValue::UNDEFINED)).await;
}

/// Waits for a lock, which is held until the promise made by `keep` settles.
async fn acquire(name: &str, keep: impl FnOnce() -> Promise + 'static) {
    let Some((locks, request)) = lock_manager() else { return };
    let mut keep = Some(keep);
    let granted = Promise::new(&mut |resolve, _| {
        let keep = keep.take();
        let on_grant = Closure::once_into_js(move || {
            // Resolving a promise of our own cannot fail.
            resolve.call0(&JsValue::UNDEFINED).ok();
            keep.map_or_else(|| Promise::resolve(&JsValue::UNDEFINED), |keep| keep())
        });
        let arguments = Array::of2(&JsValue::from_str(name), &on_grant);
        // A worker that is being closed gets no lock any more, and needs none.
        request.apply(&locks, &arguments).ok();
    });
    JsFuture::from(granted).await.ok();
}

fn lock_manager() -> Option<(JsValue, Function)> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}
