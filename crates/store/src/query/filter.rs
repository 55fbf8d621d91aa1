//! Filter chips and sort keys as SQL. Values are always bound; names come from `operand`'s tables.

use model::query::{Condition, Op, Sort};
use model::{Date, Kind, RecordId, Timestamp, Value};
use rusqlite::types::Value as Sql;

use super::operand::{Builder, Operand};
use super::report::FIGURE;
use crate::columns::{Holds, can_hide, folded, names_account, sql_value};
use crate::error::StoreError;

/// Fields that keep a record out of lists.
const HIDING: [&str; 3] = ["deleted_at", "archived_at", "merged_into"];

impl Builder<'_> {
    /// The condition that all rows of an answer fulfil: the chips, and not thrown away, archived or merged unless a
    /// chip asks about that.
    pub(crate) fn conditions(&mut self, filter: &[Condition], by_text: bool) -> Result<String, StoreError> {
        let mut all = Vec::new();
        let asked = |key: &str| filter.iter().any(|condition| condition.field == key);
        let hides = self.kind.fields().iter().map(|field| field.key).filter(|key| HIDING.contains(key));
        if asked(FIGURE) {
            // What a figure counts is not thrown away, and in the archive only where the report looks there too.
            all.push("t.id IN counted".to_owned());
        } else if HIDING.into_iter().any(asked) {
            all.extend(hides.filter(|key| !asked(key)).map(|key| format!("t.{key} IS NULL")));
        } else if can_hide(self.kind) {
            all.push("t.hidden = 0".to_owned());
        }
        if by_text {
            all.push("t.n IN hit".to_owned());
        }
        for condition in filter.iter().filter(|condition| condition.field != FIGURE) {
            all.push(self.condition(condition)?);
        }
        Ok(if all.is_empty() { "1".to_owned() } else { all.join(" AND ") })
    }

    /// The ORDER BY list; what has no value comes last either way, ties are broken by id.
    pub(crate) fn order(&mut self, sort: &[Sort]) -> Result<String, StoreError> {
        let mut keys = Vec::new();
        for Sort { field, descending } in sort {
            let direction = if *descending { "DESC" } else { "ASC" };
            let key = match (field.as_str(), self.operand(field)?) {
                ("stage", _) if self.kind == Kind::Lead => "coalesce(s.position, -1)".to_owned(),
                ("account_id", _) if names_account(self.kind) => "t.account_name".to_owned(),
                (_, Operand::Scalar { sql, holds: Holds::Link }) => name_of(&sql),
                (_, Operand::Scalar { sql, holds: Holds::Flag }) => format!("coalesce({sql}, 0)"),
                (_, Operand::Scalar { sql, .. }) => sql,
                (_, Operand::Set(field)) => {
                    format!("(SELECT min(member) FROM member WHERE n = t.n AND field = '{field}')")
                }
            };
            keys.push(format!("{key} {direction} NULLS LAST"));
        }
        keys.push("t.id".to_owned());
        Ok(keys.join(", "))
    }

    fn condition(&mut self, condition: &Condition) -> Result<String, StoreError> {
        let Condition { field, op, values } = condition;
        Ok(match self.operand(field)? {
            Operand::Scalar { sql, holds } => self.scalar_condition(&sql, holds, *op, values),
            Operand::Set(field) => self.set_condition(field, *op, values),
        })
    }

    fn scalar_condition(&mut self, sql: &str, holds: Holds, op: Op, values: &[Value]) -> String {
        let sql = if holds == Holds::Flag { format!("coalesce({sql}, 0)") } else { sql.to_owned() };
        match op {
            Op::Is => self.equals_any(&sql, holds, values),
            Op::IsNot => format!("NOT coalesce({}, 0)", self.equals_any(&sql, holds, values)),
            Op::Contains => any(values.iter().map(|value| self.contains(&sql, holds, value))),
            Op::Empty => format!("{sql} IS NULL"),
            Op::NotEmpty => format!("{sql} IS NOT NULL"),
            Op::Over => self.bound(&sql, holds, ">", values.first()),
            Op::Under => self.bound(&sql, holds, "<", values.first()),
            Op::Between => {
                let from = self.bound(&sql, holds, ">=", values.first());
                let to = self.bound(&sql, holds, "<=", values.get(1));
                format!("({from} AND {to})")
            }
        }
    }

    /// Single values share one IN, so that a chip may hold thousands of them.
    fn equals_any(&mut self, sql: &str, holds: Holds, values: &[Value]) -> String {
        let (mut single, mut parts) = (Vec::new(), Vec::new());
        for value in values {
            match self.range(holds, value) {
                Some((low, high)) if low == high => single.push(self.bind(low)),
                _ => parts.push(self.equals(sql, holds, value)),
            }
        }
        if !single.is_empty() {
            parts.push(format!("{sql} IN ({})", single.join(", ")));
        }
        any(parts.into_iter())
    }

    fn equals(&mut self, sql: &str, holds: Holds, value: &Value) -> String {
        match self.range(holds, value) {
            Some((low, high)) if low == high => format!("{sql} = {}", self.bind(low)),
            Some((low, high)) => format!("{sql} BETWEEN {} AND {}", self.bind(low), self.bind(high)),
            None => match (holds, value.as_text().and_then(folded)) {
                (Holds::Link, Some(name)) => format!("{} = {}", name_of(sql), self.bind(name)),
                _ => "0".to_owned(),
            },
        }
    }

    fn contains(&mut self, sql: &str, holds: Holds, value: &Value) -> String {
        let Some(part) = value.as_text().and_then(folded) else { return self.equals(sql, holds, value) };
        match holds {
            Holds::Folded | Holds::Any => format!("instr({sql}, {}) > 0", self.bind(part)),
            Holds::Exact => format!("instr(lower({sql}), {}) > 0", self.bind(part)),
            Holds::Link => format!("instr({}, {}) > 0", name_of(sql), self.bind(part)),
            _ => self.equals(sql, holds, value),
        }
    }

    fn bound(&mut self, sql: &str, holds: Holds, compare: &str, value: Option<&Value>) -> String {
        let Some((low, high)) = value.and_then(|value| self.range(holds, value)) else { return "0".to_owned() };
        let mark = self.bind(if matches!(compare, ">" | "<=") { high } else { low });
        match holds {
            // A custom field holds what people put there; words are neither over nor under a number.
            Holds::Any => format!("(typeof({sql}) = typeof({mark}) AND {sql} {compare} {mark})"),
            _ => format!("{sql} {compare} {mark}"),
        }
    }

    fn set_condition(&mut self, field: &str, op: Op, values: &[Value]) -> String {
        let has = |condition: &str| {
            format!("EXISTS (SELECT 1 FROM member m WHERE m.n = t.n AND m.field = '{field}' AND ({condition}))")
        };
        let words: Vec<String> = values.iter().filter_map(as_words).collect();
        let marks: Vec<String> = words.into_iter().map(|word| self.bind(word)).collect();
        let is_one = format!("m.member IN ({})", marks.join(", "));
        match op {
            Op::Is => has(&is_one),
            Op::IsNot => format!("NOT {}", has(&is_one)),
            Op::Contains => has(&any(marks.iter().map(|mark| format!("instr(m.member, {mark}) > 0")))),
            Op::Empty => format!("NOT {}", has("1")),
            Op::NotEmpty => has("1"),
            Op::Over | Op::Under | Op::Between => "0".to_owned(),
        }
    }

    /// What a chip's value covers in a column, from its first to its last value: a date covers a whole day of
    /// moments. `None` when it can't stand there.
    fn range(&self, holds: Holds, value: &Value) -> Option<(Sql, Sql)> {
        let parsed = value.as_text().and_then(|text| parse(holds, text));
        let value = parsed.as_ref().unwrap_or(value);
        if let (Holds::Time, Value::Date(date)) = (holds, value) {
            let zone = self.ctx.settings.zone();
            let (start, end) = (date.start_in(&zone), date.plus_days(1).start_in(&zone));
            return Some((start.as_millis().into(), (end.as_millis() - 1).into()));
        }
        let shifted = match (holds, value) {
            (Holds::Date, Value::Time(time)) => Value::Date(time.date_in(&self.ctx.settings.zone())),
            (Holds::Folded | Holds::Exact, Value::Int(number)) => Value::Text(number.to_string()),
            _ => value.clone(),
        };
        match sql_value(holds, &shifted) {
            Sql::Null => None,
            value => Some((value.clone(), value)),
        }
    }
}

/// Reads what a chip from a command line or an address bar says in words.
fn parse(holds: Holds, text: &str) -> Option<Value> {
    match holds {
        Holds::Int => text.parse().ok().map(Value::Int),
        Holds::Flag => text.parse().ok().map(Value::Bool),
        Holds::Date => text.parse::<Date>().ok().map(Value::Date),
        Holds::Time => {
            text.parse::<Date>().map(Value::Date).or_else(|_| text.parse::<Timestamp>().map(Value::Time)).ok()
        }
        Holds::Id | Holds::Link => text.parse::<RecordId>().ok().map(Value::Id),
        Holds::Folded | Holds::Exact | Holds::Any => None,
    }
}

fn as_words(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => folded(text),
        Value::Id(id) => Some(id.to_string()),
        _ => None,
    }
}

/// The folded name of the record that an expression links to.
fn name_of(sql: &str) -> String {
    format!("(SELECT sort_name FROM record WHERE id = {sql})")
}

fn any(conditions: impl Iterator<Item = String>) -> String {
    let conditions: Vec<String> = conditions.collect();
    if conditions.is_empty() { "0".to_owned() } else { format!("({})", conditions.join(" OR ")) }
}
