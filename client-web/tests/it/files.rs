//! Serves the built web client, as the relay does: files, and one page for every route.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Where `cargo xtask` says the web client was built.
const FOLDER_VARIABLE: &str = "TRAILTRACK_WEB";

/// A server on this machine, until dropped.
pub(crate) struct FileServer {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FileServer {
    /// Starts serving the built web client on a port of its own.
    pub(crate) fn start() -> Self {
        let folder = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
        let folder =
            folder.expect("the web client is built by `cargo xtask test`, or `cargo xtask web`: set TRAILTRACK_WEB");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let folder = folder.clone();
                std::thread::spawn(move || stream.map(|stream| answer(&folder, stream)));
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    /// The address of the app's first page.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
        self.thread.take().map(JoinHandle::join);
    }
}

/// Answers one request; a browser that goes away meanwhile is no failure.
fn answer(folder: &Path, stream: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(&stream).lines();
    let request = lines.next()?.ok()?;
    lines.take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).for_each(drop);
    let path = request.split(' ').nth(1)?.split('?').next()?;
    let name = path.trim_start_matches('/');
    let is_file = name.contains('.') && !name.contains("..");
    let (name, status) = if is_file { (name, "200 OK") } else { ("index.html", "200 OK") };
    let (status, body) = match std::fs::read(folder.join(name)) {
        Ok(body) => (status, body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        type_of(name),
        body.len()
    );
    (&stream).write_all(head.as_bytes()).ok()?;
    (&stream).write_all(&body).ok()
}

fn type_of(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/json",
    }
}
