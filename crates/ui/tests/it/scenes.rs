//! Every view worth looking at, and the data it is looked at with.

use egui::accessibility::is_input;
use egui::epaint::text::{FontInsert, FontPriority, InsertFontFamily};
use egui::{Event, FontData, FontFamily, Key, Modifiers};
use egui_kittest::kittest::NodeT;
use egui_kittest::{Harness, Node};
use model::Kind;
use model::app::SyncState;
use model::query::{Author, Conflict, ConflictValue, FileRow, SuggestedChange, Suggestion, Transfer};
use model::{Record, RecordId, Value};
use ui::Options;

use crate::desk::{Desk, Window, desk_in, now};
use crate::stub::StubReplica;
use crate::team::refused;

/// Fonts of the machine that stand in for what a person's system has; `cargo xtask test` installs them.
const SYSTEM_FONTS: [&str; 2] =
    ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"];

/// A desk, a tablet and a phone.
pub(crate) const SIZES: [[f32; 2]; 3] = [[1440.0, 900.0], [768.0, 900.0], [360.0, 740.0]];

/// What the device holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    /// Nothing yet.
    Empty,
    /// What a person has after some weeks, with something refused, suggested and in conflict.
    Usual,
    /// Ten thousand leads.
    Crowded,
    /// Names in German, Japanese, Arabic and Hebrew, all of them long.
    LongNames,
}

impl Data {
    /// The word in a picture's name.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Usual => "usual",
            Self::Crowded => "crowded",
            Self::LongNames => "long_names",
        }
    }

    /// A device with this in it.
    pub(crate) fn replica(self) -> StubReplica {
        let mut replica = match self {
            Self::Empty => StubReplica::started(now()),
            Self::Usual => StubReplica::with_sample(now(), 60),
            Self::Crowded => StubReplica::with_sample(now(), 10_000),
            Self::LongNames => StubReplica::with_sample(now(), 60),
        };
        if self == Self::LongNames {
            replica.give_long_names();
        }
        if self != Self::Empty {
            add_company(&mut replica);
        }
        replica
    }
}

/// What is done once a view stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// A key is pressed.
    Press(Modifiers, Key),
    /// The first control whose name starts so is clicked.
    Click(&'static str),
    /// This is typed into the field that has the keyboard.
    Type(&'static str),
    /// The replica or the shell brings something.
    Given(fn(&mut Harness<'static, Desk>)),
}

impl Step {
    fn take(self, harness: &mut Harness<'static, Desk>) {
        match self {
            Self::Press(modifiers, key) => harness.key_press_modifiers(modifiers, key),
            Self::Click(name) => click(harness, name),
            Self::Type(text) => harness.event(Event::Text(text.to_owned())),
            Self::Given(bring) => bring(harness),
        }
        harness.run();
    }
}

fn click(harness: &Harness<'static, Desk>, name: &str) {
    let starts_so = |node: &Node<'_>| {
        let node = node.accesskit_node();
        is_input(node.role()) && !node.is_hidden() && node.label().is_some_and(|label| label.starts_with(name))
    };
    let found = harness.root().children_recursive().find(starts_so);
    found.unwrap_or_else(|| panic!("no control is named {name}")).click();
}

/// A view: where it is, and what is done once it stands.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// The name of its pictures.
    pub(crate) name: String,
    /// Where it is; `/leads/first` opens the first record of a kind.
    pub(crate) route: String,
    /// What opens what is to be seen.
    pub(crate) steps: Vec<Step>,
    /// What happens in a team whose relay answers.
    pub(crate) then: Option<Then>,
    /// It is the same whatever the device holds.
    pub(crate) always_alike: bool,
}

/// Something that a person does and a relay answers.
type Then = fn(&mut Harness<'static, Desk>);

impl Scene {
    pub(crate) fn at(name: &str, route: &str) -> Self {
        Self { name: name.to_owned(), route: route.to_owned(), steps: Vec::new(), then: None, always_alike: false }
    }

    pub(crate) fn pressing(mut self, keys: &[Key]) -> Self {
        self.steps.extend(keys.iter().map(|key| Step::Press(Modifiers::NONE, *key)));
        self
    }

    pub(crate) fn with(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.steps.push(Step::Press(modifiers, key));
        self
    }

    pub(crate) fn clicking(mut self, names: &[&'static str]) -> Self {
        self.steps.extend(names.iter().map(|name| Step::Click(name)));
        self
    }

    pub(crate) fn typing(mut self, text: &'static str) -> Self {
        self.steps.push(Step::Type(text));
        self
    }

    pub(crate) fn given(mut self, bring: fn(&mut Harness<'static, Desk>)) -> Self {
        self.steps.push(Step::Given(bring));
        self
    }

    fn then(mut self, then: Then) -> Self {
        self.then = Some(then);
        self
    }

    fn alike(mut self) -> Self {
        self.always_alike = true;
        self
    }

    /// The view in a window of this size, or nothing where there is no such record.
    pub(crate) fn open(&self, mut replica: StubReplica, size: [f32; 2]) -> Option<Harness<'static, Desk>> {
        if self.then.is_some() {
            replica.session.server = "https://crm.example.org".into();
            replica.session.sync = SyncState::Synced;
        }
        let route = resolve(&self.route, &replica)?;
        let options = Options { touch: size[0] < 600.0, ..Options::default() };
        let mut harness = desk_in(replica, &route, Window { size, options, fonts: system_fonts() });
        self.steps.iter().for_each(|step| step.take(&mut harness));
        if let Some(then) = self.then {
            then(&mut harness);
        }
        Some(harness)
    }
}

/// All of them.
pub(crate) fn scenes() -> Vec<Scene> {
    let mut all = vec![
        Scene::at("today", "/"),
        Scene::at("pipeline", "/pipeline"),
        Scene::at("leads", "/leads"),
        Scene::at("contacts", "/contacts"),
        Scene::at("accounts", "/accounts"),
        Scene::at("lead", "/leads/first"),
        Scene::at("account", "/accounts/first"),
        Scene::at("contact", "/contacts/first"),
        Scene::at("trash", "/trash"),
        Scene::at("duplicates", "/duplicates"),
        Scene::at("import", "/import").alike(),
    ];
    let tabs = ["details", "contacts", "files", "tasks", "timeline"];
    let keys = [Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6];
    all.extend(
        tabs.iter().zip(keys).map(|(tab, key)| Scene::at(&format!("lead_{tab}"), "/leads/first").pressing(&[key])),
    );
    all.extend(
        model::report::Name::ALL
            .map(|name| Scene::at(&format!("report_{name}"), &format!("/reports?report={name}&period=this_year"))),
    );
    let parts = ["", "workspace", "pipeline", "fields", "team", "data", "api", "sync", "about"];
    all.extend(parts.map(|part| {
        let name = if part.is_empty() { "me" } else { part };
        Scene::at(&format!("settings_{name}"), &format!("/settings?s={part}")).alike()
    }));
    all.extend([
        Scene::at("settings_webhooks", "/settings?s=api").then(crate::webhooks::show).alike(),
        Scene::at("webhook_deliveries", "/settings?s=api").then(crate::webhooks::show_deliveries).alike(),
        Scene::at("new_webhook", "/settings?s=api").then(crate::webhooks::show_form).alike(),
        Scene::at("new_lead", "/settings").pressing(&[Key::N, Key::L]).alike(),
        Scene::at("new_contact", "/settings").pressing(&[Key::N, Key::C]).alike(),
        Scene::at("new_task", "/settings").pressing(&[Key::N, Key::T]).alike(),
        Scene::at("quick_log", "/leads/first").pressing(&[Key::L]),
        Scene::at("won", "/leads/first").with(Modifiers::SHIFT, Key::W),
        Scene::at("lost", "/leads/first").with(Modifiers::SHIFT, Key::X),
        Scene::at("palette", "/settings").with(Modifiers::COMMAND, Key::K),
        Scene::at("keyboard", "/settings").pressing(&[Key::Questionmark]).alike(),
        Scene::at("filters", "/leads").pressing(&[Key::F]),
        Scene::at("selected", "/leads").with(Modifiers::COMMAND, Key::A),
        Scene::at("peek", "/leads").pressing(&[Key::ArrowDown, Key::Space]),
    ]);
    all
}

/// `/leads/first` and the like open the first record of the kind.
fn resolve(route: &str, replica: &StubReplica) -> Option<String> {
    let Some(kind) = route.strip_suffix("/first") else { return Some(route.to_owned()) };
    let kind: Kind = kind.trim_start_matches('/').parse().ok()?;
    Some(format!("/{}/{}", kind.plural(), replica.first(kind)?.id))
}

/// What happens where people work together: a conflict, a refusal, a suggestion, files.
fn add_company(replica: &mut StubReplica) {
    let Some(lead) = replica.first(Kind::Lead).cloned() else { return };
    let name = lead.text("title").to_owned();
    let value = |who: &str, cents: i64| ConflictValue {
        value: Some(cents.into()),
        author: Author { name: who.into(), ..Author::default() },
        at: now(),
    };
    let values = vec![value("Ada Lovelace", 1_250_000), value("Ben Okafor", 980_000)];
    replica.conflicts.push(Conflict {
        record: lead.reference(),
        name: name.clone(),
        key: "value_cents".into(),
        values,
    });
    replica.refused.push(refused(&lead));
    replica.suggestions.push(suggestion(&lead, name));
    replica.files.extend([
        file(1, "offer.pdf", 245_760, Some(Transfer::Uploading(40))),
        file(2, "Leistungsverzeichnis und technische Anlagen, überarbeitete Fassung.docx", 1_912_000, None),
    ]);
}

fn suggestion(lead: &Record, name: String) -> Suggestion {
    let author = |name: &str| Author { name: name.into(), ..Author::default() };
    let change = SuggestedChange {
        key: "value_cents".into(),
        seen: Some(90_000.into()),
        current: Some(100_000.into()),
        proposed: Some(250_000.into()),
    };
    Suggestion {
        id: RecordId::from_bytes([8; 16]),
        record: lead.reference(),
        name,
        author: author("Ben Okafor"),
        addressee: author("Ada Lovelace"),
        note: "They said so on the phone".into(),
        at: now(),
        status: "open".into(),
        is_mine: false,
        cannot_accept: None,
        changes: vec![change],
        pending: false,
    }
}

fn file(number: u8, name: &str, size: i64, under_way: Option<Transfer>) -> FileRow {
    let mut record = Record::new(Kind::Attachment, RecordId::from_bytes([number; 16]));
    record.fields.insert("filename".into(), Value::from(name));
    record.fields.insert("size_bytes".into(), size.into());
    let on_relay = under_way.is_none();
    FileRow { record, here: true, on_relay, keep_offline: false, under_way, trouble: None }
}

/// Fonts for the scripts that ours do not have, behind them.
fn system_fonts() -> Vec<FontInsert> {
    let font = |path: &&str| {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}; run `cargo xtask test` once"));
        let family = InsertFontFamily { family: FontFamily::Proportional, priority: FontPriority::Lowest };
        FontInsert::new(path, FontData::from_owned(bytes), vec![family])
    };
    SYSTEM_FONTS.iter().map(font).collect()
}
