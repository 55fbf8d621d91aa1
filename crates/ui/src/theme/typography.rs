//! The type scale: size, line height and weight for each use, as layout jobs.

use egui::epaint::text::VariationCoords;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, FontFamily, FontId};

/// The font family that holds the icons.
pub const ICON_FAMILY: &str = "icons";

/// A step of the type scale (PRODUCT 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// 10/12 medium: initials in a small avatar.
    Initials,
    /// 12/16 regular: meta data.
    Caption,
    /// 12/16 medium: pills and column heads.
    CaptionStrong,
    /// 13/20 regular: tables and cards.
    Dense,
    /// 13/20 medium: names in tables and cards.
    DenseStrong,
    /// 14/20 regular.
    Body,
    /// 14/20 medium: labels and buttons.
    Label,
    /// 16/24 semibold: titles of pages and dialogs.
    Title,
    /// 20/28 semibold: the name of a record.
    Heading,
    /// 28/36 semibold: figures.
    Kpi,
}

impl Type {
    /// Font size in points.
    pub const fn size(self) -> f32 {
        match self {
            Self::Initials => 10.0,
            Self::Caption | Self::CaptionStrong => 12.0,
            Self::Dense | Self::DenseStrong => 13.0,
            Self::Body | Self::Label => 14.0,
            Self::Title => 16.0,
            Self::Heading => 20.0,
            Self::Kpi => 28.0,
        }
    }

    /// Line height in points.
    pub const fn line(self) -> f32 {
        match self {
            Self::Initials => 12.0,
            Self::Caption | Self::CaptionStrong => 16.0,
            Self::Dense | Self::DenseStrong | Self::Body | Self::Label => 20.0,
            Self::Title => 24.0,
            Self::Heading => 28.0,
            Self::Kpi => 36.0,
        }
    }

    const fn weight(self) -> f32 {
        match self {
            Self::Caption | Self::Dense | Self::Body => 400.0,
            Self::Initials | Self::CaptionStrong | Self::DenseStrong | Self::Label => 500.0,
            Self::Title | Self::Heading | Self::Kpi => 600.0,
        }
    }

    /// The font of this step, for egui's own text field.
    pub const fn font(self) -> FontId {
        FontId::new(self.size(), FontFamily::Proportional)
    }

    /// The text format of this step.
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat {
            font_id: self.font(),
            line_height: Some(self.line()),
            color,
            coords: VariationCoords::new([(b"wght", self.weight())]),
            valign: Align::Center,
            ..Default::default()
        }
    }
}

/// One line of text, cut with an ellipsis at `width` (infinite: never cut).
pub fn job(text: &str, of: Type, color: Color32, width: f32) -> LayoutJob {
    let mut job = LayoutJob::single_section(text.to_owned(), of.format(color));
    job.wrap = TextWrapping { max_width: width, max_rows: 1, break_anywhere: true, overflow_character: Some('…') };
    job.break_on_newline = false;
    job
}

/// An icon of `size` points.
pub fn icon_job(icon: &str, size: f32, color: Color32) -> LayoutJob {
    let font_id = FontId::new(size, FontFamily::Name(ICON_FAMILY.into()));
    LayoutJob::single_section(icon.to_owned(), TextFormat { font_id, color, ..Default::default() })
}
