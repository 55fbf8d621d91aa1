//! The relay's disk is lost, with no backup: the team's devices fill a new one, and everybody is who they were.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::processes::{Native, TestRelay};

fn names(native: &Native) -> BTreeSet<String> {
    native.list("account").iter().map(|account| account["name"].to_string()).collect()
}

#[test]
fn a_relay_that_lost_everything_is_filled_by_the_devices_again() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), None);
    relay.start();
    let laptop = Native::new(folder.path(), "laptop");
    let desktop = Native::new(folder.path(), "desktop");
    laptop.join(&relay.url());
    desktop.join(&relay.url());
    laptop.run(&["add", "account", "name=From the laptop"]);
    laptop.sync();
    desktop.sync();
    desktop.run(&["add", "account", "name=From the desktop"]);
    desktop.sync();
    laptop.run(&["add", "account", "name=Never sent"]);
    let users = laptop.list("user");
    let owner = users[0]["id"].as_str().unwrap().to_owned();

    relay.lose_disk(&owner);
    relay.start();
    laptop.join(&relay.url());
    laptop.sync();
    desktop.join(&relay.url());
    desktop.sync();
    laptop.sync();

    let newcomer = Native::new(folder.path(), "newcomer");
    newcomer.join(&relay.url());
    newcomer.sync();
    laptop.sync();
    desktop.sync();
    let all = ["\"From the desktop\"", "\"From the laptop\"", "\"Never sent\""].map(str::to_owned);
    assert_eq!(names(&newcomer), BTreeSet::from(all));
    let digest = |native: &Native| native.run(&["verify"]);
    let expected = digest(&newcomer);
    assert_eq!(expected["problems"], Json::Array(Vec::new()));
    assert_eq!(
        (digest(&laptop)["digest"].clone(), digest(&desktop)["digest"].clone()),
        (expected["digest"].clone(), expected["digest"].clone())
    );
    assert!(newcomer.list("account").iter().all(|account| account["owner_id"] == owner.as_str()));
    assert_eq!(newcomer.list("user").len(), 1);
    relay.stop();
    assert!(relay.verify().status.success());
}
