//! Connections that have caught up hear everything, in the order of the log.

use model::build;
use proptest::prelude::*;
use sync::client::{OutgoingChange, Position, Session};
use sync::wire::{ClientFrame, Pull, PushedChange, RelayFrame};
use sync_server::domain::{ConnId, Input, Output};

use crate::support::{ADA, BEN, CAT, Person, World, command, command_id, created, entries_in, push};

#[test]
fn others_changes_arrive_as_entries_and_own_ones_as_acks_in_the_order_of_the_log() {
    let mut world = World::new();
    let (ada, ben, cat) = (world.connect_live(ADA), world.connect_live(BEN), world.connect_live(CAT));
    let made = |who, title, low| {
        let (lead, first) = created(who, &build::lead(title));
        push(vec![command(command_id(1, low), [(&lead, &first)])])
    };

    world.send_group(vec![
        (ada, made(ADA, "One", 1)),
        (ben, made(BEN, "Two", 2)),
        (ben, made(BEN, "Three", 3)),
        (ada, made(ADA, "Four", 4)),
    ]);

    let summary = |frames: Vec<RelayFrame>| -> Vec<String> {
        let one = |frame: &RelayFrame| match frame {
            RelayFrame::Ack(ack) => format!("ack to {}", ack.end.expect("live").seq),
            RelayFrame::Entries(entries) => format!("entries {} to {}", entries.from, entries.end.seq),
            other => format!("{other:?}"),
        };
        frames.iter().map(one).collect()
    };
    assert_eq!(summary(world.hear(ada)), ["ack to 2", "entries 3 to 4", "ack to 5"]);
    assert_eq!(summary(world.hear(ben)), ["entries 2 to 2", "ack to 4", "entries 5 to 5"]);
    assert_eq!(summary(world.hear(cat)), ["entries 2 to 5"]);
}

#[test]
fn a_connection_that_is_behind_gets_its_acks_and_nothing_else() {
    let mut world = World::new();
    let start = world.relay.head();
    world.create(BEN, &build::lead("Ben's"));
    let (ada, _) = world.connect(ADA, Some(start));
    let (lead, first) = created(ADA, &build::lead("Ada's"));
    let other = world.connect_live(BEN);

    let accepted = world.push(ada, vec![command(command_id(1, 1), [(&lead, &first)])]);
    world.create(BEN, &build::lead("Ben's second"));

    assert!(matches!(accepted.as_slice(), [RelayFrame::Ack(ack)] if ack.end.is_none()));
    assert!(world.hear(ada).is_empty());
    assert_eq!(entries_in(&world.hear(other)).len(), 2);
}

#[test]
fn a_slow_reader_is_told_once_and_comes_back_by_pulling() {
    let mut world = World::new();
    let ada = world.connect_live(ADA);
    let seen = world.relay.head().seq;

    world.input(vec![(ada, Input::QueueFull), (ada, Input::QueueFull)]);
    world.create(BEN, &build::lead("Meanwhile"));
    let told = world.hear(ada);
    let caught_up = world.send(ada, ClientFrame::Pull(Pull { after: seen }));
    world.create(BEN, &build::lead("Afterwards"));

    assert!(matches!(told.as_slice(), [RelayFrame::Lagging(_)]), "{told:?}");
    assert_eq!(entries_in(&caught_up).len(), 1);
    assert_eq!(entries_in(&world.hear(ada)).len(), 1);
}

/// A person's device that runs the real client session.
struct Device {
    who: Person,
    conn: ConnId,
    session: Session,
    entries: usize,
    accepted: usize,
}

struct Office {
    world: World,
    devices: Vec<Device>,
    commands: u8,
}

impl Office {
    fn open(people: &[Person]) -> Self {
        let mut office = Self { world: World::new(), devices: Vec::new(), commands: 0 };
        for who in people {
            let conn = office.world.dial();
            let (session, hello) = Session::open(who.device, 1, who.user.to_string(), Position::default());
            office.devices.push(Device { who: *who, conn, session, entries: 0, accepted: 0 });
            office.send(vec![(conn, hello)]);
        }
        office
    }

    /// Sends frames as one group and lets everybody answer until all is quiet.
    fn send(&mut self, frames: Vec<(ConnId, ClientFrame)>) {
        let mut waiting = frames;
        while !waiting.is_empty() {
            let inputs = std::mem::take(&mut waiting).into_iter();
            let inputs = inputs.map(|(conn, frame)| (conn, Input::Frame(frame.encode()))).collect();
            let outputs = self.world.relay.handle(&mut self.world.env, inputs).expect("the store works");
            for (conn, output) in outputs {
                let Output::Frame(bytes) = output else { panic!("the relay hung up") };
                let device = self.devices.iter_mut().find(|device| device.conn == conn).expect("a device");
                let (events, answers) = device.session.receive(&bytes, |_| None).expect("the session goes on");
                for event in events {
                    match event {
                        sync::client::Event::Entries { entries, .. } => device.entries += entries.len(),
                        sync::client::Event::Accepted { accepted, .. } => device.accepted += accepted.len(),
                        _ => {}
                    }
                }
                waiting.extend(answers.into_iter().map(|answer| (conn, answer)));
            }
        }
    }

    /// The frames with which a device pushes a new lead.
    fn new_lead(&mut self, index: usize) -> Vec<(ConnId, ClientFrame)> {
        self.commands += 1;
        let device = &mut self.devices[index];
        let (lead, first) = created(device.who, &build::lead(&format!("Lead {}", self.commands)));
        let change = PushedChange { record: lead.record(), change: first.bytes };
        let outgoing = vec![OutgoingChange { change, hash: first.hash }];
        let frames = device.session.push(vec![(command_id(7, self.commands), outgoing)]);
        frames.into_iter().map(|frame| (device.conn, frame)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_pushes_in_whatever_groups_all_sessions_end_at_the_relays_head(
        groups in prop::collection::vec(prop::collection::vec(0_usize..3, 1..6), 1..12),
    ) {
        let mut office = Office::open(&[ADA, BEN, CAT]);
        let pushes: usize = groups.iter().map(Vec::len).sum();

        for group in groups {
            let frames = group.into_iter().flat_map(|device| office.new_lead(device)).collect();
            office.send(frames);
        }

        for device in &office.devices {
            prop_assert!(device.session.is_live());
            prop_assert!(!device.session.awaits_answers());
            prop_assert_eq!(device.entries + device.accepted, pushes);
        }
        prop_assert_eq!(office.world.relay.head().seq as usize, pushes + 1);
    }
}
