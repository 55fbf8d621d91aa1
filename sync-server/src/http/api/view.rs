//! Records as the API shows them, and their entity tags.

use std::fmt::Write as _;

use ::store::StoreError;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use model::{ChangeHash, RecordRef, UserId};
use serde_json::Value as Json;

use crate::domain::Version;
use crate::projection::View;
pub(super) use crate::projection::told::row_json;

/// One record with its entity tag.
pub(super) struct Shown {
    pub(super) json: Json,
    pub(super) etag: String,
    pub(super) deleted: bool,
}

/// Reads a record of exactly this kind.
pub(super) fn shown(view: &View<'_>, record: RecordRef, me: UserId) -> Result<Option<Shown>, StoreError> {
    let Some(row) = view.store.row(record, &view.context(me))? else { return Ok(None) };
    let etag = etag_of(&view.store.view_heads(record.id)?);
    Ok(Some(Shown { deleted: row.record.is_deleted(), json: row_json(&row), etag }))
}

/// The entity tag of a record with these heads.
pub(super) fn etag_of(heads: &[ChangeHash]) -> String {
    let mut etag = String::with_capacity(34);
    etag.push('"');
    for byte in Version::of(heads).0 {
        // Writing to a string cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

/// The versions that `If-Match` asks for; `None` is any. What is no entity tag of ours matches nothing.
pub(super) fn versions(headers: &HeaderMap) -> Option<Vec<Version>> {
    let mut versions = Vec::new();
    let mut asked = false;
    for value in headers.get_all(IF_MATCH) {
        asked = true;
        for tag in value.to_str().unwrap_or("").split(',').map(str::trim) {
            if tag == "*" {
                return None;
            }
            versions.extend(version(tag));
        }
    }
    asked.then_some(versions)
}

fn version(tag: &str) -> Option<Version> {
    let hex = tag.strip_prefix('"')?.strip_suffix('"')?;
    let number = u128::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 32)?;
    Some(Version(number.to_be_bytes()))
}
