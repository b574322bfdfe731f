//! Budgets: what `assert` limits, against what the network costs.

use crate::costs::{self, Costs};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::{Budget, Model, Quantity, ValueId};
use crate::resolve::Known;
use crate::shape::Shapes;

/// Reports every budget that is exceeded, with the layer that costs the most. A budget for training is checked only if
/// its costs are known, or if the network certainly has no `train`.
pub fn check(model: &Model, shapes: &Shapes, costs: &Costs, known: &Known, sink: &mut Sink) {
    for budget in &model.budgets {
        let Some(actual) = actual(budget.quantity, costs) else {
            if !known.is_untrained {
                continue;
            }
            let message = "`memory(train)` limits training, but this network has no `train`";
            sink.push(Diagnostic::error(code::CONTRADICTION, budget.span, message));
            continue;
        };
        if !budget.comparison.holds(actual, budget.bound) {
            sink.push(exceeded(model, shapes, budget, actual));
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
        Quantity::Size => costs.size as f64,
    })
}

fn exceeded(model: &Model, shapes: &Shapes, budget: &Budget, actual: f64) -> Diagnostic {
    let (name, symbol, bound) = (budget.quantity.name(), budget.comparison.symbol(), budget.bound);
    let message = format!("`{name}` is {actual}, but the budget is `{name} {symbol} {bound}`");
    let mut diagnostic = Diagnostic::error(code::BUDGET, budget.span, message);
    if (actual - bound).abs() > 0.0 {
        let side = if actual > bound { "over" } else { "under" };
        diagnostic = diagnostic.caption(format!("{} {side}", (actual - bound).abs()));
    }
    let cost = |id: &ValueId| match budget.quantity {
        Quantity::Macs => costs::macs(model, shapes, *id),
        Quantity::Flops => costs::flops(model, shapes, *id),
        Quantity::Params | Quantity::Memory | Quantity::TrainingMemory | Quantity::Size => {
            costs::params(model, shapes, *id) as u64
        }
    };
    let what = match budget.quantity {
        Quantity::Macs => "macs",
        Quantity::Flops => "flops",
        Quantity::Params | Quantity::Memory | Quantity::TrainingMemory | Quantity::Size => "params",
    };
    match model.ids().max_by_key(cost) {
        Some(largest) if cost(&largest) > 0 => {
            let (most, all) = (cost(&largest), model.ids().map(|id| cost(&id)).sum::<u64>());
            let share = (100.0 * most as f64 / all as f64).round();
            let text = format!("this costs the most: {most} {what}, {share} % of the total");
            diagnostic.label(model.value(largest).span, text)
        }
        _ => diagnostic,
    }
}
