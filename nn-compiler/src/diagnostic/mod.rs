//! What the compiler reports about a spec: errors, warnings, and the edits that fix them.
//!
//! A diagnostic is built where a mistake is found and rendered in one place ([`render`]).
//!
//! At most 100 findings of a spec are listed, with the number of the others: more are rarely read,
//! and a file full of mistakes stays fast. A spec has at most 256 KiB: the largest of this project
//! has one, and data belongs in files.

pub mod code;
mod edits;
mod level;
mod nearest;
pub mod render;

pub use code::Code;
pub use edits::{Edit, Suggestion};
pub use level::Level;
pub use nearest::{Near, nearest};

use std::collections::HashSet;

use crate::span::Span;

/// One finding about a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its entry in the registry.
    pub code: Code,
    /// How serious it is.
    pub level: Level,
    /// One sentence without a full stop.
    pub message: String,
    /// The place of the mistake.
    pub span: Span,
    /// The text under the caret.
    pub caption: Option<String>,
    /// Other places that matter, each with its text.
    pub labels: Vec<(Span, String)>,
    /// Sentences below the snippet.
    pub notes: Vec<String>,
    /// What to write instead.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// An error with nothing but its code, place and message.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Level::Error, code, span, message)
    }

    /// A warning with nothing but its code, place and message.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, span, message)
    }

    fn new(level: Level, code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            level,
            message: message.into(),
            span,
            caption: None,
            labels: Vec::new(),
            notes: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// Adds text under the caret.
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }

    /// Marks another place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let label = (span, text.into());
        if !self.labels.contains(&label) {
            self.labels.push(label);
        }
        self
    }

    /// Adds a sentence below the snippet.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Proposes to replace `span` with `text` (to insert it if `span` is empty): one option of several.
    pub fn suggest(self, message: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.propose(message, vec![Edit::new(span, text)], false)
    }

    /// Replaces `span` with `text` (inserts it if `span` is empty): certainly what was meant.
    pub fn mend(self, message: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.propose(message, vec![Edit::new(span, text)], true)
    }

    /// Proposes a name that is near to the one at `span`, if there is one.
    pub fn mean(self, message: impl Into<String>, span: Span, near: Option<Near>) -> Self {
        match near {
            Some(near) => self.propose(message, vec![Edit::new(span, near.name)], near.is_certain),
            None => self,
        }
    }

    /// Proposes edits.
    pub fn propose(mut self, message: impl Into<String>, edits: Vec<Edit>, is_certain: bool) -> Self {
        self.suggestions.push(Suggestion { message: message.into(), edits, is_certain });
        self
    }
}

/// `1 row`, `2 rows`, `3 batches`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match count {
        1 => "",
        _ if noun.ends_with("tch") || noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {noun}{plural}")
}

/// At most this many findings of a spec are listed.
pub const MOST_SHOWN: usize = 100;

/// Collects diagnostics, so that all mistakes of a file are reported at once.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    seen: HashSet<(Code, Span, String)>,
}

impl Sink {
    /// Adds one unless it is there already (a block that is used twice is checked twice).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.seen.insert((diagnostic.code, diagnostic.span, diagnostic.message.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether no more can be shown, so that their suggestions need not be computed.
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() >= MOST_SHOWN
    }

    /// How many have been added.
    pub fn count(&self) -> usize {
        self.diagnostics.len()
    }

    /// Marks another place in all but the first `count` if they concern arguments, which may come from there.
    pub fn label_arguments_since(&mut self, count: usize, span: Span, text: &str) {
        let since = self.diagnostics[count..].iter_mut();
        for diagnostic in since.filter(|diagnostic| diagnostic.code.number() / 100 == 2) {
            diagnostic.labels.push((span, text.to_owned()));
        }
    }

    /// In all but the first `count`, makes the edits that insert something at a place uncertain.
    pub fn doubt_insertions_since(&mut self, count: usize, place: Span) {
        let suggestions = self.diagnostics[count..].iter_mut().flat_map(|diagnostic| &mut diagnostic.suggestions);
        for suggestion in suggestions {
            suggestion.is_certain &= suggestion.edits.iter().all(|edit| edit.span != place);
        }
    }

    /// Whether an error has been added.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error)
    }

    /// The first [`MOST_SHOWN`] in the order of their places in the text, and how many more there are.
    pub fn into_sorted(mut self) -> (Vec<Diagnostic>, usize) {
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code.number()));
        let hidden = self.diagnostics.len().saturating_sub(MOST_SHOWN);
        self.diagnostics.truncate(MOST_SHOWN);
        (self.diagnostics, hidden)
    }
}
