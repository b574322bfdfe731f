//! The text: which places are broken, and the whitespace between words.

use super::atoms::{Comment, Gap};
use super::tree::{Body, Brackets, Break, Chunk, Columns, Element, End, Paragraph, Piece, PieceKind};

/// The width of a line, in columns.
pub const WIDTH: usize = 100;
/// The indentation inside brackets, in columns.
pub const INDENT: usize = 4;

/// Writes a file.
pub(super) fn print(file: &Body) -> String {
    let mut printer = Printer::default();
    printer.body(file, 0);
    printer.text.push('\n');
    printer.text
}

#[derive(Default)]
struct Printer {
    text: String,
    /// How many columns the last line has.
    column: usize,
    /// By how many columns the last line is indented.
    indent: usize,
    /// Whether no space is needed: at the beginning of a line, and after an opening bracket.
    is_fresh: bool,
    /// Whether a `//` comment takes the rest of the line.
    is_over: bool,
}

impl Printer {
    fn body(&mut self, body: &Body, indent: usize) {
        let mut is_first = true;
        for statement in &body.statements {
            for comment in &statement.leading {
                self.comment_line(comment, indent, is_first);
                is_first = false;
            }
            self.line(indent, statement.after_blank && !is_first);
            self.statement(statement, indent);
            is_first = false;
        }
        for comment in &body.closing {
            self.comment_line(comment, indent, is_first);
            is_first = false;
        }
    }

    fn comment_line(&mut self, comment: &Comment, indent: usize, is_first: bool) {
        self.line(indent, comment.before == Gap::Blank && !is_first);
        self.comment(comment);
    }

    /// Begins a line, but not the first of the file.
    fn line(&mut self, indent: usize, after_blank: bool) {
        if after_blank {
            self.text.push('\n');
        }
        if self.text.is_empty() {
            self.is_fresh = true;
        } else {
            self.break_line(indent);
        }
    }

    fn statement(&mut self, statement: &Paragraph, indent: usize) {
        let end = match &statement.end {
            End::Semicolon => 1,
            End::Braces { opening, body } if is_empty(opening, body) => 3,
            End::Braces { .. } => 2,
        };
        self.chunks(&statement.chunks, indent + INDENT, end);
        match &statement.end {
            End::Semicolon => self.push(";"),
            End::Braces { opening, body } if is_empty(opening, body) => self.push(" {}"),
            End::Braces { opening, body } => {
                self.push(" {");
                self.comments(opening, indent + INDENT);
                self.body(body, indent + INDENT);
                self.break_line(indent);
                self.push("}");
            }
        }
        self.comments(&statement.trailing, indent);
    }

    /// Writes chunks, with `end` columns after them; continued lines are indented by `indent`.
    fn chunks(&mut self, chunks: &[Chunk], indent: usize, end: usize) {
        let whole = Columns::sum(chunks.iter().map(|chunk| chunk.extent)).then(Columns::unbroken(end));
        let is_flat = !whole.is_broken && self.has_room(whole);
        for (index, chunk) in chunks.iter().enumerate() {
            let end = if index + 1 == chunks.len() { end } else { 0 };
            let breaks = match chunk.breaks {
                Break::Always => !is_flat,
                Break::WhereFull => !self.has_room(chunk.extent.then(Columns::unbroken(end))),
            };
            if breaks && index > 0 {
                self.break_line(indent);
            }
            self.pieces(&chunk.pieces, indent, end);
        }
    }

    fn pieces(&mut self, pieces: &[Piece], indent: usize, end: usize) {
        for (index, piece) in pieces.iter().enumerate() {
            match &piece.kind {
                PieceKind::Token(text) => {
                    self.prepare(piece.spaced, indent);
                    self.push(text);
                }
                PieceKind::Comment(comment) => self.inner_comment(comment, indent),
                PieceKind::Brackets(brackets) => {
                    self.prepare(piece.spaced, indent);
                    let behind = columns_behind(&pieces[index + 1..], end);
                    let whole = brackets.extent.then(Columns::unbroken(behind));
                    if !brackets.extent.is_broken && self.has_room(whole) {
                        self.flat(brackets, indent);
                    } else {
                        self.broken(brackets);
                    }
                }
            }
        }
    }

    /// Brackets on one line.
    fn flat(&mut self, brackets: &Brackets, indent: usize) {
        self.push(brackets.open);
        self.is_fresh = true;
        self.comments(&brackets.opening, indent);
        for (index, element) in brackets.elements.iter().enumerate() {
            if index > 0 {
                self.push(",");
            }
            self.comments(&element.leading, indent);
            self.chunks(&element.chunks, indent, 0);
        }
        self.comments(&brackets.closing, indent);
        self.push(brackets.close);
    }

    /// Brackets with their contents on separate lines.
    fn broken(&mut self, brackets: &Brackets) {
        let outside = self.indent;
        let indent = outside + INDENT;
        self.push(brackets.open);
        self.comments(&brackets.opening, indent);
        let is_filled = brackets.is_filled();
        for (index, element) in brackets.elements.iter().enumerate() {
            let is_last = index + 1 == brackets.elements.len();
            if index == 0 || !is_filled || !self.has_room(element.extent.then(Columns::unbroken(1))) {
                self.break_line(indent);
            }
            let comma = if is_last && !brackets.takes_last_comma { "" } else { "," };
            self.element(element, indent, comma);
        }
        for comment in &brackets.closing {
            self.own_line(comment.before, indent);
            self.inner_comment(comment, indent);
        }
        self.break_line(outside);
        self.push(brackets.close);
    }

    fn element(&mut self, element: &Element, indent: usize, comma: &str) {
        for comment in &element.leading {
            self.own_line(comment.before, indent);
            self.inner_comment(comment, indent);
        }
        if element.begins_line && !element.leading.is_empty() {
            self.own_line(Gap::Break, indent);
        }
        self.chunks(&element.chunks, indent + INDENT, comma.len());
        self.push(comma);
        self.comments(&element.trailing, indent);
    }

    fn own_line(&mut self, before: Gap, indent: usize) {
        if before != Gap::Space && !self.is_fresh {
            self.break_line(indent);
        }
    }

    fn comments(&mut self, comments: &[Comment], indent: usize) {
        for comment in comments {
            self.inner_comment(comment, indent);
        }
    }

    /// A comment in or after a statement.
    fn inner_comment(&mut self, comment: &Comment, indent: usize) {
        if comment.is_line() {
            self.own_line(comment.before, indent);
        }
        self.prepare(true, indent);
        self.comment(comment);
    }

    fn comment(&mut self, comment: &Comment) {
        for (index, line) in comment.text.split('\n').enumerate() {
            if index > 0 {
                self.text.push('\n');
                self.column = 0;
            }
            self.push(line.trim_end());
        }
        self.is_over = comment.is_line();
    }

    fn has_room(&self, extent: Columns) -> bool {
        !self.is_over && self.column + extent.columns <= WIDTH + usize::from(self.is_fresh)
    }

    /// Continues on this line, after a space, if possible.
    fn prepare(&mut self, spaced: bool, indent: usize) {
        if self.is_over {
            self.break_line(indent);
        } else if spaced && !self.is_fresh {
            self.push(" ");
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
        self.is_fresh = false;
    }

    fn break_line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        (self.column, self.indent) = (indent, indent);
        (self.is_fresh, self.is_over) = (true, false);
    }
}

fn is_empty(opening: &[Comment], body: &Body) -> bool {
    opening.is_empty() && body.statements.is_empty() && body.closing.is_empty()
}

/// The columns of what must follow brackets on the same line.
fn columns_behind(pieces: &[Piece], end: usize) -> usize {
    let mut columns = 0;
    for piece in pieces {
        let space = usize::from(piece.spaced);
        match &piece.kind {
            PieceKind::Token(text) => columns += space + text.chars().count(),
            PieceKind::Comment(comment) if comment.breaks_line() => {
                return columns + Columns::of_comment(comment).columns;
            }
            PieceKind::Comment(comment) => columns += Columns::of_comment(comment).columns,
            PieceKind::Brackets(brackets) => return columns + space + brackets.open.len(),
        }
    }
    columns + end
}
