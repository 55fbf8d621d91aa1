//! The page: egui on a canvas, drawn from what the worker says; effects carried out in the browser.

mod address;
mod aria;
mod files;
mod fonts;
mod link;
mod notify;

use std::cell::RefCell;
use std::rc::Rc;

use egui::Context;
use js_sys::Array;
use model::IdSource as _;
use model::action::Action;
use model::app::{Notice, Request, RequestId, Tone, Update};
use ui::{App, Effect, FilePurpose, FrameEnv, Options};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, HtmlCanvasElement, HtmlElement, Window, Worker};

use crate::browser::{BrowserEnv, random_bytes};
use crate::message::{Storage, ToPage, ToReplica};
use link::Link;

/// Leads of the sample data that a demo starts with.
const SAMPLE_LEADS: u32 = 500;
/// The page's own request for sample data; the interface counts its own upwards from nothing.
const SAMPLE_REQUEST: RequestId = RequestId::MAX;
/// Set once the person was told that the browser may clear the records.
const WARNED_KEY: &str = "trailtrack.warned-about-storage";

const IN_MEMORY: &str = "This browser window keeps nothing once it is closed. Use a normal window and an https address";
const MAY_BE_CLEARED: &str =
    "The browser may clear this data when space runs low. Install the app or bookmark it to keep it";

/// What the page is made of; shared by its callbacks.
#[derive(Clone)]
struct Page {
    app: Rc<RefCell<App>>,
    ctx: Context,
    link: Link,
    window: Window,
    document: Document,
    demo: Rc<RefCell<bool>>,
    asked_to_persist: Rc<RefCell<bool>>,
}

/// Starts the page; `worker` runs the same module already, and `early` is what it has said.
#[wasm_bindgen]
pub async fn start_page(worker: Worker, early: Array) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let document = window.document().ok_or("no document")?;
    let canvas: HtmlCanvasElement = document.get_element_by_id("canvas").ok_or("no canvas")?.dyn_into()?;
    let runner = eframe::WebRunner::new();
    cover_panics();

    let created = document.clone();
    let creator: eframe::AppCreator<'static> = Box::new(move |creation| {
        let page = Page::new(creation.egui_ctx.clone(), Link::new(worker), window, created);
        let page = page.map_err(|error| words_of(&error))?;
        let receiver = page.clone();
        page.link.listen(&early, move |message| receiver.take(message));
        Ok(Box::new(page))
    });
    runner.start(canvas, eframe::WebOptions::default(), creator).await?;
    if let Some(cover) = document.get_element_by_id("cover") {
        cover.set_attribute("hidden", "")?;
    }
    Ok(())
}

impl Page {
    fn new(ctx: Context, link: Link, window: Window, document: Document) -> Result<Self, JsValue> {
        App::install(&ctx);
        fonts::install(&ctx);
        aria::install(&ctx, &document)?;
        let demo = Rc::new(RefCell::new(address::take_demo(&window)?));
        let mut app = App::new(options(&window)?);
        app.go(&address::route(&window)?);
        let app = Rc::new(RefCell::new(app));

        link.offer_to_scripts()?;
        let page = Self { app, ctx, link, window, document, demo, asked_to_persist: Rc::default() };
        let travelled = page.clone();
        address::on_travel(&page.window, move |route| {
            travelled.app.borrow_mut().go(&route);
            travelled.ctx.request_repaint();
        })?;
        Ok(page)
    }

    /// Takes in what the worker says, whether or not frames are drawn at the moment.
    fn take(&self, message: ToPage) {
        match message {
            ToPage::Update(Update::Done(SAMPLE_REQUEST, Ok(_))) | ToPage::Verb(..) => {}
            ToPage::Update(Update::Done(SAMPLE_REQUEST, Err(trouble))) => self.notice(Tone::Bad, &trouble.to_string()),
            ToPage::Update(update) => {
                if let Update::Remind(reminders) = &update {
                    notify::tell(reminders);
                }
                if let Update::Session(session) = &update
                    && session.me.is_some()
                {
                    self.settle_in();
                }
                self.app.borrow_mut().receive(update);
            }
            ToPage::Storage(Storage::OnDevice) => {}
            ToPage::Storage(Storage::InMemory) => self.notice(Tone::Bad, IN_MEMORY),
            ToPage::Failed(reason) => show_failure(&self.document, &reason),
        }
        self.ctx.request_repaint();
    }

    fn notice(&self, tone: Tone, text: &str) {
        self.app.borrow_mut().receive(Update::Notice(Notice { tone, text: text.to_owned() }));
        self.ctx.request_repaint();
    }

    /// Somebody works here: asks for sample data if the address did, and for storage that lasts.
    fn settle_in(&self) {
        if self.demo.replace(false) {
            let action = Action::LoadSample { leads: SAMPLE_LEADS };
            self.link.send(&ToReplica::Request(Request::Do(SAMPLE_REQUEST, action)));
        }
        if !self.asked_to_persist.replace(true) {
            spawn_local(ask_to_persist(self.clone()));
        }
    }

    fn carry_out(&self, effect: Effect) -> Result<(), JsValue> {
        match effect {
            Effect::Request(request) => self.link.send(&ToReplica::Request(request)),
            Effect::OpenFileDialog { purpose } => {
                let page = self.clone();
                let accepted = match purpose {
                    FilePurpose::Import => files::IMPORTED,
                    FilePurpose::Backup => files::BACKUP,
                    FilePurpose::Attachment(_) => "",
                };
                files::choose(&self.document, accepted, move |name, bytes| page.file_chosen(name, bytes))?;
            }
            Effect::SaveFile { name, bytes } | Effect::OpenFile { name, bytes } => {
                files::save(&self.document, &name, &bytes)?
            }
            // A browser has no places: the bytes come back, and are saved as a download.
            Effect::ChoosePlace { .. } => {
                self.app.borrow_mut().place_chosen(None);
                self.ctx.request_repaint();
            }
            Effect::OpenUrl(url) => self.ctx.open_url(egui::OpenUrl::new_tab(url)),
            Effect::CopyText(text) => self.ctx.copy_text(text),
            Effect::SetTitle(title) => self.document.set_title(&title),
            Effect::RouteChanged(route) => address::show(&self.window, &route)?,
            Effect::RouteReplaced(route) => address::replace(&self.window, &route)?,
            Effect::AskToNotify => {
                let page = self.clone();
                notify::ask(move |answer| {
                    page.app.borrow_mut().set_notifications(answer);
                    page.ctx.request_repaint();
                })?;
            }
        }
        Ok(())
    }

    fn file_chosen(&self, name: String, bytes: Vec<u8>) {
        self.app.borrow_mut().file_chosen(name, bytes);
        self.ctx.request_repaint();
    }

    fn take_dropped(&self) {
        let dropped = self.ctx.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
        let taken = self.app.borrow_mut().takes_dropped(dropped.len());
        let page = self.clone();
        spawn_local(async move {
            for file in dropped.into_iter().take(taken) {
                let name = file.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                match file.bytes_async().await {
                    Ok(bytes) => page.file_chosen(name, bytes),
                    Err(reason) => page.notice(Tone::Bad, &format!("{name} can't be read: {reason}")),
                }
            }
        });
    }
}

impl eframe::App for Page {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.take_dropped();
        let env = FrameEnv { now: BrowserEnv.now(), random: random_bytes() };
        let effects = self.app.borrow_mut().ui(ui, &env);
        for effect in effects {
            if let Err(error) = self.carry_out(effect) {
                self.notice(Tone::Bad, &format!("The browser refused: {}", words_of(&error)));
            }
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

fn options(window: &Window) -> Result<Options, JsValue> {
    let matches = |query: &str| window.match_media(query).ok().flatten().is_some_and(|list| list.matches());
    Ok(Options {
        touch: matches("(pointer: coarse)"),
        reduced_motion: matches("(prefers-reduced-motion: reduce)"),
        web_server: Some(window.location().origin()?),
        notifications: notify::state(),
        data_place: String::new(),
    })
}

/// Asks the browser to keep the records for good, and tells the person once when it does not promise to.
async fn ask_to_persist(page: Page) {
    let manager = page.window.navigator().storage();
    if manager.is_undefined() {
        return;
    }
    let Ok(asked) = manager.persist() else { return };
    let persists = JsFuture::from(asked).await.is_ok_and(|answer| answer.is_truthy());
    page.app.borrow_mut().set_kept(persists);
    page.ctx.request_repaint();
    let Ok(Some(memory)) = page.window.local_storage() else { return };
    if !persists && memory.get_item(WARNED_KEY).ok().flatten().is_none() {
        page.notice(Tone::Neutral, MAY_BE_CLEARED);
        memory.set_item(WARNED_KEY, "1").ok();
    }
}

/// After a panic nothing is drawn any more: says so over the canvas.
fn cover_panics() {
    let log = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        log(info);
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            show_failure(&document, "Something went wrong inside TrailTrack");
        }
    }));
}

/// Covers the page with a reason and the way out.
fn show_failure(document: &Document, reason: &str) {
    let Some(cover) = document.get_element_by_id("cover") else { return };
    let add = |tag: &str, text: &str| -> Option<HtmlElement> {
        let element: HtmlElement = document.create_element(tag).ok()?.dyn_into().ok()?;
        element.set_text_content(Some(text));
        cover.append_child(&element).ok()?;
        Some(element)
    };
    cover.set_text_content(None);
    // Both attributes are plain; setting them cannot fail.
    cover.remove_attribute("hidden").ok();
    cover.set_attribute("class", "failure").ok();
    add("p", reason);
    add("p", "What was saved is untouched. Load the page again to go on.");
    if let Some(button) = add("button", "Load again") {
        let reload = Closure::once_into_js(|| {
            if let Some(window) = web_sys::window() {
                // A page that cannot be loaded again is being left already.
                window.location().reload().ok();
            }
        });
        button.set_onclick(Some(reload.unchecked_ref()));
    }
}

fn words_of(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
