//! The world: who is in it, what happens in it, and how one run goes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use model::app::{Request, Update};
use model::{DeviceId, FieldChanges, IdSource, Role, Timestamp, UserId};
use replica::{ConnectionState, Input, Output};
use sha2::{Digest, Sha256};
use sync::wire::{ClientFrame, RelayFrame};
use sync_server::domain::{
    ConnId, Input as RelayInput, Output as RelayOutput, Rejected, Relay, RelayEnv, RightsChange, Session, Write,
};
use sync_server::store::{Authorship, SqliteStore};

use super::chores;
use super::dice::{Dice, Nature, OneEnv};
use super::member::Member;
use super::net::{Faults, Way, Wire};
use super::verdict::{self, Failure};

const SERVER: &str = "http://relay.test";
/// Any of these may somebody have.
const ROLES: [Role; 4] = [Role::Viewer, Role::User, Role::User, Role::Admin];
/// Steps after which a world without faults must have come to rest.
const REST_STEPS: u32 = 30_000;

/// What to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The seed everything follows from.
    pub seed: u64,
    /// Members of the team.
    pub clients: usize,
    /// Things they do, all together.
    pub ops: u32,
    /// Tell on standard error everything that happens.
    pub aloud: bool,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Faults injected, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Things done, by kind.
    pub chores: BTreeMap<&'static str, u64>,
    /// Commands that the relay refused, by code.
    pub refusals: BTreeMap<String, u64>,
    /// SHA-256 over everything that went over the network and was decided, in order.
    pub trace: String,
    /// What does not hold; nothing when all is well.
    pub failure: Option<Failure>,
}

/// Runs a team through its day and checks what must hold in the end.
pub fn run(plan: Plan) -> Outcome {
    let folder = scratch();
    let mut world = World::new(plan, folder.path());
    world.day(plan.ops);
    let rested = world.rest();
    let failure = rested.err().or_else(|| verdict::check(&mut world).err());
    let refusals = world.refusals();
    Outcome { faults: world.faults, chores: world.chores, refusals, trace: hex(&world.trace.finalize()), failure }
}

/// A folder in memory where there is one: nothing here outlives the run.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary folder can be made")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) struct World {
    pub(crate) nature: Nature,
    pub(crate) dice: Dice,
    pub(crate) members: Vec<Member>,
    pub(crate) faults: Faults,
    pub(crate) chores: BTreeMap<&'static str, u64>,
    relay: Option<Relay<SqliteStore>>,
    relay_env: RelaySide,
    relay_path: PathBuf,
    backup: Option<PathBuf>,
    /// How roles have changed, for as long as the log has gone on without a restore.
    pub(crate) role_history: Vec<RoleFrom>,
    /// Whether the log was ever set back.
    pub(crate) restored: bool,
    wires: BTreeMap<u64, (usize, Wire)>,
    next_conn: u64,
    trace: Sha256,
    folder: PathBuf,
    aloud: bool,
}

/// What the relay's core gets from outside: tokens are user ids.
#[derive(Clone)]
struct RelaySide {
    env: OneEnv,
    roles: Roles,
}

/// Everybody's role at this moment.
type Roles = Rc<RefCell<BTreeMap<UserId, Role>>>;

/// From this entry of the log on, somebody has this role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoleFrom {
    pub(crate) after_seq: u64,
    pub(crate) user: UserId,
    pub(crate) role: Role,
}

impl IdSource for RelaySide {
    fn now(&self) -> Timestamp {
        self.env.now()
    }

    fn random(&mut self) -> [u8; 10] {
        self.env.random()
    }
}

impl RelayEnv for RelaySide {
    fn authenticate(&mut self, token: &str, device: DeviceId) -> Result<Session, Rejected> {
        let user: UserId = token.parse().map_err(|_| Rejected::SignIn)?;
        let role = self.role_of(user)?;
        Ok(Session { user, device, role, sign_in: *device.as_bytes() })
    }

    fn role_now(&mut self, session: &Session) -> Result<Role, Rejected> {
        self.role_of(session.user)
    }

    fn listed(&mut self, user: UserId) -> Option<FieldChanges> {
        let role = self.role_of(user).ok()?;
        Some(FieldChanges::from([("role".to_owned(), Some(role.name().into()))]))
    }
}

impl RelaySide {
    fn role_of(&self, user: UserId) -> Result<Role, Rejected> {
        self.roles.borrow().get(&user).copied().ok_or(Rejected::SignIn)
    }
}

impl World {
    fn new(plan: Plan, folder: &Path) -> Self {
        let (mut world, mut dice) = Self::empty(plan, folder);
        for index in 0..plan.clients {
            // Half of the devices belong to the same two people: actors must not clash.
            world.add_member(&mut dice, index);
        }
        world.dice = dice;
        world
    }

    /// A relay that nobody has joined yet, and the dice for whoever does.
    fn empty(plan: Plan, folder: &Path) -> (Self, Dice) {
        let nature = Nature::new(plan.seed);
        let dice = Dice::new(nature.dice(Dice::next));
        let mut relay_env = RelaySide { env: nature.for_one(0), roles: Roles::default() };
        let relay_path = folder.join("relay.db");
        let relay = open_relay(&relay_path, &mut relay_env);
        let world = Self {
            members: Vec::new(),
            faults: Faults::new(),
            chores: BTreeMap::new(),
            relay: Some(relay),
            relay_env,
            relay_path,
            backup: None,
            role_history: Vec::new(),
            restored: false,
            wires: BTreeMap::new(),
            next_conn: 1,
            trace: Sha256::new(),
            folder: folder.to_owned(),
            nature,
            dice: Dice::new(0),
            aloud: plan.aloud,
        };
        (world, dice)
    }

    fn add_member(&mut self, dice: &mut Dice, index: usize) {
        let user = match self.members.first() {
            Some(first) if dice.once_in(3) => first.user,
            _ => self.add_user(dice, index),
        };
        let day = 86_400_000;
        let skew = if dice.once_in(2) { 0 } else { i64::try_from(dice.below(2 * day)).unwrap_or(0) - 86_400_000 };
        let path = self.folder.join(format!("client-{index}.db"));
        let mut member = Member::new(format!("client {index}"), user, path, &self.nature, skew);
        if dice.once_in(2) {
            member.input(Input::FromUi { client: 1, request: Request::StartSolo { name: member.name.clone() } });
            for _ in 0..dice.below(6) {
                chores::one(&mut member, dice);
            }
        }
        self.members.push(member);
        self.join(index);
    }

    /// Commands that were refused so far, by the relay's code: those in the trays, and those taken out of them.
    fn refusals(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for member in &self.members {
            let tray = member.replica.store().refused().expect("the store can be read");
            let codes = tray.into_iter().map(|row| row.code).chain(member.settled.iter().map(|(_, code)| code.clone()));
            codes.for_each(|code| *counts.entry(code).or_default() += 1);
        }
        counts
    }

    /// A team of people with these roles, everybody at one device with the right time, all at rest.
    #[cfg(test)]
    pub(crate) fn of(roles: &[Role], folder: &Path) -> Self {
        let plan = Plan { seed: 1, clients: roles.len(), ops: 0, aloud: false };
        let (mut world, dice) = Self::empty(plan, folder);
        world.dice = dice;
        for (index, role) in roles.iter().enumerate() {
            let user = world.add_user_as(*role, index);
            let path = world.folder.join(format!("client-{index}.db"));
            world.members.push(Member::new(format!("client {index}"), user, path, &world.nature, 0));
            world.join(index);
        }
        world.rest().expect("a quiet world comes to rest");
        world
    }

    /// Somebody loses the network, and nobody else does.
    #[cfg(test)]
    pub(crate) fn cut_off(&mut self, who: usize) {
        self.members[who].cut_off = true;
        self.hang_up(who);
    }

    /// Everything is delivered among those who have a network.
    #[cfg(test)]
    pub(crate) fn work(&mut self) {
        for _ in 0..3_000 {
            self.nature.pass(20);
            self.step();
        }
    }

    /// Somebody gets another role, and open connections are told.
    #[cfg(test)]
    pub(crate) fn give_role(&mut self, who: usize, role: Role) {
        let user = self.members[who].user;
        self.set_role(user, role);
        let outputs = self.relay().change_rights(RightsChange::Role(user, role));
        self.spread(outputs);
        self.list_user(user, None);
    }

    /// The role somebody has.
    pub(crate) fn role_of(&self, user: UserId) -> Role {
        self.relay_env.role_of(user).expect("a known person")
    }

    /// The relay, to look behind its back.
    pub(crate) fn relay(&mut self) -> &mut Relay<SqliteStore> {
        self.relay.as_mut().expect("the relay is up")
    }

    /// Somebody to audit the others at the end: a device that has never seen anything.
    pub(crate) fn add_auditor(&mut self) -> usize {
        let index = self.members.len();
        let user = self.members[0].user;
        let path = self.folder.join("auditor.db");
        self.members.push(Member::new("auditor".into(), user, path, &self.nature, 0));
        self.join(index);
        index
    }

    fn join(&mut self, index: usize) {
        let request = Request::JoinTeam {
            server: SERVER.into(),
            email: self.members[index].user.to_string(),
            password: "irrelevant here".into(),
        };
        self.members[index].input(Input::FromUi { client: 1, request });
    }

    /// The first person stays an administrator; the others have any role.
    fn add_user(&mut self, dice: &mut Dice, index: usize) -> UserId {
        let role = if index == 0 { Role::Admin } else { *dice.pick(&ROLES) };
        self.add_user_as(role, index)
    }

    fn add_user_as(&mut self, role: Role, index: usize) -> UserId {
        let user = UserId(self.relay_env.fresh_uuid());
        self.set_role(user, role);
        self.list_user(user, Some(index));
        user
    }

    fn set_role(&mut self, user: UserId, role: Role) {
        let after_seq = self.relay.as_ref().expect("the relay is up").head().seq;
        self.relay_env.roles.borrow_mut().insert(user, role);
        self.role_history.push(RoleFrom { after_seq, user, role });
    }

    /// Writes what is known of a person into the directory.
    fn list_user(&mut self, user: UserId, index: Option<usize>) {
        let role = self.relay_env.role_of(user).expect("a known person");
        let mut fields = FieldChanges::from([("role".to_owned(), Some(role.name().into()))]);
        if let Some(index) = index {
            fields.insert("name".into(), Some(format!("User {index}").into()));
            fields.insert("email".into(), Some(format!("user{index}@example.org").into()));
        }
        let by = Authorship { user, device: DeviceId::from_bytes([9; 16]) };
        let relay = self.relay.as_mut().expect("the relay is up");
        let outputs = relay.write_as(&mut self.relay_env, by, vec![Write::user(user, fields)]);
        self.spread(outputs.expect("users can be listed"));
    }

    /// Somebody gets another role. Whether open connections are told at once or find out at their next commit must
    /// not matter.
    fn change_role(&mut self) {
        let first = self.members[0].user;
        let others: Vec<UserId> = self.members.iter().map(|member| member.user).filter(|user| *user != first).collect();
        if others.is_empty() {
            return;
        }
        let user = *self.dice.pick(&others);
        let role = *self.dice.pick(&ROLES);
        self.set_role(user, role);
        if self.dice.once_in(2) {
            let relay = self.relay.as_mut().expect("the relay is up");
            let outputs = relay.change_rights(RightsChange::Role(user, role));
            self.spread(outputs);
        }
        self.list_user(user, None);
        self.count("role changed");
    }

    /// Everybody works while everything goes wrong.
    fn day(&mut self, ops: u32) {
        let mut done = 0;
        while done < ops {
            self.nature.pass(i64::try_from(self.dice.below(400)).unwrap_or(0));
            match self.dice.below(100) {
                0..=24 => {
                    let who = self.dice.index(self.members.len());
                    let mut dice = Dice::new(self.dice.next());
                    let chore = chores::one(&mut self.members[who], &mut dice);
                    self.note(&format!("{who} {chore}"));
                    *self.chores.entry(chore).or_default() += 1;
                    done += 1;
                }
                25..=27 => self.disturb(),
                28..=29 => self.fault(),
                _ => self.step(),
            }
        }
    }

    fn fault(&mut self) {
        let who = self.dice.index(self.members.len());
        match self.dice.below(17) {
            14..=16 => self.change_role(),
            0..=2 => {
                self.members[who].cut_off = true;
                self.cut(who, "partition");
            }
            3..=5 => self.members.iter_mut().for_each(|member| member.cut_off = false),
            6..=7 => self.cut(who, "connection cut"),
            8 => {
                self.hang_up(who);
                self.members[who].crash();
                self.count("client crash");
                // Whoever had not got an answer to joining yet tries again.
                if self.members[who].replica.connection().expect("the store can be read") == ConnectionState::Off {
                    self.join(who);
                }
            }
            9 => self.restart_relay(false),
            10..=11 => self.take_backup(),
            _ => self.restart_relay(true),
        }
    }

    fn disturb(&mut self) {
        let busy: Vec<u64> =
            self.wires.iter().filter(|(_, (_, wire))| !wire.is_idle()).map(|(conn, _)| *conn).collect();
        if busy.is_empty() {
            return;
        }
        let conn = *self.dice.pick(&busy);
        if let Some((_, wire)) = self.wires.get_mut(&conn) {
            wire.disturb(&mut self.dice, &mut self.faults);
        }
    }

    fn take_backup(&mut self) {
        let path = self.folder.join(format!("backup-{}.db", self.nature.now_millis()));
        let relay = self.relay.as_mut().expect("the relay is up");
        if relay.back_up(&path).is_ok() {
            self.backup = Some(path);
            self.count("relay backed up");
        }
    }

    /// The relay's process ends and starts again, possibly on the disk of some time ago.
    fn restart_relay(&mut self, restore: bool) {
        for who in 0..self.members.len() {
            self.hang_up(who);
        }
        self.relay = None;
        let backup = self.backup.clone().filter(|_| restore);
        if let Some(backup) = &backup {
            for ending in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{ending}", self.relay_path.display()));
            }
            std::fs::copy(backup, &self.relay_path).expect("a file can be copied");
        }
        let mut relay = open_relay(&self.relay_path, &mut self.relay_env);
        if backup.is_some() {
            relay.begin_epoch(&mut self.relay_env).expect("an epoch can be begun");
        }
        self.restored |= backup.is_some();
        self.relay = Some(relay);
        // As when a relay starts: the directory says what the tables say.
        let users: Vec<UserId> = self.relay_env.roles.borrow().keys().copied().collect();
        for user in users {
            let index = self.members.iter().position(|member| member.user == user);
            self.list_user(user, index);
        }
        self.count(if backup.is_some() { "relay restored from a backup" } else { "relay restarted" });
    }

    fn cut(&mut self, who: usize, fault: &'static str) {
        if self.members[who].conn.is_some() {
            self.count(fault);
        }
        self.hang_up(who);
    }

    /// Ends a member's connection; what was under way is gone.
    fn hang_up(&mut self, who: usize) {
        let Some(conn) = self.members[who].conn.take() else { return };
        self.wires.remove(&conn);
        if let Some(relay) = &mut self.relay {
            relay.disconnect(ConnId(conn));
        }
        self.members[who].input(Input::SocketClosed { reason: "cut".into() });
    }

    fn count(&mut self, fault: &'static str) {
        self.note(fault);
        *self.faults.entry(fault).or_default() += 1;
    }

    fn note(&mut self, what: &str) {
        self.trace.update(what.as_bytes());
        self.trace.update([0]);
        self.say(|| what.to_owned());
    }

    fn say(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            eprintln!("{} {}", self.nature.now_millis(), what());
        }
    }

    /// One small thing happens: an effect is carried out, a frame arrives, somebody wakes up.
    fn step(&mut self) {
        let who = self.dice.index(self.members.len());
        if !self.members[who].wants.is_empty() {
            let want = self.members[who].wants.remove(0);
            return self.carry_out(who, want);
        }
        if let Some(conn) = self.members[who].conn {
            let broken = self.wires.get(&conn).is_some_and(|(_, wire)| wire.broken);
            if broken && self.dice.once_in(10) {
                return self.hang_up(who);
            }
            let way = *self.dice.pick(&[Way::ToRelay, Way::ToClient]);
            if self.deliver(conn, who, way) {
                return;
            }
        }
        self.wake(who);
    }

    fn wake(&mut self, who: usize) {
        let now = self.members[who].env.now();
        if self.members[who].replica.next_wake().is_some_and(|at| at <= now) {
            self.members[who].input(Input::Wake);
        }
    }

    fn carry_out(&mut self, who: usize, want: Output) {
        match want {
            Output::Connect { .. } => self.connect(who),
            Output::Send(frame) => {
                if let Some((_, wire)) = self.members[who].conn.and_then(|conn| self.wires.get_mut(&conn)) {
                    wire.to_relay.push_back(frame);
                }
            }
            Output::Disconnect => {
                if let Some(conn) = self.members[who].conn.take() {
                    self.wires.remove(&conn);
                    if let Some(relay) = &mut self.relay {
                        relay.disconnect(ConnId(conn));
                    }
                }
            }
            Output::Http { id, .. } => {
                let (status, body) = self.tokens(who);
                self.members[who].input(Input::HttpAnswered { id, status, body });
            }
            Output::ToUi { .. } | Output::File { .. } => {}
        }
    }

    fn connect(&mut self, who: usize) {
        if self.members[who].cut_off {
            self.members[who].input(Input::SocketClosed { reason: "unreachable".into() });
            return;
        }
        let conn = self.next_conn;
        self.next_conn += 1;
        self.wires.insert(conn, (who, Wire::default()));
        self.members[who].conn = Some(conn);
        self.relay.as_mut().expect("the relay is up").connect(ConnId(conn));
        self.members[who].input(Input::SocketOpened);
    }

    fn tokens(&self, who: usize) -> (Result<u16, String>, Vec<u8>) {
        let member = &self.members[who];
        if member.cut_off {
            return (Err("unreachable".into()), Vec::new());
        }
        let relay = self.relay.as_ref().expect("the relay is up");
        let role = self.relay_env.role_of(member.user).expect("a known person");
        let body = serde_json::json!({
            "access_token": member.user,
            "refresh_token": "again",
            "expires_in": 600,
            "user": { "id": member.user, "name": member.name, "email": "a@b.co", "role": role },
            "workspace_id": relay.workspace(),
        });
        (Ok(200), serde_json::to_vec(&body).expect("JSON can be written"))
    }

    /// Delivers the next frame of a connection one way; `false` when there is none.
    fn deliver(&mut self, conn: u64, who: usize, way: Way) -> bool {
        let Some((_, wire)) = self.wires.get_mut(&conn) else { return false };
        let Some(frame) = wire.queue(way).pop_front() else { return false };
        self.trace.update(&frame);
        self.say(|| told(who, conn, way, &frame));
        match way {
            Way::ToClient => {
                let updates = self.members[who].input(Input::SocketMessage(frame));
                self.say(|| {
                    updates
                        .iter()
                        .filter(|update| matches!(update, Update::Notice(_)))
                        .map(|update| format!("{update:?} "))
                        .collect()
                });
            }
            Way::ToRelay => self.relay_hears(conn, frame),
        }
        true
    }

    /// The relay handles a frame, sometimes in a group with what others have sent.
    fn relay_hears(&mut self, conn: u64, frame: Vec<u8>) {
        let mut inputs = vec![(ConnId(conn), RelayInput::Frame(frame))];
        for (other, (_, wire)) in &mut self.wires {
            if self.dice.once_in(3)
                && let Some(frame) = wire.to_relay.pop_front()
            {
                self.trace.update(&frame);
                inputs.push((ConnId(*other), RelayInput::Frame(frame)));
            }
        }
        let relay = self.relay.as_mut().expect("the relay is up");
        let outputs = relay.handle(&mut self.relay_env, inputs).expect("the relay goes on");
        self.spread(outputs);
    }

    /// Puts on the wires what the relay says.
    fn spread(&mut self, outputs: Vec<(ConnId, RelayOutput)>) {
        for (ConnId(conn), output) in outputs {
            let Some((who, wire)) = self.wires.get_mut(&conn) else { continue };
            match output {
                RelayOutput::Frame(frame) => wire.to_client.push_back(frame),
                RelayOutput::Close(_) => {
                    let who = *who;
                    // What was sent before the close still arrives.
                    while self.deliver(conn, who, Way::ToClient) {}
                    self.hang_up(who);
                }
            }
        }
    }

    /// The faults end; everything is delivered until nothing is left to say.
    pub(crate) fn rest(&mut self) -> Result<(), Failure> {
        self.members.iter_mut().for_each(|member| member.cut_off = false);
        let broken: Vec<usize> = self.wires.values().filter(|(_, wire)| wire.broken).map(|(who, _)| *who).collect();
        broken.into_iter().for_each(|who| self.hang_up(who));
        // Whoever could not join for want of a network tries again.
        for who in 0..self.members.len() {
            if self.members[who].replica.connection().expect("the store can be read") == ConnectionState::Off {
                self.join(who);
            }
        }
        for _ in 0..REST_STEPS {
            if self.is_at_rest() {
                return Ok(());
            }
            self.nature.pass(20);
            self.step();
        }
        let restless = self.members.iter().filter(|member| !is_idle(member)).map(state_of);
        Err(Failure::NoRest { members: restless.collect() })
    }

    fn is_at_rest(&self) -> bool {
        let quiet = self.wires.values().all(|(_, wire)| wire.is_idle());
        quiet && self.members.iter().all(is_idle)
    }
}

/// A frame in words, for people who look for what went wrong.
fn told(who: usize, conn: u64, way: Way, frame: &[u8]) -> String {
    let frame = match way {
        Way::ToRelay => format!("{:?}", ClientFrame::decode(frame)),
        Way::ToClient => format!("{:?}", RelayFrame::decode(frame)),
    };
    let arrow = if way == Way::ToRelay { "->" } else { "<-" };
    format!("{who} (connection {conn}) {arrow} {}", frame.chars().take(300).collect::<String>())
}

fn is_idle(member: &Member) -> bool {
    let state = member.replica.connection().expect("the store can be read");
    member.wants.is_empty() && state == ConnectionState::Idle && member.replica.is_checked()
}

fn open_relay(path: &Path, env: &mut RelaySide) -> Relay<SqliteStore> {
    let store = SqliteStore::open(path).expect("the relay's store can be opened");
    Relay::open(store, env).expect("the relay can be opened")
}

/// Where somebody stands who does not come to rest.
fn state_of(member: &Member) -> String {
    let (state, wake) = (member.replica.connection(), member.replica.next_wake());
    let wants: Vec<&Output> = member.wants.iter().take(2).collect();
    format!("{}: {state:?}, wakes at {wake:?}, wants {wants:?}", member.name)
}
