//! Statement bounds: which tokens belong together, found without the grammar.
//!
//! A piece ends with its `;` or `}`, or where something begins that cannot continue it, so that a
//! missing `;` costs one statement.

use std::ops::Range;

use super::scan::{Token, TokenKind};

/// The braces around a run of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Braces {
    /// The braces of the network.
    Body,
    /// The braces of a `block`.
    Block,
    /// The braces of `train`.
    Train,
    /// The braces of `data`.
    Data,
}

/// Splits `range`, whose tokens are at `depth` or deeper, into statements, bindings, settings or rows.
pub(super) fn split(
    text: &str,
    tokens: &[Token],
    range: Range<usize>,
    depth: usize,
    place: Braces,
) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = range.start;
    for at in range.clone() {
        if tokens[at].depth != depth {
            continue;
        }
        // Out of brackets that are never closed.
        let comes_out = || tokens[at - 1].depth > depth && begins(text, tokens, at);
        if at > start && (begins_piece(text, tokens, start, at, place) || comes_out()) {
            pieces.push(start..at);
            start = at;
        }
        // `seed: {…};` is a dictionary of another language.
        let goes_on = matches!(place, Braces::Train | Braces::Data)
            && tokens.get(at + 1).is_some_and(|next| next.text(text) == ";" && next.depth == depth);
        let ends = match tokens[at].text(text) {
            ";" => true,
            "}" => !goes_on,
            _ => false,
        };
        if ends && !tokens[at].broken {
            pieces.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < range.end {
        pieces.push(start..range.end);
    }
    pieces
}

/// Whether a word is a keyword followed by something that is only valid in its statement.
pub(super) fn begins_statement(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(next) = tokens.get(at + 1) else { return false };
    match tokens[at].text(text) {
        "train" | "data" => next.text(text) == "{",
        "input" | "output" | "const" | "block" | "assert" | "expect" | "freeze" => next.kind == TokenKind::Word,
        _ => false,
    }
}

/// Whether a statement begins at `at`.
pub(super) fn begins(text: &str, tokens: &[Token], at: usize) -> bool {
    let binds = || tokens.get(at + 1).is_some_and(|next| next.text(text) == "=");
    let allows = || tokens.get(at + 1).is_some_and(|next| tokens[at].text(text) == "allow" && next.text(text) == "(");
    begins_statement(text, tokens, at) || allows() || tokens[at].kind == TokenKind::Word && binds()
}

fn begins_piece(text: &str, tokens: &[Token], start: usize, at: usize, place: Braces) -> bool {
    let word = tokens[at].text(text);
    let next = tokens.get(at + 1).map_or("", |token| token.text(text));
    let previous = &tokens[at - 1];
    // Two operands in a row: the second may begin a new piece.
    let after_operand = match previous.kind {
        TokenKind::Word => !is_statement_keyword(previous.text(text)),
        TokenKind::Number | TokenKind::Text | TokenKind::Close => true,
        TokenKind::Open | TokenKind::Sign => false,
    };
    match (tokens[at].kind, place) {
        (TokenKind::Word, Braces::Body | Braces::Block) => {
            // `output data = …` is a bad name, not a statement inside another.
            let names = at == start + 1 && is_statement_keyword(previous.text(text));
            (begins_statement(text, tokens, at) && !names)
                || after_operand && (is_statement_keyword(word) || next == "=")
        }
        (TokenKind::Word, Braces::Train | Braces::Data) => {
            let on_new_line = text[previous.span.end..tokens[at].span.start].contains('\n');
            after_operand && (matches!(next, ":" | "=") || next == "(" && on_new_line)
        }
        (TokenKind::Open, Braces::Data) => after_operand && word == "[",
        (TokenKind::Number | TokenKind::Text | TokenKind::Open | TokenKind::Close | TokenKind::Sign, _) => false,
    }
}

pub(super) fn is_statement_keyword(word: &str) -> bool {
    matches!(word, "input" | "output" | "const" | "block" | "train" | "data" | "assert" | "expect" | "freeze" | "allow")
}
