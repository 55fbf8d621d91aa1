//! The whole interface on made-up data in memory, to look at it: `gallery [leads] [route] [light|dark] [width] [height]`.
//!
//! `GALLERY_SHOT=file.ppm` saves a picture after some frames and ends; `GALLERY_KEYS=n,l` presses keys before that,
//! `GALLERY_NAMES=long` gives records long names in several scripts, `GALLERY_FIELDS=1` defines fields.

#![allow(dead_code, unreachable_pub, reason = "the tests use all of the stand-in")]
#![expect(clippy::disallowed_methods, reason = "it shows how long frames take")]

#[path = "../tests/it/stub.rs"]
mod stub;

use model::app::{
    CalendarFeed, DeliveryRow, DeliveryState, Request, TeamAnswer, TeamRequest, TokenRow, Update, WebhookRequest,
    WebhookRow,
};
use model::import::{ImportCounts, ImportPreview, ImportReport, PreviewColumn, RowError, RowFate, RowOutcome, Target};
use model::{CommandId, Kind, OwnField, OwnType, Timestamp, Value};
use stub::StubReplica;
use ui::{App, Effect, FrameEnv, Options};

struct Gallery {
    app: App,
    replica: StubReplica,
    frame: u64,
    slowest: f64,
    total: f64,
    route: Option<String>,
    shot: Option<String>,
    keys: Vec<egui::Key>,
}

impl Gallery {
    /// Answers what a relay would be asked.
    fn team(&mut self, request: &Request) {
        let now = self.replica.now;
        let Request::Team(id, request) = request else { return };
        let answer = match request {
            TeamRequest::Tokens => TeamAnswer::Tokens(tokens(now)),
            TeamRequest::Calendar => {
                TeamAnswer::Calendar(CalendarFeed { created_at: Some(now), last_used_at: Some(now) })
            }
            TeamRequest::Webhook(request) => webhook_answer(request, now),
            TeamRequest::MakeToken { .. } => {
                TeamAnswer::Secret("ttp_F9x0vJ8mQk2yq7Zb1n4TtLr6WcDhE3sUaGpKiOeMzXy".into())
            }
            _ => return,
        };
        self.app.receive(Update::Team(*id, Ok(answer)));
    }

    /// Answers the import's requests with made-up files.
    fn import(&mut self, request: &Request) {
        let update = match request {
            Request::ImportOpen { id, .. } => Update::ImportOpened(*id, Ok(preview())),
            Request::ImportDryRun { id, .. } => Update::ImportReport(*id, Ok((report(), None))),
            Request::ImportCommit { id, .. } => {
                Update::ImportReport(*id, Ok((report(), Some(CommandId::from_bytes([1; 16])))))
            }
            _ => return,
        };
        self.app.receive(update);
    }
}

fn webhook_answer(request: &WebhookRequest, now: Timestamp) -> TeamAnswer {
    let delivery = |id: &str, event: &str, state: DeliveryState| DeliveryRow {
        id: id.into(),
        event: event.into(),
        state,
        created_at: now,
        attempts: 1,
        tried_at: Some(now),
        next_at: (state == DeliveryState::Waiting).then(|| now.plus_millis(30_000)),
        status: Some(if state == DeliveryState::Delivered { 200 } else { 503 }),
        error: None,
        duration_millis: Some(84),
        answer: if state == DeliveryState::Delivered { "ok".into() } else { "Service unavailable".into() },
    };
    let webhook = |id: &str, url: &str, events: &[&str], last: DeliveryRow| WebhookRow {
        id: id.into(),
        url: url.into(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        paused: None,
        created_at: now,
        last: Some(last),
    };
    match request {
        WebhookRequest::List => TeamAnswer::Webhooks(vec![
            webhook("1", "https://hooks.example.org/crm", &["*"], delivery("1", "lead.won", DeliveryState::Delivered)),
            webhook(
                "2",
                "https://erp.example.org/in/leads",
                &["lead.won", "lead.lost"],
                delivery("2", "lead.won", DeliveryState::Waiting),
            ),
        ]),
        WebhookRequest::Deliveries(_) => TeamAnswer::Deliveries(vec![
            delivery("3", "lead.won", DeliveryState::Waiting),
            delivery("2", "contact.created", DeliveryState::Delivered),
            delivery("1", "webhook.test", DeliveryState::Failed),
        ]),
        WebhookRequest::Make { .. } | WebhookRequest::Rotate(_) => {
            TeamAnswer::Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=".into())
        }
        _ => TeamAnswer::Done,
    }
}

fn tokens(now: Timestamp) -> Vec<TokenRow> {
    let row = |id: &str, name: &str, writes, used: Option<i64>| TokenRow {
        id: id.into(),
        name: name.into(),
        writes,
        created_at: now,
        expires_at: (!writes).then(|| now.plus_millis(80 * model::time::DAY_MILLIS)),
        last_used_at: used.map(|hours| now.plus_millis(-hours * 3_600_000)),
    };
    vec![
        row("1", "Nightly report for the accountants", false, Some(7)),
        row("2", "Website form", true, Some(0)),
        row("3", "Trial", true, None),
    ]
}

fn preview() -> ImportPreview {
    let column = |name: &str, samples: [&str; 2], target| PreviewColumn {
        name: name.into(),
        samples: samples.map(str::to_owned).into(),
        target,
    };
    let contact = |key: &str| Target::Field(Kind::Contact, key.into());
    ImportPreview {
        preset: "hubspot_contacts".into(),
        encoding: "UTF-8".into(),
        delimiter: ',',
        header_row: 0,
        row_count: 2_000,
        columns: vec![
            column("First Name", ["Ada", "Grace"], contact("first_name")),
            column("Last Name", ["Lovelace", "Hopper"], contact("last_name")),
            column("Email", ["ada@example.org", "grace@example.org"], contact("email")),
            column("Associated Company", ["Analytical Engines", "Navy"], Target::Field(Kind::Account, "name".into())),
            column("Shoe size", ["38", "39"], Target::Skip),
        ],
    }
}

fn report() -> ImportReport {
    let outcome = |row: u64, name: &str, what: RowFate, before: &str, after: &str| RowOutcome {
        row,
        kind: Kind::Contact,
        name: name.into(),
        what,
        changes: vec![("email".into(), before.into(), after.into())],
    };
    ImportReport {
        counts: [
            (Kind::Account, ImportCounts { created: 112, updated: 0, skipped: 8, errors: 0 }),
            (Kind::Contact, ImportCounts { created: 1_870, updated: 121, skipped: 7, errors: 2 }),
        ]
        .into(),
        rows: vec![
            outcome(1, "Ada Lovelace", RowFate::Create, "", "ada@example.org"),
            outcome(2, "Grace Hopper", RowFate::Update, "grace@navy.example", "grace@example.org"),
            outcome(3, "Mary Shelley", RowFate::Skip, "", ""),
        ],
        errors: vec![RowError { row: 17, reason: "no name and no email address".into() }],
        errors_csv: String::new(),
    }
}

impl Gallery {
    /// Asks for a picture after some frames, saves it when it is there, and ends.
    fn picture(&self, ctx: &egui::Context) {
        let Some(path) = &self.shot else { return };
        if self.frame != 40 + 4 * self.keys.len() as u64 {
            return;
        }
        let (path, ended) = (path.clone(), ctx.clone());
        ctx.request_screenshot(move |image| {
            let mut bytes = format!("P6\n{} {}\n255\n", image.width(), image.height()).into_bytes();
            bytes.extend(image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]));
            std::fs::write(path, bytes).expect("the picture can be saved");
            ended.send_viewport_cmd(egui::ViewportCommand::Close);
        });
    }
}

impl eframe::App for Gallery {
    fn raw_input_hook(&mut self, _ctx: &egui::Context, input: &mut egui::RawInput) {
        // One key every fourth frame, once the screen stands.
        let step = self.frame.checked_sub(20).filter(|step| step % 4 == 0).map(|step| step / 4);
        let key = step.and_then(|step| usize::try_from(step).ok()).and_then(|step| self.keys.get(step));
        let Some(key) = key.copied() else { return };
        let modifiers = egui::Modifiers::NONE;
        for pressed in [true, false] {
            input.events.push(egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.frame += 1;
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.frame.to_le_bytes());
        let started = ui.ctx().input(|input| input.time);
        let env = FrameEnv { now: self.replica.now.plus_millis((started * 1000.0) as i64), random };
        let begun = std::time::Instant::now();
        let effects = self.app.ui(ui, &env);
        let millis = begun.elapsed().as_secs_f64() * 1000.0;
        self.slowest = self.slowest.max(millis);
        self.total += millis;
        if self.frame.is_multiple_of(120) {
            eprintln!("frame {}: mean {:.2} ms, slowest {:.2} ms", self.frame, self.total / 120.0, self.slowest);
            (self.total, self.slowest) = (0.0, 0.0);
        }
        for effect in effects {
            match effect {
                Effect::Request(request) => {
                    self.import(&request);
                    self.team(&request);
                    for update in self.replica.handle(request) {
                        self.app.receive(update);
                    }
                    ui.ctx().request_repaint();
                }
                Effect::SetTitle(_) => {}
                Effect::OpenFileDialog { .. } => self.app.file_chosen("people.csv".into(), Vec::new()),
                other => eprintln!("{other:?}"),
            }
        }
        self.picture(ui.ctx());
        if self.frame == 3
            && let Some(route) = self.route.take()
        {
            self.app.go(&route);
            ui.ctx().request_repaint();
        }
        if self.frame < 10 || self.shot.is_some() || std::env::var_os("GALLERY_SPIN").is_some() {
            ui.ctx().request_repaint();
        }
    }
}

fn main() -> eframe::Result {
    let args: Vec<String> = std::env::args().collect();
    let arg = |index: usize, or: &str| args.get(index).cloned().unwrap_or_else(|| or.to_owned());
    let now = model::build::now();
    let leads: u32 = arg(1, "60").parse().unwrap_or(60);
    let mut replica = match leads {
        0 => StubReplica::empty(now),
        1 => StubReplica::started(now),
        leads => StubReplica::with_sample(now, leads),
    };
    if std::env::var_os("GALLERY_NAMES").is_some() {
        replica.give_long_names();
    }
    if std::env::var_os("GALLERY_FIELDS").is_some() {
        own_fields(&mut replica);
    }
    replica.preferences.insert("theme".into(), arg(3, "light"));
    if std::env::var_os("GALLERY_TEAM").is_some() {
        replica.session.server = "https://crm.example.org".into();
        replica.session.sync = model::app::SyncState::Synced;
    }
    let size = [arg(4, "1440").parse().unwrap_or(1440.0), arg(5, "900").parse().unwrap_or(900.0)];
    let touch = std::env::var_os("GALLERY_TOUCH").is_some();
    let viewport =
        egui::ViewportBuilder::default().with_inner_size(size).with_position([0.0, 0.0]).with_decorations(false);
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    let route = resolve(&arg(2, "/"), &replica);
    eframe::run_native(
        "TrailTrack gallery",
        options,
        Box::new(move |creation| {
            App::install(&creation.egui_ctx);
            let mut app = App::new(Options { touch, ..Options::default() });
            app.receive(Update::Session(replica.session.clone()));
            let shot = std::env::var("GALLERY_SHOT").ok();
            let keys = std::env::var("GALLERY_KEYS").unwrap_or_default();
            let keys = keys.split(',').filter_map(egui::Key::from_name).collect();
            Ok(Box::new(Gallery { app, replica, frame: 0, slowest: 0.0, total: 0.0, route: Some(route), shot, keys }))
        }),
    )
}

/// Defines fields of the workspace's own, gives them values and puts tags on records.
fn own_fields(replica: &mut StubReplica) {
    let fields = [
        (Kind::Lead, "Tier", OwnType::Choice),
        (Kind::Lead, "Contract until", OwnType::Date),
        (Kind::Lead, "Yearly budget", OwnType::Money),
        (Kind::Lead, "Seats", OwnType::Number),
        (Kind::Lead, "Uses a competitor", OwnType::Flag),
        (Kind::Account, "Customer number", OwnType::Text),
    ];
    for (kind, name, of) in fields {
        let mut field = OwnField::new(kind, name, of, &replica.settings);
        if of == OwnType::Choice {
            field.options = ["Gold", "Silver", "Bronze"].map(str::to_owned).to_vec();
        }
        replica.settings.own_fields.push(field);
    }
    replica.settings.tag_colors.insert("vip".into(), 2);
    let leads = replica.records.values_mut().filter(|record| record.kind == Kind::Lead);
    for (index, lead) in (1_i64..).zip(leads) {
        let tier = if index % 2 == 0 { "Gold" } else { "Silver" };
        let values: [(&str, Value); 6] = [
            ("custom/Tier", tier.into()),
            ("custom/Contract until", "2026-12-31".into()),
            ("custom/Yearly budget", (index * 1_234_500).into()),
            ("custom/Seats", (index * 25).into()),
            ("custom/Uses a competitor", (index % 3 == 0).into()),
            ("tags/vip", true.into()),
        ];
        lead.fields.extend(values.map(|(key, value)| (key.to_owned(), value)));
        if index % 4 == 0 {
            lead.fields.insert("tags/spring campaign".into(), true.into());
        }
    }
}

/// `/leads/first` and the like open the first record of the kind.
fn resolve(route: &str, replica: &StubReplica) -> String {
    let Some(kind) = route.strip_suffix("/first") else { return route.to_owned() };
    let kind: Option<model::Kind> = kind.trim_start_matches('/').parse().ok();
    let record = kind.and_then(|kind| replica.first(kind));
    record.map_or_else(|| "/".to_owned(), |record| format!("/{}/{}", record.kind.plural(), record.id))
}
