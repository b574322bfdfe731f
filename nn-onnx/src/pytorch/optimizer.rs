//! The optimizer of a spec, the schedule of its learning rate, and an update.

use nn_compiler::model::Schedule;
use nn_compiler::vocabulary::Optimizer;

use super::training::Training;
use crate::python::{Lines, number};

/// The optimizers that PyTorch does not have with the conventions of the language.
pub fn pieces(of: &Training) -> Option<&'static str> {
    match of.train.optimizer {
        Optimizer::RmsProp { .. } => Some(include_str!("pieces/rmsprop.py")),
        Optimizer::Sgd { .. } if needs_velocity(of) => Some(include_str!("pieces/momentum.py")),
        Optimizer::Sgd { .. }
        | Optimizer::Adam { .. }
        | Optimizer::AdamW { .. }
        | Optimizer::Adagrad { .. }
        | Optimizer::Perceptron { .. } => None,
    }
}

/// Whether the learning rate changes while a velocity remembers it.
fn needs_velocity(of: &Training) -> bool {
    match of.train.optimizer {
        Optimizer::Sgd { momentum, .. } => momentum != 0.0 && of.train.schedule != Schedule::Constant,
        Optimizer::RmsProp { .. }
        | Optimizer::Adam { .. }
        | Optimizer::AdamW { .. }
        | Optimizer::Adagrad { .. }
        | Optimizer::Perceptron { .. } => false,
    }
}

/// The class, and its arguments after the parameters.
fn class(of: &Training) -> String {
    let lr = number(of.train.optimizer.learning_rate());
    let adam = |name: &str, beta1: f64, beta2: f64, eps: f64| {
        let betas = match (beta1, beta2) {
            (0.9, 0.999) => String::new(),
            _ => format!(", betas=({}, {})", number(beta1), number(beta2)),
        };
        let eps = if eps == 1e-8 { String::new() } else { format!(", eps={}", number(eps)) };
        format!("torch.optim.{name}(PARAMETERS, lr={lr}{betas}{eps}")
    };
    match of.train.optimizer {
        Optimizer::Sgd { momentum, nesterov, weight_decay, .. } if needs_velocity(of) => {
            let (momentum, decay) = (number(momentum), number(weight_decay));
            let nesterov = if nesterov { "True" } else { "False" };
            format!("MomentumSGD(PARAMETERS, lr={lr}, momentum={momentum}, nesterov={nesterov}, weight_decay={decay})")
        }
        Optimizer::Sgd { momentum, nesterov, weight_decay, .. } => {
            let mut call = format!("torch.optim.SGD(PARAMETERS, lr={lr}");
            for (name, value) in [("momentum", momentum), ("weight_decay", weight_decay)] {
                call += &if value == 0.0 { String::new() } else { format!(", {name}={}", number(value)) };
            }
            call + if nesterov { ", nesterov=True)" } else { ")" }
        }
        Optimizer::RmsProp { rho, eps, .. } => {
            format!("RMSprop(PARAMETERS, lr={lr}, rho={}, eps={})", number(rho), number(eps))
        }
        Optimizer::Adam { beta1, beta2, eps, .. } => adam("Adam", beta1, beta2, eps) + ")",
        Optimizer::AdamW { beta1, beta2, eps, weight_decay, .. } => {
            adam("AdamW", beta1, beta2, eps) + &format!(", weight_decay={})", number(weight_decay))
        }
        Optimizer::Adagrad { eps, .. } => format!("torch.optim.Adagrad(PARAMETERS, lr={lr}, eps={})", number(eps)),
        Optimizer::Perceptron { .. } => format!("torch.optim.SGD(PARAMETERS, lr={lr})"),
    }
}

/// Writes `make_optimizer`.
pub fn optimizer(of: &Training, lines: &mut Lines) {
    lines.line(format!("def make_optimizer(model: {}) -> torch.optim.Optimizer:", of.model.class));
    lines.indented(|lines| {
        let groups = groups(of);
        if groups.iter().any(|(factor, _)| *factor != 1.0) {
            lines.line("\"\"\"The optimizer of the spec, with learning rates of its values.\"\"\"");
            lines.line("groups = [");
            lines.indented(|lines| {
                for (factor, modules) in &groups {
                    let rate = number(of.train.optimizer.learning_rate() * factor);
                    let all: Vec<String> =
                        modules.iter().map(|module| format!("*model.{module}.parameters()")).collect();
                    lines.list("{\"params\": [", &all, &format!("], \"lr\": {rate}}},"));
                }
            });
            lines.line("]");
            lines.line(format!("return {}", class(of).replace("PARAMETERS", "groups")));
        } else {
            lines.line("\"\"\"The optimizer of the spec.\"\"\"");
            let parameters = if is_partly_still(of) { "trained(model)" } else { "model.parameters()" };
            lines.line(format!("return {}", class(of).replace("PARAMETERS", parameters)));
        }
    });
}

/// Whether some parameters do not change.
pub fn is_partly_still(of: &Training) -> bool {
    let tensors = &of.model.compiled.tensors;
    tensors.of(nn_compiler::plan::TensorKind::Parameter).any(|tensor| !of.model.reach.moves(tensor))
}

/// The modules with parameters that change, by the factor of their learning rate.
fn groups(of: &Training) -> Vec<(f64, Vec<String>)> {
    let mut groups: Vec<(f64, Vec<String>)> = Vec::new();
    for module in &of.model.modules {
        let tensors = &of.model.compiled.tensors.all;
        let mut own = tensors.iter().filter(|tensor| module.layers.contains(&tensor.value));
        let Some(tensor) = own.find(|tensor| of.model.reach.moves(tensor)) else { continue };
        let factor = tensor.rate.map_or(1.0, |rate| of.train.rates[rate].factor);
        match groups.iter_mut().find(|(other, _)| *other == factor) {
            Some((_, modules)) => modules.push(module.name.clone()),
            None => groups.push((factor, vec![module.name.clone()])),
        }
    }
    groups
}

/// Writes `make_schedule`, if the learning rate changes. Returns whether it does.
pub fn schedule(of: &Training, lines: &mut Lines) -> bool {
    if of.train.schedule == Schedule::Constant {
        return false;
    }
    lines.gap();
    lines.line("def make_schedule(optimizer, epochs: int, steps: int) -> torch.optim.lr_scheduler.LRScheduler:");
    lines.indented(|lines| {
        lines.line("\"\"\"The learning rate, for epochs of this many steps; it moves after each step.\"\"\"");
        let lr = of.train.optimizer.learning_rate();
        let by_factor = "return torch.optim.lr_scheduler.LambdaLR(optimizer, ";
        match of.train.schedule {
            Schedule::Constant => {}
            Schedule::Step { every, factor } => {
                let (size, gamma) = (format!("{every} * steps"), number(factor));
                lines.line(format!("return torch.optim.lr_scheduler.StepLR(optimizer, {size}, gamma={gamma})"));
            }
            Schedule::Exponential { rate } => {
                lines.line(format!("{by_factor}lambda step: {} ** (step // steps))", number(rate)));
            }
            Schedule::Linear { to, over } => {
                let last = number(to / lr);
                lines.line(format!("{by_factor}lambda step: 1 + ({last} - 1) * min(1, step / ({over} * steps)))"));
            }
            Schedule::Cosine { warmup: 0 } => {
                lines.line("return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * steps)");
            }
            Schedule::Cosine { warmup } => {
                lines.line("def factor(step: int) -> float:");
                lines.indented(|lines| {
                    lines.line(format!("if step < {warmup}:"));
                    lines.indented(|lines| {
                        lines.line(format!("return step / {warmup}"));
                    });
                    lines.line(format!("share = (step - {warmup}) / (epochs * steps - {warmup})"));
                    lines.line("return (1 + math.cos(math.pi * share)) / 2");
                });
                lines.line("");
                lines.line(format!("{by_factor}factor)"));
            }
            Schedule::OneCycle { max_lr } => one_cycle(of, max_lr, lines),
        }
    });
    true
}

fn one_cycle(of: &Training, max_lr: f64, lines: &mut Lines) {
    let factors: Vec<f64> = groups(of).into_iter().map(|(factor, _)| factor).collect();
    let rate = match factors.iter().any(|factor| *factor != 1.0) {
        true => {
            let rates: Vec<String> = factors.iter().map(|factor| number(max_lr * factor)).collect();
            format!("[{}]", rates.join(", "))
        }
        false => number(max_lr),
    };
    lines.line("return torch.optim.lr_scheduler.OneCycleLR(");
    lines.indented(|lines| {
        lines.line(format!("optimizer, max_lr={rate}, total_steps=epochs * steps, cycle_momentum=False"));
    });
    lines.line(")");
}

/// Writes `update`.
pub fn update(of: &Training, lines: &mut Lines) {
    lines.line(format!("def update(model: {}, optimizer: torch.optim.Optimizer) -> None:", of.model.class));
    lines.indented(|lines| {
        lines.line("\"\"\"One step along the gradients.\"\"\"");
        if of.model.reach.has_unreached() {
            lines.line("for weight in model.parameters():");
            lines.indented(|lines| {
                lines.line("# No loss reaches it, but weight decay and the optimizer's memory act on it.");
                lines.line("if weight.requires_grad and weight.grad is None:");
                lines.indented(|lines| {
                    lines.line("weight.grad = torch.zeros_like(weight)");
                });
            });
        }
        if let Some(most) = of.train.clip_norm {
            let parameters = if is_partly_still(of) { "trained(model)" } else { "model.parameters()" };
            lines.line(format!("nn.utils.clip_grad_norm_({parameters}, {})", number(most)));
        }
        lines.line("optimizer.step()");
    });
}
