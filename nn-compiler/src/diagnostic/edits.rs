//! Edits of a spec: what to write instead.

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
