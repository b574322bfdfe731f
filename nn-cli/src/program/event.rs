//! What the network's program reports: one event a line, `word key=value …`.

use std::collections::HashMap;
use std::str::FromStr;

use crate::measures::Measures;
use crate::spoiled::Spoiled;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A batch is done. Not every batch is reported.
    Batch { epoch: u64, batch: u64, batches: u64, loss: f64 },
    /// An epoch is done; the learning rate is that of its last step.
    Epoch { epoch: u64, epochs: u64, best: bool, learning_rate: f64, measures: Measures },
    /// What the program was built from.
    Network { content: String },
    /// The values of a tensor.
    Tensor { name: String, values: Vec<f32> },
    /// The weights of this epoch are written, to the place of this number.
    Saved { epoch: u64, moment: Moment, place: usize },
    /// Why weights cannot be written where they should be. They are elsewhere.
    Unwritten(String),
    /// The training is over.
    End { stopped: Stopped, best_epoch: Option<u64>, seconds: f64 },
    /// Loss and metrics of a set of rows.
    Result { set: String, rows: usize, measures: Measures },
    /// A row whose loss or metrics are not finite.
    Spoiled(Spoiled),
    /// A learning rate was tried.
    Trial { learning_rate: f64, loss: f64, smoothed: f64 },
    /// A learning rate was looked for; what is suggested, if anything is.
    Found { learning_rate: Option<f64>, ended: SearchEnd },
    /// The outputs of a row.
    Output(Vec<f32>),
    /// The weights are another network's.
    Mismatch(String),
    /// What went wrong.
    Error(String),
}

/// Which weights of an epoch were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Those at its end; it is the best.
    Best,
    /// Those at its end; it is the last.
    End,
    /// Those of a step within it.
    Within,
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All epochs are done.
    Finished,
    /// What early stopping watches no longer got better.
    EarlyStopping,
    /// The user wanted it.
    Interrupted,
}

/// Why the search for a learning rate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchEnd {
    /// All rates were tried.
    Finished,
    /// The loss grew beyond use.
    Diverged,
    /// The user wanted it.
    Interrupted,
}

impl SearchEnd {
    /// The word of the event.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Diverged => "diverged",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Event {
    /// Reads a line; `None` where it is no event.
    pub fn parse(line: &str) -> Option<Self> {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "output" => numbers(rest).map(Self::Output),
            "tensor" => {
                let (name, values) = rest.split_once(' ')?;
                Some(Self::Tensor { name: name.to_owned(), values: numbers(values)? })
            }
            "unwritten" => Some(Self::Unwritten(unescape(rest))),
            "error" => Some(Self::Error(unescape(rest))),
            "mismatch" => Some(Self::Mismatch(unescape(rest))),
            word => Values::parse(rest)?.event(word),
        }
    }
}

/// Numbers with blanks between them.
fn numbers(text: &str) -> Option<Vec<f32>> {
    text.split(' ').map(|number| number.parse().ok()).collect()
}

/// The values of an event, by key.
struct Values<'a> {
    by_key: HashMap<&'a str, &'a str>,
    in_order: Vec<(&'a str, &'a str)>,
}

impl<'a> Values<'a> {
    fn parse(rest: &'a str) -> Option<Self> {
        let in_order: Vec<_> = rest.split(' ').map(|pair| pair.split_once('=')).collect::<Option<_>>()?;
        Some(Self { by_key: in_order.iter().copied().collect(), in_order })
    }

    fn event(&self, word: &str) -> Option<Event> {
        Some(match word {
            "batch" => Event::Batch {
                epoch: self.get("epoch")?,
                batch: self.get("batch")?,
                batches: self.get("batches")?,
                loss: self.get("loss")?,
            },
            "epoch" => Event::Epoch {
                epoch: self.get("epoch")?,
                epochs: self.get("epochs")?,
                best: self.get("best")?,
                learning_rate: self.get("learning_rate")?,
                measures: self.measures(&["epoch", "epochs", "best", "learning_rate"])?,
            },
            "network" => Event::Network { content: self.get("content")? },
            "saved" => {
                Event::Saved { epoch: self.get("epoch")?, moment: self.get("moment")?, place: self.get("place")? }
            }
            "end" => Event::End {
                stopped: self.get("stopped")?,
                best_epoch: Some(self.get("best_epoch")?).filter(|epoch| *epoch > 0),
                seconds: self.get("seconds")?,
            },
            "result" => Event::Result {
                set: self.get("set")?,
                rows: self.get("rows")?,
                measures: self.measures(&["set", "rows"])?,
            },
            "spoiled" => Event::Spoiled(Spoiled {
                set: self.get("set")?,
                row: self.get("row")?,
                outputs: self.by_key.get("outputs").map_or(Some(Vec::new()), |outputs| listed(outputs))?,
            }),
            "trial" => Event::Trial {
                learning_rate: self.get("learning_rate")?,
                loss: self.get("loss")?,
                smoothed: self.get("smoothed")?,
            },
            "found" => Event::Found {
                learning_rate: Some(self.get("learning_rate")?).filter(|rate| *rate > 0.0),
                ended: self.get("ended")?,
            },
            _ => return None,
        })
    }

    fn get<T: FromStr>(&self, key: &str) -> Option<T> {
        self.by_key.get(key)?.parse().ok()
    }

    /// All values but those of these keys.
    fn measures(&self, others: &[&str]) -> Option<Measures> {
        let measures = self.in_order.iter().filter(|(key, _)| !others.contains(key));
        let measure = |(key, value): &(&str, &str)| Some(((*key).to_owned(), value.parse().ok()?));
        measures.map(measure).collect::<Option<_>>().map(Measures)
    }
}

impl FromStr for Moment {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "best" => Ok(Self::Best),
            "end" => Ok(Self::End),
            "within" => Ok(Self::Within),
            _ => Err(()),
        }
    }
}

/// Numbers with commas between them.
fn listed(text: &str) -> Option<Vec<f32>> {
    text.split(',').map(|number| number.parse().ok()).collect()
}

impl FromStr for Stopped {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "finished" => Ok(Self::Finished),
            "early_stopping" => Ok(Self::EarlyStopping),
            "interrupted" => Ok(Self::Interrupted),
            _ => Err(()),
        }
    }
}

impl FromStr for SearchEnd {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Finished, Self::Diverged, Self::Interrupted].into_iter().find(|end| end.word() == word).ok_or(())
    }
}

/// `\n` is a line break, `\\` a backslash.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next().map(|escaped| if escaped == 'n' { '\n' } else { escaped })),
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_has_its_measures_in_order() {
        let line = "epoch epoch=7 epochs=50 best=true learning_rate=0.25 loss=0.5 accuracy=1 val_loss=inf";
        let measures = [("loss", 0.5), ("accuracy", 1.0), ("val_loss", f64::INFINITY)];
        let measures = Measures(measures.map(|(name, value)| (name.to_owned(), value)).to_vec());
        let event = Event::Epoch { epoch: 7, epochs: 50, best: true, learning_rate: 0.25, measures };
        assert_eq!(Event::parse(line), Some(event));
    }

    #[test]
    fn a_row_that_is_not_finite_comes_with_its_outputs_or_without() {
        let spoiled = |line| match Event::parse(line) {
            Some(Event::Spoiled(spoiled)) => spoiled,
            other => panic!("{other:?}"),
        };
        let found = spoiled("spoiled set=validation row=3 outputs=0.5,NaN,-inf");
        assert_eq!((&*found.set, found.row, found.outputs.len()), ("validation", 3, 3));
        assert!(found.outputs[1].is_nan() && found.outputs[2] == f32::NEG_INFINITY);
        assert!(spoiled("spoiled set=all row=0").outputs.is_empty());
    }

    #[test]
    fn errors_have_their_lines_back() {
        let event = Event::parse(r"error C:\\new is wrong:\n  missing");
        assert_eq!(event, Some(Event::Error("C:\\new is wrong:\n  missing".to_owned())));
    }

    #[test]
    fn other_lines_are_no_events() {
        for line in ["", "epoch", "epoch 7", "epoch epoch=seven", "thread 'main' panicked", "output one"] {
            assert_eq!(Event::parse(line), None, "{line}");
        }
    }
}
