//! The result of the stages.

use crate::ast::Ast;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Model;
use crate::passes;
use crate::plan::{Plan, Tensors};
use crate::shape::Shapes;
use crate::summary::Costs;

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

/// The plans of a network that can be trained.
#[derive(Debug)]
pub struct TrainingPlans {
    /// Loss, metrics and gradients of one chunk of a batch.
    pub training: Plan,
    /// The same with the optimizer's step instead of gradients, if each gradient is needed only once.
    pub step: Option<Plan>,
    /// Loss and metrics of one chunk of rows.
    pub evaluation: Plan,
    /// For each `normalize` layer in order, the plan that computes its mean and deviation.
    pub normalization: Vec<Plan>,
}

impl Compiled {
    /// Whether predicting this many rows is enough work to share among threads.
    pub fn rows_share_work(&self, rows: usize) -> bool {
        passes::pays_for_threads((self.costs.macs as usize).saturating_mul(rows))
    }
}

impl TrainingPlans {
    /// Whether there are steps that threads share.
    pub fn share_work(&self) -> bool {
        [&self.training, &self.evaluation].into_iter().chain(&self.step).any(Plan::shares_work)
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
