//! Claims about the client's core, with a relay whose words the tests choose.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected may end")]

mod alone;
mod backups;
mod desk;
mod files;
mod mails;
mod mending;
mod merging;
mod people;
mod quarantine;
mod refusals;
mod reminders;
mod restoring;
mod tokens;
mod undoing;
mod webhooks;
mod workspace;
