//! The relay's core: a state machine of one workspace. Frames and time come in, frames go out; it opens no socket,
//! reads no clock and rolls no dice, so a whole team runs in one thread under one seed.

mod act;
mod announce;
mod catch_up;
mod connection;
mod documents;
mod env;
mod follow;
mod gate;
mod heal;
mod input;
mod look;
mod push;
mod relay;
mod rights;
mod snapshot;
mod staging;
mod verify;
mod withdraw;
mod write_as;

pub use act::{Act, ActError, Acted, Deed, FieldPatch, Patch, Speaker, Version, api_device};
pub use documents::DOCUMENTS_MAX;
pub use env::{Rejected, RelayEnv, Session};
pub use follow::{FollowError, LogPage, PAGE_ENTRIES_MAX};
pub use gate::TRIAL_MICROS_MAX;
pub use input::{ConnId, Input, Output, RightsChange, Whose, Write};
pub use look::Seen;
pub use push::COMMAND_CHANGES_MAX;
pub use relay::{OpenRelayError, Relay, RelayError, RelayStats, Stopwatch};
pub use snapshot::SNAPSHOT_CACHE_BYTES;
pub use verify::{PROBLEMS_MAX, Problem, VerifyReport};
pub use write_as::WriteError;
