//! The time that applying one change may take: the gates before bound the work, this is for what nobody has thought
//! of. The watch is the test's own.

use std::cell::Cell;

use model::build;
use sync::wire::{Retry, nack};
use sync_server::domain::{Stopwatch, TRIAL_MICROS_MAX};

use crate::support::{ADA, BEN, World, command, command_id, created, edited};

thread_local! {
    /// What the watch shows, and how far it goes on with every look.
    static WATCH: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Shows the time of this test's thread.
const TOLD: Stopwatch = || {
    let (shown, step) = WATCH.get();
    WATCH.set((shown + step, step));
    shown
};

fn each_change_takes(micros: u64) {
    WATCH.set((0, micros));
}

#[test]
fn a_change_that_takes_too_long_is_refused_and_leaves_nothing() {
    let mut world = World::new().timed_by(TOLD);
    each_change_takes(0);
    let mut lead = world.create(ADA, &build::lead("Website"));
    let (ada, ben) = (world.connect_live(ADA), world.connect_live(BEN));
    let before = (world.relay.head(), world.log().len());
    let change = edited(ADA, &mut lead, "title", "Relaunch");
    let (other, created_with_it) = created(ADA, &build::account("Acme"));
    let both = |id| command(command_id(9, id), [(&other, &created_with_it), (&lead, &change)]);

    each_change_takes(TRIAL_MICROS_MAX + 1);
    let refused = world.push_refused(ada, both(1));

    assert_eq!((refused.code.as_str(), refused.retry), (nack::TOO_SLOW, Retry::Never));
    assert_eq!((world.relay.head(), world.log().len()), before);
    assert_eq!(world.hear(ben), []);

    // Neither the document in memory nor the command's name holds anything of it.
    each_change_takes(TRIAL_MICROS_MAX);
    world.push_ok(ada, both(1));
    assert_eq!(world.log().len(), before.1 + 2);
    assert_eq!(world.hear(ben).len(), 1);
}

#[test]
fn without_a_watch_nothing_takes_too_long() {
    let mut world = World::new();
    each_change_takes(TRIAL_MICROS_MAX + 1);

    world.create(ADA, &build::lead("Website"));

    assert_eq!(WATCH.get().0, 0, "nobody looked");
}
