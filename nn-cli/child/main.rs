//! The program that `nn` builds around a network: it initialises, trains, evaluates and predicts.
//!
//! `nn` runs it with a command and its arguments, hands arrays over in a safetensors file, and reads
//! what happens as events on the standard output, one a line (`events.rs`).
//!
//! | command | does |
//! | --- | --- |
//! | `init SEED WEIGHTS` | writes a network as it is before training |
//! | `predict ARRAYS WEIGHTS THREADS` | sends an `output` for every row of `predict.inputs` |
//! | `train ARRAYS WEIGHTS EPOCHS SEED THREADS` | trains on the set `train`, validates on `validation`, writes the weights |
//! | `find-lr ARRAYS SEED` | tries learning rates on the set `train`, sends a `trial` for each, and what was `found` |
//! | `evaluate ARRAYS WEIGHTS THREADS SET…` | sends a `result` for every set |

mod arguments;
mod arrays;
mod events;
mod network;
mod numbers;
#[cfg(feature = "training")]
mod training;

use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;
use arrays::Arrays;
use network::Net;
use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;
use numbers::Numbers;

type Input = <Net as Network>::Input;
type Output = <Net as Network>::Output;

fn main() -> ExitCode {
    match run(Arguments::of_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            events::send_failure(&*error);
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    match arguments.text()?.as_str() {
        "init" => init(arguments),
        "predict" => predict(arguments),
        #[cfg(feature = "training")]
        "train" => training::train(arguments),
        #[cfg(feature = "training")]
        "find-lr" => training::find_rate(arguments),
        #[cfg(feature = "training")]
        "evaluate" => training::evaluate(arguments),
        command => Err(format!("there is no command `{command}`").into()),
    }
}

fn init(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let seed = arguments.number()?;
    Ok(Net::init(seed).save(arguments.path()?)?)
}

fn predict(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let arrays = Arrays::read(&arguments.path()?)?;
    let network = Net::load(arguments.path()?)?;
    let inputs: Vec<Input> = arrays.rows("predict.inputs")?;
    for (row, input) in inputs.iter().enumerate() {
        if let Some(token) = Net::bad_token(input) {
            return Err(format!("input row {row}: {token}").into());
        }
    }
    let mut outputs = vec![Output::zeroed(); inputs.len()];
    let mut predictor = Predictor::with_rows(network, nn_runtime::network::rows_at_a_time::<Net>(inputs.len()));
    predictor.threads(arguments.number()?)?;
    predictor.predict_batch(&inputs, &mut outputs);
    for output in &outputs {
        let mut numbers = Vec::with_capacity(Output::WIDTH);
        output.write(&mut numbers);
        events::send_output(&numbers);
    }
    Ok(())
}
