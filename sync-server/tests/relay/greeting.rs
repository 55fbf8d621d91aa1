//! `Hello` and what comes before it.

use model::{Role, build};
use sync::wire::{ClientFrame, FRAME_MAX, Farewell, Pull, RelayFrame, Resume};
use sync::{Cursor, Digest, Epoch};
use sync_server::domain::{Input, RightsChange, Whose};

use crate::support::{ADA, ADA_PHONE, BEN, World, command, command_id, created, hello, push};

fn farewell(frames: &[RelayFrame]) -> Option<Farewell> {
    match frames {
        [RelayFrame::Goodbye(goodbye)] => Some(goodbye.why),
        _ => None,
    }
}

#[test]
fn a_client_that_holds_nothing_is_sent_to_the_snapshot() {
    let mut world = World::new();

    let (_, welcome) = world.connect(ADA, None);

    assert_eq!(welcome.resume, Resume::Snapshot);
    assert_eq!((welcome.user, welcome.role.as_str()), (ADA.user, "user"));
    assert_eq!(welcome.workspace, world.relay.workspace());
}

#[test]
fn a_client_that_has_everything_is_live_after_one_small_frame() {
    let mut world = World::new();
    world.create(ADA, &build::lead("Website"));
    let head = world.relay.head();

    let (_, welcome) = world.connect(BEN, Some(head));

    assert_eq!(welcome.resume, Resume::Live);
    assert_eq!(welcome.head, head);
    let size = RelayFrame::Welcome(welcome).encode().len();
    assert!(size < 300, "{size} bytes");
}

#[test]
fn a_cursor_decides_how_a_client_catches_up() {
    let mut world = World::new();
    let start = world.relay.head();
    world.create(ADA, &build::lead("Website"));
    let head = world.relay.head();
    let cases = [
        (head, Resume::Live),
        (start, Resume::Pull),
        (Cursor { seq: 0, digest: Digest::EMPTY, ..head }, Resume::Pull),
        (Cursor { digest: Digest([9; 16]), ..start }, Resume::Heal),
        (Cursor { digest: Digest([9; 16]), ..head }, Resume::Heal),
        (Cursor { epoch: Epoch([9; 16]), ..head }, Resume::Heal),
        (Cursor { seq: head.seq + 5, ..head }, Resume::Heal),
    ];

    for (cursor, resume) in cases {
        assert_eq!(world.connect(BEN, Some(cursor)).1.resume, resume, "{cursor:?}");
    }
}

#[test]
fn a_token_that_opens_nothing_ends_the_conversation() {
    let mut world = World::new();
    world.env.rejected.insert(BEN.user);
    let conn = world.dial();

    let frames = world.send(conn, ClientFrame::Hello(hello(BEN, None)));

    assert_eq!(farewell(&frames), Some(Farewell::SignIn));
    assert!(world.closed.contains(&conn));
}

#[test]
fn whoever_speaks_out_of_turn_is_turned_away() {
    let mut world = World::new();
    let stranger = world.dial();
    let (greeted, _) = world.connect(ADA, None);

    let before_hello = world.send(stranger, ClientFrame::Pull(Pull { after: 0 }));
    let second_hello = world.send(greeted, ClientFrame::Hello(hello(ADA, None)));

    assert_eq!(farewell(&before_hello), Some(Farewell::Protocol));
    assert_eq!(farewell(&second_hello), Some(Farewell::Protocol));
    assert_eq!(world.relay.stats().connections, 0);
}

#[test]
fn frames_that_cannot_be_read_are_answered_by_name() {
    let mut world = World::new();
    let cases = [
        (vec![], Farewell::Protocol),
        (vec![99, 1, 2], Farewell::Upgrade),
        (vec![1, 0xff], Farewell::Protocol),
        (vec![1; FRAME_MAX + 1], Farewell::TooMuch),
    ];

    for (bytes, why) in cases {
        let conn = world.dial();
        world.input(vec![(conn, Input::Frame(bytes))]);
        let frames = world.hear(conn);
        assert_eq!(farewell(&frames), Some(why));
    }
}

#[test]
fn revoked_sessions_are_closed_at_once_and_no_others() {
    let mut world = World::new();
    let (laptop, _) = world.connect(ADA, None);
    let (phone, _) = world.connect(ADA_PHONE, None);
    let (other, _) = world.connect(BEN, None);

    let outputs = world.relay.change_rights(RightsChange::Revoked(Whose::Device(ADA_PHONE.device)));
    world.sort(outputs);

    assert_eq!(farewell(&world.hear(phone)), Some(Farewell::SignIn));
    assert!(world.hear(laptop).is_empty());
    assert!(world.hear(other).is_empty());
}

#[test]
fn a_lower_role_counts_for_the_next_command() {
    let mut world = World::new();
    let conn = world.connect_live(ADA);
    let (lead, first) = created(ADA, &build::lead("Website"));

    let outputs = world.relay.change_rights(RightsChange::Role(ADA.user, Role::Viewer));
    world.sort(outputs);
    let frames = world.send(conn, push(vec![command(command_id(1, 1), [(&lead, &first)])]));

    assert!(matches!(frames.as_slice(), [RelayFrame::Nack(nack)] if nack.code == "not_allowed"), "{frames:?}");
}

#[test]
fn everybody_hears_when_the_relay_shuts_down() {
    let mut world = World::new();
    let (conn, _) = world.connect(ADA, None);

    let outputs = world.relay.say_goodbye(Farewell::ShuttingDown);
    world.sort(outputs);

    let frames = world.hear(conn);
    assert!(matches!(frames.as_slice(), [RelayFrame::Goodbye(bye)] if bye.retry_after_millis.is_some()));
}
