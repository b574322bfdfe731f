//! Values of `data` that need quotes: paths, and columns whose names are not words.

use std::ops::Range;

use super::explain::{Failure, is_reserved};
use super::grammar::Rule;
use super::quote::quoted;
use super::scan::TokenKind;
use crate::diagnostic::{Diagnostic, Edit, code};

impl Failure<'_> {
    /// `csv: iris.csv;`, `columns: [sepal.length, petal width];`, `target: output;`
    pub(super) fn unquoted(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        if self.rule != Rule::data_item || self.word(first + 1) != ":" {
            return None;
        }
        let setting = self.word(first);
        if setting == "delimiter" && self.found == first + 2 && self.word(self.found) == ";" {
            return Some(self.error(self.expectation()).note("write the character in quotes: `delimiter: \";\";`"));
        }
        let items: Vec<Range<usize>> =
            self.items(first + 2).into_iter().filter(|item| self.needs_quotes(item)).collect();
        let at_fault = items.iter().find(|item| item.contains(&self.found))?;
        let span = |item: &Range<usize>| self.span(item.start).to(self.span(item.end - 1));
        let is_name = matches!(setting, "target" | "columns" | "one_hot" | "inputs");
        let message = match (is_name, at_fault.len()) {
            (true, 1) => format!("`{}` is a keyword; to use it as a name, put it in quotes", self.word(at_fault.start)),
            (true, _) => "a name that is not a single word must be in quotes".to_owned(),
            (false, _) => "a path must be in quotes".to_owned(),
        };
        let edits = items.iter().map(|item| Edit::new(span(item), quoted(&self.text[span(item).range()]))).collect();
        // `columns: [petal width]` may lack a comma, and `target: y.` may have a point too many.
        let is_word = |at: usize| matches!(self.tokens[at].kind, TokenKind::Word | TokenKind::Number);
        let is_whole = |item: &Range<usize>| is_word(item.end - 1) && (!is_name || is_word(item.start));
        let is_certain = items.iter().all(|item| self.is_in_one(item) && is_whole(item));
        let error = Diagnostic::error(code::SYNTAX, span(at_fault), message);
        Some(error.propose("add quotes", edits, is_certain))
    }

    /// The items of a value, with lists split.
    fn items(&self, start: usize) -> Vec<Range<usize>> {
        let (mut items, mut first) = (Vec::new(), start);
        for at in start..=self.piece.end {
            if at == self.piece.end || matches!(self.word(at), "," | ";" | "[" | "]") {
                items.push(first..at);
                first = at + 1;
            }
        }
        items.retain(|item| !item.is_empty());
        items
    }

    /// Whether tokens could be a path or a name, but are not one word.
    fn needs_quotes(&self, item: &Range<usize>) -> bool {
        let is_word = |at: usize| self.tokens[at].kind == TokenKind::Word;
        if item.len() == 1 {
            return is_word(item.start)
                && is_reserved(self.word(item.start))
                && !matches!(self.word(item.start), "true" | "false");
        }
        let is_sign = |word: &str| matches!(word, "." | "/" | "\\" | "~" | "-" | ":");
        let begins = is_word(item.start) || matches!(self.word(item.start), "." | "/" | "~");
        let may_be = item
            .clone()
            .all(|at| matches!(self.tokens[at].kind, TokenKind::Word | TokenKind::Number) || is_sign(self.word(at)));
        let signs = item.clone().any(|at| matches!(self.word(at), "." | "/" | "\\" | "~"));
        begins && may_be && (signs || item.clone().all(is_word)) && !self.word(item.start).starts_with("http")
    }

    /// Whether there is no whitespace between the tokens.
    fn is_in_one(&self, item: &Range<usize>) -> bool {
        item.clone().skip(1).all(|at| self.span(at - 1).end == self.span(at).start)
    }
}
