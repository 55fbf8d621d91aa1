//! Bar charts. What they show stands in a table beside them too, so that neither colour nor sight is needed.

use std::ops::RangeInclusive;

use egui::{Align2, Color32, Response, Role, Sense, Ui, Vec2b, WidgetInfo, pos2, vec2};
use egui_plot::{Bar, BarChart, GridMark, Plot, PlotItem};

use super::text::{paint, width_of};
use crate::theme::{Type, tokens};

/// A chart.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// What it shows.
    pub name: &'a str,
    /// What stands side by side at each place, with its colour in the legend.
    pub series: &'a [(&'a str, Color32)],
    /// The places along the axis.
    pub places: &'a [Place],
}

/// One place along the axis.
#[derive(Debug, Clone)]
pub struct Place {
    /// What stands at it.
    pub name: String,
    /// For each series: the value, how it is written, and its colour.
    pub bars: Vec<(f64, String, Color32)>,
}

/// Share of a place that its bars fill.
const FILLED: f64 = 0.72;
/// Narrower than this, names under bars don't fit.
const PLACE_WIDTH: f32 = 76.0;
const HEIGHT: f32 = 220.0;

impl Chart<'_> {
    /// Draws it over the available width; figures on the axis are written by `figure`.
    pub fn show(&self, ui: &mut Ui, figure: impl Fn(f64) -> String) -> Response {
        self.legend_ui(ui);
        let lies_down = ui.available_width() < PLACE_WIDTH * self.places.len() as f32 + 60.0;
        let response = if lies_down { self.lying_ui(ui) } else { self.standing_ui(ui, &figure) };
        let spoken = format!("Chart: {}", self.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
        response
    }

    fn legend_ui(&self, ui: &mut Ui) {
        let t = tokens(ui);
        let named: Vec<_> = self.series.iter().filter(|(name, _)| !name.is_empty()).collect();
        if named.len() < 2 {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            for (name, color) in named {
                let width = width_of(ui, name, Type::Caption) + 16.0;
                let (rect, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
                let square = egui::Rect::from_center_size(pos2(rect.left() + 5.0, rect.center().y), vec2(10.0, 10.0));
                ui.painter().rect_filled(square, 2, *color);
                let at = (pos2(rect.left() + 16.0, rect.center().y), Align2::LEFT_CENTER);
                paint(ui, at, name, (Type::Caption, t.text_2), width);
            }
        });
    }

    /// Bars that stand on names.
    fn standing_ui(&self, ui: &mut Ui, figure: &impl Fn(f64) -> String) -> Response {
        let t = tokens(ui);
        let count = self.places.len();
        let end = count as f64 - 0.5;
        let names: Vec<String> = self.places.iter().map(|place| place.name.clone()).collect();
        let name_at = move |mark: GridMark, _: &RangeInclusive<f64>| name_of(&names, mark.value);
        let steps = steps(self.largest());
        // A little more than the last step, so that its line and words are whole.
        let end_of_axis = steps.last().map_or(1.0, |last| last.value) * 1.02;
        let plot = Plot::new(("chart", self.name))
            .height(HEIGHT)
            .allow_zoom(false)
            .allow_drag(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .show_grid(Vec2b::new(false, true))
            .grid_color(t.border)
            .grid_fade(0.0)
            .cursor_color(Color32::TRANSPARENT)
            .x_grid_spacer(move |_| (0..count).map(mark).collect())
            .y_grid_spacer(move |_| steps.clone())
            .x_axis_formatter(name_at)
            .y_axis_formatter(|mark, _| figure(mark.value))
            .label_formatter(|_| None)
            .default_x_bounds(-0.5, end)
            .default_y_bounds(0.0, end_of_axis);
        let charts = self.charts();
        let shown = ui.scope(|ui| {
            small_print(ui);
            plot.show(ui, |plot| {
                plot.set_plot_bounds_x(-0.5..=end);
                plot.set_plot_bounds_y(0.0..=end_of_axis);
                for chart in charts {
                    plot.bar_chart(chart);
                }
            })
        });
        shown.inner.response
    }

    fn charts(&self) -> Vec<BarChart> {
        let width = FILLED / self.series.len().max(1) as f64;
        let chart = |(index, (name, color)): (usize, &(&str, Color32))| {
            let bars = self.places.iter().enumerate().filter_map(|(place, of)| {
                let (value, text, ink) = of.bars.get(index)?;
                let at = place as f64 - FILLED / 2.0 + width * (index as f64 + 0.5);
                let bar = Bar::new(at, *value).width(width * 0.92).name(text);
                Some(bar.fill(*ink).stroke(egui::Stroke::NONE))
            });
            BarChart::new(*name, bars.collect()).color(*color).element_formatter(Box::new(said))
        };
        self.series.iter().enumerate().map(chart).collect()
    }

    fn largest(&self) -> f64 {
        let values = self.places.iter().flat_map(|place| &place.bars).map(|(value, ..)| *value);
        values.fold(1.0, f64::max)
    }

    /// Bars that lie beside their names, for many places or little room.
    fn lying_ui(&self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let width = ui.available_width();
        let row = 18.0;
        // Places without anything would only take room here; the table tells them.
        let places: Vec<&Place> =
            self.places.iter().filter(|place| place.bars.iter().any(|(value, ..)| *value > 0.0)).collect();
        let place_height = 20.0 + row * self.series.len() as f32 + 8.0;
        let (rect, response) = ui.allocate_exact_size(vec2(width, place_height * places.len() as f32), Sense::hover());
        let top = self.largest();
        let mut y = rect.top();
        for place in places {
            paint(
                ui,
                (pos2(rect.left(), y + 10.0), Align2::LEFT_CENTER),
                &place.name,
                (Type::Caption, t.text_2),
                width,
            );
            for (index, (value, text, ink)) in place.bars.iter().enumerate() {
                let middle = y + 20.0 + row * (index as f32 + 0.5);
                let length = ((width - 84.0) * (*value / top) as f32).max(2.0);
                let bar = egui::Rect::from_min_size(pos2(rect.left(), middle - 6.0), vec2(length, 12.0));
                ui.painter().rect_filled(bar, 2, *ink);
                let at = (pos2(bar.right() + 6.0, middle), Align2::LEFT_CENTER);
                paint(ui, at, text, (Type::Caption, t.text), 78.0);
            }
            y += place_height;
        }
        response
    }
}

fn mark(index: usize) -> GridMark {
    let value = index as f64;
    GridMark { value, step_size: 1.0 }
}

/// Four or five round steps, the last one at the largest value or beyond.
fn steps(top: f64) -> Vec<GridMark> {
    let rough = top / 4.0;
    let unit = 10_f64.powf(rough.log10().floor()).max(1.0);
    // Half a lead can't be counted, and half a cent is no money.
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|by| by * unit).filter(|step: &f64| step.fract() == 0.0);
    let step = round.into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let count = (top / step).ceil() as u8;
    (0..=count).map(|index| GridMark { value: f64::from(index) * step, step_size: step }).collect()
}

/// The words along the axes are captions.
fn small_print(ui: &mut Ui) {
    let t = tokens(ui);
    let caption = egui::FontId::proportional(Type::Caption.size());
    ui.style_mut().text_styles.insert(egui::TextStyle::Body, caption.clone());
    ui.style_mut().text_styles.insert(egui::TextStyle::Small, caption);
    ui.visuals_mut().override_text_color = Some(t.text_2);
}

fn name_of(names: &[String], value: f64) -> String {
    let at = value.round();
    let index = at.max(0.0) as usize;
    let exact = (value - at).abs() < 0.01 && value > -0.01;
    names.get(index).filter(|_| exact).cloned().unwrap_or_default()
}

/// What the pointer says over a bar.
fn said(bar: &Bar, chart: &BarChart) -> String {
    match PlotItem::name(chart) {
        "" => bar.name.clone(),
        name => format!("{name} {}", bar.name),
    }
}
