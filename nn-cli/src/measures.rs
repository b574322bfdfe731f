//! Losses and metrics by name, and the format of numbers.

use std::fmt::{self, Display, Formatter};

use crate::program::Number;

/// The loss and the metrics of a set of rows, in the order of the spec.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures(pub Vec<(String, f64)>);

impl Measures {
    /// The measure with this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find_map(|(known, value)| (known == name).then_some(*value))
    }

    /// Whether none of them is infinite or NaN.
    pub fn is_finite(&self) -> bool {
        self.0.iter().all(|(_, value)| value.is_finite())
    }

    /// The measures of the training rows, and those of the validation rows (`val_…`).
    pub fn parts(&self) -> (Self, Self) {
        let (validation, train) = self.0.iter().cloned().partition(|(name, _)| name.starts_with("val_"));
        (Self(train), Self(validation))
    }
}

impl From<Vec<(String, Number)>> for Measures {
    fn from(measures: Vec<(String, Number)>) -> Self {
        Self(measures.into_iter().map(|(name, value)| (name, value.0)).collect())
    }
}

impl Display for Measures {
    /// `loss 0.1234  accuracy 0.9712`
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { "  " };
            write!(f, "{space}{name} {}", short(*value))?;
        }
        Ok(())
    }
}

/// A number with four decimal places, or with four digits if it is very small or large.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || (1e-2..1e5).contains(&magnitude) || !value.is_finite() {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

/// A time with a suitable unit.
pub fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 120.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), (seconds % 60.0).floor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, 1.0, 0.97123, 1234.5, 0.001234, 1.5e7, f64::NAN];
        let shown = ["0.0000", "1.0000", "0.9712", "1234.5000", "1.234e-3", "1.500e7", "NaN"];
        assert_eq!(numbers.map(short), shown);
    }

    #[test]
    fn times_have_their_unit() {
        assert_eq!([0.0123, 1.0, 59.96, 3725.0].map(time), ["12.3 ms", "1.0 s", "60.0 s", "62 min 5 s"]);
    }

    #[test]
    fn validation_is_separate_from_training() {
        let all = ["loss", "accuracy", "val_loss", "val_accuracy"].map(|name| (name.to_owned(), 0.5));
        let (train, validation) = Measures(all.to_vec()).parts();
        assert_eq!(train.to_string(), "loss 0.5000  accuracy 0.5000");
        assert_eq!(validation.to_string(), "val_loss 0.5000  val_accuracy 0.5000");
    }
}
