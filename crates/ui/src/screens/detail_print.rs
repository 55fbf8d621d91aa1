//! A record on paper: what its page shows, saved as PDF.

use model::paper::{Letterhead, RecordSheet, Told};
use model::query::Detail;
use model::{Kind, OwnField, Settings};

use super::detail::DetailView;
use crate::act::Act;
use crate::app::Effect;
use crate::present::fields::{all_fields, shown};
use crate::present::history::lines;
use crate::scene::Scene;
use crate::words;

/// Saves the page of a record as PDF.
pub(super) fn save_pdf(scene: &Scene<'_>, view: &DetailView<'_>, detail: &Detail) -> Act {
    let Settings { name, currency, region, .. } = scene.settings;
    let head = Letterhead { workspace: name, currency, region, today: scene.today };
    let sheet = sheet(scene, view, detail);
    let bytes = sheet.pdf(&head);
    Act::Shell(Effect::SaveFile { name: file_name(&sheet.title, view.record.kind), bytes })
}

fn sheet(scene: &Scene<'_>, view: &DetailView<'_>, detail: &Detail) -> RecordSheet {
    let kind = view.record.kind;
    let own = scene.settings.own_fields_of(kind).map(OwnField::value_key);
    let keys = all_fields(kind).iter().map(|spec| spec.key).chain(own);
    let named = keys.map(|key| (scene.field_words(kind, key), shown(&detail.row, key, scene)));
    let entries = view.feed.history().or_else(|| view.feed.timeline()).unwrap_or_default();
    let told = lines(kind, entries, scene).into_iter().map(|line| {
        let change = if line.is_change {
            format!("{} → {}", or_empty(&line.before), or_empty(&line.after))
        } else {
            line.body
        };
        Told { when: line.when_full.lines().next().unwrap_or("").to_owned(), what: line.text, more: change }
    });
    RecordSheet {
        title: detail.row.record.display_name(),
        kind: words::kind(kind).to_owned(),
        fields: named.filter(|(_, value)| !value.is_empty()).collect(),
        told: told.collect(),
    }
}

fn or_empty(text: &str) -> &str {
    if text.is_empty() { "(empty)" } else { text }
}

/// A name that every file system takes.
fn file_name(title: &str, kind: Kind) -> String {
    let plain: String =
        title.chars().map(|char| if char.is_alphanumeric() || " -_".contains(char) { char } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let short: String = words.join(" ").chars().take(80).collect();
    if short.is_empty() { format!("{}.pdf", kind.name()) } else { format!("{short}.pdf") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_hold_no_more_than_words() {
        assert_eq!(file_name("Acme / Website: phase 2", Kind::Lead), "Acme Website phase 2.pdf");
        assert_eq!(file_name("../etc/passwd", Kind::Lead), "etc passwd.pdf");
        assert_eq!(file_name("//", Kind::Account), "account.pdf");
    }
}
