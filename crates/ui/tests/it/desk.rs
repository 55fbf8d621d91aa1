//! A person at a desk: the application, a replica, and a harness that clicks and types.

use egui::Role;
use egui::epaint::text::FontInsert;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use model::app::{Request, Update};
use model::query::Query;
use model::{Action, Kind, RecordRef};
use ui::{App, Effect, FrameEnv, Options};

use crate::stub::StubReplica;

/// The application with its replica.
pub(crate) struct Desk {
    pub app: App,
    pub replica: StubReplica,
    pub effects: Vec<Effect>,
    frames: u64,
}

impl Desk {
    fn frame(&mut self, ui: &mut egui::Ui) {
        self.frames += 1;
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.frames.to_le_bytes());
        let effects = self.app.ui(ui, &FrameEnv { now: self.replica.now, random });
        for effect in effects {
            if let Effect::Request(request) = &effect {
                for update in self.replica.handle(request.clone()) {
                    self.app.receive(update);
                }
                ui.ctx().request_repaint();
            }
            self.effects.push(effect);
        }
    }

    /// Every action that was asked for.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let action = |request: &Request| match request {
            Request::Do(_, action) => Some(action.clone()),
            _ => None,
        };
        self.replica.requests.iter().filter_map(action).collect()
    }

    /// The last query of this kind that was watched.
    pub(crate) fn last_watch(&self, wanted: impl Fn(&Query) -> bool) -> Option<Query> {
        let query = |request: &Request| match request {
            Request::Watch(_, query) if wanted(query) => Some(query.clone()),
            _ => None,
        };
        self.replica.requests.iter().rev().find_map(query)
    }

    /// The first record of a kind that fits.
    pub(crate) fn record(&self, kind: Kind, fits: impl Fn(&model::Record) -> bool) -> RecordRef {
        let found = self.replica.records.values().find(|record| record.kind == kind && fits(record));
        found.expect("there is such a record").reference()
    }
}

/// The window a desk stands in.
pub(crate) struct Window {
    pub size: [f32; 2],
    pub options: Options,
    /// What stands in for the system's fonts.
    pub fonts: Vec<FontInsert>,
}

/// A harness around a desk, at a route, in a window.
pub(crate) fn desk_in(replica: StubReplica, route: &str, window: Window) -> Harness<'static, Desk> {
    let mut app = App::new(window.options);
    app.receive(Update::Session(replica.session.clone()));
    app.go(route);
    let desk = Desk { app, replica, effects: Vec::new(), frames: 0 };
    let set_up = |ctx: &egui::Context| {
        App::install(ctx);
        window.fonts.into_iter().for_each(|font| ctx.add_font(font));
    };
    let mut harness = Harness::builder()
        .with_size(window.size)
        .with_max_steps(40)
        .with_context_setup(set_up)
        .build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk);
    harness.run();
    harness
}

/// A harness around a desk, at a route, in a window of this size.
pub(crate) fn desk_sized(
    replica: StubReplica,
    route: &str,
    options: Options,
    size: [f32; 2],
) -> Harness<'static, Desk> {
    desk_in(replica, route, Window { size, options, fonts: Vec::new() })
}

/// A harness around a desk on a wide window.
pub(crate) fn desk(replica: StubReplica, route: &str) -> Harness<'static, Desk> {
    desk_sized(replica, route, Options::default(), [1440.0, 900.0])
}

/// Answers the dialog that closes leads: lost, over the price.
pub(crate) fn lose_over_the_price(harness: &mut Harness<'_, Desk>) {
    harness.get_by_role_and_label(Role::ComboBox, "Reason").click();
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Price").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Mark as lost").click();
    harness.run();
}

/// The moment all tests happen at.
pub(crate) fn now() -> model::Timestamp {
    model::build::now()
}
