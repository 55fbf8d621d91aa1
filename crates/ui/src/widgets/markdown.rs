//! Draws a note that was written in Markdown: paragraphs, lists, quotations, code, and links that can be opened.

use std::ops::Range;
use std::sync::Arc;

use egui::cache::{ComputerMut, FrameCache};
use egui::epaint::text::cursor::CCursor;
use egui::text::LayoutJob;
use egui::{Color32, FontId, Galley, Id, Margin, Pos2, Rect, Role, Sense, Stroke, TextFormat, Ui, WidgetInfo, vec2};

use super::frame::{divider, focus_ring};
use super::text::tip;
use crate::present::markdown::{Block, Run, Shape, blocks};
use crate::theme::{Type, radius, space, tokens};

/// How far a list's items stand in.
const INDENT: f32 = 18.0;

#[derive(Default)]
struct Read;

impl ComputerMut<&str, Arc<Vec<Block>>> for Read {
    fn compute(&mut self, text: &str) -> Arc<Vec<Block>> {
        Arc::new(blocks(text))
    }
}

/// A link's words and where they stand in the text.
struct Linked {
    chars: Range<usize>,
    words: String,
    address: String,
}

/// Draws the note and returns the address that was clicked.
pub(crate) fn markdown(ui: &mut Ui, text: &str, ink: Color32) -> Option<String> {
    let read = ui.memory_mut(|memory| memory.caches.cache::<FrameCache<Arc<Vec<Block>>, Read>>().get(text).clone());
    let mut opened = None;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        for (index, block) in read.iter().enumerate() {
            opened = block_ui(ui, (block, index), ink).or(opened.take());
        }
    });
    opened
}

fn block_ui(ui: &mut Ui, (block, index): (&Block, usize), ink: Color32) -> Option<String> {
    let t = tokens(ui);
    match block.shape {
        Shape::Rule => {
            divider(ui);
            return None;
        }
        Shape::Code => {
            let frame =
                egui::Frame::new().fill(t.surface_2).corner_radius(radius::CONTROL).inner_margin(Margin::same(8));
            return frame.show(ui, |ui| text_ui(ui, (block, index), ink)).inner;
        }
        Shape::Plain | Shape::Heading => {}
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(INDENT * block.depth.saturating_sub(1) as f32);
        if block.depth > 0 {
            let size = vec2(INDENT, Type::Body.line());
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let at = (rect.left_center(), egui::Align2::LEFT_CENTER);
            super::paint(ui, at, &block.marker, (Type::Body, t.text_2), INDENT * 2.0);
        }
        if block.quoted {
            ui.add_space(space::M);
        }
        let opened = ui.vertical(|ui| text_ui(ui, (block, index), if block.quoted { t.text_2 } else { ink }));
        if block.quoted {
            let x = opened.response.rect.left() - space::S;
            ui.painter().vline(x, opened.response.rect.y_range(), Stroke::new(2.0, t.border));
        }
        opened.inner
    })
    .inner
}

fn text_ui(ui: &mut Ui, (block, index): (&Block, usize), ink: Color32) -> Option<String> {
    let (mut job, links) = laid_out(ui, block, ink);
    job.wrap.max_width = ui.available_width();
    let words = job.text.clone();
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    ui.painter().galley(rect.min, galley.clone(), ink);
    let mut opened = None;
    for (number, link) in links.into_iter().enumerate() {
        let id = response.id.with((index, number));
        if link_ui(ui, (&galley, rect.min), (&link, id)) {
            opened = Some(link.address);
        }
    }
    opened
}

/// One line in the text format of each run.
fn laid_out(ui: &Ui, block: &Block, ink: Color32) -> (LayoutJob, Vec<Linked>) {
    let (mut job, mut links, mut chars) = (LayoutJob::default(), Vec::new(), 0);
    for run in &block.runs {
        job.append(&run.text, 0.0, format_of(ui, block.shape, run, ink));
        let end = chars + run.text.chars().count();
        if let Some(address) = &run.link {
            links.push(Linked { chars: chars..end, words: run.text.clone(), address: address.clone() });
        }
        chars = end;
    }
    (job, links)
}

fn format_of(ui: &Ui, shape: Shape, run: &Run, ink: Color32) -> TextFormat {
    let t = tokens(ui);
    let of = match (shape, run.strong) {
        (Shape::Heading, _) => Type::Title,
        (_, true) => Type::Label,
        _ => Type::Body,
    };
    let mut format = of.format(ink);
    format.italics = run.emphasis;
    if run.struck {
        format.strikethrough = Stroke::new(1.0, ink);
    }
    if run.code || shape == Shape::Code {
        format.font_id = FontId::monospace(Type::Dense.size());
        format.background = if run.code { t.surface_2 } else { Color32::TRANSPARENT };
    }
    if run.link.is_some() {
        format.color = t.accent;
        format.underline = Stroke::new(1.0, t.accent);
    }
    format
}

/// Makes a link's words a control, on the line where they begin.
fn link_ui(ui: &Ui, (galley, origin): (&Galley, Pos2), (link, id): (&Linked, Id)) -> bool {
    let begin = galley.pos_from_cursor(CCursor::new(link.chars.start));
    let end = galley.pos_from_cursor(CCursor::new(link.chars.end));
    let same_line = (begin.center().y - end.center().y).abs() < 1.0;
    let right = if same_line { end.right() } else { galley.rect.right() };
    let rect = Rect::from_min_max(begin.min, egui::pos2(right, begin.bottom())).translate(origin.to_vec2());
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &link.words));
    focus_ring(ui, &response, rect.expand(2.0), 4);
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    let clicked = response.clicked();
    tip(response, &link.address);
    clicked
}
