//! A list as a CSV file: everything that matches, in the columns that show.

use interchange::export::shown_cell;
use model::csv::{amount, guarded_line};
use model::query::{ListQuery, Row, WINDOW_MAX};
use store::QueryContext;

use crate::replica::{Replica, ReplicaError};

/// Excel reads UTF-8 only behind this.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl Replica {
    /// Writes everything that matches as CSV.
    pub(crate) fn list_csv(
        &self,
        list: &ListQuery,
        columns: &[(String, String)],
        ctx: &QueryContext<'_>,
    ) -> Result<String, ReplicaError> {
        let headers: Vec<String> = columns.iter().map(|(_, header)| header.clone()).collect();
        let mut out = String::from(BYTE_ORDER_MARK);
        out.push_str(&guarded_line(&headers));
        let mut offset = 0;
        loop {
            let window = ListQuery { offset, limit: WINDOW_MAX, ..list.clone() };
            let page = self.store.list(&window, ctx)?;
            for row in &page.rows {
                let cells: Vec<String> = columns.iter().map(|(key, _)| self.csv_cell(row, key)).collect();
                out.push_str(&guarded_line(&cells));
            }
            offset += u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
            if page.rows.is_empty() || u64::from(offset) >= page.total {
                return Ok(out);
            }
        }
    }

    /// A cell as people read it, in a form that spreadsheets compute with.
    fn csv_cell(&self, row: &Row, key: &str) -> String {
        match key {
            "name" => row.record.display_name(),
            "owner_id" => row.owner_name.clone(),
            "status" => row.status.clone(),
            "last_touch_at" => row.last_touch_at.map(|at| at.to_string()).unwrap_or_default(),
            "stage_entered_at" => row.stage_entered_at.map(|at| at.to_string()).unwrap_or_default(),
            "next_task" => row.next_task.as_ref().map(|task| task.title.clone()).unwrap_or_default(),
            "next_task_due" => {
                row.next_task.as_ref().and_then(|task| task.due_at).map(|at| at.to_string()).unwrap_or_default()
            }
            "open_leads" => row.open_leads.to_string(),
            "open_cents" => amount(row.open_cents),
            "won_cents" => amount(row.won_cents),
            "files" => row.files.to_string(),
            "place" => shown_cell(&row.record, "stage", &self.settings),
            key => match row.names.get(key) {
                Some(name) => name.clone(),
                None => shown_cell(&row.record, key, &self.settings),
            },
        }
    }
}
