//! `lenet_train_b32`: convolutions and their gradients take most of a step.

use nn_bench_protocol::{Arrays, Task, Workload, training};
use nn_runtime::network;

use super::tasks::{Steps, images};

network! {
    /// LeNet-5.
    network Lenet {
        input x: [1, 28, 28];
        output y = x
            -> conv2d(6, kernel: 5, padding: 2) -> relu -> max_pool2d(2)
            -> conv2d(16, kernel: 5) -> relu -> max_pool2d(2)
            -> flatten -> dense(120) -> relu -> dense(84) -> relu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 1e-3); batch: 32; }
    }
}

pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Box<dyn Task>, String> {
    let steps = Steps::<Lenet>::new(arrays, images(arrays), arrays.classes())?;
    Ok(training(steps, workload))
}
