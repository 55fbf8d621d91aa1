//! A record on paper: its name, its fields, and what happened.

use super::page::{Face, Pages, Paper};
use super::{Letterhead, letters};

const MARGIN: f32 = 48.0;
/// Width of the column of names.
const NAMES: f32 = 120.0;
const LINE: f32 = 15.0;
const SMALL: f32 = 8.0;
const NORMAL: f32 = 9.0;

/// A record as it is printed; all words as they show on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordSheet {
    /// What people call it.
    pub title: String,
    /// What kind of record it is.
    pub kind: String,
    /// Names and values of its fields.
    pub fields: Vec<(String, String)>,
    /// What happened, newest first.
    pub told: Vec<Told>,
}

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// When.
    pub when: String,
    /// What, in one sentence.
    pub what: String,
    /// More words; may be empty.
    pub more: String,
}

impl RecordSheet {
    /// The record as PDF.
    pub fn pdf(&self, head: &Letterhead<'_>) -> Vec<u8> {
        let mut pages = Pages::new(Paper::of_region(head.region), MARGIN);
        pages.text(&self.kind, (Face::Plain, NORMAL), 0.35);
        pages.down(20.0);
        pages.paragraph(&self.title, (Face::Bold, 18.0), 0.1);
        pages.down(12.0);
        self.fields.iter().for_each(|field| field_line(&mut pages, field));
        if !self.told.is_empty() {
            pages.need(LINE * 4.0);
            pages.down(LINE);
            pages.text("Timeline", (Face::Bold, 11.0), 0.1);
            pages.down(LINE + 3.0);
        }
        self.told.iter().for_each(|told| told_lines(&mut pages, told));
        pages.finish(&self.title, &head.foot())
    }
}

fn field_line(pages: &mut Pages, (name, value): &(String, String)) {
    let lines: Vec<String> =
        value.lines().flat_map(|line| letters::wrapped(line, NORMAL, pages.width() - NAMES)).collect();
    pages.need(LINE);
    pages.text(&letters::cut(name, NORMAL, NAMES - 8.0), (Face::Plain, NORMAL), 0.35);
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            pages.need(LINE);
        }
        pages.at(NAMES, 0.0, line, (Face::Plain, NORMAL), 0.1);
        pages.down(LINE);
    }
    if lines.is_empty() {
        pages.down(LINE);
    }
}

fn told_lines(pages: &mut Pages, told: &Told) {
    pages.need(LINE * 2.0);
    pages.text(&told.when, (Face::Plain, SMALL), 0.45);
    pages.down(11.0);
    pages.paragraph(&told.what, (Face::Bold, NORMAL), 0.1);
    pages.paragraph(&told.more, (Face::Plain, NORMAL), 0.2);
    pages.down(7.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Letterhead<'static> {
        let today = "2026-03-02".parse().expect("is a day");
        Letterhead { workspace: "Acme", currency: "EUR", region: "DE", today }
    }

    /// The pages of a file, counted as a reader finds them.
    fn page_count(pdf: &[u8]) -> usize {
        pdf.windows(12).filter(|window| window == b"/Type /Page\n" || window == b"/Type/Page\n/").count()
    }

    #[test]
    fn a_record_stands_on_one_page_and_a_long_past_on_several() {
        let told = |count: usize| {
            let one = Told { when: "2 Mar".into(), what: "Ada called".into(), more: "She takes it.\n".repeat(3) };
            vec![one; count]
        };
        let sheet = |count| RecordSheet {
            title: "Website".into(),
            kind: "Lead".into(),
            fields: vec![("Value".into(), "€12.00".into()), ("Notes".into(), "one\ntwo".into())],
            told: told(count),
        };

        let (short, long) = (sheet(1).pdf(&head()), sheet(60).pdf(&head()));

        assert!(short.starts_with(b"%PDF-") && long.starts_with(b"%PDF-"));
        assert_eq!(page_count(&short), 1);
        assert!(page_count(&long) > 3, "{}", page_count(&long));
        assert!(short.windows(7).any(|window| window == b"Website"));
    }
}
