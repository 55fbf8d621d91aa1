//! Nothing that comes from outside makes the relay panic or lose what it has.

use model::build;
use proptest::prelude::*;
use sync::wire::{ClientFrame, Offer, Pull, PushedCommand, SnapshotNext};
use sync_server::domain::Input;

use crate::support::{ADA, BEN, World, command, command_id, created, edited, hello, push};

/// Valid frames to damage.
fn frames() -> Vec<ClientFrame> {
    let (mut lead, first) = created(ADA, &build::lead("Website").with("notes", "Some words"));
    let edit = edited(ADA, &mut lead, "title", "Web shop");
    let both: PushedCommand = command(command_id(1, 1), [(&lead, &first), (&lead, &edit)]);
    vec![
        ClientFrame::Hello(hello(ADA, None)),
        ClientFrame::Pull(Pull { after: 0 }),
        ClientFrame::SnapshotNext(SnapshotNext { as_of: Some(1), after: Some(lead.record().id) }),
        push(vec![both]),
        ClientFrame::Offer(Offer { hashes: vec![first.hash, edit.hash] }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_frames_are_survived(
        which in 0_usize..5,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        greeted in any::<bool>(),
    ) {
        let mut world = World::new();
        let conn = if greeted { world.connect_live(ADA) } else { world.dial() };
        let mut bytes = frames()[which].encode();
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }

        world.input(vec![(conn, Input::Frame(bytes))]);

        prop_assert!(world.relay.verify().expect("the store works").is_sound());
    }

    #[test]
    fn damaged_changes_are_refused_or_sound(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut world = World::new();
        let conn = world.connect_live(BEN);
        let (mut lead, first) = created(BEN, &build::lead("Website"));
        let edit = edited(BEN, &mut lead, "title", "Web shop");
        let mut pushed = command(command_id(1, 1), [(&lead, &first), (&lead, &edit)]);
        for (at, flip) in flips {
            let change = &mut pushed.changes[at.index(2)].change;
            let at = at.index(change.len());
            change[at] ^= flip;
        }

        world.push(conn, vec![pushed]);

        prop_assert!(world.relay.verify().expect("the store works").is_sound());
    }

    #[test]
    fn noise_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut world = World::new();
        let conn = world.connect_live(ADA);
        let mut versioned = vec![1];
        versioned.extend(&bytes);

        world.input(vec![(conn, Input::Frame(bytes)), (conn, Input::Frame(versioned))]);
    }
}
