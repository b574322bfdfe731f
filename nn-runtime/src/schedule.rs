//! `schedule`: the learning rate of each step, a function of the step's number and of the length of
//! the training alone, so that a checkpoint needs no more than these two to go on to the same bits.
//!
//! Steps are counted from 0 here: t of T = epochs · steps of an epoch, e = ⌊t / steps of an epoch⌋;
//! η is the optimizer's learning rate. All is computed in f64.
//!
//! A schedule has no state: a checkpoint holds the step anyway, and resumes to the same bits. `fit`
//! knows how many steps an epoch has; a step taken by hand without that length is refused, rather
//! than taken at some rate. The oracle computes the same formulas from its own code.

use core::f64::consts::PI;

use crate::error::Error;

// `plain!` implements an unsafe trait. Outside this crate the lint does not look into the macro.
#[allow(unsafe_code)]
mod value {
    crate::plain! {
        /// How long a training is: what a [`Schedule`](super::Schedule) is stretched over. All zero
        /// where it is not known.
        #[derive(Copy, Debug, PartialEq, Eq)]
        pub struct Length {
            /// Epochs, those of earlier calls included.
            pub epochs: u64,
            /// Steps of each.
            pub epoch_steps: u64,
        }
    }
}

pub use value::Length;

/// How the learning rate changes in the course of a training.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// η.
    Constant,
    /// η·factor^⌊e / every⌋.
    Step {
        /// Epochs between two changes.
        every: u64,
        /// What the rate is multiplied by.
        factor: f64,
    },
    /// η·rate^e.
    Exponential {
        /// What the rate is multiplied by after every epoch.
        rate: f64,
    },
    /// η + (to − η)·min(1, t / (over · steps of an epoch)).
    Linear {
        /// The last rate.
        to: f64,
        /// Epochs until it is reached.
        over: u64,
    },
    /// η·t / warmup up to the step `warmup`, then η·(1 + cos(π·(t − warmup) / (T − warmup))) / 2
    /// (Loshchilov & Hutter 2017, without restarts).
    Cosine {
        /// Steps of the linear rise.
        warmup: u64,
    },
    /// From `max_lr` / 25 to `max_lr` in the first 30 % of the steps, then to `max_lr` / 25 / 10⁴
    /// at the last, both along a cosine (Smith & Topin 2018, as PyTorch has it); η plays no part.
    OneCycle {
        /// The greatest rate.
        max_lr: f64,
    },
}

impl Length {
    /// All steps.
    pub fn steps(self) -> u64 {
        self.epochs.saturating_mul(self.epoch_steps)
    }

    /// Whether it is known.
    pub fn is_known(self) -> bool {
        self.steps() > 0
    }
}

/// The share of [`Schedule::OneCycle`] that rises, and what its first and its last rate are divided
/// by.
const RISE: f64 = 0.3;
const FIRST: f64 = 25.0;
const LAST: f64 = 1e4;

impl Schedule {
    /// The word of the language.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Step { .. } => "step",
            Self::Exponential { .. } => "exponential",
            Self::Linear { .. } => "linear",
            Self::Cosine { .. } => "cosine",
            Self::OneCycle { .. } => "one_cycle",
        }
    }

    /// Whether it fits a training.
    ///
    /// # Errors
    ///
    /// A warm-up that is as long as the training, or longer.
    pub fn check(&self, length: Length) -> Result<(), Error> {
        match *self {
            Self::Cosine { warmup } if warmup > 0 && warmup >= length.steps() => {
                Err(Error::WarmupTooLong { warmup, steps: length.steps() })
            }
            Self::Constant
            | Self::Step { .. }
            | Self::Exponential { .. }
            | Self::Linear { .. }
            | Self::Cosine { .. }
            | Self::OneCycle { .. } => Ok(()),
        }
    }

    /// The learning rate of a step, counted from 0, in a training of known length; beyond its end,
    /// that of the end. `learning_rate` is the optimizer's.
    pub fn learning_rate(&self, learning_rate: f32, step: u64, length: Length) -> f32 {
        let base = f64::from(learning_rate);
        let epoch = step.checked_div(length.epoch_steps).unwrap_or(0);
        let rate = match *self {
            Self::Constant => return learning_rate,
            Self::Step { every, factor } => base * libm::pow(factor, epoch.checked_div(every).unwrap_or(0) as f64),
            Self::Exponential { rate } => base * libm::pow(rate, epoch as f64),
            Self::Linear { to, over } => {
                let steps = over.saturating_mul(length.epoch_steps);
                base + (to - base) * share(step as f64, steps as f64)
            }
            Self::Cosine { warmup } if step < warmup => base * (step as f64 / warmup as f64),
            Self::Cosine { warmup } => {
                let steps = length.steps().saturating_sub(warmup);
                between(base, 0.0, share((step - warmup) as f64, steps as f64))
            }
            Self::OneCycle { max_lr } => one_cycle(max_lr, step as f64, length.steps() as f64),
        };
        rate as f32
    }
}

/// part / whole, at most 1.
fn share(part: f64, whole: f64) -> f64 {
    if part < whole { part / whole } else { 1.0 }
}

/// From `start` to `end` along half a cosine.
fn between(start: f64, end: f64, share: f64) -> f64 {
    end + (start - end) / 2.0 * (1.0 + libm::cos(PI * share))
}

fn one_cycle(max_lr: f64, step: f64, steps: f64) -> f64 {
    let first = max_lr / FIRST;
    // Below 0 where the training has three steps or fewer: then it begins to fall at once.
    let peak = RISE * steps - 1.0;
    if step < peak {
        return between(first, max_lr, step / peak);
    }
    between(max_lr, first / LAST, share(step - peak, steps - 1.0 - peak))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Length = Length { epochs: 10, epoch_steps: 5 };

    fn rates<const N: usize>(schedule: Schedule, steps: [u64; N]) -> [f32; N] {
        steps.map(|step| schedule.learning_rate(0.5, step, LENGTH))
    }

    #[test]
    fn some_change_after_epochs() {
        let step = Schedule::Step { every: 3, factor: 0.5 };
        assert_eq!(rates(step, [0, 14, 15, 29, 30, 45]), [0.5, 0.5, 0.25, 0.25, 0.125, 0.0625]);
        let exponential = Schedule::Exponential { rate: 0.5 };
        assert_eq!(rates(exponential, [0, 4, 5, 9, 10]), [0.5, 0.5, 0.25, 0.25, 0.125]);
    }

    #[test]
    fn some_change_with_every_step() {
        let linear = Schedule::Linear { to: 0.1, over: 4 };
        assert_eq!(rates(linear, [0, 5, 10, 20, 49, 1000]), [0.5, 0.4, 0.3, 0.1, 0.1, 0.1]);
        let cosine = Schedule::Cosine { warmup: 10 };
        assert_eq!(rates(cosine, [0, 5, 10, 30, 50, 1000]), [0.0, 0.25, 0.5, 0.25, 0.0, 0.0]);
    }

    #[test]
    fn one_cycle_rises_and_falls_below_its_start() {
        let schedule = Schedule::OneCycle { max_lr: 0.5 };
        let [first, peak, last, beyond] = rates(schedule, [0, 14, 49, 1000]);
        assert_eq!((first, peak, last, beyond), (0.02, 0.5, 2e-6, 2e-6));
        assert_eq!(schedule.learning_rate(0.5, 0, Length { epochs: 1, epoch_steps: 1 }), 2e-6);
    }

    #[test]
    fn a_warmup_ends_before_the_training() {
        let check = |warmup| Schedule::Cosine { warmup }.check(LENGTH);
        assert!(check(0).is_ok() && check(49).is_ok());
        assert_eq!(
            check(50).unwrap_err().to_string(),
            "`cosine` warms up for 50 steps, but the training has 50; lower `warmup`, or train for more epochs"
        );
    }
}
