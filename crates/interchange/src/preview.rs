//! A file as the mapping screen shows it.

use model::Settings;
use model::import::{ImportOptions, ImportPreview, PreviewColumn};

use crate::cells::clean;
use crate::csv_file::Table;
use crate::mapping::{MapColumnsError, Mapping};

/// How many values of a column are shown.
const SAMPLES: usize = 3;

/// How many rows are looked through for them.
const SAMPLE_ROWS: usize = 2_000;

/// Longest sample, in characters.
const SAMPLE_CHARS: usize = 200;

/// Describes a file: how it was read, its columns with samples, and where each would go.
///
/// # Errors
/// When the options name what does not exist.
pub fn preview(table: &Table, options: &ImportOptions, settings: &Settings) -> Result<ImportPreview, MapColumnsError> {
    let mapping = Mapping::new(table, options, settings)?;
    let samples = samples(table);
    let columns = table.headers().iter().zip(mapping.targets()).zip(samples);
    Ok(ImportPreview {
        preset: mapping.preset().map_or("", |preset| preset.name).to_owned(),
        encoding: table.encoding().to_owned(),
        delimiter: table.delimiter(),
        header_row: table.header_row(),
        row_count: table.row_count(),
        columns: columns
            .map(|((name, target), samples)| PreviewColumn { name: name.clone(), samples, target: target.clone() })
            .collect(),
    })
}

fn samples(table: &Table) -> Vec<Vec<String>> {
    let mut samples = vec![Vec::new(); table.headers().len()];
    let mut rows = table.rows();
    for _ in 0..SAMPLE_ROWS {
        let Some(row) = rows.advance() else { break };
        for (column, cell) in samples.iter_mut().zip(&row.cells) {
            let cell: String = clean(cell).chars().take(SAMPLE_CHARS).collect();
            if column.len() < SAMPLES && !cell.is_empty() && !column.contains(&cell) {
                column.push(cell);
            }
        }
    }
    samples
}
