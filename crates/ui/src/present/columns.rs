//! The columns and quick filters of the lists (PRODUCT 8.5).

use egui::Align;
use model::query::{Condition, ListQuery, Op, Row, Sort};
use model::{Kind, OwnField, OwnType, Settings, StageKind, Timestamp, Value};

use super::escape::{escaped, plain};
use super::{fields, format, next_step_pill};
use crate::scene::{Scene, Width};
use crate::theme::Tone;
use crate::widgets::Pill;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column<'a> {
    /// The field it shows.
    pub(crate) key: &'a str,
    /// Its head.
    pub(crate) head: &'a str,
    /// Its width; 0 takes what is left.
    pub(crate) width: u16,
    /// Words left, figures right.
    pub(crate) align: Align,
    /// Shows on a window of medium width too.
    pub(crate) always: bool,
    /// What the list is sorted by on a click; empty for nothing.
    pub(crate) sort: &'a str,
    /// The first click sorts descending.
    pub(crate) largest_first: bool,
    /// Shows only when somebody chose it.
    pub(crate) extra: bool,
}

const fn words<'a>(key: &'a str, head: &'a str, width: u16) -> Column<'a> {
    Column { key, head, width, align: Align::Min, always: false, sort: key, largest_first: false, extra: false }
}

const fn figures<'a>(key: &'a str, head: &'a str, width: u16) -> Column<'a> {
    Column { align: Align::Max, largest_first: true, ..words(key, head, width) }
}

const fn always(column: Column<'_>) -> Column<'_> {
    Column { always: true, ..column }
}

const fn unsorted(column: Column<'_>) -> Column<'_> {
    Column { sort: "", ..column }
}

const fn extra(column: Column<'_>) -> Column<'_> {
    Column { extra: true, ..column }
}

const LEAD: &[Column<'_>] = &[
    always(words("title", "Title", 0)),
    always(words("account_id", "Account", 160)),
    always(Column { sort: "stage", ..words("place", "Stage", 130) }),
    always(figures("value_cents", "Value", 120)),
    figures("probability", "Prob.", 76),
    words("expected_close_date", "Expected close", 124),
    Column { sort: "next_task_due", ..words("next_task", "Next step", 140) },
    words("owner_id", "Owner", 130),
    figures("last_touch_at", "Last touch", 100),
    extra(words("primary_contact_id", "Contact", 150)),
    extra(words("source", "Source", 120)),
    extra(words("tags", "Tags", 140)),
    extra(figures("weighted_cents", "Weighted", 120)),
    extra(figures("stage_entered_at", "In stage since", 120)),
    extra(figures("created_at", "Created", 110)),
    extra(words("closed_on", "Closed on", 110)),
    extra(words("lost_reason", "Lost reason", 140)),
];

const ACCOUNT: &[Column<'_>] = &[
    always(words("name", "Name", 0)),
    words("industry", "Industry", 140),
    always(words("website", "Domain", 180)),
    always(Column { sort: "open_cents", ..figures("open_leads", "Open leads", 150) }),
    figures("won_cents", "Won", 120),
    always(figures("last_touch_at", "Last touch", 110)),
    words("owner_id", "Owner", 140),
    extra(words("phone", "Phone", 150)),
    extra(words("email", "Email", 200)),
    extra(words("city", "City", 120)),
    extra(words("country", "Country", 120)),
    extra(words("size", "Size", 100)),
    extra(words("tags", "Tags", 140)),
    extra(figures("created_at", "Created", 110)),
];

const CONTACT: &[Column<'_>] = &[
    always(Column { sort: "last_name", ..words("name", "Name", 0) }),
    words("title", "Title", 160),
    always(words("account_id", "Account", 180)),
    always(words("email", "Email", 220)),
    unsorted(words("phone", "Phone", 150)),
    always(figures("last_touch_at", "Last touch", 110)),
    words("owner_id", "Owner", 130),
    extra(words("linkedin_url", "LinkedIn", 180)),
    extra(words("tags", "Tags", 140)),
    extra(figures("created_at", "Created", 110)),
];

/// The narrowest and the widest column.
pub(crate) const WIDTHS: (f32, f32) = (60.0, 600.0);

/// A column with the width that somebody gave it.
pub(crate) type Laid<'a> = (Column<'a>, Option<f32>);

/// Every column that a kind's list can show: the program's, then the workspace's own.
pub(crate) fn all_columns(kind: Kind, settings: &Settings) -> Vec<Column<'_>> {
    let own = settings.live_fields(kind).map(own_column);
    usual_columns(kind).iter().copied().chain(own).collect()
}

const fn usual_columns(kind: Kind) -> &'static [Column<'static>] {
    match kind {
        Kind::Account => ACCOUNT,
        Kind::Contact => CONTACT,
        _ => LEAD,
    }
}

fn own_column(field: &OwnField) -> Column<'_> {
    extra(match field.of {
        OwnType::Number | OwnType::Money => figures(field.value_key(), &field.name, 120),
        _ => words(field.value_key(), &field.name, 140),
    })
}

/// The columns that somebody chose, in their order, as `key` or `key:width` joined by commas; the usual ones when
/// nobody did. On a window of medium width only those that matter most.
pub(crate) fn columns<'a>(kind: Kind, layout: &str, width: Width, settings: &'a Settings) -> Vec<Laid<'a>> {
    let all = all_columns(kind, settings);
    let named = |part: &str| {
        let (key, wide) = part.split_once(':').map_or((part, None), |(key, wide)| (key, wide.parse().ok()));
        let key = plain(key);
        let column = all.iter().find(|column| column.key == key)?;
        Some((*column, wide.map(|wide: f32| wide.clamp(WIDTHS.0, WIDTHS.1))))
    };
    let mut chosen: Vec<Laid<'a>> = Vec::new();
    for laid in layout.split(',').filter_map(named) {
        if chosen.iter().all(|(column, _)| column.key != laid.0.key) {
            chosen.push(laid);
        }
    }
    if chosen.is_empty() {
        chosen = all.iter().filter(|column| !column.extra).map(|column| (*column, None)).collect();
    }
    let first = all.iter().find(|column| column.width == 0);
    if let Some(name) = first.filter(|name| chosen.iter().all(|(column, _)| column.key != name.key)) {
        chosen.insert(0, (*name, None));
    }
    chosen.retain(|(column, _)| width == Width::Expanded || column.always);
    chosen
}

/// Columns as `columns` reads them.
pub(crate) fn print_layout(columns: &[Laid<'_>]) -> String {
    let one = |(column, width): &Laid<'_>| match width {
        Some(width) => format!("{}:{width:.0}", escaped(column.key)),
        None => escaped(column.key),
    };
    columns.iter().map(one).collect::<Vec<_>>().join(",")
}

/// What a cell shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// The record's name.
    Name(String),
    /// A stage: colour index and name.
    Stage(u8, String),
    /// A state.
    Pill(Pill),
    /// A person.
    Person(String),
}

/// Reads a cell off a row.
pub(crate) fn cell(row: &Row, column: &Column<'_>, scene: &Scene<'_>) -> Cell {
    let record = &row.record;
    match column.key {
        "title" if record.kind == Kind::Lead => Cell::Name(record.display_name()),
        "name" => Cell::Name(record.display_name()),
        "place" => {
            let stage = scene.settings.stage(record.place().0);
            stage.map_or(Cell::Text(String::new()), |stage| Cell::Stage(stage.color, stage.name.clone()))
        }
        "next_task" => next_step_pill(scene, row).map_or(Cell::Text(String::new()), Cell::Pill),
        "owner_id" => Cell::Person(row.owner_name.clone()),
        "last_touch_at" => Cell::Text(touched(row, scene)),
        "created_at" => Cell::Text(day(record.time("created_at"), scene)),
        "stage_entered_at" => Cell::Text(day(row.stage_entered_at, scene)),
        "tags" => Cell::Text(record.members("tags").map(|(tag, _)| tag).collect::<Vec<_>>().join(", ")),
        "weighted_cents" => Cell::Text(format::money(weighted(row), &scene.settings.currency)),
        "open_leads" if row.open_leads > 0 => {
            let sum = format::money_compact(row.open_cents, &scene.settings.currency);
            Cell::Text(format!("{} · {sum}", row.open_leads))
        }
        "won_cents" if row.won_cents > 0 => Cell::Text(format::money_compact(row.won_cents, &scene.settings.currency)),
        "open_leads" | "won_cents" => Cell::Text(String::new()),
        "value_cents" => Cell::Text(match record.int("value_cents").unwrap_or(0) {
            0 => String::new(),
            cents => format::money(cents, &scene.settings.currency),
        }),
        "website" => Cell::Text(domain(record.text("website")).to_owned()),
        "expected_close_date" => close_cell(row, scene),
        key => Cell::Text(fields::shown(row, key, scene)),
    }
}

fn day(at: Option<Timestamp>, scene: &Scene<'_>) -> String {
    at.map(|at| format::moment(at, scene.zone, scene.today)).unwrap_or_default()
}

/// Value times probability, half a cent rounded up.
fn weighted(row: &Row) -> i64 {
    let of = |key: &str| i128::from(row.record.int(key).unwrap_or(0));
    model::report::weighted(of("value_cents") * of("probability"))
}

fn touched(row: &Row, scene: &Scene<'_>) -> String {
    row.last_touch_at.map(|at| format::moment(at, scene.zone, scene.today)).unwrap_or_default()
}

fn close_cell(row: &Row, scene: &Scene<'_>) -> Cell {
    let Some(date) = row.record.date("expected_close_date") else { return Cell::Text(String::new()) };
    let late = date < scene.today && super::stage_kind(scene, row) == StageKind::Open;
    let text = format::short_date(date, scene.today);
    if !late {
        return Cell::Text(text);
    }
    let tip = "The expected close has passed".to_owned();
    Cell::Pill(Pill { icon: crate::icons::WARNING, text, tone: Tone::Danger, tip })
}

fn domain(website: &str) -> &str {
    let bare = website.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    bare.split('/').next().unwrap_or(bare)
}

/// The two lines of a row on a phone: name, what stands right of it, the quieter line.
pub(crate) fn lines(row: &Row, scene: &Scene<'_>) -> (String, Option<Pill>, String) {
    let record = &row.record;
    let name = |key: &str| row.names.get(key).cloned().unwrap_or_default();
    let (pill, parts) = match record.kind {
        Kind::Lead => {
            let value = format::money_compact(record.int("value_cents").unwrap_or(0), &scene.settings.currency);
            (next_step_pill(scene, row), vec![name("account_id"), fields::shown(row, "place", scene), value])
        }
        Kind::Account => (None, vec![domain(record.text("website")).to_owned(), record.text("city").to_owned()]),
        _ => (None, vec![record.text("title").to_owned(), name("account_id")]),
    };
    let second: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (record.display_name(), pill, second.join(" · "))
}

/// A quick filter: its word in the address, its words on the chip.
pub(crate) type Quick = (&'static str, &'static str);

/// The quick filter for records that may be the same. Which they are is asked for beside the list.
pub(crate) const DUPLICATES: &str = "duplicates";

/// The quick filters of a kind.
pub(crate) const fn quick_filters(kind: Kind) -> &'static [Quick] {
    match kind {
        Kind::Lead => &[
            ("open", "Open"),
            ("mine", "Mine"),
            ("closing", "Closing this month"),
            ("rotting", "Rotting"),
            ("unplanned", "No next step"),
            ("won", "Won"),
            ("lost", "Lost"),
        ],
        Kind::Account => &[
            ("mine", "Mine"),
            ("hasopen", "Has open leads"),
            ("customers", "Customers"),
            ("silent", "Silent 60 days"),
            ("nocontacts", "No contacts"),
        ],
        Kind::Contact => &[
            ("mine", "Mine"),
            ("noaccount", "No account"),
            ("noemail", "No email"),
            ("week", "Touched this week"),
            ("silent", "Silent 60 days"),
            (DUPLICATES, "Possible duplicates"),
        ],
        _ => &[],
    }
}

/// The filters that are on when the address names none.
pub(crate) const fn default_filters(kind: Kind) -> &'static str {
    match kind {
        Kind::Lead => "open",
        _ => "",
    }
}

/// The order of a kind's list when the address names none.
pub(crate) fn default_sort(kind: Kind) -> Sort {
    let (field, descending) = match kind {
        Kind::Account => ("name", false),
        Kind::Contact => ("last_name", false),
        _ => ("last_touch_at", true),
    };
    Sort { field: field.to_owned(), descending }
}

/// The query of a list: kind, words, the filters that are on, order; the window comes with it.
pub(crate) fn query(kind: Kind, text: &str, on: &[&str], sort: Vec<Sort>, scene: &Scene<'_>) -> ListQuery {
    let mut filter: Vec<Condition> = on.iter().filter_map(|word| condition(word, scene)).collect();
    let statuses: Vec<Value> = [("open", "open"), ("won", "closed_won"), ("lost", "closed_lost")]
        .into_iter()
        .filter(|(word, _)| on.contains(word))
        .map(|(_, status)| Value::from(status))
        .collect();
    if kind == Kind::Lead && !statuses.is_empty() {
        filter.push(Condition { field: "status".into(), op: Op::Is, values: statuses });
    }
    ListQuery { kind, filter, text: text.to_owned(), sort, offset: 0, limit: 100 }
}

/// The condition of a quick filter that needs no others.
pub(crate) fn condition(word: &str, scene: &Scene<'_>) -> Option<Condition> {
    let days_ago = |days: i64| Value::Time(scene.now_rounded().plus_millis(-days * model::time::DAY_MILLIS));
    let (field, op, values) = match word {
        "mine" => ("owner_id", Op::Is, vec![Value::Id(scene.my_id()?)]),
        "closing" => {
            let (first, last) = scene.month();
            ("expected_close_date", Op::Between, vec![first.into(), last.into()])
        }
        "wonmonth" => {
            let (first, last) = scene.month();
            ("closed_on", Op::Between, vec![first.into(), last.into()])
        }
        "rotting" => ("rotting", Op::Is, vec![true.into()]),
        "unplanned" => ("no_next_step", Op::Is, vec![true.into()]),
        "hasopen" => ("open_leads", Op::Over, vec![0.into()]),
        "customers" => ("won_leads", Op::Over, vec![0.into()]),
        "silent" => ("idle_since", Op::Under, vec![days_ago(60)]),
        "week" => ("last_touch_at", Op::Over, vec![days_ago(7)]),
        "nocontacts" => ("contact_count", Op::Is, vec![0.into()]),
        "noaccount" => ("account_id", Op::Empty, Vec::new()),
        "noemail" => ("email", Op::Empty, Vec::new()),
        _ => return None,
    };
    Some(Condition { field: field.to_owned(), op, values })
}

/// A moment cut to the hour, so that a query doesn't change with every frame.
pub(crate) fn hour(at: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600_000;
    Timestamp::from_millis(at.as_millis().div_euclid(HOUR) * HOUR)
}
