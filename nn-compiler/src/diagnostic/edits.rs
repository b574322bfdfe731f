//! Edits of a spec: what to write instead.

use super::Diagnostic;
use crate::span::Span;

/// Edits that fix a mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What the edits do, in the imperative.
    pub message: String,
    /// What to replace with what; an empty span inserts.
    pub edits: Vec<Edit>,
    /// Whether this is certainly what was meant, so that a program may apply it unasked.
    pub is_certain: bool,
}

/// Replaces a place of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
}

impl Edit {
    /// Replaces `span` with `text` (inserts it if `span` is empty).
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// The text with every certain suggestion applied, and how many were; of two that touch, only the first is.
pub fn apply(text: &str, diagnostics: &[Diagnostic]) -> (String, usize) {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut count = 0;
    let suggestions = diagnostics.iter().flat_map(|diagnostic| &diagnostic.suggestions);
    for suggestion in suggestions.filter(|suggestion| suggestion.is_certain) {
        let touches = |edit: &Edit| taken.iter().any(|other| touch(edit.span, other.span));
        if !suggestion.edits.iter().any(touches) {
            taken.extend(&suggestion.edits);
            count += 1;
        }
    }
    taken.sort_by_key(|edit| edit.span);
    let (mut mended, mut at) = (String::with_capacity(text.len()), 0);
    for edit in taken {
        mended.push_str(&text[at..edit.span.start]);
        mended.push_str(&edit.text);
        at = edit.span.end;
    }
    mended.push_str(&text[at..]);
    (mended, count)
}

/// Whether two edits share a byte, or insert at the same place.
fn touch(a: Span, b: Span) -> bool {
    a.start.max(b.start) < a.end.min(b.end) || a.start == b.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;

    #[test]
    fn certain_edits_are_done_unless_they_touch() {
        let error = |start, end| Diagnostic::error(code::SYNTAX, Span::new(start, end), "no");
        let diagnostics = [
            error(0, 1).mend("certain", Span::new(0, 1), "A"),
            error(0, 2).mend("touches the first", Span::new(0, 2), "X"),
            error(2, 3).suggest("uncertain", Span::new(2, 3), "X"),
            error(4, 4).mend("inserts", Span::new(4, 4), "-"),
            error(4, 4).mend("inserts at the same place", Span::new(4, 4), "+"),
        ];
        assert_eq!(apply("abcdef", &diagnostics), ("Abcd-ef".to_owned(), 2));
    }
}
