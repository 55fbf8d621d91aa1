//! What a person does not want to see on the list for now, kept with the record so that all their devices know.
//!
//! `quiet/row` = a moment: the record stays away until then. `quiet/<signal>` = a mark: that signal was called not
//! useful, which holds for as long as the record is what it was. Candidates are one's own records, so one place for
//! each record suffices.

use crate::value::FieldChanges;
use crate::{Record, Timestamp, Value};

use super::Signal;

/// The field whose members these are.
pub const QUIET: &str = "quiet";

const ROW: &str = "quiet/row";

/// What is quiet about a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quiet {
    /// The record stays away until then.
    until: Option<Timestamp>,
    /// Names of signals that are not useful as things stand.
    muted: Vec<String>,
}

impl Quiet {
    /// Reads what is quiet about a record that was last touched then.
    pub fn of(record: &Record, last_touch_at: Option<Timestamp>) -> Self {
        let members = || record.members(QUIET);
        if members().next().is_none() {
            return Self::default();
        }
        let mark = mark(record, last_touch_at);
        let muted = members().filter(|(_, value)| value.as_text() == Some(&mark)).map(|(name, _)| name.to_owned());
        Self { until: record.time(ROW), muted: muted.collect() }
    }

    /// Whether the record stays away at this moment.
    pub fn hides_row(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Whether this signal is left out.
    pub fn mutes(&self, signal: Signal) -> bool {
        self.muted.iter().any(|name| name == signal.name())
    }
}

/// What is written to keep a record away until a moment.
pub fn snooze(until: Timestamp) -> FieldChanges {
    FieldChanges::from([(ROW.to_owned(), Some(Value::Time(until)))])
}

/// What is written to say that a signal is not useful while the record is as it is.
pub fn mute(signal: Signal, record: &Record, last_touch_at: Option<Timestamp>) -> FieldChanges {
    let key = format!("{QUIET}/{}", signal.name());
    FieldChanges::from([(key, Some(Value::Text(mark(record, last_touch_at))))])
}

/// A mark that is another one as soon as a field of the record changes or it is touched. FNV-1a, 64 bits: nothing
/// depends on its being hard to forge.
fn mark(record: &Record, last_touch_at: Option<Timestamp>) -> String {
    let told = |key: &str| key != "updated_at" && !key.starts_with("quiet/");
    let fields = record.fields.iter().filter(|(key, _)| told(key));
    let mut words: Vec<String> = fields.map(|(key, value)| format!("{key}={value:?}")).collect();
    words.push(format!("{last_touch_at:?}"));
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build;

    fn written(mut record: Record, changes: FieldChanges) -> Record {
        record.fields.extend(changes.into_iter().filter_map(|(key, value)| Some((key, value?))));
        record
    }

    #[test]
    fn a_snoozed_record_comes_back_when_its_time_is_over() {
        let now = build::now();
        let lead = written(build::lead("Website").record(), snooze(now.plus_millis(1_000)));
        let quiet = Quiet::of(&lead, None);

        assert!(quiet.hides_row(now));
        assert!(!quiet.hides_row(now.plus_millis(1_000)));
    }

    #[test]
    fn a_signal_is_muted_until_a_field_changes_or_the_record_is_touched() {
        let (touched, lead) = (Some(build::now()), build::lead("Website").record());
        let lead = written(lead.clone(), mute(Signal::NoNextStep, &lead, touched));
        let mutes = |lead: &Record, touched| Quiet::of(lead, touched).mutes(Signal::NoNextStep);
        let changed = written(lead.clone(), FieldChanges::from([("source".to_owned(), Some("Event".into()))]));
        let snoozed = written(lead.clone(), snooze(build::now()));

        assert!(mutes(&lead, touched));
        assert!(mutes(&snoozed, touched), "being quiet about it is no change");
        assert!(!Quiet::of(&lead, touched).mutes(Signal::TaskDueToday));
        assert!(!mutes(&changed, touched));
        assert!(!mutes(&lead, touched.map(|at| at.plus_millis(1))));
    }
}
