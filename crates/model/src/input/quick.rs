//! Whole records typed on one line: `Acme website 12k fri #referral @ana`, `Send quote fri 10am !high`.
//!
//! Words that say something are taken out, what is left is the title. The first word is always title. Each part
//! keeps the words it came from, so that a person can put them back.

use super::date::{Lean, parse_date};
use super::money::parse_money;
use super::time::{Moment, parse_moment};
use super::{InputContext, Warning, close_date_warning, due_warning};
use crate::Date;
use crate::fold::fold;

/// Most words that a date with a time is written with: `by fri, 3 oct 2027 10:30 pm`.
const DATE_WORDS_MAX: usize = 7;

/// A part that was found, with the words it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// What it says.
    pub value: T,
    /// The words as they were typed.
    pub typed: String,
}

/// A lead typed on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SmartLine {
    /// What is left when the parts are taken out.
    pub title: String,
    /// The value in cents.
    pub value_cents: Option<Found<i64>>,
    /// The expected close date.
    pub close: Option<Found<Date>>,
    /// The source; one of the workspace's where the words fit.
    pub source: Option<Found<String>>,
    /// The word that names the owner, without the `@`.
    pub owner: Option<Found<String>>,
    /// Doubts; they never block.
    pub warnings: Vec<Warning>,
}

/// A task typed on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskLine {
    /// What is left when the parts are taken out.
    pub title: String,
    /// When it is due.
    pub due: Option<Found<Moment>>,
    /// The priority's key.
    pub priority: Option<Found<&'static str>>,
    /// The word that names the owner, without the `@`.
    pub owner: Option<Found<String>>,
    /// Doubts; they never block.
    pub warnings: Vec<Warning>,
}

/// Reads a lead from one line.
pub fn smart_line(text: &str, ctx: &InputContext<'_>) -> SmartLine {
    let mut words = Words::of(text);
    let owner = words.take_marked('@', |word| Some(word.to_owned()));
    let source = words.take_marked('#', |word| Some(source_named(word, ctx)));
    let marked = words.take(1, |words, _| marked_amount(words[0], ctx));
    let close = words.take(DATE_WORDS_MAX, |words, trailing| plain_date(words, trailing, ctx));
    let amount = marked.or_else(|| words.take(1, |words, trailing| bare_amount(words[0], trailing, ctx)));
    let mut warnings = Vec::new();
    let value_cents = amount.map(|Found { value: (cents, doubts), typed }| {
        warnings.extend(doubts);
        Found { value: cents, typed }
    });
    warnings.extend(close.as_ref().and_then(|close| close_date_warning(close.value, ctx.today)));
    SmartLine { title: words.rest(), value_cents, close, source, owner, warnings }
}

/// Reads a task from one line.
pub fn task_line(text: &str, ctx: &InputContext<'_>) -> TaskLine {
    let mut words = Words::of(text);
    let owner = words.take_marked('@', |word| Some(word.to_owned()));
    let priority = words.take_marked('!', priority_named);
    let due = words.take(DATE_WORDS_MAX, |words, trailing| plain_moment(words, trailing, ctx));
    let doubt = due.as_ref().and_then(|due| due_warning(due.value.at.date_in(&ctx.zone), ctx.today));
    TaskLine { title: words.rest(), due, priority, owner, warnings: doubt.into_iter().collect() }
}

/// The words of a line, some of them taken.
struct Words<'a> {
    words: Vec<(&'a str, bool)>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        Self { words: text.split_whitespace().map(|word| (word, false)).collect() }
    }

    /// Takes the last word that starts with a mark and says something.
    fn take_marked<T>(&mut self, mark: char, read: impl Fn(&str) -> Option<T>) -> Option<Found<T>> {
        let marked = |(word, _): &(&str, bool)| {
            let name = word.strip_prefix(mark)?;
            // "#1 supplier" is a title.
            name.starts_with(char::is_alphabetic).then(|| read(name)).flatten()
        };
        let (at, value) = self.words.iter().enumerate().rev().find_map(|(at, word)| Some((at, marked(word)?)))?;
        Some(Found { value, typed: self.mark_taken(at, at + 1) })
    }

    /// Takes the last run of up to `longest` words that says something, the longest that does. `read` hears whether
    /// only taken words follow.
    fn take<T>(&mut self, longest: usize, read: impl Fn(&[&str], bool) -> Option<T>) -> Option<Found<T>> {
        for end in (2..=self.words.len()).rev() {
            let trailing = self.words[end..].iter().all(|(_, taken)| *taken);
            for start in end.saturating_sub(longest).max(1)..end {
                let run = &self.words[start..end];
                if run.iter().any(|(_, taken)| *taken) {
                    continue;
                }
                let run: Vec<&str> = run.iter().map(|(word, _)| *word).collect();
                if let Some(value) = read(&run, trailing) {
                    return Some(Found { value, typed: self.mark_taken(start, end) });
                }
            }
        }
        None
    }

    fn mark_taken(&mut self, start: usize, end: usize) -> String {
        for (_, taken) in &mut self.words[start..end] {
            *taken = true;
        }
        self.words[start..end].iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
    }

    fn rest(&self) -> String {
        let left = self.words.iter().filter(|(_, taken)| !taken).map(|(word, _)| *word);
        left.collect::<Vec<_>>().join(" ")
    }
}

/// The workspace's source of that name (`#cold-outreach` is "Cold outreach"), or the word itself.
fn source_named(word: &str, ctx: &InputContext<'_>) -> String {
    let bare = |text: &str| fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let known = ctx.settings.sources.iter().find(|source| bare(source) == bare(word));
    known.cloned().unwrap_or_else(|| word.to_owned())
}

fn priority_named(word: &str) -> Option<&'static str> {
    let word = fold(word);
    ["high", "medium", "low"].into_iter().find(|priority| priority.starts_with(&word))
}

/// An amount that is one wherever it stands: with a currency's sign, `k` or `m`, or with thousands or cents apart.
fn marked_amount(word: &str, ctx: &InputContext<'_>) -> Option<(i64, Vec<Warning>)> {
    let parsed = parse_money(word, ctx).ok()?;
    let mark = |letter: char| !letter.is_ascii_digit() && !".,+".contains(letter);
    // "3.10" is a version, "3,5" a size.
    let written_out = word.rfind(['.', ',']).is_some_and(|at| matches!(word.len() - at, 3 | 4));
    let fits = word.contains(mark) || (written_out && parsed.value >= 10_000);
    fits.then_some((parsed.value, parsed.warnings))
}

/// A bare number is an amount when nothing but parts follows, it is too large for a count, and it is no year.
fn bare_amount(word: &str, trailing: bool, ctx: &InputContext<'_>) -> Option<(i64, Vec<Warning>)> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = parse_money(word, ctx).ok().filter(|_| digits && trailing)?;
    let units = parsed.value / 100;
    (units >= 1_000 && !(1970..=2199).contains(&units)).then_some((parsed.value, parsed.warnings))
}

fn plain_date(words: &[&str], trailing: bool, ctx: &InputContext<'_>) -> Option<Date> {
    let text = without_preposition(words);
    if may_be_title(&text, trailing) { None } else { parse_date(&text, ctx, Lean::Ahead).ok() }
}

fn plain_moment(words: &[&str], trailing: bool, ctx: &InputContext<'_>) -> Option<Moment> {
    let text = without_preposition(words);
    if may_be_title(&text, trailing) { None } else { parse_moment(&text, ctx, Lean::Ahead).ok() }
}

/// "by fri" and "at 10am" are taken whole, or the title would keep a stray word.
fn without_preposition(words: &[&str]) -> String {
    let stray = words.first().filter(|word| matches!(fold(word).as_str(), "by" | "on" | "at" | "until" | "due"));
    words[usize::from(stray.is_some())..].join(" ")
}

/// Words that are dates in a date field, but in the middle of a sentence more likely something else: `24/7`,
/// version `3.1`, `2-3`, "the sun sat".
fn may_be_title(text: &str, trailing: bool) -> bool {
    let text = fold(text);
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"./-".contains(&byte));
    let signs = text.bytes().filter(|byte| !byte.is_ascii_digit()).count();
    let without_year = numeric && signs < 2 && (!text.contains('/') || text == "24/7");
    without_year || (!trailing && matches!(text.as_str(), "sun" | "sat" | "wed"))
}
