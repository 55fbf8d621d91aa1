//! The worker: waits for its turn, then runs the replica for every tab of this browser.

mod files;
mod host;
mod locks;
mod net;
mod storage;

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::{Array, Uint8Array};
use model::app::{Notice, Tone, Update};
use replica::Input;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent};

use crate::browser::{bytes_of, random_u64};
use crate::message::{Peer, TabId, ToPage, ToReplica, decode, encode};
use crate::tabs::{Event, Step, Tabs};
use host::Host;

/// The channel between tabs; its name changes whenever its messages do.
const CHANNEL: &str = "trailtrack-1";
/// Whoever holds this lock runs the replica.
const DATABASE_LOCK: &str = "trailtrack-database";

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

struct Worker {
    tabs: Tabs,
    channel: BroadcastChannel,
    host: Option<Host>,
}

/// Starts the worker; `early` is what the page said while it was loading.
#[wasm_bindgen]
pub fn start_worker(early: Array) -> Result<(), JsValue> {
    report_panics();
    let me = random_u64();
    let channel = BroadcastChannel::new(CHANNEL)?;
    let from_peer = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(peer) = bytes_of(&event.data()).and_then(|bytes| decode(&bytes)) {
            dispatch(Event::FromPeer(peer));
        }
    });
    channel.set_onmessage(Some(from_peer.as_ref().unchecked_ref()));
    from_peer.forget();
    WORKER.set(Some(Worker { tabs: Tabs::new(me), channel, host: None }));

    let from_page = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| take_from_page(&event.data()));
    scope().set_onmessage(Some(from_page.as_ref().unchecked_ref()));
    from_page.forget();
    early.iter().for_each(|data| take_from_page(&data));

    spawn_local(join_the_others(me));
    Ok(())
}

/// Finds out who runs the replica, and runs it as soon as it is this tab's turn.
async fn join_the_others(me: TabId) {
    // The lock tells the tab that runs the replica when this one is gone.
    locks::hold(&tab_lock(me)).await;
    perform(Step::Peers(Peer::WhoRuns));
    locks::hold(DATABASE_LOCK).await;
    match storage::open().await {
        Ok(storage::Opened { replica, storage, mended }) => {
            with_worker(|worker| worker.host = Some(Host::new(replica)));
            dispatch(Event::Elected(storage));
            feed(Input::Wake);
            if let Some(mended) = mended {
                let notice = Notice { tone: Tone::Bad, text: mended.to_string() };
                dispatch(Event::FromReplica { to: None, message: ToPage::Update(Update::Notice(notice)) });
            }
        }
        Err(reason) => post_to_page(&ToPage::Failed(reason)),
    }
}

fn tab_lock(tab: TabId) -> String {
    format!("trailtrack-tab-{tab:016x}")
}

/// Tells this tab's state machine what happened and carries out what follows.
fn dispatch(event: Event) {
    let mut events = VecDeque::from([event]);
    while let Some(event) = events.pop_front() {
        let steps = with_worker(|worker| worker.tabs.handle(event)).unwrap_or_default();
        for step in steps {
            events.extend(perform(step));
        }
    }
}

fn perform(step: Step) -> Vec<Event> {
    match step {
        Step::Page(message) => post_to_page(&message),
        Step::Peers(peer) => {
            let bytes = Uint8Array::from(encode(&peer).as_slice());
            // A channel that is closing has nobody left to tell.
            with_worker(|worker| worker.channel.post_message(&bytes).ok());
        }
        Step::Replica { from, message } => return with_host(|host| host.take(from, message)),
        Step::ReplicaLost(client) => return with_host(|host| host.handle(Input::UiGone { client })),
        Step::Follow(tab) => spawn_local(async move {
            locks::wait_for(&tab_lock(tab)).await;
            dispatch(Event::Gone(tab));
        }),
    }
    Vec::new()
}

/// Hands an input from clock or network to the replica, if it still runs here.
fn feed(input: Input) {
    with_host(|host| host.handle(input)).into_iter().for_each(dispatch);
}

/// Works out what has changed for those who watch.
fn flush() {
    with_host(Host::flush).into_iter().for_each(dispatch);
}

fn with_worker<T>(work: impl FnOnce(&mut Worker) -> T) -> Option<T> {
    WORKER.with_borrow_mut(|worker| worker.as_mut().map(work))
}

fn with_host(work: impl FnOnce(&mut Host) -> Vec<Event>) -> Vec<Event> {
    with_worker(|worker| worker.host.as_mut().map(work)).flatten().unwrap_or_default()
}

fn take_from_page(data: &JsValue) {
    if let Some(message) = bytes_of(data).and_then(|bytes| decode::<ToReplica>(&bytes)) {
        dispatch(Event::FromPage(message));
    }
}

fn post_to_page(message: &ToPage) {
    let bytes = Uint8Array::from(encode(message).as_slice());
    // Posting to one's own page fails only when the page is already gone.
    scope().post_message(&bytes).ok();
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// After a panic the module is unusable: say so, and let another tab have the database.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
        post_to_page(&ToPage::Failed("Something went wrong inside TrailTrack".to_owned()));
        scope().close();
    }));
}
