//! Files in and out: chosen with the browser's dialog, dropped on the page, saved as a download.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, Document, File, HtmlAnchorElement, HtmlInputElement, Url};

/// What an import reads.
pub(super) const IMPORTED: &str = ".csv,.tsv,.txt,.vcf,.ics,.eml,.mbox,.zip,text/csv,text/plain";

/// What a backup is.
pub(super) const BACKUP: &str = ".zip,application/zip";

/// Lets the person choose a file of an accepted kind (empty: any) and hands it over; nothing happens when they
/// choose none.
pub(super) fn choose(
    document: &Document,
    accepted: &str,
    take: impl FnOnce(String, Vec<u8>) + 'static,
) -> Result<(), JsValue> {
    let input: HtmlInputElement = document.create_element("input")?.dyn_into()?;
    input.set_type("file");
    input.set_accept(accepted);
    let chosen = Rc::new(RefCell::new(Some(take)));
    let source = input.clone();
    let on_change = Closure::once_into_js(move || {
        let file = source.files().and_then(|files| files.get(0));
        if let (Some(file), Some(take)) = (file, chosen.take()) {
            read(file, take);
        }
    });
    input.add_event_listener_with_callback("change", on_change.unchecked_ref())?;
    input.click();
    Ok(())
}

/// Reads a file and hands it over; one that cannot be read counts as empty, and is refused as that.
pub(super) fn read(file: File, take: impl FnOnce(String, Vec<u8>) + 'static) {
    spawn_local(async move {
        let bytes = JsFuture::from(file.array_buffer()).await;
        let bytes = bytes.map(|buffer| Uint8Array::new(&buffer).to_vec()).unwrap_or_default();
        take(file.name(), bytes);
    });
}

/// Saves bytes under a name, as a download.
pub(super) fn save(document: &Document, name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}
