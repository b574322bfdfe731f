//! Runs of tokens between `;`, braces and commas: the spaces in them, and where they may be broken.

use super::atoms::{Comment, TextToken};
use super::tree::{Brackets, Break, Chunk, Piece, PieceKind};
use crate::layers;
use crate::signature::LayerKind;
use crate::syntax::scan::TokenKind;

/// The context of a run of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunKind {
    /// A statement, setting or row.
    Statement,
    /// `block …`.
    Block,
    /// `assert …;`, where the parentheses of `memory(train)` take no second comma.
    Assertion,
    /// `const …;` or `expect …;`, where `=` does not begin a chain.
    Sum,
    /// Between the commas of brackets.
    Element,
}

impl RunKind {
    /// Whether a token follows all chunks.
    pub fn ends_at(self, token: &TextToken) -> bool {
        matches!((token.kind, token.text), (TokenKind::Close, _) | (_, ";" | "{"))
            || self == Self::Element && token.text == ","
    }
}

/// The chunks of a run as they grow.
pub(super) struct Run<'a> {
    kind: RunKind,
    /// Whether `->` and not operators are the places to break.
    is_chain: bool,
    chunks: Vec<Chunk<'a>>,
    /// The token before, with its text.
    previous: Option<(TokenKind, &'a str)>,
    /// Whether that was the sign of a number.
    after_sign: bool,
    /// Whether a comment is between that and what comes next.
    after_comment: bool,
    /// Whether the next token begins a chunk.
    after_comma: bool,
}

impl<'a> Run<'a> {
    pub fn new(kind: RunKind) -> Self {
        Self {
            kind,
            is_chain: false,
            chunks: vec![Chunk::new(Break::WhereFull)],
            previous: None,
            after_sign: false,
            after_comment: false,
            after_comma: false,
        }
    }

    /// Appends comments.
    pub fn comments(&mut self, comments: Vec<Comment<'a>>) {
        self.after_comment |= !comments.is_empty();
        self.last().comments(comments);
    }

    fn last(&mut self) -> &mut Chunk<'a> {
        let last = self.chunks.len() - 1;
        &mut self.chunks[last]
    }

    fn begin(&mut self, breaks: Break) {
        self.chunks.push(Chunk::new(breaks));
    }

    /// Begins a chunk with `->` followed by a layer.
    pub fn arrow(&mut self, arrow: TextToken<'a>, layer: &str) {
        let is_first = self.chunks.len() == 1 && self.kind != RunKind::Block;
        self.begin(if is_first || !goes_on(layer) { Break::Always } else { Break::WhereFull });
        self.push(true, PieceKind::Token(arrow.text));
        self.passed(arrow, false);
    }

    /// Appends a token.
    pub fn token(&mut self, token: TextToken<'a>) {
        let after_operand = self.previous.is_some_and(|(kind, _)| !matches!(kind, TokenKind::Sign | TokenKind::Open));
        let is_operator = matches!(token.text, "+" | "-" | "*" | "/");
        let spaced = self.is_spaced(token);
        if is_operator && after_operand && !self.is_chain || token.text == "=>" || self.after_comma {
            self.begin(Break::WhereFull);
        }
        self.push(spaced, PieceKind::Token(token.text));
        self.passed(token, is_operator && !after_operand);
        self.is_chain |= token.text == "=" && matches!(self.kind, RunKind::Statement | RunKind::Block);
        self.after_comma = token.text == ",";
    }

    /// Appends brackets.
    pub fn brackets(&mut self, spaced: bool, brackets: Brackets<'a>) {
        if std::mem::take(&mut self.after_comma) {
            self.begin(Break::WhereFull);
        }
        self.previous = Some((TokenKind::Close, brackets.close));
        (self.after_sign, self.after_comment) = (false, false);
        self.push(spaced, PieceKind::Brackets(brackets));
    }

    fn push(&mut self, spaced: bool, kind: PieceKind<'a>) {
        self.last().push(Piece { spaced, kind });
    }

    fn passed(&mut self, token: TextToken<'a>, is_sign: bool) {
        self.previous = Some((token.kind, token.text));
        (self.after_sign, self.after_comment) = (is_sign, false);
    }

    /// Whether the last token is a word: parentheses after it hold its arguments.
    pub fn ends_with_word(&self) -> bool {
        self.previous.is_some_and(|(kind, _)| kind == TokenKind::Word)
    }

    /// Whether there is a space before the next token.
    pub fn is_spaced(&self, token: TextToken) -> bool {
        match (self.previous, token.text) {
            (_, "," | ";" | ":") => false,
            (Some((TokenKind::Word, _)), "(") => self.after_comment,
            _ => self.after_comment || !self.after_sign,
        }
    }

    /// The chunks; the trailing comments from the first `//` on are returned separately.
    pub fn finish(mut self, mut comments: Vec<Comment<'a>>) -> (Vec<Chunk<'a>>, Vec<Comment<'a>>) {
        let first = comments.iter().position(Comment::is_line).unwrap_or(comments.len());
        let given_back = comments.split_off(first);
        self.comments(comments);
        (self.chunks, given_back)
    }
}

/// Whether a layer belongs to the one before it; a block does not.
fn goes_on(layer: &str) -> bool {
    let signature = layers::signatures().find(|signature| signature.name == layer);
    signature.is_some_and(|signature| match signature.kind {
        LayerKind::Norm | LayerKind::Activation | LayerKind::Pool | LayerKind::Shape | LayerKind::Regularizer => true,
        LayerKind::Weights | LayerKind::Scale => false,
    })
}
