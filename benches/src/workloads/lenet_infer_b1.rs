//! `lenet_infer_b1`: one image, whose values all fit the first-level cache.

use nn_bench_protocol::{Arrays, Task, inference};
use nn_runtime::network;

use super::tasks::{OneRow, images};

network! {
    /// LeNet-5.
    network Lenet {
        input x: [1, 28, 28];
        output y = x
            -> conv2d(6, kernel: 5, padding: 2) -> relu -> max_pool2d(2)
            -> conv2d(16, kernel: 5) -> relu -> max_pool2d(2)
            -> flatten -> dense(120) -> relu -> dense(84) -> relu -> dense(10) -> softmax;
    }
}

pub fn task(arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    Ok(inference(OneRow::<Lenet>::new(arrays, images(arrays)[0])?))
}
