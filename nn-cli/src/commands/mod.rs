//! The subcommands, one file each.

mod check;
mod eval;
mod expand;
mod explain;
mod find_rate;
mod fmt;
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
    /// Find every mistake in specs and in their data
    Check(check::Check),
    /// Format specs
    Fmt(fmt::Fmt),
    /// Show layers, shapes, parameters and costs
    Summary(summary::Summary),
    /// Show a spec with every default resolved, or what the code of an error means
    Explain(explain::Explain),
    /// Show the Rust that a spec becomes
    Expand(expand::Expand),
    /// Show the operations that a network consists of, on which buffers
    Plan(plan::Plan),
    /// Show every value of one example, forward and backward
    Trace(trace::Trace),
    /// Train a network on the spec's data
    Train(train::Train),
    /// Measure a trained network
    Eval(eval::Eval),
    /// Predict with a trained network
    Predict(predict::Predict),
    /// End the programs of its process group when the standard input ends (`nn` runs it beside cargo)
    #[command(name = guard::COMMAND, hide = true)]
    Guard,
}

impl Command {
    /// Does it.
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
            Self::Guard => {
                guard::stand();
                Ok(())
            }
        }
    }
}
