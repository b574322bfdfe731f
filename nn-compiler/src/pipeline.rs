//! The compiler pipeline, one line per stage.

use crate::ast::Ast;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Batch, Model};
use crate::plan::{Mode, Plan, Tensors};
use crate::shape::Shapes;
use crate::summary::Costs;
use crate::{budgets, consistency, layout, lints, lower, passes, resolve, shape, summary, syntax};

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

/// Compiles a spec and reports every mistake that it can find.
pub fn compile(text: &str) -> Outcome {
    let mut sink = Sink::default();
    let ast = syntax::parse(text, &mut sink);
    let compiled = ast.as_ref().and_then(|ast| check(text, ast, &mut sink));
    let compiled = compiled.filter(|_| !sink.has_errors());
    let ast = ast.filter(|ast| !ast.name.text.is_empty());
    let (diagnostics, hidden) = sink.into_sorted();
    Outcome { ast, compiled, diagnostics, hidden }
}

fn check(text: &str, ast: &Ast, sink: &mut Sink) -> Option<Compiled> {
    let resolved = resolve::resolve(ast, sink);
    let (model, shapes, known) = shape::infer(resolved, sink);
    let tensors = layout::lay_out(&model, &shapes);
    consistency::check(&model, &shapes, &tensors, &known, sink);
    if sink.has_errors() {
        if known.graph {
            let inference = passes::run(lower::lower(&model, &shapes, &tensors, Mode::Inference));
            let costs = summary::costs(&model, &shapes, &tensors, &inference, None);
            budgets::check(&model, &shapes, &costs, &known, sink);
        }
        return None;
    }
    let lowered = |mode| lower::lower(&model, &shapes, &tensors, mode);
    let plan = |mode| passes::run(lowered(mode));
    let inference = plan(Mode::Inference);
    let chunk = summary::chunk(&model);
    let chosen = |plan, batch: Batch| passes::choose_threads(passes::choose_dispatch(plan, batch.rows()), chunk);
    let training = model.train.as_ref().map(|train| TrainingPlans {
        training: chosen(passes::run_training(lowered(Mode::Training)), train.batch),
        step: summary::fuses_update(&model)
            .then(|| chosen(passes::run_with_update(lowered(Mode::Training), &tensors), train.batch)),
        evaluation: passes::choose_threads(plan(Mode::Evaluation), chunk),
        normalization: lower::normalizations(&model, &shapes, &tensors).into_iter().map(passes::run).collect(),
    });
    let costs = summary::costs(&model, &shapes, &tensors, &inference, training.as_ref());
    budgets::check(&model, &shapes, &costs, &known, sink);
    if !sink.has_errors() {
        lints::check(text, &model, &shapes, sink);
    }
    Some(Compiled { text: text.to_owned(), model, shapes, tensors, costs, inference, training })
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
    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.compiled.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ops::work;

    /// A network of `count` layers of each kind, one after the other.
    fn deep(count: usize) -> String {
        let links = " -> dense(4) -> batch_norm -> relu -> dense(4, bias: false) -> tanh -> dropout(0.1)".repeat(count);
        text(&format!("output y = x{links} -> dense(2) -> softmax;"))
    }

    /// A network of `count` branches, each a statement.
    fn wide(count: usize) -> String {
        let branches: String = (0..count).map(|at| format!("b{at} = x -> dense(4) -> sigmoid;\n")).collect();
        let names: Vec<String> = (0..count).map(|at| format!("b{at}")).collect();
        text(&format!("{branches} output y = concat({}) -> dense(2) -> softmax;", names.join(", ")))
    }

    fn text(graph: &str) -> String {
        let train = "train { loss: cross_entropy; optimizer: adam; metrics: [accuracy]; batch: 8; }";
        format!("network A {{ input x: [4]; {graph} {train} }}")
    }

    #[test]
    fn work_is_linear_in_the_layers() {
        for network in [deep, wide] {
            let work = [40, 80]
                .map(|count| work::of(|| assert!(compile(&network(count)).compiled.is_some(), "{}", network(count))));
            assert!(work[1] < 2 * work[0] + 100, "{work:?}");
        }
    }
}
