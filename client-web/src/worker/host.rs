//! Runs the replica: inputs in, outputs carried out, woken when it asks.

use js_sys::Function;
use model::IdSource;
use replica::{Input, Output, Replica, Verb};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use web_sys::MessageChannel;

use super::net::{self, Call, Net};
use super::{feed, files, flush, scope};
use crate::browser::BrowserEnv;
use crate::message::{TabId, ToPage, ToReplica, VerbId};
use crate::tabs::Event;

/// The longest sleep; the clock may be set while we sleep.
const SLEEP_MAX_MILLIS: i64 = 60_000;

/// The replica with its surroundings.
pub(super) struct Host {
    replica: Replica,
    net: Net,
    /// A task is on its way that will flush.
    flush_is_due: bool,
    alarm: Option<i32>,
    tasks: Tasks,
    on_alarm: Closure<dyn FnMut()>,
}

/// A verb of scripts that is a request of interfaces.
#[derive(Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
enum RequestVerb {
    Join { server: String, email: String, password: String },
    SignIn { password: String },
    Sync,
}

impl Host {
    /// Surrounds a replica.
    pub(super) fn new(mut replica: Replica) -> Self {
        // What page scripts can reach holds no token that outlives ten minutes.
        replica.keep_refresh_token_in_cookie();
        let on_alarm = Closure::new(|| feed(Input::Wake));
        Self { replica, net: Net::default(), flush_is_due: false, alarm: None, tasks: Tasks::new(), on_alarm }
    }

    /// Takes what a tab says.
    pub(super) fn take(&mut self, client: TabId, message: ToReplica) -> Vec<Event> {
        match message {
            ToReplica::Request(request) => self.handle(Input::FromUi { client, request }),
            ToReplica::Verb(id, json) => self.verb(client, id, &json),
        }
    }

    /// Handles one input. Watchers are told later, after the inputs that are waiting already.
    pub(super) fn handle(&mut self, input: Input) -> Vec<Event> {
        let outputs = self.replica.handle(&mut BrowserEnv, input);
        if !self.flush_is_due {
            self.flush_is_due = true;
            self.tasks.post();
        }
        self.carry(outputs)
    }

    /// Tells watchers what has changed, and sets the alarm.
    pub(super) fn flush(&mut self) -> Vec<Event> {
        self.flush_is_due = false;
        let outputs = self.replica.flush(&BrowserEnv);
        let events = self.carry(outputs);
        self.set_alarm();
        events
    }

    fn carry(&mut self, outputs: Vec<Output>) -> Vec<Event> {
        let mut events = Vec::new();
        for output in outputs {
            match output {
                Output::ToUi { client, update } => {
                    events.push(Event::FromReplica { to: client, message: ToPage::Update(*update) });
                }
                Output::Connect { url } => self.net.connect(&url),
                Output::Send(frame) => self.net.send(&frame),
                Output::Disconnect => self.net.disconnect(),
                Output::Http { id, url, method, body, bearer } => net::call(Call { id, url, method, body, bearer }),
                Output::File { job, work } => files::carry_out(job, work),
            }
        }
        events
    }

    fn verb(&mut self, client: TabId, id: VerbId, json: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let answer = match serde_json::from_str::<RequestVerb>(json) {
            Ok(verb) => {
                events.extend(self.handle(Input::FromUi { client, request: verb.into() }));
                Ok("null".to_owned())
            }
            Err(_) => self.run(json),
        };
        // What the verb changed still has to be sent and shown.
        events.extend(self.handle(Input::Wake));
        events.push(Event::FromReplica { to: Some(client), message: ToPage::Verb(id, answer) });
        events
    }

    fn run(&mut self, json: &str) -> Result<String, String> {
        let verb: Verb = serde_json::from_str(json).map_err(|error| error.to_string())?;
        self.replica.run(&mut BrowserEnv, &verb).map(|json| json.to_string()).map_err(|error| error.to_string())
    }

    fn set_alarm(&mut self) {
        if let Some(alarm) = self.alarm.take() {
            scope().clear_timeout_with_handle(alarm);
        }
        let Some(at) = self.replica.next_wake() else { return };
        let millis = at.millis_since(BrowserEnv.now()).clamp(0, SLEEP_MAX_MILLIS);
        let millis = i32::try_from(millis).unwrap_or(i32::MAX);
        let on_alarm: &Function = self.on_alarm.as_ref().unchecked_ref();
        self.alarm = scope().set_timeout_with_callback_and_timeout_and_arguments_0(on_alarm, millis).ok();
    }
}

impl From<RequestVerb> for model::app::Request {
    fn from(verb: RequestVerb) -> Self {
        match verb {
            RequestVerb::Join { server, email, password } => Self::JoinTeam { server, email, password },
            RequestVerb::SignIn { password } => Self::SignIn { password },
            RequestVerb::Sync => Self::SyncNow,
        }
    }
}

/// Tasks of our own in the browser's queue: behind what waits there already, without a timer's delay.
struct Tasks {
    channel: MessageChannel,
    _on_task: Closure<dyn FnMut()>,
}

impl Tasks {
    fn new() -> Self {
        let channel = MessageChannel::new().expect("workers have message channels");
        let on_task = Closure::<dyn FnMut()>::new(flush);
        channel.port1().set_onmessage(Some(on_task.as_ref().unchecked_ref()));
        Self { channel, _on_task: on_task }
    }

    fn post(&self) {
        self.channel.port2().post_message(&JsValue::NULL).expect("nothing is easy to clone");
    }
}
