//! Gradients of random graphs equal central differences of the oracle, in f64.

use ndarray::Array2;
use nn_compiler::interp::{Batch, Run, State, Targets, run};
use nn_compiler::lower::lower_with;
use nn_compiler::model::{Model, Node};
use nn_compiler::pipeline::{Compiled, compile};
use nn_compiler::plan::{Mode, Op, Plan, TensorKind};
use nn_runtime::init::Generator;

/// Half of the distance between the two points of a difference: errors of order h² = 1e-10 and ε/h = 1e-11.
const H: f64 = 1e-5;

/// The layers that keep the width, and those that follow a dense layer.
const LAYERS: &[&str] = &[
    "linear", "sigmoid", "tanh", "relu", "leaky_relu(0.1)", "elu", "elu(0.7)", "selu", "gelu", "gelu(approximate: tanh)",
    "silu", "softplus", "hard_sigmoid", "hard_tanh", "prelu", "prelu(shared: true)", "softmax", "log_softmax", "batch_norm",
    "dropout(0.3)", "rescale(0.7, offset: 0.2)", "flatten",
];

/// Output activation, loss.
const LOSSES: &[(&str, &str)] = &[
    ("linear", "mse"), ("tanh", "squared_error"), ("linear", "0.3 * mae"), ("linear", "huber(delta: 0.4)"),
    ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"), ("softmax", "mse"), ("log_softmax", "2 * mse"),
];

struct Random(Generator);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound as u64) as usize
    }

    fn normals(&mut self, rows: usize, columns: usize) -> Array2<f64> {
        Array2::from_shape_simple_fn((rows, columns), || self.0.normal_pair()[0])
    }

    /// A network with branches, shared values and merges.
    fn spec(&mut self) -> String {
        let widths = [2 + self.below(4), 1 + self.below(3)];
        let mut text = format!("network Random {{\n input a: [{}]; input b: [{}, 2];\n", widths[0], widths[1]);
        text.push_str(" block twice(f) = rescale(f) * 2 -> tanh;\n v0 = a -> normalize;\n v1 = b -> flatten -> twice(0.8);\n");
        let mut values = vec![widths[0], 2 * widths[1]];
        let mut used = vec![false; 2];
        for _ in 0..2 + self.below(4) {
            let from = self.below(values.len());
            used[from] = true;
            let (line, width) = self.value(from, &values, &mut used);
            text.push_str(&format!(" v{} = {line};\n", values.len()));
            values.push(width);
            used.push(false);
        }
        let unused: Vec<String> = (0..values.len()).filter(|value| !used[*value]).map(|value| format!("v{value}")).collect();
        let source = if unused.len() == 1 { unused[0].clone() } else { format!("concat({})", unused.join(", ")) };
        let (activation, loss) = LOSSES[self.below(LOSSES.len())];
        text.push_str(&format!(" output y = {source} -> dense(3) -> {activation};\n"));
        text.push_str(&format!(" train {{ loss: {loss}; optimizer: sgd; batch: 4; }}\n}}\n"));
        text
    }

    fn value(&mut self, from: usize, values: &[usize], used: &mut [bool]) -> (String, usize) {
        let equal: Vec<usize> = (0..values.len()).filter(|other| values[*other] == values[from]).collect();
        let other = equal[self.below(equal.len())];
        match self.below(5) {
            0 => {
                used[other] = true;
                (format!("add(v{from}, v{other}) -> {}", self.layer()), values[from])
            }
            1 => {
                used[other] = true;
                (format!("multiply(v{from}, v{other})"), values[from])
            }
            2 => {
                let other = self.below(values.len());
                used[other] = true;
                (format!("concat(v{from}, v{other}) -> {}", self.layer()), values[from] + values[other])
            }
            _ => {
                let width = 2 + self.below(4);
                let bias = self.below(2) == 0;
                (format!("v{from} -> dense({width}, bias: {bias}) -> {} -> {}", self.layer(), self.layer()), width)
            }
        }
    }

    fn layer(&mut self) -> &'static str {
        LAYERS[self.below(LAYERS.len())]
    }

    fn state(&mut self, compiled: &Compiled) -> State {
        let mut state = State::new(&compiled.tensors);
        for (tensor, values) in compiled.tensors.all.iter().zip(&mut state.tensors) {
            let noise = self.normals(values.nrows(), values.ncols());
            match tensor.kind {
                TensorKind::Parameter => *values += &(noise * 0.7),
                // Variances and deviations stay positive.
                TensorKind::Statistic => *values += &(noise * 0.1),
            }
        }
        state
    }

    fn batch(&mut self, model: &Model, compiled: &Compiled, plan: &Plan, rows: usize) -> Batch {
        let inputs = model.inputs.iter().map(|input| self.normals(rows, compiled.shapes.of(*input).len())).collect();
        let classes = model.train.as_ref().is_some_and(|train| train.losses[0].loss.wants_classes());
        let targets = if classes {
            Targets::Classes((0..rows).map(|_| self.below(3)).collect())
        } else {
            Targets::Numbers(self.normals(rows, 3).mapv(|t| 1.0 / (1.0 + (-t).exp())))
        };
        let drops = plan.steps.iter().filter_map(|step| match step.op {
            Op::Dropout { x, rate, .. } => Some((plan.width(x), rate)),
            _ => None,
        });
        let masks = drops.map(|(width, rate)| self.normals(rows, width).mapv(|u| if u > -0.5 { 1.0 / (1.0 - rate) } else { 0.0 }));
        Batch { inputs, targets, masks: masks.collect() }
    }
}

/// What a comparison has seen.
#[derive(Default)]
struct Seen {
    compared: usize,
    kinks: usize,
}

impl Seen {
    /// Compares one derivative; one-sided differences that disagree stand beside a kink, where there is none.
    fn compare(&mut self, what: &str, analytic: f64, loss: impl Fn(f64) -> f64) {
        let (below, here, above) = (loss(-H), loss(0.0), loss(H));
        let (left, right) = ((here - below) / H, (above - here) / H);
        if (left - right).abs() > 1e-3 * (1.0 + left.abs().max(right.abs())) {
            self.kinks += 1;
            return;
        }
        let numeric = (above - below) / (2.0 * H);
        let allowed = 1e-6 * numeric.abs().max(analytic.abs()) + 1e-8;
        assert!((numeric - analytic).abs() <= allowed, "{what}: {analytic} by the plan, {numeric} by differences");
        self.compared += 1;
    }
}

fn check(text: &str, random: &mut Random, mode: Mode, seen: &mut Seen) {
    let outcome = compile(text);
    let compiled = outcome.compiled.unwrap_or_else(|| panic!("{text}\n{:?}", outcome.diagnostics));
    let model = &compiled.model;
    let plan = lower_with(model, &compiled.shapes, &compiled.tensors, mode, true);
    let state = random.state(&compiled);
    let batch = random.batch(model, &compiled, &plan, 4);
    let pass = |state: &State, batch: &Batch| -> Run { run(&plan, &mut state.clone(), batch) };
    let analytic = pass(&state, &batch);
    for (index, tensor) in compiled.tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.kind == TensorKind::Parameter) {
        for (at, _) in state.tensors[index].indexed_iter() {
            let loss = |step: f64| {
                let mut moved = state.clone();
                moved.tensors[index][at] += step;
                pass(&moved, &batch).loss
            };
            seen.compare(&format!("{text}\n{} {at:?}", tensor.name), analytic.gradients[index][at], loss);
        }
    }
    for (index, input) in batch.inputs.iter().enumerate() {
        let Some(gradient) = &analytic.input_gradients[index] else { continue };
        for (at, _) in input.indexed_iter() {
            let loss = |step: f64| {
                let mut moved = batch.clone();
                moved.inputs[index][at] += step;
                pass(&state, &moved).loss
            };
            seen.compare(&format!("{text}\ninput {index} {at:?}"), gradient[at], loss);
        }
    }
}

#[test]
fn gradients_of_random_graphs_are_central_differences() {
    let mut random = Random(Generator::new(2026));
    let mut seen = Seen::default();
    let mut layers = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let text = random.spec();
        if let Some(compiled) = compile(&text).compiled {
            layers.extend(compiled.model.values.iter().filter_map(|value| match &value.node {
                Node::Layer { layer, .. } => Some(layer.rule().name()),
                Node::Input { .. } | Node::Merge { .. } => None,
            }));
        }
        for mode in [Mode::Training, Mode::FrozenTraining] {
            check(&text, &mut random, mode, &mut seen);
        }
    }
    assert!(seen.compared > 20_000, "{} derivatives compared", seen.compared);
    assert!(seen.kinks * 100 < seen.compared, "{} of {} at kinks", seen.kinks, seen.compared);
    let all = nn_compiler::layers::signatures().map(|signature| signature.name);
    let missing: Vec<&str> = all.filter(|name| !layers.contains(name) && !["step", "reshape"].contains(name)).collect();
    assert_eq!(missing, [] as [&str; 0], "layers that no graph had");
}
