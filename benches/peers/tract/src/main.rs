//! The workloads on tract, which only predicts: a model of its own operators, optimised by it.

mod network;

use std::hint::black_box;
use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve::from_arrays;
use nn_bench_protocol::workload::Job;
use nn_bench_protocol::{Arrays, Inference, Task, Workload, inference, serve};
use tract_core::prelude::*;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    serve("tract", "tract 0.23", &folder, from_arrays(task))
}

fn task(workload: &Workload, arrays: &Arrays) -> Result<Option<Box<dyn Task>>, String> {
    if workload.job != Job::Infer {
        return Ok(None);
    }
    let state = network::build(workload, arrays).map_err(|error| format!("{error:#}"))?;
    let x = network::tensor(arrays, "x").map_err(|error| format!("{error:#}"))?;
    Ok(Some(inference(Rows { state, x: x.into_tvalue(), outputs: None })))
}

struct Rows {
    state: network::State,
    x: TValue,
    outputs: Option<TValue>,
}

impl Inference for Rows {
    fn predict(&mut self) -> Result<(), String> {
        let outputs = self.state.run(tvec!(black_box(self.x.clone()))).map_err(|error| format!("{error:#}"))?;
        self.outputs = black_box(outputs).pop();
        Ok(())
    }

    fn outputs(&self) -> Result<Vec<f32>, String> {
        let outputs = self.outputs.as_ref().ok_or("nothing was predicted")?;
        network::floats(outputs).map_err(|error| format!("{error:#}"))
    }
}
