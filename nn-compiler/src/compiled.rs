//! The result of the stages.

use crate::ast::Ast;
use crate::costs::Costs;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Model;
use crate::passes;
use crate::plan::{Plan, Tensors, TrainingPlans};
use crate::shape::Shapes;

/// The result of compiling a text.
#[derive(Debug)]
pub struct Outcome {
    /// The tree, if the text has a network with a name.
    pub ast: Option<Ast>,
    /// The compiled network, if there was no error.
    pub compiled: Option<Compiled>,
    /// Errors and warnings, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more are not listed.
    pub hidden: usize,
}

/// A network, ready for code generation.
#[derive(Debug)]
pub struct Compiled {
    /// The text it was compiled from.
    pub text: String,
    /// The resolved graph.
    pub model: Model,
    /// The shape of every value.
    pub shapes: Shapes,
    /// Parameters and statistics.
    pub tensors: Tensors,
    /// What it costs.
    pub costs: Costs,
    /// The plan of `predict`.
    pub inference: Plan,
    /// The plans of training and evaluation, if the spec has `train`.
    pub training: Option<TrainingPlans>,
}

impl Compiled {
    /// Whether predicting this many rows is enough work to share among threads.
    pub fn rows_share_work(&self, rows: usize) -> bool {
        passes::pays_for_threads((self.costs.macs as usize).saturating_mul(rows))
    }
}

impl Outcome {
    /// The outcome for a text; without a network if there was an error.
    pub fn new(ast: Option<Ast>, compiled: Option<Compiled>, sink: Sink) -> Self {
        let compiled = compiled.filter(|_| !sink.has_errors());
        let ast = ast.filter(|ast| !ast.name.text.is_empty());
        let (diagnostics, hidden) = sink.into_sorted();
        Self { ast, compiled, diagnostics, hidden }
    }

    /// Whether there was an error.
    pub fn has_errors(&self) -> bool {
        self.compiled.is_none()
    }
}
