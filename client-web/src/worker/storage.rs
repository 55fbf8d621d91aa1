//! Opening the database: on the browser's private file system, or in memory where there is none.

use std::fmt::Display;
use std::path::Path;

use replica::{Mended, Replica};
use rsqlite_vfs::VfsFilesManager;
use rsqlite_vfs::transfer::DbTransfer;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfg, OpfsSAHPoolUtil, install};
use store::{OpenStoreError, SalvagedOutbox, Store};
use wasm_bindgen_futures::JsFuture;

use super::scope;
use crate::browser::BrowserEnv;
use crate::message::Storage;

/// The database's name in the pool; one that was mended has a number behind it.
const DATABASE: &str = "trailtrack";
/// A tab that is closing may hold its files a moment longer than its lock.
const OPEN_TRIES: u32 = 40;
const OPEN_PAUSE_MILLIS: i32 = 250;

/// The replica of this browser, opened.
pub(super) struct Opened {
    pub(super) replica: Replica,
    /// Where its records are kept.
    pub(super) storage: Storage,
    /// What became of the data when the database had to be mended.
    pub(super) mended: Option<Mended>,
}

/// Opens the replica of this browser.
pub(super) async fn open() -> Result<Opened, String> {
    if has_file_system().await {
        let pool = install_pool().await?;
        let (replica, mended) = open_on_device(&pool)?;
        return Ok(Opened { replica, storage: Storage::OnDevice, mended });
    }
    let store = Store::open_in_memory().map_err(|error| unopened(&error))?;
    let replica = Replica::open(store, &mut BrowserEnv).map_err(|error| unread(&error))?;
    Ok(Opened { replica, storage: Storage::InMemory, mended: None })
}

fn unopened(error: &impl Display) -> String {
    format!("The database on this device cannot be opened: {error}")
}

fn unread(error: &impl Display) -> String {
    format!("The records on this device cannot be read: {error}")
}

/// Opens the newest database; a damaged one is followed by another, filled with what can be saved of it.
fn open_on_device(pool: &OpfsSAHPoolUtil) -> Result<(Replica, Option<Mended>), String> {
    let generation = newest(pool)?;
    let store = match Store::open_named(&name(generation)) {
        Ok(store) => store,
        Err(OpenStoreError::Damaged(_)) => return mend(pool, generation),
        Err(error) => return Err(unopened(&error)),
    };
    match Replica::open(store, &mut BrowserEnv) {
        Ok(replica) => Ok((replica, None)),
        Err(error) if error.is_damage() => mend(pool, generation),
        Err(error) => Err(unread(&error)),
    }
}

fn name(generation: u32) -> String {
    if generation == 0 { format!("{DATABASE}.db") } else { format!("{DATABASE}-{generation}.db") }
}

/// The newest database that holds everything; one that was being filled when the browser closed is removed.
fn newest(pool: &OpfsSAHPoolUtil) -> Result<u32, String> {
    let names = pool.names().map_err(|error| unopened(&error))?;
    let number = |name: &String| {
        name.trim_start_matches('/').strip_prefix(DATABASE)?.strip_prefix('-')?.strip_suffix(".db")?.parse::<u32>().ok()
    };
    let Some(generation) = names.iter().filter_map(number).max() else { return Ok(0) };
    // One that can't even be opened was complete once: whatever is being filled is a sound database.
    let complete =
        Store::open_named(&name(generation)).map_or(true, |store| Replica::is_mended(&store).unwrap_or(true));
    if complete {
        return Ok(generation);
    }
    remove(pool, &name(generation))?;
    Ok(generation - 1)
}

/// Removes a database and its journal, under whichever path the pool knows them; the pool has only so many places.
fn remove(pool: &OpfsSAHPoolUtil, database: &str) -> Result<(), String> {
    let names = pool.names().map_err(|error| unopened(&error))?;
    let is_part = |name: &&String| {
        let plain = name.trim_start_matches('/');
        plain.strip_suffix("-journal").unwrap_or(plain) == database
    };
    for name in names.iter().filter(is_part) {
        pool.remove(name).map_err(|error| unopened(&error))?;
    }
    Ok(())
}

/// The damaged database stays where it is until the next but one takes its place.
fn mend(pool: &OpfsSAHPoolUtil, damaged: u32) -> Result<(Replica, Option<Mended>), String> {
    let saved = salvage(pool, &name(damaged));
    let fresh = name(damaged + 1);
    remove(pool, &fresh)?;
    if let Some(older) = damaged.checked_sub(1) {
        remove(pool, &name(older))?;
    }
    let store = Store::open_named(&fresh).map_err(|error| unopened(&error))?;
    let mended = Replica::mend(store, &saved, &mut BrowserEnv).map_err(|error| unread(&error))?;
    let store = Store::open_named(&fresh).map_err(|error| unopened(&error))?;
    let replica = Replica::open(store, &mut BrowserEnv).map_err(|error| unread(&error))?;
    Ok((replica, Some(mended)))
}

/// Reads what can be read of a database. When it no longer says where its tables are, a copy in memory is read with
/// the schema of an empty one.
fn salvage(pool: &OpfsSAHPoolUtil, database: &str) -> SalvagedOutbox {
    let saved = store::salvage(Path::new(database));
    if !saved.schema_lost {
        return saved;
    }
    // What opening it could roll back has been; a journal that is left would only keep the bytes from being read.
    let bytes = pool.remove(&format!("{database}-journal")).and_then(|_| pool.export_db(database));
    bytes.ok().and_then(|bytes| store::salvage_without_schema(&bytes)).unwrap_or(saved)
}

/// Private windows and insecure addresses have no file system, or refuse it.
async fn has_file_system() -> bool {
    let manager = scope().navigator().storage();
    if manager.is_undefined() {
        return false;
    }
    JsFuture::from(manager.get_directory()).await.is_ok()
}

async fn install_pool() -> Result<OpfsSAHPoolUtil, String> {
    let mut tries = 0;
    loop {
        match install::<sqlite_wasm_rs::WasmOsCallback>(&OpfsSAHPoolCfg::default(), true).await {
            Ok(pool) => return Ok(pool),
            Err(error) if tries >= OPEN_TRIES => {
                return Err(format!("The database on this device is in use elsewhere or cannot be opened: {error}"));
            }
            Err(_) => tries += 1,
        }
        pause(OPEN_PAUSE_MILLIS).await;
    }
}

async fn pause(millis: i32) {
    let timer = js_sys::Promise::new(&mut |resolve, _| {
        // Setting a timer fails only in a worker that is closing.
        scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis).ok();
    });
    JsFuture::from(timer).await.ok();
}
