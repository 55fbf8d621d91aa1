//! A line to the relay that breaks: passes bytes on, and cuts every connection whenever so many have gone up.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A line that breaks. Its threads end with the test.
pub(crate) struct Cutter {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    relay: String,
    /// Bytes that have gone up.
    up: AtomicU64,
    /// Where the line breaks, the next one last.
    cuts: Mutex<Vec<u64>>,
    open: Mutex<Vec<TcpStream>>,
}

impl Cutter {
    /// Listens in front of the relay at `host:port`; breaks once each time this many bytes have gone up.
    pub(crate) fn start(relay: String, mut cuts: Vec<u64>) -> Self {
        cuts.sort_unstable();
        cuts.reverse();
        let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let address = listener.local_addr().expect("it is bound");
        let state =
            Arc::new(State { relay, up: AtomicU64::new(0), cuts: Mutex::new(cuts), open: Mutex::new(Vec::new()) });
        let accepting = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                accepting.pass_on(client);
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Bytes that have gone up so far.
    pub(crate) fn bytes_up(&self) -> u64 {
        self.state.up.load(Ordering::SeqCst)
    }

    /// Cuts that are still to come.
    pub(crate) fn cuts_left(&self) -> usize {
        self.state.cuts.lock().expect("nobody panics with it").len()
    }
}

impl State {
    fn pass_on(self: &Arc<Self>, client: TcpStream) {
        let Ok(relay) = TcpStream::connect(&self.relay) else { return };
        let pair = |stream: &TcpStream| stream.try_clone().expect("descriptors are left");
        self.open.lock().expect("nobody panics with it").extend([pair(&client), pair(&relay)]);
        let (down_from, down_to) = (pair(&relay), pair(&client));
        thread::spawn(move || pump(down_from, down_to, |_| {}));
        let state = Arc::clone(self);
        thread::spawn(move || pump(client, relay, |bytes| state.count(bytes)));
    }

    fn count(&self, bytes: u64) {
        let up = self.up.fetch_add(bytes, Ordering::SeqCst) + bytes;
        let mut cuts = self.cuts.lock().expect("nobody panics with it");
        if cuts.last().is_some_and(|cut| up >= *cut) {
            cuts.pop();
            for stream in self.open.lock().expect("nobody panics with it").drain(..) {
                // One that has ended already can't be cut.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, passed: impl Fn(u64)) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut piece) {
        if length == 0 || to.write_all(&piece[..length]).is_err() {
            break;
        }
        passed(length as u64);
    }
    let _ = to.shutdown(Shutdown::Both);
}
