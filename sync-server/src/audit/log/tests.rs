//! Claims about the chain: what was tampered with is named.

use super::*;
use crate::audit::{AuditProblem, verify};

fn workspace() -> WorkspaceId {
    WorkspaceId::from_bytes([7; 16])
}

/// A log of five entries, and its file.
fn five() -> (tempfile::TempDir, AuditLog) {
    let dir = tempfile::tempdir().unwrap();
    let log = AuditLog::open(&dir.path().join("relay.db"), workspace()).unwrap();
    for number in 0..5_u8 {
        let event = Event::new(Action::SignIn, Timestamp::from_millis(i64::from(number)))
            .by(UserId::from_bytes([number; 16]))
            .with("number", number);
        log.note_blocking(&event).unwrap();
    }
    (dir, log)
}

/// What a check finds after somebody has worked on the file.
fn after(tamper: &str) -> Vec<AuditProblem> {
    let (dir, log) = five();
    drop(log);
    let db = Connection::open(dir.path().join("relay.db")).unwrap();
    db.execute_batch("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;").unwrap();
    db.execute_batch(tamper).unwrap();
    verify(&db, workspace()).unwrap().problems
}

#[test]
fn a_log_that_nobody_touched_is_sound() {
    let (dir, log) = five();
    let db = Connection::open(dir.path().join("relay.db")).unwrap();

    let report = verify(&db, workspace()).unwrap();

    assert_eq!((report.entries, report.problems), (5, Vec::new()));
    assert_ne!(report.head, [0; 32]);
    let read = log.read(None, &AuditFilter::default(), 10).unwrap();
    assert_eq!(read.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert_eq!(read[0].detail["number"], 4);
}

#[test]
fn every_column_of_an_entry_is_under_its_hash() {
    for change in [
        "at = 99",
        "action = 'sign_out'",
        "by_user = zeroblob(16)",
        "by_user = NULL",
        "device = zeroblob(16)",
        "subject = zeroblob(16)",
        "address = '192.0.2.1'",
        "detail = '{}'",
    ] {
        let problems = after(&format!("UPDATE audit SET {change} WHERE seq = 3"));
        assert_eq!(problems, [AuditProblem::Changed { seq: 3 }], "{change}");
    }
}

#[test]
fn a_missing_entry_is_named_and_so_is_a_missing_end() {
    assert_eq!(after("DELETE FROM audit WHERE seq = 3"), [AuditProblem::Gone { seq: 3 }]);
    assert_eq!(after("DELETE FROM audit WHERE seq = 1"), [AuditProblem::Gone { seq: 1 }]);
    assert_eq!(after("DELETE FROM audit WHERE seq > 3"), [AuditProblem::End { found: 3, expected: 5 }]);
    assert_eq!(after("DELETE FROM audit"), [AuditProblem::End { found: 0, expected: 5 }]);
    let closed_up = "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3";
    assert_eq!(after(closed_up), [AuditProblem::Changed { seq: 2 }, AuditProblem::End { found: 4, expected: 5 }]);
}

#[test]
fn entries_that_changed_places_are_named() {
    let swapped = "UPDATE audit SET seq = 30 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
                   UPDATE audit SET seq = 4 WHERE seq = 30";

    let moved = |seq, after| AuditProblem::Moved { seq, after };
    assert_eq!(after(swapped), [moved(3, 4), moved(4, 2), moved(5, 3)]);
}

#[test]
fn a_changed_last_entry_shows_at_the_end() {
    let problems = after("UPDATE audit SET detail = '{}' WHERE seq = 5");

    assert_eq!(problems, [AuditProblem::End { found: 5, expected: 5 }]);
}

#[test]
fn the_tables_themselves_refuse_to_be_rewritten() {
    let (dir, _log) = five();
    let db = Connection::open(dir.path().join("relay.db")).unwrap();

    for sql in ["UPDATE audit SET at = 0", "DELETE FROM audit WHERE seq = 1"] {
        let refused = db.execute_batch(sql).unwrap_err();
        assert!(refused.to_string().contains("only added to"), "{refused}");
    }
}

#[test]
fn filters_leave_out_what_was_not_asked_for() {
    let (_dir, log) = five();
    let seal = Event { at: None, ..Event::new(Action::LogSealed, Timestamp::default()) };
    log.note_blocking(&seal).unwrap();
    log.note_blocking(&Event::new(Action::SignOut, Timestamp::from_millis(9)).from(None)).unwrap();
    let seqs = |filter: AuditFilter| {
        log.read(None, &filter, 10).unwrap().into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    let all = AuditFilter::default();

    assert_eq!(seqs(AuditFilter { action: Some(Action::LogSealed), ..all.clone() }), [6]);
    assert_eq!(seqs(AuditFilter { action: Some(Action::SignOut), ..all.clone() }), [7]);
    assert_eq!(seqs(AuditFilter { by: Some(UserId::from_bytes([2; 16])), ..all.clone() }), [3]);
    let some = AuditFilter { from: Some(Timestamp::from_millis(2)), to: Some(Timestamp::from_millis(4)), ..all };
    assert_eq!(seqs(some), [4, 3]);
}
