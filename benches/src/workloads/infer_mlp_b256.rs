//! `infer_mlp_b256`: large products forward.

use nn_bench_protocol::{Arrays, Task, inference};
use nn_runtime::network;

use super::tasks::ManyRows;

network! {
    /// 784-512-512-10.
    network Mlp {
        input x: [784];
        output y = x -> dense(512) -> relu -> dense(512) -> relu -> dense(10) -> softmax;
    }
}

pub fn task(arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    Ok(inference(ManyRows::<Mlp>::new(arrays)?))
}
