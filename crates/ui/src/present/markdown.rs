//! Markdown as people write it in notes: text into blocks of words with emphasis and links. Line ends stay line ends,
//! for a note is no typesetter's manuscript. Pure; `widgets::markdown` draws it.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Deepest list or quotation that is told apart from the one around it.
const DEPTH_MAX: usize = 6;

/// What a block of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Shape {
    /// A paragraph, or a list's item.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// Code, line by line.
    Code,
    /// A line across.
    Rule,
}

/// Words that look alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Run {
    /// The words.
    pub(crate) text: String,
    /// In a heavier weight.
    pub(crate) strong: bool,
    /// Slanted.
    pub(crate) emphasis: bool,
    /// Struck through.
    pub(crate) struck: bool,
    /// In the font of code.
    pub(crate) code: bool,
    /// Where a click leads: an address of the web or of mail, or nothing.
    pub(crate) link: Option<String>,
}

/// A paragraph, heading, item or block of code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Block {
    /// What it is.
    pub(crate) shape: Shape,
    /// How deep in lists it stands.
    pub(crate) depth: usize,
    /// What stands before an item: a bullet or a number.
    pub(crate) marker: String,
    /// It is quoted.
    pub(crate) quoted: bool,
    /// Its words.
    pub(crate) runs: Vec<Run>,
}

/// Reads a note. Whatever is written comes out: HTML is shown as it was typed.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        reader.take(event);
    }
    reader.end_block();
    reader.blocks
}

/// An address that may be opened: of the web, of mail, or a phone number.
fn safe(link: &str) -> Option<String> {
    let lower = link.to_ascii_lowercase();
    let known = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
    known.then(|| link.to_owned())
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    block: Block,
    /// Lists around, each with the number of its next item.
    lists: Vec<Option<u64>>,
    quotes: usize,
    style: Run,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.words(&text),
            Event::Code(text) => {
                let code = std::mem::replace(&mut self.style.code, true);
                self.words(&text);
                self.style.code = code;
            }
            Event::SoftBreak | Event::HardBreak => self.words("\n"),
            Event::Rule => {
                self.end_block();
                self.blocks.push(Block { shape: Shape::Rule, ..self.fresh() });
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => self.words(&text),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.begin(Shape::Heading),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => self.begin(Shape::Code),
            Tag::BlockQuote(_) => {
                self.end_block();
                self.quotes += 1;
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.begin(Shape::Plain);
                self.block.marker = self.marker();
            }
            Tag::Emphasis => self.style.emphasis = true,
            Tag::Strong => self.style.strong = true,
            Tag::Strikethrough => self.style.struck = true,
            Tag::Link { dest_url, .. } => self.style.link = safe(&dest_url),
            Tag::Paragraph if self.block.runs.is_empty() && !self.block.marker.is_empty() => {}
            _ => self.begin(Shape::Plain),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
            }
            TagEnd::Emphasis => self.style.emphasis = false,
            TagEnd::Strong => self.style.strong = false,
            TagEnd::Strikethrough => self.style.struck = false,
            TagEnd::Link => self.style.link = None,
            TagEnd::Image => {}
            _ => self.end_block(),
        }
    }

    fn begin(&mut self, shape: Shape) {
        self.end_block();
        self.block = Block { shape, ..self.fresh() };
    }

    fn fresh(&self) -> Block {
        Block { depth: self.lists.len().min(DEPTH_MAX), quoted: self.quotes > 0, ..Block::default() }
    }

    fn marker(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}.");
                *number = number.saturating_add(1);
                marker
            }
            _ => "•".to_owned(),
        }
    }

    fn words(&mut self, text: &str) {
        match self.block.runs.last_mut() {
            Some(last) if Run { text: String::new(), ..last.clone() } == self.style => last.text.push_str(text),
            _ => self.block.runs.push(Run { text: text.to_owned(), ..self.style.clone() }),
        }
    }

    fn end_block(&mut self) {
        let fresh = self.fresh();
        let mut block = std::mem::replace(&mut self.block, fresh);
        if let Some(last) = block.runs.last_mut() {
            last.text.truncate(last.text.trim_end().len());
        }
        block.runs.retain(|run| !run.text.is_empty());
        if !block.runs.is_empty() {
            self.blocks.push(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks in one line each: marker, quotation, words with their looks.
    fn told(text: &str) -> Vec<String> {
        let run = |run: &Run| {
            let mut text = run.text.clone();
            for (on, mark) in [(run.strong, "*"), (run.emphasis, "_"), (run.struck, "~"), (run.code, "`")] {
                if on {
                    text = format!("{mark}{text}{mark}");
                }
            }
            run.link.as_ref().map_or(text.clone(), |link| format!("[{text}]({link})"))
        };
        let block = |block: &Block| {
            let shape = match block.shape {
                Shape::Plain => "",
                Shape::Heading => "# ",
                Shape::Code => "code ",
                Shape::Rule => "---",
            };
            let words: String = block.runs.iter().map(run).collect();
            let quoted = if block.quoted { "> " } else { "" };
            format!("{}{shape}{quoted}{} {words}", "  ".repeat(block.depth), block.marker).trim_end().replace("  ", " ")
        };
        blocks(text).iter().map(block).collect()
    }

    #[test]
    fn plain_notes_keep_their_lines_and_paragraphs() {
        assert_eq!(
            told("Called Ada.\nShe is in.\n\nOffer by Friday"),
            [" Called Ada.\nShe is in.", " Offer by Friday"]
        );
        assert_eq!(told(""), Vec::<String>::new());
    }

    #[test]
    fn emphasis_code_and_links_are_runs_of_their_own() {
        assert_eq!(
            told("**Big** and *small*, ~~no~~, `x = 1`, [site](https://a.example)"),
            [" *Big* and _small_, ~no~, `x = 1`, [site](https://a.example)"]
        );
    }

    #[test]
    fn lists_count_and_nest_and_quotes_and_code_are_told_apart() {
        assert_eq!(told("- one\n- two\n  1. deep\n  2. deeper"), [" • one", " • two", "  1. deep", "  2. deeper"]);
        assert_eq!(told("# Plan\n> said so\n\n```\nlet x;\n```\n***"), ["# Plan", "> said so", "code let x;", "---"]);
    }

    #[test]
    fn only_addresses_of_the_web_mail_and_phones_can_be_opened() {
        assert_eq!(told("[a](javascript:alert(1)) [b](file:///etc) [c](mailto:a@b.co)"), [" a b [c](mailto:a@b.co)"]);
    }

    #[test]
    fn html_is_shown_as_it_was_typed() {
        assert_eq!(told("a <b>bold</b> claim"), [" a <b>bold</b> claim"]);
        assert_eq!(told("<script>x</script>"), [" <script>x</script>"]);
    }

    mod laws {
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn no_text_makes_it_panic_and_blocks_are_never_empty(text in "[ -~\\n*_`#>\\[\\]()0-9]{0,200}") {
                for block in super::blocks(&text) {
                    prop_assert!(block.shape == super::Shape::Rule || !block.runs.is_empty());
                }
            }
        }
    }
}
