//! Paper: PDF in shades of grey, the same on every client and on the relay.
//!
//! Words are set in the Helvetica that every reader of PDF brings, so no font is embedded. It knows the letters of
//! Western European languages; others are written without their marks, and what has no such form becomes `?`.

pub(crate) mod letters;
pub(crate) mod page;
mod record;

pub use record::{RecordSheet, Told};

/// What stands around a page.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// The workspace's name.
    pub workspace: &'a str,
    /// Its currency.
    pub currency: &'a str,
    /// Its region, which chooses the paper.
    pub region: &'a str,
    /// The day.
    pub today: crate::Date,
}

impl Letterhead<'_> {
    /// The line under each page.
    pub(crate) fn foot(&self) -> String {
        let day = crate::format::full_date(self.today);
        if self.workspace.is_empty() { day } else { format!("{} · {day}", self.workspace) }
    }
}
