//! The verbs of scripts: the native command line and the browser's console speak them, JSON out.

use std::collections::BTreeMap;

use model::action::Action;
use model::app::{Done, Trouble};
use model::input::InputContext;
use model::own_field::OwnFieldError;
use model::query::{Answer, Condition, Happened, ListQuery, Op, Query, TimelineEntry, WINDOW_MAX};
use model::report::{ParseQuestionError, Question};
use model::schema::{FieldProblem, FieldType};
use model::{CommandId, FieldChanges, Fields, IdSource, Kind, Record, RecordId, RecordRef, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::replica::{Replica, ReplicaError};

/// Timeline entries that `show` lists.
const HISTORY_MAX: u32 = 1_000;

/// Something a script asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
pub enum Verb {
    /// Starts on this device alone.
    Init {
        /// The person's name.
        name: String,
    },
    /// Lists records.
    List {
        /// Of which kind.
        kind: Kind,
        /// Fields that must have these values, as typed.
        #[serde(default)]
        filter: BTreeMap<String, String>,
        /// Words that must all occur.
        #[serde(default)]
        q: String,
    },
    /// Shows one record with history and conflicts.
    Show {
        /// Of which kind.
        kind: Kind,
        /// Which one.
        id: RecordId,
    },
    /// Creates a record.
    Add {
        /// Of which kind.
        kind: Kind,
        /// Its fields, as typed.
        fields: BTreeMap<String, String>,
    },
    /// Changes fields; empty text removes a value.
    Set {
        /// Of which kind.
        kind: Kind,
        /// Which one.
        id: RecordId,
        /// The fields, as typed.
        fields: BTreeMap<String, String>,
    },
    /// Moves a record to the trash.
    Delete {
        /// Of which kind.
        kind: Kind,
        /// Which one.
        id: RecordId,
    },
    /// Takes back the newest command that is not an undo itself and has not been taken back.
    Undo,
    /// Lists what the relay refused.
    Refused,
    /// Tries a refused command again.
    Retry {
        /// The command.
        command: CommandId,
    },
    /// Takes a refused command from the tray for good.
    Discard {
        /// The command.
        command: CommandId,
    },
    /// Sends a refused command to whoever may change the records, as suggestions.
    Suggest {
        /// The command.
        command: CommandId,
        /// A word to them.
        #[serde(default)]
        note: String,
    },
    /// Lists the suggestions that wait for this person, and those they sent.
    Suggestions,
    /// Takes a suggestion.
    Accept {
        /// The suggestion.
        id: RecordId,
    },
    /// Turns a suggestion down.
    Decline {
        /// The suggestion.
        id: RecordId,
    },
    /// A report's figures.
    Report {
        /// Which.
        name: String,
        /// Its parameters, as the API has them.
        #[serde(default)]
        filter: BTreeMap<String, String>,
        /// As CSV text instead.
        #[serde(default)]
        csv: bool,
    },
    /// Everything as JSON.
    Export,
    /// Checks every document.
    Verify,
    /// Who we are and how we stand with the relay.
    Session,
}

/// Why a verb was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// The arguments are off.
    #[error("{0}")]
    Usage(String),
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] ReplicaError),
}

impl From<Trouble> for HeadlessError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Invalid(problems) => Self::Usage(Trouble::Invalid(problems).to_string()),
            trouble => Self::Failed(trouble.into()),
        }
    }
}

impl From<store::StoreError> for HeadlessError {
    fn from(error: store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<FieldProblem> for HeadlessError {
    fn from(problem: FieldProblem) -> Self {
        Self::Usage(problem.to_string())
    }
}

impl Replica {
    /// Carries out a verb and returns its JSON.
    ///
    /// # Errors
    /// When the arguments are off or it can't be done; nothing has changed then.
    pub fn run(&mut self, env: &mut dyn IdSource, verb: &Verb) -> Result<Json, HeadlessError> {
        let outcome = self.answer_verb(env, verb);
        if let Err(HeadlessError::Failed(error)) = &outcome {
            self.note_damage(error);
        }
        outcome
    }

    fn answer_verb(&mut self, env: &mut dyn IdSource, verb: &Verb) -> Result<Json, HeadlessError> {
        match verb {
            Verb::Init { name } => {
                self.start_solo(env, name)?;
                Ok(serde_json::to_value(self.session_view()?).map_err(ReplicaError::from)?)
            }
            Verb::List { kind, filter, q } => self.list_json(env, *kind, filter, q),
            Verb::Show { kind, id } => self.show_json(env, RecordRef::new(*kind, *id)),
            Verb::Add { kind, fields } => self.add(env, *kind, fields),
            Verb::Set { kind, id, fields } => self.set_typed(env, RecordRef::new(*kind, *id), fields),
            Verb::Delete { kind, id } => self.act_json(env, Action::Delete(vec![RecordRef::new(*kind, *id)])),
            Verb::Undo => self.undo_newest(env),
            Verb::Refused => self.refused_json(),
            Verb::Retry { command } => self.settle_json(env, *command, true),
            Verb::Discard { command } => self.settle_json(env, *command, false),
            Verb::Suggest { command, note } => {
                let done = self.suggest_refused(env, *command, note).map_err(trouble)?;
                Ok(done_json(&done))
            }
            Verb::Suggestions => self.suggestions_json(env),
            Verb::Accept { id } => self.act_json(env, Action::AcceptSuggestion(*id)),
            Verb::Decline { id } => self.act_json(env, Action::DeclineSuggestion(*id)),
            Verb::Report { name, filter, csv } => self.report_json(env, name, filter, *csv),
            Verb::Export => self.export_json(),
            Verb::Verify => Ok(serde_json::to_value(self.verify()?).map_err(ReplicaError::from)?),
            Verb::Session => Ok(serde_json::to_value(self.session_view()?).map_err(ReplicaError::from)?),
        }
    }

    fn act_json(&mut self, env: &mut dyn IdSource, action: Action) -> Result<Json, HeadlessError> {
        let done = self.act(env, action).map_err(trouble)?;
        Ok(done_json(&done))
    }

    fn list_json(
        &mut self,
        env: &dyn IdSource,
        kind: Kind,
        filter: &BTreeMap<String, String>,
        text: &str,
    ) -> Result<Json, HeadlessError> {
        let filter = filter.iter().map(|(key, text)| self.condition(env, kind, key, text)).collect::<Result<_, _>>()?;
        let mut query = ListQuery { filter, text: text.to_owned(), limit: WINDOW_MAX, ..ListQuery::of(kind) };
        let mut records = Vec::new();
        loop {
            let Answer::List(list) = self.answer(&Query::List(query.clone()), env.now())? else { break };
            let received = u32::try_from(list.rows.len()).unwrap_or(u32::MAX);
            records.extend(list.rows.into_iter().map(|row| record_json(&row.record, &row.status)));
            query.offset += received;
            if received == 0 || u64::from(query.offset) >= list.total {
                break;
            }
        }
        Ok(Json::Array(records))
    }

    fn condition(&self, env: &dyn IdSource, kind: Kind, key: &str, text: &str) -> Result<Condition, HeadlessError> {
        if text.is_empty() {
            return Ok(Condition { field: key.to_owned(), op: Op::Empty, values: Vec::new() });
        }
        let value = match key {
            "stage" | "status" | "tag" => Value::from(text),
            _ => match self.read_typed(env, kind, key, text)?.0 {
                Some(value) => value,
                None => return Err(HeadlessError::Usage(format!("{key} has no value to compare with"))),
            },
        };
        Ok(Condition { field: key.to_owned(), op: Op::Is, values: vec![value] })
    }

    fn report_json(
        &mut self,
        env: &dyn IdSource,
        name: &str,
        filter: &BTreeMap<String, String>,
        csv: bool,
    ) -> Result<Json, HeadlessError> {
        let me = self.session_view()?.me.map(|me| me.id.record().to_string()).unwrap_or_default();
        let pairs = filter.iter().map(|(key, value)| match (key.as_str(), value.as_str()) {
            ("owner_id", "me") => ("owner_id", me.as_str()),
            (key, value) => (key, value),
        });
        let usage = |error: ParseQuestionError| HeadlessError::Usage(error.to_string());
        let question = Question::from_pairs(name.parse().map_err(usage)?, pairs).map_err(usage)?;
        let answer = self.answer(&Query::Report(Box::new(question)), env.now())?;
        let Answer::Report(report) = answer else { return Err(Trouble::NotHere.into()) };
        Ok(if csv { report.sheet().csv(false).into() } else { report.to_json() })
    }

    fn show_json(&mut self, env: &dyn IdSource, record: RecordRef) -> Result<Json, HeadlessError> {
        let Answer::Detail(Some(detail)) = self.answer(&Query::Detail(record), env.now())? else {
            return Err(Trouble::NotHere.into());
        };
        let timeline = Query::Timeline { record, limit: HISTORY_MAX };
        let Answer::Timeline(history) = self.answer(&timeline, env.now())? else { return Err(Trouble::NotHere.into()) };
        let mut shown = record_json(&detail.row.record, &detail.row.status);
        shown["history"] = history.iter().map(history_json).collect();
        shown["conflicts"] = detail
            .conflicts
            .iter()
            .map(|conflict| {
                let values = conflict.values.iter().map(|value| {
                    json!({
                        "value": value.value.as_ref().map(Value::to_json),
                        "user": value.author.name,
                        "at": value.at,
                    })
                });
                json!({ "field": conflict.key, "values": values.collect::<Vec<_>>() })
            })
            .collect();
        shown["heads"] = detail.heads.iter().map(ToString::to_string).collect();
        shown["pending"] = detail.row.pending.into();
        Ok(shown)
    }

    fn add(
        &mut self,
        env: &mut dyn IdSource,
        kind: Kind,
        typed: &BTreeMap<String, String>,
    ) -> Result<Json, HeadlessError> {
        let record = RecordRef::new(kind, env.fresh_record_id());
        let mut fields = Fields::new();
        let mut stage = None;
        for (key, text) in typed {
            let (value, also) = self.read_typed(env, kind, key, text)?;
            for (key, value) in also {
                fields.entry(key).or_insert(value);
            }
            match value {
                Some(value) if kind == Kind::Lead && key == "stage" => stage = Some(value),
                Some(value) => drop(fields.insert(key.clone(), value)),
                None => {}
            }
        }
        self.check_own(kind, fields.iter().map(|(key, value)| (key, Some(value))))?;
        self.act(env, Action::Create { record, fields }).map_err(trouble)?;
        if let Some(stage) = stage {
            let fields = FieldChanges::from([("stage".to_owned(), Some(stage))]);
            self.act(env, Action::SetFields { record, base_heads: Vec::new(), fields }).map_err(trouble)?;
        }
        self.shown(env, record)
    }

    fn set_typed(
        &mut self,
        env: &mut dyn IdSource,
        record: RecordRef,
        typed: &BTreeMap<String, String>,
    ) -> Result<Json, HeadlessError> {
        let current = self.record(record)?;
        let mut fields = FieldChanges::new();
        for (key, text) in typed {
            let (value, also) = self.read_typed(env, record.kind, key, text)?;
            // What a text says beside its own field fills blanks; whether a day is meant goes with the moment.
            let fills = |key: &str| key == "all_day" || current.as_ref().is_some_and(|found| found.get(key).is_none());
            for (key, value) in also.into_iter().filter(|(key, _)| fills(key)) {
                fields.entry(key).or_insert(Some(value));
            }
            fields.insert(key.clone(), value);
        }
        self.check_own(record.kind, fields.iter().map(|(key, value)| (key, value.as_ref())))?;
        self.act(env, Action::SetFields { record, base_heads: Vec::new(), fields }).map_err(trouble)?;
        self.shown(env, record)
    }

    /// Scripts write the fields that the workspace has defined, and no others.
    fn check_own<'a>(
        &self,
        kind: Kind,
        fields: impl IntoIterator<Item = (&'a String, Option<&'a Value>)>,
    ) -> Result<(), HeadlessError> {
        let checked = model::own_field::check_changes(kind, fields, &self.settings);
        checked.map_err(|error| match error {
            OwnFieldError::Unknown(problems) | OwnFieldError::Unfit(problems) => Trouble::Invalid(problems).into(),
        })
    }

    fn shown(&mut self, env: &dyn IdSource, record: RecordRef) -> Result<Json, HeadlessError> {
        match self.answer(&Query::Detail(record), env.now())? {
            Answer::Detail(Some(detail)) => Ok(record_json(&detail.row.record, &detail.row.status)),
            _ => Err(Trouble::NotHere.into()),
        }
    }

    /// Reads what was typed for a field, with what it says about other fields.
    fn read_typed(
        &self,
        env: &dyn IdSource,
        kind: Kind,
        key: &str,
        text: &str,
    ) -> Result<(Option<Value>, Fields), HeadlessError> {
        let of = kind.field(key).map(|field| field.of);
        if of == Some(FieldType::Words) {
            return Ok(((!text.is_empty()).then_some(Value::Bool(true)), Fields::new()));
        }
        // Scripts write what they read: a whole number in a field of cents is cents. `$1,250.00` is read as people type.
        if of == Some(FieldType::Cents)
            && let Ok(cents) = text.parse::<i64>()
        {
            let value = Value::Int(cents);
            model::schema::check_field(kind, key, &value)?;
            return Ok((Some(value), Fields::new()));
        }
        let ctx = InputContext::new(&self.settings, env.now());
        let input = model::input::read_field(kind, key, text, &ctx)?;
        Ok((input.value, input.also))
    }

    fn undo_newest(&mut self, env: &mut dyn IdSource) -> Result<Json, HeadlessError> {
        let Some(command) = self.newest_undoable()? else {
            return Err(HeadlessError::Usage("there is nothing to undo".into()));
        };
        // A script can't be asked: what was changed since stays.
        let done = self.act(env, Action::UndoOver { command, overwrite: false }).map_err(trouble)?;
        Ok(done_json(&done))
    }

    fn newest_undoable(&self) -> Result<Option<CommandId>, ReplicaError> {
        let mut undone = 0;
        for logged in self.store.logged_commands(store::LOGGED_COMMANDS)? {
            match serde_json::from_slice::<crate::undo::Logged>(&logged.payload)?.label {
                model::action::Label::Undid(_) => undone += 1,
                _ if undone > 0 => undone -= 1,
                _ => return Ok(Some(logged.id)),
            }
        }
        Ok(None)
    }

    /// Everything of every kind as one JSON object, trash included.
    fn export_json(&self) -> Result<Json, HeadlessError> {
        let mut out = serde_json::Map::new();
        out.insert("format".into(), "trailtrack-export".into());
        out.insert("version".into(), 1.into());
        for kind in Kind::ALL {
            let mut records = Vec::new();
            let mut after = None;
            loop {
                let page = self.store.records(kind, after, WINDOW_MAX)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                records.extend(page.iter().map(|record| record_json(record, self.status_of(record))));
            }
            out.insert(kind.plural().into(), Json::Array(records));
        }
        Ok(Json::Object(out))
    }

    fn status_of(&self, record: &Record) -> &'static str {
        if record.kind == Kind::Lead { self.settings.stage_kind(record.place().0).status() } else { "" }
    }
}

pub(crate) fn trouble(error: ReplicaError) -> HeadlessError {
    match error {
        ReplicaError::Trouble(trouble) => trouble.into(),
        error => HeadlessError::Failed(error),
    }
}

fn record_json(record: &Record, status: &str) -> Json {
    let mut json = record.to_json();
    if record.kind == Kind::Lead {
        json.insert("status".into(), status.into());
    }
    Json::Object(json)
}

fn done_json(done: &Done) -> Json {
    json!({
        "command": done.command.map(|id| id.to_string()),
        "records": done.records.iter().map(|record| record.id.to_string()).collect::<Vec<_>>(),
    })
}

fn history_json(entry: &TimelineEntry) -> Json {
    let mut json = json!({
        "at": entry.at,
        "received_at": entry.received_at,
        "user": entry.author.name,
        "device": entry.author.device,
    });
    match &entry.what {
        Happened::Created => json["what"] = "created".into(),
        Happened::Field { key, before, after } => {
            json["what"] = "changed".into();
            json["field"] = key.as_str().into();
            json["before"] = before.as_ref().map(Value::to_json).into();
            json["after"] = after.as_ref().map(Value::to_json).into();
        }
        Happened::Edited { activity, key, before, after } => {
            json["what"] = "edited".into();
            json["record"] = record_json(activity, "");
            json["field"] = key.as_str().into();
            json["before"] = before.as_ref().map(Value::to_json).into();
            json["after"] = after.as_ref().map(Value::to_json).into();
        }
        Happened::Activity(record) | Happened::Task(record) | Happened::File(record) => {
            json["what"] = record.kind.name().into();
            json["record"] = record_json(record, "");
        }
    }
    json
}
