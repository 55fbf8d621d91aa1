//! Histories as one line of steps. People who worked at the same time leave a past that branches; a backup tells it
//! step by step, such that carrying the steps out one after the other comes to the same record.

use model::{FieldChanges, Fields, Kind, Record, Value};

use super::Happening;

/// Puts the changes of a record in a row that ends at `record`: steps that then change nothing are left out, and what a
/// concurrent change decided otherwise than its place in the row says is told once more at the end, by its author.
pub fn straightened(happenings: Vec<Happening>, record: &Record) -> Vec<Happening> {
    let mut now = Fields::new();
    let mut row: Vec<Happening> = Vec::new();
    for mut happening in happenings {
        happening.fields.retain(|key, value| says_something(record.kind, happening.created, key, value, &now));
        apply(&happening.fields, &mut now);
        if happening.created || !happening.fields.is_empty() {
            row.push(happening);
        }
    }
    let last_words = last_words(&row, &now, record);
    row.extend(last_words);
    row
}

/// Whether a step to this value can be carried out and changes anything.
fn says_something(kind: Kind, created: bool, key: &str, value: &Option<Value>, now: &Fields) -> bool {
    let Some(field) = kind.field(key) else { return false };
    let allowed = created || !(field.root_only || field.required && value.is_none());
    allowed && now.get(key) != value.as_ref()
}

fn apply(changes: &FieldChanges, now: &mut Fields) {
    for (key, value) in changes {
        match value {
            Some(value) => now.insert(key.clone(), value.clone()),
            None => now.remove(key),
        };
    }
}

/// What is still to be said so that `now` becomes `record`, by whoever said it before.
fn last_words(row: &[Happening], now: &Fields, record: &Record) -> Vec<Happening> {
    let shown = |fields: &Fields| -> Fields {
        fields.iter().filter(|(key, _)| *key != "updated_at").map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let (now, end) = (shown(now), shown(&record.fields));
    let gone = now.keys().filter(|key| !end.contains_key(*key)).map(|key| (key.clone(), None));
    let other = end.iter().filter(|(key, value)| now.get(*key) != Some(value));
    let missing = other.map(|(key, value)| (key.clone(), Some(value.clone())));
    let mut words: Vec<Happening> = Vec::new();
    for (key, value) in gone.chain(missing) {
        let said = |happening: &&Happening| happening.fields.get(&key) == Some(&value);
        let Some(author) = row.iter().rev().find(said).or(row.last()) else { continue };
        let same = |word: &&mut Happening| word.at == author.at && word.by == author.by;
        match words.iter_mut().find(same) {
            Some(word) => drop(word.fields.insert(key, value)),
            None => {
                let fields = FieldChanges::from([(key, value)]);
                words.push(Happening { at: author.at, by: author.by, created: false, fields });
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use model::{DeviceId, RecordId, Timestamp, UserId};

    use super::*;

    fn step(at: i64, created: bool, fields: &[(&str, Option<&str>)]) -> Happening {
        let by = u8::try_from(at).unwrap_or(0);
        Happening {
            at: Timestamp::from_millis(at),
            by: Some((UserId::from_bytes([by; 16]), DeviceId::from_bytes([by; 16]))),
            created,
            fields: fields.iter().map(|(key, value)| ((*key).to_owned(), value.map(Value::from))).collect(),
        }
    }

    fn lead(fields: &[(&str, &str)]) -> Record {
        let mut record = Record::new(Kind::Lead, RecordId::from_bytes([9; 16]));
        record.fields = fields.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
        record
    }

    fn outcome(row: &[Happening]) -> Fields {
        let mut now = Fields::new();
        row.iter().for_each(|step| apply(&step.fields, &mut now));
        now
    }

    #[test]
    fn a_past_without_branches_stays_as_it_is() {
        let past = vec![
            step(1, true, &[("title", Some("A")), ("source", Some("Web"))]),
            step(2, false, &[("title", Some("B"))]),
            step(3, false, &[("source", None)]),
        ];

        assert_eq!(straightened(past.clone(), &lead(&[("title", "B")])), past);
    }

    #[test]
    fn the_value_that_won_over_a_later_line_is_told_last_by_its_author() {
        let past = vec![
            step(1, true, &[("title", Some("A"))]),
            step(2, false, &[("title", Some("won"))]),
            step(3, false, &[("title", Some("lost"))]),
        ];
        let record = lead(&[("title", "won")]);

        let row = straightened(past.clone(), &record);

        assert_eq!(row[..3], past[..]);
        assert_eq!(row[3..], [step(2, false, &[("title", Some("won"))])]);
        assert_eq!(outcome(&row), record.fields);
        assert_eq!(straightened(row.clone(), &record), row, "a straight past is not straightened again");
    }

    #[test]
    fn a_step_that_changes_nothing_in_the_row_is_left_out() {
        let past = vec![
            step(1, true, &[("title", Some("A"))]),
            step(2, false, &[("title", Some("B"))]),
            step(3, false, &[("title", Some("B"))]),
        ];

        let row = straightened(past, &lead(&[("title", "B")]));

        assert_eq!(row.len(), 2);
    }

    #[test]
    fn what_no_step_explains_is_told_by_the_last_author() {
        let past = vec![step(1, true, &[("title", Some("A"))])];

        let row = straightened(past, &lead(&[("title", "A"), ("source", "Web")]));

        assert_eq!(row[1..], [step(1, false, &[("source", Some("Web"))])]);
    }
}
