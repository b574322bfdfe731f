//! Diagnostics as text, in the style of rustc.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level as Severity, Origin, Patch, Renderer, Snippet};

use super::{Diagnostic, Level, Suggestion};
use crate::span::Span;

/// Lines longer than this, in bytes, are not shown; their place is.
const MOST_BYTES: usize = 1 << 14;

/// Renders one diagnostic with the lines of `text` that it concerns, in colours for a terminal or plain.
///
/// `file` is the text after `-->`. The text ends with a line break.
pub fn render(diagnostic: &Diagnostic, file: &str, text: &str, color: bool) -> String {
    let mut groups = vec![finding(diagnostic, file, text)];
    groups.extend(diagnostic.suggestions.iter().map(|suggestion| help(suggestion, text)));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&groups) + "\n"
}

/// Renders all of them, with an empty line after each.
pub fn render_all(diagnostics: &[Diagnostic], file: &str, text: &str, color: bool) -> String {
    diagnostics.iter().map(|diagnostic| render(diagnostic, file, text, color) + "\n").collect()
}

/// Renders one diagnostic without the lines of `text`, for callers that show its place by other means.
pub fn in_words(diagnostic: &Diagnostic, text: &str) -> String {
    let mut message = format!("[{}] {}", diagnostic.code, diagnostic.message);
    if let Some(caption) = &diagnostic.caption {
        message += &format!(": {caption}");
    }
    for (place, label) in &diagnostic.labels {
        let part = text.get(place.range()).unwrap_or_default();
        message += &format!("\nnote: at `{}`: {label}", one_line(part));
    }
    for note in &diagnostic.notes {
        message += &format!("\nnote: {note}");
    }
    for suggestion in &diagnostic.suggestions {
        message += &format!("\nhelp: {}", suggestion.message);
        if let Some(mended) = mended(suggestion, text) {
            message += &format!("\n    {mended}");
        }
    }
    message
}

/// The line and column of a byte of `text`, in characters, both counted from 1.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor(text, offset)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line + 1, before[start..].chars().count() + 1)
}

/// The lines that a suggestion changes, as they should be.
fn mended(suggestion: &Suggestion, text: &str) -> Option<String> {
    let place = suggestion.edits.iter().map(|edit| edit.span).reduce(Span::to)?;
    let start = text.get(..place.start)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(place.end..)?.find('\n').map_or(text.len(), |at| place.end + at);
    if end - start > MOST_BYTES {
        return None;
    }
    let mut lines = text[start..end].to_string();
    let mut edits: Vec<_> = suggestion.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    for edit in edits {
        lines.replace_range(edit.span.start - start..edit.span.end - start, &edit.text);
    }
    Some(one_line(&lines))
}

/// Without line breaks and indentation.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn finding<'a>(diagnostic: &'a Diagnostic, file: &'a str, text: &'a str) -> Group<'a> {
    let severity = match diagnostic.level {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
    };
    let labels = || diagnostic.labels.iter().map(|(span, label)| (*span, label.as_str()));
    let window = Excerpt::around(text, labels().map(|(span, _)| span).chain([diagnostic.span]));
    let caret = AnnotationKind::Primary.span(window.range(diagnostic.span));
    let caret = match &diagnostic.caption {
        Some(caption) => caret.label(caption.as_str()),
        None => caret,
    };
    let context = labels().map(|(span, label)| AnnotationKind::Context.span(window.range(span)).label(label));
    let notes = diagnostic.notes.iter().map(|note| Severity::NOTE.message(note.as_str()));
    let title = severity.primary_title(diagnostic.message.as_str()).id(diagnostic.code.to_string());
    if window.is_too_long() {
        let (line, column) = line_column(text, diagnostic.span.start);
        return title.element(Origin::path(file).line(line).char_column(column)).elements(notes);
    }
    let snippet = window.snippet().path(file).annotation(caret).annotations(context);
    title.element(snippet).elements(notes)
}

fn help<'a>(suggestion: &'a Suggestion, text: &'a str) -> Group<'a> {
    let title = Severity::HELP.secondary_title(suggestion.message.as_str());
    if suggestion.edits.is_empty() {
        return Group::with_title(title);
    }
    let window = Excerpt::around(text, suggestion.edits.iter().map(|edit| edit.span));
    if window.is_too_long() {
        return Group::with_title(title);
    }
    let patches = suggestion.edits.iter().map(|edit| Patch::new(window.range(edit.span), edit.text.as_str()));
    title.element(window.snippet().patches(patches))
}

/// The lines of the text that contain some spans: the renderer reads only these, however long the text is.
struct Excerpt<'a> {
    lines: &'a str,
    start: usize,
    first_line: usize,
}

impl<'a> Excerpt<'a> {
    fn around(text: &'a str, spans: impl Iterator<Item = Span>) -> Self {
        let place = spans.reduce(Span::to).unwrap_or_default();
        let (first, last) = (floor(text, place.start), floor(text, place.end));
        let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        let end = text[last..].find('\n').map_or(text.len(), |at| last + at + 1);
        Self { lines: &text[start..end], start, first_line: line_column(text, first).0 }
    }

    /// Whether the lines are more than anyone would read, and slow to render.
    fn is_too_long(&self) -> bool {
        self.lines.len() > MOST_BYTES
    }

    fn range(&self, span: Span) -> Range<usize> {
        let place = |offset: usize| floor(self.lines, offset.saturating_sub(self.start));
        place(span.start)..place(span.end)
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(self.lines).line_start(self.first_line)
    }
}

/// The last place at or before `offset` that is in the text and between two characters.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;

    fn find(text: &str, part: &str) -> Span {
        let start = text.find(part).expect("the part is in the text");
        Span::new(start, start + part.len())
    }

    const LENET: &str = "\
network LeNet {
    input image: [1, 28, 28];
    output digit = image
        -> conv2d(6, kernel: 5) -> relu
        -> conv2d(16, kernel: 5) -> relu -> max_pool2d(2)
        -> dense(120) -> relu;
}
";

    #[test]
    fn a_diagnostic_looks_as_in_rustc() {
        let call = find(LENET, "dense");
        let error = Diagnostic::error(
            code::DENSE_NEEDS_FLAT_INPUT,
            call,
            "`dense` needs a flat input, but its input is an image [16, 5, 5]",
        )
        .caption("a dense layer takes [n]")
        .label(find(LENET, "max_pool2d(2)"), "this gives [16, 5, 5]")
        .note("a note")
        .suggest("flatten the image to [400] first", call.before(), "flatten -> ");
        let expected = "\
error[NN0301]: `dense` needs a flat input, but its input is an image [16, 5, 5]
 --> specs/lenet.nn:6:12
  |
5 |         -> conv2d(16, kernel: 5) -> relu -> max_pool2d(2)
  |                                             ------------- this gives [16, 5, 5]
6 |         -> dense(120) -> relu;
  |            ^^^^^ a dense layer takes [n]
  |
  = note: a note
help: flatten the image to [400] first
  |
6 |         -> flatten -> dense(120) -> relu;
  |            ++++++++++
";
        assert_eq!(render(&error, "specs/lenet.nn", LENET, false), expected);
        assert_eq!(
            render_all(&[error.clone(), error], "specs/lenet.nn", LENET, false),
            format!("{expected}\n").repeat(2)
        );
    }

    #[test]
    fn a_diagnostic_can_do_without_the_text() {
        let call = find(LENET, "dense");
        let error = Diagnostic::error(code::DENSE_NEEDS_FLAT_INPUT, call, "not flat")
            .caption("takes [n]")
            .label(find(LENET, "max_pool2d(2)"), "an image")
            .note("a note")
            .suggest("flatten first", call.before(), "flatten -> ");
        let expected = "[NN0301] not flat: takes [n]\nnote: at `max_pool2d(2)`: an image\nnote: a note\n\
                        help: flatten first\n    -> flatten -> dense(120) -> relu;";
        assert_eq!(in_words(&error, LENET), expected);
    }

    #[test]
    fn colours_are_only_for_terminals() {
        let warning = Diagnostic::warning(code::SYNTAX, Span::new(0, 7), "a warning");
        assert!(render(&warning, "a.nn", LENET, true).contains('\u{1B}'));
        assert!(render(&warning, "a.nn", LENET, false).starts_with("warning[NN0001]: a warning\n"));
    }

    #[test]
    fn line_ends_tabs_and_wide_letters_do_not_shift_the_caret() {
        let text = "network A {\r\n\toutput y = \"ünïcode\" $;\r\n}\r\n";
        let rendered = render(&Diagnostic::error(code::SYNTAX, find(text, "$"), "no"), "a.nn", text, false);
        let expected = "\
error[NN0001]: no
 --> a.nn:2:23
  |
2 |     output y = \"ünïcode\" $;
  |                          ^
";
        assert_eq!(rendered, expected);
    }

    #[test]
    fn the_end_of_the_text_can_be_pointed_at() {
        for (text, place) in [("", "1:1"), ("network A {", "1:12"), ("network A {\n", "2:1"), ("// é", "1:5")] {
            let end = Span::new(text.len(), text.len());
            let error = Diagnostic::error(code::EMPTY, end, "nothing").suggest("add", end, "x");
            let rendered = render(&error, "a.nn", text, false);
            assert!(rendered.contains(&format!("a.nn:{place}\n")) && rendered.contains('^'), "{rendered}");
        }
    }

    #[test]
    fn places_outside_of_the_text_are_moved_into_it() {
        let error = Diagnostic::error(code::NOT_TEXT, Span::new(3, 90), "no").label(Span::new(80, 99), "there");
        assert!(render(&error, "a.nn", "éé", false).contains("a.nn:1:2\n"));
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = "ab\nécd\n";
        for (offset, place) in [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (5, (2, 2)), (8, (3, 1)), (99, (3, 1))] {
            assert_eq!(line_column(text, offset), place);
        }
    }
}
