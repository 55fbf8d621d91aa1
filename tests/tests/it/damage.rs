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
    for (case, page) in (0..pages).step_by(pages / 12).enumerate() {
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
fn damage_never_stops_a_client_for_long_and_the_relay_fills_what_is_gone() {
    let folder = TempDir::new().unwrap();
    let mut relay = TestRelay::new(folder.path(), None);
    relay.start();
    let whole = Native::new(folder.path(), "whole");
    whole.join(&relay.url());
    whole.run(&["add", "account", "name=On the relay"]);
    whole.sync();

    let mut complained = 0;
    for case in 0..=6 {
        let name = format!("case-{case}");
        let damaged = Native::new(folder.path(), &name);
        damaged.join(&relay.url());
        damaged.run(&["add", "account", &format!("name=Only on {case}")]);
        let all = names(&damaged);
        overwrite_page(&folder.path().join(&name).join("crm.db"), case);

        let synced = damaged.command(&["sync", "--once"]).output().unwrap();

        // An error says what to do; a file that could not be opened was mended already, and says so.
        let said = String::from_utf8_lossy(&synced.stderr).into_owned();
        if !said.is_empty() {
            complained += 1;
            assert!(said.contains("trailtrack mend") || said.contains("set aside"), "case {case}: {said}");
        }
        let mended = damaged.run(&["mend"]);
        if !damaged.command(&["sync", "--once"]).output().unwrap().status.success() {
            // Who this device belongs to lay on the damaged page: joining again brings the team's records.
            assert!(mended["unreadable"] != 0 || case == 0, "case {case}: {mended}");
            damaged.join(&relay.url());
            damaged.sync();
        }
        let found = names(&damaged);
        assert!(found.is_subset(&all) && found.contains("\"On the relay\""), "case {case}: {found:?} of {all:?}");
        let verified = damaged.command(&["verify"]).output().unwrap();
        assert!(verified.status.success(), "case {case}: {}", String::from_utf8_lossy(&verified.stdout));
    }
    assert!(complained >= 2, "the first pages are read by everything");
}

/// Overwrites the page at so many ninths of a database; the first one is the schema's.
fn overwrite_page(database: &Path, ninths: usize) {
    let mut bytes = std::fs::read(database).unwrap();
    let page = bytes.len() / PAGE * ninths / 9;
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xa5);
    std::fs::write(database, bytes).unwrap();
}
