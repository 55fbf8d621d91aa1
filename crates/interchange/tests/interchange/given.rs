//! What the tests share: a workspace in memory that executes edits, and an import from bytes into it.

use std::collections::BTreeMap;
use std::sync::Arc;

use interchange::{Index, PlanContext, Planner, Table};
use model::build::{ME, SeededIds, now};
use model::import::{ImportOptions, ImportReport};
use model::policy::Actor;
use model::schema::check_record;
use model::value::Fields;
use model::{Edit, Kind, Record, RecordId, Role, Settings, Value};

/// A workspace: its records, and people to own them.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) records: BTreeMap<RecordId, Record>,
    imports: u64,
}

/// The colleague that fixtures name.
pub(crate) fn dana() -> Record {
    let fields = [("name", "Dana Whitfield"), ("email", "dana@trailtrack.example"), ("role", "user")];
    let fields = fields.map(|(key, value)| (key.to_owned(), Value::from(value)));
    Record { kind: Kind::User, id: RecordId::from_bytes(*b"trailtrack--dana"), fields: Fields::from(fields) }
}

pub(crate) fn context() -> PlanContext {
    let actor = Actor { user: ME, role: Role::User, only_owners_edit: false };
    PlanContext { settings: Settings::default(), users: vec![dana()], actor, now: now() }
}

/// An import's edits and report.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) edits: Vec<Edit>,
    pub(crate) report: ImportReport,
}

impl Workspace {
    pub(crate) fn import(&mut self, bytes: &[u8], options: &ImportOptions) -> Imported {
        self.import_as(bytes, options, context(), 7)
    }

    pub(crate) fn import_text(&mut self, text: &str) -> Imported {
        self.import(text.as_bytes(), &ImportOptions::default())
    }

    /// Imports in chunks of so many rows and executes the edits, checking each as the program does.
    pub(crate) fn import_as(
        &mut self,
        bytes: &[u8],
        options: &ImportOptions,
        context: PlanContext,
        rows: u64,
    ) -> Imported {
        let table = Arc::new(Table::read(bytes.to_vec()).expect("a readable table"));
        let index = Index::new("US", self.records.values().cloned());
        let mut planner = Planner::new(table, options.clone(), context, index).expect("options that fit");
        self.imports += 1;
        let mut ids = SeededIds::new(self.imports);
        let mut edits = Vec::new();
        while let Some(chunk) = planner.next_chunk(rows, &mut ids) {
            for edit in &chunk.edits {
                self.execute(edit);
            }
            edits.extend(chunk.edits);
        }
        Imported { edits, report: planner.report() }
    }

    fn execute(&mut self, edit: &Edit) {
        match edit {
            // The settings are the context's.
            Edit::Set { record, .. } if record.kind == Kind::Settings => {}
            Edit::Create { record, fields } => {
                let new = Record { kind: record.kind, id: record.id, fields: fields.clone() };
                assert_eq!(check_record(new.kind, &new.fields), vec![], "{new:?}");
                assert!(self.records.insert(record.id, new).is_none(), "created twice");
            }
            Edit::Set { record, fields, .. } => {
                let known = self.records.get_mut(&record.id).expect("an existing record");
                for (key, value) in fields {
                    match value {
                        Some(value) => known.fields.insert(key.clone(), value.clone()),
                        None => known.fields.remove(key),
                    };
                }
                assert_eq!(check_record(known.kind, &known.fields), vec![], "{known:?}");
            }
            Edit::Settle { .. } => panic!("an import settles nothing"),
        }
    }

    pub(crate) fn of(&self, kind: Kind) -> Vec<&Record> {
        self.records.values().filter(|record| record.kind == kind).collect()
    }

    pub(crate) fn named(&self, name: &str) -> &Record {
        let mut found = self.records.values().filter(|record| record.display_name() == name);
        found.next().unwrap_or_else(|| panic!("no record called {name}"))
    }
}
