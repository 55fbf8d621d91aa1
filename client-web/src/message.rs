//! What page, worker and other tabs say to each other, as postcard bytes.

use model::app::{Request, Update};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Names a tab for as long as it lives.
pub type TabId = u64;

/// Names a script's verb, so that its answer finds the way back.
pub type VerbId = u64;

/// From a page to the replica, wherever it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToReplica {
    /// The interface asks for something.
    Request(Request),
    /// A script asks for something, in JSON; answered by `ToPage::Verb`.
    Verb(VerbId, String),
}

/// From the replica, or the worker it runs in, to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToPage {
    /// News for the interface.
    Update(Update),
    /// The answer to a script's verb: JSON, or why not.
    Verb(VerbId, Result<String, String>),
    /// Where records are kept.
    Storage(Storage),
    /// Nothing works any more, and why.
    Failed(String),
}

/// Where a browser keeps the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    /// On this device, until somebody removes them.
    OnDevice,
    /// In memory: gone with the window.
    InMemory,
}

/// From one tab's worker to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Peer {
    /// Who runs the replica?
    WhoRuns,
    /// I do.
    Running {
        /// The tab that runs it.
        by: TabId,
        /// Where it keeps the records.
        storage: Storage,
    },
    /// To the replica.
    Ask {
        /// The tab that runs it, as far as the asking one knows.
        to: TabId,
        /// The asking tab.
        from: TabId,
        /// What it says.
        message: ToReplica,
    },
    /// From the replica.
    Tell {
        /// The tab that runs it.
        from: TabId,
        /// The tab meant; `None` is all.
        to: Option<TabId>,
        /// What it says.
        message: ToPage,
    },
}

/// Turns a message into bytes.
pub fn encode(message: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(message).expect("plain data in memory always has a form in bytes")
}

/// Reads a message; what another version of the app wrote is `None`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
