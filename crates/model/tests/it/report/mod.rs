//! Reports on small data that can be worked out by hand (PRODUCT 9), in Berlin and in Los Angeles.

mod conversion;
mod forecast;
mod hygiene;
mod leaderboard;
mod mistakes;
mod periods;
mod pipeline;
mod sheets;
mod sources;
mod won_lost;

use jiff::tz::TimeZone;
use model::report::{
    Calendar, Facts, Figures, LeadFacts, Members, Name, Past, Person, Question, Report, StageFacts, Stages, Was,
    work_out,
};
use model::{Date, RecordId, Settings, StageKind, Timestamp, UserId};

const BERLIN: &str = "Europe/Berlin";
const LOS_ANGELES: &str = "America/Los_Angeles";
const ZONES: [&str; 2] = [BERLIN, LOS_ANGELES];

const ANA: UserId = UserId::from_bytes([0xa; 16]);
const BEN: UserId = UserId::from_bytes([0xb; 16]);

fn at(text: &str) -> Timestamp {
    text.parse().expect("is a moment")
}

fn day(text: &str) -> Date {
    text.parse().expect("is a day")
}

/// A lead of Ana's in the first stage, created in the morning of 2 March 2026, worth nothing.
#[derive(Clone)]
struct Lead(LeadFacts);

fn lead(number: u8) -> Lead {
    let created = at("2026-03-02T12:00:00Z");
    Lead(LeadFacts {
        id: RecordId::from_bytes([number; 16]),
        owner: Some(ANA),
        stage: "new".into(),
        value_cents: 0,
        probability: 10,
        created_at: Some(created),
        expected_close: None,
        closed_on: None,
        closed_value_cents: None,
        lost_reason: String::new(),
        source: String::new(),
        tags: Vec::new(),
        archived: false,
        imported: false,
        has_contact: true,
        has_next_step: true,
        rotting: false,
        stage_conflict: false,
        stage_entered_at: None,
        past: vec![Past { at: created, by: Some(ANA), was: Was::Absent }],
    })
}

impl Lead {
    fn with(mut self, change: impl FnOnce(&mut LeadFacts)) -> Self {
        change(&mut self.0);
        self
    }

    fn worth(self, cents: i64) -> Self {
        self.with(|lead| lead.value_cents = cents)
    }

    fn likely(self, percent: i64) -> Self {
        self.with(|lead| lead.probability = percent)
    }

    fn of(self, owner: UserId) -> Self {
        self.with(|lead| lead.owner = Some(owner))
    }

    fn from(self, source: &str) -> Self {
        self.with(|lead| lead.source = source.into())
    }

    fn due(self, text: &str) -> Self {
        self.with(|lead| lead.expected_close = Some(day(text)))
    }

    /// Created then, and known since then.
    fn created(self, text: &str) -> Self {
        self.with(|lead| {
            lead.created_at = Some(at(text));
            lead.past[0].at = at(text);
        })
    }

    /// Came with an import on that day.
    fn imported(self, text: &str) -> Self {
        self.with(|lead| {
            lead.imported = true;
            lead.past[0].at = at(text);
        })
    }

    /// Moved to a stage at a moment; moves are told in order.
    fn moved(self, text: &str, stage: &str) -> Self {
        self.with(|lead| {
            let before = std::mem::replace(&mut lead.stage, stage.into());
            lead.past.push(Past { at: at(text), by: lead.owner, was: Was::Stage(before.into()) });
        })
    }

    /// Given to somebody at a moment.
    fn given(self, text: &str, owner: UserId) -> Self {
        self.with(|lead| {
            let before = lead.owner.replace(owner);
            lead.past.push(Past { at: at(text), by: Some(ANA), was: Was::Owner(before) });
        })
    }

    /// Its value changed at a moment.
    fn revalued(self, text: &str, cents: i64) -> Self {
        self.with(|lead| {
            let before = std::mem::replace(&mut lead.value_cents, cents);
            lead.past.push(Past { at: at(text), by: Some(ANA), was: Was::Value(before) });
        })
    }

    /// Put off at a moment.
    fn put_off(self, text: &str, to: &str) -> Self {
        self.with(|lead| {
            let before = lead.expected_close.replace(day(to));
            lead.past.push(Past { at: at(text), by: Some(ANA), was: Was::ExpectedClose(before) });
        })
    }

    /// Won on a day, at the value that it has.
    fn won(self, text: &str, on: &str) -> Self {
        self.moved(text, "won").closed(on)
    }

    /// Lost on a day for a reason.
    fn lost(self, text: &str, on: &str, reason: &str) -> Self {
        self.moved(text, "lost").closed(on).with(|lead| lead.lost_reason = reason.into())
    }

    fn closed(self, on: &str) -> Self {
        self.with(|lead| {
            lead.closed_on = Some(day(on));
            lead.closed_value_cents = Some(lead.value_cents);
        })
    }

    fn tagged(self, tag: &str) -> Self {
        self.with(|lead| lead.tags.push(tag.into()))
    }

    const fn id(&self) -> RecordId {
        self.0.id
    }
}

/// These leads in a workspace of this zone, at a moment.
fn facts(zone: &str, now: &str, leads: &[&Lead]) -> Facts {
    let person = |id, name: &str| Person { id, name: name.into(), active: true };
    Facts {
        now: at(now),
        zone: TimeZone::get(zone).expect("is a zone"),
        calendar: Calendar::default(),
        stages: Stages::new(&Settings::default(), Vec::new()),
        leads: leads.iter().map(|lead| lead.0.clone()).collect(),
        activities: Vec::new(),
        tasks: Vec::new(),
        files: Vec::new(),
        people: vec![person(ANA, "Ana"), person(BEN, "Ben")],
        leaderboard_off: false,
        unread_histories: 0,
    }
}

/// A stage that has been removed since.
fn removed(id: &str, name: &str, rank: &str) -> StageFacts {
    StageFacts { id: id.into(), name: name.into(), kind: StageKind::Open, rank: rank.into(), color: 1, removed: true }
}

fn ask(name: Name, period: &str) -> Question {
    Question { period: period.parse().expect("is a period"), ..Question::of(name) }
}

fn answer(question: &Question, facts: &Facts) -> (Report, Members) {
    let mut members = Members::default();
    let report = work_out(question, facts, &mut members);
    assert_eq!(work_out(question, facts, &mut Members::ignored()), report);
    // Whatever is asked: a figure on the sheet has exactly the records that it counts.
    let sheet = report.sheet();
    for cell in sheet.cells() {
        let behind = cell.behind.as_deref().map(|cell| members.behind(cell));
        if let (model::report::sheet::Amount::Count(count), Some(behind)) = (&cell.amount, behind) {
            assert_eq!(behind.len() as u64, *count, "{cell:?}");
        }
        assert_ne!(behind.map(<[_]>::len), Some(0), "{cell:?} leads to an empty list");
    }
    (report, members)
}

macro_rules! figures_of {
    ($variant:ident, $name:ident, $what:ty) => {
        fn $name(question: &Question, facts: &Facts) -> $what {
            match answer(question, facts).0.figures {
                Figures::$variant(figures) => figures,
                other => panic!("another report: {other:?}"),
            }
        }
    };
}
figures_of!(Pipeline, pipeline_of, model::report::PipelineSummary);
figures_of!(Won, won_of, model::report::WonLost);
figures_of!(Sources, sources_of, model::report::Sources);
figures_of!(Forecast, forecast_of, model::report::Forecast);
figures_of!(Leaderboard, leaderboard_of, model::report::Leaderboard);
figures_of!(Conversion, conversion_of, model::report::Conversion);
figures_of!(Hygiene, hygiene_of, model::report::Hygiene);
