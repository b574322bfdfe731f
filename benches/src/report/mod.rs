//! The results as text, as JSON and as a chart.

pub mod chart;
pub mod json;
pub mod table;

use crate::rounds::{Results, Run};
use crate::statistics::Spread;

/// A peer at a workload, beside ours.
pub struct Compared {
    /// The peer's name.
    pub peer: &'static str,
    /// The time of an iteration, in nanoseconds.
    pub time: Spread,
    /// How many times ours that is, by rounds.
    pub ratio: Spread,
}

/// The time of an iteration of ours, in nanoseconds.
pub fn ours(results: &Results) -> Option<Spread> {
    Spread::of(results.outcomes.first()?.times()?.iter().copied())
}

/// Peers that were timed at a workload, the fastest first.
pub fn compared(run: &Run, results: &Results) -> Vec<Compared> {
    let Some(ours) = results.outcomes.first().and_then(|outcome| outcome.times()) else { return Vec::new() };
    let peers = run.participants.iter().zip(&results.outcomes).skip(1);
    let mut compared: Vec<Compared> = peers
        .filter_map(|(participant, outcome)| {
            let times = outcome.times()?;
            let ratio = Spread::of_pairs(times, ours, |theirs, ours| theirs / ours)?;
            let time = Spread::of(times.iter().copied())?;
            Some(Compared { peer: participant.implementation.name, time, ratio })
        })
        .collect();
    compared.sort_by(|one, other| one.ratio.median.total_cmp(&other.ratio.median));
    compared
}

/// How much of the cores' peak ours reaches, if matrix multiplications dominate.
pub fn share_of_peak(results: &Results) -> Option<Spread> {
    if !results.workload.gemm_bound {
        return None;
    }
    let flops = results.workload.flops() as f64;
    Spread::of_pairs(results.outcomes.first()?.times()?, &results.peak, |time, peak| flops / time * 1e9 / peak)
}
