//! Checking, copying and restoring a relay's file.

use std::path::Path;

use model::build;
use sync::Epoch;
use sync::wire::Resume;
use sync_server::audit::AuditProblem;
use sync_server::domain::{OpenRelayError, Problem, Relay};
use sync_server::store::{BackupError, RestoreError, SqliteStore, restore};

use crate::support::{ADA, BEN, StubEnv, World, command, command_id, created, edited};

fn world_at(path: &Path) -> World<SqliteStore> {
    World::on(SqliteStore::open(path).expect("a file"))
}

/// Three leads with an edit each.
fn fill(world: &mut World<SqliteStore>) {
    let conn = world.connect_live(ADA);
    for (low, title) in (1..).zip(["One", "Two", "Three"]) {
        let mut lead = world.create(ADA, &build::lead(title));
        let edit = edited(ADA, &mut lead, "title", "Edited");
        world.push(conn, vec![command(command_id(8, low), [(&lead, &edit)])]);
    }
    world.relay.disconnect(conn);
}

/// Runs SQL behind the relay's back.
fn damage(path: &Path, sql: &str) {
    let db = rusqlite::Connection::open(path).expect("open");
    assert!(db.execute(sql, []).expect("valid SQL") > 0, "{sql} did nothing");
}

#[test]
fn a_sound_relay_is_found_sound() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut world = world_at(&directory.path().join("relay.db"));
    fill(&mut world);

    let report = world.relay.verify().expect("readable");

    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!((report.entries, report.documents), (7, 4));
    assert_eq!(report.head, world.relay.head());
}

#[test]
fn planted_damage_is_found_and_named() {
    type Expected = fn(&Problem) -> bool;
    let cases: [(&str, Expected); 5] = [
        ("UPDATE log SET change = zeroblob(20) WHERE seq = 3", |problem| {
            matches!(problem, Problem::Entry { seq: 3, .. })
        }),
        ("UPDATE log SET change = (SELECT change FROM log WHERE seq = 4) WHERE seq = 2", |problem| {
            matches!(problem, Problem::Document { .. })
        }),
        ("DELETE FROM log WHERE seq = 4", |problem| matches!(problem, Problem::Entry { seq: 4, .. })),
        ("UPDATE workspace SET head_digest = zeroblob(16)", |problem| matches!(problem, Problem::Digest { seq: 7 })),
        ("DELETE FROM record WHERE last = 7", |problem| matches!(problem, Problem::Count { what: "records", .. })),
    ];

    for (sql, expected) in cases {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("relay.db");
        let mut world = world_at(&path);
        fill(&mut world);
        drop(world);
        damage(&path, sql);

        let report = world_at(&path).relay.verify().expect("readable");

        assert!(report.problems.iter().any(expected), "{sql}: {:?}", report.problems);
    }
}

#[test]
fn damage_among_older_entries_is_found_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("relay.db");
    let mut world = world_at(&path);
    let conn = world.connect_live(ADA);
    for low in 0..=255 {
        let (lead, first) = created(ADA, &build::lead(&format!("Lead {low}")));
        world.push_ok(conn, command(command_id(2, low), [(&lead, &first)]));
    }
    drop(world);
    damage(&path, "UPDATE segment SET entries = zeroblob(100)");

    let store = SqliteStore::open(&path).expect("the file opens");
    let refused = Relay::open(SqliteStore::open(&path).expect("the file opens"), &mut StubEnv::new(1));
    let report = Relay::open_to_verify(store).and_then(|mut relay| Ok(relay.verify()?)).expect("readable");

    assert!(matches!(refused, Err(OpenRelayError::Read(_))), "a relay without readable settings must not start");
    assert!(report.problems.iter().any(|problem| matches!(problem, Problem::Entry { seq: 1, .. })));
    assert!(report.problem_count > 200, "every entry and every document: {}", report.problem_count);
}

#[test]
fn damage_in_one_record_turns_away_only_who_asks_for_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("relay.db");
    let mut world = world_at(&path);
    fill(&mut world);
    drop(world);
    damage(&path, "UPDATE log SET change = zeroblob(20) WHERE seq = 3");
    let mut world = world_at(&path);

    let (conn, _) = world.connect(BEN, None);
    let frames = world.send(conn, sync::wire::ClientFrame::Pull(sync::wire::Pull { after: 0 }));
    let unharmed = world.create(BEN, &build::lead("Four"));

    assert!(matches!(frames.as_slice(), [sync::wire::RelayFrame::Goodbye(_)]), "{frames:?}");
    assert_eq!(unharmed.read().0.text("title"), "Four");
}

#[test]
fn a_backup_of_a_running_relay_restores_under_another_epoch() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, copy) = (directory.path().join("relay.db"), directory.path().join("backup.db"));
    let mut world = world_at(&path);
    fill(&mut world);
    world.relay.back_up(&copy).expect("a new file");
    let backed_up = world.relay.head();
    world.create(BEN, &build::lead("After the backup"));
    let end = world.relay.head();
    drop(world);

    let restored_path = directory.path().join("restored.db");
    restore(&copy, &restored_path, Epoch([5; 16])).expect("a sound backup");
    let mut restored = world_at(&restored_path);

    assert_eq!(restored.relay.head().seq, backed_up.seq);
    assert_eq!(restored.relay.head().digest, backed_up.digest);
    assert_ne!(restored.relay.head().epoch, backed_up.epoch);
    assert_eq!(restored.connect(BEN, Some(end)).1.resume, Resume::Heal);
    assert!(restored.relay.verify().expect("readable").is_sound());
}

#[test]
fn neither_backup_nor_restore_overwrites_anything() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, copy) = (directory.path().join("relay.db"), directory.path().join("backup.db"));
    let mut world = world_at(&path);
    world.relay.back_up(&copy).expect("a new file");

    assert!(matches!(world.relay.back_up(&copy), Err(BackupError::Exists(_))));
    assert!(matches!(restore(&copy, &path, Epoch([5; 16])), Err(RestoreError::Exists(_))));
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, copy) = (directory.path().join("relay.db"), directory.path().join("backup.db"));
    let mut world = world_at(&path);
    fill(&mut world);
    world.relay.back_up(&copy).expect("a new file");
    let mut bytes = std::fs::read(&copy).expect("readable");
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    std::fs::write(&copy, bytes).expect("writable");

    let to = directory.path().join("restored.db");
    let refused = restore(&copy, &to, Epoch([5; 16]));

    assert!(refused.is_err());
    assert!(!to.exists());
}

/// A log of more than two segments.
fn long(path: &Path) -> World<SqliteStore> {
    let mut world = world_at(path);
    let conn = world.connect_live(ADA);
    let mut lead = world.create(ADA, &build::lead("One"));
    for (high, low) in (8..10).flat_map(|high| (0..200).map(move |low| (high, low))) {
        let edit = edited(ADA, &mut lead, "title", format!("Edited {low}").as_str());
        world.push(conn, vec![command(command_id(high, low), [(&lead, &edit)])]);
    }
    world.relay.disconnect(conn);
    world
}

#[test]
fn who_made_older_changes_is_under_a_seal_of_the_audit_log() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("relay.db");
    let sound = long(&path).relay.verify().expect("readable");
    assert!(sound.is_sound(), "{:?}", sound.problems);
    assert_eq!(sound.audit_entries, 2, "a seal for each segment");

    damage(&path, "UPDATE author SET user = zeroblob(16) WHERE id = (SELECT max(id) FROM author)");

    let report = world_at(&path).relay.verify().expect("readable");
    let sealed = |first, seq| Problem::Audit(AuditProblem::Seal { seq, first, last: first + 127 });
    assert!(report.problems.contains(&sealed(1, 1)) && report.problems.contains(&sealed(129, 2)), "{report:?}");
}

#[test]
fn a_segment_without_its_seal_and_a_seal_that_was_changed_are_found() {
    type Expected = fn(&AuditProblem) -> bool;
    let cases: [(&str, Expected); 3] = [
        ("DELETE FROM audit WHERE seq = 2", |problem| {
            matches!(problem, AuditProblem::Unsealed { first: 129, last: 256 } | AuditProblem::End { found: 1, .. })
        }),
        ("UPDATE audit SET detail = '{}' WHERE seq = 2", |problem| {
            matches!(problem, AuditProblem::Unsealed { first: 129, .. } | AuditProblem::End { found: 2, .. })
        }),
        ("UPDATE audit SET at = 0 WHERE seq = 1", |problem| matches!(problem, AuditProblem::Changed { seq: 1 })),
    ];
    for (sql, expected) in cases {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("relay.db");
        drop(long(&path));
        let db = rusqlite::Connection::open(&path).expect("open");
        db.execute_batch("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;").expect("SQL");
        damage(&path, sql);

        let report = world_at(&path).relay.verify().expect("readable");

        let audit = report.problems.iter().filter_map(|problem| match problem {
            Problem::Audit(problem) => Some(problem),
            _ => None,
        });
        let audit: Vec<&AuditProblem> = audit.collect();
        assert!(!audit.is_empty() && audit.into_iter().all(expected), "{sql}: {:?}", report.problems);
    }
}
