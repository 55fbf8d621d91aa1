//! Laws: no bytes are too odd, and what was imported once is imported no more.

use std::sync::Arc;

use interchange::{Index, Planner, Table, preview};
use model::Settings;
use model::build::SeededIds;
use model::import::{ImportOptions, MatchMode};
use proptest::prelude::*;

use crate::given::{Workspace, context};

/// Walks whatever can be walked of a file.
fn walk(bytes: Vec<u8>, mode: MatchMode) {
    let Ok(table) = Table::read(bytes) else { return };
    let table = Arc::new(table);
    let _ = preview(&table, &ImportOptions::default(), &Settings::default());
    let options = ImportOptions { mode, ..ImportOptions::default() };
    let Ok(mut planner) = Planner::new(Arc::clone(&table), options, context(), Index::default()) else { return };
    let mut ids = SeededIds::new(1);
    let mut done = 0;
    while let Some(chunk) = planner.next_chunk(3, &mut ids) {
        assert!(chunk.done_rows > done, "every chunk gets further");
        done = chunk.done_rows;
    }
    assert_eq!(done, table.row_count());
}

fn header() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("First Name,Last Name,Email,Phone,Company\n"),
        Just("Deal name;Stage;Amount;Expected close;Owner\n"),
        Just("Record ID,Deal Name,Deal Stage,Amount,Close Date,Associated Contact IDs\n"),
        Just("Person - Name*,Person - Email,Organization - Name*,Deal - Title,Note - Content*\n"),
        Just("Name / First Name,Emails / Additional Emails,Phones / Additional Phones,Id\n"),
        Just("Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Value\n"),
    ]
}

prop_compose! {
    fn person()(name in 0..12_u8, email in prop::option::of(0..9_u8), phone in prop::option::of(0..9_u8),
                company in prop::option::of(0..4_u8), title in prop::option::of(0..3_u8)) -> String {
        let email = email.map(|email| format!("p{email}@mail{email}.example")).unwrap_or_default();
        let phone = phone.map(|phone| format!("212 555 010{phone}")).unwrap_or_default();
        let company = company.map(|company| format!("Company {company}")).unwrap_or_default();
        let title = title.map(|title| format!("Title {title}")).unwrap_or_default();
        format!("First{name},Last{name},{email},{phone},{company},{title}\n")
    }
}

prop_compose! {
    fn deal()(title in 0..8_u8, company in 0..3_u8, stage in 0..7_usize, amount in 0..9_000_u32, day in 1..40_u8) -> String {
        let stage = ["New", "Proposal", "won", "Closed Lost", "?", "", "Contract Sent"][stage];
        format!("Deal {title},Company {company},{stage},{amount}.50,{day}/01/2026\n")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        walk(bytes, MatchMode::FillBlanks);
    }

    #[test]
    fn no_text_below_a_header_is_too_odd(header in header(), text in "[a-c@.,;\"'\n\r\t|:<>&\\[\\]{}=+\\-0-9é€ ]{0,300}") {
        walk(format!("{header}{text}").into_bytes(), MatchMode::Overwrite);
    }

    #[test]
    fn people_imported_once_are_imported_no_more(rows in prop::collection::vec(person(), 1..25), chunk in 1..9_u64) {
        let text = format!("First Name,Last Name,Email,Phone,Company,Job Title\n{}", rows.concat());
        let mut workspace = Workspace::default();
        workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), chunk);

        let again = workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), chunk);
        prop_assert_eq!(again.edits, vec![]);
    }

    #[test]
    fn deals_imported_once_are_imported_no_more(rows in prop::collection::vec(deal(), 1..25), chunk in 1..9_u64) {
        let text = format!("Deal name,Company,Stage,Amount,Expected close\n{}", rows.concat());
        let mut workspace = Workspace::default();
        workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), chunk);

        let again = workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), chunk);
        prop_assert_eq!(again.edits, vec![]);
    }
}
