//! Which events an accepted change is. One change is told a webhook once, by the most telling name that it asks for.

use std::sync::LazyLock;

use ::store::{AcceptedChange, FieldChangeRow};
use model::settings::StageKind;
use model::{Kind, Settings};
use sha2::{Digest as _, Sha256};

use crate::projection::told::field_told;

/// What an event is called.
pub type EventName = String;

/// The event that an administrator asks for to see whether deliveries arrive.
pub(super) const TEST: &str = "webhook.test";
/// Everything.
const ANYTHING: &str = "*";
/// The kinds of records that events tell of.
const KINDS: [Kind; 5] = [Kind::Lead, Kind::Account, Kind::Contact, Kind::Activity, Kind::Task];
/// What happens to records of all these kinds.
const COMMON: [&str; 4] = ["created", "updated", "deleted", "restored"];

static NAMES: LazyLock<Vec<EventName>> = LazyLock::new(|| {
    let own = |kind: Kind| -> &[&str] {
        match kind {
            Kind::Lead => &["stage_changed", "won", "lost"],
            Kind::Task => &["completed"],
            _ => &[],
        }
    };
    let of = |kind: Kind| COMMON.iter().chain(own(kind)).map(move |verb| name(kind, verb)).collect::<Vec<_>>();
    KINDS.into_iter().flat_map(of).collect()
});

/// Every event that changes of records lead to.
pub fn all_names() -> &'static [EventName] {
    &NAMES
}

/// What a webhook may ask for: an event, one verb of all kinds, or everything.
pub fn patterns() -> Vec<EventName> {
    let wide = COMMON.map(|verb| format!("{ANYTHING}.{verb}"));
    std::iter::once(ANYTHING.to_owned()).chain(wide).chain(NAMES.iter().cloned()).collect()
}

fn name(kind: Kind, verb: &str) -> EventName {
    format!("{}.{verb}", kind.name())
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix(ANYTHING) {
        Some(verb) => name.ends_with(verb),
        None => pattern == name,
    }
}

/// What a change is to a webhook that asks for these; `None` when it is nothing to it.
pub(super) fn name_for(wanted: &[EventName], change: &AcceptedChange, settings: &Settings) -> Option<EventName> {
    let kind = change.fields.first()?.record.kind;
    if !KINDS.contains(&kind) {
        return None;
    }
    let mut names = verbs(kind, &change.fields, settings).into_iter().map(|verb| name(kind, verb));
    names.find(|name| wanted.iter().any(|pattern| fits(pattern, name)))
}

/// What happened, the most telling first.
fn verbs(kind: Kind, fields: &[FieldChangeRow], settings: &Settings) -> Vec<&'static str> {
    let mut verbs = Vec::new();
    let after = |key: &str| fields.iter().find(|row| row.key == key).map(|row| row.after.as_ref());
    let created = fields.iter().any(|row| row.created);
    if created {
        verbs.push("created");
    } else if let Some(deleted_at) = after("deleted_at") {
        verbs.push(if deleted_at.is_some() { "deleted" } else { "restored" });
    }
    if kind == Kind::Lead
        && let Some(stage) = new_stage(fields)
    {
        match settings.stage_kind(&stage) {
            StageKind::Won => verbs.push("won"),
            StageKind::Lost => verbs.push("lost"),
            StageKind::Open => {}
        }
        verbs.extend((!created).then_some("stage_changed"));
    }
    let done = after("status").flatten().and_then(model::Value::as_text) == Some("done");
    verbs.extend((kind == Kind::Task && done).then_some("completed"));
    let noted = fields.iter().any(|row| is_told(&row.key) && row.key != "deleted_at");
    verbs.extend((!created && noted).then_some("updated"));
    verbs
}

fn new_stage(fields: &[FieldChangeRow]) -> Option<String> {
    let (.., after) = fields.iter().map(field_told).find(|(field, ..)| *field == "stage")?;
    after?.as_str().map(str::to_owned)
}

/// What a person does not want to be bothered with is no news to programs either.
pub(super) fn is_told(key: &str) -> bool {
    key != "updated_at" && !key.starts_with("quiet/")
}

/// The event's id: the same however often it is sent.
pub(super) fn id_of(change: &AcceptedChange, name: &str) -> String {
    let hash = change.fields.first().map_or([0; 32], |row| row.hash.0);
    let digest = Sha256::new().chain_update(hash).chain_update(name).finalize();
    digest.iter().take(16).fold("evt_".to_owned(), |id, byte| format!("{id}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ChangeHash, CommandId, DeviceId, RecordId, RecordRef, Timestamp, UserId, Value};

    type Changed<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

    fn change(kind: Kind, created: bool, fields: &[Changed<'_>]) -> AcceptedChange {
        let record = RecordRef::new(kind, RecordId::from_bytes([7; 16]));
        let value = |text: Option<&str>| text.map(Value::from);
        let row = |(key, before, after): &Changed<'_>| FieldChangeRow {
            record,
            hash: ChangeHash([1; 32]),
            actor: [0; 16],
            at: Timestamp::from_millis(0),
            key: (*key).to_owned(),
            before: value(*before),
            after: value(*after),
            created,
        };
        AcceptedChange {
            log_seq: 1,
            user: UserId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([1; 16]),
            command: CommandId::from_bytes([1; 16]),
            received_at: Timestamp::from_millis(0),
            fields: fields.iter().map(row).collect(),
        }
    }

    /// As the stages are at the beginning.
    fn settings() -> Settings {
        let record = model::Record {
            fields: model::settings::default_fields(),
            ..model::Record::new(Kind::Settings, model::settings::SETTINGS_ID)
        };
        Settings::read(&record)
    }

    fn check(kind: Kind, created: bool, fields: &[Changed<'_>], expected: &[&str]) {
        let change = change(kind, created, fields);
        assert_eq!(verbs(kind, &change.fields, &settings()), expected, "{fields:?}");
    }

    #[test]
    fn a_change_is_named_by_what_it_does() {
        let (new, won, lost) = (Some("new|a"), Some("won|a"), Some("lost|a"));
        check(Kind::Lead, true, &[("title", None, Some("Deal")), ("place", None, new)], &["created"]);
        check(Kind::Lead, true, &[("place", None, won)], &["created", "won"]);
        check(Kind::Lead, false, &[("place", new, Some("qualified|a"))], &["stage_changed", "updated"]);
        check(Kind::Lead, false, &[("place", new, won)], &["won", "stage_changed", "updated"]);
        check(Kind::Lead, false, &[("place", new, lost)], &["lost", "stage_changed", "updated"]);
        check(Kind::Lead, false, &[("place", new, Some("new|b"))], &["updated"]);
        check(Kind::Lead, false, &[("deleted_at", None, Some("x"))], &["deleted"]);
        check(Kind::Lead, false, &[("deleted_at", Some("x"), None)], &["restored"]);
        check(Kind::Task, false, &[("status", Some("open"), Some("done"))], &["completed", "updated"]);
        check(Kind::Task, false, &[("quiet/read", None, Some("x"))], &[]);
        check(Kind::Account, false, &[("city", None, Some("Oslo"))], &["updated"]);
    }

    #[test]
    fn a_webhook_hears_of_a_change_once_by_the_most_telling_name() {
        let city = change(Kind::Account, false, &[("city", None, Some("Oslo"))]);
        let named = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            name_for(&wanted, &city, &settings())
        };

        assert_eq!(named(&["*"]).as_deref(), Some("account.updated"));
        assert_eq!(named(&["*.updated", "lead.created"]).as_deref(), Some("account.updated"));
        assert_eq!(named(&["account.created", "contact.updated"]), None);
        let device = change(Kind::Device, true, &[("name", None, Some("laptop"))]);
        assert_eq!(name_for(&["*".to_owned()], &device, &settings()), None);
    }

    #[test]
    fn names_and_patterns_are_a_fixed_list() {
        expect_test::expect![[r#"
            *
            *.created *.updated *.deleted *.restored
            lead.created lead.updated lead.deleted lead.restored lead.stage_changed lead.won lead.lost
            account.created account.updated account.deleted account.restored
            contact.created contact.updated contact.deleted contact.restored
            activity.created activity.updated activity.deleted activity.restored
            task.created task.updated task.deleted task.restored task.completed
        "#]]
        .assert_eq(&by_kind(&patterns()));
    }

    fn by_kind(names: &[String]) -> String {
        let kind = |name: &String| name.split_once('.').map(|(kind, _)| kind.to_owned());
        names.chunk_by(|one, next| kind(one) == kind(next)).map(|line| format!("{}\n", line.join(" "))).collect()
    }
}
