//! Files between devices: attached offline, over lines that break, past relays that are killed.
//!
//! `TRAILTRACK_TEST_FILE_MIB=200` sends a file of that size instead of 24 MiB.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::cutter::Cutter;
use crate::processes::{Native, TestRelay};

const MIB: u64 = 1024 * 1024;
/// Runs of `sync --once` after which it should have got through.
const RUNS_MAX: usize = 12;

fn size_mib() -> u64 {
    std::env::var("TRAILTRACK_TEST_FILE_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(24)
}

/// Writes a file whose parts are all different.
fn write_file(path: &Path, bytes: u64) {
    let mut dice = model::build::Dice::new(bytes);
    let words = (0..bytes.div_ceil(8)).flat_map(|_| dice.next_u64().to_le_bytes());
    let content: Vec<u8> = words.take(usize::try_from(bytes).expect("it fits in memory")).collect();
    std::fs::write(path, content).expect("there is room");
}

fn sum(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("the file is there");
    Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An account with a file on it, made without a network; the attachment's id.
fn attach_offline(native: &Native, file: &Path) -> String {
    let account = native.run(&["add", "account", "name=Acme"]);
    let id = account["id"].as_str().expect("ids are text");
    let attached = native.run(&["attach", "account", id, file.to_str().expect("plain names")]);
    attached["records"][0].as_str().expect("ids are text").to_owned()
}

fn file_row(native: &Native, id: &str) -> Json {
    let rows = native.run(&["files"]);
    let found = rows.as_array().expect("a list").iter().find(|row| row["id"] == id);
    found.expect("the attachment is listed").clone()
}

/// Syncs until it gets through; how many runs that took.
fn sync_until_through(native: &Native) -> usize {
    for run in 1..=RUNS_MAX {
        let status = native.command(&["sync", "--once"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if status.expect("the client starts").success() {
            return run;
        }
    }
    panic!("it never got through");
}

#[test]
fn a_file_attached_offline_goes_up_over_a_line_that_breaks_three_times_and_comes_down_whole() {
    let folder = TempDir::new().expect("a folder can be made");
    let mut relay = TestRelay::new(folder.path(), None);
    relay.start();
    let (file, size) = (folder.path().join("plan.bin"), size_mib() * MIB);
    write_file(&file, size);
    let laptop = Native::new(folder.path(), "laptop");
    laptop.run(&["init", "--name", "Ann"]);
    let attachment = attach_offline(&laptop, &file);
    let alone = file_row(&laptop, &attachment);
    assert_eq!(
        (&alone["on_device"], &alone["on_relay"], &alone["transfer"]),
        (&true.into(), &false.into(), &"waits".into())
    );

    let line = Cutter::start(relay.address(), vec![size / 4, size / 2, size / 4 * 3]);
    laptop.try_join(&line.url());
    let runs = sync_until_through(&laptop);

    assert_eq!(line.cuts_left(), 0, "the line broke three times");
    assert!(runs > 1, "a cut ends a run");
    assert!(line.bytes_up() < size + 8 * MIB, "{} of {size}: it goes on where it was", line.bytes_up());
    assert_eq!(laptop.sync()["file_bytes_sent"], 0, "nothing is left to send");
    let phone = Native::new(folder.path(), "phone");
    phone.join(&relay.url());
    let there = file_row(&phone, &attachment);
    assert_eq!((&there["on_device"], &there["on_relay"]), (&false.into(), &true.into()));
    let copy = folder.path().join("copy.bin");
    phone.run(&["fetch", &attachment, copy.to_str().expect("plain names")]);
    assert_eq!(sum(&copy), sum(&file));
    assert_eq!(file_row(&phone, &attachment)["on_device"], true);
    relay.stop();
    assert!(relay.verify().status.success());
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_relay_killed_while_a_file_arrives_never_shows_half_of_it() {
    const KILLS: u64 = 8;
    let folder = TempDir::new().expect("a folder can be made");
    let mut relay = TestRelay::new(folder.path(), None);
    relay.start();
    let native = Native::new(folder.path(), "profile");
    native.join(&relay.url());
    let file = folder.path().join("plan.bin");
    write_file(&file, 20 * MIB + 7);
    let attachment = attach_offline(&native, &file);

    for kill in 0..KILLS {
        let mut process =
            native.command(&["sync", "--once"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        // Not a wait for something to happen: the moment of the kill is what varies.
        std::thread::sleep(Duration::from_millis(60 + kill * 90));
        relay.kill();
        process.wait().expect("it ends");
        for blob in files_below(&relay.data().join("attachments/blobs")) {
            let name = blob.file_name().expect("it has one").to_string_lossy().into_owned();
            assert!(name.contains('#') || name == sum(&blob), "half a file under {name}");
        }
        relay.start();
        let half_written = files_below(&relay.data().join("attachments")).into_iter();
        assert_eq!(half_written.filter(|path| path.to_string_lossy().contains('#')).count(), 0);
    }

    sync_until_through(&native);
    let newcomer = Native::new(folder.path(), "newcomer");
    newcomer.join(&relay.url());
    let copy = folder.path().join("copy.bin");
    newcomer.run(&["fetch", &attachment, copy.to_str().expect("plain names")]);
    assert_eq!(sum(&copy), sum(&file));
    assert_eq!(files_below(&relay.data().join("attachments/uploads")).len(), 0, "no part is left over");
}

#[test]
fn a_backup_from_the_command_line_fills_another_profile_with_its_files() {
    let folder = TempDir::new().expect("a folder can be made");
    let (first, second) = (Native::new(folder.path(), "first"), Native::new(folder.path(), "second"));
    first.run(&["init", "--name", "Ada"]);
    let file = folder.path().join("plan.bin");
    write_file(&file, 100_000);
    let id = attach_offline(&first, &file);
    let (one, two) = (folder.path().join("one.zip"), folder.path().join("two.zip"));
    let (one, two) = (one.to_str().expect("plain names"), two.to_str().expect("plain names"));

    let written = first.run(&["export", "--backup", one]);
    let restored = second.run(&["restore", one]);
    second.run(&["export", "--backup", two]);

    assert_eq!(written["files"], 1);
    assert_eq!(written["records"], restored["records"]);
    let copy = folder.path().join("copy.bin");
    second.run(&["fetch", &id, copy.to_str().expect("plain names")]);
    assert_eq!(sum(&copy), sum(&file));
    let lines = |path: &str| {
        let bytes = std::fs::read(path).expect("it was written");
        let mut archive = replica::archive::Archive::open(std::io::Cursor::new(bytes)).expect("it is sound");
        archive.parts().expect("it can be read")
    };
    assert_eq!(lines(one), lines(two));
    let again = second.command(&["restore", one]).stderr(Stdio::null()).stdout(Stdio::null()).status();
    assert!(!again.expect("the client starts").success(), "something is there by now");
}
