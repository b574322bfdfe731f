//! Budgets: what `assert` limits, against what the network costs.

use crate::costs::{self, Costs};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::{Budget, Model, Quantity, ValueId};
use crate::resolve::Known;
use crate::shape::Shapes;
use crate::stack::Stack;

/// Reports every budget that is exceeded, with the layer that costs the most. A budget for training is checked only if
/// its costs are known, or if the network certainly has no `train`.
pub fn check(model: &Model, shapes: &Shapes, costs: &Costs, known: &Known, sink: &mut Sink) {
    for budget in &model.budgets {
        let Some(actual) = actual(budget.quantity, costs) else {
            if !known.is_untrained {
                continue;
            }
            let name = budget.quantity.name();
            let message = format!("`{name}` limits training, but this network has no `train`");
            sink.push(Diagnostic::error(code::CONTRADICTION, budget.span, message));
            continue;
        };
        if !budget.comparison.holds(actual, budget.bound) {
            sink.push(exceeded(model, shapes, costs, budget, actual));
        }
    }
}

fn actual(quantity: Quantity, costs: &Costs) -> Option<f64> {
    Some(match quantity {
        Quantity::Params => costs.params as f64,
        Quantity::Macs => costs.macs as f64,
        Quantity::Flops => costs.flops as f64,
        Quantity::Memory => costs.memory as f64,
        Quantity::TrainingMemory => costs.training_memory? as f64,
        Quantity::Stack => costs.stack.bytes as f64,
        Quantity::TrainingStack => costs.training_stack?.bytes as f64,
        Quantity::Size => costs.size as f64,
    })
}

fn exceeded(model: &Model, shapes: &Shapes, costs: &Costs, budget: &Budget, actual: f64) -> Diagnostic {
    let (name, symbol, bound) = (budget.quantity.name(), budget.comparison.symbol(), budget.bound);
    let message = format!("`{name}` is {actual}, but the budget is `{name} {symbol} {bound}`");
    let mut diagnostic = Diagnostic::error(code::BUDGET, budget.span, message);
    if (actual - bound).abs() > 0.0 {
        let side = if actual > bound { "over" } else { "under" };
        diagnostic = diagnostic.caption(format!("{} {side}", (actual - bound).abs()));
    }
    let cost: fn(&Model, &Shapes, ValueId) -> u64 = match budget.quantity {
        Quantity::Macs => costs::macs,
        Quantity::Flops => costs::flops,
        Quantity::Params | Quantity::Memory | Quantity::TrainingMemory | Quantity::Size => {
            |model, shapes, id| costs::params(model, shapes, id) as u64
        }
        Quantity::Stack => return largest_frame(diagnostic, model, Some(costs.stack)),
        Quantity::TrainingStack => return largest_frame(diagnostic, model, costs.training_stack),
    };
    let what = match budget.quantity {
        Quantity::Macs => "macs",
        Quantity::Flops => "flops",
        Quantity::Params | Quantity::Memory | Quantity::TrainingMemory | Quantity::Size => "params",
        Quantity::Stack | Quantity::TrainingStack => "bytes",
    };
    match model.ids().max_by_key(|id| cost(model, shapes, *id)) {
        Some(largest) if cost(model, shapes, largest) > 0 => {
            let most = cost(model, shapes, largest);
            let all = model.ids().map(|id| cost(model, shapes, id)).sum::<u64>();
            let share = (100.0 * most as f64 / all as f64).round();
            let text = format!("this costs the most: {most} {what}, {share} % of the total");
            diagnostic.label(model.value(largest).span, text)
        }
        _ => diagnostic,
    }
}

/// Points at the layer whose kernel takes the most stack.
fn largest_frame(diagnostic: Diagnostic, model: &Model, stack: Option<Stack>) -> Diagnostic {
    match stack.and_then(|stack| Some((stack.frame, stack.largest?.value()?))) {
        Some((frame, layer)) => {
            diagnostic.label(model.value(layer).span, format!("this layer's kernel takes the most: {frame} bytes"))
        }
        None => diagnostic,
    }
}
