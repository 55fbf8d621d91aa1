//! What can be told without a browser about tabs and the mirror, and what a real one makes of the whole.

#![expect(clippy::unwrap_used, reason = "what a helper cannot get fails the test")]

mod browser;
#[expect(dead_code, reason = "the tests of the whole use more of their driver")]
mod chromium;
mod files;
mod fonts;
mod mirror;
mod tabs;
