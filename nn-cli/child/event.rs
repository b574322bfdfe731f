//! The events that a network's program reports to `nn`: JSON, one event on each line. This file is
//! compiled into both programs.

use serde::{Deserialize, Serialize};

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The hash of the program's sources. It is the first event.
    Content(String),
    /// A batch is done. Not every batch is reported.
    Batch { epoch: u64, batch: u64, batches: u64, loss: Number },
    /// An epoch is done. The learning rate is that of its last step.
    Epoch { epoch: u64, epochs: u64, best: bool, learning_rate: Number, measures: Vec<(String, Number)> },
    /// The values of a tensor.
    Tensor { name: String, values: Vec<Number> },
    /// The weights of this epoch are written to the output file with this number.
    Saved { epoch: u64, moment: Moment, file: usize },
    /// Why the weights could not be written to the intended file. They are in another one.
    Unwritten(String),
    /// The training is over.
    End { stopped: Stopped, best_epoch: Option<u64>, seconds: Number },
    /// Loss and metrics of a set of rows.
    Result { set: String, rows: usize, measures: Vec<(String, Number)> },
    /// A row whose loss or metrics are infinite or NaN.
    NonFinite(NonFiniteRow),
    /// A learning rate was tried.
    Trial { learning_rate: Number, loss: Number, smoothed: Number },
    /// The search for a learning rate is over. The rate is the suggested one, if there is one.
    Found { learning_rate: Option<Number>, ended: SearchEnd },
    /// The outputs of a row.
    Output(Vec<Number>),
    /// The weights belong to another network.
    Mismatch(String),
    /// What went wrong.
    Error(String),
}

/// A row whose loss or metrics are infinite or NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NonFiniteRow {
    /// Its set.
    pub set: String,
    /// Its index in the set.
    pub row: usize,
    /// Its outputs, where they are known.
    pub outputs: Vec<Number>,
}

/// Which weights of an epoch were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Those at its end. It is the best epoch.
    Best,
    /// Those at its end. It is the last epoch.
    End,
    /// Those of a step within it.
    Within,
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// All epochs are done.
    Finished,
    /// The monitored value stopped improving.
    EarlyStopping,
    /// The user stopped it.
    Interrupted,
}

/// Why the search for a learning rate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchEnd {
    /// All rates were tried.
    Finished,
    /// The loss diverged.
    Diverged,
    /// The user stopped it.
    Interrupted,
}

/// A number. JSON has no NaN and no infinities, so these are written as strings: `"NaN"`, `"inf"`,
/// `"-inf"`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Json", into = "Json")]
pub struct Number(pub f64);

/// A number in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Json {
    Finite(f64),
    NonFinite(String),
}

impl From<Number> for Json {
    fn from(Number(number): Number) -> Self {
        if number.is_finite() { Self::Finite(number) } else { Self::NonFinite(number.to_string()) }
    }
}

impl From<Json> for Number {
    fn from(json: Json) -> Self {
        match json {
            Json::Finite(number) => Self(number),
            Json::NonFinite(text) => Self(text.parse().unwrap_or(f64::NAN)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The event after it was sent and received.
    fn received(event: &Event) -> (String, Event) {
        let line = serde_json::to_string(event).unwrap();
        assert!(!line.contains('\n'), "{line}");
        let received = serde_json::from_str(&line).unwrap();
        (line, received)
    }

    #[test]
    fn an_epoch_is_a_line_and_its_measures_keep_their_order() {
        let measures = [("loss", 0.5), ("accuracy", 1.0), ("val_loss", f64::INFINITY)];
        let measures = measures.map(|(name, value)| (name.to_owned(), Number(value))).to_vec();
        let learning_rate = Number(0.05);
        let event = Event::Epoch { epoch: 7, epochs: 50, best: true, learning_rate, measures };
        let (line, received) = received(&event);
        let expected = "{\"epoch\":{\"epoch\":7,\"epochs\":50,\"best\":true,\"learning_rate\":0.05,\
                        \"measures\":[[\"loss\",0.5],[\"accuracy\",1.0],[\"val_loss\",\"inf\"]]}}";
        assert_eq!(line, expected);
        assert_eq!(received, event);
    }

    #[test]
    fn numbers_keep_their_bits() {
        let doubles = [0.1 + 0.2, -0.0, f64::MAX, 5e-324, f64::MIN_POSITIVE, f64::NAN, f64::NEG_INFINITY];
        for number in doubles {
            let (line, received) = received(&Event::Output(vec![Number(number)]));
            let Event::Output(numbers) = received else { panic!("{line}") };
            assert_eq!(numbers[0].0.to_bits(), number.to_bits(), "{line}");
        }
        let mut bits: u32 = 1;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = f32::from_bits(bits);
            let (line, received) = received(&Event::Output(vec![Number(number.into())]));
            let Event::Output(numbers) = received else { panic!("{line}") };
            let same = numbers[0].0 as f32;
            assert!(same.to_bits() == number.to_bits() || same.is_nan() && number.is_nan(), "{line}");
        }
    }

    #[test]
    fn text_keeps_its_lines() {
        let event = Event::Error("C:\\new is wrong:\n  missing \"x\"".to_owned());
        assert_eq!(received(&event).1, event);
    }

    #[test]
    fn other_lines_are_not_events() {
        for line in ["", "epoch", "{}", "{\"epoch\":7}", "thread 'main' panicked", "[1]", "{\"output\":[null]}"] {
            assert!(serde_json::from_str::<Event>(line).is_err(), "{line}");
        }
    }
}
