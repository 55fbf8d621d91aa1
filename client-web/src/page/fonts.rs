//! Fonts for names in scripts that the app doesn't bring. The relay serves them; one is fetched when a character first
//! needs it and stays in the browser's cache, so that it is there without a network.
//!
//! What the device can draw by itself needs none: egui asks the browser's canvas for it. Only where that fails too,
//! or where letters join, is a font fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use egui::epaint::text::{FallbackRequest, FontData, FontInsert, FontProvider, GlyphRasterizer};
use egui::{Context, FontFamily};
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Cache, Response, Window};

use crate::fonts::{Script, scripts};

/// The browser's cache of fonts; its name changes when other files are served under the same names.
const CACHE: &str = "fonts-1";
/// Pauses before a font is asked for again that could not be fetched; after the last one the next start tries again.
const PAUSES_SECS: [i32; 8] = [2, 5, 15, 30, 60, 120, 300, 600];

/// The fonts that were asked for, and those that are here.
struct Fonts {
    ctx: Context,
    scripts: Vec<Script>,
    asked: Mutex<BTreeSet<&'static str>>,
    here: Mutex<BTreeMap<&'static str, FontData>>,
}

/// Lets egui find fonts in the browser's cache and on the relay.
pub(super) fn install(ctx: &Context) {
    let fonts =
        Arc::new(Fonts { ctx: ctx.clone(), scripts: scripts(), asked: Mutex::default(), here: Mutex::default() });
    Fonts::provide(&fonts);
    // Fallbacks are asked in order, and the browser's canvas comes first: what arrives here can't be drawn yet.
    ctx.add_glyph_rasterizer(GlyphRasterizer::new("trailtrack fonts", move |request| {
        if let Some(script) = fonts.script_of(request.cluster, request.family) {
            Fonts::want(&fonts, script.name);
        }
        None
    }));
}

struct Provider(Arc<Fonts>);

impl FontProvider for Provider {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let script = self.0.script_of(request.cluster, request.family)?;
        let here = self.0.here.lock().unwrap_or_else(PoisonError::into_inner).get(script.name).cloned();
        if here.is_none() && script.is_joined {
            Fonts::want(&self.0, script.name);
        }
        Some(FontInsert::new(script.name, here?, Vec::new()))
    }
}

impl Fonts {
    /// Hands the fonts to egui, which then forgets what it could not draw.
    fn provide(this: &Arc<Self>) {
        this.ctx.set_font_providers(vec![Arc::new(Provider(Arc::clone(this)))]);
    }

    /// The font for a character of a text; icons have one of their own.
    fn script_of(&self, cluster: &str, family: &FontFamily) -> Option<&Script> {
        let character = cluster.chars().next().filter(|_| *family == FontFamily::Proportional)?;
        self.scripts.iter().find(|script| script.has(character))
    }

    fn want(this: &Arc<Self>, name: &'static str) {
        if this.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name) {
            let fonts = Arc::clone(this);
            spawn_local(async move { fonts.bring(name).await });
        }
    }

    async fn bring(self: Arc<Self>, name: &'static str) {
        let Some(window) = web_sys::window() else { return };
        for pause_secs in PAUSES_SECS {
            match font(&window, name).await {
                Ok(Some(bytes)) => {
                    let data = FontData::from_owned(bytes);
                    self.here.lock().unwrap_or_else(PoisonError::into_inner).insert(name, data);
                    return Self::provide(&self);
                }
                // This relay was built without it.
                Ok(None) => return,
                Err(_) => pause(&window, pause_secs).await,
            }
        }
    }
}

/// The font from the cache or from the relay; `None` when neither has it.
async fn font(window: &Window, name: &str) -> Result<Option<Vec<u8>>, JsValue> {
    let address = format!("/fonts/{name}.ttf");
    let cache = cache(window).await;
    if let Some(cache) = &cache
        && let Ok(kept) = JsFuture::from(cache.match_with_str(&address)).await?.dyn_into::<Response>()
    {
        return bytes_of(&kept).await.map(Some);
    }
    let response: Response = JsFuture::from(window.fetch_with_str(&address)).await?.dyn_into()?;
    if response.status() == 404 {
        return Ok(None);
    }
    if !response.ok() {
        return Err(response.status().into());
    }
    if let Some(cache) = &cache {
        // A full disk keeps nothing; the font is here for now all the same.
        JsFuture::from(cache.put_with_str(&address, &response.clone()?)).await.ok();
    }
    bytes_of(&response).await.map(Some)
}

async fn bytes_of(response: &Response) -> Result<Vec<u8>, JsValue> {
    let buffer: ArrayBuffer = JsFuture::from(response.array_buffer()?).await?.dyn_into()?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Insecure addresses and some private windows have no cache.
async fn cache(window: &Window) -> Option<Cache> {
    let caches = window.caches().ok().filter(|caches| !caches.is_undefined())?;
    JsFuture::from(caches.open(CACHE)).await.ok()?.dyn_into().ok()
}

async fn pause(window: &Window, secs: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        // A page that is being left needs no timer.
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, secs * 1000).ok();
    });
    JsFuture::from(timer).await.ok();
}
