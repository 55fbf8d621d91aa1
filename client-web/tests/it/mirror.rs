//! From egui's tree to the page's.

use client_web::mirror::{Change, Control, Element, Mirror};
use egui::accesskit::TreeUpdate;
use model::app::{Me, Session, SyncState, Update};
use model::{Role, Timestamp, UserId};
use ui::{App, FrameEnv, Options};

/// One frame of an interface, as egui tells assistive technology about it.
fn frame(ctx: &egui::Context, draw: impl FnMut(&mut egui::Ui)) -> TreeUpdate {
    ctx.enable_accesskit();
    let mut output = ctx.run_ui(egui::RawInput::default(), draw);
    // Nobody paints this.
    output.textures_delta.clear();
    output.platform_output.accesskit_update.unwrap()
}

fn put(changes: &[Change]) -> Vec<&Control> {
    changes
        .iter()
        .filter_map(|change| if let Change::Put(_, control) = change { Some(&**control) } else { None })
        .collect()
}

fn find<'a>(changes: &'a [Change], role: &str, name: &str) -> Option<&'a Control> {
    put(changes).into_iter().find(|control| control.role == role && control.name == name)
}

#[test]
fn buttons_boxes_and_words_have_role_and_name() {
    let ctx = egui::Context::default();
    let mut checked = true;

    let tree = frame(&ctx, |ui| {
        ui.heading("Pipeline");
        let _ = ui.button("New lead");
        ui.add_enabled(false, egui::Button::new("Delete"));
        ui.checkbox(&mut checked, "Open only");
    });
    let changes = Mirror::default().update(&tree, 1.0);

    assert!(put(&changes).iter().any(|control| control.element == Element::Text && control.name == "Pipeline"));
    assert!(find(&changes, "button", "New lead").unwrap().focusable);
    assert_eq!(find(&changes, "button", "Delete").unwrap().attributes["aria-disabled"], "true");
    assert_eq!(find(&changes, "checkbox", "Open only").unwrap().attributes["aria-checked"], "true");
}

#[test]
fn a_text_field_is_an_input_named_by_its_label() {
    let ctx = egui::Context::default();
    let mut text = "Ada".to_owned();

    let tree = frame(&ctx, |ui| {
        let label = ui.label("Name");
        ui.text_edit_singleline(&mut text).labelled_by(label.id);
    });
    let changes = Mirror::default().update(&tree, 1.0);

    let field = put(&changes).into_iter().find(|control| control.element == Element::Input("text")).unwrap();
    assert_eq!((field.name.as_str(), field.value.as_deref()), ("Name", Some("Ada")));
}

#[test]
fn a_frame_like_the_last_one_changes_nothing() {
    let ctx = egui::Context::default();
    let mut mirror = Mirror::default();
    let draw = |ui: &mut egui::Ui| {
        let _ = ui.button("Save");
    };

    mirror.update(&frame(&ctx, draw), 1.0);
    mirror.update(&frame(&ctx, draw), 1.0);

    assert_eq!(mirror.update(&frame(&ctx, draw), 1.0), []);
}

#[test]
fn what_is_gone_is_removed_and_the_order_follows() {
    let ctx = egui::Context::default();
    let mut mirror = Mirror::default();
    let draw = |names: &'static [&'static str]| {
        move |ui: &mut egui::Ui| {
            for name in names {
                let rect = ui.allocate_space(egui::vec2(80.0, 24.0)).1;
                let info = || egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, *name);
                ui.interact(rect, egui::Id::unique(*name), egui::Sense::click()).widget_info(info);
            }
        }
    };
    mirror.update(&frame(&ctx, draw(&["One", "Two"])), 1.0);
    mirror.update(&frame(&ctx, draw(&["One", "Two"])), 1.0);

    let changes = mirror.update(&frame(&ctx, draw(&["Two"])), 1.0);

    assert_eq!(changes.iter().filter(|change| matches!(change, Change::Remove(_))).count(), 1);
    assert!(changes.iter().any(|change| matches!(change, Change::Children(None, ids) if ids.len() == 1)));
}

#[test]
fn bounds_are_css_pixels_at_any_zoom() {
    let tree = frame(&egui::Context::default(), |ui| {
        ui.put(egui::Rect::from_min_size(egui::pos2(10.0, 20.0), egui::vec2(100.0, 30.0)), egui::Button::new("Here"));
    });

    let changes = Mirror::default().update(&tree, 2.0);

    assert_eq!(find(&changes, "button", "Here").unwrap().bounds, [20, 40, 200, 60]);
}

/// The application of somebody who works alone, and the mirror of it.
struct Page {
    ctx: egui::Context,
    app: App,
    mirror: Mirror,
    offered: std::collections::BTreeMap<u64, Control>,
}

impl Page {
    fn open() -> Self {
        let ctx = egui::Context::default();
        App::install(&ctx);
        ctx.enable_accesskit();
        let me = Me { id: UserId::from_bytes([1; 16]), name: "Ada".into(), email: String::new(), role: Role::Admin };
        let sync = SyncState::Alone;
        let mut app = App::new(Options::default());
        app.receive(Update::Session(Session { me: Some(me), server: String::new(), sync, waiting: 0, refused: 0 }));
        app.go("/settings");
        Self { ctx, app, mirror: Mirror::default(), offered: std::collections::BTreeMap::new() }
    }

    /// Some frames after this key.
    fn press(&mut self, key: egui::Key) {
        let modifiers = egui::Modifiers::NONE;
        let press = egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        for events in [vec![press], Vec::new(), Vec::new()] {
            let input = egui::RawInput { events, ..Default::default() };
            let env = FrameEnv { now: Timestamp::from_millis(1_772_000_000_000), random: [7; 16] };
            let app = &mut self.app;
            let mut output = self.ctx.run_ui(input, |ui| drop(app.ui(ui, &env)));
            output.textures_delta.clear();
            let tree = output.platform_output.accesskit_update.unwrap();
            for change in self.mirror.update(&tree, 1.0) {
                match change {
                    Change::Remove(id) => drop(self.offered.remove(&id)),
                    Change::Put(id, control) => drop(self.offered.insert(id, *control)),
                    Change::Children(..) | Change::Focus(_) => {}
                }
            }
        }
    }

    fn reachable(&self) -> Vec<&str> {
        self.offered.values().filter(|control| control.focusable).map(|control| control.name.as_str()).collect()
    }
}

#[test]
fn behind_a_dialog_the_mirror_offers_nothing() {
    let mut page = Page::open();

    page.press(egui::Key::F1);
    assert!(page.reachable().contains(&"Pipeline"), "{:?}", page.reachable());
    page.press(egui::Key::Questionmark);

    assert_eq!(page.reachable(), ["Close"]);
    let dialog = page.offered.values().find(|control| control.role == "dialog").unwrap();
    assert_eq!((dialog.name.as_str(), dialog.attributes["aria-modal"].as_str()), ("Keyboard", "true"));
    page.press(egui::Key::Escape);
    assert!(page.reachable().contains(&"Pipeline"));
}
