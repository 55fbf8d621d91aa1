//! Coming back to the relay: what it costs when nothing has changed, and when a hundred records have.

use replica::SyncReport;
use serde_json::json;

use super::figure::{BenchError, Figure, Samples, Took, expect_count, millis};
use super::pipe::Device;
use super::records::{Mix, set_value};
use super::world::{World, Worlds};

/// Times that each size reconnects.
const ROUNDS: usize = 9;
/// Records changed by somebody else meanwhile.
const CHANGED: usize = 100;

/// Opens the store and connects, at three sizes.
pub(crate) fn nothing_changed(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let mut figures = Vec::new();
    for full in [1_000, 10_000, 100_000] {
        let size = worlds.size(full);
        figures.extend(at_size(worlds.shared(Mix::of_all_kinds(size))?, size)?);
    }
    Ok(figures)
}

fn at_size(world: &mut World, size: usize) -> Result<Vec<Figure>, BenchError> {
    let (mut opening, mut clock) = (Samples::default(), Samples::default());
    let (mut client, mut relay, mut both) = (Samples::default(), Samples::default(), Samples::default());
    let mut report = SyncReport::default();
    for _ in 0..ROUNDS {
        opening.add(world.restart_device()?.clock);
        let spent = reconnect(world)?;
        client.add(spent.client.processor);
        relay.add(spent.relay.processor);
        both.add(spent.client.processor + spent.relay.processor);
        clock.add(spent.client.clock + spent.relay.clock);
        report = world.device.replica.sync_report();
    }
    let bytes = without_token(&world.device);
    let how = "median of the rounds; files in the page cache, both sides in one thread";
    Ok(vec![
        Figure::new(format!("reconnect_unchanged_{size}_bytes"), bytes as f64, "B").bar(300.0).detail(json!({
            "records": size, "messages": report.messages, "sent": report.bytes_sent,
            "received": report.bytes_received, "token_bytes_left_out": world.device.token_bytes(),
        })),
        Figure::new(format!("reconnect_unchanged_{size}_cpu"), both.percentile(50), "ms").bar(10.0).detail(json!({
            "records": size, "client": client.spread(), "relay": relay.spread(), "clock": clock.spread(),
            "how": format!("{how}; the token's signature is not checked"),
        })),
        Figure::new(format!("reconnect_unchanged_{size}_open"), opening.percentile(50), "ms")
            .bar(100.0)
            .detail(json!({ "records": size, "clock": opening.spread(), "how": how })),
    ])
}

/// The shares of an exchange.
struct Spent {
    client: Took,
    relay: Took,
}

fn reconnect(world: &mut World) -> Result<Spent, BenchError> {
    (world.device.spent, world.pipe.spent) = (Took::default(), Took::default());
    world.settle()?;
    Ok(Spent { client: world.device.spent, relay: world.pipe.spent })
}

fn without_token(device: &Device) -> u64 {
    let report = device.replica.sync_report();
    (report.bytes_sent + report.bytes_received).saturating_sub(device.token_bytes())
}

/// Connects after somebody else has changed a hundred leads.
pub(crate) fn hundred_changed(worlds: &mut Worlds) -> Result<Vec<Figure>, BenchError> {
    let size = worlds.size(10_000);
    let world = worlds.shared(Mix::of_all_kinds(size))?;
    let mut other = world.second("changed")?;
    let (mut clock, mut processor, mut bytes, mut messages) = (Samples::default(), Samples::default(), 0, 0);
    let mut shares = (Took::default(), Took::default());
    for round in 0..ROUNDS {
        world.pipe.hang_up(&mut other);
        change_leads(world, round)?;
        world.pipe.idle();
        other.reopen()?;
        (other.spent, world.pipe.spent) = (Took::default(), Took::default());
        world.pipe.settle(&mut [&mut other])?;
        let report = other.replica.sync_report();
        expect_count("changes received", CHANGED, report.received_changes)?;
        (bytes, messages) = (without_token(&other), report.messages);
        shares = (other.spent, world.pipe.spent);
        let both = other.spent + world.pipe.spent;
        clock.add(both.clock);
        processor.add(both.processor);
    }
    let how = "last of the rounds";
    Ok(vec![
        Figure::new("reconnect_100_changed_bytes", bytes as f64, "B").bar(8_192.0).detail(json!({
            "records": size, "changed": CHANGED, "messages": messages, "how": how,
        })),
        Figure::new("reconnect_100_changed_time", clock.percentile(50), "ms").bar(50.0).detail(json!({
            "records": size, "changed": CHANGED, "clock": clock.spread(), "processor": processor.spread(),
            "client_millis": millis(shares.0.clock), "relay_millis": millis(shares.1.clock),
            "how": "median; client and relay one after the other in one thread, stored with FULL sync at the end",
        })),
    ])
}

/// A value in each of a hundred leads, a command each.
fn change_leads(world: &mut World, round: usize) -> Result<(), BenchError> {
    let leads = world.leads(CHANGED)?;
    expect_count("leads to change", CHANGED, leads.len() as u64)?;
    for (index, lead) in leads.into_iter().enumerate() {
        let cents = i64::try_from(1_000_000 * (round + 1) + index).unwrap_or(0);
        world.device.act(set_value(lead, cents))?;
    }
    world.settle()?;
    Ok(())
}
