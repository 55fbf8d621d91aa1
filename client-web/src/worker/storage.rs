//! Opening the database: on the browser's private file system, or in memory where there is none.

use model::IdSource;
use replica::Replica;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfg, install};
use store::Store;
use wasm_bindgen_futures::JsFuture;

use super::scope;
use crate::browser::BrowserEnv;
use crate::message::Storage;

/// The database's name in the pool.
const DATABASE: &str = "trailtrack.db";
/// A tab that is closing may hold its files a moment longer than its lock.
const OPEN_TRIES: u32 = 40;
const OPEN_PAUSE_MILLIS: i32 = 250;

/// Opens the replica of this browser.
pub(super) async fn open() -> Result<(Replica, Storage), String> {
    let (store, storage) = if has_file_system().await {
        install_pool().await?;
        (Store::open_named(DATABASE), Storage::OnDevice)
    } else {
        (Store::open_in_memory(), Storage::InMemory)
    };
    let store = store.map_err(|error| format!("The database on this device cannot be opened: {error}"))?;
    let mut env = BrowserEnv;
    let replica = Replica::open(store, &mut env as &mut dyn IdSource)
        .map_err(|error| format!("The records on this device cannot be read: {error}"))?;
    Ok((replica, storage))
}

/// Private windows and insecure addresses have no file system, or refuse it.
async fn has_file_system() -> bool {
    let manager = scope().navigator().storage();
    if manager.is_undefined() {
        return false;
    }
    JsFuture::from(manager.get_directory()).await.is_ok()
}

async fn install_pool() -> Result<(), String> {
    let mut tries = 0;
    loop {
        match install::<sqlite_wasm_rs::WasmOsCallback>(&OpfsSAHPoolCfg::default(), true).await {
            Ok(_) => return Ok(()),
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
