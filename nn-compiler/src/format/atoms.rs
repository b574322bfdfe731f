//! Tokens and comments in one list, each with the line breaks before it.

use crate::span::Span;
use crate::syntax::scan::{self, TokenKind};

/// A token or a comment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Atom<'a> {
    Token(TextToken<'a>),
    Comment(Comment<'a>),
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextToken<'a> {
    pub kind: TokenKind,
    pub text: &'a str,
    pub before: Gap,
}

/// A comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment<'a> {
    /// With its slashes; a `//` comment without its trailing whitespace.
    pub text: &'a str,
    pub before: Gap,
}

impl Comment<'_> {
    /// Whether it extends to the end of its line.
    pub fn is_line(&self) -> bool {
        self.text.starts_with("//")
    }

    /// Whether a line ends in it or with it.
    pub fn breaks_line(&self) -> bool {
        self.is_line() || self.text.contains('\n')
    }
}

/// The gap between a token or comment and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// No line break.
    Space,
    /// The end of a line.
    Break,
    /// The end of a line, and at least one blank line.
    Blank,
}

/// Splits a text without syntax errors.
pub(super) fn atoms(text: &str) -> Vec<Atom<'_>> {
    let scan = scan::scan(text);
    let mut atoms = Vec::with_capacity(scan.tokens.len() + scan.comments.len());
    let mut comments = scan.comments.into_iter().peekable();
    let mut end = None;
    for token in scan.tokens {
        while let Some(comment) = comments.next_if(|comment| comment.start < token.span.start) {
            atoms.push(comment_at(text, &mut end, comment));
        }
        let before = before(text, &mut end, token.span);
        atoms.push(Atom::Token(TextToken { kind: token.kind, text: token.text(text), before }));
    }
    atoms.extend(comments.map(|comment| comment_at(text, &mut end, comment)));
    atoms
}

fn comment_at<'a>(text: &'a str, end: &mut Option<usize>, span: Span) -> Atom<'a> {
    let before = before(text, end, span);
    Atom::Comment(Comment { text: text[span.range()].trim_end(), before })
}

/// The gap before `span`, if the token before it stopped at `end`, which is advanced.
fn before(text: &str, end: &mut Option<usize>, span: Span) -> Gap {
    // The first line of a file begins like any other.
    let Some(end) = end.replace(span.end) else { return Gap::Break };
    match text[end..span.start].matches('\n').count() {
        0 => Gap::Space,
        1 => Gap::Break,
        _ => Gap::Blank,
    }
}
