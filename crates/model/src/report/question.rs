//! What a report is asked: its name and filters, as parameters of an address, a command line or the API carry them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::period::Period;
use crate::fold::fold;
use crate::{Date, Kind, RecordId, UserId};

/// The reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Open leads by stage, now or at the end of a past day.
    #[default]
    Pipeline,
    /// Won against lost.
    Won,
    /// Sources of leads.
    Sources,
    /// What is expected to close.
    Forecast,
    /// Who did what.
    Leaderboard,
    /// Stage conversion.
    Conversion,
    /// What needs tidying.
    Hygiene,
}

impl Name {
    /// All reports, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Pipeline, Self::Won, Self::Sources, Self::Forecast, Self::Leaderboard, Self::Conversion, Self::Hygiene];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Won => "won",
            Self::Sources => "sources",
            Self::Forecast => "forecast",
            Self::Leaderboard => "leaderboard",
            Self::Conversion => "conversion",
            Self::Hygiene => "hygiene",
        }
    }

    /// The name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pipeline => "Pipeline summary",
            Self::Won => "Won vs lost",
            Self::Sources => "Top sources",
            Self::Forecast => "Forecast",
            Self::Leaderboard => "Leaderboard",
            Self::Conversion => "Stage conversion",
            Self::Hygiene => "Hygiene",
        }
    }

    /// Whether the period changes what it says.
    pub const fn has_period(self) -> bool {
        matches!(self, Self::Won | Self::Sources | Self::Leaderboard | Self::Conversion)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Name {
    type Err = ParseQuestionError;

    fn from_str(text: &str) -> Result<Self, ParseQuestionError> {
        let found = Self::ALL.into_iter().find(|name| name.word() == text);
        found.ok_or_else(|| ParseQuestionError::Name(text.to_owned()))
    }
}

/// A report with its filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which report.
    pub name: Name,
    /// Which days.
    pub period: Period,
    /// The pipeline as it stood at the end of this day; today or none is now.
    pub as_of: Option<Date>,
    /// Only this person's.
    pub owner: Option<UserId>,
    /// Only leads from this source; `Some("")` is leads without one.
    pub source: Option<String>,
    /// Only leads with this tag; empty is all.
    pub tag: String,
    /// The archive counts too.
    pub archived: bool,
    /// Values as they stood at the close, not as they are now.
    pub as_closed: bool,
    /// Imported activities and leads count in the leaderboard too.
    pub imports: bool,
}

/// What leads without a source, reason or the like are called in an address.
const NONE_WORD: &str = "(none)";

/// Parameters that are no report's, or say nothing that a report knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseQuestionError {
    /// No such report.
    #[error("there is no such report: {0}")]
    Name(String),
    /// No such period.
    #[error("not a period (this_month, last_month, this_quarter …, or 2026-01-01..2026-03-31): {0}")]
    Period(String),
    /// No such parameter.
    #[error("there is no such parameter: {0}")]
    Parameter(String),
    /// Given twice.
    #[error("is given twice: {0}")]
    Twice(String),
    /// A value that the parameter doesn't take.
    #[error("{parameter} must be {expected}")]
    Value {
        /// The parameter.
        parameter: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// Not a figure's address.
    #[error("not a figure of a report: {0}")]
    Figure(String),
}

impl ParseQuestionError {
    /// The parameter it is about.
    pub fn parameter(&self) -> &str {
        match self {
            Self::Name(_) => "name",
            Self::Period(_) => "period",
            Self::Parameter(name) | Self::Twice(name) => name,
            Self::Value { parameter, .. } => parameter,
            Self::Figure(_) => "figure",
        }
    }
}

impl Question {
    /// The parameters, in the order in which they are documented.
    pub const PARAMETERS: [&'static str; 8] =
        ["period", "as_of", "owner_id", "source", "tag", "archived", "as_closed", "imports"];

    /// A report without filters.
    pub fn of(name: Name) -> Self {
        Self { name, ..Self::default() }
    }

    /// Reads the parameters of an address. What is not known is refused: a filter with a slip of the pen would
    /// otherwise answer with everything.
    ///
    /// # Errors
    /// When a parameter is unknown, given twice or says nothing that it can mean.
    pub fn from_pairs<'a>(
        name: Name,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ParseQuestionError> {
        let mut question = Self::of(name);
        let mut seen = Vec::new();
        for (key, value) in pairs {
            if seen.contains(&key) {
                return Err(ParseQuestionError::Twice(key.to_owned()));
            }
            seen.push(key);
            question.set(key, value)?;
        }
        Ok(question)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), ParseQuestionError> {
        let wrong = |parameter, expected| ParseQuestionError::Value { parameter, expected };
        let flag = |parameter| match value {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            _ => Err(wrong(parameter, "true or false")),
        };
        match key {
            "period" => self.period = value.parse()?,
            "as_of" => self.as_of = Some(value.parse().map_err(|_| wrong("as_of", "a date as in 2026-03-31"))?),
            "owner_id" => {
                let id: RecordId = value.parse().map_err(|_| wrong("owner_id", "an id"))?;
                self.owner = Some(UserId(id.0));
            }
            "source" if value == NONE_WORD => self.source = Some(String::new()),
            "source" => self.source = Some(value.to_owned()),
            "tag" => self.tag = value.to_owned(),
            "archived" => self.archived = flag("archived")?,
            "as_closed" => self.as_closed = flag("as_closed")?,
            "imports" => self.imports = flag("imports")?,
            _ => return Err(ParseQuestionError::Parameter(key.to_owned())),
        }
        Ok(())
    }

    /// The parameters that read back as this question; what is as usual is left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let usual = self.period == Period::default() || !self.name.has_period();
        pairs.extend((!usual).then(|| ("period", self.period.to_string())));
        pairs.extend(self.as_of.map(|day| ("as_of", day.to_string())));
        pairs.extend(self.owner.map(|owner| ("owner_id", owner.record().to_string())));
        pairs.extend(self.source.as_ref().map(|source| match source.as_str() {
            "" => ("source", NONE_WORD.to_owned()),
            source => ("source", source.to_owned()),
        }));
        pairs.extend((!self.tag.is_empty()).then(|| ("tag", self.tag.clone())));
        let flags = [("archived", self.archived), ("as_closed", self.as_closed), ("imports", self.imports)];
        pairs.extend(flags.into_iter().filter(|(_, on)| *on).map(|(key, _)| (key, "true".to_owned())));
        pairs
    }

    /// A source as it is compared: trimmed, case- and accent-blind.
    pub(crate) fn source_key(&self) -> Option<String> {
        self.source.as_ref().map(|source| fold(source).trim().to_owned())
    }
}

/// One figure of a report: a list can show the records behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The report, its period written out in days so that the figure means the same tomorrow.
    pub question: Question,
    /// The figure's name within the report.
    pub cell: String,
}

impl Figure {
    /// The kind of the records behind it.
    pub fn kind(&self) -> Kind {
        match self.cell.split('/').next() {
            Some("activities" | "calls" | "emails" | "meetings" | "notes" | "sms" | "minutes") => Kind::Activity,
            Some("tasks") => Kind::Task,
            _ => Kind::Lead,
        }
    }
}

impl fmt::Display for Figure {
    /// `won;reason/price;period=2026-03-01..2026-03-31`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};{}", self.question.name, escaped(&self.cell))?;
        self.question.pairs().iter().try_for_each(|(key, value)| write!(f, ";{key}={}", escaped(value)))
    }
}

impl FromStr for Figure {
    type Err = ParseQuestionError;

    fn from_str(text: &str) -> Result<Self, ParseQuestionError> {
        let wrong = || ParseQuestionError::Figure(text.to_owned());
        let mut parts = text.split(';');
        let name = parts.next().ok_or_else(wrong)?.parse()?;
        let cell = parts.next().map(unescaped).filter(|cell| !cell.is_empty()).ok_or_else(wrong)?;
        let pairs: Option<Vec<(&str, String)>> =
            parts.map(|pair| pair.split_once('=').map(|(key, value)| (key, unescaped(value)))).collect();
        let pairs = pairs.ok_or_else(wrong)?;
        let question = Question::from_pairs(name, pairs.iter().map(|(key, value)| (*key, value.as_str())))?;
        Ok(Self { question, cell })
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace(';', "%3B")
}

fn unescaped(text: &str) -> String {
    text.replace("%3B", ";").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs<'a>(list: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        list.iter().copied()
    }

    #[test]
    fn a_question_reads_back_as_it_was_written() {
        let id = "018f2b5c-0000-7000-8000-000000000001";
        let all = [
            ("period", "2026-01-01..2026-03-31"),
            ("as_of", "2026-02-28"),
            ("owner_id", id),
            ("source", "50 %; more"),
            ("tag", "hot"),
            ("archived", "true"),
            ("as_closed", "true"),
            ("imports", "true"),
        ];
        let question = Question::from_pairs(Name::Won, pairs(&all)).expect("is a question");

        let written = question.pairs();

        let written: Vec<(&str, &str)> = written.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(written, all);
        let figure = Figure { question, cell: "reason/a;b%3B".into() };
        assert_eq!(figure.to_string().parse(), Ok(figure));
    }

    #[test]
    fn a_slip_of_the_pen_is_refused() {
        let parse = |list: &[(&str, &str)]| Question::from_pairs(Name::Won, pairs(list)).map(drop);
        let value = |parameter, expected| Err(ParseQuestionError::Value { parameter, expected });

        assert_eq!(parse(&[("perod", "this_month")]), Err(ParseQuestionError::Parameter("perod".into())));
        assert_eq!(parse(&[("period", "soon")]), Err(ParseQuestionError::Period("soon".into())));
        assert_eq!(
            parse(&[("period", "2026-02-01..2026-01-01")]),
            Err(ParseQuestionError::Period("2026-02-01..2026-01-01".into()))
        );
        assert_eq!(parse(&[("owner_id", "me")]), value("owner_id", "an id"));
        assert_eq!(parse(&[("as_of", "2026-02-30")]), value("as_of", "a date as in 2026-03-31"));
        assert_eq!(parse(&[("imports", "yes")]), value("imports", "true or false"));
        assert_eq!(parse(&[("tag", "a"), ("tag", "b")]), Err(ParseQuestionError::Twice("tag".into())));
    }
}
