//! Spellings that programs write and nobody types: serial dates, fractions for percents, clock times for durations.

use model::input::InputContext;
use model::schema::FieldType;
use model::{Date, Kind, Value};

/// A field's value in a spelling that nobody types; `None` when it is none of these.
pub(crate) fn other_spelling(kind: Kind, key: &str, cell: &str, ctx: &InputContext<'_>) -> Option<Value> {
    match (kind.field(key)?.of, key) {
        (FieldType::Date, _) => serial_date(cell).map(Value::Date),
        (FieldType::Time, _) => serial_date(cell).map(|date| Value::Time(date.start_in(&ctx.zone))),
        (FieldType::Int { .. }, "probability") => fraction_percent(cell).map(Value::Int),
        (FieldType::Int { .. }, "duration_minutes") => clock_minutes(cell).map(Value::Int),
        _ => None,
    }
}

/// Excel counts days from 30 December 1899; whole numbers from 1954 to 2119 are taken as such.
fn serial_date(cell: &str) -> Option<Date> {
    let days: i32 = cell.split(['.', ',']).next()?.parse().ok()?;
    let plain = cell.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',');
    (plain && (20_000..80_000).contains(&days)).then(|| Date::new(1899, 12, 30).map(|start| start.plus_days(days)))?
}

/// `0.25` is 25 percent, `25.0` too.
fn fraction_percent(cell: &str) -> Option<i64> {
    let number: f64 = cell.trim_end_matches('%').trim().replace(',', ".").parse().ok()?;
    let percent = if number <= 1.0 { number * 100.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "checked to be between 0 and 100")]
    (0.0..=100.0).contains(&percent).then(|| percent.round() as i64)
}

/// `01:30` and `01:30:00` are 90 minutes.
fn clock_minutes(cell: &str) -> Option<i64> {
    let mut parts = cell.split(':').map(|part| part.parse::<u16>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    (hours <= 1_000 && minutes < 60).then(|| i64::from(hours) * 60 + i64::from(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_count_days() {
        assert_eq!(serial_date("45631").map(|date| date.to_string()).as_deref(), Some("2024-12-05"));
        assert_eq!(serial_date("45631.75").map(|date| date.to_string()).as_deref(), Some("2024-12-05"));
        assert_eq!(serial_date("1234"), None);
        assert_eq!(serial_date("45631x"), None);
    }

    #[test]
    fn percents_may_be_fractions() {
        assert_eq!(
            ["0.25", "25.0", "1.0", "0,5 %", "250", "-1", "x"].map(fraction_percent),
            [Some(25), Some(25), Some(100), Some(50), None, None, None]
        );
    }

    #[test]
    fn durations_may_be_clock_times() {
        assert_eq!(["01:30", "00:15:00", "1:75", "90"].map(clock_minutes), [Some(90), Some(15), None, None]);
    }
}
