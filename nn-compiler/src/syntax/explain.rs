//! What to say where the grammar fails: what was expected, in words of the language, and the likely fix.

use std::ops::Range;

use super::grammar::Rule;
use super::limits::SMALLEST;
use super::quote::quote;
use super::scan::{Token, TokenKind, begins_operand};
use super::statements::is_statement_keyword;
use crate::diagnostic::{Diagnostic, Edit, Near, code, nearest};
use crate::layers;
use crate::span::Span;

const STATEMENTS: &str = "a statement begins with `input`, `output`, `const`, `block`, `train`, `data`, `assert`, \
                          `expect`, `freeze` or `allow`, or is `name = …;`";

/// Explains why the tokens of `piece` are not a `rule`: pest stopped at byte `at`, where it `expected` others.
pub(super) fn explain(
    text: &str,
    tokens: &[Token],
    piece: Range<usize>,
    rule: Rule,
    at: usize,
    expected: &[Rule],
) -> Diagnostic {
    let found = tokens.partition_point(|token| token.span.end <= at);
    let failure = Failure { text, tokens, piece, rule, found, expected };
    failure
        .unquoted()
        .or_else(|| failure.of_another_language())
        .or_else(|| failure.reserved())
        .or_else(|| failure.misspelt_keyword())
        .or_else(|| failure.missing_semicolon())
        .or_else(|| failure.special())
        .unwrap_or_else(|| failure.general())
}

pub(super) struct Failure<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub piece: Range<usize>,
    pub rule: Rule,
    /// The token at which pest stopped, which may be after the piece.
    pub found: usize,
    expected: &'a [Rule],
}

impl Failure<'_> {
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text(self.text))
    }

    pub(super) fn span(&self, at: usize) -> Span {
        match self.tokens.get(at) {
            Some(token) => token.span,
            None => self.tokens[self.tokens.len() - 1].span.after(),
        }
    }

    pub(super) fn expects(&self, rule: Rule) -> bool {
        self.expected.contains(&rule)
    }

    fn expects_name(&self) -> bool {
        [Rule::name, Rule::source_name, Rule::source, Rule::metric, Rule::call, Rule::expr, Rule::argument]
            .into_iter()
            .any(|rule| self.expects(rule))
    }

    pub(super) fn found_text(&self) -> String {
        match self.word(self.found) {
            "" => "the end of the text".to_string(),
            word => quote(word),
        }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code::SYNTAX, self.span(self.found), message)
    }

    /// `output data = …`, `in = …`, `train = …`.
    fn reserved(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let binds =
            self.word(first + 1) == "=" && matches!(self.rule, Rule::statement | Rule::train_head | Rule::data_head);
        let at = match binds && is_reserved(self.word(first)) {
            true => first,
            false => self.found,
        };
        let word = self.word(at);
        let before_name = self.tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Word);
        if let (true, Some(statement)) = (at == first && before_name, statement_for(word)) {
            return Some(self.spelt(at, Near::certain(statement)));
        }
        if !self.piece.contains(&at) || !is_reserved(word) || (at == self.found && !binds && !self.expects_name()) {
            return None;
        }
        let span = self.span(at);
        if matches!(word, "add" | "multiply" | "concat") && self.word(at.saturating_sub(1)) == "->" {
            let message = format!("`{word}` merges values, so it begins a chain and cannot follow `->`");
            return Some(
                Diagnostic::error(code::SYNTAX, span, message)
                    .note(format!("name the value before it, then write `{word}(name, other)`")),
            );
        }
        let message = match word {
            "_" => "`_` is not a name".to_string(),
            _ => format!("`{word}` is a keyword and cannot be a name"),
        };
        let other = if word == "_" { "unnamed".to_string() } else { format!("{word}_") };
        Some(Diagnostic::error(code::RESERVED, span, message).suggest("choose another name", span, other))
    }

    /// `ouput y = …`, `let y = …`, `trian { … }`.
    fn misspelt_keyword(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let word = self.word(first);
        if self.rule == Rule::network_head && self.found == first {
            let is_network = matches!(word, "net" | "model" | "class" | "struct" | "def" | "nn");
            let near = if is_network { Some(Near::certain("network")) } else { nearest(word, ["network"]) };
            return near.filter(|_| self.tokens[first].kind == TokenKind::Word).map(|near| self.spelt(first, near));
        }
        let next = self.tokens.get(first + 1)?;
        let could_be = next.kind == TokenKind::Word || matches!(next.text(self.text), "{" | "(");
        if self.rule != Rule::statement || self.found != first + 1 || !could_be || is_statement_keyword(word) {
            return None;
        }
        if word == "let" || word == "var" {
            let span = self.span(first);
            return Some(
                Diagnostic::error(code::SYNTAX, span, format!("values are defined with `name = …;`, without `{word}`"))
                    .mend("remove it", span.to(self.span(first + 1).before()), ""),
            );
        }
        let keywords: &[&str] = match next.text(self.text) {
            "{" => &["train", "data", "block"],
            "(" => &["allow"],
            _ => &["input", "output", "const", "block", "assert", "expect", "freeze"],
        };
        nearest(word, keywords.iter().copied()).map(|near| self.spelt(first, near))
    }

    fn spelt(&self, at: usize, near: Near) -> Diagnostic {
        let (span, keyword) = (self.span(at), near.name);
        let message = format!("expected a statement, found {}", quote(self.word(at)));
        let message = if keyword == "network" { message.replace("a statement", "`network`") } else { message };
        Diagnostic::error(code::SYNTAX, span, message).mean(format!("write `{keyword}`"), span, Some(near))
    }

    /// The statement is complete except for its end.
    fn missing_semicolon(&self) -> Option<Diagnostic> {
        if self.found < self.piece.end || !self.expects(Rule::semicolon) {
            return None;
        }
        let place = self.span(self.found - 1).after();
        let message = format!("expected `;`, found {}", self.found_text());
        // If the comment after it contains a `;`, the `//` may be a division or part of a path.
        let next = self.tokens.get(self.found).map_or(self.text.len(), |token| token.span.start);
        // `df["price"]` is not a row after a setting.
        let is_indexed = self.word(self.found) == "[" && self.tokens[self.found - 1].kind == TokenKind::Word;
        let is_certain = !self.text[place.end..next].contains(';') && !is_indexed;
        let error = Diagnostic::error(code::SYNTAX, place, message);
        let error = error.propose("end it with `;`", vec![Edit::new(place, ";")], is_certain);
        Some(match self.tokens.get(self.found) {
            Some(token) => error.label(token.span, "unexpected"),
            None => error,
        })
    }

    fn general(&self) -> Diagnostic {
        let error = self.error(self.expectation());
        let error = match self.fix() {
            Some(Fix { message, span, text, is_certain }) => {
                error.propose(message, vec![Edit::new(span, text)], is_certain)
            }
            None => error,
        };
        match self.rule {
            Rule::statement if self.found == self.piece.start => error.note(STATEMENTS),
            Rule::network_head if self.found == self.piece.start => error.note(SMALLEST),
            _ => error,
        }
    }

    pub(super) fn expectation(&self) -> String {
        format!("expected {}, found {}", self.expected_words(), self.found_text())
    }

    fn expected_words(&self) -> String {
        if self.found == self.piece.start {
            match self.rule {
                Rule::statement => return "a statement".to_string(),
                Rule::setting => return "a setting".to_string(),
                Rule::data_item => return "a setting or a row".to_string(),
                Rule::binding => return "`name = …;` or `out = …;`".to_string(),
                _ => {}
            }
        }
        let after_arrow = matches!(self.word(self.found.saturating_sub(1)), "->") || self.in_block_chain();
        let mut phrases: Vec<&str> = Vec::new();
        for rule in self.expected {
            let phrase = match rule {
                Rule::name | Rule::call | Rule::link | Rule::layers if after_arrow => "a layer",
                rule => words(*rule),
            };
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        // What may follow anything says little where something specific is expected too.
        let telling = |phrase: &&str| !matches!(*phrase, "an operator" | "`(`" | "`*`" | "`-`");
        if phrases.iter().any(telling) {
            phrases.retain(telling);
        }
        if phrases.contains(&"a value") {
            phrases.retain(|phrase| !matches!(*phrase, "a name" | "an argument" | "`[`"));
        }
        match phrases.as_slice() {
            [] => "something else".to_string(),
            [one] => one.to_string(),
            [start @ .., last] => format!("{} or {last}", start.join(", ")),
        }
    }

    /// Whether the layers of `block name(…) = …` are expected.
    fn in_block_chain(&self) -> bool {
        self.word(self.piece.start) == "block" && self.word(self.found.saturating_sub(1)) == "="
    }

    /// The edit that would let the parser go on.
    fn fix(&self) -> Option<Fix> {
        if self.found >= self.piece.end {
            return None;
        }
        self.other_sign().or_else(|| self.missing_sign())
    }

    /// A sign in place of another.
    fn other_sign(&self) -> Option<Fix> {
        let (found, next) = (self.word(self.found), self.word(self.found + 1));
        let span = self.span(self.found);
        let both = span.to(self.span(self.found + 1));
        let replace = |span: Span, text: &str, is_certain| {
            Some(Fix { message: format!("write `{}`", text.trim()), span, text: text.to_string(), is_certain })
        };
        if self.expects(Rule::arrow) {
            match (found, next) {
                ("-" | "=", ">") | ("-", "->") | ("|" | "~" | ">", ">") => return replace(both, "->", true),
                ("=>" | ">" | "|", _) => return replace(span, "->", true),
                _ => {}
            }
        }
        if self.expects(Rule::comparison) {
            match (found, next) {
                ("=", "<") => return replace(both, "<=", true),
                ("=>", _) => return replace(span, ">=", true),
                // `=` may lack its `<` or `>`.
                ("=", _) => return replace(span, "==", false),
                _ => {}
            }
        }
        match found {
            "=" if self.expects(Rule::colon) => {
                replace(self.closed_up(self.found), self.colon(self.found), self.is_the_only_one())
            }
            ":" | "==" if self.expects(Rule::equals) => {
                let is_close = self.span(self.found.saturating_sub(1)).end == span.start;
                replace(span, if is_close { " =" } else { "=" }, self.is_the_only_one())
            }
            "->" | "=" | ":" if self.expects(Rule::fat_arrow) => replace(span, "=>", self.is_the_only_one()),
            "," | ":" if self.expects(Rule::semicolon) && self.found + 1 == self.piece.end => replace(span, ";", true),
            _ => None,
        }
    }

    /// A sign between two others.
    fn missing_sign(&self) -> Option<Fix> {
        let (found, next) = (self.word(self.found), self.word(self.found + 1));
        let (span, kind) = (self.span(self.found), self.tokens[self.found].kind);
        let before = self.word(self.found.saturating_sub(1));
        let previous = self.span(self.found - usize::from(self.found > 0)).after();
        let insert = |span: Span, sign: &str, text: &str, is_certain| {
            Some(Fix { message: format!("put a `{sign}` here"), span, text: text.to_string(), is_certain })
        };
        let begins = begins_operand(kind, found);
        if self.expects(Rule::comma) && begins {
            // `dense(8 bias: false)` can only lack its comma; `[10 000]` and `[petal width]` may be one thing.
            return insert(previous, ",", ",", kind == TokenKind::Word && next == ":");
        }
        if self.expects(Rule::arrow) && kind == TokenKind::Word {
            let is_layer = layers::signatures().any(|signature| signature.name == found);
            return insert(span.before(), "->", "-> ", is_layer && found != before);
        }
        if self.expects(Rule::colon) && begins && found != "(" {
            // `clip norm: 1.0` is not `clip: norm`.
            return insert(previous, ":", ":", kind != TokenKind::Word && self.is_the_only_one());
        }
        if self.expects(Rule::equals) && begins {
            let is_keyword = is_statement_keyword(self.word(self.piece.start));
            return insert(
                span.before(),
                "=",
                "= ",
                is_keyword && self.found == self.piece.start + 2 && self.is_the_only_one(),
            );
        }
        None
    }

    /// Whether no sign that separates a name from its value follows in the piece, at the same depth.
    fn is_the_only_one(&self) -> bool {
        let depth = self.tokens[self.found].depth;
        let separates =
            |at: usize| self.tokens[at].depth <= depth && matches!(self.word(at), "=" | ":" | "==" | "=>" | ",");
        !(self.found + 1..self.piece.end).any(separates)
    }

    /// The sign at `at`, with the white space before it.
    pub(super) fn closed_up(&self, at: usize) -> Span {
        let span = self.span(at);
        let gap = Span::new(self.span(at - 1).end, span.start);
        if self.text[gap.range()].trim().is_empty() { gap.to(span) } else { span }
    }
}

/// An edit, and whether it is certainly what was meant.
struct Fix {
    message: String,
    span: Span,
    text: String,
    is_certain: bool,
}

/// The statement that was probably meant by a keyword that does not begin one.
fn statement_for(word: &str) -> Option<&'static str> {
    match word {
        "in" => Some("input"),
        "out" => Some("output"),
        _ => None,
    }
}

pub(super) fn is_reserved(word: &str) -> bool {
    is_statement_keyword(word)
        || matches!(word, "in" | "out" | "add" | "multiply" | "concat" | "true" | "false")
        || matches!(word, "self" | "Self" | "super" | "crate" | "_")
}

/// What a rule is called in the language.
fn words(rule: Rule) -> &'static str {
    match rule {
        Rule::EOI => "the end of the statement",
        Rule::WHITESPACE | Rule::COMMENT | Rule::line_comment | Rule::block_comment => "whitespace",
        Rule::network_head | Rule::kw_network => "`network`",
        Rule::statement
        | Rule::input
        | Rule::output
        | Rule::constant
        | Rule::block_chain
        | Rule::assertion
        | Rule::expectation
        | Rule::freeze
        | Rule::allow
        | Rule::value => "a statement",
        Rule::train_head | Rule::kw_train => "`train`",
        Rule::data_head | Rule::kw_data => "`data`",
        Rule::block_head | Rule::kw_block => "`block`",
        Rule::binding => "`name = …;`",
        Rule::setting | Rule::assignment => "a setting",
        Rule::data_item => "a setting or a row",
        Rule::row | Rule::row_inputs => "a row",
        Rule::parameters => "`(`",
        Rule::shape => "a shape such as `[64]`",
        Rule::chain | Rule::source | Rule::source_name => "the name of a value",
        Rule::layers | Rule::link => "a layer",
        Rule::merged | Rule::arguments | Rule::of_output => "`(`",
        Rule::times => "a number",
        Rule::argument => "an argument",
        Rule::expr
        | Rule::operand
        | Rule::call
        | Rule::row_targets
        | Rule::parentheses
        | Rule::integer
        | Rule::float
        | Rule::digits
        | Rule::exponent
        | Rule::boolean
        | Rule::text
        | Rule::list => "a value",
        Rule::quantity => "a quantity such as `params`",
        Rule::metric => "a metric",
        Rule::comparison => "a comparison such as `<=`",
        Rule::word | Rule::word_character | Rule::name | Rule::reserved => "a name",
        Rule::out => "`out`",
        Rule::kw_input => "`input`",
        Rule::kw_output => "`output`",
        Rule::kw_const => "`const`",
        Rule::kw_assert => "`assert`",
        Rule::kw_expect => "`expect`",
        Rule::kw_freeze => "`freeze`",
        Rule::kw_allow => "`allow`",
        Rule::arrow => "`->`",
        Rule::fat_arrow => "`=>`",
        Rule::semicolon => "`;`",
        Rule::colon => "`:`",
        Rule::comma => "`,`",
        Rule::equals => "`=`",
        Rule::operator | Rule::plus | Rule::minus | Rule::slash => "an operator",
        Rule::star => "`*`",
        Rule::brace_open => "`{`",
        Rule::paren_open => "`(`",
        Rule::paren_close => "`)`",
        Rule::bracket_open => "`[`",
        Rule::bracket_close => "`]`",
    }
}
