//! How everything looks: colour tokens, type scale, spacing, and their mapping to egui's style.
//!
//! The only place in the program that knows a colour.

mod install;
mod tokens;
mod typography;

pub use install::install;
pub use tokens::{DARK, LIGHT, Tokens, Tone, contrast};
pub use typography::{ICON_FAMILY, Type, icon_job, job};

/// The tokens of the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    of_visuals(ui.visuals())
}

/// The tokens that belong to egui's visuals.
pub fn of_visuals(visuals: &egui::Visuals) -> &'static Tokens {
    if visuals.dark_mode { &DARK } else { &LIGHT }
}

/// The spacing scale (4 px grid).
pub mod space {
    /// Between a thing and its mark.
    pub const XXS: f32 = 2.0;
    /// Between siblings.
    pub const XS: f32 = 4.0;
    /// Inside controls.
    pub const S: f32 = 8.0;
    /// Inside cards and panels.
    pub const M: f32 = 12.0;
    /// Between groups.
    pub const L: f32 = 16.0;
    /// Page margin.
    pub const XL: f32 = 24.0;
    /// Between sections.
    pub const XXL: f32 = 32.0;
}

/// Corner radii.
pub mod radius {
    /// Chips and pills.
    pub const CHIP: u8 = 4;
    /// Buttons and fields.
    pub const CONTROL: u8 = 6;
    /// Cards and menus.
    pub const CARD: u8 = 8;
    /// Dialogs.
    pub const DIALOG: u8 = 10;
}

/// Heights that recur.
pub mod height {
    /// Controls under a mouse.
    pub const CONTROL: f32 = 28.0;
    /// Controls under a thumb.
    pub const TOUCH: f32 = 44.0;
    /// Table rows.
    pub const ROW: f32 = 36.0;
    /// Table rows of the compact density.
    pub const ROW_DENSE: f32 = 28.0;
    /// Two-line rows on phones.
    pub const ROW_TALL: f32 = 64.0;
    /// The page header.
    pub const HEADER: f32 = 48.0;
    /// A card on the board.
    pub const CARD: f32 = 92.0;
    /// A card on the board of the compact density.
    pub const CARD_COMPACT: f32 = 56.0;
    /// The phone's bottom bar, and the icon rail's width.
    pub const BAR: f32 = 56.0;
    /// The bar with the two buttons that a phone always shows on a record's page.
    pub const THUMB_BAR: f32 = 60.0;
}

/// The height of a control, for a mouse or a thumb.
pub const fn control_height(touch: bool) -> f32 {
    if touch { height::TOUCH } else { height::CONTROL }
}
