//! `nn train --find-lr`: searches for a learning rate, and shows the loss at each rate.

use nn_compiler::model::{Optimizer, Schedule, Train};
use serde_json::{Value, json};

use crate::arrays::Arrays;
use crate::console;
use crate::error::Error;
use crate::measures::short;
use crate::plot::Curve;
use crate::program::{Event, Program, SearchEnd};
use crate::spec::Spec;

/// The version of the format. It changes with every incompatible change.
const VERSION: u32 = 1;

/// A rate that was tried.
struct Trial {
    learning_rate: f64,
    loss: f64,
    smoothed: f64,
}

/// The results of the search.
#[derive(Default)]
struct Search {
    trials: Vec<Trial>,
    suggestion: Option<f64>,
    ended: Option<SearchEnd>,
}

/// Refuses an optimizer for which all rates are the same.
pub fn check(spec: &Spec, train: &Train) -> Result<(), Error> {
    match train.optimizer {
        Optimizer::Perceptron { .. } => Err(Error::NoRateToFind { path: spec.path.clone() }),
        Optimizer::Sgd { .. }
        | Optimizer::RmsProp { .. }
        | Optimizer::Adam { .. }
        | Optimizer::AdamW { .. }
        | Optimizer::Adagrad { .. } => Ok(()),
    }
}

/// Searches on the rows of `arrays`, and prints a plot and a suggestion, or all trials as JSON.
/// Nothing is saved.
pub fn run(spec: &Spec, program: &Program, arrays: &Arrays, seed: u64, as_json: bool) -> Result<(), Error> {
    let mut search = Search::default();
    program.find_rate(arrays, seed)?.receive(|event| {
        search.receive(event);
        Ok(())
    })?;
    let text = if as_json { format!("{:#}\n", search.json(spec)) } else { search.text(spec) };
    console::print(&text)
}

impl Search {
    fn receive(&mut self, event: Event) {
        match event {
            Event::Trial { learning_rate, loss, smoothed } => {
                self.trials.push(Trial { learning_rate: learning_rate.0, loss: loss.0, smoothed: smoothed.0 });
            }
            Event::Found { learning_rate, ended } => {
                self.suggestion = learning_rate.map(|rate| rate.0);
                self.ended = Some(ended);
            }
            Event::Batch { .. }
            | Event::Epoch { .. }
            | Event::Content(_)
            | Event::Tensor { .. }
            | Event::Saved { .. }
            | Event::Unwritten(_)
            | Event::End { .. }
            | Event::Result { .. }
            | Event::NonFinite(_)
            | Event::Output(_)
            | Event::Mismatch(_)
            | Event::Error(_) => {}
        }
    }

    fn json(&self, spec: &Spec) -> Value {
        let trials = self.trials.iter().map(
            |trial| json!({ "learning_rate": trial.learning_rate, "loss": trial.loss, "smoothed": trial.smoothed }),
        );
        json!({
            "version": VERSION,
            "file": spec.path.display().to_string(),
            "suggestion": self.suggestion,
            "ended": self.ended,
            "trials": trials.collect::<Vec<_>>(),
        })
    }

    fn text(&self, spec: &Spec) -> String {
        let points: Vec<(f64, f64)> = self.trials.iter().map(|trial| (trial.learning_rate, trial.smoothed)).collect();
        let curve = Curve { title: "loss, smoothed", axis: "learning rate", points: &points, mark: self.suggestion };
        let mut text = curve.draw();
        let last = self.trials.last().map_or(0.0, |trial| trial.learning_rate);
        text += &match self.ended {
            Some(SearchEnd::Diverged) => format!("the loss diverged at a learning rate of {}\n", short(last)),
            Some(SearchEnd::Interrupted) => format!("interrupted at a learning rate of {}\n", short(last)),
            Some(SearchEnd::Finished) | None => format!("tried all learning rates up to {}\n", short(last)),
        };
        text + &self.advice(spec)
    }

    fn advice(&self, spec: &Spec) -> String {
        let Some(rate) = self.suggestion else {
            return "no learning rate can be suggested: at none does the loss fall by more than its noise; check the data \
                    and the initial weights\n"
                .to_owned();
        };
        let rate = written(rate);
        let train = spec.compiled.model.train.as_ref();
        let setting = match train.map(|train| train.schedule) {
            Some(Schedule::OneCycle { .. }) => format!("schedule: one_cycle(max_lr: {rate});"),
            Some(
                Schedule::Constant
                | Schedule::Step { .. }
                | Schedule::Exponential { .. }
                | Schedule::Linear { .. }
                | Schedule::Cosine { .. },
            )
            | None => format!("optimizer: {}(lr: {rate}, …);", train.map_or("adam", |train| train.optimizer.name())),
        };
        format!("the loss falls fastest near {rate}: write `{setting}`, or use a slightly lower rate\n")
    }
}

/// A rate as a spec writes it, to two digits. The search is not more precise.
fn written(rate: f64) -> String {
    let text = format!("{rate:.1e}");
    text.replace(".0e", "e")
}
