//! A record's history as lines to read: who did what, when, before → after.

use model::query::{Happened, TimelineEntry};
use model::{Date, Kind, Record, Timestamp, Value};

use super::{fields, format};
use crate::icons;
use crate::scene::Scene;
use crate::words;

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its icon.
    pub(crate) icon: &'static str,
    /// Who did what.
    pub(crate) text: String,
    /// The value before; empty when there was none.
    pub(crate) before: String,
    /// The value after; empty when it was removed.
    pub(crate) after: String,
    /// A field changed, so the values show even when one is empty.
    pub(crate) is_change: bool,
    /// Longer words: a note's body.
    pub(crate) body: String,
    /// When, short.
    pub(crate) when: String,
    /// When in full, and how late the relay got it.
    pub(crate) when_full: String,
    /// The month it belongs to.
    pub(crate) month: String,
    /// How late the relay got it; empty when it got it at once.
    pub(crate) late: String,
    /// The moment, for going back to it; `None` where the record itself did not change.
    pub(crate) restorable: Option<Timestamp>,
}

/// Reads the timeline.
pub(crate) fn lines(kind: Kind, entries: &[TimelineEntry], scene: &Scene<'_>) -> Vec<Line> {
    entries.iter().map(|entry| line(kind, entry, scene)).collect()
}

fn line(kind: Kind, entry: &TimelineEntry, scene: &Scene<'_>) -> Line {
    let who = match entry.author.name.as_str() {
        "" => "Someone",
        name => name,
    };
    let mut line = at(entry.at, scene);
    line.late = lateness(entry);
    if !entry.author.device_name.is_empty() {
        line.when_full = format!("{}\nOn {}", line.when_full, entry.author.device_name);
    }
    if matches!(entry.what, Happened::Created | Happened::Field { .. }) {
        line.restorable = Some(entry.at);
    }
    match &entry.what {
        Happened::Created => {
            line.icon = icons::PLUS;
            line.text = format!("{who} created this {}", words::kind(kind));
        }
        Happened::Field { key, before, after } => change(&mut line, (kind, who, key), (before, after), scene),
        Happened::Edited { activity, key, before, after } => {
            change(&mut line, (Kind::Activity, who, key), (before, after), scene);
            let (word, name) = (words::activity(activity.text("type")).0.to_lowercase(), activity.display_name());
            line.text = match (key.as_str(), after) {
                ("deleted_at", Some(_)) => format!("{who} moved the {word} “{name}” to the trash"),
                ("deleted_at", None) => format!("{who} restored the {word} “{name}”"),
                _ => format!("{who} edited {} of the {word} “{name}”", words::field(key).to_lowercase()),
            };
        }
        Happened::Activity(record) => {
            let (word, icon) = words::activity(record.text("type"));
            line.icon = icon;
            line.text = format!("{who} logged {}: {}", article(word), record.display_name());
            line.body = body(record);
        }
        Happened::Task(record) => {
            line.icon = icons::TASK;
            let what = match record.text("status") {
                "done" => "finished",
                "canceled" => "canceled",
                _ => "planned",
            };
            line.text = format!("{who} {what} “{}”", record.display_name());
        }
        Happened::File(record) => {
            line.icon = icons::PAPERCLIP;
            line.text = format!("{who} added {}", record.display_name());
        }
    }
    line
}

fn at(at: Timestamp, scene: &Scene<'_>) -> Line {
    Line {
        icon: "",
        text: String::new(),
        before: String::new(),
        after: String::new(),
        is_change: false,
        body: String::new(),
        when: format::moment(at, scene.zone, scene.today),
        when_full: format::full_time(at, scene.zone),
        month: month(at.date_in(scene.zone)),
        late: String::new(),
        restorable: None,
    }
}

fn month(day: Date) -> String {
    format::month(day)
}

fn change(
    line: &mut Line,
    (kind, who, key): (Kind, &str, &str),
    (before, after): (&Option<Value>, &Option<Value>),
    scene: &Scene<'_>,
) {
    let shown = |value: &Option<Value>| {
        value.as_ref().map(|value| fields::shown_value(kind, key, value, scene)).unwrap_or_default()
    };
    if key == "deleted_at" {
        line.icon = if after.is_some() { icons::TRASH } else { icons::RESTORE };
        let what = if after.is_some() { "moved this to the trash" } else { "restored this" };
        line.text = format!("{who} {what}");
        return;
    }
    line.icon = match key {
        "place" => icons::PIPELINE,
        "value_cents" => icons::MONEY,
        "owner_id" => icons::PERSON,
        _ => icons::PENCIL,
    };
    line.text = format!("{who} changed {}", scene.field_words(kind, key).to_lowercase());
    line.before = one_line(&shown(before));
    line.after = one_line(&shown(after));
    line.is_change = true;
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn body(record: &Record) -> String {
    if record.text("subject").is_empty() { String::new() } else { record.text("body").trim().to_owned() }
}

fn article(word: &str) -> String {
    let word = if word == "SMS" { word.to_owned() } else { word.to_lowercase() };
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'S']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}

/// How late the relay got a change that was made offline.
fn lateness(entry: &TimelineEntry) -> String {
    const MINUTE: i64 = 60_000;
    match entry.received_at {
        Some(received) if received.millis_since(entry.at) > 5 * MINUTE => {
            format!("made offline, synced {} later", format::age_between(entry.at, received))
        }
        _ => String::new(),
    }
}

/// Who, when, on which device, and how late the relay got it.
pub(crate) fn who_and_when(entry: &TimelineEntry, scene: &Scene<'_>) -> String {
    let who = if entry.author.name.is_empty() { "Someone" } else { &entry.author.name };
    let when = format::moment(entry.at, scene.zone, scene.today);
    let device = &entry.author.device_name;
    let device = if device.is_empty() { String::new() } else { format!(" · {device}") };
    let late = lateness(entry);
    let late = if late.is_empty() { late } else { format!(" · {late}") };
    format!("{who}, {when}{device}{late}")
}

/// A value in one line of a list.
pub(crate) fn shorten(text: &str) -> String {
    let text = one_line(text);
    if text.chars().count() <= 80 { text } else { text.chars().take(79).chain(['…']).collect() }
}
