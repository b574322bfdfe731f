//! `train_small_full`: many rows through a small network, activations take as long as products.

use nn_bench_protocol::{Arrays, Task, Workload, training};
use nn_runtime::network;

use super::tasks::Steps;

network! {
    /// 4-32-16-4.
    network Small {
        input x: [4];
        output y = x -> dense(32) -> tanh -> dense(16) -> tanh -> dense(4);
        train { loss: mse; optimizer: adam(lr: 1e-3); batch: all; }
    }
}

pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    let steps = Steps::<Small>::new(arrays, arrays.rows("x"), arrays.rows("y"))?;
    Ok(training(steps, workload))
}
