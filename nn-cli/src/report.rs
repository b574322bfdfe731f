//! What a training reports, gathered; told at its end: what it reached, where its weights are, and whether that is what
//! the spec expects.

use nn_compiler::model::Expectation;

use crate::console;
use crate::error::Error;
use crate::interrupts;
use crate::measures::{Measures, short, time};
use crate::output::Output;
use crate::program::{Event, Moment, Stopped};
use crate::progress::{Epoch, Progress};
use crate::spec::Spec;
use crate::spoiled::{Places, Spoiled};
use crate::wording::counted;

/// What a training reports, gathered.
pub struct Report<'a> {
    spec: &'a Spec,
    places: Vec<Places>,
    progress: Progress,
    best: Option<Measures>,
    last_epoch: u64,
    saved: Option<Saved>,
    /// Why the weights are not where they should be.
    unwritten: Option<String>,
    end: Option<End>,
    result: Option<Kept>,
    /// What is not finite in the result.
    spoiled: Option<Spoiled>,
}

/// Weights that were written.
struct Saved {
    epoch: u64,
    moment: Moment,
    place: usize,
}

/// The end of a training.
struct End {
    stopped: Stopped,
    best_epoch: Option<u64>,
    seconds: f64,
}

/// What the weights that were kept reach.
struct Kept {
    set: String,
    rows: usize,
    measures: Measures,
}

impl<'a> Report<'a> {
    /// Nothing so far of a training on rows at these places, which is shown by `progress`.
    pub fn new(spec: &'a Spec, places: Vec<Places>, progress: Progress) -> Self {
        Self {
            spec,
            places,
            progress,
            best: None,
            last_epoch: 0,
            saved: None,
            unwritten: None,
            end: None,
            result: None,
            spoiled: None,
        }
    }

    /// Takes in an event, and shows what there is to see.
    pub fn hear(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Batch { epoch, batch, batches, loss } => self.progress.batch(epoch, batch, batches, loss),
            Event::Epoch { epoch, epochs, best, learning_rate, measures } => {
                self.progress.epoch(&Epoch { epoch, epochs, best, learning_rate, measures: &measures })?;
                self.last_epoch = epoch;
                if best {
                    self.best = Some(measures);
                }
            }
            Event::Saved { epoch, moment, place } => self.saved = Some(Saved { epoch, moment, place }),
            Event::Unwritten(reason) => self.unwritten = Some(reason),
            Event::End { stopped, best_epoch, seconds } => self.end = Some(End { stopped, best_epoch, seconds }),
            Event::Result { set, rows, measures } => self.result = Some(Kept { set, rows, measures }),
            Event::Spoiled(spoiled) if self.end.is_none() => {
                let (row, epoch) = (spoiled.text(self.spec, &self.places), self.last_epoch + 1);
                self.progress.note(&format!("warning: after epoch {epoch}: {row}; such an epoch is never the best\n"));
            }
            Event::Spoiled(spoiled) => self.spoiled = Some(spoiled),
            Event::Network { .. }
            | Event::Tensor { .. }
            | Event::Trial { .. }
            | Event::Found { .. }
            | Event::Output(_)
            | Event::Mismatch(_)
            | Event::Error(_) => {}
        }
        Ok(())
    }

    /// Tells how the training ended, and fails where that was not well.
    pub fn conclude(&self, outcome: Result<(), Error>, output: &Output) -> Result<(), Error> {
        self.progress.finish();
        if let Err(error) = outcome {
            if self.saved.is_some() {
                console::note(&format!("{}{}", self.saved_line(output), self.advice(output)));
            }
            return Err(error);
        }
        console::print(&self.text(output))?;
        let elsewhere = self.elsewhere(output);
        if let Some(signal) = interrupts::signal() {
            elsewhere.iter().for_each(console::error);
            return Err(Error::Interrupted { signal, note: self.advice(output) });
        }
        elsewhere.map_or_else(|| self.check(&self.spec.compiled.model.expectations), Err)
    }

    /// Where the weights are; nothing where none were written.
    fn saved_line(&self, output: &Output) -> String {
        let Some(Saved { epoch, moment, place }) = self.saved else { return String::new() };
        let whose = match moment {
            Moment::Best | Moment::End => format!("weights of epoch {epoch}"),
            Moment::Within => format!("weights of the last step, in epoch {epoch},"),
        };
        format!("{whose} are in {}", output.shown(place).display())
    }

    /// What became of the file for the weights where the training is unfinished, and what to do with those there are.
    fn advice(&self, output: &Output) -> String {
        let named = output.named.display();
        match &self.saved {
            None => format!("; no epoch was finished, so {named} was not touched"),
            Some(saved) if Output::is_for_unfinished(saved.place) => {
                let place = output.shown(saved.place).display();
                format!("; {named} was not touched: use the unfinished weights by `--weights {place}`, or rename them")
            }
            Some(_) => String::new(),
        }
    }

    /// That the weights are not where they should be.
    fn elsewhere(&self, output: &Output) -> Option<Error> {
        let saved = self.saved.as_ref().filter(|saved| Output::is_other(saved.place))?;
        let message = self.unwritten.clone().unwrap_or_default();
        Some(Error::Elsewhere { message, place: output.shown(saved.place).to_owned() })
    }

    fn text(&self, output: &Output) -> String {
        let mut text = String::new();
        if let Some(end) = &self.end {
            if let (Some(epoch), Some(best)) = (end.best_epoch, &self.best) {
                text += &format!("best epoch {epoch}{}: {best}\n", by_training_rows(self.spec));
            }
            text += &self.reason(end.stopped);
            text += &format!("trained in {}\n", time(end.seconds));
        }
        if self.saved.is_some() {
            text += &(self.saved_line(output) + "\n");
        }
        if let Some(Kept { set, rows, measures }) = &self.result {
            let rows = counted(*rows, if set == "train" { "row" } else { "validation row" });
            text += &format!("on the {rows}: {measures}\n");
        }
        if self.end.as_ref().is_some_and(|end| end.stopped == Stopped::Interrupted) {
            return text;
        }
        for expectation in &self.spec.compiled.model.expectations {
            let wording = self.spec.compiled.text[expectation.span.range()].trim_end_matches(';');
            text += &self.verdict(wording, expectation);
        }
        text
    }

    fn reason(&self, stopped: Stopped) -> String {
        let stopping = self.spec.compiled.model.train.as_ref().and_then(|train| train.early_stopping.as_ref());
        match (stopped, stopping) {
            (Stopped::EarlyStopping, Some(rule)) => {
                let patience = counted(rule.patience, "epoch");
                format!("stopped after epoch {}: {} did not get better for {patience}\n", self.last_epoch, rule.monitor)
            }
            (Stopped::EarlyStopping, None) => format!("stopped after epoch {}\n", self.last_epoch),
            (Stopped::Finished, _) => format!("finished all {}\n", counted(self.last_epoch as usize, "epoch")),
            (Stopped::Interrupted, _) => format!("interrupted after {}\n", counted(self.last_epoch as usize, "epoch")),
        }
    }

    /// `expect accuracy >= 0.9: met, 0.9583`
    fn verdict(&self, wording: &str, expectation: &Expectation) -> String {
        let verdict = if self.meets(expectation) { "met" } else { "missed" };
        let reached = self.reached(&expectation.metric).map_or_else(|| "not measured".to_owned(), short);
        let spoiled = if self.is_finite() { "" } else { ", with a loss that is not finite" };
        format!("{wording}: {verdict}, {reached}{spoiled}\n")
    }

    /// Whether the result says something. One that is not finite is worse than any: it meets nothing.
    fn is_finite(&self) -> bool {
        self.result.as_ref().is_none_or(|result| result.measures.is_finite())
    }

    fn reached(&self, metric: &str) -> Option<f64> {
        self.result.as_ref()?.measures.get(metric)
    }

    fn meets(&self, expectation: &Expectation) -> bool {
        let reached = self.reached(&expectation.metric);
        self.is_finite() && reached.is_some_and(|reached| expectation.comparison.holds(reached, expectation.bound))
    }

    fn check(&self, expectations: &[Expectation]) -> Result<(), Error> {
        let missed = expectations.iter().filter(|expectation| !self.meets(expectation)).count();
        let spoiled = (!self.is_finite()).then(|| {
            let row = self.spoiled.as_ref().map(|spoiled| spoiled.text(self.spec, &self.places));
            Error::NotFinite(row.unwrap_or_else(|| "the loss is not finite".to_owned()))
        });
        match (missed, spoiled) {
            (0, None) => Ok(()),
            (0, Some(spoiled)) => Err(spoiled),
            (_, spoiled) => {
                spoiled.iter().for_each(console::error);
                Err(Error::Missed { missed, all: expectations.len() })
            }
        }
    }
}

/// By what the best epoch was found, where that is not what its weights reach: numbers of the training rows are measured
/// before each update, numbers of validation rows after the epoch.
fn by_training_rows(spec: &Spec) -> String {
    let stopping = spec.compiled.model.train.as_ref().and_then(|train| train.early_stopping.as_ref());
    match stopping.filter(|rule| !rule.monitor.starts_with("val_")) {
        Some(rule) => format!(" by `{}` (measured during the epoch, before its last updates)", rule.monitor),
        None => String::new(),
    }
}
