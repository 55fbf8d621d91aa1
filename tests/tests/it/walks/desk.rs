//! A person at a desk: the whole interface over a real replica in memory, clicked and typed by accessible name.

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use model::action::Action;
use model::app::{Done, Request, Trouble, Update};
use model::build::SeededIds;
use model::query::{Answer, ListQuery, Query};
use model::{Fields, IdSource, Kind, Record, RecordRef, Value};
use replica::{FileWork, Input, Output, Replica};
use serde_json::json;
use store::Store;
use ui::{App, Effect, FrameEnv, Options};

/// The window's number at the replica.
const WINDOW: u64 = 1;
/// The number under which a test speaks to the replica itself.
const TEST: u64 = 2;
/// The application's request numbers start at 1; a test's are far above.
const TEST_REQUEST: u64 = 1 << 40;
/// The person, as the relay knows them.
const USER: &str = "00000000-0000-7000-8000-000000000001";
const WORKSPACE: &str = "00000000-0000-7000-8000-000000000002";

pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) replica: Replica,
    pub(crate) env: SeededIds,
    pub(crate) effects: Vec<Effect>,
    /// Work on files that the replica has asked for.
    pub(crate) files: Vec<(u64, FileWork)>,
}

impl Desk {
    fn new(route: &str) -> Self {
        let mut env = SeededIds::new(11);
        let replica = Replica::open(Store::open_in_memory().unwrap(), &mut env).unwrap();
        let mut app = App::new(Options::default());
        app.go(route);
        let mut desk = Self { app, replica, env, effects: Vec::new(), files: Vec::new() };
        desk.input(Input::Wake);
        desk
    }

    pub(crate) fn input(&mut self, input: Input) -> Vec<Update> {
        let mut outputs = self.replica.handle(&mut self.env, input);
        outputs.extend(self.replica.flush(&self.env));
        let mut told = Vec::new();
        for output in outputs {
            let (client, update) = match output {
                Output::ToUi { client, update } => (client, update),
                Output::File { job, work } => {
                    self.files.push((job, work));
                    continue;
                }
                _ => continue,
            };
            match client {
                Some(TEST) => told.push(*update),
                _ => self.app.receive(*update),
            }
        }
        told
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        let mut random = [0; 16];
        random[..10].copy_from_slice(&self.env.random());
        // A running import asks to go on at once.
        if self.replica.next_wake().is_some_and(|at| at <= self.env.now()) {
            self.input(Input::Wake);
            ui.ctx().request_repaint();
        }
        let effects = self.app.ui(ui, &FrameEnv { now: self.env.now(), random });
        for effect in effects {
            if let Effect::Request(request) = &effect {
                self.input(Input::FromUi { client: WINDOW, request: request.clone() });
                ui.ctx().request_repaint();
            }
            self.effects.push(effect);
        }
    }

    /// Does something behind the interface's back, as another window would.
    pub(crate) fn act(&mut self, action: Action) -> Result<Done, Trouble> {
        let told = self.input(Input::FromUi { client: TEST, request: Request::Do(TEST_REQUEST, action) });
        let done = told.into_iter().find_map(|update| match update {
            Update::Done(TEST_REQUEST, done) => Some(done),
            _ => None,
        });
        done.expect("every action is answered")
    }

    /// Creates a record behind the interface's back.
    pub(crate) fn create(&mut self, kind: Kind, fields: &[(&str, Value)]) -> RecordRef {
        // What is created first is the oldest.
        let now = self.env.now().plus_millis(1_000);
        self.env.set_now(now);
        let record = RecordRef::new(kind, self.env.fresh_record_id());
        let fields: Fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        self.act(Action::Create { record, fields }).unwrap();
        record
    }

    /// Joins a team in which the person has this role, on a relay that holds nothing new.
    pub(crate) fn join(&mut self, role: &str) {
        let (server, email) = ("http://relay.test".into(), "ada@example.org".into());
        let request = Request::JoinTeam { server, email, password: "irrelevant here".into() };
        self.input(Input::FromUi { client: WINDOW, request });
        let user = json!({ "id": USER, "name": "Ada Lovelace", "email": "ada@example.org", "role": role });
        let body = json!({
            "access_token": "token", "refresh_token": "again", "expires_in": 600,
            "user": user, "workspace_id": WORKSPACE,
        });
        self.input(Input::HttpAnswered { id: 1, status: Ok(200), body: serde_json::to_vec(&body).unwrap() });
    }

    /// The record as it stands.
    pub(crate) fn record(&self, record: RecordRef) -> Record {
        self.replica.record(record).unwrap().expect("it is here")
    }

    /// Lets the replica do what it put off.
    pub(crate) fn wake(&mut self) {
        self.input(Input::Wake);
    }

    /// The address that a new window of the same device shows which is opened at `route`.
    pub(crate) fn reopened(&mut self, route: &str) -> String {
        let mut app = App::new(Options::default());
        app.go(route);
        std::mem::swap(&mut app, &mut self.app);
        // Whoever watches anew is told who they are.
        self.input(Input::FromUi { client: TEST, request: Request::Watch(TEST_REQUEST, Query::Workspace) });
        let ctx = egui::Context::default();
        App::install(&ctx);
        for _ in 0..3 {
            let mut drawn = ctx.run_ui(egui::RawInput::default(), |ui| self.frame(ui));
            drawn.textures_delta.clear();
        }
        std::mem::swap(&mut app, &mut self.app);
        app.route()
    }

    /// What this device keeps of the person's choices.
    pub(crate) fn kept(&self) -> Vec<(String, String)> {
        let kept = self.replica.store().metas("prefer/").unwrap();
        kept.into_iter().map(|(key, value)| (key, String::from_utf8(value).unwrap())).collect()
    }

    /// All records of a kind that lists show.
    pub(crate) fn records(&mut self, kind: Kind) -> Vec<Record> {
        let query = Query::List(ListQuery { limit: 500, ..ListQuery::of(kind) });
        let Answer::List(list) = self.replica.answer(&query, self.env.now()).unwrap() else { panic!("not a list") };
        list.rows.into_iter().map(|row| row.record).collect()
    }
}

/// Somebody who works alone, at a route.
pub(crate) fn desk(route: &str) -> Harness<'static, Desk> {
    let mut desk = Desk::new(route);
    desk.input(Input::FromUi { client: WINDOW, request: Request::StartSolo { name: "Ada Lovelace".into() } });
    harness(desk, [1440.0, 900.0])
}

/// A device on which nobody has started yet.
pub(crate) fn new_device() -> Harness<'static, Desk> {
    harness(Desk::new("/"), [1440.0, 900.0])
}

fn harness(desk: Desk, size: [f32; 2]) -> Harness<'static, Desk> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(60)
        .with_context_setup(App::install)
        .build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk);
    harness.run();
    harness
}

/// What a person does, by the names they see.
pub(crate) trait Hands {
    /// Clicks the control of this role and name.
    fn press(&mut self, role: Role, name: &str);
    /// Clicks the button of this name.
    fn button(&mut self, name: &str);
    /// Types into the field of this name, in place of what it holds.
    fn fill(&mut self, name: &str, text: &str);
    /// Opens a picker and chooses.
    fn choose(&mut self, picker: &str, option: &str);
    /// Scrolls to the control of this role and name, and clicks it.
    fn reach(&mut self, role: Role, name: &str);
    /// Presses a key.
    fn key(&mut self, key: Key);
    /// Presses a key with others held.
    fn chord(&mut self, modifiers: Modifiers, key: Key);
    /// Goes to a route.
    fn go(&mut self, route: &str);
    /// Whether something of this name shows.
    fn sees(&self, name: &str) -> bool;
    /// Everything that is named, for a failing test's message.
    fn all_names(&self) -> String;
}

impl Hands for Harness<'static, Desk> {
    fn press(&mut self, role: Role, name: &str) {
        assert!(self.query_by_role_and_label(role, name).is_some(), "no {role:?} {name:?} in {}", self.all_names());
        self.get_by_role_and_label(role, name).click();
        self.run();
    }

    fn button(&mut self, name: &str) {
        self.press(Role::Button, name);
    }

    fn fill(&mut self, name: &str, text: &str) {
        let find = |role| self.query_by_role_and_label(role, name).is_some();
        let roles = [Role::TextInput, Role::MultilineTextInput, Role::PasswordInput];
        let role = roles.into_iter().find(|role| find(*role));
        let role = role.unwrap_or_else(|| panic!("no field {name:?} in {}", self.all_names()));
        self.get_by_role_and_label(role, name).focus();
        self.run();
        self.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.run();
        self.get_by_role_and_label(role, name).type_text(text);
        self.run();
    }

    fn reach(&mut self, role: Role, name: &str) {
        assert!(self.query_by_role_and_label(role, name).is_some(), "no {role:?} {name:?} in {}", self.all_names());
        self.get_by_role_and_label(role, name).scroll_to_me();
        self.run();
        self.press(role, name);
    }

    fn choose(&mut self, picker: &str, option: &str) {
        self.press(Role::ComboBox, picker);
        self.press(Role::ListBoxOption, option);
    }

    fn key(&mut self, key: Key) {
        self.key_press(key);
        self.run();
    }

    fn chord(&mut self, modifiers: Modifiers, key: Key) {
        self.key_press_modifiers(modifiers, key);
        self.run();
    }

    fn go(&mut self, route: &str) {
        self.state_mut().app.go(route);
        self.run();
    }

    fn sees(&self, name: &str) -> bool {
        self.query_all_by_label(name).next().is_some()
    }

    fn all_names(&self) -> String {
        let named = self.root().children_recursive().filter_map(|node| {
            let node = node.accesskit_node();
            node.label().or(node.value()).map(|name| format!("{:?} {name:?}", node.role()))
        });
        named.collect::<Vec<_>>().join("\n")
    }
}
