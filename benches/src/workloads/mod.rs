//! The workloads as this project computes them: a spec each, and what runs it.

mod digits_epochs;
mod infer_mlp_b1;
mod infer_mlp_b256;
mod infer_tiny_b1;
mod lenet_infer_b1;
mod lenet_train_b32;
mod tasks;
mod train_mlp_b32;
mod train_mlp_bn_b128;
mod train_mlp_large_b256;
mod train_small_full;
mod train_xor;

use nn_bench_protocol::{Arrays, Task, Workload};

/// The task of a workload.
pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    Ok(Some(match workload.name {
        "infer_tiny_b1" => infer_tiny_b1::task(arrays)?,
        "infer_mlp_b1" => infer_mlp_b1::task(arrays)?,
        "infer_mlp_b256" => infer_mlp_b256::task(arrays)?,
        "train_xor" => train_xor::task(workload, arrays)?,
        "train_small_full" => train_small_full::task(workload, arrays)?,
        "train_mlp_b32" => train_mlp_b32::task(workload, arrays)?,
        "train_mlp_bn_b128" => train_mlp_bn_b128::task(workload, arrays)?,
        "train_mlp_large_b256" => train_mlp_large_b256::task(workload, arrays)?,
        "lenet_infer_b1" => lenet_infer_b1::task(arrays)?,
        "lenet_train_b32" => lenet_train_b32::task(workload, arrays)?,
        "digits_epochs" => digits_epochs::task(arrays)?,
        _ => return Ok(None),
    }))
}
