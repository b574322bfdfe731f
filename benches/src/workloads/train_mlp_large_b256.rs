//! `train_mlp_large_b256`: products whose weights do not fit into the caches near a core.

use nn_bench_protocol::{Arrays, Task, Workload, training};
use nn_runtime::network;

use super::tasks::Steps;

network! {
    /// 784-1024-1024-10.
    network Large {
        input x: [784];
        output y = x -> dense(1024) -> relu -> dense(1024) -> relu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.01, momentum: 0.9); batch: 256; }
    }
}

pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    let steps = Steps::<Large>::new(arrays, arrays.rows("x"), arrays.classes())?;
    Ok(training(steps, workload))
}
