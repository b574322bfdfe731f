//! Chooses the steps that threads share, if there are several threads: those whose multiply-adds are worth the cost of
//! handing over a piece.

use crate::agreement::SHARED_MULTIPLY_ADDS;
use crate::plan::{Dispatch, Op, Operation, Plan, Work};

/// Marks the steps that are large for this many rows. The steps of one body are too small, even all together.
pub fn choose_threads(mut plan: Plan, rows: usize) -> Plan {
    if plan.dispatch == Dispatch::Whole {
        return plan;
    }
    let pays = |op: &Op| match op.work(&plan.buffers) {
        Work::Products(products) => pays_for_threads(products.saturating_mul(rows)),
        Work::Elements => false,
    };
    let shared: Vec<bool> = plan.steps.iter().map(|step| pays(&step.op)).collect();
    for (step, shared) in plan.steps.iter_mut().zip(shared) {
        step.shared = shared;
    }
    plan
}

/// Whether this many multiply-adds are worth waking a thread. The runtime splits batches of predictions from the same
/// number on.
pub fn pays_for_threads(multiply_adds: usize) -> bool {
    multiply_adds >= SHARED_MULTIPLY_ADDS
}

#[cfg(test)]
mod tests {
    use crate::compile::compile;
    use crate::ids::ValueId;
    use crate::plan::TrainingPlans;
    use crate::plan::{Origin, Plan};

    fn plans(train: &str) -> TrainingPlans {
        let text = format!(
            "network Wide {{ input x: [1000]; output y = x -> dense(300) -> relu -> dense(10); train {{ loss: mse; {train} }} }}"
        );
        compile(&text).compiled.and_then(|compiled| compiled.training).expect("a network to train")
    }

    fn shared(plan: &Plan) -> Vec<Origin> {
        plan.steps.iter().filter(|step| step.shared).map(|step| step.origin).collect()
    }

    #[test]
    fn what_is_large_for_the_rows_of_a_batch_is_shared() {
        let plans = plans("optimizer: sgd(lr: 0.1); batch: 128;");
        // The first layer; the input is value 0.
        let wide = Origin::Value(ValueId(1));
        assert_eq!(shared(&plans.training), [wide, wide]);
        assert_eq!(plans.step.as_ref().map(shared), Some(vec![wide, wide]));
        assert_eq!(shared(&plans.evaluation), [wide]);
        assert!(plans.share_work());
    }

    #[test]
    fn a_batch_of_all_rows_is_as_large_as_its_chunks() {
        assert!(plans("optimizer: sgd(lr: 0.1); batch: all;").share_work());
    }

    #[test]
    fn small_batches_are_not_shared() {
        assert!(!plans("optimizer: sgd(lr: 0.1); batch: 2;").share_work());
    }
}
