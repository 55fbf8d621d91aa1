//! What members do all day, at random.

use model::action::{Action, FollowUp, Outcome};
use model::app::Request;
use model::{FieldChanges, Fields, IdSource, Kind, Record, RecordRef, Value};

use super::dice::Dice;
use super::member::Member;

const STAGES: [&str; 6] = ["new", "qualified", "proposal", "negotiation", "won", "lost"];
const WORDS: [&str; 8] = ["Nordwind", "Acme", "Blue", "Harbour", "Kiosk", "Lumen", "Ünlü", "東京"];

/// Has a member do something; what is refused on the spot doesn't matter.
pub(crate) fn one(member: &mut Member, dice: &mut Dice) -> &'static str {
    let leads: Vec<Record> = member.records(Kind::Lead);
    let (name, action) = match dice.below(26) {
        20 if !leads.is_empty() => ("hand over a lead", hand_over(member, dice, &leads)),
        21 => ("switch only owners edit", only_owners(dice)),
        22..=23 => return settle_refused(member, dice),
        24..=25 => match settle_suggestion(member, dice) {
            Some(action) => ("settle a suggestion", action),
            None => ("create lead", create(member, dice, Kind::Lead)),
        },
        0..=2 => ("create lead", create(member, dice, Kind::Lead)),
        3 => ("create account", create(member, dice, Kind::Account)),
        4 => ("create contact", create(member, dice, Kind::Contact)),
        5..=6 if !leads.is_empty() => ("log activity", log(member, dice, &leads)),
        7..=9 if !leads.is_empty() => ("set fields", set_fields(member, dice, &leads, false)),
        10..=11 if !leads.is_empty() => ("set fields of a stale form", set_fields(member, dice, &leads, true)),
        12 if !leads.is_empty() => ("type notes", type_notes(dice, &leads)),
        13..=14 if !leads.is_empty() => ("move leads", move_leads(dice, &leads)),
        15 if !leads.is_empty() => ("close lead", close(member, dice, &leads)),
        16 if !leads.is_empty() => ("delete or restore", delete_or_restore(dice, &leads)),
        17 if !member.promised.is_empty() => ("undo", Action::Undo(dice.pick(&member.promised).0)),
        18 => match conflict(member, dice) {
            Some(action) => ("settle conflict", action),
            None => ("create lead", create(member, dice, Kind::Lead)),
        },
        19 => ("change settings", settings(dice)),
        _ => ("create lead", create(member, dice, Kind::Lead)),
    };
    let _ = member.act(action);
    name
}

fn words(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&WORDS), dice.below(1000))
}

fn create(member: &mut Member, dice: &mut Dice, kind: Kind) -> Action {
    let record = RecordRef::new(kind, member.env.fresh_record_id());
    let mut fields = Fields::new();
    let key = match kind {
        Kind::Lead => "title",
        Kind::Contact => "last_name",
        _ => "name",
    };
    fields.insert(key.into(), words(dice).into());
    if kind == Kind::Lead {
        let cents = i64::try_from(dice.below(10_000_000)).unwrap_or(0);
        fields.insert("value_cents".into(), cents.into());
        if let Some(account) = member.records(Kind::Account).first() {
            fields.insert("account_id".into(), account.id.into());
        }
    }
    Action::Create { record, fields }
}

fn log(member: &mut Member, dice: &mut Dice, leads: &[Record]) -> Action {
    let lead = dice.pick(leads);
    let fields = Fields::from([
        ("type".to_owned(), Value::from(*dice.pick(&["call", "email", "note"]))),
        ("lead_id".to_owned(), lead.id.into()),
        ("subject".to_owned(), words(dice).into()),
    ]);
    let follow_up = dice.once_in(2).then(|| FollowUp {
        id: member.env.fresh_record_id(),
        title: words(dice),
        due_at: member.env.now().plus_millis(86_400_000),
        all_day: true,
    });
    Action::LogActivity { id: member.env.fresh_record_id(), fields, follow_up }
}

fn set_fields(member: &Member, dice: &mut Dice, leads: &[Record], stale: bool) -> Action {
    let lead = dice.pick(leads);
    let mut fields = FieldChanges::new();
    for _ in 0..=dice.below(2) {
        let (key, value) = match dice.below(4) {
            0 => ("title".to_owned(), Some(words(dice).into())),
            1 => ("value_cents".to_owned(), Some(i64::try_from(dice.below(1_000_000)).unwrap_or(0).into())),
            2 => ("source".to_owned(), dice.once_in(3).then(|| words(dice).into())),
            _ => (format!("tags/{}", dice.below(4)), dice.once_in(2).then_some(true.into())),
        };
        fields.insert(key, value);
    }
    let base_heads = match stale {
        true => member.replica.store().view_heads(lead.id).expect("heads can be read").into_iter().take(1).collect(),
        false => Vec::new(),
    };
    Action::SetFields { record: lead.reference(), base_heads, fields }
}

fn type_notes(dice: &mut Dice, leads: &[Record]) -> Action {
    let lead = dice.pick(leads);
    let text = format!("{}\n{}", lead.text("notes"), words(dice));
    let fields = FieldChanges::from([("notes".to_owned(), Some(text.trim().into()))]);
    Action::SetFields { record: lead.reference(), base_heads: Vec::new(), fields }
}

fn move_leads(dice: &mut Dice, leads: &[Record]) -> Action {
    let stage = (*dice.pick(&STAGES)).to_owned();
    let mut moved: Vec<_> = (0..=dice.below(3)).map(|_| dice.pick(leads).id).collect();
    moved.dedup();
    Action::MoveLeads { leads: moved, stage, after: Some(dice.pick(leads).id) }
}

fn close(member: &Member, dice: &mut Dice, leads: &[Record]) -> Action {
    let lead = dice.pick(leads).id;
    let on = member.env.now().date_in(&jiff::tz::TimeZone::UTC);
    let outcome = match dice.once_in(2) {
        true => Outcome::Won { on, value_cents: 100, note: String::new() },
        false => Outcome::Lost { on, reason: "Price".into(), note: String::new(), competitor: String::new() },
    };
    Action::CloseLead { lead, outcome, cancel_tasks: dice.once_in(2) }
}

fn delete_or_restore(dice: &mut Dice, leads: &[Record]) -> Action {
    let lead = dice.pick(leads);
    match lead.is_deleted() {
        true => Action::Restore(vec![lead.reference()]),
        false => Action::Delete(vec![lead.reference()]),
    }
}

fn conflict(member: &mut Member, dice: &mut Dice) -> Option<Action> {
    let now = member.env.now();
    let answer = member.replica.answer(&model::query::Query::Conflicts, now).expect("conflicts can be read");
    let model::query::Answer::Conflicts(conflicts) = answer else { return None };
    let conflict = conflicts.get(dice.index(conflicts.len().max(1)))?;
    let value = conflict.values.get(dice.index(conflict.values.len().max(1)))?.value.clone();
    Some(Action::ChooseValue { record: conflict.record, key: conflict.key.clone(), value })
}

fn settings(dice: &mut Dice) -> Action {
    let stage = dice.pick(&STAGES[..4]);
    let (key, value) = match dice.below(2) {
        0 => (format!("stage/{stage}/name"), Value::from(words(dice))),
        _ => (format!("stage/{stage}/rot_days"), Value::from(i64::try_from(dice.below(30)).unwrap_or(0))),
    };
    let record = RecordRef::new(Kind::Settings, model::settings::SETTINGS_ID);
    Action::SetFields { record, base_heads: Vec::new(), fields: FieldChanges::from([(key, Some(value))]) }
}

fn hand_over(member: &Member, dice: &mut Dice, leads: &[Record]) -> Action {
    let people = member.records(Kind::User);
    let lead = dice.pick(leads);
    let to = people.get(dice.index(people.len().max(1))).map_or(member.user.record(), |person| person.id);
    let fields = FieldChanges::from([("owner_id".to_owned(), Some(to.into()))]);
    Action::SetFields { record: lead.reference(), base_heads: Vec::new(), fields }
}

fn only_owners(dice: &mut Dice) -> Action {
    let record = RecordRef::new(Kind::Settings, model::settings::SETTINGS_ID);
    let fields = FieldChanges::from([("only_owners_edit".to_owned(), Some((!dice.once_in(3)).into()))]);
    Action::SetFields { record, base_heads: Vec::new(), fields }
}

/// Somebody looks into their tray: tries again, sends it as a suggestion, or lets it go.
fn settle_refused(member: &mut Member, dice: &mut Dice) -> &'static str {
    let tray = member.replica.store().refused().expect("the store can be read");
    let Some(row) = tray.get(dice.index(tray.len().max(1))) else { return "look into an empty tray" };
    let command = row.command;
    let (name, request) = match dice.below(4) {
        0 => ("retry what was refused", Request::SettleRefused { command, retry: true }),
        1 => ("discard what was refused", Request::SettleRefused { command, retry: false }),
        _ => ("suggest what was refused", Request::SuggestRefused { command, note: words(dice) }),
    };
    member.settle(command, request);
    name
}

fn settle_suggestion(member: &mut Member, dice: &mut Dice) -> Option<Action> {
    let now = member.env.now();
    let answer = member.replica.answer(&model::query::Query::Suggestions, now).expect("suggestions can be read");
    let model::query::Answer::Suggestions(found) = answer else { return None };
    let suggestion = found.get(dice.index(found.len().max(1)))?;
    Some(match (suggestion.is_mine, dice.once_in(3)) {
        (true, _) => Action::Delete(vec![RecordRef::new(Kind::Suggestion, suggestion.id)]),
        (false, true) => Action::DeclineSuggestion(suggestion.id),
        (false, false) => Action::AcceptSuggestion(suggestion.id),
    })
}
