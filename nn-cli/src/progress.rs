//! The progress of a training: a line for each epoch, and on a terminal a bar within the epoch.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console;
use crate::error::Error;
use crate::measures::{Measures, short};

/// Shows the progress of a training.
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
    has_schedule: bool,
}

impl Progress {
    /// Shows the progress on the standard output, unless `quiet`. Learning rates are shown if a
    /// schedule changes them.
    pub fn new(quiet: bool, has_schedule: bool) -> Self {
        let bar = if quiet || !io::stdout().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout())
        };
        let style = ProgressStyle::with_template("{msg}  {wide_bar} {pos}/{len}");
        Self { bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())), quiet, has_schedule }
    }

    /// Shows that a batch is done.
    pub fn batch(&self, epoch: u64, batch: u64, batches: u64, loss: f64) {
        self.bar.set_length(batches);
        self.bar.set_position(batch);
        self.bar.set_message(format!("epoch {epoch}  loss {}", short(loss)));
    }

    /// Shows that an epoch is done.
    pub fn epoch(&self, epoch: &Epoch) -> Result<(), Error> {
        if self.quiet {
            return Ok(());
        }
        let line = epoch_line(epoch, self.has_schedule) + "\n";
        match self.bar.length() {
            Some(_) => self.bar.suspend(|| console::print(&line)),
            // There is no bar before the first batch is reported.
            None => console::print(&line),
        }
    }

    /// Prints to the standard error, above the bar.
    pub fn note(&self, text: &str) {
        self.bar.suspend(|| console::print_error(text));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// An epoch that is done.
pub struct Epoch<'a> {
    /// Its number, from 1.
    pub epoch: u64,
    /// The number of the last epoch.
    pub epochs: u64,
    /// Whether it is the best epoch so far.
    pub best: bool,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// Its loss and metrics.
    pub measures: &'a Measures,
}

/// `epoch  7/50  loss 0.1234  accuracy 0.9712 | val_loss 0.1567  val_accuracy 0.9583 | lr 0.0500 *`
fn epoch_line(epoch: &Epoch, has_schedule: bool) -> String {
    let Epoch { epoch, epochs, best, learning_rate, measures } = *epoch;
    let width = epochs.to_string().len();
    let (train, validation) = measures.parts();
    let mut line = format!("epoch {epoch:>width$}/{epochs}  {train}");
    if !validation.0.is_empty() {
        line += &format!(" | {validation}");
    }
    if has_schedule {
        line += &format!(" | lr {}", short(learning_rate));
    }
    if best {
        line += " *";
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_a_line() {
        let measures = [("loss", 0.1234), ("accuracy", 0.9712), ("val_loss", 0.1567), ("val_accuracy", 0.9583)];
        let measures = Measures(measures.map(|(name, value)| (name.to_owned(), value)).to_vec());
        let seventh = Epoch { epoch: 7, epochs: 50, best: true, learning_rate: 5e-4, measures: &measures };
        assert_eq!(
            epoch_line(&seventh, false),
            "epoch  7/50  loss 0.1234  accuracy 0.9712 | val_loss 0.1567  val_accuracy 0.9583 *"
        );
        assert_eq!(
            epoch_line(&seventh, true),
            "epoch  7/50  loss 0.1234  accuracy 0.9712 | val_loss 0.1567  val_accuracy 0.9583 | lr 5.000e-4 *"
        );
        let measures = Measures(vec![("loss".to_owned(), 2.0)]);
        let first = Epoch { epoch: 1, epochs: 9, best: false, learning_rate: 0.1, measures: &measures };
        assert_eq!(epoch_line(&first, false), "epoch 1/9  loss 2.0000");
    }
}
