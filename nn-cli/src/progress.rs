//! What is seen of a training while it runs: a bar within the epoch on a terminal, a line an epoch.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console;
use crate::error::Error;
use crate::measures::{Measures, short};

/// Shows the progress of a training.
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
}

impl Progress {
    /// On the standard output; nothing at all where it should be quiet.
    pub fn new(quiet: bool) -> Self {
        let bar = if quiet || !io::stdout().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout())
        };
        let style = ProgressStyle::with_template("{msg}  {wide_bar} {pos}/{len}");
        Self { bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())), quiet }
    }

    /// A batch is done.
    pub fn batch(&self, epoch: u64, batch: u64, batches: u64, loss: f64) {
        self.bar.set_length(batches);
        self.bar.set_position(batch);
        self.bar.set_message(format!("epoch {epoch}  loss {}", short(loss)));
    }

    /// An epoch is done; `best` where what is watched was never better.
    pub fn epoch(&self, epoch: u64, epochs: u64, best: bool, measures: &Measures) -> Result<(), Error> {
        if self.quiet {
            return Ok(());
        }
        let line = epoch_line(epoch, epochs, best, measures) + "\n";
        match self.bar.length() {
            Some(_) => self.bar.suspend(|| console::print(&line)),
            // No batch was reported so far: no bar is drawn.
            None => console::print(&line),
        }
    }

    /// The training is over.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// `epoch  7/50  loss 0.1234  accuracy 0.9712 | val_loss 0.1567  val_accuracy 0.9583 *`
fn epoch_line(epoch: u64, epochs: u64, best: bool, measures: &Measures) -> String {
    let width = epochs.to_string().len();
    let (train, validation) = measures.parts();
    let mut line = format!("epoch {epoch:>width$}/{epochs}  {train}");
    if !validation.0.is_empty() {
        line += &format!(" | {validation}");
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
        assert_eq!(
            epoch_line(7, 50, true, &measures),
            "epoch  7/50  loss 0.1234  accuracy 0.9712 | val_loss 0.1567  val_accuracy 0.9583 *"
        );
        assert_eq!(epoch_line(1, 9, false, &Measures(vec![("loss".to_owned(), 2.0)])), "epoch 1/9  loss 2.0000");
    }
}
