//! The program of a network, which is compiled and run as a child process. One build serves
//! training, evaluation and prediction.
//!
//! [`network_crate`] writes a small crate into one of the [`folders`], next to the [`runtime`],
//! whose source `nn` has [`carried`]. [`cargo`] builds it under a [`guard`], and [`child`] runs it
//! and receives its [`event`]s.
//!
//! The crate contains the expanded code instead of the macro. So it does not need `nn-compiler`,
//! and the code that runs can be read in `nn/…/src/network.rs` of the target folder. In a checkout
//! that is the target folder of `nn`, with the same settings for packages that `nn` also uses, so
//! these are compiled once. `nn` itself is built without optimization, because it waits for files
//! and for cargo.
//!
//! The standard input of the network's program stays open while the program runs. If it ends, `nn`
//! has ended, perhaps by SIGKILL, so the program ends too. A mutex makes it finish a file that it
//! is writing. cargo does not watch a pipe, so [`guard`] does it for cargo.

mod cargo;
mod carried;
mod child;
#[path = "../../child/event.rs"]
mod event;
mod folders;
pub mod guard;
mod network_crate;
mod runtime;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::arrays::Arrays;
use crate::error::Error;
use crate::output::Output;
use crate::program::child::{Failure, Job, Running};
use crate::program::folders::TargetFolder;
use crate::program::network_crate::NetworkCrate;
use crate::program::runtime::Runtime;
use crate::spec::Spec;

pub use event::{Event, Moment, NonFiniteRow, Number, SearchEnd, Stopped};
pub use folders::TargetDir;

/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Passes over the training rows.
    pub epochs: usize,
    /// The seed of the initial weights, the order of rows and dropout.
    pub seed: u64,
    /// The number of threads.
    pub threads: u16,
}

/// A network's program.
pub struct Program {
    executable: PathBuf,
    content: String,
    spec: PathBuf,
    /// Holds the lock of the target folder.
    _target: TargetFolder,
}

/// A running program.
pub struct Run {
    running: Running,
    spec: PathBuf,
}

impl Program {
    /// Writes and builds the program, unless it exists. Support for threads is built in if there
    /// are several.
    pub fn build(spec: &Spec, threads: u16, target: &TargetDir) -> Result<Self, Error> {
        let target = TargetFolder::open(target)?;
        let network_crate = NetworkCrate::new(spec, threads > 1, &Runtime::open(&target)?);
        let folder = network_crate.write(&target)?;
        let scratch = target.scratch()?;
        let executable = cargo::build(&folder, &target.path, scratch.path())?;
        Ok(Self { executable, content: network_crate.content, spec: spec.path.clone(), _target: target })
    }

    /// The tensors that training with this seed starts from, by name.
    pub fn init(&self, seed: u64) -> Result<Vec<(String, Vec<f32>)>, Error> {
        let mut tensors = Vec::new();
        self.start(["init".into(), seed.to_string().into()], &Arrays::default())?.receive(|event| {
            if let Event::Tensor { name, values } = event {
                tensors.push((name, f32s(&values)));
            }
            Ok(())
        })?;
        Ok(tensors)
    }

    /// The outputs of the rows `predict.inputs`.
    pub fn predict(&self, arrays: &Arrays, weights: &Path, threads: u16) -> Result<Vec<Vec<f32>>, Error> {
        let mut outputs = Vec::new();
        let arguments = ["predict".into(), weights.into(), threads.to_string().into()];
        self.start(arguments, arrays)?.receive(|event| {
            if let Event::Output(output) = event {
                outputs.push(f32s(&output));
            }
            Ok(())
        })?;
        Ok(outputs)
    }

    /// The loss and metrics of each set, as [`Event::Result`].
    pub fn evaluate(
        &self,
        arrays: &Arrays,
        weights: &Path,
        threads: u16,
        sets: &[&str],
        on_event: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let arguments = ["evaluate".into(), weights.into(), threads.to_string().into()];
        self.start(arguments.into_iter().chain(sets.iter().map(OsString::from)), arrays)?.receive(on_event)
    }

    /// Trains on the set `train`, validates on `validation`, and writes the weights. All rows have
    /// been sent when this returns.
    pub fn train(&self, arrays: &Arrays, output: &Output, settings: Settings) -> Result<Run, Error> {
        let Settings { epochs, seed, threads } = settings;
        let numbers = [epochs.to_string(), seed.to_string(), threads.to_string()].map(OsString::from);
        let files = output.files.iter().map(OsString::from);
        let arguments = [OsString::from("train")].into_iter().chain(numbers).chain(files);
        let job = Job { can_stop: true, writes: output.files.clone(), ..self.job(arguments) };
        self.run(job, arrays)
    }

    /// Searches for a learning rate on the set `train`, as [`Event::Trial`]s and an
    /// [`Event::Found`].
    pub fn find_rate(&self, arrays: &Arrays, seed: u64) -> Result<Run, Error> {
        let job = self.job(["find-lr".into(), seed.to_string().into()]);
        self.run(Job { can_stop: true, ..job }, arrays)
    }

    fn job(&self, arguments: impl IntoIterator<Item = OsString>) -> Job<'_> {
        let arguments = arguments.into_iter().collect();
        Job { program: &self.executable, content: &self.content, arguments, can_stop: false, writes: Vec::new() }
    }

    fn start(&self, arguments: impl IntoIterator<Item = OsString>, arrays: &Arrays) -> Result<Run, Error> {
        self.run(self.job(arguments), arrays)
    }

    fn run(&self, job: Job, arrays: &Arrays) -> Result<Run, Error> {
        Ok(Run { running: Running::start(job, arrays)?, spec: self.spec.clone() })
    }
}

impl Run {
    /// Receives events until the program ends.
    pub fn receive(self, on_event: impl FnMut(Event) -> Result<(), Error>) -> Result<(), Error> {
        self.running.receive(on_event).map_err(|failure| match failure {
            Failure::Mismatch(message) => Error::Mismatch { message, spec: self.spec },
            Failure::Other(error) => *error,
        })
    }
}

/// The numbers of a tensor or output, which are `f32` in the network's program.
fn f32s(numbers: &[Number]) -> Vec<f32> {
    numbers.iter().map(|number| number.0 as f32).collect()
}
