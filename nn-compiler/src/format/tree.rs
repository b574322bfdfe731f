//! The tree of what can be broken: statements, their chunks, and the brackets in them.
//!
//! It is coarser than the tree of the syntax, and has a place for every comment.

use super::atoms::{Atom, Before, Comment, Token};
use crate::layers::activation;
use crate::syntax::scan::Kind;

/// What stands between braces, or in a file.
#[derive(Debug)]
pub(super) struct Body<'a> {
    pub statements: Vec<Statement<'a>>,
    /// The comments after the last one, on lines of their own.
    pub closing: Vec<Comment<'a>>,
}

/// Everything up to a `;`, or up to a `{` with its body.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    /// The comments above it.
    pub leading: Vec<Comment<'a>>,
    /// Whether there is a blank line before its first token.
    pub after_blank: bool,
    pub chunks: Vec<Chunk<'a>>,
    pub end: End<'a>,
    /// The comments behind it.
    pub trailing: Vec<Comment<'a>>,
}

/// How a statement ends.
#[derive(Debug)]
pub(super) enum End<'a> {
    Semicolon,
    Braces {
        /// The comments behind the opening brace.
        opening: Vec<Comment<'a>>,
        body: Body<'a>,
    },
}

/// A run of words and brackets with a place to break before it.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    pub breaks: Break,
    pub pieces: Vec<Piece<'a>>,
    pub extent: Extent,
}

/// When a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// Where the whole does not fit on one line.
    Always,
    /// Where the chunk does not fit on the line as well.
    WhereFull,
}

/// A piece of a chunk.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Whether a space stands before it, unless a line begins there.
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
    /// The comments behind the opening bracket.
    pub opening: Vec<Comment<'a>>,
    pub elements: Vec<Element<'a>>,
    /// The comments above the closing bracket.
    pub closing: Vec<Comment<'a>>,
    /// Whether the language takes a comma after the last element.
    pub takes_last_comma: bool,
    pub extent: Extent,
}

impl Brackets<'_> {
    /// Whether a line of it may hold several elements.
    pub fn is_filled(&self) -> bool {
        let is_plain = |piece: &Piece| !matches!(piece.kind, PieceKind::Brackets(_));
        let mut pieces = self.elements.iter().flat_map(|element| &element.chunks).flat_map(|chunk| &chunk.pieces);
        self.open == "[" && pieces.all(is_plain)
    }
}

/// What stands between two commas.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// The comments above it, or before it.
    pub leading: Vec<Comment<'a>>,
    /// Whether the first token begins a line.
    pub begins_line: bool,
    pub chunks: Vec<Chunk<'a>>,
    /// The comments behind its comma; where there are any, one of them breaks the line.
    pub trailing: Vec<Comment<'a>>,
    /// Of all but the trailing comments.
    pub extent: Extent,
}

/// How many columns something takes: the space before it counts, and nothing after a line that must be
/// broken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub columns: usize,
    pub is_broken: bool,
}

impl Extent {
    pub fn columns(columns: usize) -> Self {
        Self { columns, is_broken: false }
    }

    /// Of `self` with `other` behind it.
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
            PieceKind::Token(text) => Self::columns(space + text.chars().count()),
            PieceKind::Comment(comment) => Self::of_comment(comment),
            PieceKind::Brackets(brackets) => Self::columns(space).then(brackets.extent),
        }
    }

    pub fn sum(extents: impl Iterator<Item = Self>) -> Self {
        extents.fold(Self::default(), Self::then)
    }
}

/// Finds the statements of a file.
pub(super) fn build(atoms: Vec<Atom>) -> Body {
    Builder { atoms, at: 0, carried: Vec::new() }.body()
}

struct Builder<'a> {
    atoms: Vec<Atom<'a>>,
    at: usize,
    /// Comments that were passed already, but belong above what comes next.
    carried: Vec<Comment<'a>>,
}

impl<'a> Builder<'a> {
    fn token(&self) -> Option<Token<'a>> {
        match self.atoms.get(self.at) {
            Some(Atom::Token(token)) => Some(*token),
            Some(Atom::Comment(_)) | None => None,
        }
    }

    fn comments(&mut self) -> Vec<Comment<'a>> {
        let mut comments = Vec::new();
        while let Some(Atom::Comment(comment)) = self.atoms.get(self.at) {
            comments.push(*comment);
            self.at += 1;
        }
        comments
    }

    fn body(&mut self) -> Body<'a> {
        let mut statements = Vec::new();
        loop {
            let mut leading = std::mem::take(&mut self.carried);
            leading.extend(self.comments());
            match self.token() {
                Some(token) if token.kind != Kind::Close => statements.push(self.statement(leading, token)),
                Some(_) | None => return Body { statements, closing: leading },
            }
        }
    }

    fn statement(&mut self, leading: Vec<Comment<'a>>, first: Token<'a>) -> Statement<'a> {
        let place = match first.text {
            "block" => Place::Block,
            "assert" => Place::Assertion,
            "const" | "expect" => Place::Sum,
            _ => Place::Statement,
        };
        let (chunks, pending) = self.run(place);
        let ends = self.token().map_or("", |token| token.text);
        self.at += 1;
        let (end, pending) = match ends {
            "{" => {
                let opening = self.rest_of_line(pending);
                let body = self.body();
                self.at += 1;
                (End::Braces { opening, body }, Vec::new())
            }
            _ => (End::Semicolon, pending),
        };
        let trailing = self.rest_of_line(pending);
        Statement { leading, after_blank: first.before == Before::Blank, chunks, end, trailing }
    }

    /// The comments behind a `;` or a brace; those on the next lines are carried on.
    fn rest_of_line(&mut self, mut comments: Vec<Comment<'a>>) -> Vec<Comment<'a>> {
        comments.extend(self.comments());
        let mut is_over = false;
        let behind = comments.iter().take_while(|comment| {
            let is_behind = !is_over && comment.before == Before::Space;
            is_over = comment.is_line();
            is_behind
        });
        self.carried = comments.split_off(behind.count());
        comments
    }

    /// The chunks up to what ends them, and the comments before the end, if one of them is a `//`.
    fn run(&mut self, place: Place) -> (Vec<Chunk<'a>>, Vec<Comment<'a>>) {
        let mut run = Run::new(place);
        loop {
            let comments = self.comments();
            let Some(token) = self.token().filter(|token| !place.ends_at(token)) else {
                return run.finish(comments);
            };
            run.comments(comments);
            match (token.kind, token.text) {
                (Kind::Open, _) => {
                    let spaced = run.is_spaced(token);
                    let takes_last_comma =
                        token.text == "[" || run.previous.is_some_and(|(kind, _)| kind == Kind::Word);
                    let brackets = self.brackets(token, takes_last_comma && place != Place::Assertion);
                    run.brackets(spaced, brackets);
                }
                (_, "->") => {
                    self.at += 1;
                    let (mut before, mut after) = (self.comments(), Vec::new());
                    let last = before.iter().rposition(Comment::is_line).map_or(0, |last| last + 1);
                    after.extend(before.drain(last..));
                    run.comments(before);
                    run.arrow(token, self.token().map_or("", |layer| layer.text));
                    run.comments(after);
                }
                _ => {
                    self.at += 1;
                    run.token(token);
                }
            }
        }
    }

    fn brackets(&mut self, open: Token<'a>, takes_last_comma: bool) -> Brackets<'a> {
        self.at += 1;
        let opening = self.behind();
        let mut elements: Vec<Element> = Vec::new();
        let closing = loop {
            let leading = self.comments();
            match self.token() {
                Some(token) if token.kind != Kind::Close => elements.push(self.element(leading, token)),
                Some(_) | None => break leading,
            }
        };
        let close = self.token().map_or("", |token| token.text);
        self.at += 1;
        let mut brackets = Brackets {
            open: open.text,
            close,
            opening,
            elements,
            closing,
            takes_last_comma,
            extent: Extent::default(),
        };
        brackets.extent = extent_of_brackets(&brackets);
        brackets
    }

    fn element(&mut self, leading: Vec<Comment<'a>>, first: Token<'a>) -> Element<'a> {
        let (mut chunks, mut trailing) = self.run(Place::Element);
        if self.token().is_some_and(|token| token.text == ",") {
            self.at += 1;
            trailing.extend(self.behind());
        }
        if !trailing.iter().any(Comment::is_line)
            && let Some(last) = chunks.last_mut()
        {
            last.comments(std::mem::take(&mut trailing));
        }
        let comments = leading.iter().map(Extent::of_comment);
        let extent = Extent::sum(comments.chain(chunks.iter().map(|chunk| chunk.extent)));
        Element { leading, begins_line: first.before != Before::Space, chunks, trailing, extent }
    }

    /// The comments behind a comma or an opening bracket, unless they stand before a token of the line.
    fn behind(&mut self) -> Vec<Comment<'a>> {
        let from = self.at;
        let mut comments = Vec::new();
        while let Some(Atom::Comment(comment)) = self.atoms.get(self.at)
            && comment.before == Before::Space
        {
            comments.push(*comment);
            self.at += 1;
        }
        if self.token().is_some_and(|token| token.before == Before::Space && token.kind != Kind::Close) {
            self.at = from;
            comments.clear();
        }
        comments
    }
}

fn extent_of_brackets(brackets: &Brackets) -> Extent {
    let comma = Extent::columns(1);
    let mut extent = Extent::columns(brackets.open.len());
    // The first word has no space before it.
    let mut inside = Extent::sum(brackets.opening.iter().map(Extent::of_comment));
    for (index, element) in brackets.elements.iter().enumerate() {
        inside = if index > 0 { inside.then(comma) } else { inside };
        inside = inside.then(element.extent);
        inside = inside.then(Extent { columns: 0, is_broken: !element.trailing.is_empty() });
    }
    inside = inside.then(Extent::sum(brackets.closing.iter().map(Extent::of_comment)));
    inside.columns = inside.columns.saturating_sub(1);
    extent = extent.then(inside);
    extent.then(Extent::columns(brackets.close.len()))
}

/// What a run of chunks stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A statement, setting or row.
    Statement,
    /// `block …`.
    Block,
    /// `assert …;`, where the parentheses of `memory(train)` take no second comma.
    Assertion,
    /// `const …;` or `expect …;`, where `=` begins no chain.
    Sum,
    /// Between the commas of brackets.
    Element,
}

impl Place {
    fn ends_at(self, token: &Token) -> bool {
        matches!((token.kind, token.text), (Kind::Close, _) | (_, ";" | "{"))
            || self == Self::Element && token.text == ","
    }
}

/// The chunks of a run as they grow.
struct Run<'a> {
    place: Place,
    /// Whether `->` and not operators are the places to break.
    is_chain: bool,
    chunks: Vec<Chunk<'a>>,
    /// The token before, with its text.
    previous: Option<(Kind, &'a str)>,
    /// Whether that was the sign of a number.
    after_sign: bool,
    /// Whether a comment stands between that and what comes next.
    after_comment: bool,
    /// Whether the next token begins a chunk.
    after_comma: bool,
}

impl<'a> Run<'a> {
    fn new(place: Place) -> Self {
        Self {
            place,
            is_chain: false,
            chunks: vec![Chunk::new(Break::WhereFull)],
            previous: None,
            after_sign: false,
            after_comment: false,
            after_comma: false,
        }
    }

    fn comments(&mut self, comments: Vec<Comment<'a>>) {
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

    fn arrow(&mut self, arrow: Token<'a>, layer: &str) {
        let is_first = self.chunks.len() == 1 && self.place != Place::Block;
        self.begin(if is_first || !goes_on(layer) { Break::Always } else { Break::WhereFull });
        self.push(true, PieceKind::Token(arrow.text));
        self.passed(arrow, false);
    }

    fn token(&mut self, token: Token<'a>) {
        let after_operand = self.previous.is_some_and(|(kind, _)| !matches!(kind, Kind::Sign | Kind::Open));
        let is_operator = matches!(token.text, "+" | "-" | "*" | "/");
        let spaced = self.is_spaced(token);
        if is_operator && after_operand && !self.is_chain || token.text == "=>" || self.after_comma {
            self.begin(Break::WhereFull);
        }
        self.push(spaced, PieceKind::Token(token.text));
        self.passed(token, is_operator && !after_operand);
        self.is_chain |= token.text == "=" && matches!(self.place, Place::Statement | Place::Block);
        self.after_comma = token.text == ",";
    }

    fn brackets(&mut self, spaced: bool, brackets: Brackets<'a>) {
        if std::mem::take(&mut self.after_comma) {
            self.begin(Break::WhereFull);
        }
        self.previous = Some((Kind::Close, brackets.close));
        self.push(spaced, PieceKind::Brackets(brackets));
        (self.after_sign, self.after_comment) = (false, false);
    }

    fn push(&mut self, spaced: bool, kind: PieceKind<'a>) {
        self.last().push(Piece { spaced, kind });
    }

    fn passed(&mut self, token: Token<'a>, is_sign: bool) {
        self.previous = Some((token.kind, token.text));
        (self.after_sign, self.after_comment) = (is_sign, false);
    }

    fn is_spaced(&self, token: Token) -> bool {
        match (self.previous, token.text) {
            (_, "," | ";" | ":") => false,
            (Some((Kind::Word, _)), "(") => self.after_comment,
            _ => self.after_comment || !self.after_sign,
        }
    }

    fn finish(mut self, comments: Vec<Comment<'a>>) -> (Vec<Chunk<'a>>, Vec<Comment<'a>>) {
        if comments.iter().any(Comment::is_line) {
            return (self.chunks, comments);
        }
        self.comments(comments);
        (self.chunks, Vec::new())
    }
}

impl<'a> Chunk<'a> {
    fn new(breaks: Break) -> Self {
        Self { breaks, pieces: Vec::new(), extent: Extent::default() }
    }

    fn push(&mut self, piece: Piece<'a>) {
        self.extent = self.extent.then(Extent::of_piece(&piece));
        self.pieces.push(piece);
    }

    fn comments(&mut self, comments: Vec<Comment<'a>>) {
        for comment in comments {
            self.push(Piece { spaced: true, kind: PieceKind::Comment(comment) });
        }
    }
}

/// Whether a layer belongs to the one before it. Blocks have names of their own, and do not.
fn goes_on(layer: &str) -> bool {
    const GO_ON: &[&str] = &[
        "avg_pool1d",
        "avg_pool2d",
        "batch_norm",
        "dropout",
        "flatten",
        "global_avg_pool",
        "global_max_pool",
        "layer_norm",
        "log_softmax",
        "max_pool1d",
        "max_pool2d",
        "prelu",
        "reshape",
        "softmax",
    ];
    GO_ON.contains(&layer) || activation::SIGNATURES.iter().any(|signature| signature.name == layer)
}
