//! Sends events to `nn`.
//!
//! `nn` may have ended. Then nothing is sent, and this program ends because its standard input does
//! (`input.rs`).

use std::error::Error;
use std::io::{self, Write as _};
use std::iter;

use crate::event::{Event, Number};

/// Sends an event, on a line.
pub fn send(event: &Event) {
    // No event has a part that JSON cannot hold.
    let Ok(line) = serde_json::to_string(event) else { return };
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Sends why the program fails.
pub fn send_failure(error: &(dyn Error + 'static)) {
    let is_mismatch =
        error.downcast_ref().is_some_and(|error| matches!(error, nn_runtime::error::Error::Mismatch { .. }));
    let event = if is_mismatch { Event::Mismatch } else { Event::Error };
    send(&event(in_full(error)));
}

/// The whole message of an error: what happened, and each cause.
pub fn in_full(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(error.source(), |error| (*error).source());
    let causes: String = causes.map(|cause| format!(": {cause}")).collect();
    format!("{error}{causes}")
}

/// Numbers with all their bits: every `f32` is an `f64`, so `nn` gets them back by `as f32`.
pub fn exact(values: &[f32]) -> Vec<Number> {
    values.iter().map(|value| Number(f64::from(*value))).collect()
}

/// A number as it is printed: 0.05 for the `f32` that is 0.05000000074505806.
pub fn printed(value: f32) -> Number {
    Number(value.to_string().parse().unwrap_or(f64::from(value)))
}
