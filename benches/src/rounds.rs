//! The run: all implementations are started and checked, then timed in turns.

use std::thread;
use std::time::Duration;

use nn_bench_protocol::{Numbers, Workload};

use crate::implementation::{Implementation, OURS, Places};
use crate::peak;
use crate::process::{Nanoseconds, Process, Surroundings};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How often each implementation gets its turn at each workload.
    pub rounds: usize,
    /// Seconds of a turn.
    pub seconds: f64,
}

/// All measurements in one setting.
pub struct Run {
    /// How the programs were started.
    pub surroundings: Surroundings,
    /// Implementations that ran, ours first.
    pub participants: Vec<Participant>,
    /// Those that did not run, and why.
    pub missing: Vec<(Implementation, String)>,
    /// A result for each workload.
    pub results: Vec<Results>,
}

/// An implementation that ran.
pub struct Participant {
    /// Which.
    pub implementation: Implementation,
    /// Its own name and version.
    pub version: String,
    /// The most memory it ever had, in bytes.
    pub peak_memory: Option<u64>,
}

/// What was measured of a workload.
pub struct Results {
    /// Which.
    pub workload: &'static Workload,
    /// Operations per second that the cores can do at most, in each round.
    pub peak: Vec<f64>,
    /// What each participant did, in their order.
    pub outcomes: Vec<Outcome>,
}

/// What a participant did at a workload.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// What an iteration took in each round.
    Timed(Vec<Nanoseconds>),
    /// It does not have this workload.
    None,
    /// It computes something else, so that its time means nothing.
    Disagrees(String),
    /// It failed.
    Failed(String),
}

impl Outcome {
    /// The times, where there are any.
    pub fn times(&self) -> Option<&[Nanoseconds]> {
        if let Self::Timed(times) = self { Some(times) } else { None }
    }
}

struct Running {
    implementation: Implementation,
    process: Process,
}

/// Starts what can be started, and measures every workload.
pub fn run(
    workloads: &[&'static Workload],
    peers: &[Implementation],
    places: &Places,
    surroundings: Surroundings,
    plan: Plan,
) -> Result<Run, String> {
    let start = |implementation: Implementation| {
        let process = Process::start(implementation.command(places, &surroundings)?)?;
        Ok(Running { implementation, process })
    };
    let mut missing = Vec::new();
    let mut running = vec![start(OURS)?];
    for peer in peers {
        match start(*peer) {
            Ok(process) => running.push(process),
            Err(reason) => missing.push((*peer, reason)),
        }
    }
    let measure = |workload: &&'static Workload| measure(workload, &mut running, plan, surroundings.threads);
    let results = workloads.iter().map(measure).collect::<Result<_, _>>()?;
    let participants = running.into_iter().map(|Running { implementation, process }| Participant {
        implementation,
        peak_memory: process.peak_memory(),
        version: process.version.clone(),
    });
    Ok(Run { surroundings, participants: participants.collect(), missing, results })
}

fn measure(
    workload: &'static Workload,
    running: &mut [Running],
    plan: Plan,
    threads: usize,
) -> Result<Results, String> {
    eprintln!("{}: {}", workload.name, workload.about);
    let mut outcomes = check(workload, running)?;
    let pause = Duration::from_millis(if threads == 1 { 1 } else { 250 });
    let mut peak = Vec::new();
    for _ in 0..plan.rounds {
        let ours = &mut running[0].process;
        let one_core = peak::flops() as f64 / ours.time(peak::NAME, plan.seconds / 4.0)? * 1e9;
        peak.push(one_core * threads as f64);
        for (Running { process, .. }, outcome) in running.iter_mut().zip(&mut outcomes) {
            let Outcome::Timed(times) = outcome else { continue };
            match process.time(workload.name, plan.seconds) {
                Ok(time) => times.push(time),
                Err(error) => *outcome = Outcome::Failed(error),
            }
            // Idle threads of a pool may spin for a while, on a core that the next one needs.
            thread::sleep(pause);
        }
    }
    Ok(Results { workload, peak, outcomes })
}

/// Whether all compute what ours does.
fn check(workload: &'static Workload, running: &mut [Running]) -> Result<Vec<Outcome>, String> {
    let mut expected: Option<Numbers> = None;
    let mut outcomes = Vec::new();
    for Running { process, .. } in running {
        let outcome = match (process.check(workload.name), &expected) {
            (Err(error), Some(_)) => Outcome::Failed(error),
            (Err(error), None) => return Err(format!("{}: {error}", workload.name)),
            (Ok(None), _) => Outcome::None,
            (Ok(Some(numbers)), None) => {
                expected = Some(numbers);
                Outcome::Timed(Vec::new())
            }
            (Ok(Some(numbers)), Some(expected)) => match expected.difference(&numbers) {
                Some(difference) => Outcome::Disagrees(difference),
                None => Outcome::Timed(Vec::new()),
            },
        };
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
