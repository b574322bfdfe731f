//! What lints find, without what the spec allows.
//!
//! `allow` as the first or the last statement is for the whole network, anywhere else for the
//! statement that follows: the language has no other sign to tell the two apart.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Model, ValueId};
use crate::span::Span;

/// Collects the findings of lints.
pub struct Report<'a> {
    model: &'a Model,
    found: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    /// An empty report.
    pub fn new(model: &'a Model) -> Self {
        Self { model, found: Vec::new() }
    }

    /// Adds a finding, unless it is silenced at its place.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.is_allowed(diagnostic.code, &[diagnostic.span]) {
            self.found.push(diagnostic);
        }
    }

    /// Adds a finding about a layer, unless it is silenced at the layer or where its block is used.
    pub fn push_at(&mut self, id: ValueId, mut diagnostic: Diagnostic) {
        let value = self.model.value(id);
        let places: Vec<Span> = value.uses.iter().copied().chain([value.span, diagnostic.span]).collect();
        if self.is_allowed(diagnostic.code, &places) {
            return;
        }
        for call in &value.uses {
            if *call != diagnostic.span && diagnostic.labels.iter().all(|(place, _)| place != call) {
                diagnostic = diagnostic.label(*call, "in this use of the block");
            }
        }
        self.found.push(diagnostic);
    }

    fn is_allowed(&self, lint: Code, places: &[Span]) -> bool {
        let covers =
            |statement: Span| places.iter().any(|place| statement.start <= place.start && place.end <= statement.end);
        let allowed = self.model.allowed.iter().filter(|allowance| allowance.lint == lint);
        allowed.into_iter().any(|allowance| allowance.within.is_none_or(covers))
    }

    /// What was found and is not allowed.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.found
    }
}
