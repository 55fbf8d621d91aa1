//! Files that are not what they should be: each gets a named answer, and good rows beside bad ones are imported.

use interchange::csv_file::{CELL_MAX_BYTES, ReadTableError, Table};
use interchange::{DecodeTextError, Index, MapColumnsError, PlanImportError, Planner};
use model::import::{ImportOptions, Target};
use model::{Kind, Role};

use crate::given::{Workspace, context};

fn refused(bytes: &[u8]) -> ReadTableError {
    Table::read(bytes.to_vec()).expect_err("a refusal")
}

fn reasons(text: &str) -> (usize, Vec<(u64, String)>) {
    let mut workspace = Workspace::default();
    let report = workspace.import_text(text).report;
    let reasons = report.errors.into_iter().map(|error| (error.row, error.reason)).collect();
    (workspace.of(Kind::Contact).len(), reasons)
}

fn refused_options(text: &str, options: ImportOptions) -> PlanImportError {
    let table = Table::read(text.as_bytes().to_vec()).expect("a table");
    Planner::new(table.into(), options, context(), Index::default()).expect_err("a refusal")
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(refused(b""), DecodeTextError::Empty.into());
    assert_eq!(refused(b"\r\n \r\n"), DecodeTextError::Empty.into());
}

#[test]
fn binary_files_are_refused() {
    assert_eq!(refused(b"PK\x03\x04\x14\x00\x06\x00"), DecodeTextError::Archive.into());
    assert_eq!(
        refused(&[0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 1, 2, 0, 0, 1]),
        DecodeTextError::NotText.into()
    );
    let noise: Vec<u8> = (0..4096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_eq!(refused(&noise), DecodeTextError::NotText.into());
}

#[test]
fn only_a_header_is_a_file_without_rows() {
    let (contacts, reasons) = reasons("First Name,Last Name,Email\n");

    assert_eq!((contacts, reasons), (0, vec![]));
}

#[test]
fn a_row_with_an_open_quote_is_listed_and_the_rest_imported() {
    let (contacts, reasons) = reasons("First Name,Last Name,Email\nAnn,Lee,a@b.co\nBob,\"Ray,b@b.co\nCy,Dee,c@b.co\n");

    assert_eq!(contacts, 2);
    assert_eq!(reasons, [(2, "a quotation mark is opened in this row and never closed".to_owned())]);
}

#[test]
fn stray_quotes_inside_cells_do_no_harm() {
    let (contacts, reasons) = reasons("First Name,Last Name,Email\nAnn \"Annie\",Lee,a@b.co\nBob,Ray \"B,b@b.co\n");

    assert_eq!((contacts, reasons), (2, vec![]));
}

#[test]
fn a_huge_cell_is_listed() {
    let (contacts, reasons) = reasons(&format!("Name,Email\n{},a@b.co\nBob,b@b.co\n", "x".repeat(CELL_MAX_BYTES + 1)));

    assert_eq!(contacts, 1);
    assert_eq!(reasons, [(1, "a cell is larger than 1 MiB".to_owned())]);
}

#[test]
fn a_row_with_surplus_cells_is_listed_and_a_short_one_imported() {
    let (contacts, reasons) = reasons("First Name,Last Name,Email\nAnn,Lee,Jr.,a@b.co\nBob\n");

    assert_eq!(contacts, 1);
    assert_eq!(reasons, [(1, "the row has 4 cells, the header 3".to_owned())]);
}

#[test]
fn nul_characters_are_dropped() {
    let mut workspace = Workspace::default();
    workspace.import(
        b"First Name,Last Name,Email\nAnn\0,Lee,a@b.co\nBob,Ray and a longer name,b@b.co\n",
        &ImportOptions::default(),
    );

    assert_eq!(workspace.named("Ann Lee").text("email"), "a@b.co");
}

#[test]
fn lines_of_two_encodings_are_both_read() {
    let mut bytes = b"First Name,Last Name,Email\nJ\xfcrgen,Gro\xdf,j@b.co\n".to_vec();
    bytes.extend("Zoë,Özdemir,z@b.co\n".as_bytes());
    let mut workspace = Workspace::default();
    workspace.import(&bytes, &ImportOptions::default());

    assert_eq!(workspace.named("Jürgen Groß").text("email"), "j@b.co");
    assert_eq!(workspace.named("Zoë Özdemir").text("email"), "z@b.co");
}

#[test]
fn equal_headers_are_kept_apart() {
    let mut workspace = Workspace::default();
    workspace.import_text("Name,Email,Email\nAnn Lee,a@b.co,c@d.co\n");
    let ann = workspace.named("Ann Lee");

    assert_eq!(ann.text("email"), "a@b.co");
    assert!(ann.get("emails/c@d.co").is_some());
}

#[test]
fn a_row_without_what_is_required_is_listed_with_the_reason() {
    let (contacts, reasons) = reasons("First Name,Last Name,Email,Phone\n,,not an address,555 0147\nAnn,,,\n");

    assert_eq!(contacts, 1);
    assert_eq!(reasons.len(), 1);
    assert_eq!(
        reasons[0].1,
        "a contact needs a name or an e-mail address; Email: an e-mail address has one @, as in ann@example.com; kept in the notes"
    );
}

#[test]
fn a_bad_optional_cell_is_kept_in_the_notes() {
    let mut workspace = Workspace::default();
    let report = workspace.import_text("First Name,Last Name,Email,Phone\nAnn,Lee,nowhere,12\n").report;

    assert_eq!(workspace.named("Ann Lee").text("notes"), "Email: nowhere\nPhone: 12");
    assert_eq!((report.counts[&Kind::Contact].created, report.counts[&Kind::Contact].errors), (1, 0));
    assert!(report.errors[0].reason.starts_with("warning: Email:"), "{}", report.errors[0].reason);
    assert!(report.errors_csv.starts_with("First Name,Last Name,Email,Phone,reason\r\nAnn,Lee,nowhere,12,"));
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let text = "Name,Email\nAnn,a@b.co\n";
    let mapped = |column: &str, target: Target| ImportOptions {
        mapping: [(column.to_owned(), target)].into(),
        ..ImportOptions::default()
    };

    let unknown = MapColumnsError::UnknownPreset { name: "act".into() };
    let options = ImportOptions { preset: Some("act".into()), ..ImportOptions::default() };
    assert_eq!(refused_options(text, options), unknown.into());
    let unknown = MapColumnsError::UnknownColumn { name: "Mail".into() };
    assert_eq!(refused_options(text, mapped("Mail", Target::Skip)), unknown.into());
    let unknown = MapColumnsError::UnknownTarget { column: "Email".into() };
    let target = Target::Field(Kind::Contact, "deleted_at".into());
    assert_eq!(refused_options(text, mapped("Email", target)), unknown.into());
    assert_eq!(refused_options("Alpha,Beta\n1,2\n", ImportOptions::default()), MapColumnsError::NothingMapped.into());
}

#[test]
fn a_viewer_may_not_import() {
    let table = Table::read(b"Name,Email\nAnn,a@b.co\n".to_vec()).expect("a table");
    let mut context = context();
    context.actor.role = Role::Viewer;

    let refused = Planner::new(table.into(), ImportOptions::default(), context, Index::default());
    assert!(matches!(refused, Err(PlanImportError::Denied(_))));
}
