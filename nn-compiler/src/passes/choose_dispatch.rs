//! Chooses where the instruction set is selected: once for the whole plan if calls would cost too much.
//!
//! Measured with 2-8-1 on 4 rows (one step of Adam): 367 ns in one body, 435 ns kernel by kernel. For one row of
//! 8-16-16-1 it makes no difference, so inference is left as it is.

use crate::plan::{Dispatch, Plan};

/// Up to this many multiply-adds, a plan is one body. In larger plans the kernels take so much
/// longer than the calls that nothing is gained, and a body of many large kernels takes long to
/// compile.
const MOST_MULTIPLY_ADDS: usize = 4096;

/// The body is compiled for each instruction set with all of its kernels inline, so it has at most this many.
const MOST_STEPS: usize = 64;

/// A plan that is small for this many rows is entered once.
pub fn choose_dispatch(mut plan: Plan, rows: usize) -> Plan {
    let work: usize = plan.steps.iter().map(|step| plan.multiply_adds(&step.op)).sum();
    if work.saturating_mul(rows) <= MOST_MULTIPLY_ADDS && plan.steps.len() <= MOST_STEPS {
        plan.dispatch = Dispatch::Whole;
    }
    plan
}

#[cfg(test)]
mod tests {
    use crate::codegen;
    use crate::compile::compile;
    use crate::plan::Dispatch;

    /// The dispatch of the step of this many tiny layers, and whether its kernels are entered separately.
    fn step(layers: usize) -> (Dispatch, bool) {
        let train = "train { loss: mse; optimizer: sgd(lr: 0.1); batch: 1; }";
        let text = format!("network Deep {{ input x: [1]; output y = x -> dense(1) * {layers}; {train} }}");
        let compiled = compile(&text).compiled.expect("the spec is sound");
        let step = compiled.training.as_ref().and_then(|plans| plans.step.as_ref()).expect("its step is fused");
        (step.dispatch, codegen::rust(&compiled).contains("run_apart"))
    }

    #[test]
    fn a_body_has_few_kernels() {
        assert_eq!(step(3), (Dispatch::Whole, false));
        assert_eq!(step(200), (Dispatch::Kernels, true));
    }
}
