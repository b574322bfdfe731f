//! `infer_mlp_b1`: one row, so every weight is read for one multiply-add.

use nn_bench_protocol::{Arrays, Task, inference};
use nn_runtime::network;

use super::tasks::OneRow;

network! {
    /// 784-128-64-10.
    network Mlp {
        input x: [784];
        output y = x -> dense(128) -> relu -> dense(64) -> relu -> dense(10) -> softmax;
    }
}

pub fn task(arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    Ok(inference(OneRow::<Mlp>::new(arrays, arrays.rows("x")[0])?))
}
