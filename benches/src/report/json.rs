//! The run as JSON: every sample, so that readers can compute other statistics than the median.

use serde_json::{Map, Value, json};

use crate::machine::Machine;
use crate::rounds::{Outcome, Results, Run};

/// All runs.
pub fn all(machine: &Machine, runs: &[Run]) -> Value {
    json!({
        "machine": {
            "cpu": machine.cpu,
            "cores": machine.cores,
            "instruction_sets": machine.paths,
            "load_before": machine.load,
        },
        "runs": runs.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(run: &Run) -> Value {
    let participants = run.participants.iter().map(|participant| {
        json!({
            "name": participant.implementation.name,
            "version": participant.version,
            "peak_memory_bytes": participant.peak_memory,
        })
    });
    let missing = run.missing.iter().map(|(peer, reason)| json!({ "name": peer.name, "reason": reason }));
    json!({
        "threads": run.surroundings.threads,
        "pinned": run.surroundings.pinned,
        "allocator_keeps_memory": run.surroundings.keeps_memory,
        "participants": participants.collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "workloads": run.results.iter().map(|results| workload(run, results)).collect::<Vec<_>>(),
    })
}

fn workload(run: &Run, results: &Results) -> Value {
    let outcomes = run.participants.iter().zip(&results.outcomes).map(|(participant, outcome)| {
        let outcome = match outcome {
            Outcome::Timed(nanoseconds) => json!({ "nanoseconds": nanoseconds }),
            Outcome::None => Value::Null,
            Outcome::Disagrees(how) => json!({ "disagrees": how }),
            Outcome::Failed(why) => json!({ "failed": why }),
        };
        (participant.implementation.name.to_owned(), outcome)
    });
    json!({
        "name": results.workload.name,
        "about": results.workload.about,
        "flops": results.workload.flops(),
        "peak_flops_per_second": results.peak,
        "outcomes": outcomes.collect::<Map<_, _>>(),
    })
}
