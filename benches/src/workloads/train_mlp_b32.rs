//! `train_mlp_b32`: a step of a small batch, where the optimizer touches as much memory as the
//! products.

use nn_bench_protocol::{Arrays, Task, Workload, training};
use nn_runtime::network;

use super::tasks::Steps;

network! {
    /// 784-128-64-10.
    network Mlp {
        input x: [784];
        output y = x -> dense(128) -> relu -> dense(64) -> relu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 1e-3); batch: 32; }
    }
}

pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    let steps = Steps::<Mlp>::new(arrays, arrays.rows("x"), arrays.classes())?;
    Ok(training(steps, workload))
}
