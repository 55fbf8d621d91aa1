//! Giving a tag, a source or a reason another name: in the settings and in every record that holds it, as one step.

use super::{Circumstances, Planned, count};
use crate::action::{Edit, Label, Rewording, WordList};
use crate::app::Trouble;
use crate::fold::fold;
use crate::own_field::check_name;
use crate::schema::FieldProblem;
use crate::settings::{SETTINGS_ID, word_rank};
use crate::value::FieldChanges;
use crate::{Kind, Record, RecordRef, Value};

/// Most records that hold a word which gets another name in one step.
pub const HOLDING_MAX: usize = 10_000;

impl WordList {
    /// The settings' key of the list; of a tag, its colour.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Tag => "tag_color",
            Self::Source => "source",
            Self::LostReason => "lost_reason",
        }
    }
}

impl Circumstances<'_> {
    pub(super) fn reword(&self, rewording: &Rewording) -> Result<Planned, Trouble> {
        let Rewording { list, from, to } = rewording;
        if let Some(to) = to {
            check_name(to).map_err(|problem| Trouble::Invalid(vec![FieldProblem::new(list.setting(), problem)]))?;
        }
        if self.hanging.len() > HOLDING_MAX {
            return Err(Trouble::NotAllowed(format!("more than {HOLDING_MAX} records hold it")));
        }
        self.all_editable()?;
        let mut edits = Vec::new();
        for record in self.hanging {
            let fields = held_anew(record, rewording);
            if !fields.is_empty() {
                let fields = self.checked(record, fields)?;
                edits.push(Edit::Set { record: record.reference(), base_heads: Vec::new(), fields });
            }
        }
        let records = count(edits.len());
        edits.extend(self.listed_anew(rewording)?);
        Ok(Planned { label: Label::Reworded { from: from.clone(), to: to.clone(), records }, edits })
    }

    /// A word is renamed everywhere or nowhere.
    fn all_editable(&self) -> Result<(), Trouble> {
        let of_others = self.hanging.iter().filter(|record| self.actor.may_edit(record.kind, record.owner()).is_err());
        match of_others.count() {
            0 => Ok(()),
            _ if self.actor.role == crate::Role::Viewer => {
                Err(Trouble::NotAllowed(crate::policy::Denied::ReadOnly.to_string()))
            }
            count => Err(Trouble::NotAllowed(format!(
                "others own {count} of the records that hold it; an administrator can do this"
            ))),
        }
    }

    /// The list of proposals, or the tag's colour, under the new name.
    fn listed_anew(&self, rewording: &Rewording) -> Result<Option<Edit>, Trouble> {
        let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
        let Some(settings) = self.records.get(&record.id) else { return Ok(None) };
        let fields = moved_setting(settings, rewording);
        // Colours are an administrator's; a tag that somebody else renames loses its own.
        let may = self.actor.may_edit(Kind::Settings, None).is_ok();
        if fields.is_empty() || (rewording.list == WordList::Tag && !may) {
            return Ok(None);
        }
        let fields = self.checked(settings, fields)?;
        Ok(Some(Edit::Set { record, base_heads: Vec::new(), fields }))
    }
}

/// What changes in a record that holds the word.
fn held_anew(record: &Record, Rewording { list, from, to }: &Rewording) -> FieldChanges {
    let from = fold(from.trim());
    let mut fields = FieldChanges::new();
    match list {
        WordList::Tag => {
            let spelled = record.members("tags").filter(|(tag, _)| fold(tag.trim()) == from);
            fields.extend(spelled.map(|(tag, _)| (format!("tags/{tag}"), None)));
            if let (Some(to), false) = (to, fields.is_empty()) {
                let key = format!("tags/{to}");
                match record.get(&key) {
                    // Only another way of writing it.
                    Some(_) => drop(fields.remove(&key)),
                    None => drop(fields.insert(key, Some(true.into()))),
                }
            }
        }
        WordList::Source | WordList::LostReason => {
            let key = list.setting();
            let is_held = fold(record.text(key).trim()) == from;
            if let Some(to) = to.as_ref().filter(|to| is_held && record.text(key) != to.as_str()) {
                fields.insert(key.to_owned(), Some(to.as_str().into()));
            }
        }
    }
    fields
}

fn moved_setting(settings: &Record, Rewording { list, from, to }: &Rewording) -> FieldChanges {
    let mut fields = FieldChanges::new();
    let keys = |word: &str| match list {
        WordList::Tag => vec![format!("{}/{}", list.setting(), fold(word.trim()))],
        _ => vec![format!("{}/{word}", list.setting()), word_rank(list.setting(), word)],
    };
    let new = to.as_deref().map(keys).unwrap_or_default();
    for (index, old) in keys(from).into_iter().enumerate() {
        let Some(value) = settings.get(&old).cloned() else { continue };
        if let Some(new) = new.get(index).filter(|new| settings.get(new).is_none()) {
            fields.insert(new.clone(), Some(value));
        }
        if new.get(index) != Some(&old) {
            fields.insert(old, None::<Value>);
        }
    }
    fields
}
