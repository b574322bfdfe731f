//! Chooses the steps that threads share, where there are several: those whose multiply-adds pay for waking a thread.

use crate::plan::{Dispatch, Op, Plan};

/// From so many multiply-adds on a step is shared.
const LEAST_MULTIPLY_ADDS: usize = 1 << 21;

/// Marks the steps that are large for so many rows. Those of one body are too small, all together.
pub fn choose_threads(mut plan: Plan, rows: usize) -> Plan {
    if plan.dispatch == Dispatch::Whole {
        return plan;
    }
    let pays = |op: &Op| can_be_shared(op) && plan.multiply_adds(op).saturating_mul(rows) >= LEAST_MULTIPLY_ADDS;
    let shared: Vec<bool> = plan.steps.iter().map(|step| pays(&step.op)).collect();
    for (step, shared) in plan.steps.iter_mut().zip(shared) {
        step.shared = shared;
    }
    plan
}

/// Whether the runtime can cut its kernel.
fn can_be_shared(op: &Op) -> bool {
    matches!(
        op,
        Op::Dense { .. }
            | Op::DenseInputGradient { .. }
            | Op::DenseWeightGradient { .. }
            | Op::DenseWeightUpdate { .. }
    )
}
