//! A card of the board, ready to draw.

use model::query::Row;
use model::{RecordId, StageKind};

use super::{format, next_step_pill, rotting_days, stage_kind};
use crate::scene::Scene;
use crate::widgets::Pill;

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// The lead.
    pub(crate) id: RecordId,
    /// Line 1.
    pub(crate) title: String,
    /// Line 2: account and contact.
    pub(crate) who: String,
    /// Line 3, left.
    pub(crate) value: String,
    /// Line 3, right.
    pub(crate) next_step: Option<Pill>,
    /// The owner's name.
    pub(crate) owner: String,
    /// Days without a touch, when that is too many.
    pub(crate) rotting: Option<i32>,
    /// Two people changed a field at once.
    pub(crate) conflicted: bool,
    /// Not on the relay yet.
    pub(crate) pending: bool,
    /// Files attached.
    pub(crate) files: u32,
    /// Why it can't be moved.
    pub(crate) fixed: Option<String>,
}

impl Card {
    /// Reads a card off a row.
    pub(crate) fn of(row: &Row, scene: &Scene<'_>) -> Self {
        let record = &row.record;
        let name = |key: &str| row.names.get(key).map(String::as_str).unwrap_or_default();
        let who: Vec<&str> =
            [name("account_id"), name("primary_contact_id")].into_iter().filter(|name| !name.is_empty()).collect();
        let closed = stage_kind(scene, row) != StageKind::Open;
        let cents = record.int("closed_value_cents").filter(|_| closed).or_else(|| record.int("value_cents"));
        Self {
            id: record.id,
            title: record.display_name(),
            who: who.join(" · "),
            value: format::money_compact(cents.unwrap_or(0), &scene.settings.currency),
            next_step: next_step_pill(scene, row),
            owner: row.owner_name.clone(),
            rotting: rotting_days(scene, row),
            conflicted: row.conflicted,
            pending: scene.waits(row),
            files: row.files,
            fixed: scene.denied_edit(record),
        }
    }

    /// What a screen reader says.
    pub(crate) fn spoken(&self) -> String {
        let mut parts = vec![self.title.as_str(), &self.who, &self.value];
        if let Some(pill) = &self.next_step {
            parts.push(&pill.text);
        }
        if self.conflicted {
            parts.push("in conflict");
        }
        parts.retain(|part| !part.is_empty());
        parts.join(", ")
    }
}
