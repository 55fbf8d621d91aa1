//! Everything of a kind as a file: CSV, JSON, vCard. The trash is not in it; a backup has that.

use interchange::export::{all_columns, export_csv, record_json};
use interchange::vcard;
use model::query::{ExportForm, StorageLine, StorageUse};
use model::{Kind, Record};

use crate::replica::{Replica, ReplicaError};

impl Replica {
    /// Writes all records of a kind, in the order of their ids.
    pub(crate) fn export(&self, kind: Kind, form: ExportForm) -> Result<String, ReplicaError> {
        let records = self.records_of(&[kind])?;
        let mut out = String::new();
        match form {
            // A String takes everything.
            ExportForm::Csv => drop(export_csv(&records, &all_columns(kind), &self.settings, true, &mut out)),
            ExportForm::Json => {
                let lines: Vec<String> = records.iter().map(|record| self.json_line(record)).collect();
                out = format!("[\n{}\n]\n", lines.join(",\n"));
            }
            ExportForm::VCard3 | ExportForm::VCard4 => {
                let version = if form == ExportForm::VCard3 { vcard::Version::V3 } else { vcard::Version::V4 };
                for record in &records {
                    let account = record.link("account_id").map(|id| self.store.record(id)).transpose()?.flatten();
                    out.push_str(&vcard::card(record, account.as_ref(), version));
                }
            }
        }
        Ok(out)
    }

    fn json_line(&self, record: &Record) -> String {
        serde_json::Value::Object(record_json(record, &self.settings)).to_string()
    }

    /// How much room everything takes on this device.
    pub(crate) fn storage_use(&self) -> Result<StorageUse, ReplicaError> {
        let mut used = self.store.storage_use()?;
        let (count, bytes) = self.files.room();
        used.lines.push((StorageLine::Files, count, bytes));
        Ok(used)
    }
}
