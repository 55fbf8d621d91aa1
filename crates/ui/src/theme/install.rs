//! Fonts and both styles, handed to egui once.

use std::sync::Arc;

use egui::style::{ScrollStyle, WidgetVisuals, Widgets};
use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle,
    Theme, Vec2, Visuals,
};

use super::{DARK, ICON_FAMILY, LIGHT, Tokens, Type, radius};

/// Sets fonts and both styles; the system's choice of light or dark applies until somebody chooses.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    for (theme, tokens) in [(Theme::Light, &LIGHT), (Theme::Dark, &DARK)] {
        ctx.style_mut_of(theme, |style| apply(style, tokens, theme == Theme::Dark));
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let inter = FontData::from_static(include_bytes!("../../assets/Inter-subset.ttf"));
    let icons = FontData::from_static(include_bytes!("../../assets/Phosphor-subset.ttf"));
    fonts.font_data.insert("inter".into(), Arc::new(inter));
    fonts.font_data.insert(ICON_FAMILY.into(), Arc::new(icons));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.entry(family).or_default().insert(0, "inter".into());
    }
    fonts.families.insert(FontFamily::Name(ICON_FAMILY.into()), vec![ICON_FAMILY.into()]);
    fonts
}

fn apply(style: &mut Style, tokens: &Tokens, dark: bool) {
    style.visuals = visuals(tokens, dark);
    style.text_styles = text_styles();
    style.animation_time = 0.1;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(8.0, 4.0);
    spacing.button_padding = Vec2::new(8.0, 4.0);
    spacing.interact_size = Vec2::new(28.0, 28.0);
    spacing.menu_margin = Margin::same(4);
    spacing.window_margin = Margin::same(16);
    spacing.tooltip_width = 320.0;
    spacing.scroll =
        ScrollStyle { bar_width: 6.0, floating_width: 3.0, foreground_color: false, ..ScrollStyle::floating() };
}

fn text_styles() -> std::collections::BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, Type::Caption.font()),
        (TextStyle::Body, Type::Body.font()),
        (TextStyle::Button, Type::Label.font()),
        (TextStyle::Heading, Type::Heading.font()),
        (TextStyle::Monospace, FontId::monospace(13.0)),
        (TextStyle::Name("title".into()), Type::Title.font()),
        (TextStyle::Name("kpi".into()), Type::Kpi.font()),
    ]
    .into()
}

fn visuals(t: &Tokens, dark: bool) -> Visuals {
    let mut visuals = if dark { Visuals::dark() } else { Visuals::light() };
    visuals.panel_fill = t.canvas;
    visuals.window_fill = t.surface;
    visuals.text_edit_bg_color = Some(t.surface);
    visuals.faint_bg_color = t.surface_2;
    visuals.extreme_bg_color = t.surface_2;
    visuals.code_bg_color = t.surface_2;
    visuals.weak_text_color = Some(t.text_3);
    visuals.hyperlink_color = t.accent;
    visuals.warn_fg_color = t.warning;
    visuals.error_fg_color = t.danger;
    visuals.selection.bg_fill = t.accent_soft;
    visuals.selection.stroke = Stroke::new(1.0, t.accent);
    visuals.text_cursor.stroke = Stroke::new(1.5, t.accent);
    visuals.window_stroke = Stroke::new(1.0, t.border);
    visuals.window_corner_radius = CornerRadius::same(radius::DIALOG);
    visuals.menu_corner_radius = CornerRadius::same(radius::CARD);
    visuals.window_shadow = Shadow { offset: [0, 16], blur: 48, spread: 0, color: t.dialog_shadow };
    visuals.popup_shadow = Shadow { offset: [0, 8], blur: 24, spread: 0, color: t.menu_shadow };
    visuals.widgets = widgets(t);
    visuals
}

fn widgets(t: &Tokens) -> Widgets {
    let of = |fill: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, t.input_border),
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: WidgetVisuals { bg_stroke: Stroke::new(1.0, t.border), ..of(t.surface, t.text) },
        inactive: of(t.surface, t.text),
        hovered: of(t.surface_2, t.text),
        active: of(t.surface_3, t.text),
        open: of(t.surface_2, t.text),
    }
}
