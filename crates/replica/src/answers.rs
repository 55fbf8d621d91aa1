//! Answers to the screens' questions, from the query tables.

use model::Timestamp;
use model::query::{Answer, Query, Workspace};
use store::{QueryContext, TimelineWindow};

use crate::replica::{Replica, ReplicaError};

impl Replica {
    /// Answers a query as of `now`.
    ///
    /// # Errors
    /// When the store can't be read, or the query names a field that does not exist.
    pub fn answer(&mut self, query: &Query, now: Timestamp) -> Result<Answer, ReplicaError> {
        if let Query::Detail(record)
        | Query::Timeline { record, .. }
        | Query::TimelinePage { record, .. }
        | Query::FieldHistory { record, .. }
        | Query::AsOf { record, .. } = query
        {
            self.check_if_due(*record)?;
        }
        if matches!(query, Query::Duplicates { .. }) {
            self.find_duplicates(now)?;
        }
        let ctx = self.query_context(now);
        let store = &self.store;
        Ok(match query {
            Query::Board(query) => Answer::Board(store.board(query, &ctx)?),
            Query::List(query) => Answer::List(store.list(query, &ctx)?),
            Query::Detail(record) => {
                let mut detail = store.detail(*record, &ctx)?.map(Box::new);
                if let Some(detail) = &mut detail {
                    detail.denied = self.denied(&detail.row.record);
                }
                Answer::Detail(detail)
            }
            Query::Timeline { record, limit } => Answer::Timeline(store.timeline(*record, *limit, &ctx)?),
            Query::Search { text, kinds, limit_per_kind } => {
                Answer::Search(store.search(text, kinds, *limit_per_kind, &ctx)?)
            }
            Query::Workspace => {
                Answer::Workspace(Box::new(Workspace { settings: self.settings.clone(), users: store.users()? }))
            }
            Query::Conflicts => Answer::Conflicts(store.conflicts(&ctx)?),
            Query::Refused => Answer::Refused(self.refused_commands()?),
            Query::Suggestions => Answer::Suggestions(self.suggestions(&ctx)?),
            Query::Files(linked) => Answer::Files(self.file_rows(*linked, &ctx)?),
            Query::Overview => Answer::Overview(store.overview(&ctx)?),
            Query::Matching(query) => Answer::Matching(store.matching(query, &ctx)?),
            Query::Csv { list, columns } => Answer::Csv(self.list_csv(list, columns, &ctx)?),
            Query::Preferences => Answer::Preferences(self.preferences()?),
            Query::Duplicates { limit } => Answer::Duplicates(self.duplicates(*limit, &ctx)?),
            Query::NextBest { owner, limit } => Answer::NextBest(store.next_best(*owner, *limit, &ctx)?),
            Query::TimelinePage { record, part, offset, limit } => {
                let window = TimelineWindow { offset: *offset, limit: *limit };
                Answer::Timeline(store.timeline_page(*record, *part, window)?)
            }
            Query::FieldHistory { record, key } => Answer::Timeline(store.field_history(*record, key)?),
            Query::AsOf { record, at } => Answer::AsOf(store.as_of(*record, *at)?),
            Query::Reminders => Answer::Reminders(self.due_reminders(&ctx)?),
            Query::Storage => Answer::Storage(self.storage_use()?),
            Query::Export { kind, form } => Answer::Export(self.export(*kind, *form)?),
            Query::Tags => Answer::Tags(store.tags()?),
            Query::QuickLogShare => Answer::QuickLogShare(store.quick_log_share(&ctx)?),
            Query::Diagnostics => Answer::Diagnostics(Box::new(self.diagnostics(&ctx)?)),
            Query::Lookalikes { kind, fields } => Answer::Lookalikes(self.lookalikes(*kind, fields, &ctx)?),
            Query::Report(question) => Answer::Report(Box::new(store.report(question, &ctx)?)),
        })
    }

    /// What answers depend on besides the records.
    pub(crate) fn query_context(&self, now: Timestamp) -> QueryContext<'_> {
        let me = self.account.as_ref().map(|account| account.user).unwrap_or(model::UserId::from_bytes([0; 16]));
        QueryContext { now, me, settings: &self.settings }
    }
}
