//! Watching one number of every epoch for early stopping and for the best epoch.

use crate::early_stopping::EarlyStopping;
use crate::error::Error;
use crate::evaluation::Evaluation;

/// The monitored number, with the best value seen.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    rule: EarlyStopping,
    best: Option<f64>,
    epochs_since: usize,
}

impl Watch {
    /// Watches what `rule` says. `metrics` are the names of what is measured.
    pub(crate) fn new(rule: EarlyStopping, metrics: &'static [&'static str], validates: bool) -> Result<Self, Error> {
        let monitor = rule.monitor;
        let (on_validation, name) = split(monitor);
        if name != "loss" && !metrics.contains(&name) {
            return Err(Error::UnknownMonitor { monitor, metrics });
        }
        if on_validation && !validates {
            return Err(Error::NothingToMonitor { monitor });
        }
        Ok(Self { rule, best: None, epochs_since: 0 })
    }

    /// Takes an epoch's numbers in; whether they are the best so far. An epoch in which anything
    /// measured is not finite never is: its other numbers say nothing.
    pub(crate) fn improves(&mut self, train: &Evaluation, validation: Option<&Evaluation>) -> bool {
        let (on_validation, name) = split(self.rule.monitor);
        let evaluation = if on_validation { validation } else { Some(train) };
        let value = evaluation.and_then(|evaluation| evaluation.get(name)).unwrap_or(f64::NAN);
        let value = if rises(name) { -value } else { value };
        let is_finite = train.is_finite() && validation.is_none_or(Evaluation::is_finite) && value.is_finite();
        let better = is_finite && self.best.is_none_or(|best| value < best - f64::from(self.rule.min_delta));
        if better {
            self.best = Some(value);
            self.epochs_since = 0;
        } else {
            self.epochs_since += 1;
        }
        better
    }

    /// Whether patience is at its end.
    pub(crate) fn is_over(&self) -> bool {
        self.epochs_since > 0 && self.epochs_since >= self.rule.patience
    }
}

/// Whether the name is one of the validation rows, and the name without that.
fn split(monitor: &'static str) -> (bool, &'static str) {
    match monitor.strip_prefix("val_") {
        Some(name) => (true, name),
        None => (false, monitor),
    }
}

/// Whether more is better.
fn rises(name: &str) -> bool {
    name.starts_with("accuracy")
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &[&str] = &["accuracy"];

    fn watch(monitor: &'static str, patience: usize, min_delta: f32) -> Result<Watch, Error> {
        let rule = EarlyStopping { monitor, patience, min_delta };
        Watch::new(rule, METRICS, monitor != "val_loss")
    }

    #[test]
    fn stops_when_patience_is_over() {
        let mut watch = watch("loss", 2, 0.1).unwrap();
        let losses = [1.0, 0.95, 0.8, f64::NAN, 0.75];
        let better = losses.map(|loss| {
            assert!(!watch.is_over());
            watch.improves(&Evaluation::new(loss, METRICS, &[0.0]), None)
        });
        assert_eq!(better, [true, false, true, false, false]);
        assert!(watch.is_over());
    }

    #[test]
    fn accuracy_should_rise() {
        let mut watch = watch("val_accuracy", 1, 0.0).unwrap();
        let mut improves = |accuracy| {
            let evaluation = Evaluation::new(0.0, METRICS, &[accuracy]);
            watch.improves(&evaluation, Some(&evaluation))
        };
        assert!(improves(0.5) && improves(0.6) && !improves(0.6));
    }

    #[test]
    fn an_epoch_that_is_not_finite_is_never_the_best() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let good = Evaluation::new(1.0, METRICS, &[0.5]);
            for spoiled in [Evaluation::new(bad, METRICS, &[1.0]), Evaluation::new(0.1, METRICS, &[bad])] {
                for monitor in ["loss", "accuracy", "val_accuracy"] {
                    let mut watch = watch(monitor, 2, 0.0).unwrap();
                    assert!(!watch.improves(&spoiled, Some(&good)), "{monitor}: {bad}");
                    assert!(!watch.improves(&good, Some(&spoiled)), "{monitor}: {bad}");
                    assert!(watch.is_over());
                    assert!(watch.improves(&good, Some(&good)));
                    assert!(!watch.improves(&spoiled, Some(&spoiled)), "{monitor}: {bad}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_measured_cannot_be_watched() {
        assert!(matches!(watch("recall", 1, 0.0), Err(Error::UnknownMonitor { .. })));
        assert!(matches!(watch("val_loss", 1, 0.0), Err(Error::NothingToMonitor { .. })));
    }
}
