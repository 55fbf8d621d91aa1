//! What can be told of a picture without looking: no text lies over another, none is cut off at its side.

use egui::epaint::{ClippedShape, Shape, TextShape};
use egui::{Rect, Vec2};

use crate::scenes::{Data, SIZES, scenes};

/// Texts may touch, and the lines of one paragraph reach into each other.
const TOUCHING: f32 = 3.0;

/// A text on the screen.
struct Shown {
    text: String,
    rect: Rect,
    visible: Rect,
}

/// Every text that shows, in the order it was painted.
fn texts(shapes: &[ClippedShape]) -> Vec<Shown> {
    fn collect(shape: &Shape, clip: Rect, into: &mut Vec<Shown>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, into)),
            Shape::Text(text) => into.extend(shown(text, clip)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    shapes.iter().for_each(|clipped| collect(&clipped.shape, clipped.clip_rect, &mut all));
    all
}

fn shown(text: &TextShape, clip: Rect) -> Option<Shown> {
    let rect = text.galley.mesh_bounds.translate(text.pos.to_vec2());
    let visible = rect.intersect(clip);
    let shows = text.angle == 0.0 && rect.is_positive() && visible.is_positive();
    shows.then(|| Shown { text: text.galley.text().to_owned(), rect, visible })
}

/// Pairs of texts of which one covers the other.
fn overlaps(texts: &[Shown]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, one) in texts.iter().enumerate() {
        for other in &texts[index + 1..] {
            let both = one.visible.shrink2(Vec2::splat(TOUCHING / 2.0)).intersect(other.visible);
            if both.width() > TOUCHING && both.height() > TOUCHING {
                found.push(format!("{:?} under {:?} at {:?}", one.text, other.text, both.min));
            }
        }
    }
    found
}

/// Texts of which a part is beyond the window.
fn beyond(texts: &[Shown], window: Vec2) -> Vec<String> {
    let cut = texts.iter().filter(|shown| shown.visible == shown.rect && shown.rect.max.x > window.x + 1.0);
    cut.map(|shown| format!("{:?} reaches {}", shown.text, shown.rect.max.x)).collect()
}

#[test]
fn no_text_lies_over_another_or_leaves_the_window() {
    let mut faults = Vec::new();
    for data in [Data::Empty, Data::Usual, Data::LongNames] {
        let replica = data.replica();
        // What opens over a view covers it, and should.
        for scene in scenes().into_iter().filter(|scene| scene.steps.is_empty() && scene.then.is_none()) {
            for size in SIZES {
                let Some(harness) = scene.open(replica.clone(), size) else { continue };
                let texts = texts(&harness.output().shapes);
                assert!(!texts.is_empty(), "{} shows nothing", scene.name);
                let found = overlaps(&texts).into_iter().chain(beyond(&texts, size.into()));
                faults.extend(found.map(|fault| format!("{} {} at {}: {fault}", data.word(), scene.name, size[0])));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
