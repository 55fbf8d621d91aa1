//! The relay by itself: how fast it accepts, and how much disk it takes.

use model::{Edit, FieldChanges, Kind, RecordRef};
use serde_json::json;
use sync_server::store::LogStore as _;

use super::figure::{BenchError, Figure, Took, expect_count};
use super::records::{Maker, Mix};
use super::world::{World, Worlds, size_of};

const CHANGES: usize = 5_000;
/// Edits of one command.
const CHUNK: usize = 200;

/// Commands of one change each, sent by a client that had them in its outbox.
pub(crate) fn accepted_per_second(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let count = worlds.size(CHANGES);
    let mut world = worlds.fresh(Mix::of_leads(0))?;
    world.restart_device()?;
    make_leads(&mut world, count)?;
    let before = world.pipe.relay.head().seq;
    (world.pipe.spent, world.pipe.groups) = (Took::default(), 0);
    world.settle()?;
    expect_count("changes accepted", count, world.pipe.relay.head().seq - before)?;
    let (spent, groups) = (world.pipe.spent, world.pipe.groups);
    let per_second = |seconds: f64| count as f64 / seconds;
    Ok(vec![
        Figure::new("relay_accepted_per_second", per_second(spent.clock.as_secs_f64()), "changes/s")
            .bar(2_000.0)
            .detail(json!({
                "changes": count, "groups": groups, "higher_is_better": true,
                "per_second_of_processor": per_second(spent.processor.as_secs_f64()).round(),
                "how": "the relay's time alone: one change each command, checked by the guard, groups as the hub makes \
                        them, FULL sync",
            })),
    ])
}

/// Creates leads on a device that is not connected, a command each.
pub(crate) fn make_leads(world: &mut World, count: usize) -> Result<(), BenchError> {
    let edits: Vec<Edit> = {
        let mut maker = Maker::new(&mut world.device.env, world.user);
        (0..count).map(|_| maker.lead()).collect()
    };
    edits.into_iter().try_for_each(|edit| world.prepared(vec![edit]))
}

/// The size of the relay's file with one change in each record, and with a second one in half of them.
pub(crate) fn disk(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let count = worlds.size(10_000);
    let world = worlds.shared(Mix::of_leads(count))?;
    let new = file_per_record(world, count)?;
    edit_half(world, count)?;
    let edited = file_per_record(world, count)?;
    let entries = world.pipe.relay.head().seq;
    let how = "the whole file after its write-ahead log is folded in, words that the dictionary was not made from";
    Ok(vec![
        Figure::new("relay_disk_per_record", new, "B").bar(300.0).detail(json!({ "records": count, "how": how })),
        Figure::new("relay_disk_per_record_half_edited", edited, "B").bar(300.0).detail(json!({
            "records": count, "entries": entries, "history_kept": true, "how": how,
        })),
    ])
}

fn file_per_record(world: &mut World, count: usize) -> Result<f64, BenchError> {
    world.pipe.idle();
    world.pipe.hang_up(&mut world.device);
    world.pipe.reopen()?;
    world.device.reopen()?;
    let records = world.pipe.relay.store_mut().counts().map_or(0, |counts| counts.records);
    expect_count("records at the relay", count + 2, records)?;
    Ok(size_of(&world.pipe.path)? as f64 / records as f64)
}

fn edit_half(world: &mut World, count: usize) -> Result<(), BenchError> {
    let leads = world.leads(count)?;
    let set = |(index, lead): (usize, &model::RecordId)| {
        let cents = i64::try_from(index * 100).unwrap_or(0);
        let fields = FieldChanges::from([("value_cents".to_owned(), Some(cents.into()))]);
        Edit::Set { record: RecordRef::new(Kind::Lead, *lead), base_heads: Vec::new(), fields }
    };
    let edits: Vec<Edit> = leads.iter().step_by(2).enumerate().map(set).collect();
    for edits in edits.chunks(CHUNK) {
        world.prepared(edits.to_vec())?;
    }
    world.settle()?;
    Ok(())
}
