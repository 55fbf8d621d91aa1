//! The colours, light and dark (PRODUCT 11), and the arithmetic of contrast.

use egui::Color32;

/// Every colour of one theme, by use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// The window.
    pub canvas: Color32,
    /// Cards, tables, dialogs.
    pub surface: Color32,
    /// Hover, columns.
    pub surface_2: Color32,
    /// Pressed.
    pub surface_3: Color32,
    /// Hairlines.
    pub border: Color32,
    /// Borders of controls.
    pub input_border: Color32,
    /// Primary text.
    pub text: Color32,
    /// Secondary text.
    pub text_2: Color32,
    /// Hints.
    pub text_3: Color32,
    /// Action and selection.
    pub accent: Color32,
    /// Behind what is selected.
    pub accent_soft: Color32,
    /// On the accent.
    pub on_accent: Color32,
    /// Won, due today.
    pub success: Color32,
    /// Behind it.
    pub success_soft: Color32,
    /// No next step.
    pub warning: Color32,
    /// Behind it.
    pub warning_soft: Color32,
    /// Overdue, lost, rotting.
    pub danger: Color32,
    /// Behind it.
    pub danger_soft: Color32,
    /// Sync, notes.
    pub info: Color32,
    /// Behind it.
    pub info_soft: Color32,
    /// Behind a dialog.
    pub backdrop: Color32,
    /// A menu's shadow.
    pub menu_shadow: Color32,
    /// A dialog's shadow.
    pub dialog_shadow: Color32,
    stages: [Color32; 6],
}

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    canvas: rgb(0xF7F8FA),
    surface: rgb(0xFFFFFF),
    surface_2: rgb(0xF1F3F6),
    surface_3: rgb(0xE6E9EF),
    border: rgb(0xE3E6EB),
    input_border: rgb(0x858E9C),
    text: rgb(0x16191F),
    text_2: rgb(0x4B5462),
    text_3: rgb(0x646E7E),
    accent: rgb(0x3B5BDB),
    accent_soft: rgb(0xEDF1FE),
    on_accent: rgb(0xFFFFFF),
    success: rgb(0x177546),
    success_soft: rgb(0xE6F5EC),
    warning: rgb(0x8F5F00),
    warning_soft: rgb(0xFFF4D6),
    danger: rgb(0xC9302C),
    danger_soft: rgb(0xFDECEB),
    info: rgb(0x1F6FB2),
    info_soft: rgb(0xE7F2FB),
    backdrop: Color32::from_black_alpha(82),
    menu_shadow: Color32::from_black_alpha(28),
    dialog_shadow: Color32::from_black_alpha(41),
    stages: [rgb(0x5B6675), rgb(0x2563B8), rgb(0x7048C6), rgb(0xB45309), rgb(0x177546), rgb(0xC9302C)],
};

/// The dark theme.
pub const DARK: Tokens = Tokens {
    canvas: rgb(0x111317),
    surface: rgb(0x181B20),
    surface_2: rgb(0x20242B),
    surface_3: rgb(0x2A2F38),
    border: rgb(0x2B303A),
    input_border: rgb(0x6B7484),
    text: rgb(0xECEEF2),
    text_2: rgb(0xA9B1BE),
    text_3: rgb(0x8E97A5),
    accent: rgb(0x8499F7),
    accent_soft: rgb(0x232A45),
    on_accent: rgb(0x0E1222),
    success: rgb(0x4CC38A),
    success_soft: rgb(0x16301F),
    warning: rgb(0xE0B252),
    warning_soft: rgb(0x332811),
    danger: rgb(0xFF7B72),
    danger_soft: rgb(0x3A1B1B),
    info: rgb(0x6CB6F0),
    info_soft: rgb(0x132B3D),
    backdrop: Color32::from_black_alpha(140),
    menu_shadow: Color32::from_black_alpha(110),
    dialog_shadow: Color32::from_black_alpha(140),
    stages: [rgb(0x9AA4B2), rgb(0x6CA8F5), rgb(0xB197F5), rgb(0xF0A35E), rgb(0x4CC38A), rgb(0xFF7B72)],
};

/// What a coloured thing means. Colour is never the only sign: whoever uses one adds an icon or a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Neutral,
    /// Selection, action.
    Accent,
    /// Good, due today.
    Success,
    /// Needs a thought.
    Warning,
    /// Late or lost.
    Danger,
    /// For information.
    Info,
}

impl Tokens {
    /// The text colour of a tone and the soft colour behind it.
    pub const fn tone(&self, tone: Tone) -> (Color32, Color32) {
        match tone {
            Tone::Neutral => (self.text_2, self.surface_2),
            Tone::Accent => (self.accent, self.accent_soft),
            Tone::Success => (self.success, self.success_soft),
            Tone::Warning => (self.warning, self.warning_soft),
            Tone::Danger => (self.danger, self.danger_soft),
            Tone::Info => (self.info, self.info_soft),
        }
    }

    /// A stage's colour by its index in the settings.
    pub const fn stage(&self, index: u8) -> Color32 {
        self.stages[index as usize % self.stages.len()]
    }

    /// Every colour that stands for a stage.
    pub const fn stages(&self) -> &[Color32] {
        &self.stages
    }
}

/// The contrast ratio of two opaque colours (WCAG 2).
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(color: Color32) -> f32 {
    let [r, g, b, _] = color.to_array().map(|part| {
        let part = f32::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_pairs(t: &Tokens) -> Vec<(Color32, Color32)> {
        let grounds = [t.canvas, t.surface, t.surface_2];
        let inks = [t.text, t.text_2, t.text_3];
        let mut pairs: Vec<_> = inks.iter().flat_map(|ink| grounds.iter().map(|ground| (*ink, *ground))).collect();
        for tone in [Tone::Neutral, Tone::Accent, Tone::Success, Tone::Warning, Tone::Danger, Tone::Info] {
            let (ink, soft) = t.tone(tone);
            pairs.push((ink, soft));
            pairs.push((ink, t.surface));
        }
        pairs.push((t.on_accent, t.accent));
        pairs.push((t.text, t.surface_3));
        pairs.push((t.text, t.accent_soft));
        pairs.push((t.text_2, t.accent_soft));
        pairs
    }

    #[test]
    fn every_text_pair_has_a_contrast_of_four_and_a_half() {
        for tokens in [LIGHT, DARK] {
            for (ink, ground) in text_pairs(&tokens) {
                let ratio = contrast(ink, ground);
                assert!(ratio >= 4.5, "{ink:?} on {ground:?} is {ratio:.2}");
            }
        }
    }

    #[test]
    fn control_borders_and_stage_colours_have_a_contrast_of_three() {
        for tokens in [LIGHT, DARK] {
            assert!(contrast(tokens.input_border, tokens.surface) >= 3.0);
            assert!(contrast(tokens.input_border, tokens.canvas) >= 3.0);
            assert!(contrast(tokens.accent, tokens.canvas) >= 3.0);
            for stage in tokens.stages() {
                assert!(contrast(*stage, tokens.surface) >= 3.0);
                assert!(contrast(*stage, tokens.surface_2) >= 3.0);
            }
        }
    }

    #[test]
    fn black_on_white_is_twenty_one() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
    }
}
