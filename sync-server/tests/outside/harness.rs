//! A relay on a free port in a temporary directory, and a client for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use model::{CommandId, DeviceId, RecordId, Timestamp, UserId};
use serde_json::{Value, json};
use sync::Block;
use sync::wire::{ClientFrame, Hello, Push, PushedChange, PushedCommand, RelayFrame, VERSION};
use sync_server::attachments::scan::Clamd;
use sync_server::attachments::vault::Vault;
use sync_server::attachments::{AttachmentLimits, AttachmentOptions, Attachments, Place};
use sync_server::config::DataDir;
use sync_server::domain::Relay;
use sync_server::http::{App, AppOptions, Rest, server};
use sync_server::hub::{self, HubThread};
use sync_server::identity::env::{FreshIds, Machine, Surroundings};
use sync_server::identity::gate::Gate;
use sync_server::identity::store::IdentityStore;
use sync_server::identity::{HashCost, Identity, IdentityOptions};
use sync_server::store::SqliteStore;
use sync_server::webhooks::{Names, SystemNames, WebhookOptions, Webhooks, WebhooksThread};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// As cheap as Argon2 gets; what production pays is held by a unit test.
const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const ADA: &str = "ada@example.org";

/// The machine's clock, moved ahead as told.
#[derive(Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Surroundings for MovedClock {
    fn now(&self) -> Timestamp {
        Machine.now().plus_millis(self.0.load(Ordering::SeqCst))
    }

    fn fill(&self, bytes: &mut [u8]) {
        Machine.fill(bytes);
    }
}

/// Where webhooks may lead.
pub(crate) struct Outbound {
    pub(crate) allow_private: bool,
    pub(crate) names: Arc<dyn Names>,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { allow_private: false, names: Arc::new(SystemNames) }
    }
}

/// How files are kept.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) limits: AttachmentLimits,
    pub(crate) clamd: Option<Clamd>,
}

/// Where a relay's files lie: in its folder, or, with `cargo xtask s3-test`, in a folder of its own in a bucket.
fn place(dir: &std::path::Path) -> Place {
    let Ok(bucket) = std::env::var("TRAILTRACK_TEST_BUCKET") else { return Place::Folder(dir.join("attachments")) };
    let own = dir.file_name().unwrap().to_string_lossy();
    Place::Bucket(format!("{bucket}/{own}").parse().unwrap())
}

/// A relay that serves.
pub(crate) struct TestRelay {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    thread: Option<HubThread>,
    delivering: WebhooksThread,
    dir: TempDir,
}

impl TestRelay {
    pub(crate) async fn start() -> Self {
        Self::start_with(AppOptions::default()).await
    }

    pub(crate) async fn start_with(options: AppOptions) -> Self {
        Self::start_keeping(options, Files::default()).await
    }

    pub(crate) async fn start_keeping(options: AppOptions, files: Files) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), (options, files), Outbound::default()).await
    }

    /// In a folder that may hold the data of a relay before it.
    pub(crate) async fn start_in(dir: TempDir, (options, files): (AppOptions, Files), outbound: Outbound) -> Self {
        let database = dir.path().join("relay.db");
        let relay = Relay::open(SqliteStore::open(&database).unwrap(), &mut FreshIds(&Machine)).unwrap();
        let (workspace, clock) = (relay.workspace(), Arc::new(MovedClock::default()));
        let env: Arc<dyn Surroundings> = clock.clone();
        let keys = dir.path().join("keys.json");
        let open = IdentityOptions { database, keys, workspace, cost: CHEAP, env: env.clone() };
        let identity = Arc::new(Identity::open(open).unwrap());
        let tables = IdentityStore::open(&dir.path().join("relay.db"), workspace).unwrap();
        let attachments = Attachments::open(AttachmentOptions {
            database: dir.path().join("relay.db"),
            place: place(dir.path()),
            workspace,
            limits: files.limits,
            clamd: files.clamd,
            env: env.clone(),
        });
        let (hub, thread) = hub::spawn(relay, Gate::new(identity.clone(), env, tables)).unwrap();
        let rest = Rest::open(&DataDir::new(dir.path()), &hub, workspace, clock.clone()).unwrap();
        let started = Webhooks::start(WebhookOptions {
            deliveries: DataDir::new(dir.path()).webhooks(),
            workspace,
            hub: hub.clone(),
            projection: rest.projection.clone(),
            access: rest.access.clone(),
            key: identity.webhook_key(),
            allow_private: outbound.allow_private,
            names: outbound.names,
            env: clock.clone(),
        });
        let (webhooks, delivering) = started.unwrap();
        let attachments = Some(Arc::new(attachments.unwrap()));
        let options = AppOptions { attachments, rest: Some(rest), webhooks: Some(webhooks), ..options };
        let app = App::new(identity, hub, workspace, options);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server::serve(app.clone(), listener, async {
            let _ = stopped.await;
        }));
        Self { address, clock, app, stop: Some(stop), serving, thread: Some(thread), delivering, dir }
    }

    /// With an administrator who is signed in on device 1.
    pub(crate) async fn with_ada() -> (Self, Value) {
        Self::with_ada_and(AppOptions::default()).await
    }

    pub(crate) async fn with_ada_and(options: AppOptions) -> (Self, Value) {
        Self::start_with(options).await.let_ada_in().await
    }

    pub(crate) async fn with_ada_keeping(files: Files) -> (Self, Value) {
        Self::start_keeping(AppOptions::default(), files).await.let_ada_in().await
    }

    /// With an administrator who is signed in on device 1.
    pub(crate) async fn let_ada_in(self) -> (Self, Value) {
        let relay = self;
        let token = relay.app.identity.offer_setup().await.unwrap().unwrap();
        let answer = relay.set_up(token.reveal(), ADA, 1).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        (relay, answer.body)
    }

    /// How many files are stored, and how many uploads are under way.
    pub(crate) async fn stored(&self) -> (usize, usize) {
        let vault = Vault::beside(&place(self.dir.path())).unwrap();
        (vault.blobs().count().await, vault.uploads().await.unwrap().len())
    }

    /// Where everything is kept.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub(crate) async fn set_up(&self, token: &str, email: &str, device: u8) -> Answer {
        let body = json!({"token": token, "name": "Ada Lovelace", "email": email, "password": PASSWORD,
            "device_id": device_id(device), "device_name": "laptop"});
        self.post("/api/v1/auth/setup", &body, None).await
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str, device: u8) -> Answer {
        let body =
            json!({"email": email, "password": password, "device_id": device_id(device), "device_name": "phone"});
        self.post("/api/v1/auth/login", &body, None).await
    }

    pub(crate) async fn refresh(&self, token: &Value) -> Answer {
        self.post("/api/v1/auth/refresh", &json!({ "refresh_token": token }), None).await
    }

    pub(crate) async fn me(&self, session: &Value) -> Answer {
        self.get("/api/v1/me", session["access_token"].as_str()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value, bearer: Option<&str>) -> Answer {
        let headers = [("content-type", "application/json")];
        self.request("POST", path, &headers, bearer, body.to_string().into_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        self.request("GET", path, &[], bearer, Vec::new()).await
    }

    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        bearer: Option<&str>,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let request = request.body(body).unwrap();
        tokio::task::spawn_blocking(move || send(request)).await.unwrap()
    }

    /// Creates somebody and signs them in on a device.
    pub(crate) async fn join(&self, by: &Value, name: &str, role: &str, device: u8) -> Value {
        let email = format!("{name}@example.org");
        let body = json!({"name": name, "email": email, "role": role, "password": PASSWORD});
        let created = self.post("/api/v1/auth/register", &body, by["access_token"].as_str()).await;
        assert_eq!(created.status, 201, "{created:?}");
        self.sign_in(&email, PASSWORD, device).await.body
    }

    /// A request with the session's token and a JSON body.
    pub(crate) async fn ask(&self, method: &str, path: &str, session: &Value, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.request(method, path, &headers, session["access_token"].as_str(), bytes).await
    }

    /// Opens the sync socket.
    pub(crate) async fn connect(&self) -> TestSocket {
        self.connect_from(None).await.unwrap()
    }

    /// Opens it from a page of this origin; the status when refused.
    pub(crate) async fn connect_from(&self, origin: Option<&str>) -> Result<TestSocket, u16> {
        let mut request = format!("ws://{}/api/v1/sync", self.address).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(TestSocket(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens the socket and says hello for a session on this device.
    pub(crate) async fn connect_as(&self, session: &Value, device: u8) -> TestSocket {
        let mut socket = self.connect().await;
        socket.hello(session["access_token"].as_str().unwrap(), device).await;
        let welcome = socket.frame().await;
        assert!(matches!(welcome, RelayFrame::Welcome(_)), "{welcome:?}");
        socket
    }

    /// Stops as a signal would and waits until everything is closed.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.await.unwrap();
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(move || thread.join()).await.unwrap().unwrap();
        tokio::task::spawn_blocking(move || self.delivering.join()).await.unwrap();
        self.dir
    }
}

/// Makes commands that create accounts, as a client of this session would.
pub(crate) struct Author {
    user: UserId,
    device: DeviceId,
    made: u64,
}

impl Author {
    pub(crate) fn new(session: &Value, device: u8) -> Self {
        let user = session["user"]["id"].as_str().unwrap().parse().unwrap();
        Self { user, device: device_id(device), made: 0 }
    }

    /// A push of one command that creates an account, and the account's id.
    pub(crate) fn create_account(&mut self, name: &str) -> (RecordId, Message) {
        let draft = model::build::account(name).with("owner_id", self.user.record());
        self.create(&draft)
    }

    /// A push of one command that creates a record.
    pub(crate) fn create(&mut self, draft: &model::build::Draft) -> (RecordId, Message) {
        self.made += 1;
        let record = draft.reference();
        let actor = ledger::actor_id(self.device, self.user, record.id, 0, b"");
        let author = ledger::Author { actor, at: model::build::now() };
        let (_, change) = ledger::Document::create(record, &draft.fields, &author).unwrap();
        let mut command = [0; 16];
        command[..8].copy_from_slice(&self.made.to_be_bytes());
        command[8..].copy_from_slice(&self.device.as_bytes()[..8]);
        let command = PushedCommand {
            command: CommandId::from_bytes(command),
            more: false,
            changes: vec![PushedChange { record, change: change.bytes }],
        };
        let push = ClientFrame::Push(Push { commands: Block::pack(&[command]) });
        (record.id, Message::binary(push.encode()))
    }
}

pub(crate) fn device_id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

/// What the relay answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
    /// The body, when it is JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }
}

fn send(request: ureq::http::Request<Vec<u8>>) -> Answer {
    let config = ureq::Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true).build();
    let mut response = ureq::Agent::new_with_config(config).run(request).unwrap();
    let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or("").to_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let bytes = response.body_mut().read_to_vec().unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    Answer { status: response.status().as_u16(), headers, bytes, body }
}

/// A client's end of the sync socket.
pub(crate) struct TestSocket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl TestSocket {
    pub(crate) async fn hello(&mut self, token: &str, device: u8) {
        let hello = Hello { version: VERSION, schema: 1, token: token.into(), device: device_id(device), cursor: None };
        self.send(Message::binary(ClientFrame::Hello(hello).encode())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> RelayFrame {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Binary(bytes) => return RelayFrame::decode(&bytes).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The relay's answer to a push of one command: accepted, or the code of the refusal.
    pub(crate) async fn verdict(&mut self) -> Result<(), String> {
        self.verdicts(1).await.remove(0)
    }

    /// The answers to this many commands; the relay may give several at once.
    pub(crate) async fn verdicts(&mut self, count: usize) -> Vec<Result<(), String>> {
        let mut verdicts = Vec::new();
        while verdicts.len() < count {
            match self.frame().await {
                RelayFrame::Ack(ack) => verdicts.extend(ack.accepted.iter().map(|_| Ok(()))),
                RelayFrame::Nack(nack) => verdicts.push(Err(nack.code)),
                RelayFrame::Entries(_) => {}
                other => panic!("{other:?}"),
            }
        }
        verdicts
    }

    /// Reads to the end; the last goodbye and the close code.
    pub(crate) async fn ending(mut self) -> (Option<RelayFrame>, Option<u16>) {
        let (mut goodbye, mut code) = (None, None);
        while let Some(Ok(message)) = self.0.next().await {
            match message {
                Message::Binary(bytes) => goodbye = RelayFrame::decode(&bytes).ok(),
                Message::Close(frame) => code = frame.map(|frame| frame.code.into()),
                _ => {}
            }
        }
        (goodbye, code)
    }
}
