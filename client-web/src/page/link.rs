//! The page's end of the line to its worker, and the scripts that use it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Error, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use crate::browser::bytes_of;
use crate::message::{ToPage, ToReplica, VerbId, decode, encode};

/// Who waits for a verb's answer: what to call with it, and what to call when it failed.
type Waiting = Rc<RefCell<HashMap<VerbId, (Function, Function)>>>;

/// The line to the worker.
#[derive(Clone)]
pub(super) struct Link {
    worker: Worker,
    waiting: Waiting,
}

impl Link {
    /// The line to a worker; nobody listens yet.
    pub(super) fn new(worker: Worker) -> Self {
        Self { worker, waiting: Waiting::default() }
    }

    /// Gives what the worker says (and what it said `early`) to `take`, answers to scripts excepted.
    pub(super) fn listen(&self, early: &Array, take: impl Fn(ToPage) + 'static) {
        let waiting = Rc::clone(&self.waiting);
        let receive = move |data: &JsValue| match bytes_of(data).and_then(|bytes| decode(&bytes)) {
            Some(ToPage::Verb(id, answer)) => settle(waiting.borrow_mut().remove(&id), answer),
            Some(message) => take(message),
            None => {}
        };
        early.iter().for_each(|data| receive(&data));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| receive(&event.data()));
        self.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
    }

    /// Says something to the replica.
    pub(super) fn send(&self, message: &ToReplica) {
        let bytes = Uint8Array::from(encode(message).as_slice());
        // A worker that is gone has said so, and the page shows it.
        self.worker.post_message(&bytes).ok();
    }

    /// Offers `window.trailtrack.request(json)`, which answers as the native command line does with `--json`.
    pub(super) fn offer_to_scripts(&self) -> Result<(), JsValue> {
        let link = self.clone();
        let next = RefCell::new(0);
        let request = Closure::<dyn Fn(String) -> Promise>::new(move |json: String| {
            let id = *next.borrow();
            *next.borrow_mut() += 1;
            Promise::new(&mut |resolve, reject| {
                link.waiting.borrow_mut().insert(id, (resolve, reject));
                link.send(&ToReplica::Verb(id, json.clone()));
            })
        });
        let api = Object::new();
        Reflect::set(&api, &"request".into(), &request.into_js_value())?;
        Reflect::set(&js_sys::global(), &"trailtrack".into(), &api)?;
        Ok(())
    }
}

fn settle(waiting: Option<(Function, Function)>, answer: Result<String, String>) {
    let Some((resolve, reject)) = waiting else { return };
    // Settling a promise runs nothing at once, so nothing can go wrong in it.
    match answer {
        Ok(json) => resolve.call1(&JsValue::UNDEFINED, &JsValue::from_str(&json)).ok(),
        Err(reason) => reject.call1(&JsValue::UNDEFINED, &Error::new(&reason)).ok(),
    };
}
