//! One real-looking file for each preset and way of writing: what its columns become, and what its rows.
//!
//! The expected outcome stands beside the file; `UPDATE_EXPECT=1` writes it anew.

use std::fmt::Write;
use std::path::PathBuf;

use expect_test::expect_file;
use interchange::{Table, preview};
use model::import::{ImportOptions, ImportReport, MatchMode, Target};
use model::{Edit, Kind, Record, Settings, Value};

use crate::given::Workspace;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(&format!("{name}.csv"))).expect("a fixture")
}

/// Imports `before`, then the fixture, compares what comes of it, and imports everything again.
fn check(name: &str, before: &[&str]) {
    let options = ImportOptions::default();
    let mut workspace = Workspace::default();
    for earlier in before {
        workspace.import(&bytes(earlier), &options);
    }
    let imported = workspace.import(&bytes(name), &options);

    let mut text = described_columns(&bytes(name));
    describe_records(&mut text, &workspace, &imported.edits);
    describe_report(&mut text, &imported.report);
    expect_file![path(&format!("{name}.expected"))].assert_eq(&text);

    for file in before.iter().chain([&name]) {
        let again = workspace.import(&bytes(file), &options);
        assert_eq!(again.edits, vec![], "{file} was imported before");
    }
    let overwriting = ImportOptions { mode: MatchMode::Overwrite, ..options };
    assert_eq!(workspace.import(&bytes(name), &overwriting).edits, vec![], "overwriting {name} with itself");
}

fn described_columns(file: &[u8]) -> String {
    let table = Table::read(file.to_vec()).expect("a table");
    let preview = preview(&table, &ImportOptions::default(), &Settings::default()).expect("a preview");
    let mut text = format!(
        "preset {:?}, {}, delimiter {:?}, header in line {}, {} rows\n\n",
        preview.preset,
        preview.encoding,
        preview.delimiter,
        preview.header_row + 1,
        preview.row_count
    );
    for column in &preview.columns {
        let target = match &column.target {
            Target::Skip => "-".to_owned(),
            Target::Field(kind, key) => format!("{kind}.{key}"),
            Target::Custom(kind, name) => format!("{kind}.custom/{name}"),
            Target::AppendToNotes(kind) => format!("{kind}.append"),
        };
        writeln!(text, "{} -> {target}", column.name).expect("writing to a string");
    }
    text
}

fn describe_records(text: &mut String, workspace: &Workspace, edits: &[Edit]) {
    for edit in edits {
        let record = &workspace.records[&edit.record().id];
        let verb = if matches!(edit, Edit::Create { .. }) { "new" } else { "changed" };
        writeln!(text, "\n{verb} {} {}", record.kind, record.display_name()).expect("writing to a string");
        for (key, value) in &record.fields {
            writeln!(text, "  {} = {}", shown_key(workspace, key), shown(workspace, record, value)).expect("writing");
        }
    }
}

fn shown_key(workspace: &Workspace, key: &str) -> String {
    let linked = key.strip_prefix("contacts/").and_then(|id| id.parse().ok());
    match linked.and_then(|id| workspace.records.get(&id)) {
        Some(contact) => format!("contacts/<{}>", contact.display_name()),
        None => key.to_owned(),
    }
}

fn shown(workspace: &Workspace, _record: &Record, value: &Value) -> String {
    match value {
        Value::Id(id) => match workspace.records.get(id) {
            Some(record) => format!("<{}>", record.display_name()),
            None => format!("<{}>", String::from_utf8_lossy(id.as_bytes())),
        },
        Value::Text(text) => format!("{text:?}"),
        Value::Int(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
    }
}

fn describe_report(text: &mut String, report: &ImportReport) {
    text.push('\n');
    for kind in Kind::ALL {
        if let Some(counts) = report.counts.get(&kind) {
            let (created, updated) = (counts.created, counts.updated);
            let (skipped, errors) = (counts.skipped, counts.errors);
            writeln!(text, "{kind}: {created} created, {updated} updated, {skipped} skipped, {errors} errors")
                .expect("");
        }
    }
    for error in &report.errors {
        writeln!(text, "row {}: {}", error.row, error.reason).expect("writing to a string");
    }
}

#[test]
fn google_contacts() {
    check("google", &[]);
}

#[test]
fn google_contacts_of_the_older_shape() {
    check("google_old", &[]);
}

#[test]
fn linkedin_connections() {
    check("linkedin", &[]);
}

#[test]
fn hubspot_companies() {
    check("hubspot_companies", &[]);
}

#[test]
fn hubspot_contacts() {
    check("hubspot_contacts", &["hubspot_companies"]);
}

#[test]
fn hubspot_deals() {
    check("hubspot_deals", &["hubspot_companies", "hubspot_contacts"]);
}

#[test]
fn pipedrive_people() {
    check("pipedrive_people", &[]);
}

#[test]
fn pipedrive_organizations() {
    check("pipedrive_organizations", &["pipedrive_people"]);
}

#[test]
fn pipedrive_deals() {
    check("pipedrive_deals", &["pipedrive_organizations", "pipedrive_people"]);
}

#[test]
fn pipedrive_activities() {
    check("pipedrive_activities", &["pipedrive_organizations", "pipedrive_people", "pipedrive_deals"]);
}

#[test]
fn pipedrive_notes() {
    check("pipedrive_notes", &["pipedrive_organizations", "pipedrive_people"]);
}

#[test]
fn pipedrive_rows_of_everything() {
    check("pipedrive_import_sample", &[]);
}

#[test]
fn twenty_companies() {
    check("twenty_companies", &[]);
}

#[test]
fn twenty_people() {
    check("twenty_people", &["twenty_companies"]);
}

#[test]
fn atomic_crm_contacts() {
    check("atomic", &[]);
}

#[test]
fn german_companies_in_windows_1252() {
    check("german_companies_windows1252", &[]);
}

#[test]
fn contacts_in_utf_16_with_tabs() {
    check("contacts_utf16_tab", &[]);
}

#[test]
fn deals_with_pipes_below_a_title() {
    check("deals_pipe", &[]);
}
