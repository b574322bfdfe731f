//! Chooses where the instruction set is chosen: once for the whole plan where calls would cost more than they do.
//!
//! Measured with 2-8-1 on 4 rows (one step of Adam): 367 ns in one body, 435 ns kernel by kernel. For one row of
//! 8-16-16-1 it makes no difference, so inference is left as it is.

use crate::plan::{Dispatch, Plan};

/// Up to so many multiply-adds, a plan is one body. Beyond, the kernels take so much longer than the calls that
/// nothing is won, and a body of many large kernels takes long to compile.
const MOST_MULTIPLY_ADDS: usize = 4096;

/// A plan that is small for so many rows is entered once.
pub fn choose_dispatch(mut plan: Plan, rows: usize) -> Plan {
    let work: usize = plan.steps.iter().map(|step| plan.multiply_adds(&step.op)).sum();
    if work.saturating_mul(rows) <= MOST_MULTIPLY_ADDS {
        plan.dispatch = Dispatch::Whole;
    }
    plan
}
