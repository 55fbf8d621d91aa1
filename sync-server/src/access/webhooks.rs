//! Which webhooks there are. What became of their deliveries lies elsewhere ([`crate::webhooks`]); these tables are in
//! the backup, and every change of them is in the audit log.

use model::{IdSource as _, RecordId, Timestamp, UserId, WorkspaceId};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::{AccessStore, Result};
use super::{Access, AccessFailure};
use crate::audit::{self, Action, Event};
use crate::identity::env::FreshIds;

/// Most webhooks of a workspace.
pub const WEBHOOKS_MAX: u32 = 20;

/// Names a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookId(pub Uuid);

impl WebhookId {
    /// The webhook as the audit log names it.
    pub const fn record(self) -> RecordId {
        RecordId(self.0)
    }
}

/// Why a webhook is not active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// An administrator paused it.
    Person,
    /// It did not answer for days.
    Failing,
    /// It answered that it is gone.
    Gone,
}

impl Pause {
    /// The name in the table and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }

    /// A word that this program does not write is an administrator's doing.
    fn from_name(name: &str) -> Self {
        [Self::Failing, Self::Gone].into_iter().find(|pause| pause.name() == name).unwrap_or(Self::Person)
    }
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// Where to.
    pub url: String,
    /// What about: names of events, or patterns.
    pub events: Vec<String>,
    /// Why it is not active; `None` while it is.
    pub paused: Option<Pause>,
    /// How often its secret was replaced.
    pub rotation: u32,
    /// When that was done the last time.
    pub rotated_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: UserId,
}

/// What a webhook is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Where to.
    pub url: String,
    /// What about.
    pub events: Vec<String>,
    /// Whether it begins at once.
    pub active: bool,
    /// Who makes it.
    pub by: UserId,
}

/// What is to be different; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookChange {
    /// Where to.
    pub url: Option<String>,
    /// What about.
    pub events: Option<Vec<String>>,
    /// Whether it is active.
    pub active: Option<bool>,
}

impl Access {
    /// Makes a webhook; `None` when there are as many as there may be.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn make_webhook(&self, new: NewWebhook) -> std::result::Result<Option<Webhook>, AccessFailure> {
        let webhook = Webhook {
            id: WebhookId(FreshIds(self.env.as_ref()).fresh_uuid()),
            url: new.url,
            events: new.events,
            paused: (!new.active).then_some(Pause::Person),
            rotation: 0,
            rotated_at: None,
            created_at: self.env.now(),
            created_by: new.by,
        };
        self.run(move |store| Ok(store.keep_webhook(&webhook)?.then_some(webhook))).await
    }

    /// Lists the webhooks, the oldest first.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn webhooks(&self) -> std::result::Result<Vec<Webhook>, AccessFailure> {
        self.run(|store| store.webhooks()).await
    }

    /// Looks one up.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn webhook(&self, id: WebhookId) -> std::result::Result<Option<Webhook>, AccessFailure> {
        self.run(move |store| store.webhook(id)).await
    }

    /// Changes one and returns it; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        change: WebhookChange,
        by: UserId,
    ) -> std::result::Result<Option<Webhook>, AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.change_webhook(id, change, (by, now))).await
    }

    /// Replaces one's secret and returns it; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn rotate_webhook(
        &self,
        id: WebhookId,
        by: UserId,
    ) -> std::result::Result<Option<Webhook>, AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.rotate_webhook(id, (by, now))).await
    }

    /// Pauses one that does not answer.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn pause_webhook(&self, id: WebhookId, why: Pause) -> std::result::Result<(), AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.pause_webhook(id, why, now)).await
    }

    /// Deletes one; `false` when there is none of this id.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn delete_webhook(&self, id: WebhookId, by: UserId) -> std::result::Result<bool, AccessFailure> {
        let now = self.env.now();
        self.run(move |store| store.delete_webhook(id, (by, now))).await
    }
}

const SELECT: &str = "SELECT id, url, events, paused, rotation, rotated_at, created_at, created_by FROM webhook";

impl AccessStore {
    fn keep_webhook(&mut self, webhook: &Webhook) -> Result<bool> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let sql = "SELECT count(*) FROM webhook WHERE workspace_id = ?";
        let count: u32 = tx.query_row(sql, [workspace.as_bytes()], |row| row.get(0))?;
        if count >= WEBHOOKS_MAX {
            return Ok(false);
        }
        tx.execute(
            "INSERT INTO webhook (id, workspace_id, url, events, paused, rotation, created_at, created_by)
             VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
            params![
                webhook.id.0.as_bytes(),
                workspace.as_bytes(),
                webhook.url,
                webhook.events.join(" "),
                webhook.paused.map(Pause::name),
                webhook.created_at.as_millis(),
                webhook.created_by.as_bytes(),
            ],
        )?;
        let event = Event::new(Action::WebhookMade, webhook.created_at).by(webhook.created_by);
        audit::append(&tx, workspace, &event.about(webhook.id.record()).with("events", webhook.events.clone()))?;
        tx.commit()?;
        Ok(true)
    }

    fn webhooks(&self) -> Result<Vec<Webhook>> {
        let mut statement =
            self.db.prepare_cached(&format!("{SELECT} WHERE workspace_id = ? ORDER BY created_at, id"))?;
        let rows = statement.query_map([self.workspace.as_bytes()], webhook)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>> {
        let mut statement = self.db.prepare_cached(&format!("{SELECT} WHERE workspace_id = ? AND id = ?"))?;
        Ok(statement.query_row(params![self.workspace.as_bytes(), id.0.as_bytes()], webhook).optional()?)
    }

    fn change_webhook(
        &mut self,
        id: WebhookId,
        change: WebhookChange,
        (by, now): (UserId, Timestamp),
    ) -> Result<Option<Webhook>> {
        let Some(mut found) = self.webhook(id)? else { return Ok(None) };
        let mut event = Event::new(Action::WebhookChanged, now).by(by).about(id.record());
        if let Some(url) = change.url.filter(|url| *url != found.url) {
            // Addresses often hold a secret of the other side.
            event = event.with("url", "changed");
            found.url = url;
        }
        if let Some(events) = change.events {
            event = event.with("events", events.clone());
            found.events = events;
        }
        if let Some(active) = change.active {
            event = event.with("active", active);
            found.paused = if active { None } else { found.paused.or(Some(Pause::Person)) };
        }
        let workspace = self.workspace;
        let tx = self.write()?;
        tx.execute(
            "UPDATE webhook SET url = ?, events = ?, paused = ? WHERE id = ? AND workspace_id = ?",
            params![
                found.url,
                found.events.join(" "),
                found.paused.map(Pause::name),
                id.0.as_bytes(),
                workspace.as_bytes()
            ],
        )?;
        audit::append(&tx, workspace, &event)?;
        tx.commit()?;
        Ok(Some(found))
    }

    fn rotate_webhook(&mut self, id: WebhookId, (by, now): (UserId, Timestamp)) -> Result<Option<Webhook>> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let sql = "UPDATE webhook SET rotation = rotation + 1, rotated_at = ? WHERE id = ? AND workspace_id = ?";
        let values = params![now.as_millis(), id.0.as_bytes(), workspace.as_bytes()];
        let event = Event::new(Action::WebhookRotated, now).by(by);
        changed_one(tx, (sql, values), workspace, &event.about(id.record()))?;
        self.webhook(id)
    }

    fn pause_webhook(&mut self, id: WebhookId, why: Pause, now: Timestamp) -> Result<()> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let sql = "UPDATE webhook SET paused = ? WHERE id = ? AND workspace_id = ? AND paused IS NULL";
        let values = params![why.name(), id.0.as_bytes(), workspace.as_bytes()];
        let event = Event::new(Action::WebhookPaused, now).with("reason", why.name());
        changed_one(tx, (sql, values), workspace, &event.about(id.record()))?;
        Ok(())
    }

    fn delete_webhook(&mut self, id: WebhookId, (by, now): (UserId, Timestamp)) -> Result<bool> {
        let workspace = self.workspace;
        let tx = self.write()?;
        let sql = "DELETE FROM webhook WHERE id = ? AND workspace_id = ?";
        let values = params![id.0.as_bytes(), workspace.as_bytes()];
        let event = Event::new(Action::WebhookDeleted, now).by(by);
        changed_one(tx, (sql, values), workspace, &event.about(id.record()))
    }
}

/// Changes a webhook's row and writes down that it was done; `false` when there is no such row.
fn changed_one(
    tx: Transaction<'_>,
    (sql, values): (&str, &[&dyn rusqlite::ToSql]),
    workspace: WorkspaceId,
    event: &Event,
) -> Result<bool> {
    if tx.execute(sql, values)? == 0 {
        return Ok(false);
    }
    audit::append(&tx, workspace, event)?;
    tx.commit()?;
    Ok(true)
}

fn webhook(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    let (events, paused): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    let (rotated_at, created_at): (Option<i64>, i64) = (row.get(5)?, row.get(6)?);
    Ok(Webhook {
        id: WebhookId(Uuid::from_bytes(row.get(0)?)),
        url: row.get(1)?,
        events: events.split(' ').map(str::to_owned).collect(),
        paused: paused.as_deref().map(Pause::from_name),
        rotation: row.get(4)?,
        rotated_at: rotated_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(created_at),
        created_by: UserId::from_bytes(row.get(7)?),
    })
}
