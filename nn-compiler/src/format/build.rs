//! The tree of a list of tokens and comments.

use super::atoms::{Atom, Comment, Gap, TextToken};
use super::run::{Run, RunKind};
use super::tree::{Body, Brackets, Chunk, Columns, Element, End, Paragraph};
use crate::syntax::scan::TokenKind;

/// Finds the statements of a file.
pub(super) fn build(atoms: Vec<Atom>) -> Body {
    Builder { atoms, at: 0, carried: Vec::new() }.body()
}

struct Builder<'a> {
    atoms: Vec<Atom<'a>>,
    at: usize,
    /// Comments that were read already, but belong above what comes next.
    carried: Vec<Comment<'a>>,
}

impl<'a> Builder<'a> {
    fn token(&self) -> Option<TextToken<'a>> {
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
                Some(token) if token.kind != TokenKind::Close => statements.push(self.statement(leading, token)),
                Some(_) | None => return Body { statements, closing: leading },
            }
        }
    }

    fn statement(&mut self, leading: Vec<Comment<'a>>, first: TextToken<'a>) -> Paragraph<'a> {
        let kind = match first.text {
            "block" => RunKind::Block,
            "assert" => RunKind::Assertion,
            "const" | "expect" => RunKind::Sum,
            _ => RunKind::Statement,
        };
        let (chunks, pending) = self.run(kind);
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
        Paragraph { leading, after_blank: first.before == Gap::Blank, chunks, end, trailing }
    }

    /// The comments after a `;` or a brace; those on the next lines are carried on.
    fn rest_of_line(&mut self, mut comments: Vec<Comment<'a>>) -> Vec<Comment<'a>> {
        comments.extend(self.comments());
        let mut is_over = false;
        let behind = comments.iter().take_while(|comment| {
            let is_behind = !is_over && comment.before == Gap::Space;
            is_over = comment.is_line();
            is_behind
        });
        self.carried = comments.split_off(behind.count());
        comments
    }

    /// The chunks up to what ends them, and the comments before the end, from the first `//` on.
    fn run(&mut self, kind: RunKind) -> (Vec<Chunk<'a>>, Vec<Comment<'a>>) {
        let mut run = Run::new(kind);
        loop {
            let comments = self.comments();
            let Some(token) = self.token().filter(|token| !kind.ends_at(token)) else {
                return run.finish(comments);
            };
            run.comments(comments);
            match (token.kind, token.text) {
                (TokenKind::Open, _) => {
                    let spaced = run.is_spaced(token);
                    let takes_last_comma = token.text == "[" || run.ends_with_word();
                    let brackets = self.brackets(token, takes_last_comma && kind != RunKind::Assertion);
                    run.brackets(spaced, brackets);
                }
                (_, "->") => self.arrow(token, &mut run),
                _ => {
                    self.at += 1;
                    run.token(token);
                }
            }
        }
    }

    /// An arrow stays beside its layer: a `//` comment between them comes before it.
    fn arrow(&mut self, arrow: TextToken<'a>, run: &mut Run<'a>) {
        self.at += 1;
        let mut before = self.comments();
        let last = before.iter().rposition(Comment::is_line).map_or(0, |last| last + 1);
        let after = before.split_off(last);
        run.comments(before);
        run.arrow(arrow, self.token().map_or("", |layer| layer.text));
        run.comments(after);
    }

    fn brackets(&mut self, open: TextToken<'a>, takes_last_comma: bool) -> Brackets<'a> {
        self.at += 1;
        let opening = self.behind();
        let mut elements: Vec<Element> = Vec::new();
        let closing = loop {
            let leading = self.comments();
            match self.token() {
                Some(token) if !RunKind::Statement.ends_at(&token) => elements.push(self.element(leading, token)),
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
            extent: Columns::default(),
        };
        brackets.extent = extent_of_brackets(&brackets);
        brackets
    }

    fn element(&mut self, leading: Vec<Comment<'a>>, first: TextToken<'a>) -> Element<'a> {
        let (mut chunks, mut trailing) = self.run(RunKind::Element);
        if self.token().is_some_and(|token| token.text == ",") {
            self.at += 1;
            trailing.extend(self.behind());
        }
        if !trailing.iter().any(Comment::is_line)
            && let Some(last) = chunks.last_mut()
        {
            last.comments(std::mem::take(&mut trailing));
        }
        let comments = leading.iter().map(Columns::of_comment);
        let extent = Columns::sum(comments.chain(chunks.iter().map(|chunk| chunk.extent)));
        Element { leading, begins_line: first.before != Gap::Space, chunks, trailing, extent }
    }

    /// The comments after a comma or an opening bracket, unless they are before a token of the line.
    fn behind(&mut self) -> Vec<Comment<'a>> {
        let from = self.at;
        let mut comments = Vec::new();
        while let Some(Atom::Comment(comment)) = self.atoms.get(self.at)
            && comment.before == Gap::Space
        {
            comments.push(*comment);
            self.at += 1;
        }
        if self.token().is_some_and(|token| token.before == Gap::Space && token.kind != TokenKind::Close) {
            self.at = from;
            comments.clear();
        }
        comments
    }
}

fn extent_of_brackets(brackets: &Brackets) -> Columns {
    let opening = Columns::sum(brackets.opening.iter().map(Columns::of_comment));
    let mut inside = opening;
    for (index, element) in brackets.elements.iter().enumerate() {
        let comma = Columns::unbroken(usize::from(index > 0));
        let comments = Columns { columns: 0, is_broken: !element.trailing.is_empty() };
        inside = inside.then(comma).then(element.extent).then(comments);
    }
    inside = inside.then(Columns::sum(brackets.closing.iter().map(Columns::of_comment)));
    if inside.is_broken {
        // The rest of their content is on the next lines.
        return Columns { is_broken: true, ..Columns::unbroken(brackets.open.len()).then(opening) };
    }
    // The first word has no space before it.
    inside.columns = inside.columns.saturating_sub(1);
    Columns::unbroken(brackets.open.len()).then(inside).then(Columns::unbroken(brackets.close.len()))
}
