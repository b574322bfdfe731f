//! The report of a training: collects its events, and at its end prints the results, the file of
//! the weights and whether the expectations of the spec are met.

use nn_compiler::model::{Expectation, Reported};

use crate::console;
use crate::error::Error;
use crate::interrupts;
use crate::measures::{Measures, short, time};
use crate::non_finite::{self, RowNames};
use crate::output::{Output, OutputFile};
use crate::program::{Event, Moment, NonFiniteRow, Stopped};
use crate::progress::{Epoch, Progress};
use crate::spec::Spec;
use crate::wording::counted;

/// The report of a training.
pub struct Report<'a> {
    spec: &'a Spec,
    row_names: Vec<RowNames>,
    progress: Progress,
    best: Option<Measures>,
    last_epoch: u64,
    saved: Option<Saved>,
    /// Why the weights are not in the intended file.
    unwritten: Option<String>,
    end: Option<End>,
    result: Option<Kept>,
    /// A row of the result whose loss or metrics are not finite.
    non_finite: Option<NonFiniteRow>,
}

/// Weights that were written.
struct Saved {
    epoch: u64,
    moment: Moment,
    file: OutputFile,
}

/// The end of a training.
struct End {
    stopped: Stopped,
    best_epoch: Option<u64>,
    seconds: f64,
}

/// The loss and metrics of the weights that were kept.
struct Kept {
    set: String,
    rows: usize,
    measures: Measures,
}

impl<'a> Report<'a> {
    /// An empty report of a training on rows with these names. `progress` shows the training while
    /// it runs.
    pub fn new(spec: &'a Spec, row_names: Vec<RowNames>, progress: Progress) -> Self {
        Self {
            spec,
            row_names,
            progress,
            best: None,
            last_epoch: 0,
            saved: None,
            unwritten: None,
            end: None,
            result: None,
            non_finite: None,
        }
    }

    /// Records an event, and shows it.
    pub fn receive(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Batch { epoch, batch, batches, loss } => self.progress.batch(epoch, batch, batches, loss.0),
            Event::Epoch { epoch, epochs, best, learning_rate, measures } => {
                let (learning_rate, measures) = (learning_rate.0, Measures::from(measures));
                self.progress.epoch(&Epoch { epoch, epochs, best, learning_rate, measures: &measures })?;
                self.last_epoch = epoch;
                if best {
                    self.best = Some(measures);
                }
            }
            Event::Saved { epoch, moment, file } => {
                self.saved = Some(Saved { epoch, moment, file: OutputFile::numbered(file) });
            }
            Event::Unwritten(reason) => self.unwritten = Some(reason),
            Event::End { stopped, best_epoch, seconds } => {
                self.end = Some(End { stopped, best_epoch, seconds: seconds.0 });
            }
            Event::Result { set, rows, measures } => {
                self.result = Some(Kept { set, rows, measures: measures.into() });
            }
            Event::NonFinite(row) if self.end.is_none() => {
                let (row, epoch) = (self.described(&row), self.last_epoch + 1);
                self.progress.note(&format!("warning: after epoch {epoch}: {row}; such an epoch is never the best\n"));
            }
            Event::NonFinite(row) => self.non_finite = Some(row),
            Event::Content(_)
            | Event::Tensor { .. }
            | Event::Trial { .. }
            | Event::Found { .. }
            | Event::Output(_)
            | Event::Mismatch(_)
            | Event::Error(_) => {}
        }
        Ok(())
    }

    fn described(&self, row: &NonFiniteRow) -> String {
        non_finite::describe(row, self.spec, &self.row_names)
    }

    /// Prints how the training ended. Fails if the training failed, was interrupted or missed an
    /// expectation.
    pub fn conclude(&self, outcome: Result<(), Error>, output: &Output) -> Result<(), Error> {
        self.progress.finish();
        if let Err(error) = outcome {
            if self.saved.is_some() {
                console::note(&format!("{}{}", self.saved_line(output), self.advice(output)));
            }
            return Err(error);
        }
        console::print(&self.text(output))?;
        let elsewhere = self.in_another_file(output);
        if let Some(signal) = interrupts::signal() {
            elsewhere.iter().for_each(console::error);
            return Err(Error::Interrupted { signal, note: self.advice(output) });
        }
        elsewhere.map_or_else(|| self.check(&self.spec.compiled.model.expectations), Err)
    }

    /// The file with the weights; empty if none were written.
    fn saved_line(&self, output: &Output) -> String {
        let Some(Saved { epoch, moment, file }) = self.saved else { return String::new() };
        let whose = match moment {
            Moment::Best | Moment::End => format!("weights of epoch {epoch}"),
            Moment::Within => format!("weights of the last step, in epoch {epoch},"),
        };
        format!("{whose} are in {}", output.shown(file).display())
    }

    /// What happened to the file for finished weights if the training did not finish, and how to
    /// use the weights there are.
    fn advice(&self, output: &Output) -> String {
        let named = output.named.display();
        match &self.saved {
            None => format!("; no epoch was finished, so {named} was not touched"),
            Some(Saved { file: OutputFile::Unfinished, .. }) => {
                let file = output.unfinished.display();
                format!("; {named} was not touched: use the unfinished weights with `--weights {file}`, or rename them")
            }
            Some(_) => String::new(),
        }
    }

    /// An error if the weights are in a rescue file.
    fn in_another_file(&self, output: &Output) -> Option<Error> {
        let saved = self.saved.as_ref().filter(|saved| matches!(saved.file, OutputFile::Rescue(_)))?;
        let message = self.unwritten.clone().unwrap_or_default();
        Some(Error::InAnotherFile { message, file: output.shown(saved.file).to_owned() })
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
        let train = self.spec.compiled.model.train.as_ref();
        match (stopped, train.and_then(|train| Some((train, train.early_stopping.as_ref()?)))) {
            (Stopped::EarlyStopping, Some((train, rule))) => {
                let (patience, monitor) = (counted(rule.patience, "epoch"), train.monitor_name(rule.monitor));
                format!("stopped after epoch {}: {monitor} did not improve for {patience}\n", self.last_epoch)
            }
            (Stopped::EarlyStopping, None) => format!("stopped after epoch {}\n", self.last_epoch),
            (Stopped::Finished, _) => format!("finished all {}\n", counted(self.last_epoch as usize, "epoch")),
            (Stopped::Interrupted, _) => format!("interrupted after {}\n", counted(self.last_epoch as usize, "epoch")),
        }
    }

    /// `expect accuracy >= 0.9: met, 0.9583`
    fn verdict(&self, wording: &str, expectation: &Expectation) -> String {
        let verdict = if self.meets(expectation) { "met" } else { "missed" };
        let reached = self.reached(expectation.metric).map_or_else(|| "not measured".to_owned(), short);
        let warning = if self.is_finite() { "" } else { ", with a loss that is not finite" };
        format!("{wording}: {verdict}, {reached}{warning}\n")
    }

    /// Whether the result is finite. A result that is not finite meets no expectation.
    fn is_finite(&self) -> bool {
        self.result.as_ref().is_none_or(|result| result.measures.is_finite())
    }

    fn reached(&self, metric: Reported) -> Option<f64> {
        let name = self.spec.compiled.model.train.as_ref()?.reported_name(metric);
        self.result.as_ref()?.measures.get(name)
    }

    fn meets(&self, expectation: &Expectation) -> bool {
        let reached = self.reached(expectation.metric);
        self.is_finite() && reached.is_some_and(|reached| expectation.comparison.holds(reached, expectation.bound))
    }

    fn check(&self, expectations: &[Expectation]) -> Result<(), Error> {
        let missed = expectations.iter().filter(|expectation| !self.meets(expectation)).count();
        let not_finite = (!self.is_finite()).then(|| {
            let row = self.non_finite.as_ref().map(|row| self.described(row));
            Error::NotFinite(row.unwrap_or_else(|| "the loss is not finite".to_owned()))
        });
        match (missed, not_finite) {
            (0, None) => Ok(()),
            (0, Some(error)) => Err(error),
            (_, not_finite) => {
                not_finite.iter().for_each(console::error);
                Err(Error::Missed { missed, all: expectations.len() })
            }
        }
    }
}

/// The monitor that chose the best epoch, if it is measured on training rows. These are measured
/// before each update, so the epoch's weights reach other numbers. Validation rows are measured
/// after the epoch.
fn by_training_rows(spec: &Spec) -> String {
    let Some(train) = &spec.compiled.model.train else { return String::new() };
    match train.early_stopping.as_ref().filter(|rule| !rule.monitor.on_validation) {
        Some(rule) => {
            format!(" by `{}` (measured during the epoch, before its last updates)", train.monitor_name(rule.monitor))
        }
        None => String::new(),
    }
}
