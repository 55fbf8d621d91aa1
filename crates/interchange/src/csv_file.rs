//! A delimited text file as a table: its header and its rows, read lazily from the decoded text.
//!
//! Reading forgives what real exports contain (mixed line ends, short rows, stray quotes); what can't be trusted
//! becomes a row with a named fault, never a failure of the whole file.

use csv::StringRecord;

use crate::decode::{DecodeTextError, decode};
use crate::dialect;

/// Largest file, in bytes.
pub const FILE_MAX_BYTES: usize = 256 * 1024 * 1024;
/// Largest cell, in bytes.
pub const CELL_MAX_BYTES: usize = 1024 * 1024;
/// Most columns.
pub const COLUMNS_MAX: usize = 500;
/// Most data rows.
pub const ROWS_MAX: u64 = 1_000_000;

/// How often reading starts over behind a quote that is never closed; after that quotes mean nothing any more.
const QUOTE_RECOVERIES_MAX: u32 = 100;

/// Stands alone in a last line that every text gets. Decoding removes NUL, so finding it inside another row's
/// last cell proves that a quote was opened there and never closed.
const SENTINEL: &str = "\0";

/// Why a file can't be read as a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadTableError {
    /// Larger than [`FILE_MAX_BYTES`].
    #[error("the file is larger than {} MiB", FILE_MAX_BYTES >> 20)]
    FileTooLarge,
    /// No text.
    #[error(transparent)]
    Decode(#[from] DecodeTextError),
    /// No line that could be a header.
    #[error("the file has no header row")]
    NoHeader,
    /// More than [`COLUMNS_MAX`] columns.
    #[error("the file has {columns} columns; at most {COLUMNS_MAX} can be imported")]
    TooManyColumns {
        /// How many it has.
        columns: usize,
    },
    /// More than [`ROWS_MAX`] rows.
    #[error("the file has more than {ROWS_MAX} rows; split it")]
    TooManyRows,
}

/// Why a row can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// A quote opened in it is never closed.
    #[error("a quotation mark is opened in this row and never closed")]
    UnclosedQuote,
    /// A cell is larger than [`CELL_MAX_BYTES`].
    #[error("a cell is larger than {} MiB", CELL_MAX_BYTES >> 20)]
    CellTooLarge,
    /// More cells than the header has columns.
    #[error("the row has {cells} cells, the header {columns}")]
    TooManyCells {
        /// Cells of the row.
        cells: usize,
        /// Columns of the header.
        columns: usize,
    },
}

/// A delimited file: how it was read, its header, and its rows on demand.
#[derive(Debug, Clone)]
pub struct Table {
    encoding: &'static str,
    delimiter: char,
    header_row: u32,
    headers: Vec<String>,
    row_count: u64,
    text: String,
    first_row: usize,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Its number; 1 is the first data row.
    pub number: u64,
    /// Its cells; there may be fewer than headers.
    pub cells: StringRecord,
    /// Why it can't be trusted.
    pub fault: Option<RowFault>,
}

/// Where reading stands, so that it can go on later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowCursor {
    byte: usize,
    rows: u64,
    recoveries: u32,
}

impl RowCursor {
    /// How many rows were read up to here.
    pub const fn rows(self) -> u64 {
        self.rows
    }
}

/// Reads a table's rows one after the other into one buffer.
pub struct Rows<'t> {
    table: &'t Table,
    reader: csv::Reader<&'t [u8]>,
    base: usize,
    cursor: RowCursor,
    row: Row,
}

impl Table {
    /// Reads a file: finds its encoding, delimiter and header and counts its rows.
    ///
    /// # Errors
    /// When it is no text, has no header, or is larger than the limits.
    pub fn read(bytes: Vec<u8>) -> Result<Self, ReadTableError> {
        if bytes.len() > FILE_MAX_BYTES {
            return Err(ReadTableError::FileTooLarge);
        }
        let decoded = decode(bytes)?;
        let found = dialect::detect(&decoded.text).ok_or(ReadTableError::NoHeader)?;
        if found.headers.len() > COLUMNS_MAX {
            return Err(ReadTableError::TooManyColumns { columns: found.headers.len() });
        }
        let mut text = decoded.text;
        text.push('\n');
        text.push_str(SENTINEL);
        let mut table = Self {
            encoding: decoded.encoding,
            delimiter: char::from(found.delimiter),
            header_row: found.header_row,
            headers: unique_headers(&found.headers),
            row_count: 0,
            text,
            first_row: found.first_row,
        };
        table.row_count = table.count_rows()?;
        Ok(table)
    }

    /// The encoding's WHATWG name.
    pub const fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// What stands between cells.
    pub const fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The header's line in the file; 0 is the first.
    pub const fn header_row(&self) -> u32 {
        self.header_row
    }

    /// The columns' names: trimmed, none empty, none twice.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// How many data rows there are; blank ones don't count.
    pub const fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Reads from the first data row.
    pub fn rows(&self) -> Rows<'_> {
        self.rows_from(self.start())
    }

    /// The place before the first data row.
    pub const fn start(&self) -> RowCursor {
        RowCursor { byte: self.first_row, rows: 0, recoveries: 0 }
    }

    /// Goes on reading where a cursor of this table stands.
    pub fn rows_from(&self, cursor: RowCursor) -> Rows<'_> {
        let byte = cursor.byte.min(self.text.len());
        let reader = self.reader(byte, cursor.recoveries < QUOTE_RECOVERIES_MAX);
        Rows { table: self, reader, base: byte, cursor, row: Row::default() }
    }

    fn reader(&self, byte: usize, quoting: bool) -> csv::Reader<&[u8]> {
        dialect::reader(&self.text.as_bytes()[byte..], self.delimiter as u8, quoting)
    }

    fn count_rows(&self) -> Result<u64, ReadTableError> {
        let mut rows = self.rows();
        while rows.advance().is_some() {
            if rows.cursor.rows > ROWS_MAX {
                return Err(ReadTableError::TooManyRows);
            }
        }
        Ok(rows.cursor.rows)
    }
}

impl Rows<'_> {
    /// Reads the next row that is not blank; `None` at the end.
    pub fn advance(&mut self) -> Option<&Row> {
        loop {
            let start = self.cursor.byte;
            let read = self.reader.read_record(&mut self.row.cells).unwrap_or(false);
            if !read || self.row.cells.as_slice() == SENTINEL {
                return None;
            }
            self.cursor.byte = self.base + usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
            let unclosed = self.row.cells.as_slice().ends_with(SENTINEL);
            if unclosed {
                self.recover(start);
            }
            if self.row.cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            self.row.fault = if unclosed { Some(RowFault::UnclosedQuote) } else { self.fault() };
            self.cursor.rows += 1;
            self.row.number = self.cursor.rows;
            return Some(&self.row);
        }
    }

    /// Where reading stands.
    pub const fn cursor(&self) -> RowCursor {
        self.cursor
    }

    fn fault(&self) -> Option<RowFault> {
        let (cells, columns) = (self.row.cells.len(), self.table.headers.len());
        if self.row.cells.iter().any(|cell| cell.len() > CELL_MAX_BYTES) {
            return Some(RowFault::CellTooLarge);
        }
        let surplus = self.row.cells.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        surplus.then_some(RowFault::TooManyCells { cells, columns })
    }

    /// Gives up on the row that starts at `start`, and goes on at the next line that has as many cells as the
    /// header: the lines before it may be the rest of the broken cell.
    fn recover(&mut self, start: usize) {
        let text = &self.table.text[start..];
        let body = text.trim_start_matches(['\r', '\n']);
        let mut next = self.table.text.len() - body.len();
        let mut first = true;
        for line in body.split_inclusive('\n') {
            if first {
                self.row.cells = self.plain_cells(line);
            } else if line == SENTINEL || self.plain_cells(line).len() == self.table.headers.len() {
                break;
            }
            first = false;
            next += line.len();
        }
        self.cursor.byte = next;
        self.cursor.recoveries += 1;
        self.reader = self.table.reader(next, self.cursor.recoveries < QUOTE_RECOVERIES_MAX);
        self.base = next;
    }

    fn plain_cells(&self, line: &str) -> StringRecord {
        let line = line.trim_end_matches(['\r', '\n']);
        line.split(self.table.delimiter).map(|cell| cell.trim_matches('"')).collect::<Vec<_>>().into()
    }
}

/// Names every column, so that a mapping by name is possible.
fn unique_headers(headers: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(headers.len());
    for (index, header) in headers.iter().enumerate() {
        let header = header.trim();
        let base = if header.is_empty() { format!("Column {}", index + 1) } else { header.to_owned() };
        let mut name = base.clone();
        let mut copy = 2;
        while names.contains(&name) {
            name = format!("{base} ({copy})");
            copy += 1;
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Table {
        Table::read(text.as_bytes().to_vec()).unwrap()
    }

    fn rows(table: &Table) -> Vec<(u64, String, Option<String>)> {
        let mut rows = table.rows();
        let mut out = Vec::new();
        while let Some(row) = rows.advance() {
            let cells: Vec<&str> = row.cells.iter().collect();
            out.push((row.number, cells.join("|"), row.fault.as_ref().map(RowFault::to_string)));
        }
        out
    }

    fn good(number: u64, cells: &str) -> (u64, String, Option<String>) {
        (number, cells.into(), None)
    }

    #[test]
    fn line_ends_may_be_mixed_and_blank_rows_do_not_count() {
        let table = read("Name,City\r\nAnn,Rome\n\n ,\nBob,Oslo\rCy,\"Bad\r\nEms\"\r\n");

        assert_eq!(rows(&table), [good(1, "Ann|Rome"), good(2, "Bob|Oslo"), good(3, "Cy|Bad\r\nEms")]);
        assert_eq!(table.row_count(), 3);
    }

    #[test]
    fn short_rows_are_fine_and_long_ones_have_a_fault() {
        let table = read("Name,City\nAnn\nBob,Oslo,,\nCy,Bern,CH\n");

        let long = Some("the row has 3 cells, the header 2".to_owned());
        assert_eq!(rows(&table), [good(1, "Ann"), good(2, "Bob|Oslo||"), (3, "Cy|Bern|CH".into(), long)]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_row() {
        let table = read("Name,City\nAnn,Rome\nBob,\"Oslo\nCy,Bern\nDi,Graz\n");

        let fault = Some("a quotation mark is opened in this row and never closed".to_owned());
        assert_eq!(
            rows(&table),
            [good(1, "Ann|Rome"), (2, "Bob|Oslo".into(), fault), good(3, "Cy|Bern"), good(4, "Di|Graz")]
        );
    }

    #[test]
    fn a_file_cut_off_inside_a_cell_makes_no_rows_of_the_rest() {
        let table = read("Name,City,Note\nAnn,Rome,fine\nBob,Oslo,\"first line\nsecond line\nthi");

        assert_eq!(rows(&table).len(), 2);
        assert!(rows(&table)[1].2.is_some());
    }

    #[test]
    fn a_huge_cell_is_a_fault_of_its_row() {
        let table = read(&format!("Name,Note\nAnn,{}\nBob,fine\n", "x".repeat(CELL_MAX_BYTES + 1)));

        assert_eq!(rows(&table)[0].2.as_deref(), Some("a cell is larger than 1 MiB"));
        assert_eq!(rows(&table)[1], good(2, "Bob|fine"));
    }

    #[test]
    fn equal_and_empty_headers_get_names_of_their_own() {
        assert_eq!(read("Email,,Email\na@b.co,x,c@d.co\n").headers(), ["Email", "Column 2", "Email (2)"]);
    }

    #[test]
    fn too_many_columns_are_refused() {
        let header = vec!["x"; 501].join(",");

        assert_eq!(Table::read(header.into_bytes()).unwrap_err(), ReadTableError::TooManyColumns { columns: 501 });
    }

    #[test]
    fn reading_goes_on_at_a_cursor() {
        let table = read("Name,City\nAnn,Rome\nBob,\"Os\nlo\"\nCy,Bern\n");
        let mut rows = table.rows();
        rows.advance();
        let mut rest = table.rows_from(rows.cursor());

        assert_eq!(rest.advance().map(|row| (row.number, row.cells[1].to_owned())), Some((2, "Os\nlo".into())));
        assert_eq!(rest.advance().map(|row| (row.number, row.cells[0].to_owned())), Some((3, "Cy".into())));
        assert_eq!(rest.advance(), None);
    }

    #[test]
    fn only_a_header_is_a_table_without_rows() {
        assert_eq!(read("First Name,Last Name\n").row_count(), 0);
    }
}
