//! The whole interface on made-up data in memory, to look at it: `gallery [leads] [route] [light|dark] [width] [height]`.

#[path = "../tests/it/stub.rs"]
mod stub;

use model::app::Update;
use stub::StubReplica;
use ui::{App, Effect, FrameEnv, Options};

struct Gallery {
    app: App,
    replica: StubReplica,
    frame: u64,
    slowest: f64,
    total: f64,
    route: Option<String>,
}

impl eframe::App for Gallery {
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
                    for update in self.replica.handle(request) {
                        self.app.receive(update);
                    }
                    ui.ctx().request_repaint();
                }
                Effect::SetTitle(_) => {}
                other => eprintln!("{other:?}"),
            }
        }
        if self.frame == 3 && let Some(route) = self.route.take() {
            self.app.go(&route);
            ui.ctx().request_repaint();
        }
        if self.frame < 10 || std::env::var_os("GALLERY_SPIN").is_some() {
            ui.ctx().request_repaint();
        }
    }
}

fn main() -> eframe::Result {
    let args: Vec<String> = std::env::args().collect();
    let arg = |index: usize, or: &str| args.get(index).cloned().unwrap_or_else(|| or.to_owned());
    let now = model::build::now();
    let leads: u32 = arg(1, "60").parse().unwrap_or(60);
    let replica = match leads {
        0 => StubReplica::empty(now),
        1 => StubReplica::started(now),
        leads => StubReplica::with_sample(now, leads),
    };
    let theme = if arg(3, "light") == "dark" { egui::Theme::Dark } else { egui::Theme::Light };
    let size = [arg(4, "1440").parse().unwrap_or(1440.0), arg(5, "900").parse().unwrap_or(900.0)];
    let touch = std::env::var_os("GALLERY_TOUCH").is_some();
    let viewport = egui::ViewportBuilder::default().with_inner_size(size).with_position([0.0, 0.0]).with_decorations(false);
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    let route = resolve(&arg(2, "/"), &replica);
    eframe::run_native(
        "TrailTrack gallery",
        options,
        Box::new(move |creation| {
            App::install(&creation.egui_ctx);
            creation.egui_ctx.set_theme(theme);
            let mut app = App::new(Options { touch, ..Options::default() });
            app.receive(Update::Session(replica.session.clone()));
            Ok(Box::new(Gallery { app, replica, frame: 0, slowest: 0.0, total: 0.0, route: Some(route) }))
        }),
    )
}

/// `/leads/first` and the like open the first record of the kind.
fn resolve(route: &str, replica: &StubReplica) -> String {
    let Some(kind) = route.strip_suffix("/first") else { return route.to_owned() };
    let kind: Option<model::Kind> = kind.trim_start_matches('/').parse().ok();
    let record = replica.records.values().find(|record| Some(record.kind) == kind);
    record.map_or_else(|| "/".to_owned(), |record| format!("/{}/{}", record.kind.plural(), record.id))
}
