//! What `nn` hears: one event a line, `word key=value …`.
//!
//! Nobody may be listening any more. Then nothing is sent, and the program ends because its standard
//! input does (`input.rs`).

use std::error::Error;
use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

/// An event that is being put together.
pub struct Event(String);

impl Event {
    /// An event without values.
    pub fn new(word: &str) -> Self {
        Self(word.to_owned())
    }

    /// Adds a value, which has no white space.
    pub fn with(mut self, key: impl Display, value: impl Display) -> Self {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, " {key}={value}");
        self
    }

    /// Adds the rest of the line.
    fn rest(mut self, text: impl Display) -> Self {
        let _ = write!(self.0, " {text}");
        self
    }

    /// Sends it.
    pub fn send(self) {
        let _ = writeln!(io::stdout().lock(), "{}", self.0);
    }
}

/// Sends what this program was built from, before all else.
pub fn send_content(content: &str) {
    Event::new("network").with("content", content).send();
}

/// Sends the values of a tensor.
pub fn send_tensor(name: &str, values: &[f32]) {
    values.iter().fold(Event::new("tensor").rest(name), Event::rest).send();
}

/// Sends why weights are not where they should be.
pub fn send_unwritten(error: &dyn Error) {
    Event::new("unwritten").rest(escaped(error)).send();
}

/// Sends the outputs of a row.
pub fn send_output(numbers: &[f32]) {
    numbers.iter().fold(Event::new("output"), Event::rest).send();
}

/// Sends why the program ends; `mismatch` where weights are another network's.
pub fn send_failure(error: &(dyn Error + 'static)) {
    let mismatch = error.downcast_ref().is_some_and(|error| matches!(error, nn_runtime::error::Error::Mismatch { .. }));
    let word = if mismatch { "mismatch" } else { "error" };
    Event::new(word).rest(escaped(error)).send();
}

/// The text of an error on one line.
fn escaped(error: &dyn Error) -> String {
    error.to_string().replace('\\', "\\\\").replace('\n', "\\n")
}
