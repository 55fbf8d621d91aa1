//! Helpers of a thorough check: is the file sound, and is the projection what a rebuild would make.

use model::schema::FieldProblem;
use model::{ChangeHash, Record, RecordId};
use rusqlite::params;
use sha2::{Digest, Sha256};

use crate::codec::{get, get_reference, split_hashes, unpack, unpack_fields};
use crate::error::StoreError;
use crate::store::Reader;

/// Most findings that one check lists.
const FINDINGS_MAX: u32 = 100;

/// A record's projection as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProjection {
    /// The record.
    pub record: Record,
    /// Heads of the document that it was made from.
    pub heads: Vec<ChangeHash>,
    /// Holds changes that are not confirmed.
    pub pending: bool,
    /// Fields that could not be read.
    pub problems: Vec<FieldProblem>,
}

impl Reader {
    /// Reads every page of the file and lists what is wrong with it; nothing when it is sound.
    ///
    /// # Errors
    /// When the check can't run at all.
    pub fn integrity_problems(&self) -> Result<Vec<String>, StoreError> {
        let check = format!("PRAGMA integrity_check({FINDINGS_MAX})");
        let mut problems = self.findings(&check, "{}")?;
        problems.retain(|line| line != "ok");
        if problems.is_empty() {
            problems = self.findings("PRAGMA foreign_key_check", "{} refers to a row that is gone")?;
        }
        Ok(problems)
    }

    /// The first column of what a check says; damage that stops the check is a finding too.
    fn findings(&self, check: &str, wording: &str) -> Result<Vec<String>, StoreError> {
        let run = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection.prepare(check)?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            lines.take(FINDINGS_MAX as usize).map(|line| Ok(wording.replace("{}", &line?))).collect()
        };
        match run().map_err(StoreError::from) {
            Err(StoreError::Damaged(error)) => Ok(vec![error.to_string()]),
            outcome => outcome,
        }
    }

    /// Lists projections in the order of their ids, from the one after `after`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn projections(&self, after: Option<RecordId>, limit: u32) -> Result<Vec<StoredProjection>, StoreError> {
        let sql = "SELECT kind, id, fields, heads, pending, problems FROM record WHERE id > ? ORDER BY id LIMIT ?";
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![after, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let blob = |index| row.get_ref(index)?.as_blob().map_err(rusqlite::Error::from);
            let record = get_reference(row, 0, 1)?;
            let problems = blob(5)?;
            found.push(StoredProjection {
                record: Record { kind: record.kind, id: record.id, fields: unpack_fields(blob(2)?)? },
                heads: split_hashes(blob(3)?)?,
                pending: row.get(4)?,
                problems: if problems.is_empty() { Vec::new() } else { unpack(problems, "problem")? },
            });
        }
        Ok(found)
    }

    /// Digests all projections in the order of their ids, so that a rebuild can be compared with what stood.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn projection_digest(&self) -> Result<[u8; 32], StoreError> {
        let mut digest = Sha256::new();
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        let sql = "SELECT id, kind, pending, fields, heads, problems, n FROM record ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: RecordId = get(row, 0)?;
            add(id.as_bytes());
            add(&[row.get(1)?, row.get(2)?]);
            for index in 3..6 {
                add(row.get_ref(index)?.as_blob().map_err(rusqlite::Error::from)?);
            }
            for (key, values) in self.stored_conflicts(row.get(6)?)? {
                add(key.as_bytes());
                add(&values);
            }
        }
        Ok(digest.finalize().into())
    }

    fn stored_conflicts(&self, n: i64) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let sql = "SELECT key, \"values\" FROM conflict WHERE n = ? ORDER BY key";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([n], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }
}
