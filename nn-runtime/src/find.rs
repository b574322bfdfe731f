//! A search for the learning rate (Smith 2015): a training whose rate grows with each step.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::batches::Batches;
use crate::error::{Error, Set};
use crate::examples::Examples;
use crate::memory::Zeroed;
use crate::row_weights::RowWeights;
use crate::trainable::{self, Trainable};
use crate::trainer::Trainer;

/// Settings of the search. To change one, assign it: `options.steps = 100;`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FindOptions {
    /// The first rate.
    pub from: f32,
    /// The last rate, if the training does not diverge before.
    pub to: f32,
    /// Steps from the one to the other, each by the same factor.
    pub steps: usize,
    /// Of the order of the rows.
    pub seed: u64,
}

impl FindOptions {
    /// 300 steps from 10⁻⁷ to 10, with the spec's seed.
    pub fn from_spec<N: Trainable>() -> Self {
        Self { from: 1e-7, to: 10.0, steps: 300, seed: N::SEED }
    }

    /// The rate of a step, counted from 0.
    fn rate(&self, step: usize) -> f32 {
        let (from, to) = (f64::from(self.from), f64::from(self.to));
        let share = step as f64 / self.steps.saturating_sub(1).max(1) as f64;
        (from * libm::pow(to / from, share)) as f32
    }
}

/// A step with a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trial {
    /// The rate.
    pub learning_rate: f32,
    /// The batch's loss before the update.
    pub loss: f64,
    /// The mean of the losses so far, the last ones weighing most.
    pub smoothed: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// The steps, up to the one at which the search ended.
    pub trials: Vec<Trial>,
    /// The rate at which the loss falls fastest; `None` if it does not fall by more than its noise.
    pub suggestion: Option<f32>,
    /// Why the search ended.
    pub ended: Ended,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All rates were tried.
    Finished,
    /// The loss diverged.
    Diverged,
    /// The observer stopped it.
    Observer,
}

/// What the mean of the losses keeps from step to step.
const KEPT: f64 = 0.9;
/// A training has diverged where the mean is so many times its least.
const DIVERGED: f64 = 4.0;
/// The slope at a rate is that of a line through the trials with rates up to this factor away: one
/// decade in all.
const REACH: f64 = 3.162_277_660_168_379_5;
/// The slope is one where it is so many times its standard error.
const CERTAIN: f64 = 3.0;
/// As few trials as a line is drawn through.
const LEAST_TRIALS: usize = 8;

impl<N: Trainable> Trainer<N> {
    /// Tries learning rates on a copy of this trainer, which stays as it is: one step for each, on
    /// the training rows in mini-batches, epoch after epoch if need be. The spec's schedule is not
    /// used.
    ///
    /// # Errors
    ///
    /// Rows that do not fit, or a loss that is not finite before a single step was taken.
    pub fn find_learning_rate(
        &self,
        train: &Examples<'_, N::Input, N::Target, impl RowWeights>,
        options: &FindOptions,
        mut observer: impl FnMut(&Trial) -> ControlFlow<()>,
    ) -> Result<Found, Error> {
        trainable::check_examples::<N>(Set::Training, train)?;
        trainable::check_least::<N>(Set::Training, train.inputs.len())?;
        let mut trainer = self.boxed();
        if self.progress.step == 0 {
            trainer.fit_normalization(train.inputs);
        }
        let mut batches = Batches::<N>::new(train, true);
        let mut search = Search::default();
        for step in 0..options.steps {
            let batch = step % batches.count;
            if batch == 0 {
                batches.order(options.seed, (step / batches.count) as u64);
            }
            let rows = batches.get(train, batch);
            let learning_rate = options.rate(step);
            match trainer.advance(&rows, learning_rate) {
                Ok((loss, _)) => search.take(learning_rate, loss),
                Err(error) if step == 0 => return Err(error),
                Err(_) => return Ok(search.found(Ended::Diverged)),
            }
            if search.has_diverged() {
                return Ok(search.found(Ended::Diverged));
            }
            if search.trials.last().is_some_and(|trial| observer(trial).is_break()) {
                return Ok(search.found(Ended::Observer));
            }
        }
        Ok(search.found(Ended::Finished))
    }
}

/// The trials so far.
#[derive(Default)]
struct Search {
    trials: Vec<Trial>,
    /// Σ of the losses, each times [`KEPT`] to the power of the steps since.
    sum: f64,
    /// The same sum of ones.
    weight: f64,
    least: Option<f64>,
}

impl Search {
    fn take(&mut self, learning_rate: f32, loss: f64) {
        self.sum = KEPT * self.sum + loss;
        self.weight = KEPT * self.weight + 1.0;
        let smoothed = self.sum / self.weight;
        self.least = Some(self.least.map_or(smoothed, |least| least.min(smoothed)));
        self.trials.push(Trial { learning_rate, loss, smoothed });
    }

    fn has_diverged(&self) -> bool {
        let last = self.trials.last().map(|trial| trial.smoothed);
        last.zip(self.least).is_some_and(|(last, least)| least > 0.0 && last > DIVERGED * least)
    }

    fn found(self, ended: Ended) -> Found {
        Found { suggestion: steepest(&self.trials), trials: self.trials, ended }
    }
}

/// The rate around which the loss falls fastest along the logarithm of the rate, by least squares
/// over a decade.
fn steepest(trials: &[Trial]) -> Option<f32> {
    let mut best: Option<(f64, f32)> = None;
    for trial in trials {
        let rate = f64::from(trial.learning_rate);
        let is_near = |other: &&Trial| {
            let other = f64::from(other.learning_rate);
            other <= rate * REACH && other * REACH >= rate
        };
        let Some((slope, error)) = line(trials.iter().filter(is_near)) else { continue };
        if slope < -CERTAIN * error && best.is_none_or(|(least, _)| slope < least) {
            best = Some((slope, trial.learning_rate));
        }
    }
    best.map(|(_, rate)| rate)
}

/// The slope of the losses by the logarithms of their rates, and its standard error.
fn line<'a>(trials: impl Iterator<Item = &'a Trial> + Clone) -> Option<(f64, f64)> {
    let points = trials.map(|trial| (libm::log(trial.learning_rate.into()), trial.loss));
    let count = points.clone().count();
    if count < LEAST_TRIALS {
        return None;
    }
    let mean = |sum: f64| sum / count as f64;
    let (x0, y0) = (mean(points.clone().map(|(x, _)| x).sum()), mean(points.clone().map(|(_, y)| y).sum()));
    let spread: f64 = points.clone().map(|(x, _)| (x - x0) * (x - x0)).sum();
    let slope = points.clone().map(|(x, y)| (x - x0) * (y - y0)).sum::<f64>() / spread;
    let rest = |(x, y): (f64, f64)| y - y0 - slope * (x - x0);
    let residual: f64 = points.map(|point| rest(point) * rest(point)).sum();
    Some((slope, libm::sqrt(residual / (count - 2) as f64 / spread)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Generator;

    const OPTIONS: FindOptions = FindOptions { from: 1e-7, to: 10.0, steps: 300, seed: 0 };

    /// Trials whose losses are a function of the rate's decade, and noise.
    fn trials(noise: f64, loss: impl Fn(f64) -> f64) -> Vec<Trial> {
        let mut generator = Generator::new(1);
        let mut search = Search::default();
        for step in 0..OPTIONS.steps {
            let rate = OPTIONS.rate(step);
            search.take(rate, loss(libm::log10(rate.into())) + noise * generator.normal_pair()[0]);
        }
        search.trials
    }

    #[test]
    fn rates_grow_by_one_factor() {
        assert_eq!((OPTIONS.rate(0), OPTIONS.rate(299)), (1e-7, 10.0));
        assert!((OPTIONS.rate(150) / OPTIONS.rate(149) - OPTIONS.rate(1) / OPTIONS.rate(0)).abs() < 1e-5);
    }

    #[test]
    fn the_steepest_rate_is_found_among_noise() {
        // The loss falls from 2 to 0 around 10⁻³, and rises from 1 on.
        let loss = |decade: f64| 2.0 / (1.0 + libm::exp(3.0 * (decade + 3.0))) + libm::pow(10.0, decade);
        for noise in [0.0, 0.2] {
            let rate = steepest(&trials(noise, loss)).unwrap();
            assert!((5e-4..2e-3).contains(&rate), "noise {noise}: {rate}");
        }
    }

    #[test]
    fn what_does_not_fall_suggests_nothing() {
        assert_eq!(steepest(&trials(0.0, |_| 1.0)), None);
        assert_eq!(steepest(&trials(0.0, |decade| decade)), None);
        assert_eq!(steepest(&trials(0.0, |decade| -decade)[..LEAST_TRIALS - 1]), None);
    }

    #[test]
    fn a_mean_of_four_times_the_least_has_diverged() {
        let mut search = Search::default();
        for _ in 0..50 {
            search.take(1e-3, 1.0);
        }
        assert!(!search.has_diverged());
        search.take(1e-2, 32.0);
        assert!(search.has_diverged());
        assert_eq!(search.found(Ended::Diverged).trials.len(), 51);
    }
}
