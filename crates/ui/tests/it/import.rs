//! Import: file, mapping, dry run, commit, undo.

use std::collections::BTreeMap;

use egui::Role;
use egui_kittest::kittest::Queryable;
use model::app::{Request, Trouble, Update};
use model::import::{ImportCounts, ImportPreview, ImportReport, PreviewColumn, RowError, Target};
use model::{CommandId, Kind};
use ui::Effect;

use crate::desk::{desk, now};
use crate::stub::StubReplica;

fn preview() -> ImportPreview {
    let column =
        |name: &str, sample: &str, target| PreviewColumn { name: name.into(), samples: vec![sample.into()], target };
    ImportPreview {
        preset: "hubspot_contacts".into(),
        encoding: "UTF-8".into(),
        delimiter: ',',
        header_row: 0,
        row_count: 2_000,
        columns: vec![
            column("First Name", "Ada", Target::Field(Kind::Contact, "first_name".into())),
            column("Shoe size", "38", Target::Skip),
        ],
    }
}

fn report() -> ImportReport {
    let counts = ImportCounts { created: 1_998, updated: 1, skipped: 0, errors: 1 };
    ImportReport {
        counts: BTreeMap::from([(Kind::Contact, counts)]),
        rows: Vec::new(),
        errors: vec![RowError { row: 7, reason: "no name".into() }],
        errors_csv: "First Name,reason\n,no name\n".into(),
    }
}

fn last_id(requests: &[Request]) -> u64 {
    let id = |request: &Request| match request {
        Request::ImportOpen { id, .. }
        | Request::ImportDryRun { id, .. }
        | Request::ImportCommit { id, .. }
        | Request::ImportUndo { id, .. } => Some(*id),
        _ => None,
    };
    requests.iter().rev().find_map(id).expect("an import was asked for")
}

#[test]
fn a_file_is_mapped_checked_imported_and_taken_back() {
    let mut harness = desk(StubReplica::started(now()), "/");
    harness.state_mut().app.file_chosen("people.csv".into(), b"First Name\nAda\n".to_vec());
    harness.run();
    let id = last_id(&harness.state().replica.requests);
    harness.state_mut().app.receive(Update::ImportOpened(id, Ok(preview())));
    harness.run();

    harness.get_by_role_and_label(Role::ComboBox, "Target of Shoe size").click();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Search target of shoe size").type_text("new field");
    harness.run();
    harness.get_by_role_and_label(Role::ListBoxOption, "Contact · new field “Shoe size”").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Preview").click();
    harness.run();
    let Some(Request::ImportDryRun { id, options }) = harness.state().replica.requests.last().cloned() else {
        panic!("a dry run")
    };
    assert_eq!(options.mapping.get("Shoe size"), Some(&Target::Custom(Kind::Contact, "Shoe size".into())));
    harness.state_mut().app.receive(Update::ImportReport(id, Ok((report(), None))));
    harness.run();

    harness.get_by_label("1,998 to create");
    harness.get_by_role_and_label(Role::Button, "Save the rows with errors").click();
    harness.run();
    assert!(
        harness
            .state()
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::SaveFile { name, .. } if name == "people - errors.csv"))
    );
    harness.get_by_role_and_label(Role::Button, "Import").click();
    harness.run();
    let id = last_id(&harness.state().replica.requests);
    harness.state_mut().app.receive(Update::ImportProgress(id, 500, 2_000));
    harness.run();
    harness.get_by_label("500 of 2,000 rows");
    let import = CommandId::from_bytes([4; 16]);
    harness.state_mut().app.receive(Update::ImportReport(id, Ok((report(), Some(import)))));
    harness.run();

    harness.get_by_label("1,998 created");
    harness.get_by_role_and_label(Role::Button, "Undo import").click();
    harness.run();
    let last = harness.state().replica.requests.last();
    assert!(matches!(last, Some(Request::ImportUndo { import: of, .. }) if *of == import), "{last:?}");
}

#[test]
fn a_file_that_cannot_be_read_says_why_and_another_can_be_chosen() {
    let mut harness = desk(StubReplica::started(now()), "/import");
    harness.state_mut().app.file_chosen("people.csv".into(), vec![0; 4]);
    harness.run();
    let id = last_id(&harness.state().replica.requests);
    let trouble = Trouble::BadFile("this is not a table".into());
    harness.state_mut().app.receive(Update::ImportOpened(id, Err(trouble)));
    harness.run();

    harness.get_by_label("This is not a table");
    harness.get_by_role_and_label(Role::Button, "Choose a file").click();
    harness.run();

    assert!(harness.state().effects.iter().any(|effect| matches!(effect, Effect::OpenFileDialog { .. })));
}
