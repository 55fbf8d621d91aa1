//! A client's database with damaged pages: what can be saved is saved, the damaged file stays, nothing is made up.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::processes::{Native, TestRelay};

const PAGE: usize = 4096;
const ACCOUNTS: usize = 40;

fn names(native: &Native) -> BTreeSet<String> {
    native.list("account").iter().map(|account| account["name"].to_string()).collect()
}

/// A copy of a profile with one page of its database overwritten.
fn damaged_copy(from: &Path, to: &Path, page: usize) -> Vec<u8> {
    std::fs::create_dir(to).unwrap();
    let mut bytes = std::fs::read(from.join("crm.db")).unwrap();
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xa5);
    std::fs::write(to.join("crm.db"), &bytes).unwrap();
    bytes
}

#[test]
fn a_damaged_page_costs_at_most_what_lay_on_it() {
    let folder = TempDir::new().unwrap();
    let native = Native::new(folder.path(), "whole");
    native.run(&["init", "--name", "Ann"]);
    for number in 0..ACCOUNTS {
        native.run(&["add", "account", &format!("name=Account {number}")]);
    }
    let all = names(&native);
    let pages = std::fs::metadata(folder.path().join("whole/crm.db")).unwrap().len() as usize / PAGE;
    assert!(pages > 20, "the test should have pages to choose from");

    let mut whole = 0;
    for (case, page) in (1..pages).step_by(pages / 12).enumerate() {
        let name = format!("case-{case}");
        let bytes = damaged_copy(&folder.path().join("whole"), &folder.path().join(&name), page);
        let damaged = Native::new(folder.path(), &name);

        let mended = damaged.run(&["mend"]);

        let aside = std::fs::read(folder.path().join(&name).join("crm.db.damaged-1")).unwrap();
        assert!(aside == bytes, "the damaged file stays as it was");
        let found = names(&damaged);
        assert!(found.is_subset(&all), "page {page}: {:?}", found.difference(&all));
        if mended["unreadable"] == 0 && mended["in_tray"] == 0 {
            assert_eq!(found, all, "page {page}: nothing was said to be lost");
            whole += 1;
        }
        assert_eq!(damaged.run(&["verify"])["problems"], Json::Array(Vec::new()), "page {page}");
    }
    assert!(whole >= 6, "most pages hold nothing that can't be made again: {whole} of 12");
}

#[test]
fn a_database_that_cannot_be_opened_is_mended_at_the_next_start_and_filled_by_the_relay() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), None);
    relay.start();
    let native = Native::new(folder.path(), "profile");
    native.join(&relay.url());
    native.run(&["add", "account", "name=On the relay"]);
    native.sync();
    native.run(&["add", "account", "name=Only here"]);
    let before = native.run(&["list", "account"]);
    let database = folder.path().join("profile/crm.db");
    let mut bytes = std::fs::read(&database).unwrap();
    // The schema's own page, behind the header: everything is still there, but SQLite refuses the file.
    let root = PAGE - 200;
    bytes[root..PAGE].fill(0);
    std::fs::write(&database, bytes).unwrap();

    let output = native.command(&["list", "account"]).output().unwrap();

    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("damaged"), "{said}");
    assert!(folder.path().join("profile/crm.db.damaged-1").exists());
    if !said.contains("sign in") {
        // Who this device belongs to may have been on the damaged page; then joining again brings all.
        native.join(&relay.url());
    }
    native.sync();
    let on_relay = before.as_array().unwrap().iter().filter(|account| account["name"] == "On the relay").count();
    let names = names(&native);
    assert!(on_relay == 1 && names.contains("\"On the relay\""), "{names:?}");
}
