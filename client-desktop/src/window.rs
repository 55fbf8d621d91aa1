//! The window: draws the interface, carries its effects out, passes the rest to the replica's thread.

use crate::opened;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use model::IdSource;
use model::app::{Request, Update};
use replica::{ClientId, Input};
use ui::{Effect, FilePurpose, FrameEnv};

use crate::engine::Engine;
use crate::env::SystemEnv;
use crate::net::NetEvent;
use crate::output;
use crate::profile::Profile;

/// The window's number as an interface of the replica.
const WINDOW: ClientId = 1;

/// Opens the window on a profile and runs until it is closed.
pub(crate) fn run(folder: &Path) -> ExitCode {
    let engine = match Profile::open(folder).map_err(|error| error.to_string()).and_then(start) {
        Ok(engine) => engine,
        Err(error) => return output::complain(&error),
    };
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("TrailTrack")
            .with_app_id("trailtrack")
            .with_inner_size([1280.0, 840.0])
            .with_min_inner_size([360.0, 480.0]),
        ..Default::default()
    };
    let ran =
        eframe::run_native("trailtrack", options, Box::new(|creation| Ok(Box::new(Window::new(creation, engine)?))));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::complain(&error),
    }
}

fn start(profile: Profile) -> Result<Engine, String> {
    Engine::new(profile).map_err(|error| format!("the network can't be started: {error}"))
}

/// What comes back to the window's thread.
enum Back {
    Update(Update),
    FileChosen { name: String, bytes: Vec<u8> },
    BackupChosen(String),
    PlaceChosen(String),
    Trouble(String),
}

struct Window {
    app: ui::App,
    inputs: Sender<NetEvent>,
    back: Receiver<Back>,
    back_sender: Sender<Back>,
}

impl Window {
    fn new(creation: &eframe::CreationContext<'_>, engine: Engine) -> std::io::Result<Self> {
        ui::App::install(&creation.egui_ctx);
        let inputs = engine.inputs();
        let data_place = engine.profile.folder.display().to_string();
        let (back_sender, back) = channel();
        if let Some(mended) = engine.profile.mended {
            // Both ends are ours here.
            let _ = back_sender.send(Back::Trouble(mended.to_string()));
        }
        let to_window = back_sender.clone();
        let ctx = creation.egui_ctx.clone();
        std::thread::Builder::new().name("replica".into()).spawn(move || {
            run_replica(engine, |update| {
                crate::notify::tell(&update);
                // The window is gone when nobody listens.
                let _ = to_window.send(Back::Update(update));
                ctx.request_repaint();
            });
        })?;
        let app = ui::App::new(ui::Options { data_place, ..ui::Options::default() });
        Ok(Self { app, inputs, back, back_sender })
    }

    fn receive(&mut self) {
        while let Ok(back) = self.back.try_recv() {
            match back {
                Back::Update(update) => self.app.receive(update),
                Back::FileChosen { name, bytes } => self.app.file_chosen(name, bytes),
                Back::BackupChosen(path) => self.app.backup_chosen(path),
                Back::PlaceChosen(path) => self.app.place_chosen(Some(path)),
                Back::Trouble(text) => {
                    let notice = model::app::Notice { tone: model::app::Tone::Bad, text };
                    self.app.receive(Update::Notice(notice));
                }
            }
        }
    }

    fn carry_out(&self, ctx: &egui::Context, effect: Effect) {
        match effect {
            Effect::Request(request) => self.request(request),
            Effect::OpenUrl(url) => ctx.open_url(egui::OpenUrl::new_tab(url)),
            Effect::CopyText(text) => ctx.copy_text(text),
            Effect::SetTitle(title) => ctx.send_viewport_cmd(egui::ViewportCommand::Title(title)),
            // Here nobody has to be asked.
            Effect::RouteChanged(_) | Effect::RouteReplaced(_) | Effect::AskToNotify => {}
            Effect::OpenFileDialog { purpose } => self.choose_file(ctx, purpose),
            Effect::ChoosePlace { name } => self.choose_place(ctx, name),
            Effect::SaveFile { name, bytes } => self.save_file(ctx, name, bytes),
            Effect::OpenFile { name, bytes } => self.open_file(ctx, name, bytes),
        }
    }

    fn request(&self, request: Request) {
        // The replica's thread ends only with the window.
        let _ = self.inputs.send((0, Input::FromUi { client: WINDOW, request }));
    }

    fn choose_file(&self, ctx: &egui::Context, purpose: FilePurpose) {
        let (sender, ctx) = (self.back_sender.clone(), ctx.clone());
        std::thread::spawn(move || {
            let Some(path) = rfd::FileDialog::new().pick_file() else { return };
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let back = match purpose {
                // A backup may be larger than the memory.
                FilePurpose::Backup => Back::BackupChosen(path.to_string_lossy().into_owned()),
                FilePurpose::Import | FilePurpose::Attachment(_) => match std::fs::read(&path) {
                    Ok(bytes) => Back::FileChosen { name, bytes },
                    Err(error) => Back::Trouble(format!("{name} can't be read: {error}")),
                },
            };
            let _ = sender.send(back);
            ctx.request_repaint();
        });
    }

    fn choose_place(&self, ctx: &egui::Context, name: String) {
        let (sender, ctx) = (self.back_sender.clone(), ctx.clone());
        std::thread::spawn(move || {
            let Some(path) = rfd::FileDialog::new().set_file_name(&name).save_file() else { return };
            let _ = sender.send(Back::PlaceChosen(path.to_string_lossy().into_owned()));
            ctx.request_repaint();
        });
    }

    fn open_file(&self, ctx: &egui::Context, name: String, bytes: Vec<u8>) {
        let (sender, ctx) = (self.back_sender.clone(), ctx.clone());
        std::thread::spawn(move || {
            if let Err(error) = opened::open(&name, &bytes) {
                let _ = sender.send(Back::Trouble(format!("{name} can't be opened: {error}")));
                ctx.request_repaint();
            }
        });
    }

    fn save_file(&self, ctx: &egui::Context, name: String, bytes: Vec<u8>) {
        let (sender, ctx) = (self.back_sender.clone(), ctx.clone());
        std::thread::spawn(move || {
            let Some(path) = rfd::FileDialog::new().set_file_name(&name).save_file() else { return };
            if let Err(error) = std::fs::write(&path, bytes) {
                let _ = sender.send(Back::Trouble(format!("{name} can't be written: {error}")));
                ctx.request_repaint();
            }
        });
    }
}

/// The replica's thread. The first thing it tells is the session: the window waits for that.
fn run_replica(mut engine: Engine, mut tell: impl FnMut(Update)) {
    let mut tell = |_: Option<ClientId>, update| tell(update);
    engine.handle(Input::Wake, &mut tell);
    engine.flush(&mut tell);
    while engine.turn(Duration::MAX, &mut tell) {}
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.receive();
        let mut env = SystemEnv;
        let mut random = [0; 16];
        random[..10].copy_from_slice(&env.random());
        random[10..].copy_from_slice(&env.random()[..6]);
        let frame = FrameEnv { now: env.now(), random };
        for effect in self.app.ui(ui, &frame) {
            self.carry_out(ui.ctx(), effect);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_told_the_session_before_anybody_asks() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let engine = start(Profile::open(folder.path()).expect("a new profile opens")).expect("the network starts");
        let (told, updates) = channel();

        // The thread ends with the test's process, as with the window's.
        std::thread::spawn(move || run_replica(engine, |update| drop(told.send(update))));

        let first = updates.recv_timeout(Duration::from_secs(30)).expect("something is told at once");
        assert!(matches!(first, Update::Session(session) if session.me.is_none()));
    }
}
