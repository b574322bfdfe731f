//! What a piece with a syntax error may have said, read from its tokens without the grammar.
//!
//! The result errs on the side of too many names: a name that is wrongly counted as bound hides one report, a name that
//! is missed causes a report of a mistake that nobody made.

use std::ops::Range;

use super::scan::{Token, TokenKind};
use super::statements::is_statement_keyword;
use crate::ast::{Form, Lost};

/// What a statement is, and the names that it may bind.
pub(super) fn statement(text: &str, tokens: &[Token], piece: &Range<usize>) -> (Form, Lost) {
    let words = Words { text, tokens, piece };
    let form = words.form();
    let mut lost = Lost { names: words.names(), is_nameless: false };
    lost.is_nameless = match form {
        Form::Output | Form::Const | Form::Block => !words.is_name(piece.start + 1),
        Form::Input => !words.is_name(piece.start) && !words.is_name(piece.start + 1),
        Form::Value | Form::Train | Form::Data | Form::Freeze | Form::Check => false,
        Form::Unknown => !words.is_name(piece.start),
    };
    (form, lost)
}

/// The names that a setting may set, a row leave out, or a binding of a block bind.
pub(super) fn piece(text: &str, tokens: &[Token], piece: &Range<usize>) -> Lost {
    let words = Words { text, tokens, piece };
    Lost { names: words.names(), is_nameless: !words.is_name(piece.start) }
}

struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
    piece: &'a Range<usize>,
}

impl<'a> Words<'a> {
    fn word(&self, at: usize) -> &'a str {
        if self.piece.contains(&at) { self.tokens[at].text(self.text) } else { "" }
    }

    /// Whether there is a whole name at `at`: letters outside ASCII split a name into several tokens.
    fn is_name(&self, at: usize) -> bool {
        let is_torn =
            |at: usize| self.piece.contains(&at) && self.tokens[at].broken && self.tokens[at].kind == TokenKind::Sign;
        self.piece.contains(&at)
            && self.tokens[at].kind == TokenKind::Word
            && !self.tokens[at].broken
            && !is_statement_keyword(self.word(at))
            && !is_torn(at + 1)
    }

    fn form(&self) -> Form {
        let start = self.piece.start;
        let binds = self.word(start + 1) == "=";
        match self.word(start) {
            "input" => Form::Input,
            "output" => Form::Output,
            "const" => Form::Const,
            "block" => Form::Block,
            "train" if !binds => Form::Train,
            "data" if !binds => Form::Data,
            "freeze" => Form::Freeze,
            "assert" | "expect" | "allow" => Form::Check,
            // As Keras declares an input.
            _ if binds && self.word(start + 2) == "Input" => Form::Input,
            _ if binds && self.is_name(start) => Form::Value,
            _ => Form::Unknown,
        }
    }

    /// The first words, and the words where a statement or a setting has its name: the piece may contain further
    /// statements.
    fn names(&self) -> Vec<String> {
        let names = |at: &usize| {
            let is_first = *at <= self.piece.start + 2;
            let is_bound = is_statement_keyword(self.word(at.wrapping_sub(1)));
            let is_set = matches!(self.word(at + 1), "=" | ":");
            self.tokens[*at].kind == TokenKind::Word && (is_first || is_bound || is_set)
        };
        self.piece.clone().filter(names).map(|at| self.word(at).to_owned()).collect()
    }
}
