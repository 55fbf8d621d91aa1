//! What a filter or sort key stands for in SQL: a column, a derived expression, or a set of members.

use std::collections::BTreeSet;

use model::Kind;
use model::schema::FieldType;
use rusqlite::types::Value as Sql;
use rusqlite::{Rows, Statement};

use super::{DAY_SQL, QueryContext, today};
use crate::columns::{Holds, holds};
use crate::error::StoreError;
use crate::figures::{has_figures, last_touch_sql};

/// Collects the values that a statement binds.
pub(crate) struct Builder<'a> {
    pub kind: Kind,
    pub ctx: &'a QueryContext<'a>,
    pub values: Vec<Sql>,
}

/// What a field's name stands for.
pub(crate) enum Operand {
    /// An SQL expression over the row `t` (and its stage `s`).
    Scalar {
        /// The expression.
        sql: String,
        /// What it holds.
        holds: Holds,
    },
    /// The members of a set.
    Set(&'static str),
}

impl<'a> Builder<'a> {
    pub(crate) const fn new(kind: Kind, ctx: &'a QueryContext<'a>) -> Self {
        Self { kind, ctx, values: Vec::new() }
    }

    /// Binds a value and returns its mark.
    pub(crate) fn bind(&mut self, value: impl Into<Sql>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// Runs a statement that was built with this builder's marks. A condition that came out constant leaves marks
    /// of its own unused.
    pub(crate) fn query<'s>(&self, statement: &'s mut Statement<'_>) -> Result<Rows<'s>, StoreError> {
        for (index, value) in self.values.iter().enumerate().take(statement.parameter_count()) {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        Ok(statement.raw_query())
    }

    fn bind_now(&mut self) -> String {
        self.bind(self.ctx.now.as_millis())
    }

    /// The tables to read from; a lead comes with its stage.
    pub(crate) fn tables(&self) -> String {
        match self.kind {
            Kind::Lead => "lead t LEFT JOIN stage s ON s.id = t.stage".to_owned(),
            kind => format!("{kind} t"),
        }
    }

    /// Looks a field up, the schema's or a derived one.
    pub(crate) fn operand(&mut self, field: &str) -> Result<Operand, StoreError> {
        if let Some(derived) = self.derived(field) {
            return Ok(derived);
        }
        let (name, member) = field.split_once('/').map_or((field, None), |(name, member)| (name, Some(member)));
        let name = if name == "tag" { "tags" } else { name };
        let unknown = || StoreError::UnknownField { kind: self.kind, field: field.to_owned() };
        let known = self.kind.fields().iter().find(|field| field.key == name).ok_or_else(unknown)?;
        match (holds(known), member) {
            (Some(holds), None) => Ok(Operand::Scalar { sql: format!("t.{}", known.key), holds }),
            (None, None) if known.of == FieldType::Note => Ok(self.member(known.key, "")),
            (None, None) => Ok(Operand::Set(known.key)),
            (None, Some(member)) if known.of.has_members() => Ok(self.member(known.key, member)),
            _ => Err(unknown()),
        }
    }

    fn member(&mut self, field: &'static str, member: &str) -> Operand {
        let member = self.bind(model::fold::fold(member));
        let sql = format!("(SELECT value FROM member WHERE n = t.n AND field = '{field}' AND member = {member})");
        Operand::Scalar { sql, holds: Holds::Any }
    }

    fn derived(&mut self, field: &str) -> Option<Operand> {
        let (sql, holds) = match field {
            "id" => ("t.id".to_owned(), Holds::Id),
            "name" if self.kind.fields().iter().all(|field| field.key != "name") => {
                (of_record("sort_name"), Holds::Folded)
            }
            "pending" => (of_record("pending"), Holds::Flag),
            "conflicted" => (of_record("conflicts > 0"), Holds::Flag),
            "last_touch_at" if has_figures(self.kind) => (self.last_touch(), Holds::Time),
            "idle_since" if has_figures(self.kind) => (self.idle_since(), Holds::Time),
            "next_task_due" if has_figures(self.kind) => ("t.next_task_due".to_owned(), Holds::Time),
            "files" if has_figures(self.kind) => ("t.files".to_owned(), Holds::Int),
            _ => match self.kind {
                Kind::Lead => self.derived_of_lead(field)?,
                Kind::Account => derived_of_account(field)?,
                _ => return None,
            },
        };
        Some(Operand::Scalar { sql, holds })
    }

    pub(crate) fn last_touch(&mut self) -> String {
        let now = self.bind_now();
        format!("({})", last_touch_sql(self.kind, &now))
    }

    /// When it was touched last; if never, when it was created.
    fn idle_since(&mut self) -> String {
        let touch = self.last_touch();
        format!("coalesce({touch}, {})", if self.kind == Kind::Lead { STAGE_ENTERED } else { "t.created_at" })
    }

    fn derived_of_lead(&mut self, field: &str) -> Option<(String, Holds)> {
        Some(match field {
            "stage" | "place" => ("t.stage".to_owned(), Holds::Exact),
            "board_key" => ("t.board_key".to_owned(), Holds::Exact),
            "status" => (STATUS.to_owned(), Holds::Exact),
            "stage_entered_at" => (STAGE_ENTERED.to_owned(), Holds::Time),
            "weighted_cents" => (WEIGHTED.to_owned(), Holds::Int),
            "no_next_step" => (format!("({STATUS} = 'open' AND t.next_task IS NULL)"), Holds::Flag),
            "rotting" => (self.rotting(), Holds::Flag),
            _ => return None,
        })
    }

    /// What `model::rot::rotting_days` says of a lead, in SQL: untouched for its stage's days, and no open task falls
    /// due from today until as many days ahead. Days are the calendar's, so a stage's days become moments here.
    pub(crate) fn rotting(&mut self) -> String {
        let idle_since = self.idle_since();
        let (today, tomorrow) = today(self.ctx);
        let today = self.bind(today.as_millis());
        let touched_before = self.day_by_rot_days(|rot_days| 1 - rot_days);
        let due_before = self.day_by_rot_days(|rot_days| rot_days + 1);
        let tomorrow = tomorrow.as_millis();
        format!(
            "coalesce({STATUS} = 'open' AND s.rot_days > 0
              AND {idle_since} < coalesce({touched_before}, {tomorrow} - s.rot_days * {DAY_SQL})
              AND NOT EXISTS (SELECT 1 FROM task k WHERE k.linked_id = t.id AND k.deleted_at IS NULL
                  AND coalesce(k.status, 'open') = 'open' AND k.due_at >= {today}
                  AND k.due_at < coalesce({due_before}, {tomorrow} + s.rot_days * {DAY_SQL})), 0)"
        )
    }

    /// The beginning of a day that depends on the stage's rot days; NULL for days that no stage of the settings has.
    fn day_by_rot_days(&mut self, days_ahead: impl Fn(i32) -> i32) -> String {
        let zone = self.ctx.settings.zone();
        let today = self.ctx.now.date_in(&zone);
        let known = self.ctx.settings.stages.iter().filter_map(|stage| i32::try_from(stage.rot_days).ok());
        let known: BTreeSet<i32> = known.filter(|days| (1..=ROT_DAYS_MAX).contains(days)).collect();
        let cases = known.iter().map(|days| {
            let start = today.plus_days(days_ahead(*days)).start_in(&zone);
            format!(" WHEN {days} THEN {}", start.as_millis())
        });
        format!("CASE s.rot_days{} WHEN 0 THEN NULL END", cases.collect::<String>())
    }
}

/// Rot days that are counted by the calendar; more than that is a matter of decades.
const ROT_DAYS_MAX: i32 = 36_500;

/// A lead's status; a stage nobody knows is open.
pub(crate) const STATUS: &str = "coalesce(s.status, 'open')";
/// When a lead entered its stage; by default when it was created.
pub(crate) const STAGE_ENTERED: &str = "coalesce(t.stage_entered_at, t.created_at)";
/// Value times probability, not yet divided by 100.
pub(crate) const WEIGHTED: &str = "(coalesce(t.value_cents, 0) * coalesce(t.probability, 0))";

fn of_record(expression: &str) -> String {
    format!("(SELECT {expression} FROM record WHERE n = t.n)")
}

fn derived_of_account(field: &str) -> Option<(String, Holds)> {
    let (figure, status) = match field {
        "open_leads" => ("count(*)", "open"),
        "open_cents" => ("coalesce(sum(l.value_cents), 0)", "open"),
        "contact_count" => {
            let sql = "(SELECT count(*) FROM contact c WHERE c.account_id = t.id AND c.hidden = 0)";
            return Some((sql.to_owned(), Holds::Int));
        }
        "won_leads" => ("count(*)", "closed_won"),
        "won_cents" => ("coalesce(sum(l.value_cents), 0)", "closed_won"),
        _ => return None,
    };
    let sql = format!(
        "(SELECT {figure} FROM lead l LEFT JOIN stage s ON s.id = l.stage WHERE l.account_id = t.id
          AND l.hidden = 0 AND coalesce(s.status, 'open') = '{status}')"
    );
    Some((sql, Holds::Int))
}
