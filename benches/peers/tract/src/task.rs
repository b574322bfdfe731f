//! The workloads as tasks.

use std::hint::black_box;

use nn_bench_protocol::{Arrays, Inference, Task, Workload, inference};
use tract_core::internal::*;

use crate::network::{Activation, Head, network, tensor};

/// The task of a workload.
pub fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    let (activation, head) = match workload.name {
        "infer_tiny_b1" => (Activation::Tanh, Head::Linear),
        "infer_mlp_b1" | "infer_mlp_b256" | "lenet_infer_b1" => (Activation::Relu, Head::Softmax),
        _ => return Ok(None),
    };
    let rows = || -> TractResult<Rows> {
        let state = network(workload, arrays, activation, head)?.spawn()?;
        Ok(Rows { state, x: tensor(arrays, "x")?.into_tvalue(), outputs: tvec![] })
    };
    Ok(Some(inference(rows().map_err(said)?)))
}

fn said(error: TractError) -> String {
    format!("{error:#}")
}

struct Rows {
    state: TypedSimpleState,
    x: TValue,
    outputs: TVec<TValue>,
}

impl Inference for Rows {
    fn predict(&mut self) -> Result<(), String> {
        self.outputs = black_box(self.state.run(tvec![black_box(self.x.clone())]).map_err(said)?);
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        let outputs = self.outputs.first().ok_or("nothing was predicted")?;
        let outputs = outputs.to_plain_array_view::<f32>().map_err(said)?;
        Ok(outputs.iter().copied().collect())
    }
}
