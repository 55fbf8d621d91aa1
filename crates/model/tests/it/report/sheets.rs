//! Reports as they are read: words, CSV, figures with their lists.

use expect_test::expect;
use model::paper::Letterhead;
use model::report::sheet::Amount;
use model::report::{Figure, Name, Question, Ratio};

use super::*;

const NOW: &str = "2026-03-20T12:00:00Z";

#[test]
fn amounts_show_n_and_a_dash_for_nothing() {
    let text = |amount: Amount| amount.text("USD");

    assert_eq!(text(Amount::Share(Ratio { part: 15, whole: 37 })), "40.5 % of 37");
    assert_eq!(text(Amount::Share(Ratio { part: 0, whole: 0 })), "–");
    assert_eq!(text(Amount::MoneyShare(Ratio { part: 1, whole: 2 })), "50 % of $0");
    assert_eq!(text(Amount::Days(Some(125))), "12.5 d");
    assert_eq!(text(Amount::Days(None)), "–");
    assert_eq!(text(Amount::Cents(1_250_000)), "$12,500.00");
    assert_eq!(text(Amount::Count(12_345)), "12,345");
}

#[test]
fn a_report_as_csv_is_guarded_against_formulas() {
    let leads = [
        lead(1).worth(30_050).from("=HYPERLINK(\"x\")").won("2026-03-12T12:00:00Z", "2026-03-12"),
        lead(2).from("A, B"),
    ];
    let (report, _) = answer(&ask(Name::Sources, "this_month"), &facts(BERLIN, NOW, &leads.each_ref()));

    let csv = report.sheet().csv(false);

    expect![[r#"
        Top sources,This month · 1 Mar – 31 Mar
        Leads created,2
        Won,300.50
        Won of decided,100%
        Won of all,50%

        By source
        Source,Leads,Open,Won,Lost,Won of decided,Won of all,Won value,Mean cycle
        "'=HYPERLINK(""x"")",1,0,1,0,100%,100%,300.50,10
        "A, B",1,1,0,0,,0%,0.00,
        Total,2,1,1,0,100%,50%,300.50,10

        "Leads that were created in the period, with what became of them until now. Sources are compared without case, accents and outer blanks. The cycle is that of won leads"
        "Days are those of the workspace's time zone; another zone sorts what lies near midnight into other days. Leads in the trash, in the archive and merged ones are left out"
    "#]]
    .assert_eq(&csv.replace("\r\n", "\n"));
    assert!(csv.split_inclusive("\r\n").all(|line| line.ends_with("\r\n")));
    assert!(report.sheet().csv(true).starts_with('\u{feff}'));
}

/// What stands on the pages of a PDF: the texts of its content, which is not compressed.
fn printed(pdf: &[u8]) -> String {
    let text: String = pdf.iter().map(|byte| char::from(*byte)).collect();
    text.split(" Tj")
        .filter_map(|part| part.rsplit_once('('))
        .map(|(_, words)| words.trim_end_matches(')'))
        .collect::<Vec<_>>()
        .join("|")
}

#[test]
fn a_report_is_printed_with_its_figures_and_turns_the_page() {
    let leads: Vec<Lead> = (0..90).map(|number| lead(number).from(&format!("Source {number}"))).collect();
    let leads: Vec<&Lead> = leads.iter().collect();
    let (report, _) = answer(&ask(Name::Sources, "this_month"), &facts(BERLIN, NOW, &leads));
    let head = Letterhead { workspace: "Acme", currency: "EUR", region: "DE", today: day("2026-03-20") };

    let pdf = report.sheet().pdf(&head);

    let words = printed(&pdf);
    for expected in ["Top sources", "Leads created|90", "Source 0|", "Source 89|", "1 / 3", "3 / 3"] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    // The foot has letters beyond ASCII, so it stands there in hexadecimal: "Acme".
    assert!(pdf.windows(8).any(|part| part == b"41636D65"));
    assert!(pdf.starts_with(b"%PDF-1.7"));
}

#[test]
fn an_empty_report_says_on_paper_what_is_missing() {
    let (report, _) = answer(&ask(Name::Won, "this_month"), &facts(BERLIN, NOW, &[]));
    let head = Letterhead { workspace: "", currency: "USD", region: "US", today: day("2026-03-20") };
    assert!(printed(&report.sheet().pdf(&head)).contains("No lead closed in this period"));
}

#[test]
fn a_figure_names_the_days_it_counts_so_that_it_means_the_same_tomorrow() {
    let one = lead(1).worth(5).won("2026-03-12T12:00:00Z", "2026-03-12");
    let question = Question { owner: Some(ANA), ..ask(Name::Won, "this_month") };
    let (report, _) = answer(&question, &facts(BERLIN, NOW, &[&one]));
    let sheet = report.sheet();

    let figure: Figure = sheet.figure(&sheet.tiles[0].cell).expect("a win is counted");

    let id = ANA.record();
    assert_eq!(figure.to_string(), format!("won;won;period=2026-03-01..2026-03-31;owner_id={id}"));
    let (_, members) = answer(&figure.question, &facts(BERLIN, "2026-06-20T12:00:00Z", &[&one]));
    assert_eq!(members.behind(&figure.cell), [one.id()]);
}

#[test]
fn a_figure_of_a_past_pipeline_names_its_day_and_one_of_today_none() {
    let one = lead(1).worth(5);
    let figure = |as_of: Option<&str>| {
        let question = Question { as_of: as_of.map(day), ..Question::of(Name::Pipeline) };
        let sheet = answer(&question, &facts(BERLIN, NOW, &[&one])).0.sheet();
        sheet.figure(&sheet.tiles[0].cell).map(|figure| figure.to_string())
    };
    assert_eq!(figure(Some("2026-03-10")).as_deref(), Some("pipeline;open;as_of=2026-03-10"));
    assert_eq!(figure(None).as_deref(), Some("pipeline;open"));
}

#[test]
fn histories_that_are_still_read_are_said() {
    let mut facts = facts(BERLIN, NOW, &[]);
    facts.unread_histories = 12;
    let notes = answer(&Question::of(Name::Forecast), &facts).0.sheet().notes;
    assert!(notes.last().is_some_and(|note| note.starts_with("The history of 12 leads has not been read")));
}
