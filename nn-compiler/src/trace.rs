//! One example, forward and backward, as a worked example.

use std::fmt::Write as _;

use ndarray::{Array2, ArrayView1};

use crate::compiled::Compiled;
use crate::ids::{BufferId, TensorId};
use crate::interp::{self, Batch, Run, State, Stepper};
use crate::labels::label;
use crate::lower::lower_with;
use crate::plan::ops::{Dense, DenseInputGradient, Op, Plan, Step};
use crate::plan::roles::{Parameter, Read, Write};
use crate::plan::{Mode, Operation, Origin};
use crate::vocabulary::Loss;

/// Sums of at most this many products are written out.
const MOST_TERMS: usize = 8;

/// Rows longer than this are cut.
const MOST_NUMBERS: usize = 16;

/// Every value of one pass: the plan before fusion, with layers as at inference (no dropout, running statistics).
///
/// If the network can be trained and the batch has a target, losses, gradients and one update follow.
pub fn trace(compiled: &Compiled, state: &State, batch: &Batch) -> String {
    let trains = compiled.model.train.is_some() && !batch.targets.is_empty();
    let mode = if trains { Mode::FrozenTraining } else { Mode::Inference };
    let plan = lower_with(&compiled.model, &compiled.shapes, &compiled.tensors, mode, false);
    let mut after = state.clone();
    let run = interp::run(&plan, &mut after, batch);
    let tracer = Tracer { compiled, state, plan: &plan, run: &run };
    let mut text = String::new();
    tracer.inputs(batch, &mut text);
    text.push_str("forward\n");
    plan.steps[..plan.forward].iter().for_each(|step| tracer.step(step, &mut text));
    if trains {
        skipped(compiled, state, batch, &plan, &mut text);
        tracer.learning(&mut text);
    }
    tracer.overflow(&mut text);
    text
}

/// The forward steps that training skips: the softmax or sigmoid that a loss includes, and other outputs.
fn skipped(compiled: &Compiled, state: &State, batch: &Batch, training: &Plan, text: &mut String) {
    let plan = lower_with(&compiled.model, &compiled.shapes, &compiled.tensors, Mode::Inference, false);
    let run = interp::run(&plan, &mut state.clone(), batch);
    let tracer = Tracer { compiled, state, plan: &plan, run: &run };
    let mut shown: Vec<Origin> = training.steps[..training.forward].iter().map(|step| step.origin).collect();
    for step in plan.steps.iter().filter(|step| !matches!(step.origin, Origin::Output(_))) {
        match shown.iter().position(|origin| *origin == step.origin) {
            Some(index) => drop(shown.swap_remove(index)),
            None => tracer.step(step, text),
        }
    }
}

struct Tracer<'a> {
    compiled: &'a Compiled,
    state: &'a State,
    plan: &'a Plan,
    run: &'a Run,
}

impl Tracer<'_> {
    fn inputs(&self, batch: &Batch, text: &mut String) {
        for (id, rows) in self.compiled.model.inputs.iter().zip(&batch.inputs) {
            let _ = writeln!(text, "{} = {}", self.compiled.model.value(*id).label, array(rows));
        }
        let targets = self.compiled.model.train.iter().flat_map(|train| &train.targets);
        for (target, expected) in targets.zip(&batch.targets) {
            let name = match batch.targets.len() {
                1 => String::new(),
                _ => format!(" {}", self.compiled.model.output_name(target)),
            };
            let _ = match expected {
                interp::Targets::Classes(classes) => {
                    writeln!(text, "target{name} = class {}", classes.first().copied().unwrap_or_default())
                }
                interp::Targets::Numbers(numbers) => writeln!(text, "target{name} = {}", array(numbers)),
            };
        }
        text.push('\n');
    }

    fn step(&self, step: &Step, text: &mut String) {
        let formula =
            if let Op::AddLoss(term) = &step.op { loss_formula(term.loss, term.weight) } else { step.op.formula() };
        let _ = writeln!(text, "  {}: {formula}", label(&self.compiled.model, step.origin));
        if let Op::Dense(Dense { x, weight, bias, y, .. }) = step.op
            && self.is_small(x, y)
        {
            return self.sums(x, weight, bias, y, text);
        }
        if let Op::DenseInputGradient(DenseInputGradient { dy, weight, derivative: None, dx }) = step.op
            && self.is_small(dy, dx)
        {
            return self.backward_sums(dy, weight, dx, text);
        }
        if let Op::AddMetric(metric) = &step.op {
            let (index, metrics) = (metric.sum.0, self.compiled.model.train.iter().flat_map(|train| &train.metrics));
            let name = metrics.map(|measure| measure.name.as_str()).nth(index).unwrap_or_default();
            let _ = writeln!(text, "    {name} = {}", number(self.run.metrics[index]));
        }
        step.op.gradients().into_iter().for_each(|tensor| self.gradient(tensor, text));
        self.written(step, text);
    }

    /// The buffers that a step wrote.
    fn written(&self, step: &Step, text: &mut String) {
        for id in step.op.writes() {
            if let Some(numbers) = &self.run.buffers[id.0] {
                let _ = writeln!(text, "    {} = {}", self.plan.buffer(id).name, array(numbers));
            }
        }
    }

    /// The trace computes in f64; the network computes in f32, whose range is smaller.
    fn overflow(&self, text: &mut String) {
        let written = self.plan.steps.iter().flat_map(|step| step.op.writes());
        let is_beyond = |number: &f64| !(*number as f32).is_finite();
        let beyond = |id: &BufferId| self.run.buffers[id.0].iter().flatten().any(is_beyond);
        if let Some(id) = written.into_iter().find(beyond) {
            let name = &self.plan.buffer(id).name;
            let _ = writeln!(text, "\n{name} is beyond the range of f32: in the network it is not finite");
        }
    }

    fn is_small(&self, x: Read, y: Write) -> bool {
        self.plan.width(x) <= MOST_TERMS && self.plan.width(y) <= MOST_TERMS
    }

    /// `z[0] = 0·0.2 + 1·0.3 + (-0.1) = 0.2`, unit by unit.
    fn sums(&self, x: Read, weight: Parameter, bias: Option<Parameter>, z: Write, text: &mut String) {
        let weights = self.state.get(weight.0);
        for unit in 0..weights.ncols() {
            let bias = bias.map(|bias| self.state.get(bias.0)[[0, unit]]);
            self.sum(x, weights.column(unit), bias, z, unit, text);
        }
    }

    /// `dx[0] = 0.5·0.2 + 0.1·0.3 = 0.13`, input by input.
    fn backward_sums(&self, dz: Read, weight: Parameter, dx: Write, text: &mut String) {
        for (input, weights) in self.state.get(weight.0).outer_iter().enumerate() {
            self.sum(dz, weights, None, dx, input, text);
        }
    }

    /// One number of `to` as the sum of the products that it is.
    fn sum(&self, from: Read, weights: ArrayView1<f64>, bias: Option<f64>, to: Write, at: usize, text: &mut String) {
        let (Some(from), Some(sums)) = (&self.run.buffers[from.0.0], &self.run.buffers[to.0.0]) else { return };
        let products = from.row(0).into_iter().zip(weights).map(|(x, w)| format!("{}·{}", term(*x), term(*w)));
        let terms: Vec<String> = products.chain(bias.map(term)).collect();
        let (name, sum) = (&self.plan.buffer(to).name, number(sums[[0, at]]));
        let _ = writeln!(text, "    {name}[{at}] = {} = {sum}", terms.join(" + "));
    }

    fn gradient(&self, tensor: TensorId, text: &mut String) {
        let tensor_of = self.compiled.tensors.get(tensor);
        if !tensor_of.learns() {
            return;
        }
        let name = &tensor_of.name;
        let _ = writeln!(text, "    d{name} = {}", array(&self.run.gradients[tensor.0]));
    }

    /// Losses and metrics, every gradient, and one update.
    fn learning(&self, text: &mut String) {
        let after = &self.plan.steps[self.plan.forward..];
        let (measured, backward): (Vec<&Step>, Vec<&Step>) = after.iter().partition(|step| step.origin.measures());
        text.push_str("\nloss\n");
        let mut terms = self.run.losses.iter();
        for step in measured.into_iter().filter(|step| !matches!(step.origin, Origin::Target(_))) {
            self.step(step, text);
            if matches!(step.origin, Origin::Loss(_))
                && let Some(loss) = terms.next()
            {
                let _ = writeln!(text, "    loss = {}", number(*loss));
            }
        }
        if self.run.losses.len() > 1 {
            let _ = writeln!(text, "  the sum of all terms\n    loss = {}", number(self.run.loss));
        }
        text.push_str("\nbackward\n");
        backward.into_iter().for_each(|step| self.step(step, text));
        self.update(text);
    }

    /// The parameters before and after one update, penalties included.
    fn update(&self, text: &mut String) {
        let Some(train) = &self.compiled.model.train else { return };
        let tensors = &self.compiled.tensors;
        let mut gradients = self.run.gradients.clone();
        let penalty = interp::penalty(tensors, self.state, Some(&mut gradients));
        let mut stepper = Stepper::new(train.optimizer, self.state).with_rates(&train.rates);
        stepper.forget(tensors, &mut gradients);
        if let Some(most) = train.clip_norm {
            interp::clip_norm(tensors, &mut gradients, most);
        }
        let mut after = self.state.clone();
        stepper.step(tensors, &mut after, &gradients);
        let _ = writeln!(text, "\nupdate: {}", crate::explain::optimizer(train.optimizer));
        for rate in &train.rates {
            let _ = writeln!(text, "  lr of {} times {:?}", rate.value, rate.factor);
        }
        if penalty > 0.0 {
            let _ = writeln!(text, "  penalty = {}; its gradient is added", number(penalty));
        }
        if let Some(most) = train.clip_norm {
            let _ = writeln!(text, "  the L2 norm of all gradients is limited to {most}");
        }
        for (index, tensor) in tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.learns()) {
            let _ = writeln!(
                text,
                "  {} = {}\n    → {}",
                tensor.name,
                array(&self.state.tensors[index]),
                array(&after.tensors[index])
            );
        }
    }
}

/// A loss of one row and its gradient; t is the target, n the number of outputs.
fn loss_formula(loss: Loss, weight: f64) -> String {
    let (value, gradient) = match loss {
        Loss::CrossEntropy { label_smoothing: 0.0 } => ("−ln softmax(z)[t]", "softmax(z) − one-hot(t)"),
        Loss::CrossEntropy { label_smoothing } => {
            let one_hot = format!("s = {}·one-hot(t) + {label_smoothing}/n", 1.0 - label_smoothing);
            return weighted(&format!("−Σ s·ln softmax(z) with {one_hot}"), "softmax(z) − s", weight);
        }
        Loss::BinaryCrossEntropy { label_smoothing: 0.0, positive_weight: 1.0 } => {
            ("mean of −t·ln σ(z) − (1 − t)·ln(1 − σ(z))", "(σ(z) − t)/n")
        }
        Loss::BinaryCrossEntropy { label_smoothing, positive_weight } => {
            let smooth = format!("s = {}·t + {label_smoothing}/2", 1.0 - label_smoothing);
            let value = format!("mean of −{positive_weight}·s·ln σ(z) − (1 − s)·ln(1 − σ(z)) with {smooth}");
            return weighted(&value, &format!("((1 − s)·σ(z) − {positive_weight}·s·σ(−z))/n"), weight);
        }
        Loss::Mse => ("mean of (y − t)²", "2·(y − t)/n"),
        Loss::SquaredError => ("Σ (y − t)²", "2·(y − t)"),
        Loss::Mae => ("mean of |y − t|", "sign(y − t)/n"),
        Loss::Huber { delta } => {
            let value = format!("mean of (y − t)²/2 where |y − t| ≤ {delta}, else {delta}·(|y − t| − {delta}/2)");
            return weighted(&value, &format!("clamp(y − t, −{delta}, {delta})/n"), weight);
        }
        Loss::Perceptron => ("mean of |y − t|", "y − t, passed to the sum before the step"),
    };
    weighted(value, gradient, weight)
}

fn weighted(value: &str, gradient: &str, weight: f64) -> String {
    let of_all = if weight == 1.0 { String::new() } else { format!("; both times {weight}") };
    format!("loss = {value}; dloss = {gradient}{of_all}")
}

/// Up to six decimals, without trailing zeros; very small numbers with an exponent.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-4 {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// In parentheses if it is negative.
fn term(value: f64) -> String {
    if value < 0.0 { format!("({})", number(value)) } else { number(value) }
}

/// `[1, 2]`, or `[[1, 2], [3, 4]]`; long ones are cut.
fn array(numbers: &Array2<f64>) -> String {
    if numbers.len() > MOST_NUMBERS {
        let first: Vec<String> = numbers.iter().take(MOST_NUMBERS / 2).map(|value| number(*value)).collect();
        return format!("[{}, …] ({} × {})", first.join(", "), numbers.nrows(), numbers.ncols());
    }
    let rows: Vec<String> = numbers
        .outer_iter()
        .map(|row| format!("[{}]", row.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", ")))
        .collect();
    match &rows[..] {
        [only] => only.clone(),
        rows => format!("[{}]", rows.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use ndarray::array;

    /// Rosenblatt's step as in textbooks.
    #[test]
    fn the_perceptron_step_is_that_on_paper() {
        let spec =
            "network And { input x: [2]; output y = x -> dense(1) -> step; train { rule: perceptron(lr: 0.1); } }";
        let compiled = compile(spec).compiled.expect("the spec is sound");
        let mut state = State::new(&compiled.tensors);
        assert!(
            state.set(&compiled.tensors, "y.0.weight", &[0.2, 0.3])
                && state.set(&compiled.tensors, "y.0.bias", &[-0.1])
        );
        let batch = Batch {
            inputs: vec![array![[0.0, 1.0]]],
            targets: vec![interp::Targets::Numbers(array![[0.0]])],
            row_weights: None,
            masks: Vec::new(),
        };
        let expected = "x = [0, 1]\ntarget = [0]\n\nforward\n  y.0 dense: y = x·W + b\n    y.0.z[0] = 0·0.2 + 1·0.3 + (-0.1) = 0.2\n  \
            y step: y = step(x)\n    y.y = [1]\n\nloss\n  loss perceptron: loss = mean of |y − t|; dloss = y − t, passed to the sum before the step\n    \
            dloss = [1]\n    loss = 1\n\nbackward\n  y.0 dense: dW += xᵀ·dy; db += Σ dy\n    dy.0.weight = [[0], [1]]\n    dy.0.bias = [1]\n\nupdate: perceptron(lr: 0.1)\n  \
            y.0.weight = [[0.2], [0.3]]\n    → [[0.2], [0.2]]\n  y.0.bias = [-0.1]\n    → [-0.2]\n";
        assert_eq!(trace(&compiled, &state, &batch), expected);
    }

    #[test]
    fn what_overflows_in_f32_is_said() {
        let compiled =
            compile("network A { input x: [1]; output y = x -> dense(1); }").compiled.expect("the spec is sound");
        let mut state = State::new(&compiled.tensors);
        assert!(state.set(&compiled.tensors, "y.0.weight", &[1e30]));
        let traced = |input: f64| {
            let batch =
                Batch { inputs: vec![array![[input]]], targets: Vec::new(), row_weights: None, masks: Vec::new() };
            trace(&compiled, &state, &batch)
        };
        let told = " is beyond the range of f32: in the network it is not finite\n";
        assert!(traced(1e30).ends_with(told), "{}", traced(1e30));
        assert!(!traced(1.0).contains("range"));
    }
}
