//! How long a frame of the board takes while it scrolls, layout and tessellation: prints JSON.
//!
//! `cargo run --release -p ui --example frame_time`

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures and prints")]
#![allow(dead_code, unreachable_pub, reason = "the tests use all of the stand-in")]

#[path = "../tests/it/stub.rs"]
mod stub;

use std::time::Instant;

use egui::{Event, Modifiers, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, vec2};
use model::app::Update;
use stub::StubReplica;
use ui::{App, Effect, FrameEnv, Options};

const FRAMES: u32 = 300;

fn main() {
    for (leads, bar) in [(500, 8.0), (10_000, 8.0)] {
        let mut millis = measure(leads);
        millis.sort_by(f64::total_cmp);
        let p95 = millis[millis.len() * 95 / 100];
        let mean = millis.iter().sum::<f64>() / f64::from(FRAMES);
        println!(r#"{{"leads":{leads},"mean_millis":{mean:.2},"p95_millis":{p95:.2},"bar_millis":{bar}}}"#);
    }
}

fn measure(leads: u32) -> Vec<f64> {
    let mut replica = StubReplica::with_sample(model::build::now(), leads);
    let ctx = egui::Context::default();
    App::install(&ctx);
    let mut app = App::new(Options::default());
    app.receive(Update::Session(replica.session.clone()));
    app.go("/pipeline");
    let mut times = Vec::new();
    for frame in 0..FRAMES + 20 {
        let input = input(frame);
        let env = FrameEnv { now: replica.now, random: [0; 16] };
        let started = Instant::now();
        let mut effects = Vec::new();
        let mut output = ctx.run_ui(input, |ui| effects.extend(app.ui(ui, &env)));
        output.textures_delta.clear();
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(shapes);
        if frame >= 20 {
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        for effect in effects {
            if let Effect::Request(request) = effect {
                replica.handle(request).into_iter().for_each(|update| app.receive(update));
            }
        }
    }
    times
}

fn input(frame: u32) -> RawInput {
    let wheel = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, -60.0),
        source: egui::MouseWheelSource::Wheel,
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
    };
    RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1440.0, 900.0))),
        time: Some(f64::from(frame) / 60.0),
        events: vec![Event::PointerMoved(Pos2::new(400.0, 400.0)), wheel],
        ..RawInput::default()
    }
}
