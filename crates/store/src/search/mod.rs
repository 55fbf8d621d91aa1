//! Search: which words of a record count, the text that is scanned, and how hits are ordered.

mod corpus;
mod hits;
mod words;

pub(crate) use corpus::Corpus;
pub(crate) use words::{Words, words_of};
