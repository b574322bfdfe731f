//! Random networks: every layer, branches, shared values, merges, blocks, several inputs; and rows
//! for them.

mod steps;

pub use steps::Graph;

use std::sync::LazyLock;

use ndarray::Array2;
use nn_compiler::interp::{Batch, State, Targets};
use nn_compiler::layers::signatures;
use nn_compiler::plan::ops::Dropout;
use nn_compiler::plan::{Op, Plan, TensorKind};
use nn_compiler::signature::{Fallback, LayerKind};
use nn_compiler::{Compiled, compile};
use nn_runtime::init::Generator;

use crate::oracle::tokens;

/// The layers that keep the width, and those that follow a dense layer.
const LAYERS: &[&str] = &[
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu(0.1)",
    "elu",
    "elu(0.7)",
    "selu",
    "gelu",
    "gelu(approximate: tanh)",
    "silu",
    "softplus",
    "hard_sigmoid",
    "hard_tanh",
    "relu(max: 0.5)",
    "hard_swish",
    "mish",
    "prelu",
    "prelu(shared: true)",
    "softmax",
    "log_softmax",
    "batch_norm",
    "dropout(0.3)",
    "rescale(0.7, offset: 0.2)",
    "flatten",
];

/// What images and sequences have besides; where the layers of a chain do not fit, others are
/// drawn.
const IMAGE_LAYERS: &[&str] = &[
    "conv2d(2, kernel: 3, padding: 1)",
    "conv2d(3, kernel: [1, 2], stride: 2, bias: false)",
    "conv2d(2, kernel: 2, dilation: 2, padding: same) -> relu",
    "conv2d(4, kernel: 2, groups: 2)",
    "conv1d(2, kernel: 3, padding: same)",
    "conv1d(3, kernel: 2, stride: 2)",
    "max_pool2d(2)",
    "max_pool2d(3, stride: 1, padding: 1)",
    "max_pool2d([1, 2], stride: [3, 1])",
    "avg_pool2d(2)",
    "avg_pool2d([2, 3], padding: [0, 1])",
    "avg_pool2d(2, stride: 1, padding: same)",
    "reshape([2, 6])",
    "global_avg_pool",
    "global_max_pool",
    "max_pool1d(2)",
    "max_pool1d(3, stride: 1, padding: 2)",
    "avg_pool1d(2, stride: 3)",
    "avg_pool1d(3, stride: 2, padding: 1)",
    "prelu",
];

/// The norms of the language, each in two ways: as it is with its defaults, and with another ε.
/// Required arguments are 1 in the first, and 2 in the second.
static NORMS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let norms = signatures().filter(|layer| layer.kind == LayerKind::Norm);
    let ways = norms.flat_map(|layer| {
        let required: Vec<_> =
            layer.arguments.iter().filter(|argument| argument.default == Fallback::Required).collect();
        [(1, None), (2, Some("eps: 0.1"))].map(|(given, eps)| {
            let arguments = required.iter().map(|argument| format!("{}: {given}", argument.name));
            let arguments: Vec<String> = arguments.chain(eps.map(str::to_owned)).collect();
            if arguments.is_empty() {
                layer.name.to_owned()
            } else {
                format!("{}({})", layer.name, arguments.join(", "))
            }
        })
    });
    ways.collect()
});

/// Output activation, loss.
const LOSSES: &[(&str, &str)] = &[
    ("linear", "mse"),
    ("tanh", "squared_error"),
    ("linear", "0.3 * mae"),
    ("linear", "huber(delta: 0.4)"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
    ("softmax", "mse"),
    ("log_softmax", "2 * mse"),
];

/// Draws networks, and numbers for them.
pub struct Random(pub Generator);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound as u64) as usize
    }

    /// A matrix of numbers from a normal distribution.
    pub fn normals(&mut self, rows: usize, columns: usize) -> Array2<f64> {
        Array2::from_shape_simple_fn((rows, columns), || self.0.normal_pair()[0])
    }

    /// A network with branches, shared values and merges.
    pub fn spec(&mut self) -> String {
        let mut text = self.trunk();
        let losses: Vec<String> = (0..1 + self.below(3)).map(|head| self.head(head, &mut text)).collect();
        text.push_str(&format!(" train {{ loss: {}; optimizer: sgd; batch: 4; }}\n}}\n", losses.join(" + ")));
        text
    }

    /// A network with branches, shared values and merges, up to `trunk`, which depends on all of
    /// them.
    fn trunk(&mut self) -> String {
        let widths = [2 + self.below(4), 1 + self.below(3)];
        let mut text = format!("network Random {{\n input a: [{}]; input b: [{}, 2];\n", widths[0], widths[1]);
        text.push_str(
            " block twice(f) = rescale(f) * 2 -> tanh;\n v0 = a -> normalize;\n v1 = b -> normalize -> flatten -> twice(0.8);\n",
        );
        let mut values = vec![widths[0], 2 * widths[1]];
        let mut used = vec![false; 2];
        for _ in 0..2 + self.below(4) {
            let from = self.below(values.len());
            used[from] = true;
            let (line, width) = self.value(from, &values, &mut used);
            text.push_str(&format!(" v{} = {line};\n", values.len()));
            if self.below(3) == 0 && (line.contains("dense(") || line.contains("prelu") || line.contains("_norm")) {
                text.push_str(&format!(" freeze v{};\n", values.len()));
            }
            values.push(width);
            used.push(false);
        }
        let unused: Vec<String> =
            (0..values.len()).filter(|value| !used[*value]).map(|value| format!("v{value}")).collect();
        let source = if unused.len() == 1 { unused[0].clone() } else { format!("concat({})", unused.join(", ")) };
        let trunk = format!("{source} -> dense(3)");
        text.push_str(&format!(" trunk = {trunk} -> tanh;\n"));
        text
    }

    /// A network on an image or a sequence, of 1×1 up to 6×6.
    pub fn image_spec(&mut self) -> String {
        loop {
            let (shape, chain) = self.image_chain();
            let (activation, loss) = LOSSES[self.below(LOSSES.len())];
            let text = format!(
                "network Random {{\n input a: {shape};\n output y = a -> {chain}flatten -> dense(3) -> {activation};\n \
                 train {{ loss: {loss}; optimizer: sgd; batch: 4; }}\n}}\n"
            );
            if compile(&text).compiled.is_some() {
                return text;
            }
        }
    }

    /// The shape of an image, a sequence or tokens, and layers for it, an arrow after each; not all
    /// fit.
    fn image_chain(&mut self) -> (String, String) {
        let channels = [1, 2, 3, 17][self.below(4)];
        let most = if channels == 17 { 3 } else { 6 };
        let (height, width) = (1 + self.below(most), 1 + self.below(most));
        let (shape, embedded) = match self.below(6) {
            0 => (format!("[{width}]"), format!("embedding(4, {channels}) -> ")),
            1 | 2 => (format!("[{channels}, {width}]"), String::new()),
            _ => (format!("[{channels}, {height}, {width}]"), String::new()),
        };
        let mut chain = embedded;
        for _ in 0..1 + self.below(4) {
            let layer = match self.below(3) {
                0 => self.layer(),
                _ => self.image_layer(),
            };
            chain.push_str(&format!("{layer} -> "));
        }
        (shape, chain)
    }

    /// An output, and the term of the loss that it is trained by.
    fn head(&mut self, head: usize, text: &mut String) -> String {
        let (activation, loss) = LOSSES[self.below(LOSSES.len())];
        let width = 2 + self.below(3);
        text.push_str(&format!(" output y{head} = trunk -> dense({width}) -> {activation};\n"));
        match loss.split_once('(') {
            Some((name, arguments)) => format!("{name}(y{head}, {arguments}"),
            None if loss == "cross_entropy" && self.below(2) == 0 => {
                let weights: Vec<String> = (0..width).map(|class| format!("{}.5", (class + 1) % 3)).collect();
                format!("{loss}(y{head}, class_weights: [{}])", weights.join(", "))
            }
            None => format!("{loss}(y{head})"),
        }
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
                let (first, second) = (self.layer(), self.layer());
                // A softmax of a softmax is an error.
                let second = if first.ends_with("softmax") && second.ends_with("softmax") { "tanh" } else { second };
                (format!("v{from} -> dense({width}, bias: {bias}) -> {first} -> {second}"), width)
            }
        }
    }

    fn image_layer(&mut self) -> &'static str {
        let at = self.below(IMAGE_LAYERS.len() + NORMS.len());
        IMAGE_LAYERS.get(at).copied().unwrap_or_else(|| &NORMS[at - IMAGE_LAYERS.len()])
    }

    fn layer(&mut self) -> &'static str {
        LAYERS[self.below(LAYERS.len())]
    }

    /// Parameters and statistics around their initial values.
    pub fn state(&mut self, compiled: &Compiled) -> State {
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

    /// Rows for a plan of a network that [`spec`](Self::spec) made, with dropout masks where it
    /// needs them.
    pub fn batch(&mut self, compiled: &Compiled, plan: &Plan, rows: usize) -> Batch {
        let model = &compiled.model;
        let inputs = model.inputs.iter().zip(tokens(model)).map(|(input, tokens)| {
            let width = compiled.shapes.of(*input).len();
            match tokens {
                Some(vocabulary) => Array2::from_shape_simple_fn((rows, width), || self.below(vocabulary) as f64),
                None => self.normals(rows, width),
            }
        });
        let inputs = inputs.collect();
        let targets = model.train.iter().flat_map(|train| &train.targets).map(|target| {
            let width = compiled.shapes.of(target.output).len();
            if target.is_class {
                Targets::Classes((0..rows).map(|_| self.below(width)).collect())
            } else {
                Targets::Numbers(self.normals(rows, width).mapv(|t| 1.0 / (1.0 + (-t).exp())))
            }
        });
        let targets = targets.collect();
        let drops = plan.steps.iter().filter_map(|step| {
            let Op::Dropout(Dropout { x, rate, .. }) = step.op else { return None };
            Some((plan.width(x), rate))
        });
        let masks = drops
            .map(|(width, rate)| self.normals(rows, width).mapv(|u| if u > -0.5 { 1.0 / (1.0 - rate) } else { 0.0 }));
        Batch { inputs, targets, row_weights: None, masks: masks.collect() }
    }
}
