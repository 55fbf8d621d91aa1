//! Filters that an address carries beside words and quick filters: owner, stage, source, tag, value.

use model::input::read_field;
use model::query::{Condition, Op};
use model::{Kind, RecordId, Value};

use super::{format, wheres};
use crate::routes::Route;
use crate::scene::Scene;

/// The keys, in the order in which their chips stand.
pub(crate) const KEYS: [&str; 8] = ["figure", "owner", "stage", "source", "tag", "min", "max", WHERE];

/// The key of the chips that name field and comparison themselves.
pub(crate) const WHERE: &str = "w";

/// A filter: its key in the address and its value there.
pub(crate) type Filter = (&'static str, String);

/// The filters of an address.
pub(crate) fn of_route(route: &Route) -> Vec<Filter> {
    let filters = KEYS.into_iter().map(|key| (key, route.get(key).to_owned()));
    filters.filter(|(_, value)| !value.is_empty()).collect()
}

/// Whether a list of this kind can be filtered by a key.
pub(crate) fn fits(kind: Kind, key: &str) -> bool {
    kind == Kind::Lead || matches!(key, "owner" | "tag" | WHERE)
}

/// What a query filters by.
pub(crate) fn conditions(kind: Kind, filters: &[Filter], scene: &Scene<'_>) -> Vec<Condition> {
    let known = filters.iter().filter(|(key, _)| fits(kind, key));
    let conditions = known.flat_map(|(key, value)| match *key {
        WHERE => wheres::parse(value).iter().filter_map(|chip| wheres::condition(kind, chip, scene)).collect(),
        key => condition(key, value, scene).into_iter().collect::<Vec<_>>(),
    });
    conditions.collect()
}

fn condition(key: &str, value: &str, scene: &Scene<'_>) -> Option<Condition> {
    let (field, op, value) = match key {
        "owner" => ("owner_id", Op::Is, Value::Id(owner(value, scene)?)),
        "figure" => ("figure", Op::Is, value.into()),
        "stage" => ("stage", Op::Is, value.into()),
        "source" => ("source", Op::Is, value.into()),
        "tag" => ("tag", Op::Contains, value.into()),
        "min" => ("value_cents", Op::Over, (cents(value, scene)? - 1).into()),
        _ => ("value_cents", Op::Under, (cents(value, scene)? + 1).into()),
    };
    Some(Condition { field: field.to_owned(), op, values: vec![value] })
}

fn owner(value: &str, scene: &Scene<'_>) -> Option<RecordId> {
    if value == "me" { scene.my_id() } else { value.parse().ok() }
}

/// An amount as a person types it.
pub(crate) fn cents(text: &str, scene: &Scene<'_>) -> Option<i64> {
    let ctx = scene.input();
    read_field(Kind::Lead, "value_cents", text, &ctx).ok()?.value?.as_int()
}

/// What a filter's chip says.
pub(crate) fn words((key, value): &Filter, scene: &Scene<'_>) -> String {
    let money = |value: &str| cents(value, scene).map(|cents| format::money_compact(cents, &scene.settings.currency));
    let money = |value: &str| money(value).unwrap_or_else(|| value.to_owned());
    match *key {
        "owner" if value == "me" => "Owner: me".to_owned(),
        "owner" => {
            let name = value.parse().map(|id| scene.person(id)).unwrap_or_default();
            format!("Owner: {}", if name.is_empty() { "somebody" } else { name })
        }
        "figure" => super::reports::figure_words(value, scene),
        "stage" => format!("Stage: {}", scene.settings.stage(value).map_or(value.as_str(), |stage| &stage.name)),
        "source" => format!("Source: {value}"),
        "tag" => format!("Tag: {value}"),
        "min" => format!("At least {}", money(value)),
        _ => format!("At most {}", money(value)),
    }
}
