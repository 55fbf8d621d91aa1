//! The stand-in's reports: its records as facts, worked out by the model itself.

use std::collections::BTreeSet;

use model::query::Condition;
use model::report::{
    self, ActivityFacts, Calendar, Facts, Figure, LeadFacts, Members, Person, Question, Report, Stages,
};
use model::{Kind, Record, RecordId, StageKind, UserId, Value};

use super::StubReplica;

impl StubReplica {
    pub(super) fn report(&self, question: &Question) -> (Report, Members) {
        let facts = Facts {
            now: self.now,
            zone: self.settings.zone(),
            calendar: Calendar::of(&self.settings),
            stages: Stages::new(&self.settings, Vec::new()),
            leads: self.of(Kind::Lead).map(|lead| self.lead_facts(lead)).collect(),
            activities: self.of(Kind::Activity).map(activity_facts).collect(),
            tasks: Vec::new(),
            files: Vec::new(),
            people: self.of(Kind::User).map(person).collect(),
            leaderboard_off: self.settings.leaderboard_off,
            unread_histories: 0,
        };
        let mut members = Members::default();
        (report::work_out(question, &facts, &mut members), members)
    }

    /// The records behind the figure that a condition names.
    pub(super) fn behind(&self, condition: &Condition) -> BTreeSet<RecordId> {
        let text = condition.values.first().and_then(Value::as_text).expect("a figure is text");
        let figure: Figure = text.parse().expect("is a figure");
        self.report(&figure.question).1.behind(&figure.cell).iter().copied().collect()
    }

    fn lead_facts(&self, lead: &Record) -> LeadFacts {
        let open = self.settings.stage_kind(lead.place().0) == StageKind::Open;
        let has_next_step = self.row(lead).next_task.is_some();
        LeadFacts {
            id: lead.id,
            owner: lead.owner(),
            stage: lead.place().0.to_owned(),
            value_cents: lead.int("value_cents").unwrap_or(0),
            probability: lead.int("probability").unwrap_or(0),
            created_at: lead.time("created_at"),
            expected_close: lead.date("expected_close_date"),
            closed_on: lead.date("closed_on"),
            closed_value_cents: lead.int("closed_value_cents"),
            lost_reason: lead.text("lost_reason").to_owned(),
            source: lead.text("source").to_owned(),
            tags: lead.members("tags").map(|(tag, _)| tag.to_owned()).collect(),
            archived: false,
            imported: false,
            has_contact: lead.link("primary_contact_id").is_some(),
            has_next_step,
            rotting: open && !has_next_step,
            stage_conflict: false,
            stage_entered_at: None,
            past: Vec::new(),
        }
    }
}

fn activity_facts(activity: &Record) -> ActivityFacts {
    ActivityFacts {
        id: activity.id,
        owner: activity.owner(),
        of: activity.text("type").to_owned(),
        at: activity.time("occurred_at").unwrap_or_default(),
        minutes: activity.int("duration_minutes").unwrap_or(0),
        lead: activity.link("lead_id"),
        imported: false,
    }
}

fn person(user: &Record) -> Person {
    Person { id: UserId(user.id.0), name: user.text("name").to_owned(), active: true }
}
