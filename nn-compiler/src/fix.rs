//! `nn check --fix`: applies all certain suggestions until none is left.

use crate::compile::compile;
use crate::diagnostic::{Diagnostic, Edit};
use crate::span::Span;

/// The text with every certain suggestion applied, including those found only after other edits, and how many were.
pub fn fix(text: &str) -> (String, usize) {
    const MOST_ROUNDS: usize = 100;
    let (mut mended, mut count) = (text.to_owned(), 0);
    for _ in 0..MOST_ROUNDS {
        let (next, done) = apply(&mended, &compile(&mended).diagnostics);
        if done == 0 {
            break;
        }
        (mended, count) = (next, count + done);
    }
    (mended, count)
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
