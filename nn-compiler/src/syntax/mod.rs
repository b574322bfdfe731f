//! Syntax: the text of a spec in, its tree and every syntax error out.
//!
//! Guarantees: time and memory are linear in the text, and the tree is never deeper than [`MAX_DEPTH`]
//! brackets and [`MAX_OPERATORS`] operators, so that later stages may recurse over it. A mistake costs
//! its own statement: the rest is still read and reported on.
//!
//! The steps: `scan` finds the tokens, `brackets` their depth, `statements` the bounds of
//! statements; pest parses each statement by itself (`tree`), and where it fails, `explain` says what
//! was expected in words of the language.

pub mod ast;
mod brackets;
mod explain;
mod foreign;
mod grammar;
mod numbers;
pub(crate) mod scan;
mod statements;
mod tree;
mod unquoted;

#[cfg(test)]
mod tests;

use std::ops::Range;

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::span::Span;
use ast::{Ast, BlockBody, DataItem, Name, Statement, StatementKind};
use grammar::{Grammar, Rule};
pub(crate) use numbers::grouped;
use scan::{Kind, Token};
use statements::Place;
use tree::Tree;

/// The longest spec, in bytes.
pub const MAX_BYTES: usize = 1 << 18;
/// How many brackets may stand inside each other.
pub const MAX_DEPTH: usize = 64;
/// How many operators may stand inside each other, those of the brackets around included.
pub const MAX_OPERATORS: usize = 256;
/// The longest name, in letters.
pub const MAX_NAME: usize = 128;
/// After how many errors the parser gives up.
const MAX_ERRORS: usize = 100;

const SMALLEST: &str = "the smallest network is `network Line { input x: [1]; output y = x -> dense(1); }`";

/// The text in `bytes`.
///
/// # Errors
///
/// [`code::NOT_TEXT`] where they are not UTF-8, or hold control characters. The place is empty and the
/// text before it is valid, so the error can be rendered with that text.
pub fn text_of(bytes: &[u8]) -> Result<&str, Box<Diagnostic>> {
    let text = std::str::from_utf8(bytes);
    let valid = text.map_or_else(|error| error.valid_up_to(), str::len);
    if let Some(at) = bytes[..valid].iter().position(is_control) {
        return Err(Box::new(not_text(bytes, at)));
    }
    text.map_err(|_| Box::new(not_text(bytes, valid)))
}

fn is_control(byte: &u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r')
}

fn not_text(bytes: &[u8], at: usize) -> Diagnostic {
    let byte = bytes[at];
    let what = match byte {
        0 => "a NUL".to_string(),
        0x80.. => format!("0x{byte:02X}, which is not UTF-8"),
        _ => format!("the control character 0x{byte:02X}"),
    };
    let message = format!("the spec is not text: byte {at} is {what}");
    let diagnostic = Diagnostic::error(code::NOT_TEXT, Span::new(at, at), message);
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.iter().take(64).any(|b| *b == 0) {
        diagnostic.note("it looks like UTF-16 or binary data; a spec is saved as UTF-8")
    } else {
        diagnostic
    }
}

/// Parses a spec, and puts every syntax error into `sink`.
///
/// Where there are errors, the tree holds the statements that were understood. It serves to name the
/// network, not to be checked further: what the lost statements bind would seem to be missing.
pub fn parse(text: &str, sink: &mut Sink) -> Option<Ast> {
    let mut parser = Parser { text, tokens: Vec::new(), errors: Vec::new() };
    let ast = parser.spec();
    for error in parser.errors.into_iter().take(MAX_ERRORS) {
        sink.push(error);
    }
    ast
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    errors: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text(self.text))
    }

    fn span(&self, range: &Range<usize>) -> Span {
        self.tokens[range.start].span.to(self.tokens[range.end - 1].span)
    }

    fn spec(&mut self) -> Option<Ast> {
        if self.text.len() > MAX_BYTES {
            let message = format!("the spec is longer than {MAX_BYTES} bytes");
            self.error(Diagnostic::error(code::TOO_LONG, Span::default(), message));
            return None;
        }
        if let Err(error) = text_of(self.text.as_bytes()) {
            self.error(*error);
            return None;
        }
        let scan = scan::scan(self.text);
        self.tokens = scan.tokens;
        self.errors = scan.errors;
        if scan.lost {
            return None;
        }
        match brackets::balance(self.text, &mut self.tokens) {
            Ok(errors) => {
                // An open string swallows the brackets on its line.
                let open_string = self.errors.iter().any(|error| error.code == code::UNCLOSED);
                let told = |error: &Diagnostic| open_string && error.code == code::UNCLOSED;
                self.errors.extend(errors.into_iter().filter(|error| !told(error)));
            }
            Err(error) => {
                self.error(*error);
                return None;
            }
        }
        if self.tokens.is_empty() {
            if self.errors.is_empty() {
                let end = self.text.trim_end().len();
                let empty = Diagnostic::error(code::EMPTY, Span::new(end, end), "there is no network here");
                self.error(empty.note(SMALLEST));
            }
            return None;
        }
        self.network(scan.docs)
    }

    fn network(&mut self, docs: Vec<String>) -> Option<Ast> {
        let opens = |token: &Token| token.depth == 0 && token.text(self.text) == "{";
        let Some(brace) = self.tokens.iter().position(opens) else {
            let end = self.tokens.iter().position(|token| token.text(self.text) == ";");
            self.parse(Rule::network_head, 0..end.map_or(self.tokens.len(), |end| end + 1));
            return None;
        };
        let keyword = (0..brace).find(|at| self.word(*at) == "network").unwrap_or(0);
        if keyword > 0 {
            self.before_network(0..keyword);
        }
        let head = self.parse(Rule::network_head, keyword..brace + 1);
        if head.is_none() && brace - keyword > 3 {
            return None;
        }
        let closes = |token: &Token| token.depth == 0 && token.text(self.text) == "}" && !token.broken;
        let close = self.tokens[brace..].iter().position(closes).map(|at| brace + at);
        let end = close.unwrap_or(self.tokens.len());
        let statements = self.statements(brace + 1..end);
        if let Some(close) = close.filter(|close| close + 1 < self.tokens.len()) {
            self.after_network(close);
        }
        let (offset, head) = head?;
        let name = Tree::new(offset, &mut self.errors).network_name(head);
        let last = self.tokens[end.min(self.tokens.len() - 1)];
        Some(Ast { docs, name, statements, span: self.tokens[keyword].span.to(last.span) })
    }

    fn before_network(&mut self, range: Range<usize>) {
        let span = self.span(&range);
        let found = self.word(range.start);
        let mut error = Diagnostic::error(code::SYNTAX, span, format!("expected `network`, found {}", quote(found)));
        if matches!(found, "pub" | "#") {
            error = error.note("visibility and attributes belong to the `network!` macro, not to a file");
        }
        let rest = span.to(self.tokens[range.end].span.before());
        self.error(error.suggest("remove it", rest, ""));
    }

    fn after_network(&mut self, close: usize) {
        let span = self.tokens[close + 1].span;
        let found = self.word(close + 1);
        let mut error = Diagnostic::error(code::SURPLUS, span, format!("{} stands after the network", quote(found)))
            .label(self.tokens[close].span, "the network ends here");
        if found == "network" {
            error = error.note("a file, or a `network!` body, holds one network");
        }
        self.error(error);
    }

    fn statements(&mut self, body: Range<usize>) -> Vec<Statement> {
        let pieces = statements::split(self.text, &self.tokens, body, 1, Place::Body);
        pieces.into_iter().filter_map(|piece| self.statement(piece)).collect()
    }

    fn statement(&mut self, piece: Range<usize>) -> Option<Statement> {
        if self.is_lone_semicolon(&piece) {
            return None;
        }
        let brace = piece.clone().find(|at| self.tokens[*at].depth == 1 && self.word(*at) == "{");
        let keyword = self.tokens[piece.start].span;
        let span = self.span(&piece);
        let kind = match (self.word(piece.start), brace) {
            ("train", Some(brace)) => {
                self.parse(Rule::train_head, piece.start..brace + 1)?;
                let settings = self.pieces(brace, piece.end, Place::Train);
                let settings = settings.into_iter().filter_map(|piece| {
                    let (offset, pair) = self.parse(Rule::setting, piece)?;
                    Some(Tree::new(offset, &mut self.errors).setting(pair))
                });
                StatementKind::Train { keyword, settings: settings.collect() }
            }
            ("data", Some(brace)) => {
                self.parse(Rule::data_head, piece.start..brace + 1)?;
                StatementKind::Data { keyword, items: self.data(brace, piece.end) }
            }
            ("block", Some(brace)) => {
                let (offset, head) = self.parse(Rule::block_head, piece.start..brace + 1)?;
                let (name, params) = Tree::new(offset, &mut self.errors).block_head(head);
                let body = BlockBody::Graph(self.bindings(&name, brace, piece.end));
                StatementKind::Block { name, params, body }
            }
            (word, _) => {
                let rule = match word {
                    "train" => Rule::train_head,
                    "data" => Rule::data_head,
                    _ => Rule::statement,
                };
                let (offset, pair) = self.parse(rule, piece)?;
                Tree::new(offset, &mut self.errors).statement(pair)
            }
        };
        Some(Statement { kind, span })
    }

    /// The pieces between the brace and the end of its statement.
    fn pieces(&mut self, brace: usize, end: usize, place: Place) -> Vec<Range<usize>> {
        let closed = end > brace + 1 && self.tokens[end - 1].depth == 1 && self.word(end - 1) == "}";
        let inside = brace + 1..end - usize::from(closed);
        let mut pieces = statements::split(self.text, &self.tokens, inside, 2, place);
        pieces.retain(|piece| !self.is_lone_semicolon(piece));
        pieces
    }

    fn data(&mut self, brace: usize, end: usize) -> Vec<DataItem> {
        let pieces = self.pieces(brace, end, Place::Data);
        let items = pieces.into_iter().filter_map(|piece| {
            let (offset, pair) = self.parse(Rule::data_item, piece)?;
            Some(Tree::new(offset, &mut self.errors).data_item(pair))
        });
        items.collect()
    }

    fn bindings(&mut self, block: &Name, brace: usize, end: usize) -> Vec<(Name, ast::Chain)> {
        let pieces = self.pieces(brace, end, Place::Block);
        let last = pieces.len();
        let mut bindings = Vec::new();
        let mut gives = false;
        for (index, piece) in pieces.into_iter().enumerate() {
            let span = self.tokens[piece.start].span;
            let is_out = self.word(piece.start) == "out";
            gives |= is_out;
            if is_out && index + 1 < last {
                let message = format!("`out` is what the block `{}` gives, and stands last", block.text);
                self.error(Diagnostic::error(code::SYNTAX, span, message));
            }
            if let Some((offset, pair)) = self.parse(Rule::binding, piece) {
                bindings.push(Tree::new(offset, &mut self.errors).binding(pair));
            }
        }
        if !gives {
            let message = format!("the block `{}` does not say what it gives", block.text);
            self.error(
                Diagnostic::error(code::SYNTAX, block.span, message)
                    .note("the last thing in a block is `out = …;`, and `in` is what the block is applied to"),
            );
        }
        bindings
    }

    fn is_lone_semicolon(&mut self, piece: &Range<usize>) -> bool {
        if piece.len() != 1 || self.word(piece.start) != ";" {
            return false;
        }
        let span = self.tokens[piece.start].span;
        self.error(Diagnostic::error(code::SYNTAX, span, "this `;` ends nothing").mend("remove it", span, ""));
        true
    }

    /// Parses the tokens of `piece` by `rule`. Gives the pair with the offset of its positions.
    ///
    /// Says nothing about a piece in which a token is known to be broken.
    fn parse(&mut self, rule: Rule, piece: Range<usize>) -> Option<(usize, Pair<'a, Rule>)> {
        if self.errors.len() >= MAX_ERRORS {
            return None;
        }
        // The brace that ends a head may be unclosed without harm to the head.
        let ends_with_brace = self.word(piece.end - 1) == "{";
        let suspects = piece.start..piece.end - usize::from(ends_with_brace);
        if self.tokens[suspects].iter().any(|token| token.broken) {
            return None;
        }
        let span = self.span(&piece);
        match Grammar::parse(rule, &self.text[span.range()]) {
            Ok(mut pairs) => pairs.next().map(|pair| (span.start, pair)),
            Err(error) => {
                let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
                let expected = match error.variant {
                    ErrorVariant::ParsingError { positives, .. } => positives,
                    ErrorVariant::CustomError { .. } => Vec::new(),
                };
                let diagnostic = explain::explain(self.text, &self.tokens, piece, rule, span.start + at, &expected);
                self.error(diagnostic);
                None
            }
        }
    }
}

/// A piece of the text for a message, in backquotes, shortened where it is long.
fn quote(text: &str) -> String {
    const LONGEST: usize = 32;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// Whether `kind` may begin a value.
fn begins_operand(kind: Kind, word: &str) -> bool {
    match kind {
        Kind::Word | Kind::Number | Kind::Text => true,
        Kind::Open => word != "{",
        Kind::Close | Kind::Sign => false,
    }
}
