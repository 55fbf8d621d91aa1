//! The workspace's words: tags with their counts, and the records that hold a word.

use std::collections::BTreeMap;

use model::action::WordList;
use model::fold::fold;
use model::query::{LoggedCount, QUICK_LOG_DAYS, QuickLogShare, TagRow};
use model::{Kind, Record, RecordId};
use rusqlite::params;

use super::{DAY_SQL, QueryContext};
use crate::codec::{get, int};
use crate::error::StoreError;
use crate::store::Reader;

/// The kinds that have tags.
const TAGGED: [Kind; 3] = [Kind::Lead, Kind::Account, Kind::Contact];
/// Records that are looked at to tell how a tag is written.
const SPELLINGS_LOOKED_AT: i64 = 20;

impl Reader {
    /// Answers `Query::Tags`: by name, without trash and archive.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn tags(&self) -> Result<Vec<TagRow>, StoreError> {
        let mut found: BTreeMap<String, BTreeMap<Kind, u64>> = BTreeMap::new();
        for kind in TAGGED {
            let sql = format!(
                "SELECT m.member, count(*) FROM {kind} t JOIN member m ON m.n = t.n AND m.field = 'tags'
                 WHERE t.hidden = 0 GROUP BY m.member"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let count: i64 = row.get(1)?;
                found.entry(row.get(0)?).or_default().insert(kind, count.unsigned_abs());
            }
        }
        found.into_iter().map(|(tag, counts)| Ok(TagRow { name: self.spelling(&tag)?, counts })).collect()
    }

    /// How most records write a tag.
    fn spelling(&self, tag: &str) -> Result<String, StoreError> {
        let sql = "SELECT r.id FROM member m JOIN record r ON r.n = m.n
                   WHERE m.field = 'tags' AND m.member = ? ORDER BY m.n LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map(params![tag, SPELLINGS_LOOKED_AT], |row| get(row, 0))?;
        let mut spellings: BTreeMap<String, u32> = BTreeMap::new();
        for id in ids.collect::<Result<Vec<RecordId>, _>>()? {
            let Some(record) = self.record(id)? else { continue };
            let alike = record.members("tags").filter(|(written, _)| fold(written) == tag);
            for (written, _) in alike {
                *spellings.entry(written.to_owned()).or_default() += 1;
            }
        }
        let most = spellings.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        Ok(most.map_or_else(|| tag.to_owned(), |(written, _)| written))
    }

    /// Lists the records that hold a word, in the trash or not; at most `limit`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn holding(&self, list: WordList, word: &str, limit: usize) -> Result<Vec<Record>, StoreError> {
        let sql = match list {
            WordList::Tag => {
                "SELECT r.id FROM member m JOIN record r ON r.n = m.n
                 WHERE m.field = 'tags' AND m.member = ?1 ORDER BY r.id LIMIT ?2"
            }
            WordList::Source => "SELECT id FROM lead WHERE source = ?1 ORDER BY id LIMIT ?2",
            WordList::LostReason => "SELECT id FROM lead WHERE lost_reason = ?1 ORDER BY id LIMIT ?2",
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map(params![fold(word.trim()), int(limit)], |row| get(row, 0))?;
        let mut records = Vec::new();
        for id in ids.collect::<Result<Vec<RecordId>, _>>()? {
            records.extend(self.record(id)?);
        }
        Ok(records)
    }

    /// Answers `Query::QuickLogShare`: what people logged lately, without imports and programs.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn quick_log_share(&self, ctx: &QueryContext<'_>) -> Result<QuickLogShare, StoreError> {
        let sql = "SELECT owner_id = ?1, count(*), sum(via = 'quick_log') FROM activity
                   WHERE hidden = 0 AND created_at >= ?2 AND coalesce(via, '') NOT IN ('import', 'api') GROUP BY 1";
        let since = ctx.now.as_millis() - QUICK_LOG_DAYS * DAY_SQL;
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![ctx.me.as_bytes(), since])?;
        let mut share = QuickLogShare::default();
        while let Some(row) = rows.next()? {
            let is_own: Option<bool> = row.get(0)?;
            let (all, quick): (i64, Option<i64>) = (row.get(1)?, row.get(2)?);
            let count = LoggedCount { quick: quick.unwrap_or(0).unsigned_abs(), all: all.unsigned_abs() };
            share.team.quick += count.quick;
            share.team.all += count.all;
            if is_own == Some(true) {
                share.own = count;
            }
        }
        Ok(share)
    }

    /// How many bytes the database takes, without what waits to be written into it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn size_bytes(&self) -> Result<u64, StoreError> {
        Ok(self.number("PRAGMA page_count")? * self.number("PRAGMA page_size")?)
    }

    /// How many changes wait for a version that can read them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn quarantine_len(&self) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM quarantine")
    }
}
