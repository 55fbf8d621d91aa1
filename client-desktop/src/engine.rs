//! The replica's loop: inputs from interface and network in, outputs carried out, woken when it asks.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Duration;

use model::IdSource;
use model::app::Update;
use replica::{ClientId, Input, Output};

use crate::env::SystemEnv;
use crate::net::{Net, NetEvent};
use crate::profile::Profile;

/// Inputs handled before the watched answers are worked out, at most.
const BURST: usize = 64;
/// The longest sleep; the clock may be set while we sleep.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Runs a profile's replica.
pub(crate) struct Engine {
    /// The profile.
    pub(crate) profile: Profile,
    net: Net,
    events: Receiver<NetEvent>,
    inputs: Sender<NetEvent>,
}

impl Engine {
    /// Starts the network for a profile.
    pub(crate) fn new(profile: Profile) -> std::io::Result<Self> {
        let (inputs, events) = channel();
        let net = Net::start(profile.files.clone(), inputs.clone())?;
        Ok(Self { profile, net, events, inputs })
    }

    /// Where an interface sends its requests.
    pub(crate) fn inputs(&self) -> Sender<NetEvent> {
        self.inputs.clone()
    }

    /// Handles one input at once.
    pub(crate) fn handle(&mut self, input: Input, tell: &mut dyn FnMut(Option<ClientId>, Update)) {
        let outputs = self.profile.replica.handle(&mut SystemEnv, input);
        self.carry(outputs, tell);
    }

    /// Waits for the next input or wake-up, at most `longest`, and handles it with all that has queued up behind.
    /// Returns `false` when nobody can send inputs any more.
    pub(crate) fn turn(&mut self, longest: Duration, tell: &mut dyn FnMut(Option<ClientId>, Update)) -> bool {
        match self.events.recv_timeout(self.nap().min(longest)) {
            Ok(event) => self.take(event, tell),
            Err(RecvTimeoutError::Timeout) => self.handle(Input::Wake, tell),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        for _ in 0..BURST {
            match self.events.try_recv() {
                Ok(event) => self.take(event, tell),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        self.flush(tell);
        true
    }

    /// Tells what has changed for those who watch.
    pub(crate) fn flush(&mut self, tell: &mut dyn FnMut(Option<ClientId>, Update)) {
        let outputs = self.profile.replica.flush(&SystemEnv);
        self.carry(outputs, tell);
    }

    fn nap(&self) -> Duration {
        let Some(at) = self.profile.replica.next_wake() else { return SLEEP_MAX };
        let millis = at.millis_since(SystemEnv.now()).max(0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(SLEEP_MAX)
    }

    fn take(&mut self, (number, input): NetEvent, tell: &mut dyn FnMut(Option<ClientId>, Update)) {
        if self.net.is_current(number) {
            self.handle(input, tell);
        }
    }

    fn carry(&mut self, outputs: Vec<Output>, tell: &mut dyn FnMut(Option<ClientId>, Update)) {
        for output in outputs {
            if let Some(Output::ToUi { client, update }) = self.net.carry(output) {
                tell(client, *update);
            }
        }
    }
}
