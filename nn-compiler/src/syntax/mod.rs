//! Syntax: the text of a spec in, its tree and every syntax error out.
//!
//! Guarantees: time and memory are linear in the text, and the tree is never deeper than [`MAX_DEPTH`]
//! brackets and [`MAX_OPERATORS`] operators, so that later stages may recurse over it. A mistake costs
//! its own statement: the rest is still read and reported on.
//!
//! The steps: `scan` finds the tokens, `brackets` their depth, `statements` the bounds of
//! statements; pest parses each statement separately (`tree`), and where it fails, `explain` says what
//! was expected in words of the language.

mod braces;
mod brackets;
mod explain;
mod foreign;
mod foreign_chains;
mod grammar;
mod limits;
mod lost;
mod numbers;
mod quote;
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

use crate::ast::{Ast, BlockBody, DataItem, Form, Lost, Name, Setting, Statement, StatementKind};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::span::Span;
use grammar::{Grammar, Rule};
pub use limits::{MAX_BYTES, MAX_DEPTH, MAX_NAME, MAX_OPERATORS};
use limits::{MAX_ERRORS, SMALLEST};
pub(crate) use numbers::grouped;
use quote::quote;
use scan::{Token, TokenKind};
use statements::Braces;
use tree::Tree;
pub(crate) use tree::unescape;

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
        diagnostic.note("it looks like UTF-16 or binary data; save the spec as UTF-8")
    } else {
        diagnostic
    }
}

/// Parses a spec, and puts every syntax error into `sink`.
///
/// Where there are errors, the tree holds what was understood, and what the rest may bind or set
/// ([`Lost`]), so that later stages check the one and do not miss the other.
pub fn parse(text: &str, sink: &mut Sink) -> Option<Ast> {
    let mut parser = Parser { text, tokens: Vec::new(), errors: Vec::new(), is_cut: false };
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
    /// Whether scanning stopped after the last token.
    is_cut: bool,
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
        self.is_cut = scan.lost;
        match brackets::balance(self.text, &mut self.tokens) {
            Ok(errors) => {
                // An open string swallows the brackets on its line.
                let open_string = self.errors.iter().any(|error| error.code == code::UNCLOSED);
                let told = |error: &Diagnostic| (open_string || self.is_cut) && error.code == code::UNCLOSED;
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
        let brace = braces::of_network(self.text, &mut self.tokens);
        let Some(brace) = brace else {
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
        let (statements, end) = self.body(brace);
        let name = match head {
            Some((offset, head)) => Tree::new(offset, &mut self.errors).network_name(head),
            None => Name { text: String::new(), span: self.tokens[keyword].span },
        };
        let last = self.tokens[end.min(self.tokens.len() - 1)];
        let mut statements = statements;
        if self.is_cut {
            let lost = Lost { names: Vec::new(), is_nameless: true };
            statements.push(Statement { kind: StatementKind::Broken { form: Form::Unknown, lost }, span: last.span });
        }
        Some(Ast { docs, name, statements, span: self.tokens[keyword].span.to(last.span) })
    }

    /// The statements after the network's opening brace, and where they end: at its closing brace,
    /// or at the end of the text.
    fn body(&mut self, brace: usize) -> (Vec<Statement>, usize) {
        let mut close = self.close_of(brace + 1);
        if close + 1 < self.tokens.len() && braces::reopen(self.text, &mut self.tokens, brace, close) {
            close = self.close_of(brace + 1);
        }
        let mut statements = self.statements(brace + 1..close);
        if close + 1 >= self.tokens.len() {
            return (statements, close);
        }
        if !statements::begins(self.text, &self.tokens, close + 1) {
            self.after_network(close);
            if self.word(close + 1) != "}" {
                let rest = close + 1..self.tokens.len();
                statements.push(Statement { kind: self.broken(&rest), span: self.span(&rest) });
            }
            return (statements, close);
        }
        self.closed_too_early(close);
        let end = braces::deepen(self.text, &mut self.tokens, close + 1);
        statements.extend(self.statements(close + 1..end));
        if end + 1 < self.tokens.len() {
            self.after_network(end);
        }
        (statements, end)
    }

    /// The brace that closes the network whose statements begin at `start`.
    fn close_of(&self, start: usize) -> usize {
        let closes = |token: &Token| token.depth == 0 && token.text(self.text) == "}" && !token.broken;
        let close = self.tokens[start..].iter().position(closes).map(|at| start + at);
        close.unwrap_or(self.tokens.len())
    }

    fn closed_too_early(&mut self, close: usize) {
        let span = self.tokens[close].span;
        let message = format!("this `}}` ends the network, but {} follows", quote(self.word(close + 1)));
        let error = Diagnostic::error(code::SURPLUS, span, message);
        self.error(error.label(self.tokens[close + 1].span, "this is not part of the network").suggest(
            "remove it",
            span,
            "",
        ));
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
        let mut error =
            Diagnostic::error(code::SURPLUS, span, format!("unexpected {} after the network", quote(found)))
                .label(self.tokens[close].span, "the network ends here");
        if found == "network" {
            error = error.note("a file, or a `network!` body, holds one network");
        }
        self.error(error);
    }

    fn statements(&mut self, body: Range<usize>) -> Vec<Statement> {
        let mut all: Vec<Statement> = Vec::new();
        let mut before: Option<Range<usize>> = None;
        for piece in statements::split(self.text, &self.tokens, body, 1, Braces::Body) {
            // What begins with a sign is the end of the statement before it.
            if let (Some(before), Some(last)) = (before.filter(|_| self.goes_on(&piece)), all.last_mut()) {
                last.kind = self.broken(&before);
            }
            before = Some(piece.clone());
            all.extend(self.statement(piece));
        }
        all
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
                self.parse(Rule::train_head, piece.start..brace + 1);
                let (settings, lost) = self.settings(brace, piece.end);
                StatementKind::Train { keyword, settings, lost }
            }
            ("data", Some(brace)) => {
                self.parse(Rule::data_head, piece.start..brace + 1);
                let (items, lost) = self.data(brace, piece.end);
                StatementKind::Data { keyword, items, lost }
            }
            ("block", Some(brace)) => match self.parse(Rule::block_head, piece.start..brace + 1) {
                Some((offset, head)) => {
                    let (name, params) = Tree::new(offset, &mut self.errors).block_head(head);
                    let body = self.bindings(&name, brace, piece.end);
                    StatementKind::Block { name, params, body }
                }
                None => self.broken(&piece),
            },
            ("train", None) if self.ends_with_brace(&piece) => {
                self.parse(Rule::train_head, piece.clone());
                let (settings, lost) = self.settings(piece.start, piece.end);
                StatementKind::Train { keyword, settings, lost }
            }
            ("data", None) if self.ends_with_brace(&piece) => {
                self.parse(Rule::data_head, piece.clone());
                let (items, lost) = self.data(piece.start, piece.end);
                StatementKind::Data { keyword, items, lost }
            }
            (word, _) => {
                let rule = match word {
                    "train" => Rule::train_head,
                    "data" => Rule::data_head,
                    _ => Rule::statement,
                };
                let kind = self.tree(rule, piece.clone(), |tree, pair| tree.statement(pair));
                kind.unwrap_or_else(|| self.broken(&piece))
            }
        };
        Some(Statement { kind, span })
    }

    /// Whether a statement without an opening brace has a closing one.
    fn ends_with_brace(&self, piece: &Range<usize>) -> bool {
        piece.len() > 1 && self.word(piece.end - 1) == "}" && self.tokens[piece.end - 1].depth == 1
    }

    /// Parses a piece and makes a part of the tree of it; `None` where either finds a mistake.
    fn tree<T>(
        &mut self,
        rule: Rule,
        piece: Range<usize>,
        convert: impl FnOnce(&mut Tree, Pair<'a, Rule>) -> T,
    ) -> Option<T> {
        let (offset, pair) = self.parse(rule, piece)?;
        let reported = self.errors.len();
        let part = convert(&mut Tree::new(offset, &mut self.errors), pair);
        (self.errors.len() == reported).then_some(part)
    }

    /// Whether a piece continues the one before it, which ended too early.
    fn goes_on(&self, piece: &Range<usize>) -> bool {
        let first = self.tokens[piece.start];
        matches!(first.kind, TokenKind::Sign | TokenKind::Close) && self.word(piece.start) != ";"
    }

    fn broken(&self, piece: &Range<usize>) -> StatementKind {
        let (form, lost) = lost::statement(self.text, &self.tokens, piece);
        StatementKind::Broken { form, lost }
    }

    /// The pieces between the brace and the end of its statement.
    fn pieces(&mut self, brace: usize, end: usize, place: Braces) -> Vec<Range<usize>> {
        let closed = end > brace + 1 && self.tokens[end - 1].depth == 1 && self.word(end - 1) == "}";
        let inside = brace + 1..end - usize::from(closed);
        let mut pieces = statements::split(self.text, &self.tokens, inside, 2, place);
        pieces.retain(|piece| !self.is_lone_semicolon(piece));
        pieces
    }

    fn settings(&mut self, brace: usize, end: usize) -> (Vec<Setting>, Vec<Lost>) {
        self.parts(brace, end, Braces::Train, Rule::setting, |tree, pair| tree.setting(pair))
    }

    fn data(&mut self, brace: usize, end: usize) -> (Vec<DataItem>, Vec<Lost>) {
        self.parts(brace, end, Braces::Data, Rule::data_item, |tree, pair| tree.data_item(pair))
    }

    /// Parses the pieces inside a brace, each separately.
    fn parts<T>(
        &mut self,
        brace: usize,
        end: usize,
        place: Braces,
        rule: Rule,
        convert: impl Fn(&mut Tree, Pair<'a, Rule>) -> T,
    ) -> (Vec<T>, Vec<Lost>) {
        let (mut parts, mut lost) = (Vec::new(), Vec::new());
        let mut is_part = false;
        for piece in self.pieces(brace, end, place) {
            if is_part && rule != Rule::data_item && self.goes_on(&piece) {
                parts.pop();
            }
            let part = self.tree(rule, piece.clone(), &convert);
            is_part = part.is_some();
            match part {
                Some(part) => parts.push(part),
                None => lost.push(lost::piece(self.text, &self.tokens, &piece)),
            }
        }
        (parts, lost)
    }

    fn bindings(&mut self, block: &Name, brace: usize, end: usize) -> BlockBody {
        let pieces = self.pieces(brace, end, Braces::Block);
        let last = pieces.len();
        let (mut bindings, mut lost) = (Vec::new(), Vec::new());
        let mut gives = false;
        for (index, piece) in pieces.into_iter().enumerate() {
            let span = self.tokens[piece.start].span;
            let is_out = self.word(piece.start) == "out";
            gives |= is_out;
            if is_out && index + 1 < last {
                let message = format!("`out` must be the last statement of block `{}`", block.text);
                self.error(Diagnostic::error(code::SYNTAX, span, message));
            }
            match self.tree(Rule::binding, piece.clone(), |tree, pair| tree.binding(pair)) {
                Some(binding) => bindings.push(binding),
                None => lost.push(lost::piece(self.text, &self.tokens, &piece)),
            }
        }
        if !gives && lost.is_empty() {
            let message = format!("block `{}` has no `out`", block.text);
            self.error(
                Diagnostic::error(code::SYNTAX, block.span, message)
                    .note("a block ends with `out = …;`; `in` is the value that it is applied to"),
            );
            lost.push(Lost { names: vec!["out".to_owned()], is_nameless: false });
        }
        BlockBody::Graph { bindings, lost }
    }

    fn is_lone_semicolon(&mut self, piece: &Range<usize>) -> bool {
        if piece.len() != 1 || self.word(piece.start) != ";" {
            return false;
        }
        let span = self.tokens[piece.start].span;
        self.error(Diagnostic::error(code::SYNTAX, span, "unexpected `;`").mend("remove it", span, ""));
        true
    }

    /// Parses the tokens of `piece` by `rule`. Returns the pair with the offset of its positions.
    ///
    /// Reports nothing for a piece that contains a token known to be broken.
    fn parse(&mut self, rule: Rule, piece: Range<usize>) -> Option<(usize, Pair<'a, Rule>)> {
        if self.errors.len() >= MAX_ERRORS {
            return None;
        }
        // A head is valid even if the brace that ends it is never closed.
        let ends_with_brace = self.word(piece.end - 1) == "{";
        let suspects = piece.start..piece.end - usize::from(ends_with_brace);
        let is_cut = self.is_cut && piece.end == self.tokens.len();
        if is_cut || self.tokens[suspects].iter().any(|token| token.broken) {
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
