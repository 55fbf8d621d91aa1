//! Which column goes where, and how its dates and amounts are written.

use std::collections::BTreeMap;

use model::import::{ImportOptions, Target};
use model::input::{DateOrder, InputContext};
use model::schema::FieldType;
use model::{Kind, Settings, Timestamp};

use crate::csv_file::Table;
use crate::guess;
use crate::presets::{self, Preset, header_key};
use crate::target::{Slot, slot};

/// Why columns can't be mapped as the options say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapColumnsError {
    /// No preset of that name.
    #[error("there is no preset called {name}")]
    UnknownPreset {
        /// What was given.
        name: String,
    },
    /// The mapping names a column that the file doesn't have.
    #[error("the file has no column called {name}")]
    UnknownColumn {
        /// What was given.
        name: String,
    },
    /// The mapping names a field that can't be imported into.
    #[error("column {column} can't go to that field")]
    UnknownTarget {
        /// The column.
        column: String,
    },
    /// Not an order of dates.
    #[error("the order of dates is dmy, mdy or ymd, not {name}")]
    UnknownDateOrder {
        /// What was given.
        name: String,
    },
    /// Not a decimal sign.
    #[error("the decimal sign is . or , but not {sign}")]
    UnknownDecimal {
        /// What was given.
        sign: char,
    },
    /// Every column is skipped.
    #[error("no column goes anywhere; choose a field for at least one")]
    NothingMapped,
}

/// One column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Where it goes, as people choose it.
    pub(crate) target: Target,
    /// What happens with its cells.
    pub(crate) slot: Slot,
    /// How its dates are written.
    pub(crate) date_order: DateOrder,
    /// How its numbers are written.
    pub(crate) decimal: char,
}

/// A table's columns with their targets.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(crate) preset: Option<&'static Preset>,
    pub(crate) main: Kind,
    pub(crate) columns: Vec<Column>,
}

impl Mapping {
    /// Maps a table's columns: as the options say, else as the preset does, else as their names suggest.
    ///
    /// # Errors
    /// When the options name what does not exist.
    pub fn new(table: &Table, options: &ImportOptions, settings: &Settings) -> Result<Self, MapColumnsError> {
        let preset = match options.preset.as_deref() {
            None => presets::detect(table.headers()),
            Some("" | "generic") => None,
            Some(name) => {
                Some(presets::by_name(name).ok_or_else(|| MapColumnsError::UnknownPreset { name: name.to_owned() })?)
            }
        };
        let main = preset.map_or_else(|| guess::main_kind(table.headers()), |preset| preset.main);
        let mut targets: Vec<Target> =
            table.headers().iter().map(|header| proposed_target(header, preset, main)).collect();
        for (name, target) in &options.mapping {
            let index = column_index(table.headers(), name)?;
            targets[index] = target.clone();
        }
        let columns = build_columns(table, targets, options, settings)?;
        Ok(Self { preset, main: main_of(main, preset, &columns), columns })
    }

    /// The preset that fits, or was chosen.
    pub const fn preset(&self) -> Option<&'static Preset> {
        self.preset
    }

    /// What a row is about.
    pub const fn main(&self) -> Kind {
        self.main
    }

    /// The target of each column, in order.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.columns.iter().map(|column| &column.target)
    }

    /// Whether anything is imported at all.
    ///
    /// # Errors
    /// When every column is skipped.
    pub fn check(&self) -> Result<(), MapColumnsError> {
        let used = self.columns.iter().any(|column| column.slot != Slot::Skip);
        used.then_some(()).ok_or(MapColumnsError::NothingMapped)
    }

    /// Whether a lead that is not there yet is created; rows of conversations only name theirs.
    pub(crate) fn creates_leads(&self) -> bool {
        self.main == Kind::Lead || describes_leads(&self.columns)
    }

    /// Whether rows may be about different kinds of records.
    pub(crate) fn is_mixed(&self) -> bool {
        self.preset.is_some_and(|preset| preset.mixed)
    }

    /// The name in front of external ids of a kind.
    pub(crate) fn ref_prefix(&self, kind: Kind) -> &'static str {
        self.preset.map_or("csv", |preset| preset.ref_prefix(kind))
    }
}

fn proposed_target(header: &str, preset: Option<&Preset>, main: Kind) -> Target {
    // A copy of a column (`Email (2)`) is what its namesake is.
    let bare = header.rsplit_once(" (").filter(|(_, rest)| rest.trim_end_matches(')').parse::<u32>().is_ok());
    let known = |name: &str| preset.and_then(|preset| preset.target(name)).or_else(|| guess::target(name, main));
    known(header).or_else(|| bare.and_then(|(name, _)| known(name))).unwrap_or(Target::Skip)
}

fn column_index(headers: &[String], name: &str) -> Result<usize, MapColumnsError> {
    let exact = headers.iter().position(|header| header == name);
    let alike = || headers.iter().position(|header| header_key(header) == header_key(name));
    exact.or_else(alike).ok_or_else(|| MapColumnsError::UnknownColumn { name: name.to_owned() })
}

fn build_columns(
    table: &Table,
    targets: Vec<Target>,
    options: &ImportOptions,
    settings: &Settings,
) -> Result<Vec<Column>, MapColumnsError> {
    let order = match options.date_order.as_deref() {
        None => None,
        Some(name) => Some(
            DateOrder::from_name(name).ok_or_else(|| MapColumnsError::UnknownDateOrder { name: name.to_owned() })?,
        ),
    };
    if let Some(sign) = options.decimal.filter(|sign| !matches!(sign, '.' | ',')) {
        return Err(MapColumnsError::UnknownDecimal { sign });
    }
    let mut columns = Vec::with_capacity(targets.len());
    for (name, target) in table.headers().iter().zip(targets) {
        let slot = slot(&target).ok_or_else(|| MapColumnsError::UnknownTarget { column: name.clone() })?;
        columns.push(Column {
            name: name.clone(),
            target,
            slot,
            date_order: order.unwrap_or_default(),
            decimal: options.decimal.unwrap_or('.'),
        });
    }
    let evidence = Evidence::gather(table, &columns, order.is_none(), options.decimal.is_none());
    for (index, column) in columns.iter_mut().enumerate() {
        if order.is_none() {
            column.date_order = evidence.date_order(index, settings);
        }
        if options.decimal.is_none() {
            column.decimal = evidence.decimal(index, settings);
        }
    }
    Ok(columns)
}

/// What a row is about: the user's mapping may turn a file of contacts into one of companies, and Pipedrive's
/// columns say it themselves.
fn main_of(main: Kind, preset: Option<&Preset>, columns: &[Column]) -> Kind {
    let has = |kind: Kind| columns.iter().any(|column| column.slot.kind() == Some(kind));
    let mixed = preset.is_some_and(|preset| preset.mixed);
    if has(main) && !mixed {
        return main;
    }
    if describes_leads(columns) {
        return Kind::Lead;
    }
    // Notes and activities name the people and deals they are about.
    let order = if mixed {
        [Kind::Activity, Kind::Contact, Kind::Account, Kind::Lead]
    } else {
        [Kind::Lead, Kind::Contact, Kind::Account, Kind::Activity]
    };
    order.into_iter().find(|kind| has(*kind)).unwrap_or(main)
}

/// Whether the columns say more of leads than how they are called.
fn describes_leads(columns: &[Column]) -> bool {
    let of_lead = columns.iter().filter(|column| column.slot.kind() == Some(Kind::Lead));
    of_lead.into_iter().any(|column| !matches!(column.slot, Slot::Field(_, "title") | Slot::ExternalId(_)))
}

impl Slot {
    /// The kind of record a slot belongs to.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Skip => return None,
            Self::Field(kind, _)
            | Self::Custom(kind, _)
            | Self::Append(kind)
            | Self::Tags(kind)
            | Self::Owner(kind)
            | Self::ExternalId(kind)
            | Self::AccountRef(kind)
            | Self::ContactRefs(kind) => *kind,
            Self::FullName
            | Self::MiddleName
            | Self::Emails(_)
            | Self::Phones(_)
            | Self::EmailLabel
            | Self::PhoneLabel
            | Self::CallingCode => Kind::Contact,
            Self::Stage | Self::Status | Self::CloseDate | Self::WonOn | Self::LostOn => Kind::Lead,
            Self::LeadRef | Self::Note | Self::NoteAt | Self::ActivityType => Kind::Activity,
        })
    }

    /// The type of the schema's field it fills, for those that are read by type.
    pub(crate) fn field_type(&self) -> Option<FieldType> {
        match self {
            Self::Field(kind, key) => kind.field(key).map(|field| field.of),
            Self::CloseDate | Self::WonOn | Self::LostOn => Some(FieldType::Date),
            Self::NoteAt => Some(FieldType::Time),
            _ => None,
        }
    }
}

/// What the cells themselves say about how dates and amounts are written.
#[derive(Debug, Default)]
struct Evidence {
    dates: BTreeMap<usize, DateVotes>,
    amounts: BTreeMap<usize, DecimalVotes>,
}

#[derive(Debug, Default, Clone, Copy)]
struct DateVotes {
    day_first: u64,
    month_first: u64,
    year_first: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct DecimalVotes {
    point: u64,
    comma: u64,
}

impl Evidence {
    fn gather(table: &Table, columns: &[Column], dates: bool, amounts: bool) -> Self {
        let mut evidence = Self::default();
        for (index, column) in columns.iter().enumerate() {
            match column.slot.field_type() {
                Some(FieldType::Date | FieldType::Time) if dates => {
                    evidence.dates.insert(index, DateVotes::default());
                }
                Some(FieldType::Cents) if amounts => {
                    evidence.amounts.insert(index, DecimalVotes::default());
                }
                _ => {}
            }
        }
        if evidence.dates.is_empty() && evidence.amounts.is_empty() {
            return evidence;
        }
        let mut rows = table.rows();
        while let Some(row) = rows.advance() {
            for (index, votes) in &mut evidence.dates {
                votes.count(row.cells.get(*index).unwrap_or(""));
            }
            for (index, votes) in &mut evidence.amounts {
                votes.count(row.cells.get(*index).unwrap_or(""));
            }
        }
        evidence
    }

    /// A column's own dates decide, else the file's, else the workspace's order.
    fn date_order(&self, index: usize, settings: &Settings) -> DateOrder {
        let own = self.dates.get(&index).and_then(DateVotes::winner);
        let all = || self.dates.values().fold(DateVotes::default(), DateVotes::plus).winner();
        own.or_else(all).or_else(|| DateOrder::from_name(&settings.date_order)).unwrap_or_default()
    }

    fn decimal(&self, index: usize, settings: &Settings) -> char {
        let own = self.amounts.get(&index).and_then(DecimalVotes::winner);
        own.unwrap_or_else(|| InputContext::new(settings, Timestamp::default()).decimal)
    }
}

impl DateVotes {
    fn count(&mut self, cell: &str) {
        let cell = cell.trim();
        let mut parts = cell.split(['/', '.', '-', ' ']).map(|part| (part.len(), part.parse::<u32>().ok()));
        let (Some((first_len, Some(first))), Some((_, Some(second)))) = (parts.next(), parts.next()) else { return };
        match (first_len, first, second) {
            (4, ..) => self.year_first += 1,
            (_, 13..=31, 1..=12) => self.day_first += 1,
            (_, 1..=12, 13..=31) => self.month_first += 1,
            _ => {}
        }
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            day_first: self.day_first + other.day_first,
            month_first: self.month_first + other.month_first,
            year_first: self.year_first + other.year_first,
        }
    }

    fn winner(&self) -> Option<DateOrder> {
        // Dates that start with the year are read as such whatever the order, so the others decide.
        match self.day_first.cmp(&self.month_first) {
            std::cmp::Ordering::Greater => Some(DateOrder::DayMonthYear),
            std::cmp::Ordering::Less => Some(DateOrder::MonthDayYear),
            std::cmp::Ordering::Equal => (self.year_first > 0).then_some(DateOrder::YearMonthDay),
        }
    }
}

impl DecimalVotes {
    fn count(&mut self, cell: &str) {
        let Some(last) = cell.rfind(['.', ',']) else { return };
        let sign = cell.as_bytes()[last];
        let behind = cell[last + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let both = cell.contains('.') && cell.contains(',');
        let repeated = cell.bytes().filter(|byte| *byte == sign).count() > 1;
        let decimal = if repeated {
            if sign == b'.' { b',' } else { b'.' }
        } else if both || (behind != 3 && behind != 0) {
            sign
        } else {
            return;
        };
        if decimal == b'.' { self.point += 1 } else { self.comma += 1 }
    }

    fn winner(&self) -> Option<char> {
        match self.point.cmp(&self.comma) {
            std::cmp::Ordering::Greater => Some('.'),
            std::cmp::Ordering::Less => Some(','),
            std::cmp::Ordering::Equal => None,
        }
    }
}
