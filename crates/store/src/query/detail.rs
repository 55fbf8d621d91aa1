//! A record's page: the record, its conflicts and problems, and what belongs to it.

use std::collections::BTreeMap;

use model::query::{Detail, Row, WINDOW_MAX};
use model::{Kind, Record, RecordId, RecordRef};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, params_from_iter};

use super::QueryContext;
use super::timeline::activity_links;
use crate::codec::split_hashes;
use crate::error::StoreError;
use crate::store::Reader;

impl Reader {
    /// Answers `Query::Detail`. Whether the person may edit the record is for the caller to say.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn detail(&self, record: RecordRef, ctx: &QueryContext<'_>) -> Result<Option<Detail>, StoreError> {
        let Some(row) = self.row(record, ctx)? else { return Ok(None) };
        let (related, counts) = self.related(&row.record, ctx)?;
        Ok(Some(Detail {
            heads: self.view_heads(record.id)?,
            conflicts: self.conflicts_of(record)?,
            problems: self.problems_of(record.id)?,
            related,
            counts,
            denied: None,
            row,
        }))
    }

    /// Returns the heads that a record's projection was made from.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn view_heads(&self, record: RecordId) -> Result<Vec<model::ChangeHash>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT heads FROM record WHERE id = ?")?;
        let heads: Option<Vec<u8>> = statement.query_row([record.as_bytes()], |row| row.get(0)).optional()?;
        split_hashes(&heads.unwrap_or_default())
    }

    /// The newest files of a record, and of the activities about it: an e-mail brings its own.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn files_of(&self, record: RecordRef, ctx: &QueryContext<'_>) -> Result<Vec<Row>, StoreError> {
        let of_activities = activity_links(record.kind).map_or(String::new(), |(link, _)| {
            format!("OR t.linked_id IN (SELECT a.id FROM activity a WHERE a.{link} = ?1 AND a.deleted_at IS NULL)")
        });
        let condition = format!("t.linked_id = ?1 {of_activities}");
        let id = Sql::Blob(record.id.as_bytes().to_vec());
        let (numbers, _) = self.related_numbers(Kind::Attachment, &condition, vec![id])?;
        self.rows(Kind::Attachment, &numbers, ctx)
    }

    fn related(&self, record: &Record, ctx: &QueryContext<'_>) -> Result<Related, StoreError> {
        let id = Sql::Blob(record.id.as_bytes().to_vec());
        let linked = |kind| (kind, "t.linked_id = ?1".to_owned(), vec![id.clone()]);
        let mut wanted = vec![linked(Kind::Task), linked(Kind::Attachment)];
        match record.kind {
            Kind::Account => {
                wanted.push((Kind::Lead, "t.account_id = ?1".to_owned(), vec![id.clone()]));
                wanted.push((Kind::Contact, "t.account_id = ?1".to_owned(), vec![id]));
            }
            Kind::Contact => wanted.push((Kind::Lead, LEADS_OF_CONTACT.to_owned(), vec![id, words(record.id)])),
            Kind::Lead => wanted.push(contacts_of_lead(record)),
            _ => {}
        }
        let (mut related, mut counts) = (BTreeMap::new(), BTreeMap::new());
        for (kind, condition, values) in wanted {
            let (numbers, count) = self.related_numbers(kind, &condition, values)?;
            let rows = self.rows(kind, &numbers, ctx)?;
            if !rows.is_empty() {
                related.insert(kind, rows);
                counts.insert(kind, count);
            }
        }
        Ok((related, counts))
    }

    fn related_numbers(&self, kind: Kind, condition: &str, values: Vec<Sql>) -> Result<(Vec<i64>, u64), StoreError> {
        let merged = if matches!(kind, Kind::Lead | Kind::Contact) { "AND t.merged_into IS NULL" } else { "" };
        let first = if kind == Kind::Task { "coalesce(t.status, 'open') <> 'open'," } else { "" };
        let sql = format!(
            "SELECT t.n, count(*) OVER () FROM {kind} t WHERE ({condition}) AND t.deleted_at IS NULL {merged}
             ORDER BY {first} t.created_at DESC, t.id DESC LIMIT {WINDOW_MAX}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let (mut numbers, mut count) = (Vec::new(), 0_u64);
        while let Some(row) = rows.next()? {
            numbers.push(row.get(0)?);
            count = row.get::<_, i64>(1)?.unsigned_abs();
        }
        Ok((numbers, count))
    }
}

/// What belongs to a record, by kind, and how many there are of each.
type Related = (BTreeMap<Kind, Vec<Row>>, BTreeMap<Kind, u64>);

/// A contact's leads: those it is the first contact of, and those that list it.
const LEADS_OF_CONTACT: &str =
    "t.primary_contact_id = ?1 OR t.n IN (SELECT n FROM member WHERE field = 'contacts' AND member = ?2)";

fn words(id: RecordId) -> Sql {
    Sql::Text(id.to_string())
}

/// A lead's first contact and the others that it lists.
fn contacts_of_lead(lead: &Record) -> (Kind, String, Vec<Sql>) {
    let listed = lead.members("contacts").filter_map(|(id, _)| id.parse().ok());
    let ids = lead.link("primary_contact_id").into_iter().chain(listed);
    let values: Vec<Sql> = ids.map(|id: RecordId| Sql::Blob(id.as_bytes().to_vec())).collect();
    let marks = vec!["?"; values.len()].join(", ");
    (Kind::Contact, format!("t.n IN (SELECT n FROM record WHERE id IN ({marks}))"), values)
}
