//! `infer_tiny_b1`: one row through a network so small that calls cost more than numbers.

use nn_bench_protocol::{Arrays, Task, inference};
use nn_runtime::network;

use super::tasks::OneRow;

network! {
    /// 8-16-16-1.
    network Tiny {
        input x: [8];
        output y = x -> dense(16) -> tanh -> dense(16) -> tanh -> dense(1);
    }
}

pub fn task(arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    Ok(inference(OneRow::<Tiny>::new(arrays, arrays.rows("x")[0])?))
}
