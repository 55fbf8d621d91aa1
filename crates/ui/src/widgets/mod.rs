//! The components that screens are made of. Screens use only these, never a raw egui widget.
//!
//! Every control here has an accessible name, works from the keyboard, shows its focus, and says why it is
//! disabled when it is.

pub mod avatar;
pub mod button;
pub mod chart;
pub mod check;
pub mod dialog;
pub mod empty;
pub mod field;
pub mod frame;
mod markdown;
pub mod menu;
pub mod picker;
pub mod pill;
pub mod saved_field;
pub mod segmented;
pub mod table;
pub mod tabs;
pub mod text;
pub mod toast;

pub use button::{Button, Look, icon_button, icon_button_if};
pub use field::{Field, select_all};
pub use frame::{card, divider, focus_ring, hairline};
pub(crate) use markdown::markdown;
pub use pill::{Pill, pill};
pub use text::{caption, cut, icon, label, paint, paint_icon, paragraph, strong};
