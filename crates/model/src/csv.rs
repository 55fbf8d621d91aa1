//! Cells and lines of CSV (RFC 4180) that spreadsheets can't take for formulas.

use std::fmt::Write;

/// What a spreadsheet begins a formula with.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a spreadsheet would take the cell for a formula.
pub fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA_STARTS)
}

/// A cell that a spreadsheet would take for a formula gets a `'` in front.
pub fn guarded(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// A line of cells that no spreadsheet takes for formulas.
pub fn guarded_line(cells: &[String]) -> String {
    line(&cells.iter().map(|cell| guarded(cell)).collect::<Vec<_>>())
}

/// Money as a decimal number.
pub fn amount(cents: i64) -> String {
    let minus = if cents < 0 { "-" } else { "" };
    format!("{minus}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// A line of RFC 4180.
pub fn line(cells: &[String]) -> String {
    let mut line = String::new();
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        let quoted = cell.contains(['"', ',', '\r', '\n', ';', '\t', '|']) || cell.trim() != cell;
        if quoted {
            // Writing to a string cannot fail.
            let _ = write!(line, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            line.push_str(cell);
        }
    }
    line.push_str("\r\n");
    line
}
