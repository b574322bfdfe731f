//! The subcommands, one file for each.

mod check;
mod eval;
mod expand;
mod explain;
mod export;
mod find_rate;
mod fmt;
mod import;
mod plan;
mod predict;
mod summary;
mod trace;
mod train;

use clap::Subcommand;

use crate::error::Error;
use crate::interrupts;
use crate::program::guard;

/// What `nn` can do.
#[derive(Subcommand)]
pub enum Command {
    /// Check specs and their data for mistakes
    Check(check::Check),
    /// Format specs
    Fmt(fmt::Fmt),
    /// Show layers, shapes, parameters and costs
    Summary(summary::Summary),
    /// Show a spec with all defaults, or explain an error code
    Explain(explain::Explain),
    /// Show the Rust code generated for a spec
    Expand(expand::Expand),
    /// Show the operations of a network and their buffers
    Plan(plan::Plan),
    /// Show all values of one row, forward and backward
    Trace(trace::Trace),
    /// Train a network on the data of its spec
    Train(train::Train),
    /// Measure the loss and metrics of a trained network
    Eval(eval::Eval),
    /// Predict with a trained network
    Predict(predict::Predict),
    /// Write a network as code for other programs
    Export(export::Export),
    /// Make a spec and weights of an ONNX model, or weights of a state dictionary of PyTorch
    Import(import::Import),
    /// End the process group when the standard input ends (`nn` runs this next to cargo)
    #[command(name = guard::COMMAND, hide = true)]
    Guard,
}

impl Command {
    /// Runs the command.
    pub fn run(self) -> Result<(), Error> {
        interrupts::listen()?;
        match self {
            Self::Check(check) => check.run(),
            Self::Fmt(fmt) => fmt.run(),
            Self::Summary(summary) => summary.run(),
            Self::Explain(explain) => explain.run(),
            Self::Expand(expand) => expand.run(),
            Self::Plan(plan) => plan.run(),
            Self::Trace(trace) => trace.run(),
            Self::Train(train) => train.run(),
            Self::Eval(eval) => eval.run(),
            Self::Predict(predict) => predict.run(),
            Self::Export(export) => export.run(),
            Self::Import(import) => import.run(),
            Self::Guard => {
                guard::run();
                Ok(())
            }
        }
    }
}
