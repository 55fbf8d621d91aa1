//! Where a lead stands: stage and status in the file's words → place, probability and close.

use model::import::MatchMode;
use model::value::{FieldChanges, Fields};
use model::{Date, Record, Settings, Stage, StageKind, Value};

use crate::draft::Standing;

impl Standing {
    /// The stage a lead is put in; a status that closes outweighs the stage's name.
    pub(crate) fn stage<'s>(&self, settings: &'s Settings) -> Option<&'s Stage> {
        let named = self.stage.as_deref().and_then(|id| settings.stage(id));
        match self.status {
            Some(kind @ (StageKind::Won | StageKind::Lost)) => {
                named.filter(|stage| stage.kind == kind).or_else(|| settings.first_stage(kind)).or(named)
            }
            Some(StageKind::Open) => named.or_else(|| settings.first_stage(StageKind::Open)),
            None => named.or_else(|| self.by_dates(settings)),
        }
    }

    /// A day it was won on says that it was won.
    fn by_dates<'s>(&self, settings: &'s Settings) -> Option<&'s Stage> {
        let won = self.won_on.and_then(|_| settings.first_stage(StageKind::Won));
        won.or_else(|| self.lost_on.and_then(|_| settings.first_stage(StageKind::Lost)))
    }

    /// Adds what follows for a new lead; `rank` is its place within the stage.
    pub(crate) fn complete(&self, fields: &mut Fields, defaults: &mut Fields, met: &Meeting<'_>) {
        let Some(stage) = self.stage(met.settings).or_else(|| met.settings.first_stage(StageKind::Open)) else {
            return;
        };
        defaults.insert("value_cents".into(), 0.into());
        defaults.insert("place".into(), model::plan::place(&stage.id, met.rank).into());
        defaults.insert("probability".into(), i64::from(stage.probability).into());
        self.date_fields(stage.kind, fields, met.today);
        if stage.kind != StageKind::Open {
            // A closed lead is certain, whatever the file says.
            fields.remove("probability");
            defaults.insert("closed_on".into(), self.guessed_close(fields, met.today).into());
            let value = fields.get("value_cents").and_then(Value::as_int).unwrap_or(0);
            defaults.insert("closed_value_cents".into(), value.into());
        }
    }

    /// Adds what follows for a lead that exists.
    pub(crate) fn changes(
        &self,
        lead: &Record,
        mode: MatchMode,
        fields: &mut Fields,
        met: &Meeting<'_>,
    ) -> FieldChanges {
        let mut changes = FieldChanges::new();
        let now_in = lead.place().0;
        let wanted = self.stage(met.settings).filter(|stage| stage.id != now_in && mode == MatchMode::Overwrite);
        let kind = wanted.map_or_else(|| met.settings.stage_kind(now_in), |stage| stage.kind);
        self.date_fields(kind, fields, met.today);
        if kind != StageKind::Open {
            fields.remove("probability");
        }
        let Some(stage) = wanted else { return changes };
        changes.insert("place".into(), Some(model::plan::place(&stage.id, met.rank).into()));
        if !lead.flag("probability_pinned") && !fields.contains_key("probability") {
            changes.insert("probability".into(), Some(i64::from(stage.probability).into()));
        }
        if stage.kind != StageKind::Open {
            changes.insert("closed_on".into(), Some(self.guessed_close(fields, met.today).into()));
            let value = fields.get("value_cents").and_then(Value::as_int).or_else(|| lead.int("value_cents"));
            changes.insert("closed_value_cents".into(), Some(value.unwrap_or(0).into()));
        } else {
            let closing = ["closed_on", "closed_value_cents", "lost_reason", "lost_note", "competitor"];
            let present = closing.into_iter().filter(|key| lead.get(key).is_some());
            changes.extend(present.map(|key| (key.to_owned(), None)));
        }
        changes
    }

    /// Dates and reasons mean different things for open and closed leads.
    fn date_fields(&self, kind: StageKind, fields: &mut Fields, today: Date) {
        let closed = match kind {
            StageKind::Open => None,
            StageKind::Won => self.won_on.or(self.close_date),
            StageKind::Lost => self.lost_on.or(self.close_date),
        };
        if let Some(day) = closed {
            fields.insert("closed_on".into(), day.min(today).into());
        }
        if kind == StageKind::Open
            && let Some(day) = self.close_date
        {
            fields.entry("expected_close_date".into()).or_insert(day.into());
        }
        if kind != StageKind::Lost {
            fields.remove("lost_reason");
            fields.remove("lost_note");
        }
        if kind == StageKind::Open {
            fields.remove("closed_on");
        }
    }

    /// The day a lead closed on when the file doesn't say: when it was expected to, if that has passed, else today.
    fn guessed_close(&self, fields: &Fields, today: Date) -> Date {
        let said = fields.get("closed_on").and_then(Value::as_date);
        let expected = fields.get("expected_close_date").and_then(Value::as_date).filter(|day| *day <= today);
        said.or(expected).unwrap_or(today)
    }
}

/// What a lead's standing is worked out against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting<'a> {
    /// The workspace's settings.
    pub(crate) settings: &'a Settings,
    /// The present day.
    pub(crate) today: Date,
    /// The lead's rank if it is placed anew.
    pub(crate) rank: &'a str,
}

#[cfg(test)]
mod tests {
    use model::build;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn created(standing: &Standing, mut fields: Fields) -> (Fields, Fields) {
        let settings = Settings::default();
        let mut defaults = Fields::new();
        standing.complete(
            &mut fields,
            &mut defaults,
            &Meeting { settings: &settings, today: day("2026-03-02"), rank: "m" },
        );
        (fields, defaults)
    }

    #[test]
    fn a_status_outweighs_the_stage() {
        let settings = Settings::default();
        let standing = Standing { stage: Some("proposal".into()), status: Some(StageKind::Won), ..Standing::default() };

        assert_eq!(standing.stage(&settings).unwrap().id, "won");
    }

    #[test]
    fn a_close_date_is_expected_until_the_lead_is_closed() {
        let close_date = Some(day("2026-02-01"));
        let open = created(&Standing { close_date, ..Standing::default() }, Fields::new()).0;
        let won =
            created(&Standing { close_date, status: Some(StageKind::Won), ..Standing::default() }, Fields::new()).0;

        assert_eq!(open, Fields::from([("expected_close_date".into(), day("2026-02-01").into())]));
        assert_eq!(won, Fields::from([("closed_on".into(), day("2026-02-01").into())]));
    }

    #[test]
    fn a_closed_lead_without_a_day_closed_when_it_was_expected_to_or_today() {
        let lost = Standing { status: Some(StageKind::Lost), ..Standing::default() };
        let expected = Fields::from([("expected_close_date".into(), day("2026-01-05").into())]);

        assert_eq!(created(&lost, expected).1["closed_on"], day("2026-01-05").into());
        assert_eq!(created(&lost, Fields::new()).1["closed_on"], day("2026-03-02").into());
    }

    #[test]
    fn only_overwriting_moves_a_lead() {
        let settings = Settings::default();
        let met = Meeting { settings: &settings, today: day("2026-03-02"), rank: "m" };
        let lead = build::lead("Website").in_stage("won").with("closed_on", day("2026-01-01"));
        let standing = Standing { stage: Some("proposal".into()), ..Standing::default() };

        let filled = standing.changes(&lead, MatchMode::FillBlanks, &mut Fields::new(), &met);
        let overwritten = standing.changes(&lead, MatchMode::Overwrite, &mut Fields::new(), &met);
        assert_eq!(filled, FieldChanges::new());
        assert_eq!(overwritten["place"], Some("proposal|m".into()));
        assert_eq!(overwritten["closed_on"], None);
    }
}
