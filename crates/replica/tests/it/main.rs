//! Claims about the client's core, with a relay whose words the tests choose.

mod alone;
mod desk;
mod refusals;
