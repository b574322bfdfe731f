//! The optimizer of a spec and the schedule of its learning rate.

use nn_compiler::model::Schedule;
use nn_compiler::vocabulary::Optimizer;

use super::training::Training;
use crate::python::{Lines, number};

/// The base of the optimizer: its class, its arguments after the learning rate, and its text where Keras does not have
/// it with the conventions of the language.
struct Base {
    class: &'static str,
    arguments: String,
    piece: Option<&'static str>,
}

fn base(of: &Training) -> Base {
    let momentum = |momentum: f64, nesterov: bool| {
        let nesterov = if nesterov { ", nesterov=True" } else { "" };
        if momentum == 0.0 { String::new() } else { format!(", momentum={}{nesterov}", number(momentum)) }
    };
    let adam = |beta1: f64, beta2: f64, eps: f64| {
        format!(", beta_1={}, beta_2={}, epsilon={}", number(beta1), number(beta2), number(eps))
    };
    match of.train.optimizer {
        Optimizer::Sgd { momentum: m, nesterov, weight_decay: 0.0, .. } => {
            Base { class: "keras.optimizers.SGD", arguments: momentum(m, nesterov), piece: None }
        }
        Optimizer::Sgd { momentum: m, nesterov, weight_decay, .. } => Base {
            class: "SGD",
            arguments: format!(", decay={}{}", number(weight_decay), momentum(m, nesterov)),
            piece: Some(include_str!("pieces/sgd.py")),
        },
        Optimizer::RmsProp { rho, eps, .. } => Base {
            class: "keras.optimizers.RMSprop",
            arguments: format!(", rho={}, epsilon={}", number(rho), number(eps)),
            piece: None,
        },
        Optimizer::Adam { beta1, beta2, eps, .. } => {
            Base { class: "Adam", arguments: adam(beta1, beta2, eps), piece: Some(include_str!("pieces/adam.py")) }
        }
        Optimizer::AdamW { beta1, beta2, eps, weight_decay, .. } => Base {
            class: "Adam",
            arguments: format!("{}, decay={}", adam(beta1, beta2, eps), number(weight_decay)),
            piece: Some(include_str!("pieces/adam.py")),
        },
        Optimizer::Adagrad { eps, .. } => Base {
            class: "Adagrad",
            arguments: format!(", epsilon={}", number(eps)),
            piece: Some(include_str!("pieces/adagrad.py")),
        },
        Optimizer::Perceptron { .. } => Base { class: "keras.optimizers.SGD", arguments: String::new(), piece: None },
    }
}

/// The factors of the learning rate of layers that have one of their own.
fn factors(of: &Training) -> Vec<(String, f64)> {
    let mut factors: Vec<(String, f64)> = Vec::new();
    for tensor in of.model.compiled.tensors.all.iter().filter(|tensor| of.model.reach.moves(tensor)) {
        let Some(rate) = tensor.rate else { continue };
        let layer = of.model.layer_name(tensor.value);
        if factors.last().is_none_or(|(last, _)| last != layer) {
            factors.push((layer.to_owned(), of.train.rates[rate].factor));
        }
    }
    factors.retain(|(_, factor)| *factor != 1.0);
    factors
}

/// Writes the classes of the optimizer and of the schedule, and `make_optimizer`.
pub fn optimizer(of: &Training, lines: &mut Lines) {
    let base = base(of);
    if let Some(piece) = base.piece {
        lines.gap();
        lines.block(piece);
    }
    let class = special(of, base.class, lines);
    let has_schedule = of.train.schedule != Schedule::Constant;
    if has_schedule {
        lines.gap();
        schedule(of, lines);
    }
    lines.gap();
    let mut arguments = if has_schedule { vec!["epochs: int".to_owned(), "steps: int".to_owned()] } else { Vec::new() };
    arguments.extend(of.accumulates().then(|| format!("accumulate: int = {}", of.train.accumulate)));
    lines.line(format!("def make_optimizer({}):", arguments.join(", ")));
    lines.indented(|lines| {
        let docs = if has_schedule { ", for epochs of this many updates" } else { "" };
        lines.line(format!("\"\"\"The optimizer of the spec{docs}.\"\"\""));
        let rate = match (has_schedule, of.accumulates()) {
            (false, _) => number(of.train.optimizer.learning_rate()),
            (true, false) => "Schedule(epochs, steps)".to_owned(),
            (true, true) => "Schedule(epochs, steps, accumulate)".to_owned(),
        };
        let accumulate = if of.accumulates() { ", gradient_accumulation_steps=accumulate" } else { "" };
        lines.line(format!("return {class}({rate}{}{accumulate})", base.arguments));
    });
}

/// Writes a class for what Keras's optimizers do not do. Returns the class to use.
fn special(of: &Training, base: &'static str, lines: &mut Lines) -> &'static str {
    let factors = factors(of);
    let mut methods = Vec::new();
    if let Some(most) = of.train.clip_norm {
        methods.push(include_str!("pieces/clip.py").replace("MOST", &number(most)));
    }
    if of.model.reach.has_unreached() {
        methods.push(include_str!("pieces/zeros.py").to_owned());
    }
    if !factors.is_empty() {
        methods.push(include_str!("pieces/rates.py").to_owned());
    }
    if methods.is_empty() {
        return base;
    }
    lines.gap();
    if !factors.is_empty() {
        let items: Vec<String> =
            factors.iter().map(|(layer, factor)| format!("\"{layer}\": {}", number(*factor))).collect();
        lines.list("FACTORS = {", &items, "}");
        lines.gap();
    }
    lines.line(format!("class Optimizer({base}):"));
    lines.indented(|lines| {
        lines.line("\"\"\"With the conventions of the spec.\"\"\"");
    });
    for method in methods {
        lines.line("").block(&method);
    }
    "Optimizer"
}

fn schedule(of: &Training, lines: &mut Lines) {
    let lr = number(of.train.optimizer.learning_rate());
    lines.line("class Schedule(keras.optimizers.schedules.LearningRateSchedule):");
    lines.indented(|lines| {
        lines.line("\"\"\"The learning rate of the spec.\"\"\"");
        lines.line("");
        lines.line("def __init__(self, epochs: int, steps: int, accumulate: int = 1):");
        lines.indented(|lines| {
            lines.line("self.epochs, self.steps, self.accumulate = epochs, steps, accumulate");
        });
        lines.line("");
        lines.line("def __call__(self, step):");
        lines.indented(|lines| {
            lines.line("step = ops.cast(step // self.accumulate, keras.config.floatx())");
            formula(of.train.schedule, &lr, lines);
        });
        lines.line("");
        lines.line("def get_config(self):");
        lines.indented(|lines| {
            lines.line("return {\"epochs\": self.epochs, \"steps\": self.steps, \"accumulate\": self.accumulate}");
        });
    });
}

fn formula(schedule: Schedule, lr: &str, lines: &mut Lines) {
    match schedule {
        Schedule::Constant => {
            lines.line(format!("return {lr} + 0 * step"));
        }
        Schedule::Step { every, factor } => {
            lines.line(format!("return {lr} * {} ** ops.floor(step / ({every} * self.steps))", number(factor)));
        }
        Schedule::Exponential { rate } => {
            lines.line(format!("return {lr} * {} ** ops.floor(step / self.steps)", number(rate)));
        }
        Schedule::Linear { to, over } => {
            let share = format!("ops.minimum(1.0, step / ({over} * self.steps))");
            lines.line(format!("return {lr} + ({} - {lr}) * {share}", number(to)));
        }
        Schedule::Cosine { warmup: 0 } => {
            lines.line(format!("return {lr} * (1 + ops.cos(np.pi * step / (self.epochs * self.steps))) / 2"));
        }
        Schedule::Cosine { warmup } => {
            lines.line(format!("share = (step - {warmup}) / (self.epochs * self.steps - {warmup})"));
            lines.line(format!("falling = {lr} * (1 + ops.cos(np.pi * share)) / 2"));
            lines.line(format!("return ops.where(step < {warmup}, {lr} * step / {warmup}, falling)"));
        }
        Schedule::OneCycle { max_lr } => {
            let most = number(max_lr);
            lines.line("last = self.epochs * self.steps - 1");
            lines.line("peak = 0.3 * (last + 1) - 1");
            lines.line("def curve(start, end, share):");
            lines.indented(|lines| {
                lines.line("return end + (start - end) * (1 + ops.cos(np.pi * share)) / 2");
            });
            lines.line("");
            lines.line(format!("rising = curve({most} / 25, {most}, step / peak)"));
            lines.line(format!("falling = curve({most}, {most} / 25e4, (step - peak) / (last - peak))"));
            lines.line("return ops.where(step <= peak, rising, falling)");
        }
    }
}
