//! The walls of ARCHITECTURE.md, read from `cargo metadata`.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each room may import of the other rooms.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("ledger", &["model"]),
    ("sync", &["model"]),
    ("store", &["model"]),
    ("interchange", &["model"]),
    ("replica", &["interchange", "ledger", "model", "store", "sync"]),
    ("ui", &["model"]),
    ("xtask", &[]),
    ("sync-server", &["interchange", "ledger", "model", "store", "sync"]),
    ("client-desktop", &["model", "replica", "store", "sync", "ui"]),
    ("client-web", &["model", "replica", "store", "ui"]),
];

/// Crates that only some rooms may know.
const GUARDED: &[(&str, &[&str])] = &[
    ("automerge", &["ledger"]),
    ("rusqlite", &["store", "sync-server"]),
    ("axum", &["sync-server"]),
    ("egui", &["client-desktop", "client-web", "ui"]),
    ("tokio", &["client-desktop", "sync-server"]),
];

fn rooms() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let normal = |package: &cargo_metadata::Package| {
        let kept = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        kept.map(|dependency| dependency.name.clone()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), normal(package))).collect()
}

#[test]
fn rooms_import_only_what_the_map_allows() {
    let rooms = rooms();

    for (room, allowed) in ALLOWED {
        let imports = rooms.get(*room).unwrap_or_else(|| panic!("there is no room {room}"));
        let known = imports.iter().filter(|import| rooms.contains_key(*import));
        let beyond: Vec<&String> = known.filter(|import| !allowed.contains(&import.as_str())).collect();

        assert!(beyond.is_empty(), "{room} imports {beyond:?}");
    }
}

#[test]
fn guarded_crates_stay_in_their_rooms() {
    for (room, imports) in rooms() {
        for (guarded, allowed) in GUARDED {
            let knows = imports.iter().any(|import| import == guarded);

            assert!(!knows || room == "tests" || allowed.contains(&room.as_str()), "{room} knows {guarded}");
        }
    }
}
