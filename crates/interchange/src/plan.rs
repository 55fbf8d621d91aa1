//! Walks a file's rows and plans the edits they come to, in chunks. A dry run is the same walk with the edits thrown
//! away.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::import::{ImportOptions, ImportReport};
use model::policy::{Actor, Denied};
use model::value::{FieldChanges, Fields};
use model::{Date, Edit, IdSource, Record, RecordId, RecordRef, Settings, Timestamp, Value};

use crate::csv_file::{Row, RowCursor, Table};
use crate::draft::{RowReader, owners_by_name};
use crate::mapping::{MapColumnsError, Mapping};
use crate::matching::Index;
use crate::report::ReportBuilder;
use crate::row_plan::{RowPlanner, Staged};

/// What an import meets in the workspace.
#[derive(Debug, Clone)]
pub struct PlanContext {
    /// The workspace's settings.
    pub settings: Settings,
    /// The user directory, for columns that name owners.
    pub users: Vec<Record>,
    /// Who imports.
    pub actor: Actor,
    /// The moment of the import.
    pub now: Timestamp,
}

/// Why an import can't be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanImportError {
    /// The columns don't fit the options.
    #[error(transparent)]
    Columns(#[from] MapColumnsError),
    /// The person may not create records.
    #[error(transparent)]
    Denied(#[from] Denied),
}

/// A part of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// What it does, in order; each record at most once.
    pub edits: Vec<Edit>,
    /// How many rows are done, this part included.
    pub done_rows: u64,
}

/// What stays the same during the walk.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) table: Arc<Table>,
    pub(crate) options: ImportOptions,
    pub(crate) context: PlanContext,
    pub(crate) mapping: Mapping,
    pub(crate) owners: BTreeMap<String, Value>,
    pub(crate) today: Date,
}

/// Plans an import chunk by chunk.
#[derive(Debug)]
pub struct Planner {
    setup: Arc<Setup>,
    index: Index,
    cursor: RowCursor,
    leads_placed: u64,
    owners_missed: Vec<String>,
    report: ReportBuilder,
    began: bool,
}

/// A chunk being put together: the edit of each record in it.
#[derive(Debug, Default)]
struct Batch {
    edits: Vec<Edit>,
    by_record: BTreeMap<RecordId, usize>,
}

impl Planner {
    /// Prepares to plan; `index` holds the workspace's accounts, contacts, leads and activities.
    ///
    /// # Errors
    /// When the options don't fit the file, or the person may not create records.
    pub fn new(
        table: Arc<Table>,
        options: ImportOptions,
        context: PlanContext,
        index: Index,
    ) -> Result<Self, PlanImportError> {
        let mapping = Mapping::new(&table, &options, &context.settings)?;
        mapping.check()?;
        context.actor.may_create(mapping.main())?;
        let report = ReportBuilder::new(table.headers());
        let cursor = table.start();
        let owners = owners_by_name(&context.users);
        let today = context.now.date_in(&context.settings.zone());
        let setup = Arc::new(Setup { table, options, context, mapping, owners, today });
        Ok(Self { setup, index, cursor, leads_placed: 0, owners_missed: Vec::new(), report, began: false })
    }

    /// How many rows the file has.
    pub fn total_rows(&self) -> u64 {
        self.setup.table.row_count()
    }

    /// Plans the next rows, at most so many; `None` when all are done.
    pub fn next_chunk(&mut self, rows: u64, ids: &mut impl IdSource) -> Option<Chunk> {
        let setup = Arc::clone(&self.setup);
        let reader =
            RowReader::new(&setup.mapping, &setup.options, &setup.context.settings, &setup.owners, setup.context.now);
        let mut source = setup.table.rows_from(self.cursor);
        let mut batch = Batch::default();
        if !std::mem::replace(&mut self.began, true) {
            batch.edits.extend(crate::define::definitions(&setup));
        }
        let mut done = 0;
        while done < rows.max(1) {
            let Some(row) = source.advance() else { break };
            self.plan_row(&setup, &reader, row, &mut batch, ids);
            done += 1;
        }
        self.cursor = source.cursor();
        (done > 0).then(|| Chunk { edits: batch.edits, done_rows: self.cursor.rows() })
    }

    /// What was planned so far.
    pub fn report(&self) -> ImportReport {
        self.report.report()
    }

    fn plan_row(
        &mut self,
        setup: &Setup,
        reader: &RowReader<'_>,
        row: &Row,
        batch: &mut Batch,
        ids: &mut impl IdSource,
    ) {
        let main = setup.mapping.main();
        if let Some(fault) = &row.fault {
            return self.report.error(row.number, main, &row.cells, &fault.to_string());
        }
        let mut planner = RowPlanner::new(setup, reader, &self.index, self.leads_placed);
        let staged = match planner.plan(row, ids) {
            Ok(staged) => staged,
            Err(reason) => return self.report.error(row.number, main, &row.cells, &reason),
        };
        self.leads_placed = planner.leads_placed();
        let (mut warnings, missed) = planner.into_warnings();
        for owner in missed {
            if !self.owners_missed.contains(&owner) && self.owners_missed.len() < OWNERS_LISTED {
                warnings.push(format!("nobody here is called {owner}; records without owner become yours"));
                self.owners_missed.push(owner);
            }
        }
        self.report.warning(row.number, &row.cells, &warnings);
        for record in staged {
            self.commit(record, batch);
        }
    }

    fn commit(&mut self, staged: Staged, batch: &mut Batch) {
        let Staged { record, created, changes, other_ref, only_linked, outcome } = staged;
        self.report.outcome(record.id, only_linked, outcome);
        if let Some(fields) = created {
            self.index.add(Record { kind: record.kind, id: record.id, fields: fields.clone() });
            batch.create(record, fields);
        } else if !changes.is_empty() {
            self.index.update(record.id, &changes);
            batch.set(record, changes);
        }
        if let Some(import_ref) = other_ref {
            self.index.add_ref(record.kind, &import_ref, record.id);
        }
    }
}

/// Most names of unknown owners that are remembered.
const OWNERS_LISTED: usize = 200;

impl Batch {
    fn create(&mut self, record: RecordRef, fields: Fields) {
        self.by_record.insert(record.id, self.edits.len());
        self.edits.push(Edit::Create { record, fields });
    }

    /// A record that the same chunk has an edit of already gets no second one.
    fn set(&mut self, record: RecordRef, changes: FieldChanges) {
        let edit = self.by_record.get(&record.id).and_then(|index| self.edits.get_mut(*index));
        match edit {
            Some(Edit::Create { fields, .. }) => {
                for (key, value) in changes {
                    match value {
                        Some(value) => fields.insert(key, value),
                        None => fields.remove(&key),
                    };
                }
            }
            Some(Edit::Set { fields, .. }) => fields.extend(changes),
            _ => {
                self.by_record.insert(record.id, self.edits.len());
                self.edits.push(Edit::Set { record, base_heads: Vec::new(), fields: changes });
            }
        }
    }
}
