//! Importing files: read, preview, dry run, commit in chunks that people can watch and stop, undo.

use std::collections::BTreeMap;
use std::sync::Arc;

use interchange::{Index, PlanContext, PlanImportError, Planner, Table, presets, target};
use model::action::Label;
use model::app::{RequestId, Trouble, Update};
use model::import::{ImportOptions, ImportPreview, ImportReport, Target};
use model::plan::Planned;
use model::{Action, CommandId, IdSource, Kind, Record, Timestamp};
use serde_json::{Value as Json, json};

use crate::message::ClientId;
use crate::replica::{Replica, ReplicaError};
use crate::undo::Logged;

/// Rows that become one command: small enough to watch and stop, large enough to be quick.
const CHUNK_ROWS: u64 = 200;
/// Records read at once while the index is built.
const PAGE: u32 = 1_000;
/// Edits that become one command when an import is taken back.
const UNDO_CHUNK: usize = 500;

/// A file that was read, and the import of it that is running.
pub(crate) struct OpenImport {
    name: String,
    table: Arc<Table>,
    running: Option<Running>,
}

struct Running {
    client: ClientId,
    id: RequestId,
    import: CommandId,
    planner: Planner,
    total: u64,
    wrote: bool,
}

impl Replica {
    pub(crate) fn import_wake(&self) -> Option<Timestamp> {
        let running = self.import.as_ref().is_some_and(|import| import.running.is_some());
        running.then(Timestamp::default)
    }

    pub(crate) fn import_open(
        &mut self,
        client: ClientId,
        id: RequestId,
        name: String,
        bytes: Vec<u8>,
        options: &ImportOptions,
    ) {
        let opened = self.open_table(name, bytes, options);
        self.tell(client, Update::ImportOpened(id, opened));
    }

    fn open_table(&mut self, name: String, bytes: Vec<u8>, options: &ImportOptions) -> Result<ImportPreview, Trouble> {
        let table = Table::read(bytes).map_err(|error| Trouble::BadFile(error.to_string()))?;
        let preview = interchange::preview(&table, options, &self.settings)
            .map_err(|error| Trouble::BadFile(error.to_string()))?;
        self.import = Some(OpenImport { name, table: Arc::new(table), running: None });
        Ok(preview)
    }

    pub(crate) fn import_dry_run(
        &mut self,
        env: &mut dyn IdSource,
        client: ClientId,
        id: RequestId,
        options: ImportOptions,
    ) -> Result<(), ReplicaError> {
        let report = self.dry_run(env, options).map(|report| (report, None)).map_err(Trouble::from);
        self.tell(client, Update::ImportReport(id, report));
        Ok(())
    }

    fn dry_run(&self, mut env: &mut dyn IdSource, options: ImportOptions) -> Result<ImportReport, ReplicaError> {
        let mut planner = self.planner(env.now(), options)?;
        while planner.next_chunk(CHUNK_ROWS, &mut env).is_some() {}
        Ok(planner.report())
    }

    pub(crate) fn import_commit(
        &mut self,
        env: &mut dyn IdSource,
        client: ClientId,
        id: RequestId,
        options: ImportOptions,
    ) -> Result<(), ReplicaError> {
        match self.planner(env.now(), options) {
            Ok(planner) => self.start_import(env, client, id, planner),
            Err(error) => self.tell(client, Update::ImportReport(id, Err(error.into()))),
        }
        Ok(())
    }

    fn start_import(&mut self, env: &mut dyn IdSource, client: ClientId, id: RequestId, planner: Planner) {
        let Some(open) = &mut self.import else { return };
        let total = planner.total_rows();
        let import = env.fresh_command_id();
        open.running = Some(Running { client, id, import, planner, total, wrote: false });
    }

    pub(crate) fn import_cancel(&mut self) {
        self.finish_import();
    }

    /// Imports the next chunk of the running import.
    pub(crate) fn import_step(&mut self, mut env: &mut dyn IdSource) {
        let Some(open) = &mut self.import else { return };
        let Some(running) = &mut open.running else { return };
        let Some(chunk) = running.planner.next_chunk(CHUNK_ROWS, &mut env) else { return self.finish_import() };
        let progress = Update::ImportProgress(running.id, chunk.done_rows, running.total);
        let client = running.client;
        if !chunk.edits.is_empty() {
            running.wrote = true;
            let label = Label::Imported { file: open.name.clone(), import: running.import };
            if let Err(error) = self.act(env, Action::Prepared { label, edits: chunk.edits }) {
                return self.fail_import(error);
            }
        }
        self.tell(client, progress);
    }

    fn fail_import(&mut self, error: ReplicaError) {
        let Some(running) = self.import.as_mut().and_then(|open| open.running.take()) else { return };
        self.tell(running.client, Update::ImportReport(running.id, Err(error.into())));
    }

    fn finish_import(&mut self) {
        let Some(running) = self.import.as_mut().and_then(|open| open.running.take()) else { return };
        let report = (running.planner.report(), running.wrote.then_some(running.import));
        self.tell(running.client, Update::ImportReport(running.id, Ok(report)));
    }

    /// Takes back what an import did; what was edited since is kept and counted as skipped.
    pub(crate) fn import_undo(
        &mut self,
        env: &mut dyn IdSource,
        client: ClientId,
        id: RequestId,
        import: CommandId,
    ) -> Result<(), ReplicaError> {
        let report = self.take_back(env, import).map(|report| (report, None)).map_err(Trouble::from);
        self.tell(client, Update::ImportReport(id, report));
        Ok(())
    }

    fn take_back(&mut self, env: &mut dyn IdSource, import: CommandId) -> Result<ImportReport, ReplicaError> {
        self.actor()?;
        let mut parts = Vec::new();
        for logged in self.store.logged_commands(store::LOGGED_COMMANDS)? {
            let logged: Logged = serde_json::from_slice(&logged.payload)?;
            if matches!(&logged.label, Label::Imported { import: of, .. } if *of == import) {
                parts.push(logged);
            }
        }
        if parts.is_empty() {
            return Err(Trouble::NotHere.into());
        }
        parts.reverse();
        let planned = self.plan_inverse(&parts, crate::undo::Newer::Keep, env.now())?;
        let mut report = ImportReport::default();
        for edit in planned.edits.iter().filter(|edit| edit.record().kind != Kind::Settings) {
            report.counts.entry(edit.record().kind).or_default().updated += 1;
        }
        for edits in planned.edits.chunks(UNDO_CHUNK) {
            self.commit(env, Planned { label: planned.label.clone(), edits: edits.to_vec() })?;
        }
        Ok(report)
    }

    fn planner(&self, now: Timestamp, options: ImportOptions) -> Result<Planner, ReplicaError> {
        let Some(open) = &self.import else { return Err(Trouble::BadFile("choose a file first".into()).into()) };
        let context =
            PlanContext { settings: self.settings.clone(), users: self.store.users()?, actor: self.actor()?, now };
        let records = self.records_of(&[Kind::Account, Kind::Contact, Kind::Lead, Kind::Activity])?;
        let index = Index::new(&self.settings.region, records);
        Planner::new(Arc::clone(&open.table), options, context, index).map_err(|error| match error {
            PlanImportError::Columns(error) => Trouble::BadFile(error.to_string()).into(),
            PlanImportError::Denied(denied) => Trouble::NotAllowed(denied.to_string()).into(),
        })
    }

    /// All records of these kinds but those in the trash.
    pub(crate) fn records_of(&self, kinds: &[Kind]) -> Result<Vec<Record>, ReplicaError> {
        let mut records = Vec::new();
        for kind in kinds {
            let mut after = None;
            loop {
                let page = self.store.records(*kind, after, PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                records.extend(page.into_iter().filter(|record| !record.is_deleted()));
            }
        }
        Ok(records)
    }

    /// Imports a whole file at one go, for scripts; returns counts by kind and errors.
    ///
    /// # Errors
    /// When the file or the options can't be used; what was imported until then stays and can be taken back.
    pub fn import_file(
        &mut self,
        mut env: &mut dyn IdSource,
        name: &str,
        bytes: Vec<u8>,
        options: ImportOptions,
        dry_run: bool,
    ) -> Result<Json, ReplicaError> {
        let preview = self.open_table(name.to_owned(), bytes, &options)?;
        let mut planner = self.planner(env.now(), options)?;
        let import = env.fresh_command_id();
        while let Some(chunk) = planner.next_chunk(CHUNK_ROWS, &mut env) {
            if !dry_run && !chunk.edits.is_empty() {
                let label = Label::Imported { file: name.to_owned(), import };
                self.act(env, Action::Prepared { label, edits: chunk.edits })?;
            }
        }
        Ok(report_json(&preview, &planner.report(), dry_run))
    }
}

fn report_json(preview: &ImportPreview, report: &ImportReport, dry_run: bool) -> Json {
    let count = |of: fn(&model::import::ImportCounts) -> u64| -> BTreeMap<&str, u64> {
        report.counts.iter().map(|(kind, counts)| (kind.name(), of(counts))).collect()
    };
    json!({
        "preset": preview.preset,
        "rows": preview.row_count,
        "dry_run": dry_run,
        "created": count(|counts| counts.created),
        "updated": count(|counts| counts.updated),
        "skipped": count(|counts| counts.skipped),
        "errors": count(|counts| counts.errors),
        "error_rows": report.errors.iter().map(|error| json!({ "row": error.row, "reason": error.reason })).collect::<Vec<_>>(),
    })
}

/// Reads `COLUMN=field` pairs of the command line; without a kind a field is one of the preset's main kind.
///
/// # Errors
/// When a preset or field doesn't exist; says which.
pub fn column_targets(preset: Option<&str>, pairs: &[(String, String)]) -> Result<BTreeMap<String, Target>, String> {
    let main = match preset {
        Some(name) => presets::by_name(name).ok_or_else(|| format!("there is no preset `{name}`"))?.main,
        None => Kind::Contact,
    };
    let parse = |(column, text): &(String, String)| {
        let target = target::parse_target(text, main).map_err(|error| error.to_string())?;
        Ok((column.clone(), target))
    };
    pairs.iter().map(parse).collect()
}
