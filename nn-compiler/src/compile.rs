//! The stages in order.

use crate::ast::Ast;
use crate::compiled::{Compiled, Outcome};
use crate::diagnostic::Sink;
use crate::model::{BatchSize, Model};
use crate::plan::{Mode, Tensors, TrainingPlans};
use crate::shape::Shapes;
use crate::{batching, budgets, consistency, costs, infer, layout, lints, lower, passes, resolve, syntax};

/// Compiles a spec and reports every mistake that it can find.
pub fn compile(text: &str) -> Outcome {
    let mut sink = Sink::default();
    let ast = syntax::parse(text, &mut sink);
    let compiled = ast.as_ref().and_then(|ast| check(text, ast, &mut sink));
    Outcome::new(ast, compiled, sink)
}

/// All stages after `syntax`; `None` if the spec has an error.
fn check(text: &str, ast: &Ast, sink: &mut Sink) -> Option<Compiled> {
    let resolved = resolve::resolve(ast, sink);
    let (model, shapes, known) = infer::infer(resolved, sink);
    let tensors = layout::lay_out(&model, &shapes);
    consistency::check(&model, &shapes, &tensors, &known, sink);
    let is_sound = !sink.has_errors();
    if !is_sound && !known.graph {
        return None;
    }
    let inference = passes::run(lower::lower(&model, &shapes, &tensors, Mode::Inference));
    let training = if is_sound { training_plans(&model, &shapes, &tensors) } else { None };
    let costs = costs::costs(&model, &shapes, &tensors, &inference, training.as_ref());
    budgets::check(&model, &shapes, &costs, &known, sink);
    if sink.has_errors() {
        return None;
    }
    lints::check(text, &model, &shapes, sink);
    Some(Compiled { text: text.to_owned(), model, shapes, tensors, costs, inference, training })
}

/// The plans of a network that has `train`, each by its passes.
fn training_plans(model: &Model, shapes: &Shapes, tensors: &Tensors) -> Option<TrainingPlans> {
    let train = model.train.as_ref()?;
    let lowered = |mode| lower::lower(model, shapes, tensors, mode);
    let chunk = batching::chunk(model);
    let chosen = |plan, batch: BatchSize| passes::choose_threads(passes::choose_dispatch(plan, batch.rows()), chunk);
    let with_update = || chosen(passes::run_with_update(lowered(Mode::Training), tensors), train.batch);
    Some(TrainingPlans {
        training: chosen(passes::run(lowered(Mode::Training)), train.batch),
        step: batching::fuses_update(model).then(with_update),
        external: chosen(passes::run_external(lower::external(model, shapes, tensors)), train.batch),
        evaluation: passes::choose_threads(passes::run(lowered(Mode::Evaluation)), chunk),
        normalization: lower::normalizations(model, shapes, tensors).into_iter().map(passes::run).collect(),
    })
}
