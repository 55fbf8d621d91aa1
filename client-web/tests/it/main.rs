//! What can be told without a browser about tabs and the mirror, and what a real one makes of the whole.

mod browser;
mod chromium;
mod files;
mod mirror;
mod tabs;
