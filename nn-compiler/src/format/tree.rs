//! The tree of what can be broken: statements, their chunks, and the brackets in them.
//!
//! It is coarser than the tree of the syntax, and has a place for every comment.

use super::atoms::Comment;

/// The contents of braces, or of a file.
#[derive(Debug)]
pub(super) struct Body<'a> {
    pub statements: Vec<Paragraph<'a>>,
    /// The comments after the last one, on separate lines.
    pub closing: Vec<Comment<'a>>,
}

/// Everything up to a `;`, or up to a `{` with its body.
#[derive(Debug)]
pub(super) struct Paragraph<'a> {
    /// The comments above it.
    pub leading: Vec<Comment<'a>>,
    /// Whether there is a blank line before its first token.
    pub after_blank: bool,
    pub chunks: Vec<Chunk<'a>>,
    pub end: End<'a>,
    /// The comments after it.
    pub trailing: Vec<Comment<'a>>,
}

/// How a statement ends.
#[derive(Debug)]
pub(super) enum End<'a> {
    Semicolon,
    Braces {
        /// The comments after the opening brace.
        opening: Vec<Comment<'a>>,
        body: Body<'a>,
    },
}

/// A run of words and brackets with a place to break before it.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    pub breaks: Break,
    pub pieces: Vec<Piece<'a>>,
    pub extent: Columns,
}

impl<'a> Chunk<'a> {
    /// An empty one.
    pub fn new(breaks: Break) -> Self {
        Self { breaks, pieces: Vec::new(), extent: Columns::default() }
    }

    /// Appends a piece.
    pub fn push(&mut self, piece: Piece<'a>) {
        self.extent = self.extent.then(Columns::of_piece(&piece));
        self.pieces.push(piece);
    }

    /// Appends comments.
    pub fn comments(&mut self, comments: Vec<Comment<'a>>) {
        for comment in comments {
            self.push(Piece { spaced: true, kind: PieceKind::Comment(comment) });
        }
    }
}

/// When a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// If the whole does not fit on one line.
    Always,
    /// If the chunk does not fit on the same line.
    WhereFull,
}

/// A piece of a chunk.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Whether there is a space before it, unless a line begins there.
    pub spaced: bool,
    pub kind: PieceKind<'a>,
}

/// The kinds of pieces.
#[derive(Debug)]
pub(super) enum PieceKind<'a> {
    Token(&'a str),
    Comment(Comment<'a>),
    Brackets(Brackets<'a>),
}

/// `(…)` or `[…]`.
#[derive(Debug)]
pub(super) struct Brackets<'a> {
    pub open: &'a str,
    pub close: &'a str,
    /// The comments after the opening bracket.
    pub opening: Vec<Comment<'a>>,
    pub elements: Vec<Element<'a>>,
    /// The comments above the closing bracket.
    pub closing: Vec<Comment<'a>>,
    /// Whether the language takes a comma after the last element.
    pub takes_last_comma: bool,
    pub extent: Columns,
}

impl Brackets<'_> {
    /// Whether a line of it may hold several elements.
    pub fn is_filled(&self) -> bool {
        let is_plain = |piece: &Piece| !matches!(piece.kind, PieceKind::Brackets(_));
        let mut pieces = self.elements.iter().flat_map(|element| &element.chunks).flat_map(|chunk| &chunk.pieces);
        self.open == "[" && pieces.all(is_plain)
    }
}

/// The contents between two commas.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// The comments above it, or before it.
    pub leading: Vec<Comment<'a>>,
    /// Whether the first token begins a line.
    pub begins_line: bool,
    pub chunks: Vec<Chunk<'a>>,
    /// The comments after its comma; if there are any, one of them breaks the line.
    pub trailing: Vec<Comment<'a>>,
    /// Of all but the trailing comments.
    pub extent: Columns,
}

/// How many columns something takes: the space before it counts, and nothing after a line that must be
/// broken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    pub columns: usize,
    pub is_broken: bool,
}

impl Columns {
    pub fn unbroken(columns: usize) -> Self {
        Self { columns, is_broken: false }
    }

    /// Of `self` followed by `other`.
    pub fn then(self, other: Self) -> Self {
        match self.is_broken {
            true => self,
            false => Self { columns: self.columns + other.columns, is_broken: other.is_broken },
        }
    }

    pub fn of_comment(comment: &Comment) -> Self {
        let first = comment.text.lines().next().unwrap_or_default().trim_end();
        match comment.is_line() {
            true => Self { columns: 0, is_broken: true },
            false => Self { columns: 1 + first.chars().count(), is_broken: comment.breaks_line() },
        }
    }

    fn of_piece(piece: &Piece) -> Self {
        let space = usize::from(piece.spaced);
        match &piece.kind {
            PieceKind::Token(text) => Self::unbroken(space + text.chars().count()),
            PieceKind::Comment(comment) => Self::of_comment(comment),
            PieceKind::Brackets(brackets) => Self::unbroken(space).then(brackets.extent),
        }
    }

    pub fn sum(extents: impl Iterator<Item = Self>) -> Self {
        extents.fold(Self::default(), Self::then)
    }
}
