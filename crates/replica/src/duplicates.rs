//! Records that may be the same, found when somebody asks. Comparing all records takes a while where there are many,
//! so what was found is kept for a while that grows with them; what was merged or changed meanwhile drops out at once.

use interchange::Index;
use interchange::duplicates::Group;
use model::query::{DuplicateGroup, Duplicates, Row};
use model::{Kind, RecordRef, Timestamp};
use store::QueryContext;

use crate::replica::{Replica, ReplicaError};

/// What was found last.
#[derive(Debug)]
pub(crate) struct Found {
    at: Timestamp,
    /// How long it may stand: a millisecond for each record that was compared.
    stands_millis: i64,
    groups: Vec<(Kind, Group)>,
}

impl Replica {
    /// Looks for records that may be the same, if that was not done just now.
    pub(crate) fn find_duplicates(&mut self, now: Timestamp) -> Result<(), ReplicaError> {
        let stands = |found: &Found| now.as_millis() - found.at.as_millis() < found.stands_millis;
        if self.duplicates.as_ref().is_some_and(stands) {
            return Ok(());
        }
        let records = self.records_of(&[Kind::Account, Kind::Contact, Kind::Lead])?;
        // Fewer than a thousand are compared in no time.
        let stands_millis = i64::try_from(records.len() / 1_000 * 1_000).unwrap_or(i64::MAX);
        let index = Index::new(&self.settings.region, records);
        let groups = index.duplicates().into_iter();
        let groups = groups.filter_map(|group| Some((index.get(*group.records.first()?)?.kind, group))).collect();
        self.duplicates = Some(Found { at: now, stands_millis, groups });
        Ok(())
    }

    /// What was found and still stands.
    pub(crate) fn duplicates(&self, limit: u32, ctx: &QueryContext<'_>) -> Result<Duplicates, ReplicaError> {
        let found = self.duplicates.as_ref().map_or(&[][..], |found| &found.groups);
        let (mut total, mut groups) = (0, Vec::new());
        for (kind, group) in found {
            // Beyond the limit they are counted as they were found.
            let standing = match groups.len() < limit as usize {
                true => self.still_alike(*kind, group, ctx)?,
                false => Some(Vec::new()),
            };
            let Some(rows) = standing else { continue };
            total += 1;
            if !rows.is_empty() {
                groups.push(DuplicateGroup { rows, why: group.why });
            }
        }
        Ok(Duplicates { total, groups })
    }

    /// The rows of a group as they are now; `None` when there are not two left that may be the same.
    fn still_alike(&self, kind: Kind, group: &Group, ctx: &QueryContext<'_>) -> Result<Option<Vec<Row>>, ReplicaError> {
        let mut rows = Vec::new();
        for id in &group.records {
            rows.extend(self.store.row(RecordRef::new(kind, *id), ctx)?);
        }
        rows.retain(|row| !row.record.is_deleted() && row.record.link("merged_into").is_none());
        let index = Index::new(&self.settings.region, rows.iter().map(|row| row.record.clone()));
        Ok((!index.duplicates().is_empty()).then_some(rows))
    }
}
