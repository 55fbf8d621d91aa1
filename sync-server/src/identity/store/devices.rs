//! The devices that people sign in on: listed, seen, revoked.

use model::{DeviceId, Timestamp, UserId};
use rusqlite::{OptionalExtension as _, Row, params};

use super::{IdentityStore, Result, end_sessions};
use crate::audit::{self, Action, Event};
use crate::identity::rows::{Device, DeviceStanding, EndedWhy};
use crate::identity::token::SessionId;

/// The columns that `device` reads.
const DEVICE: &str = "device_id, user_id, name, created_at, seen_at, revoked_at";

impl IdentityStore {
    /// The devices of a person, or everybody's, those seen last first.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn devices(&self, of: Option<UserId>, now: Timestamp) -> Result<Vec<DeviceStanding>> {
        let sql = format!(
            "SELECT {DEVICE}, EXISTS (
                 SELECT 1 FROM session WHERE session.device_id = device.device_id
                 AND ended_at IS NULL AND idle_until > ?1 AND ends_at > ?1)
             FROM device WHERE workspace_id = ?2 AND (?3 IS NULL OR user_id = ?3) ORDER BY seen_at DESC, device_id"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let of = of.map(|user| *user.as_bytes());
        let rows = statement.query_map(params![now.as_millis(), self.workspace.as_bytes(), of], |row| {
            Ok(DeviceStanding { device: device(row)?, signed_in: row.get(6)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Takes a device's access away and ends its sessions; `None` when there is no such device (of this person).
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn revoke_device(
        &mut self,
        id: DeviceId,
        of: Option<UserId>,
        (by, now): (UserId, Timestamp),
    ) -> Result<Option<(UserId, Vec<SessionId>)>> {
        let (workspace, of) = (self.workspace, of.map(|user| *user.as_bytes()));
        let tx = self.write()?;
        let user = tx
            .query_row(
                "UPDATE device SET revoked_at = coalesce(revoked_at, ?1), listed = 0
                 WHERE device_id = ?2 AND workspace_id = ?3 AND (?4 IS NULL OR user_id = ?4) RETURNING user_id",
                params![now.as_millis(), id.as_bytes(), workspace.as_bytes(), of],
                |row| row.get(0),
            )
            .optional()?;
        let Some(user) = user else { return Ok(None) };
        let user = UserId::from_bytes(user);
        let ended = end_sessions(&tx, "device_id", id.as_bytes(), EndedWhy::DeviceRevoked, now)?;
        let event = Event::new(Action::DeviceRevoked, now).by(by).about(id.record()).with("owner", user.to_string());
        audit::append(&tx, workspace, &event)?;
        tx.commit()?;
        Ok(Some((user, ended)))
    }

    /// Devices whose directory record does not say the same yet.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn unlisted_devices(&self) -> Result<Vec<Device>> {
        let sql = format!("SELECT {DEVICE} FROM device WHERE workspace_id = ? AND listed = 0 ORDER BY device_id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([self.workspace.as_bytes()], device)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Notes that a device's directory record is written, unless the device changed meanwhile.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn device_is_listed(&mut self, device: &Device) -> Result<()> {
        self.db.execute(
            "UPDATE device SET listed = 1 WHERE device_id = ? AND revoked_at IS ?",
            params![device.id.as_bytes(), device.revoked_at.map(Timestamp::as_millis)],
        )?;
        Ok(())
    }
}

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    let revoked_at: Option<i64> = row.get(5)?;
    Ok(Device {
        id: DeviceId::from_bytes(row.get(0)?),
        user: UserId::from_bytes(row.get(1)?),
        name: row.get(2)?,
        created_at: Timestamp::from_millis(row.get(3)?),
        seen_at: Timestamp::from_millis(row.get(4)?),
        revoked_at: revoked_at.map(Timestamp::from_millis),
    })
}
