//! Tags with their counts, the records that hold a word, and how activities were logged.

use model::action::WordList;
use model::query::LoggedCount;
use model::time::DAY_MILLIS;
use model::{Kind, Record, RecordId, UserId, build};

use super::*;

fn ids(records: &[Record]) -> Vec<RecordId> {
    let mut ids: Vec<RecordId> = records.iter().map(|record| record.id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn tags_are_counted_by_kind_without_the_trash_and_written_as_most_write_them() {
    let one = build::lead("one").with("tags/VIP", true).record();
    let two = build::lead("two").with("tags/vip", true).with("tags/spring", true).record();
    let three = build::contact("Ann Lee").with("tags/VIP", true).record();
    let trash = build::lead("trash").with("tags/old", true).with("deleted_at", build::now()).record();
    let store = holding(&[&one, &two, &three, &trash]);

    let tags = store.tags().unwrap();

    let counts: Vec<(&str, Vec<(Kind, u64)>)> =
        tags.iter().map(|tag| (tag.name.as_str(), tag.counts.clone().into_iter().collect())).collect();
    assert_eq!(counts, [("spring", vec![(Kind::Lead, 1)]), ("VIP", vec![(Kind::Contact, 1), (Kind::Lead, 2)])]);
}

#[test]
fn whoever_holds_a_word_is_found_in_any_spelling_and_in_the_trash_too() {
    let one = build::lead("one").with("tags/VIP", true).with("source", "Referral").record();
    let two = build::account("two").with("tags/vip", true).with("deleted_at", build::now()).record();
    let three = build::lead("three").with("source", " referral ").with("lost_reason", "Price").record();
    let store = holding(&[&one, &two, &three]);
    let holding = |list, word: &str| ids(&store.holding(list, word, 10).unwrap());

    assert_eq!(holding(WordList::Tag, "vip"), ids(&[one.clone(), two]));
    assert_eq!(holding(WordList::Source, "REFERRAL"), ids(&[one, three.clone()]));
    assert_eq!(holding(WordList::LostReason, "price"), ids(&[three]));
    assert_eq!(holding(WordList::Tag, "nothing"), []);
    assert_eq!(store.holding(WordList::Tag, "vip", 1).unwrap().len(), 1);
}

#[test]
fn the_share_of_quick_log_counts_what_people_logged_lately() {
    let other = UserId::from_bytes([9; 16]);
    let lead = build::lead("lead").record();
    let mut count = 0;
    let mut logged = |via: &str, days: i64| {
        let at = build::now().plus_millis(-days * DAY_MILLIS);
        count += 1;
        build::activity("call", &count.to_string()).about(&lead).with("via", via).created(at)
    };
    let all = [
        logged("quick_log", 1).record(),
        logged("quick_log", 29).record(),
        logged("form", 2).record(),
        logged("import", 2).record(),
        logged("api", 2).record(),
        logged("quick_log", 31).record(),
        logged("quick_log", 1).with("deleted_at", build::now()).record(),
        logged("form", 1).owned_by(other).record(),
    ];
    let records: Vec<&Record> = std::iter::once(&lead).chain(&all).collect();
    let settings = Settings::default();

    let share = holding(&records).quick_log_share(&ctx(&settings)).unwrap();

    assert_eq!(share.own, LoggedCount { quick: 2, all: 3 });
    assert_eq!(share.team, LoggedCount { quick: 2, all: 4 });
    assert_eq!(empty().quick_log_share(&ctx(&settings)).unwrap().team, LoggedCount::default());
}
