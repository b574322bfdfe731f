//! The program that `nn` compiles for a network. It initialises, trains, evaluates and predicts.
//!
//! `nn` runs it with a command and its arguments, sends rows to its standard input (`input.rs`),
//! and reads events from its standard output, one on each line (`event.rs`). The first event is the
//! hash of its sources, so `nn` knows that it is the right program.
//!
//! | command | does |
//! | --- | --- |
//! | `init SEED` | sends a `tensor` for every tensor of an untrained network |
//! | `predict WEIGHTS THREADS` | sends an `output` for every row of `predict.inputs` |
//! | `train EPOCHS SEED THREADS OUT UNFINISHED RESCUE…` | trains on the set `train`, validates on `validation`, and writes the weights to `OUT` or `UNFINISHED`, or to the first `RESCUE` file that can be written |
//! | `find-lr SEED` | tries learning rates on the set `train`, sends a `trial` for each, then `found` |
//! | `evaluate WEIGHTS THREADS SET…` | sends a `result` for every set |

// Without training, parts of the other files are not used.
#![cfg_attr(not(feature = "training"), allow(dead_code, unused_variables))]

mod arguments;
mod arrays;
mod event;
mod flat_row;
mod input;
mod network;
mod send;
#[cfg(feature = "training")]
mod training;

use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;
use arrays::Arrays;
use event::Event;
use flat_row::FlatRow;
use network::Net;
use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;
use send::{exact, send};

type Input = <Net as Network>::Input;
type Output = <Net as Network>::Output;

fn main() -> ExitCode {
    send(&Event::Content(network::CONTENT.to_owned()));
    match run(Arguments::of_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            send::send_failure(&*error);
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let arrays = input::arrays()?;
    let stop = input::listen();
    match arguments.text()?.as_str() {
        "init" => init(arguments),
        "predict" => predict(&arrays, arguments),
        #[cfg(feature = "training")]
        "train" => training::train(&arrays, arguments, stop),
        #[cfg(feature = "training")]
        "find-lr" => training::find_rate(&arrays, arguments, stop),
        #[cfg(feature = "training")]
        "evaluate" => training::evaluate(&arrays, arguments),
        command => Err(format!("there is no command `{command}`").into()),
    }
}

fn init(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let network = Net::init(arguments.number()?);
    for (name, _, values) in network.parameters().chain(network.statistics()) {
        send(&Event::Tensor { name: name.to_owned(), values: exact(values) });
    }
    Ok(())
}

fn predict(arrays: &Arrays, mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let network = Net::load(arguments.path()?)?;
    let inputs: Vec<Input> = arrays.rows("predict.inputs")?;
    for (row, input) in inputs.iter().enumerate() {
        if let Some(token) = Net::bad_token(input) {
            return Err(format!("input row {row}: {token}").into());
        }
    }
    let mut outputs = vec![Output::zeroed(); inputs.len()];
    let mut predictor = Predictor::with_rows(network, nn_runtime::network::rows_at_a_time::<Net>(inputs.len()));
    predictor.set_threads(arguments.number()?)?;
    predictor.predict_batch(&inputs, &mut outputs);
    for output in &outputs {
        let mut values = Vec::with_capacity(Output::WIDTH);
        output.write(&mut values);
        send(&Event::Output(exact(&values)));
    }
    Ok(())
}
