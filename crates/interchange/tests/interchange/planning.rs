//! What rows come to: modes, matches within the file, chunks, rights, ranks, dates and amounts.

use interchange::Index;
use model::build;
use model::import::{ImportOptions, MatchMode, Target};
use model::policy::Actor;
use model::{Edit, Kind, OwnField, OwnType, Record, Role, UserId};

use crate::given::{Workspace, context, dana};

fn with(records: &[&Record]) -> Workspace {
    let mut workspace = Workspace::default();
    workspace.records.extend(records.iter().map(|&record| (record.id, record.clone())));
    workspace
}

fn in_mode(mode: MatchMode) -> ImportOptions {
    ImportOptions { mode, ..ImportOptions::default() }
}

#[test]
fn each_mode_treats_a_match_its_own_way() {
    let text = "First Name,Last Name,Email,Job Title,Phone\nAnn,Lee,ann@acme.com,CTO,212 555 0147\n";
    let ann = build::contact("Ann Lee").with("email", "ann@acme.com").with("title", "CEO").record();
    let after = |mode| {
        let mut workspace = with(&[&ann]);
        workspace.import(text.as_bytes(), &in_mode(mode));
        let contacts = workspace.of(Kind::Contact).len();
        let ann = &workspace.records[&ann.id];
        (contacts, ann.text("title").to_owned(), ann.text("phone").to_owned())
    };

    assert_eq!(after(MatchMode::Skip), (1, "CEO".into(), String::new()));
    assert_eq!(after(MatchMode::FillBlanks), (1, "CEO".into(), "212 555 0147".into()));
    assert_eq!(after(MatchMode::Overwrite), (1, "CTO".into(), "212 555 0147".into()));
    assert_eq!(after(MatchMode::AlwaysCreate), (2, "CEO".into(), String::new()));
}

#[test]
fn rows_about_one_person_become_one_record() {
    let mut workspace = Workspace::default();
    let imported = workspace.import_text(
        "Name,Email,Phone,Company\nAnn Lee,ann@acme.com,,Acme Inc\nA. Lee,ANN@acme.com,212 555 0147,ACME\n",
    );

    assert_eq!(workspace.of(Kind::Contact).len(), 1);
    assert_eq!(workspace.of(Kind::Account).len(), 1);
    assert_eq!(workspace.named("Ann Lee").text("phone"), "212 555 0147");
    assert_eq!(imported.edits.len(), 2, "a record has one edit in a chunk");
    let counts = imported.report.counts[&Kind::Contact];
    assert_eq!((counts.created, counts.updated), (1, 1));
}

#[test]
fn the_size_of_chunks_makes_no_difference() {
    let text = "Name,Email,Phone,Company\nAnn Lee,ann@acme.com,,Acme\nBob Ray,bob@acme.com,,Acme\nAnn Lee,ann@acme.com,555 0147,Acme\n";
    let with_chunks = |rows| {
        let mut workspace = Workspace::default();
        let report = workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), rows).report;
        let mut records: Vec<_> = workspace
            .records
            .into_values()
            .map(|record| (record.kind, record.display_name(), record.text("phone").to_owned()))
            .collect();
        records.sort();
        (records, report)
    };

    assert_eq!(with_chunks(1), with_chunks(100));
}

#[test]
fn leads_stand_in_the_order_of_the_file() {
    let mut workspace = Workspace::default();
    let rows: String = (0..50).map(|index| format!("Deal {index},Qualified,100\n")).collect();
    let imported = workspace.import_text(&format!("Deal name,Stage,Amount\n{rows}"));

    let ranks: Vec<String> =
        imported.edits.iter().map(|edit| workspace.records[&edit.record().id].place().1.to_owned()).collect();
    assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{ranks:?}");
    assert!(ranks.iter().all(|rank| !rank.ends_with('0') && rank.len() <= 12), "{ranks:?}");
    let between = model::rank::between(Some(&ranks[0]), Some(&ranks[1]));
    assert!(ranks[0] < between && between < ranks[1]);
}

#[test]
fn stages_can_be_mapped_by_hand() {
    let mut workspace = Workspace::default();
    let options = ImportOptions { stages: [("Pitch".into(), "proposal".into())].into(), ..ImportOptions::default() };
    workspace.import(b"Deal name,Stage\nWebsite,pitch\n", &options);

    let lead = workspace.named("Website");
    assert_eq!((lead.place().0, lead.int("probability")), ("proposal", Some(50)));
}

#[test]
fn dates_follow_the_column_then_the_workspace() {
    let close = |rows: &str| {
        let mut workspace = Workspace::default();
        workspace.import_text(&format!("Deal name,Stage,Expected close\n{rows}"));
        workspace.named("A").date("expected_close_date").map(|date| date.to_string())
    };

    assert_eq!(close("A,New,03/04/2026\n").as_deref(), Some("2026-04-03"), "the workspace writes the day first");
    assert_eq!(close("A,New,03/04/2026\nB,New,12/31/2026\n").as_deref(), Some("2026-03-04"));
    assert_eq!(close("A,New,45631\n").as_deref(), Some("2024-12-05"), "a spreadsheet's serial number");
}

#[test]
fn the_decimal_sign_follows_the_column() {
    let value = |rows: &str| {
        let mut workspace = Workspace::default();
        workspace.import_text(&format!("Deal name;Stage;Amount\n{rows}"));
        workspace.named("A").int("value_cents")
    };

    assert_eq!(value("A;New;1.500\n"), Some(150_000));
    assert_eq!(value("A;New;1.500\nB;New;2,75\n"), Some(150_000));
    assert_eq!(value("A;New;12.500,50\n"), Some(1_250_050));
    assert_eq!(value("A;New;12,500.50\n"), Some(1_250_050));
}

#[test]
fn columns_can_be_mapped_to_custom_fields_and_notes() {
    let mut workspace = Workspace::default();
    let mapping = [
        ("Region".to_owned(), Target::Custom(Kind::Contact, "Region".into())),
        ("Remark".to_owned(), Target::AppendToNotes(Kind::Contact)),
    ];
    let options = ImportOptions { mapping: mapping.into(), ..ImportOptions::default() };
    workspace.import(b"Name,Email,Region,Remark\nAnn Lee,a@b.co,North,Likes tea\n", &options);

    let ann = workspace.named("Ann Lee");
    assert_eq!(ann.text("custom/Region"), "North");
    assert_eq!(ann.text("notes"), "Remark: Likes tea");
}

#[test]
fn an_administrators_import_defines_the_fields_that_it_fills() {
    let mut context = context();
    context.actor.role = Role::Admin;
    let custom = |column: &str| (column.to_owned(), Target::Custom(Kind::Contact, column.to_owned()));
    let options = ImportOptions { mapping: ["Region", "Empty"].map(custom).into(), ..ImportOptions::default() };
    let text = "Name,Email,Region,Empty\nAnn Lee,a@b.co,North,\nBob Ray,b@b.co,,\n";
    let mut workspace = Workspace::default();

    let imported = workspace.import_as(text.as_bytes(), &options, context.clone(), 1);

    let defined: Vec<&Edit> = imported.edits.iter().filter(|edit| edit.record().kind == Kind::Settings).collect();
    let [Edit::Set { fields, .. }] = defined.as_slice() else { panic!("{defined:?}") };
    assert_eq!(fields["own_field/contact/Region/type"], Some("text".into()));
    assert!(fields.keys().all(|key| key.starts_with("own_field/contact/Region/")), "{fields:?}");
    assert_eq!(workspace.named("Ann Lee").text("custom/Region"), "North");

    context.actor.role = Role::User;
    let imported = Workspace::default().import_as(text.as_bytes(), &options, context, 1);
    assert!(imported.edits.iter().all(|edit| edit.record().kind != Kind::Settings), "members define nothing");
}

#[test]
fn cells_of_own_fields_are_read_by_what_the_field_holds() {
    let mut context = context();
    let settings = &mut context.settings;
    for (name, of) in [("Budget", OwnType::Money), ("Until", OwnType::Date)] {
        let field = OwnField::new(Kind::Contact, name, of, settings);
        settings.own_fields.push(field);
    }
    let custom = |column: &str| (column.to_owned(), Target::Custom(Kind::Contact, column.to_lowercase()));
    let options = ImportOptions { mapping: ["Budget", "Until"].map(custom).into(), ..ImportOptions::default() };
    let text = "Name,Email,Budget,Until\nAnn Lee,a@b.co,\"1,250.50\",31/12/2026\nBob Ray,b@b.co,plenty,\n";
    let mut workspace = Workspace::default();

    let report = workspace.import_as(text.as_bytes(), &options, context, 10).report;

    let ann = workspace.named("Ann Lee");
    assert_eq!((ann.int("custom/Budget"), ann.text("custom/Until")), (Some(125_050), "2026-12-31"));
    let bob = workspace.named("Bob Ray");
    assert_eq!(bob.get("custom/Budget"), None);
    assert!(bob.text("notes").contains("Budget: plenty"), "what does not fit is kept in the notes");
    assert_eq!(report.errors.len(), 1);
}

#[test]
fn owners_are_found_by_address_or_name_and_missed_ones_named_once() {
    let mut workspace = Workspace::default();
    let report = workspace
        .import_text("Name,Email,Owner\nAnn,a@b.co,dana whitfield\nBob,b@b.co,DANA@trailtrack.example\nCy,c@b.co,Eve\nDi,d@b.co,Eve\n")
        .report;

    assert_eq!(workspace.named("Ann").owner(), Some(UserId(dana().id.0)));
    assert_eq!(workspace.named("Bob").owner(), Some(UserId(dana().id.0)));
    assert_eq!(workspace.named("Di").owner(), Some(build::ME));
    assert_eq!(report.errors.len(), 1);
}

#[test]
fn records_of_others_are_left_alone_where_only_owners_edit() {
    let ann = build::contact("Ann Lee").with("email", "ann@acme.com").owned_by(UserId(dana().id.0)).record();
    let mut workspace = with(&[&ann]);
    let mut context = context();
    context.actor = Actor { user: build::ME, role: Role::User, only_owners_edit: true };
    let text = "Name,Email,Phone\nAnn Lee,ann@acme.com,212 555 0147\n";
    let imported = workspace.import_as(text.as_bytes(), &ImportOptions::default(), context, 10);

    assert_eq!(imported.edits, vec![]);
    assert_eq!(imported.report.errors.len(), 1);
    assert_eq!(imported.report.counts[&Kind::Contact].errors, 0);
}

#[test]
fn lookalikes_are_reported_and_not_merged() {
    let acme = build::account("Acme").record();
    let ann = build::contact("Katherine Johnson").at(&acme).record();
    let mut workspace = with(&[&acme, &ann]);
    let report = workspace.import_text("Name,Email,Company\nKatharine Johnson,k@acme.com,Acme\n").report;

    assert_eq!(workspace.of(Kind::Contact).len(), 2);
    assert_eq!(report.errors[0].reason, "warning: looks like Katherine Johnson, which is there already");
}

#[test]
fn a_conversation_comes_with_its_links() {
    let mut workspace = Workspace::default();
    let imported = workspace.import_text(
        "Deal name,Company,Contact,Email,Stage,Amount,Activity subject,Activity type,Activity date\n\
         Website,Acme,Ann Lee,ann@acme.com,New,100,Kick-off,Meeting,2026-02-03 10:00\n",
    );
    assert_eq!(imported.report.errors, vec![]);

    let talk = workspace.named("Kick-off");
    assert_eq!((talk.text("type"), talk.text("via")), ("meeting", "import"));
    assert_eq!(talk.link("lead_id"), Some(workspace.named("Website").id));
    assert_eq!(talk.link("contact_id"), Some(workspace.named("Ann Lee").id));
    assert_eq!(talk.link("account_id"), Some(workspace.named("Acme").id));
    assert_eq!(talk.time("occurred_at").map(|at| at.to_string()).as_deref(), Some("2026-02-03T10:00:00.000Z"));
}

#[test]
fn the_first_rows_show_before_and_after() {
    let acme = build::account("Acme").record();
    let deal = build::lead("Website").at(&acme).worth(10_000).record();
    let mut workspace = with(&[&acme, &deal]);
    let options = in_mode(MatchMode::Overwrite);
    let report = workspace.import(b"Deal name,Company,Stage,Amount\nWebsite,Acme,Proposal,250\n", &options).report;

    let row = report.rows.iter().find(|row| row.kind == Kind::Lead).expect("the lead's row");
    let shown = |name: &str| {
        row.changes.iter().find(|change| change.0 == name).map(|change| (change.1.as_str(), change.2.as_str()))
    };
    assert_eq!(shown("Stage"), Some(("New", "Proposal")));
    assert_eq!(shown("Value"), Some(("$100.00", "$250.00")));
    assert_eq!(row.name, "Website");
}

#[test]
fn five_thousand_rows_come_to_five_thousand_people_and_nothing_the_second_time() {
    let mut text = "First Name,Last Name,Email,Phone,Company,Tags\n".to_owned();
    for index in 0..5_000 {
        let (first, last, company) = (["Ann", "Bob", "Cyd"][index % 3], letters(index), letters(index % 700));
        text.push_str(&format!("{first},{last},{last}@{company}.example,,{company},t{}\n", index % 9));
    }
    let mut workspace = Workspace::default();
    let first = workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), 500);

    assert_eq!(first.report.counts[&Kind::Contact].created, 5_000);
    assert_eq!(first.report.counts[&Kind::Account].created, 700);
    assert_eq!(first.report.counts[&Kind::Contact].errors, 0);
    let second = workspace.import_as(text.as_bytes(), &ImportOptions::default(), context(), 500);
    assert_eq!(second.edits, vec![]);
    assert_eq!(second.report.counts[&Kind::Contact].skipped, 5_000);
    assert_eq!(second.report.counts[&Kind::Account].skipped, 700);
}

/// A word for each number, none much like its neighbours'.
fn letters(number: usize) -> String {
    let digits = [number / 676, number / 26 % 26, number % 26].map(|digit| char::from(b'a' + (digit % 26) as u8));
    digits.iter().rev().chain(&digits).collect()
}

#[test]
fn an_index_forgets_nothing_it_was_given() {
    let ann = build::contact("Ann Lee").with("email", "a@b.co").record();
    let index = Index::new("US", [ann.clone()]);

    assert_eq!(index.get(ann.id).map(Record::display_name).as_deref(), Some("Ann Lee"));
    assert_eq!(index.find(&build::contact("A. L.").with("email", "A@B.co")), Some(ann.id));
}

#[test]
fn edits_are_creations_or_changes_never_both_for_a_record() {
    let mut workspace = Workspace::default();
    let imported = workspace.import_text("Name,Email,Phone\nAnn,a@b.co,\nAnn,a@b.co,555 0147\nAnn,a@b.co,555 0148\n");

    assert!(matches!(imported.edits.as_slice(), [Edit::Create { .. }]));
    assert!(workspace.named("Ann").get("phones/555 0148").is_some());
}
