//! kill -9 at any moment: what was acknowledged is there afterwards.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::processes::{Native, TestRelay};

const KILLS: u64 = 100;

/// Spreads the moments of killing over a span, the same ones in every run.
fn moment(kill: u64, span_millis: u64) -> Duration {
    Duration::from_millis(kill.wrapping_mul(0x9e37_79b9_7f4a_7c15) % span_millis)
}

#[test]
fn a_client_that_is_killed_keeps_what_it_acknowledged() {
    let folder = TempDir::new().expect("a folder can be made");
    let native = Native::new(folder.path(), "profile");
    native.run(&["init", "--name", "Ann"]);
    let mut acknowledged = BTreeSet::new();

    for kill in 0..KILLS {
        let name = format!("name=Account {kill}");
        let mut command = native.command(&["add", "account", &name]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the client starts");
        // Not a wait for something to happen: the moment of the kill is what varies.
        std::thread::sleep(moment(kill, 120));
        process.kill().expect("it can be killed");
        let output = process.wait_with_output().expect("it ends");
        if let Ok(record) = serde_json::from_slice::<Json>(&output.stdout) {
            acknowledged.insert(record["id"].as_str().expect("ids are text").to_owned());
        }
    }

    let kept: BTreeSet<String> =
        native.list("account").iter().map(|record| record["id"].as_str().expect("ids are text").to_owned()).collect();
    assert!(acknowledged.is_subset(&kept), "lost: {:?}", acknowledged.difference(&kept).collect::<Vec<_>>());
    assert_eq!(native.run(&["verify"])["problems"], Json::Array(Vec::new()));
}

#[test]
fn a_relay_that_is_killed_keeps_what_it_acknowledged() {
    let folder = TempDir::new().expect("a folder can be made");
    let mut relay = TestRelay::new(folder.path(), None);
    relay.start();
    let native = Native::new(folder.path(), "profile");
    native.join(&relay.url());

    for kill in 0..KILLS {
        native.run(&["add", "account", &format!("name=Account {kill}")]);
        let mut process = native
            .command(&["sync", "--once"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the client starts");
        // Not a wait for something to happen: the moment of the kill is what varies.
        std::thread::sleep(moment(kill, 250));
        relay.kill();
        process.wait().expect("it ends");
        relay.start();
    }

    // What left the outbox was acknowledged; a client that has never seen anything must find it all.
    native.sync();
    let newcomer = Native::new(folder.path(), "newcomer");
    newcomer.join(&relay.url());
    newcomer.sync();
    // The newcomer's device is in the directory now.
    native.sync();
    let names = |native: &Native| -> BTreeSet<String> {
        native.list("account").iter().map(|account| account["name"].to_string()).collect()
    };
    assert_eq!(names(&newcomer).len() as u64, KILLS);
    assert_eq!(names(&newcomer), names(&native));
    assert_eq!(newcomer.run(&["verify"])["digest"], native.run(&["verify"])["digest"]);
    relay.stop();
    assert!(relay.verify().status.success());
}
