//! The program that is built around a network, and run as a child: one build serves training,
//! evaluation and prediction.
//!
//! [`source`] writes it as a small crate of its own, [`cargo`] builds it, [`child`] runs it and hears its
//! [`event`]s.

mod cargo;
mod child;
mod event;
mod folders;
mod source;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::interrupts::Interrupts;
use crate::spec::Spec;

pub use event::{Event, SearchEnd, Stopped};

/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Passes over the training rows.
    pub epochs: usize,
    /// Of initial weights, order and dropout.
    pub seed: u64,
    /// Threads to compute on.
    pub threads: u16,
}

/// A network's program.
pub struct Program {
    executable: PathBuf,
    spec: PathBuf,
}

impl Program {
    /// Writes and builds what has changed since the last time. What threads need is built where there are several.
    pub fn build(spec: &Spec, threads: u16, interrupts: &Interrupts) -> Result<Self, Error> {
        let target = folders::target();
        let folder = source::write(spec, threads > 1, &target)?;
        let executable = cargo::build(&folder, &target, interrupts)?;
        Ok(Self { executable, spec: spec.path.clone() })
    }

    /// Writes the weights that training with this seed starts from.
    pub fn init(&self, seed: u64, weights: &Path) -> Result<(), Error> {
        self.run(&["init".into(), seed.to_string().into(), weights.into()], &Interrupts::none(), |_| Ok(()))
    }

    /// The outputs of the rows `predict.inputs`, computed on so many threads.
    pub fn predict(&self, arrays: &Path, weights: &Path, threads: u16) -> Result<Vec<Vec<f32>>, Error> {
        let mut outputs = Vec::new();
        let arguments = ["predict".into(), arrays.into(), weights.into(), threads.to_string().into()];
        self.run(&arguments, &Interrupts::none(), |event| {
            if let Event::Output(output) = event {
                outputs.push(output);
            }
            Ok(())
        })?;
        Ok(outputs)
    }

    /// Loss and metrics of some sets, in [`Event::Result`]s, computed on so many threads.
    pub fn evaluate(
        &self,
        arrays: &Path,
        weights: &Path,
        threads: u16,
        sets: &[&str],
        on_event: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut arguments: Vec<OsString> =
            vec!["evaluate".into(), arrays.into(), weights.into(), threads.to_string().into()];
        arguments.extend(sets.iter().map(OsString::from));
        self.run(&arguments, &Interrupts::none(), on_event)
    }

    /// Trains on the set `train`, validates on `validation`, and writes the weights.
    pub fn train(
        &self,
        arrays: &Path,
        weights: &Path,
        settings: Settings,
        interrupts: &Interrupts,
        on_event: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Settings { epochs, seed, threads } = settings;
        let numbers = [epochs.to_string(), seed.to_string(), threads.to_string()].map(OsString::from);
        let mut arguments: Vec<OsString> = vec!["train".into(), arrays.into(), weights.into()];
        arguments.extend(numbers);
        self.run(&arguments, interrupts, on_event)
    }

    /// Looks for a learning rate on the set `train`, in [`Event::Trial`]s and an [`Event::Found`].
    pub fn find_rate(
        &self,
        arrays: &Path,
        seed: u64,
        interrupts: &Interrupts,
        on_event: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.run(&["find-lr".into(), arrays.into(), seed.to_string().into()], interrupts, on_event)
    }

    fn run(
        &self,
        arguments: &[OsString],
        interrupts: &Interrupts,
        on_event: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        child::run(&self.executable, arguments, interrupts, on_event).map_err(|failure| match failure {
            child::Failure::Mismatch(message) => Error::Mismatch { message, spec: self.spec.clone() },
            child::Failure::Other(error) => error,
        })
    }
}
