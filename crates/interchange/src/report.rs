//! What an import did or would do, gathered while it walks.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use model::import::{ImportCounts, ImportReport, RowError, RowFate, RowOutcome};
use model::{Kind, RecordId};

use crate::export::guarded_line;

/// Rows whose outcome is shown.
pub(crate) const ROWS_SHOWN: u64 = 50;

/// Most reasons that are listed; the CSV has them all.
const ERRORS_LISTED: usize = 1_000;

/// What stands before a reason that did not keep the row from being imported.
const WARNING: &str = "warning: ";

/// Gathers a report.
#[derive(Debug, Clone)]
pub(crate) struct ReportBuilder {
    counts: BTreeMap<Kind, ImportCounts>,
    rows: Vec<RowOutcome>,
    errors: Vec<RowError>,
    errors_csv: String,
    columns: usize,
    linked: BTreeSet<RecordId>,
}

impl ReportBuilder {
    /// Starts a report about a file with these columns.
    pub(crate) fn new(headers: &[String]) -> Self {
        let mut builder = Self {
            counts: BTreeMap::new(),
            rows: Vec::new(),
            errors: Vec::new(),
            errors_csv: String::new(),
            columns: headers.len(),
            linked: BTreeSet::new(),
        };
        let cells: Vec<String> = headers.iter().cloned().chain(["reason".to_owned()]).collect();
        builder.errors_csv.push_str(&guarded_line(&cells));
        builder
    }

    /// Notes what happens to one record.
    pub(crate) fn outcome(&mut self, id: RecordId, only_linked: bool, outcome: RowOutcome) {
        let counts = self.counts.entry(outcome.kind).or_default();
        let first = self.linked.insert(id);
        match outcome.what {
            RowFate::Create => counts.created += 1,
            RowFate::Update => counts.updated += 1,
            // An account that many rows only name is one record, not many.
            RowFate::Skip if first || !only_linked => counts.skipped += 1,
            RowFate::Skip => {}
            RowFate::Error => counts.errors += 1,
        }
        if outcome.row <= ROWS_SHOWN {
            self.rows.push(outcome);
        }
    }

    /// Notes a row that can't be used.
    pub(crate) fn error(&mut self, row: u64, kind: Kind, cells: &StringRecord, reason: &str) {
        self.counts.entry(kind).or_default().errors += 1;
        self.list(row, cells, reason.to_owned());
        if row <= ROWS_SHOWN {
            let changes = vec![("reason".to_owned(), String::new(), reason.to_owned())];
            self.rows.push(RowOutcome { row, kind, name: String::new(), what: RowFate::Error, changes });
        }
    }

    /// Notes what did not fit in a row that is imported all the same.
    pub(crate) fn warning(&mut self, row: u64, cells: &StringRecord, reasons: &[String]) {
        if !reasons.is_empty() {
            self.list(row, cells, format!("{WARNING}{}", reasons.join("; ")));
        }
    }

    fn list(&mut self, row: u64, cells: &StringRecord, reason: String) {
        let padding = std::iter::repeat_n("", self.columns.saturating_sub(cells.len()));
        let line: Vec<String> = cells.iter().chain(padding).chain([reason.as_str()]).map(str::to_owned).collect();
        self.errors_csv.push_str(&guarded_line(&line));
        if self.errors.len() < ERRORS_LISTED {
            self.errors.push(RowError { row, reason });
        }
    }

    /// The report so far.
    pub(crate) fn report(&self) -> ImportReport {
        let clean = self.errors.is_empty();
        ImportReport {
            counts: self.counts.clone(),
            rows: self.rows.clone(),
            errors: self.errors.clone(),
            errors_csv: if clean { String::new() } else { self.errors_csv.clone() },
        }
    }
}
