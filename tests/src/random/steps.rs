//! Random networks for the paths of a training step: outputs without a loss, several losses,
//! penalties, weight decay, learning rates of values, frozen values, layers whose parameters are not weights, images,
//! sequences and tokens.

use nn_compiler::{Compiled, compile};

use super::Random;

/// ε of the adaptive optimizers is large, so that rounding in a gradient of zero stays small after
/// the division.
const OPTIMIZERS: &[&str] = &[
    "sgd(lr: 0.01)",
    "sgd(lr: 0.01, momentum: 0.9)",
    "sgd(lr: 0.01, weight_decay: 0.2)",
    "sgd(lr: 0.01, momentum: 0.8, nesterov: true, weight_decay: 0.1)",
    "rmsprop(lr: 0.01, eps: 1e-4)",
    "adam(lr: 0.01, eps: 1e-4)",
    "adamw(lr: 0.01, eps: 1e-4, weight_decay: 0.3)",
    "adagrad(lr: 0.01, eps: 1e-4)",
];

const REGULARIZERS: &[&str] =
    &["", "", "regularizer: l1(0.02);", "regularizer: l2(0.05);", "regularizer: l1(0.01) + l2(0.03);"];

/// Learning rates of values, of which one is frozen.
const RATES: &[&str] = &["", "", "", "lr: trunk * 0.25;", "lr: [trunk * 0];"];

/// What follows a value in an output of its own.
const TAILS: &[&str] = &[
    "prelu",
    "layer_norm",
    "flatten -> dense(2)",
    "flatten -> dense(3, bias: false) -> batch_norm",
    "flatten -> dense(4) -> prelu(shared: true) -> dense(2)",
    "flatten -> dense(2) -> tanh -> layer_norm -> dense(2)",
    "dropout(0.3) -> flatten -> dense(2) -> softmax",
];

/// A network without the settings of its batches.
pub struct Graph {
    /// All statements before `train`.
    statements: String,
    /// What `train` says of losses, optimizer and penalties.
    settings: String,
}

impl Graph {
    /// The network with settings of `train` besides, such as `batch: 4;`; `None` where they do not
    /// fit it.
    pub fn with(&self, settings: &str) -> Option<Compiled> {
        compile(&self.text(settings)).compiled
    }

    /// Its text with these settings.
    pub fn text(&self, settings: &str) -> String {
        format!("{} train {{ {} {settings} }}\n}}\n", self.statements, self.settings)
    }
}

impl Random {
    /// A network that is to be trained by batches of two rows and more, and what it is with these
    /// settings.
    pub fn graph(&mut self, settings: &str) -> (Graph, Compiled) {
        loop {
            let graph = self.draft();
            if let Some(compiled) = graph.with(settings) {
                return (graph, compiled);
            }
        }
    }

    /// A network whose layers may not fit each other.
    fn draft(&mut self) -> Graph {
        // Most of the layers that are drawn for images do not fit each other, and such drafts are
        // thrown away.
        let (mut text, source) = if self.below(4) > 0 {
            let (shape, chain) = self.image_chain();
            let text = format!(
                "network Random {{\n input a: {shape};\n v = a -> {chain}linear;\n \
                 trunk = v -> flatten -> dense(3) -> tanh;\n"
            );
            (text, "v")
        } else {
            (self.trunk(), "trunk")
        };
        let mut losses: Vec<String> = (0..1 + self.below(3)).map(|head| self.head(head, &mut text)).collect();
        // Of some heads nothing is wanted, and other outputs never had a loss.
        while losses.len() > 1 && self.below(2) == 0 {
            let dropped = self.below(losses.len());
            losses.remove(dropped);
        }
        for output in 0..self.below(3) {
            let tail = match self.below(3) {
                0 => self.image_layer(),
                _ => TAILS[self.below(TAILS.len())],
            };
            text.push_str(&format!(" output z{output} = {source} -> {tail};\n"));
            if self.below(4) == 0 {
                text.push_str(&format!(" freeze z{output};\n"));
            }
        }
        let statements = self.penalized(&text);
        let optimizer = OPTIMIZERS[self.below(OPTIMIZERS.len())];
        let regularizer = REGULARIZERS[self.below(REGULARIZERS.len())];
        let rates = RATES[self.below(RATES.len())];
        let settings = format!("loss: {}; optimizer: {optimizer}; {rates} {regularizer}", losses.join(" + "));
        Graph { statements, settings }
    }

    /// The text with penalties in some of its layers.
    fn penalized(&mut self, text: &str) -> String {
        const NAMES: [&str; 3] = ["dense(", "conv2d(", "conv1d("];
        let mut rest = text;
        let mut result = String::new();
        while let Some(start) = NAMES.iter().filter_map(|name| Some(rest.find(name)? + name.len())).min() {
            let end = start + rest[start..].find(')').unwrap_or_default();
            result.push_str(&rest[..end]);
            result.push_str(["", "", ", l2: 0.1", ", l1: 0.04", ", l1: 0.03, l2: 0.02"][self.below(5)]);
            rest = &rest[end..];
        }
        result + rest
    }
}
