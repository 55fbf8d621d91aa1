//! Reports (PRODUCT 9): from plain facts about leads, activities and tasks to figures.
//!
//! Everything is whole numbers: money in cents, shares as part and whole, days in tenths. Buckets are local dates of
//! the workspace's zone; a date without time is never shifted. Each figure knows the records behind it (`Members`),
//! so that a list opened from a figure shows exactly what was counted.

mod conversion;
mod facts;
mod figures;
mod forecast;
mod hygiene;
mod leaderboard;
mod period;
mod pipeline;
mod question;
pub mod sheet;
mod sources;
mod won_lost;

pub use conversion::{Conversion, ConversionRow};
pub use facts::{
    ActivityFacts, Facts, FileFacts, LeadFacts, Past, Person, StageFacts, Stages, Standing, TaskFacts, Was,
};
pub use figures::{Days, Members, Ratio, Sum, weighted};
pub use forecast::{Forecast, ForecastRow, PastMonth};
pub use hygiene::{Flaw, Hygiene, HygieneRow};
pub use leaderboard::{Leaderboard, LeaderboardRow};
pub use period::{Bucket, Calendar, Period, Span};
pub use pipeline::{PipelineRow, PipelineSummary};
pub use question::{Figure, Name, ParseQuestionError, Question};
pub use sheet::Sheet;
pub use sources::{SourceRow, Sources};
pub use won_lost::{Closed, LossReason, WonLost, WonLostBucket};

use serde::{Deserialize, Serialize};

/// A report's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figures {
    /// Open leads by stage.
    Pipeline(PipelineSummary),
    /// What was won and lost in a period.
    Won(WonLost),
    /// Where leads come from.
    Sources(Sources),
    /// What is expected, by month.
    Forecast(Forecast),
    /// Who did what.
    Leaderboard(Leaderboard),
    /// How far leads come.
    Conversion(Conversion),
    /// What needs tidying.
    Hygiene(Hygiene),
}

/// A report: what was asked, and its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What was asked.
    pub question: Question,
    /// The days that the question's period covers.
    pub span: Span,
    /// The day of the workspace that counted as today.
    pub today: crate::Date,
    /// The figures.
    pub figures: Figures,
    /// Leads whose history is not on this device yet; what depends on it may change.
    pub unread_histories: u64,
}

impl Report {
    /// The report as the API and scripts have it: money in cents, shares as part and whole, days in tenths.
    pub fn to_json(&self) -> serde_json::Value {
        // Plain data: writing it as JSON can't fail, and a report is never without figures.
        let figures = serde_json::to_value(&self.figures).unwrap_or_default();
        let figures = figures.as_object().and_then(|by_name| by_name.values().next()).cloned().unwrap_or_default();
        let parameters: serde_json::Map<_, _> =
            self.question.pairs().into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        serde_json::json!({
            "report": self.question.name,
            "parameters": parameters,
            "from": self.span.from,
            "to": self.span.to,
            "today": self.today,
            "figures": figures,
            "unread_histories": self.unread_histories,
        })
    }
}

/// Works a report out and notes the records behind each figure.
pub fn work_out(question: &Question, facts: &Facts, members: &mut Members) -> Report {
    let today = facts.today();
    let span = question.period.span(today, &facts.calendar);
    let figures = match question.name {
        Name::Pipeline => Figures::Pipeline(pipeline::summarize(question, facts, members)),
        Name::Won => Figures::Won(won_lost::compare(question, facts, members)),
        Name::Sources => Figures::Sources(sources::rank(question, facts, members)),
        Name::Forecast => Figures::Forecast(forecast::look_ahead(question, facts, members)),
        Name::Leaderboard => Figures::Leaderboard(leaderboard::compare(question, facts, members)),
        Name::Conversion => Figures::Conversion(conversion::follow(question, facts, members)),
        Name::Hygiene => Figures::Hygiene(hygiene::inspect(question, facts, members)),
    };
    let unread_histories = facts.unread_histories;
    Report { question: question.clone(), span, today, figures, unread_histories }
}
