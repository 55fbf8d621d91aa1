//! Tests of the whole: walls between rooms, teams under a seed, real processes on real sockets.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected may end")]

mod arrows;
mod browser_damage;
mod by_ear;
#[path = "../../../client-web/tests/it/chromium.rs"]
#[expect(dead_code, reason = "the browser's own tests use more of their driver")]
mod chromium;
mod cutter;
mod damage;
mod end_to_end;
mod files;
mod kill;
mod leaving;
mod lost_relay;
mod newcomer;
mod owners;
mod phone;
mod processes;
mod reports;
mod simulation;
mod walks;
