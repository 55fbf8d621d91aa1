//! Somebody's meetings and tasks as an iCalendar file (RFC 5545). Pure: rows in, text out.
//!
//! Moments are written in UTC, which needs no time zones in the file; days are those of the workspace's zone. Tasks are
//! events too, because calendars leave out to-dos, but events that keep nobody busy.

use icalendar::{Calendar, Component, Event, Property};
use jiff::tz::TimeZone;
use model::query::Row;
use model::{Date, Kind, Record, Timestamp};

/// How long a meeting lasts that says nothing about it, and how long a task shows, in minutes.
const DEFAULT_MINUTES: i64 = 30;
/// How often calendars should look again.
const REFRESH: &str = "PT15M";

/// Writes the feed.
pub(crate) fn feed(rows: &[Row], zone: &TimeZone) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(plain("VERSION", "2.0"));
    calendar.append_property(plain("PRODID", "-//TrailTrack//TrailTrack//EN"));
    calendar.append_property(plain("CALSCALE", "GREGORIAN"));
    calendar.append_property(plain("METHOD", "PUBLISH"));
    calendar.append_property(plain("X-WR-CALNAME", "TrailTrack"));
    calendar.append_property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
    calendar.append_property(plain("X-PUBLISHED-TTL", REFRESH));
    for row in rows {
        let event = match row.record.kind {
            Kind::Activity => meeting(row),
            _ => task(row, zone),
        };
        if let Some(event) = event {
            calendar.push(event);
        }
    }
    calendar.to_string()
}

fn meeting(row: &Row) -> Option<Event> {
    let record = &row.record;
    let start = record.time("occurred_at")?;
    let minutes = record.int("duration_minutes").filter(|minutes| *minutes > 0).unwrap_or(DEFAULT_MINUTES);
    let mut event = begun(row, "MEETING");
    between(&mut event, start, minutes);
    event.append_property(plain("TRANSP", "OPAQUE"));
    described(&mut event, row, record.text("body"));
    Some(event)
}

fn task(row: &Row, zone: &TimeZone) -> Option<Event> {
    let record = &row.record;
    let due = record.time("due_at")?;
    let mut event = begun(row, "TASK");
    if record.flag("all_day") {
        let day = due.date_in(zone);
        event.append_property(dated("DTSTART", day));
        event.append_property(dated("DTEND", day.plus_days(1)));
    } else {
        between(&mut event, due, DEFAULT_MINUTES);
    }
    event.append_property(plain("TRANSP", "TRANSPARENT"));
    if record.text("priority") == "high" {
        event.append_property(plain("PRIORITY", "1"));
    }
    described(&mut event, row, "");
    Some(event)
}

/// What every event has. The stamp is that of the record, so that the file changes with its records alone.
fn begun(row: &Row, category: &str) -> Event {
    let record = &row.record;
    let mut event = Event::new();
    event.append_property(plain("UID", &format!("{}@trailtrack", record.id)));
    let changed = utc(record.time("updated_at").unwrap_or_default());
    event.append_property(plain("DTSTAMP", &changed));
    event.append_property(plain("LAST-MODIFIED", &changed));
    event.append_property(plain("SUMMARY", &tidy(&title(record))));
    event.append_property(plain("CATEGORIES", category));
    event
}

fn title(record: &Record) -> String {
    match record.display_name() {
        name if name.trim().is_empty() => "Meeting".to_owned(),
        name => name,
    }
}

/// What it is about, and what was written down.
fn described(event: &mut Event, row: &Row, text: &str) {
    let about = ["lead_id", "contact_id", "account_id", "linked_id"].into_iter().filter_map(|key| row.names.get(key));
    let mut lines: Vec<String> = about.map(|name| tidy(name)).filter(|name| !name.is_empty()).collect();
    lines.dedup();
    lines.extend(Some(tidy(text)).filter(|text| !text.is_empty()));
    if !lines.is_empty() {
        event.append_property(plain("DESCRIPTION", &lines.join("\n")));
    }
}

fn between(event: &mut Event, start: Timestamp, minutes: i64) {
    event.append_property(plain("DTSTART", &utc(start)));
    event.append_property(plain("DTEND", &utc(start.plus_millis(minutes.saturating_mul(60_000)))));
}

fn plain(name: &str, value: &str) -> Property {
    Property::new(name, value)
}

fn dated(name: &str, day: Date) -> Property {
    Property::new(name, day.to_string().replace('-', "")).add_parameter("VALUE", "DATE").done()
}

/// `20261003T143000Z`.
fn utc(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}Z", text.split('.').next().unwrap_or_default().replace(['-', ':'], ""))
}

/// Text with line ends that iCalendar can escape, and without what it can't hold.
fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect::<String>()
        .trim()
        .into()
}
