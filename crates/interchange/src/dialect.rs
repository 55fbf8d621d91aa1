//! Finds out how a delimited text is written: what stands between cells, and which line is the header.

use crate::presets;

/// Delimiters that are tried.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// The header is looked for in this many lines.
const HEADER_LINES: u32 = 20;

/// How many records are looked at.
const PROBE_RECORDS: usize = 60;

/// How much text is looked at.
const PROBE_BYTES: usize = 1024 * 1024;

/// How a text is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What stands between cells.
    pub(crate) delimiter: u8,
    /// The header's line; 0 is the first.
    pub(crate) header_row: u32,
    /// The header's cells.
    pub(crate) headers: Vec<String>,
    /// Where the first data row starts, in bytes.
    pub(crate) first_row: usize,
}

/// One record of the probed text.
struct Probe {
    line: u32,
    end: usize,
    cells: Vec<String>,
    known: usize,
}

/// A CSV reader over a slice, tolerant of everything.
pub(crate) fn reader(bytes: &[u8], delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).quoting(quoting).flexible(true).has_headers(false).from_reader(bytes)
}

/// Detects delimiter and header; `None` when no line could be a header.
pub(crate) fn detect(text: &str) -> Option<Dialect> {
    let (skipped_bytes, named) = excel_separator_line(text);
    let skipped_lines = u32::from(named.is_some());
    let candidates = named.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let body = &text[skipped_bytes..];
    let scored = candidates.into_iter().filter_map(|delimiter| {
        let probes = probe(body, delimiter);
        let header = header_index(&probes)?;
        Some((score(&probes, header), delimiter, probes, header))
    });
    // The first of equals wins: a file of one column has no delimiter at all.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (_, delimiter, mut probes, header) = best?;
    let probe = probes.swap_remove(header);
    Some(Dialect {
        delimiter,
        header_row: probe.line + skipped_lines,
        headers: probe.cells,
        first_row: skipped_bytes + probe.end,
    })
}

/// Excel reads (and some programs write) a first line `sep=;`.
fn excel_separator_line(text: &str) -> (usize, Option<u8>) {
    let line = text.lines().next().unwrap_or("");
    let name = line.trim().trim_matches('"');
    let named = name.strip_prefix("sep=").and_then(|rest| rest.bytes().next()).filter(|byte| DELIMITERS.contains(byte));
    let length = text.find('\n').map_or(text.len(), |at| at + 1);
    if named.is_some() { (length, named) } else { (0, None) }
}

fn probe(text: &str, delimiter: u8) -> Vec<Probe> {
    let bytes = &text.as_bytes()[..text.len().min(PROBE_BYTES)];
    let mut reader = reader(bytes, delimiter, true);
    let mut record = csv::ByteRecord::new();
    let mut probes = Vec::new();
    let mut lines = LineCounter { bytes, at: 0, line: 0 };
    while probes.len() < PROBE_RECORDS {
        let start = usize::try_from(reader.position().byte()).unwrap_or(bytes.len());
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            break;
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(bytes.len());
        let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        let known = cells.iter().filter(|cell| presets::is_known_header(cell)).count();
        probes.push(Probe { line: lines.line_of(start), end, cells, known });
    }
    probes
}

/// Counts lines up to places that only grow; the CSV reader itself doesn't count the blank ones it skips.
struct LineCounter<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u32,
}

impl LineCounter<'_> {
    fn line_of(&mut self, start: usize) -> u32 {
        let blank = self.bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let upto = start + blank;
        let passed = self.bytes[self.at..upto].iter().filter(|&&byte| byte == b'\n').count();
        self.at = upto;
        self.line = self.line.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.line
    }
}

/// The record with the most known names; without any, the first that is as wide as the table is.
fn header_index(probes: &[Probe]) -> Option<usize> {
    let early = || probes.iter().enumerate().filter(|(_, probe)| probe.line < HEADER_LINES);
    let filled = |probe: &Probe| probe.cells.iter().filter(|cell| !cell.is_empty()).count();
    let known = early().reduce(|best, next| if next.1.known > best.1.known { next } else { best });
    if let Some((index, probe)) = known
        && (probe.known >= 2 || (probe.known == 1 && filled(probe) <= 3))
    {
        return Some(index);
    }
    let width = usual_width(probes);
    let wide = early().find(|(_, probe)| probe.cells.len() == width && filled(probe) * 2 > width);
    wide.or_else(|| early().find(|(_, probe)| filled(probe) > 0)).map(|(index, _)| index)
}

fn usual_width(probes: &[Probe]) -> usize {
    let count = |width: usize| probes.iter().filter(|probe| probe.cells.len() == width).count();
    probes.iter().map(|probe| probe.cells.len()).max_by_key(|&width| (count(width), width)).unwrap_or(1)
}

/// Known headers first, then how evenly the delimiter cuts the rows.
fn score(probes: &[Probe], header: usize) -> (usize, bool, usize, usize) {
    let width = usual_width(probes);
    let even = probes.iter().filter(|probe| probe.cells.len() == width).count();
    (probes[header].known, width > 1, even * 100 / probes.len().max(1), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (char, u32, Vec<String>) {
        let dialect = detect(text).unwrap();
        (char::from(dialect.delimiter), dialect.header_row, dialect.headers)
    }

    #[test]
    fn each_delimiter_is_found() {
        let headers = vec!["Alpha".to_owned(), "Beta".to_owned()];

        assert_eq!(found("Alpha,Beta\n1,2\n"), (',', 0, headers.clone()));
        assert_eq!(found("Alpha;Beta\n1,5;2,5\n"), (';', 0, headers.clone()));
        assert_eq!(found("Alpha\tBeta\n1\t2\n"), ('\t', 0, headers.clone()));
        assert_eq!(found("Alpha|Beta\n1|2\n"), ('|', 0, headers.clone()));
        assert_eq!(found("sep=|\nAlpha|Beta\n1|2\n"), ('|', 1, headers));
    }

    #[test]
    fn a_preamble_is_passed_over() {
        let text = "Notes:\n\"When exporting your connections, some have no e-mail.\"\n\n\
                    First Name,Last Name,URL,Email Address,Company,Position,Connected On\nAnn,Lee,,,,,12 Mar 2024\n";

        assert_eq!(found(text).1, 3);
        assert_eq!(found(text).2[6], "Connected On");
    }

    #[test]
    fn a_title_line_above_unknown_headers_is_passed_over() {
        assert_eq!(found("Report of May\n\nAlpha,Beta,Gamma\n1,2,3\n4,5,6\n").1, 2);
    }

    #[test]
    fn one_column_is_a_table_too() {
        assert_eq!(found("E-mail\na@example.org\nb@example.org\n"), (',', 0, vec!["E-mail".to_owned()]));
    }
}
