//! `train_xor`: a step so small that everything around the numbers counts.

use nn_bench_protocol::{Arrays, Task, Workload, training};
use nn_runtime::network;

use super::tasks::Steps;

network! {
    /// 2-8-1.
    network Xor {
        input x: [2];
        output y = x -> dense(8) -> tanh -> dense(1) -> sigmoid;
        train { loss: binary_cross_entropy; optimizer: adam(lr: 0.01); batch: 4; }
    }
}

pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    let steps = Steps::<Xor>::new(arrays, arrays.rows("x"), arrays.rows("y"))?;
    Ok(training(steps, workload))
}
