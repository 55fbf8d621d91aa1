//! Taking a stage out of the pipeline.

use super::{Circumstances, Planned};
use crate::action::{Edit, Label};
use crate::app::Trouble;
use crate::schema::FieldProblem;
use crate::settings::SETTINGS_ID;
use crate::value::FieldChanges;
use crate::{Kind, RecordId, RecordRef, rank};

impl Circumstances<'_> {
    pub(super) fn remove_stage(&self, stage: &str, to: &str, leads: &[RecordId]) -> Result<Planned, Trouble> {
        let problem = |words: &str| Trouble::Invalid(vec![FieldProblem::new("stage", words)]);
        let removed = self.settings.stage(stage).ok_or_else(|| problem("there is no such stage"))?;
        let target = self.settings.stage(to).filter(|target| target.id != removed.id);
        let target = target.ok_or_else(|| problem("choose the stage that its leads move to"))?;
        let others = self.settings.stages.iter().filter(|other| other.kind == removed.kind && other.id != removed.id);
        if others.count() == 0 {
            return Err(problem("is the only one of its kind, so it stays"));
        }
        let mut edits = Vec::new();
        let mut above = self.above.clone();
        for lead in leads {
            let record = RecordRef::new(Kind::Lead, *lead);
            let rank = rank::between(above.as_deref(), self.below.as_deref());
            let fields = self.entering(self.editable(record)?, target, &rank);
            edits.push(Edit::Set { record, base_heads: Vec::new(), fields });
            above = Some(rank);
        }
        let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
        let current = self.editable(record)?;
        let prefix = format!("stage/{stage}/");
        let gone: FieldChanges =
            current.fields.keys().filter(|key| key.starts_with(&prefix)).map(|key| (key.clone(), None)).collect();
        edits.push(Edit::Set { record, base_heads: Vec::new(), fields: self.checked(current, gone)? });
        Ok(Planned { label: Label::StageRemoved(removed.name.clone()), edits })
    }
}
