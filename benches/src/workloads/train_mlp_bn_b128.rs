//! `train_mlp_bn_b128`: batch norm, dropout and a penalty between the products.

use nn_bench_protocol::{Arrays, Task, Workload, training};
use nn_runtime::network;

use super::tasks::Steps;

network! {
    /// 784-256-128-10, normalised.
    network Normalised {
        input x: [784];
        block unit(n) = dense(n, bias: false) -> batch_norm -> relu -> dropout(0.3);
        output y = x -> unit(256) -> unit(128) -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 1e-3); regularizer: l2(1e-4); batch: 128; }
    }
}

pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    let steps = Steps::<Normalised>::new(arrays, arrays.rows("x"), arrays.classes())?;
    Ok(training(steps, workload))
}
