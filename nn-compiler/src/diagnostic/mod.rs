//! What the compiler has to say about a spec: errors, warnings, and the edits that mend them.
//!
//! A diagnostic is built where a mistake is found and rendered in one place ([`render`]).

pub mod code;
pub mod render;

pub use code::Code;

use crate::span::Span;

/// How serious a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The spec does not compile.
    Error,
    /// The spec compiles, but probably does not do what its author wants.
    Warning,
}

/// One finding about a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its entry in the registry.
    pub code: Code,
    /// How serious it is.
    pub level: Level,
    /// One sentence without a full stop.
    pub message: String,
    /// The token at fault.
    pub span: Span,
    /// What to say under the caret.
    pub caption: Option<String>,
    /// Other places that matter, each with what to say there.
    pub labels: Vec<(Span, String)>,
    /// Sentences below the snippet.
    pub notes: Vec<String>,
    /// What to write instead.
    pub suggestions: Vec<Suggestion>,
}

/// Edits that mend a mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What the edits do, in the imperative.
    pub message: String,
    /// What to replace by what; an empty span inserts.
    pub edits: Vec<Edit>,
}

/// Replaces a place of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What to replace.
    pub span: Span,
    /// By what.
    pub text: String,
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

    /// Says something under the caret.
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = Some(text.into());
        self
    }

    /// Marks another place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// Adds a sentence below the snippet.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Proposes to replace `span` (to insert, where it is empty) by `text`.
    pub fn suggest(mut self, message: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        let edits = vec![Edit { span, text: text.into() }];
        self.suggestions.push(Suggestion { message: message.into(), edits });
        self
    }
}

/// Collects diagnostics, so that all mistakes of a file are reported at once.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// Adds one, unless it is there already (a block that is used twice is checked twice).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let same = |other: &Diagnostic| {
            (other.code, other.span) == (diagnostic.code, diagnostic.span) && other.message == diagnostic.message
        };
        if !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// How many have been added.
    pub fn count(&self) -> usize {
        self.diagnostics.len()
    }

    /// Marks another place in all but the first `count`, where they speak of arguments: these may come from there.
    pub fn label_arguments_since(&mut self, count: usize, span: Span, text: &str) {
        let since = self.diagnostics[count..].iter_mut();
        for diagnostic in since.filter(|diagnostic| diagnostic.code.number() / 100 == 2) {
            diagnostic.labels.push((span, text.to_owned()));
        }
    }

    /// Whether an error has been added.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error)
    }

    /// All of them, in the order of their places in the text.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code.number()));
        self.diagnostics
    }
}

/// The name among `known` that is nearest to `word`, if one is near enough to be what was meant.
///
/// Optimal string alignment distance; at most a third of the word may differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().count().max(3) / 3;
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_rejects_strangers() {
        let known = ["dense", "dropout", "relu", "sigmoid"];
        assert_eq!(nearest("desne", known), Some("dense"));
        assert_eq!(nearest("relux", known), Some("relu"));
        assert_eq!(nearest("sigmod", known), Some("sigmoid"));
        assert_eq!(nearest("transformer", known), None);
    }
}
