//! The workspace's own fields that an import brings with it: columns that go to a field nobody has defined yet. Only
//! an administrator defines fields; what others import into such a column waits in the records until one does.

use std::collections::BTreeSet;

use model::own_field::{self, OwnField, OwnType, check_name};
use model::settings::SETTINGS_ID;
use model::{Edit, FieldChanges, Kind, RecordRef, Settings, Value};

use crate::cells::clean;
use crate::plan::Setup;
use crate::target::Slot;

/// The edit of the settings that defines what is missing; `None` when nothing is, or the person may not.
pub(crate) fn definitions(setup: &Setup) -> Option<Edit> {
    setup.context.actor.may_edit(Kind::Settings, None).ok()?;
    let mut settings = setup.context.settings.clone();
    let missing: BTreeSet<usize> = missing_columns(setup, &settings);
    let mut fields = FieldChanges::new();
    for index in filled(setup, &missing) {
        let Slot::Custom(kind, name) = &setup.mapping.columns[index].slot else { continue };
        let is_full = settings.own_fields_of(*kind).count() >= own_field::FIELDS_MAX;
        if is_full || settings.own_field_named(*kind, name).is_some() {
            continue;
        }
        let field = OwnField::new(*kind, name, OwnType::Text, &settings);
        fields.extend(field.fields().into_iter().map(|(key, value): (String, Value)| (key, Some(value))));
        settings.own_fields.push(field);
    }
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    (!fields.is_empty()).then_some(Edit::Set { record, base_heads: Vec::new(), fields })
}

fn missing_columns(setup: &Setup, settings: &Settings) -> BTreeSet<usize> {
    let columns = setup.mapping.columns.iter().enumerate();
    let is_missing = |slot: &Slot| match slot {
        Slot::Custom(kind, name) => {
            own_field::KINDS.contains(kind)
                && check_name(name).is_ok()
                && settings.own_field_named(*kind, name).is_none()
        }
        _ => false,
    };
    columns.filter(|(_, column)| is_missing(&column.slot)).map(|(index, _)| index).collect()
}

/// Those columns in which something stands: an export has columns for everything its program knows.
fn filled(setup: &Setup, columns: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut open = columns.clone();
    let mut rows = setup.table.rows();
    while !open.is_empty() {
        let Some(row) = rows.advance() else { break };
        if row.fault.is_none() {
            open.retain(|index| row.cells.get(*index).is_none_or(|cell| clean(cell).is_empty()));
        }
    }
    columns.difference(&open).copied().collect()
}
