//! Pages that are written from top to bottom, and the file that holds them.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::letters::{encoded, wrapped};

/// A size of paper, in points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paper {
    width: f32,
    height: f32,
}

impl Paper {
    /// What a region prints on.
    pub(crate) fn of_region(region: &str) -> Self {
        match region {
            "US" | "CA" | "MX" => Self { width: 612.0, height: 792.0 },
            _ => Self { width: 595.0, height: 842.0 },
        }
    }
}

/// A face of the letters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Face {
    Plain,
    Bold,
}

/// Room for the foot of a page.
const FOOT: f32 = 24.0;

/// Pages on the way.
pub(crate) struct Pages {
    paper: Paper,
    margin: f32,
    /// From the top of the page to the line that is written.
    y: f32,
    done: Vec<Content>,
    page: Content,
}

impl Pages {
    pub(crate) fn new(paper: Paper, margin: f32) -> Self {
        Self { paper, margin, y: margin + 14.0, done: Vec::new(), page: Content::new() }
    }

    /// The width between the margins.
    pub(crate) fn width(&self) -> f32 {
        self.paper.width - 2.0 * self.margin
    }

    /// Whether so much does not fit on this page any more.
    pub(crate) fn is_full(&self, height: f32) -> bool {
        self.y + height > self.paper.height - self.margin - FOOT
    }

    /// Goes to a new page unless so much fits.
    pub(crate) fn need(&mut self, height: f32) {
        if self.is_full(height) {
            self.turn();
        }
    }

    /// Goes to a new page.
    pub(crate) fn turn(&mut self) {
        self.done.push(std::mem::replace(&mut self.page, Content::new()));
        self.y = self.margin + 14.0;
    }

    /// Goes down.
    pub(crate) fn down(&mut self, by: f32) {
        self.y += by;
    }

    /// Writes lines that wrap, from this line on, over as many pages as they need.
    pub(crate) fn paragraph(&mut self, text: &str, (face, size): (Face, f32), gray: f32) {
        for line in text.lines().flat_map(|line| wrapped(line, size, self.width())).collect::<Vec<_>>() {
            self.need(size + 3.0);
            self.text(&line, (face, size), gray);
            self.down(size + 3.0);
        }
    }

    /// Writes at the left margin of this line.
    pub(crate) fn text(&mut self, text: &str, font: (Face, f32), gray: f32) {
        self.at(0.0, 0.0, text, font, gray);
    }

    /// Writes so far right of the margin and below this line.
    pub(crate) fn at(&mut self, x: f32, below: f32, text: &str, (face, size): (Face, f32), gray: f32) {
        let place = (self.margin + x, self.paper.height - self.y - below);
        write(&mut self.page, place, text, ((face, size), gray));
    }

    /// Fills a box whose upper left corner is so far right of the margin and below this line.
    pub(crate) fn fill(&mut self, (x, below): (f32, f32), (width, height): (f32, f32), gray: f32) {
        let bottom = self.paper.height - self.y - below - height;
        self.page.set_fill_gray(gray).rect(self.margin + x, bottom, width, height).fill_nonzero();
    }

    /// Draws a frame from this line down.
    pub(crate) fn frame(&mut self, x: f32, width: f32, height: f32) {
        let bottom = self.paper.height - self.y - height;
        self.page.set_stroke_gray(0.8).set_line_width(0.6).rect(self.margin + x, bottom, width, height).stroke();
    }

    /// Draws a hairline over the whole width, so far below this line.
    pub(crate) fn rule(&mut self, below: f32) {
        let y = self.paper.height - self.y - below;
        let (left, right) = (self.margin, self.paper.width - self.margin);
        self.page.set_stroke_gray(0.85).set_line_width(0.5).move_to(left, y).line_to(right, y).stroke();
    }

    /// The file, with `foot` and the page's number under each page.
    pub(crate) fn finish(mut self, title: &str, foot: &str) -> Vec<u8> {
        self.turn();
        let count = self.done.len();
        let mut next = 0;
        let mut fresh = || {
            next += 1;
            Ref::new(next)
        };
        let (catalog, tree, plain, bold, info) = (fresh(), fresh(), fresh(), fresh(), fresh());
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("TrailTrack"));
        let mut kids = Vec::new();
        for (index, mut content) in self.done.into_iter().enumerate() {
            let (page, stream) = (fresh(), fresh());
            let font = ((Face::Plain, 8.0), 0.45);
            write(&mut content, (self.margin, self.margin - 8.0), foot, font);
            let number = format!("{} / {count}", index + 1);
            write(&mut content, (self.paper.width - self.margin - 24.0, self.margin - 8.0), &number, font);
            pdf.stream(stream, &content.finish());
            let mut described = pdf.page(page);
            described.media_box(Rect::new(0.0, 0.0, self.paper.width, self.paper.height)).parent(tree).contents(stream);
            described.resources().fonts().pair(name(Face::Plain), plain).pair(name(Face::Bold), bold);
            described.finish();
            kids.push(page);
        }
        pdf.pages(tree).count(i32::try_from(count).unwrap_or(i32::MAX)).kids(kids);
        for (id, base) in [(plain, "Helvetica"), (bold, "Helvetica-Bold")] {
            pdf.type1_font(id).base_font(Name(base.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.finish()
    }
}

const fn name(face: Face) -> Name<'static> {
    match face {
        Face::Plain => Name(b"F1"),
        Face::Bold => Name(b"F2"),
    }
}

fn write(content: &mut Content, (x, y): (f32, f32), text: &str, ((face, size), gray): ((Face, f32), f32)) {
    content
        .set_fill_gray(gray)
        .begin_text()
        .set_font(name(face), size)
        .next_line(x, y)
        .show(Str(&encoded(text)))
        .end_text();
}
