//! The workspace's settings, read from their record. Stages are keys `stage/<id>/<property>`, so that two
//! admins who rename and recolour one stage at the same time both get their way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fold::fold;
use crate::value::{FieldChanges, Fields};
use crate::{Kind, OwnField, Record, RecordId, Value};

/// The settings record's id, the same in every workspace: its first change is the same everywhere too.
pub const SETTINGS_ID: RecordId = RecordId::from_bytes(*b"trailtrackconfig");

/// What a stage means for a lead's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Still being worked on.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

impl StageKind {
    /// The status of a lead in such a stage, as JSON has it.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "closed_won",
            Self::Lost => "closed_lost",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// The day that a week begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    /// As in ISO 8601.
    #[default]
    Monday,
    /// As in America.
    Sunday,
    /// As in much of the Arab world.
    Saturday,
}

impl WeekStart {
    /// The day's word in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Sunday => "sunday",
            Self::Saturday => "saturday",
        }
    }

    fn named(word: &str) -> Self {
        match word {
            "sunday" => Self::Sunday,
            "saturday" => Self::Saturday,
            _ => Self::Monday,
        }
    }
}

/// One stage of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its id; a lead's `stage`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it means for a lead's status.
    pub kind: StageKind,
    /// Probability in percent that a lead gets on entering.
    pub probability: u8,
    /// Days without a touch after which a lead rots; 0 is never.
    pub rot_days: u32,
    /// Its place among the stages: fractional index, smaller is further left.
    pub rank: String,
    /// Index into the theme's stage colours.
    pub color: u8,
}

/// The workspace's settings as the program uses them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The workspace's name; empty until somebody names it.
    pub name: String,
    /// Currency label, ISO 4217.
    pub currency: String,
    /// IANA time zone for report buckets and reminders.
    pub time_zone: String,
    /// Region for phone numbers, ISO 3166-1 alpha-2.
    pub region: String,
    /// Order of numeric dates: `dmy`, `mdy` or `ymd`.
    pub date_order: String,
    /// The first day of a week.
    pub week_start: WeekStart,
    /// The month that a fiscal year begins with, 1 to 12.
    pub fiscal_month: u8,
    /// Standard users edit only what they own.
    pub only_owners_edit: bool,
    /// Nobody sees the leaderboard.
    pub leaderboard_off: bool,
    /// The pipeline, in order.
    pub stages: Vec<Stage>,
    /// Proposed sources of leads.
    pub sources: Vec<String>,
    /// Proposed reasons for losing.
    pub lost_reasons: Vec<String>,
    /// Sources that are proposed no longer.
    pub old_sources: Vec<String>,
    /// Reasons that are proposed no longer.
    pub old_lost_reasons: Vec<String>,
    /// The workspace's own fields, by kind and in order, archived ones included.
    pub own_fields: Vec<OwnField>,
    /// Colours of tags: index into the theme's stage colours, by folded tag.
    pub tag_colors: BTreeMap<String, u8>,
}

type DefaultStage = (&'static str, &'static str, StageKind, u8, u32, &'static str);

/// PRODUCT 8.4, Defaults: id, name, kind, probability, rot days, rank.
const DEFAULT_STAGES: [DefaultStage; 6] = [
    ("new", "New", StageKind::Open, 10, 3, "10"),
    ("qualified", "Qualified", StageKind::Open, 25, 10, "20"),
    ("proposal", "Proposal", StageKind::Open, 50, 7, "30"),
    ("negotiation", "Negotiation", StageKind::Open, 75, 7, "40"),
    ("won", "Closed-Won", StageKind::Won, 100, 0, "50"),
    ("lost", "Closed-Lost", StageKind::Lost, 0, 0, "60"),
];

const DEFAULT_SOURCES: [&str; 6] = ["Referral", "Website", "Event", "Cold outreach", "Partner", "Advertising"];

const DEFAULT_LOST_REASONS: [&str; 9] = [
    "Price",
    "Competitor",
    "Budget",
    "Timing",
    "No response",
    "No decision-maker",
    "Missing feature",
    "Poor fit",
    "Other",
];

/// The fields of the settings' first change.
pub fn default_fields() -> Fields {
    let mut fields = Fields::new();
    let pairs =
        [("currency", "USD"), ("time_zone", "UTC"), ("region", "US"), ("date_order", "dmy"), ("week_start", "monday")];
    fields.extend(pairs.map(|(key, value)| (key.to_owned(), value.into())));
    fields.insert("fiscal_month".into(), 1.into());
    fields.insert("only_owners_edit".into(), false.into());
    for (index, (id, name, kind, probability, rot_days, rank)) in (0_u8..).zip(DEFAULT_STAGES) {
        let stage =
            Stage { id: id.into(), name: name.into(), kind, probability, rot_days, rank: rank.into(), color: index };
        fields.extend(stage.fields());
    }
    fields.extend(DEFAULT_SOURCES.map(|source| (format!("source/{source}"), true.into())));
    fields.extend(DEFAULT_LOST_REASONS.map(|reason| (format!("lost_reason/{reason}"), true.into())));
    fields
}

impl Stage {
    /// The stage as keys of the settings record.
    pub fn fields(&self) -> Fields {
        let key = |property: &str| format!("stage/{}/{property}", self.id);
        Fields::from([
            (key("name"), self.name.as_str().into()),
            (key("kind"), self.kind.name().into()),
            (key("probability"), i64::from(self.probability).into()),
            (key("rot_days"), i64::from(self.rot_days).into()),
            (key("rank"), self.rank.as_str().into()),
            (key("color"), i64::from(self.color).into()),
        ])
    }

    fn read(id: &str, properties: &BTreeMap<&str, &Value>) -> Self {
        let text = |key: &str| properties.get(key).and_then(|value| value.as_text()).unwrap_or("");
        let int = |key: &str| properties.get(key).and_then(|value| value.as_int()).unwrap_or(0);
        let kind = match text("kind") {
            "won" => StageKind::Won,
            "lost" => StageKind::Lost,
            _ => StageKind::Open,
        };
        Self {
            id: id.to_owned(),
            name: if text("name").is_empty() { id.to_owned() } else { text("name").to_owned() },
            kind,
            probability: u8::try_from(int("probability").clamp(0, 100)).unwrap_or(0),
            rot_days: u32::try_from(int("rot_days").max(0)).unwrap_or(0),
            rank: text("rank").to_owned(),
            color: u8::try_from(int("color").rem_euclid(64)).unwrap_or(0),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::read(&Record { kind: Kind::Settings, id: SETTINGS_ID, fields: default_fields() })
    }
}

impl Settings {
    /// Reads the settings; what is missing or odd takes its default, so reading never fails.
    pub fn read(record: &Record) -> Self {
        let or = |key: &str, fallback: &str| match record.text(key) {
            "" => fallback.to_owned(),
            text => text.to_owned(),
        };
        let (sources, old_sources) = read_words(record, "source");
        let (lost_reasons, old_lost_reasons) = read_words(record, "lost_reason");
        Self {
            name: record.text("name").to_owned(),
            currency: or("currency", "USD"),
            time_zone: or("time_zone", "UTC"),
            region: or("region", "US"),
            date_order: or("date_order", "dmy"),
            week_start: WeekStart::named(record.text("week_start")),
            fiscal_month: record
                .int("fiscal_month")
                .and_then(|month| u8::try_from(month).ok())
                .unwrap_or(1)
                .clamp(1, 12),
            only_owners_edit: record.flag("only_owners_edit"),
            leaderboard_off: record.flag("leaderboard_off"),
            stages: read_stages(record),
            sources,
            lost_reasons,
            old_sources,
            old_lost_reasons,
            own_fields: crate::own_field::read_all(record),
            tag_colors: record.members("tag_color").filter_map(read_color).collect(),
        }
    }

    /// A tag's colour, if it was given one.
    pub fn tag_color(&self, tag: &str) -> Option<u8> {
        self.tag_colors.get(&fold(tag)).copied()
    }

    /// The stage with this id.
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// What a stage means; a stage nobody knows (deleted meanwhile) is open.
    pub fn stage_kind(&self, id: &str) -> StageKind {
        self.stage(id).map_or(StageKind::Open, |stage| stage.kind)
    }

    /// The first stage of this kind.
    pub fn first_stage(&self, kind: StageKind) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.kind == kind)
    }

    /// The workspace's time zone; UTC when its name is not known.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

fn read_color((tag, value): (&str, &Value)) -> Option<(String, u8)> {
    let color = u8::try_from(value.as_int()?.rem_euclid(64)).ok()?;
    Some((fold(tag), color))
}

/// The key that holds a word's rank in a list of proposals (`source`, `lost_reason`).
pub fn word_rank(list: &str, word: &str) -> String {
    format!("word/{list}/{word}")
}

/// What puts the words of a list into this order.
pub fn order_words(list: &str, words: &[String]) -> FieldChanges {
    let ranked = words.iter().zip(crate::own_field::ranks(words.len()));
    ranked.map(|(word, rank)| (word_rank(list, word), Some(rank.into()))).collect()
}

/// The words that a list proposes, in order, and those that it proposes no longer.
fn read_words(record: &Record, list: &str) -> (Vec<String>, Vec<String>) {
    let rank = |word: &str| record.text(&word_rank(list, word)).to_owned();
    let mut live: Vec<String> = record.members(list).map(|(word, _)| word.to_owned()).collect();
    // Words that nobody has put anywhere yet come last.
    live.sort_by_cached_key(|word| (rank(word).is_empty(), rank(word), word.clone()));
    let known = record.members("word").filter_map(|(member, _)| member.strip_prefix(list)?.strip_prefix('/'));
    let old = known.filter(|word| live.iter().all(|other| other != word)).map(str::to_owned).collect();
    (live, old)
}

fn read_stages(record: &Record) -> Vec<Stage> {
    let mut properties: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
    for (member, value) in record.members("stage") {
        if let Some((id, property)) = member.split_once('/') {
            properties.entry(id).or_default().insert(property, value);
        }
    }
    // A removed stage keeps no `kind`; a leftover property written concurrently doesn't revive it.
    let live = properties.iter().filter(|(_, of)| of.contains_key("kind"));
    let mut stages: Vec<Stage> = live.map(|(id, of)| Stage::read(id, of)).collect();
    stages.sort_by(|a, b| (&a.rank, &a.id).cmp(&(&b.rank, &b.id)));
    stages
}
