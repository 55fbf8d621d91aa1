//! The verbs of scripts about what was refused and what was suggested.

use model::app::Trouble;
use model::query::{Answer, Author, Query, RefusedCommand, Suggestion, WhoMay};
use model::{CommandId, IdSource, Value};
use serde_json::{Value as Json, json};

use crate::headless::{HeadlessError, trouble};
use crate::replica::{Replica, ReplicaError};

impl Replica {
    pub(crate) fn refused_json(&self) -> Result<Json, HeadlessError> {
        Ok(self.refused_commands()?.iter().map(refused_json).collect::<Result<_, _>>()?)
    }

    pub(crate) fn settle_json(
        &mut self,
        env: &mut dyn IdSource,
        command: CommandId,
        retry: bool,
    ) -> Result<Json, HeadlessError> {
        if self.store.refused_command(command)?.is_none() {
            return Err(Trouble::NotHere.into());
        }
        self.settle_refused(env, command, retry).map_err(trouble)?;
        Ok(json!({ "command": command, "settled": if retry { "retried" } else { "discarded" } }))
    }

    pub(crate) fn suggestions_json(&mut self, env: &dyn IdSource) -> Result<Json, HeadlessError> {
        let Answer::Suggestions(found) = self.answer(&Query::Suggestions, env.now())? else {
            return Err(Trouble::NotHere.into());
        };
        Ok(found.iter().map(suggestion_json).collect())
    }
}

fn refused_json(refused: &RefusedCommand) -> Result<Json, ReplicaError> {
    let changes = refused.changes.iter().map(|change| {
        json!({
            "kind": change.record.kind,
            "id": change.record.id,
            "name": change.name,
            "owner": change.owner_name,
            "field": change.key,
            "before": value_json(change.before.as_ref()),
            "after": value_json(change.after.as_ref()),
            "seen": value_json(change.seen.as_ref()),
        })
    });
    Ok(json!({
        "id": refused.command,
        "at": refused.at,
        "what": serde_json::to_value(&refused.label)?,
        "code": refused.code,
        "reason": refused.detail,
        "who_may": who_json(&refused.who),
        "can_suggest": refused.can_suggest,
        "changes": changes.collect::<Vec<_>>(),
    }))
}

fn who_json(who: &WhoMay) -> Json {
    match who {
        WhoMay::You => "you".into(),
        WhoMay::Owners(names) => format!("{} or an administrator", names.join(", ")).into(),
        WhoMay::Administrators => "an administrator".into(),
        WhoMay::Author => "its author".into(),
        WhoMay::Nobody => Json::Null,
    }
}

fn suggestion_json(suggestion: &Suggestion) -> Json {
    let changes = suggestion.changes.iter().map(|change| {
        json!({
            "field": change.key,
            "seen": value_json(change.seen.as_ref()),
            "current": value_json(change.current.as_ref()),
            "proposed": value_json(change.proposed.as_ref()),
        })
    });
    json!({
        "id": suggestion.id,
        "kind": suggestion.record.kind,
        "record": suggestion.record.id,
        "name": suggestion.name,
        "from": person_json(&suggestion.author),
        "for": person_json(&suggestion.addressee),
        "mine": suggestion.is_mine,
        "status": suggestion.status,
        "note": suggestion.note,
        "at": suggestion.at,
        "cannot_accept": suggestion.cannot_accept,
        "pending": suggestion.pending,
        "changes": changes.collect::<Vec<_>>(),
    })
}

fn person_json(person: &Author) -> Json {
    json!({ "id": person.user, "name": person.name })
}

fn value_json(value: Option<&Value>) -> Json {
    value.map_or(Json::Null, Value::to_json)
}
