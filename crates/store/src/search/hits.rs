//! Keeping the corpus in step with the tables, and asking it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use model::query::Hit;
use model::{Kind, Record, RecordId, RecordRef};
use rusqlite::Row;

use super::corpus::{Corpus, CorpusEntry, Needle, needles};
use crate::codec::get;
use crate::columns::{can_hide, names_account};
use crate::error::StoreError;
use crate::figures::has_figures;
use crate::query::QueryContext;
use crate::store::Reader;

/// How well a record matches: the smaller, the better. Exactly, by its beginning, by the beginning of each word,
/// somewhere; then open leads; then the latest touch; then by id.
type Rank = (u8, bool, Reverse<Option<i64>>, RecordId);

/// The words occur somewhere.
const WORST: u8 = 3;

impl Reader {
    /// Answers `Query::Search`: the best hits, at most `limit` of each kind. Records in the trash are no hits.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn search(
        &self,
        text: &str,
        kinds: &[Kind],
        limit: u32,
        ctx: &QueryContext<'_>,
    ) -> Result<Vec<Hit>, StoreError> {
        let needles = needles(text);
        if needles.is_empty() {
            return Ok(Vec::new());
        }
        self.prepare_search()?;
        let best = self.best_hits(&needles, kinds, limit as usize);
        best.into_iter().filter_map(|record| self.hit(record, ctx).transpose()).collect()
    }

    /// Reads the words of all records into memory, if that has not happened yet. The first search does it by itself.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn prepare_search(&self) -> Result<(), StoreError> {
        self.settle()?;
        if self.corpus.borrow().is_some() {
            return Ok(());
        }
        let mut corpus = Corpus::default();
        for kind in Kind::ALL {
            let mut statement = self.connection.prepare(&corpus_sql(kind, ""))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                put_row(&mut corpus, kind, row)?;
            }
        }
        *self.corpus.borrow_mut() = Some(corpus);
        Ok(())
    }

    /// Fills the scratch table `hit` with the rows of a kind that hold every word of `text`; returns whether there
    /// were words to look for.
    pub(crate) fn select_hits(&self, text: &str, kind: Kind) -> Result<bool, StoreError> {
        let needles = needles(text);
        if needles.is_empty() {
            return Ok(false);
        }
        self.prepare_search()?;
        let corpus = self.corpus.borrow();
        let found = corpus.iter().flat_map(|corpus| corpus.find(&needles));
        let mut numbers: Vec<i64> = found.filter(|(entry, _)| entry.kind == kind).map(|(entry, _)| entry.n).collect();
        numbers.sort_unstable();
        self.fill_hits(&numbers)?;
        Ok(true)
    }

    /// One savepoint around all of it: outside a transaction every insert would be one of its own.
    fn fill_hits(&self, numbers: &[i64]) -> Result<(), StoreError> {
        self.connection.prepare_cached("SAVEPOINT hits")?.execute([])?;
        self.connection.prepare_cached("DELETE FROM hit")?.execute([])?;
        let mut insert = self.connection.prepare_cached("INSERT INTO hit (n) VALUES (?)")?;
        for n in numbers {
            insert.execute([n])?;
        }
        self.connection.prepare_cached("RELEASE hits")?.execute([])?;
        Ok(())
    }

    /// Brings the corpus up to date with a record that was just written. Leads and contacts are found by their
    /// account's name too.
    pub(crate) fn refresh_corpus(&self, record: RecordRef, n: i64) -> Result<(), StoreError> {
        let mut guard = self.corpus.borrow_mut();
        let Some(corpus) = guard.as_mut() else { return Ok(()) };
        self.refresh_rows(corpus, record.kind, "t.n = ?", &n)?;
        self.refresh_company(corpus, record)
    }

    /// Takes a record that was just removed out of the corpus.
    pub(crate) fn remove_from_corpus(&self, record: RecordRef, n: i64) -> Result<(), StoreError> {
        let mut guard = self.corpus.borrow_mut();
        let Some(corpus) = guard.as_mut() else { return Ok(()) };
        corpus.remove(n);
        self.refresh_company(corpus, record)
    }

    fn refresh_company(&self, corpus: &mut Corpus, record: RecordRef) -> Result<(), StoreError> {
        if record.kind == Kind::Account {
            for kind in [Kind::Lead, Kind::Contact] {
                self.refresh_rows(corpus, kind, "t.account_id = ?", &record.id.as_bytes())?;
            }
        }
        Ok(())
    }

    fn refresh_rows(
        &self,
        corpus: &mut Corpus,
        kind: Kind,
        condition: &str,
        value: &dyn rusqlite::ToSql,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(&corpus_sql(kind, condition))?;
        let mut rows = statement.query([value])?;
        while let Some(row) = rows.next()? {
            put_row(corpus, kind, row)?;
        }
        Ok(())
    }

    fn best_hits(&self, needles: &[Needle], kinds: &[Kind], limit: usize) -> Vec<RecordRef> {
        let kinds = if kinds.is_empty() { &Kind::RECORDS } else { kinds };
        let guard = self.corpus.borrow();
        let phrase = phrase(needles);
        let mut by_kind: BTreeMap<Kind, BinaryHeap<Rank>> = BTreeMap::new();
        for (entry, text) in guard.iter().flat_map(|corpus| corpus.find(needles)) {
            if entry.hidden || !kinds.contains(&entry.kind) {
                continue;
            }
            let kept = by_kind.entry(entry.kind).or_default();
            let to_beat = if kept.len() < limit { WORST } else { kept.peek().map_or(WORST, |worst| worst.0) };
            let quality = quality(entry, text, needles, &phrase, to_beat);
            kept.push((quality, !entry.open, Reverse(entry.touch_at), entry.id));
            if kept.len() > limit {
                kept.pop();
            }
        }
        let of_kind = |(kind, kept): (Kind, BinaryHeap<Rank>)| kept.into_iter().map(move |rank| (rank, kind));
        let mut best: Vec<(Rank, Kind)> = by_kind.into_iter().flat_map(of_kind).collect();
        best.sort_unstable();
        best.into_iter().map(|((.., id), kind)| RecordRef::new(kind, id)).collect()
    }

    fn hit(&self, record: RecordRef, ctx: &QueryContext<'_>) -> Result<Option<Hit>, StoreError> {
        let Some(found) = self.record(record.id)? else { return Ok(None) };
        let name_of = |key: &str| match found.link(key) {
            Some(id) => self.name_of(id).map(Option::unwrap_or_default),
            None => Ok(String::new()),
        };
        let parts = match found.kind {
            Kind::Lead => {
                let stage = ctx.settings.stage(found.place().0).map_or("", |stage| &stage.name);
                vec![name_of("account_id")?, stage.to_owned()]
            }
            Kind::Contact => vec![name_of("account_id")?, found.text("email").to_owned()],
            Kind::Account => vec![found.text("industry").to_owned(), found.text("city").to_owned()],
            Kind::Activity => vec![found.text("type").to_owned(), name_of("lead_id")?, name_of("account_id")?],
            Kind::Task | Kind::Attachment => vec![name_of("linked_id")?],
            Kind::User => vec![found.text("email").to_owned()],
            Kind::Suggestion => vec![name_of("record_id")?],
            Kind::View => vec![found.text("screen").to_owned()],
            Kind::Settings | Kind::Device => Vec::new(),
        };
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let about = self.about(self.followed(&found)?.as_ref())?;
        Ok(Some(Hit { record, title: found.display_name(), subtitle: parts.join(" · "), about }))
    }

    /// The lead, account or contact that a task, an activity or a file is about.
    fn about(&self, record: &Record) -> Result<Option<RecordRef>, StoreError> {
        let of_activity = |record: &Record| {
            let links = [("lead_id", Kind::Lead), ("account_id", Kind::Account), ("contact_id", Kind::Contact)];
            links.into_iter().find_map(|(key, kind)| Some(RecordRef::new(kind, record.link(key)?)))
        };
        let linked = || Some((record.text("linked_type").parse::<Kind>().ok()?, record.link("linked_id")?));
        Ok(match (record.kind, linked()) {
            (Kind::Activity, _) => of_activity(record),
            (Kind::Task | Kind::Attachment, Some((Kind::Activity, id))) => match self.record(id)? {
                Some(activity) => of_activity(self.followed(&activity)?.as_ref()),
                None => None,
            },
            (Kind::Task | Kind::Attachment, Some((kind, id))) => Some(RecordRef::new(kind, id)),
            _ => None,
        })
    }
}

/// The words as they would stand in a name.
fn phrase(needles: &[Needle]) -> String {
    let words: Vec<&str> = needles.iter().map(Needle::word).collect();
    words.join(" ")
}

/// How well a record matches. When it can't be better than `to_beat`, it need not be found out exactly.
fn quality(entry: &CorpusEntry, text: &[u8], needles: &[Needle], phrase: &str, to_beat: u8) -> u8 {
    let phrase = phrase.as_bytes();
    let keys = text.get(..entry.key_bytes).unwrap_or(text);
    let lines = || keys.split(|byte| *byte == b'\n');
    if lines().any(|line| line == phrase) {
        0
    } else if lines().any(|line| line.starts_with(phrase)) {
        1
    } else if to_beat > 1 && needles.iter().all(|needle| needle.begins_a_word_in(text)) {
        2
    } else {
        WORST
    }
}

/// Rows of a kind for the corpus: number, id, words, figures, whether it is hidden, whether it is an open lead, and
/// its account's name.
fn corpus_sql(kind: Kind, condition: &str) -> String {
    let touch = if has_figures(kind) { "t.touch_at" } else { "NULL" };
    let hidden = if can_hide(kind) { "t.hidden = 2" } else { "0" };
    let (open, join) = match kind {
        Kind::Lead => ("coalesce(s.status, 'open') = 'open'", "LEFT JOIN stage s ON s.id = t.stage"),
        _ => ("0", ""),
    };
    let company = if names_account(kind) { "t.account_name" } else { "NULL" };
    let condition = if condition.is_empty() { "1" } else { condition };
    format!(
        "SELECT t.n, t.id, r.key_bytes, r.words, {touch}, {hidden}, {open}, {company}
         FROM {kind} t JOIN record r ON r.n = t.n {join} WHERE {condition} ORDER BY t.n"
    )
}

fn put_row(corpus: &mut Corpus, kind: Kind, row: &Row<'_>) -> Result<(), StoreError> {
    let entry = CorpusEntry {
        n: row.get(0)?,
        id: get(row, 1)?,
        kind,
        hidden: row.get(5)?,
        open: row.get(6)?,
        touch_at: row.get(4)?,
        key_bytes: row.get::<_, u32>(2)? as usize,
    };
    let text = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    match row.get_ref(7)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(company) => corpus.put(entry, &[text, company]),
        None => corpus.put(entry, &[text]),
    }
    Ok(())
}
