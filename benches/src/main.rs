//! Benchmarks of generated code and of other implementations of the same networks:
//! `cargo run --release -p nn-bench`.
//!
//! Every implementation is a process of its own that speaks the protocol of `nn-bench-protocol`;
//! ours is this program with the subcommand `serve`. All start from the same numbers, must compute
//! the same results, and are timed in turns. `docs/performance.md` describes the method and the
//! results.

mod build_stats;
mod implementation;
mod inputs;
mod kernels;
mod machine;
mod peak;
mod process;
mod report;
mod rounds;
mod rust_peers;
mod statistics;
mod workloads;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use nn_bench_protocol::workload::WORKLOADS;
use nn_bench_protocol::{Task, Workload, serve};

use implementation::Places;
use machine::Machine;
use process::Surroundings;
use rounds::Plan;

/// Measures this project and other frameworks on the same networks, in one interleaved run.
#[derive(Debug, Parser)]
#[command(name = "nn-bench", version)]
struct Arguments {
    /// Peers to measure: none, rust, python, all, or names
    #[arg(long, value_delimiter = ',', default_value = "ndarray-by-hand")]
    peers: Vec<String>,
    /// Workloads to measure; all by default
    #[arg(long, value_delimiter = ',')]
    workloads: Vec<String>,
    /// Rounds: turns of each program at each workload
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Seconds per turn
    #[arg(long, default_value_t = 0.3)]
    seconds: f64,
    /// Threads of each program, pinned to as many cores; a table for each number
    #[arg(long, value_delimiter = ',', default_value = "1")]
    threads: Vec<usize>,
    /// What glibc's allocator does with freed memory, in every program
    #[arg(long, value_enum, default_value_t = Allocator::Keep)]
    allocator: Allocator,
    /// The interpreter for the peers in Python, with their packages
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Write every sample to this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draw the ratios of the first table to this file
    #[arg(long)]
    svg: Option<PathBuf>,
    /// One short round, to check that everything runs
    #[arg(long)]
    quick: bool,
    /// Measure the kernels of dense layers and convolutions instead, over a grid of sizes
    #[arg(long)]
    kernels: bool,
    /// Also build every Rust program from scratch: CPU time, size, memory
    #[arg(long)]
    build_stats: bool,
    #[command(subcommand)]
    command: Option<Role>,
}

/// What glibc's allocator does with memory that was freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Allocator {
    /// Keep it: no page faults, which is best for libraries that allocate in every step.
    Keep,
    /// glibc's defaults: large blocks go back at once.
    Default,
}

/// What this program is when it starts itself.
#[derive(Debug, Subcommand)]
enum Role {
    /// Ours, as one of the programs that are measured.
    #[command(hide = true)]
    Serve {
        /// The folder of the arrays.
        arrays: PathBuf,
    },
    /// The kernels, pinned.
    #[command(hide = true)]
    Kernels,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    match &arguments.command {
        Some(Role::Serve { arrays }) => serve_ours(arrays).map_err(|error| error.to_string()),
        // Measurements of a debug build mean nothing, and compiling the grids takes longer than the
        // rest of this program.
        Some(Role::Kernels) if cfg!(debug_assertions) => {
            Err("kernels are measured in release builds: `cargo run --release -p nn-bench -- --kernels`".to_owned())
        }
        Some(Role::Kernels) => kernels::run(if arguments.quick { 0.005 } else { 0.1 }),
        None if arguments.kernels => pinned_kernels(arguments),
        None => bench(arguments),
    }
}

fn serve_ours(arrays: &Path) -> io::Result<()> {
    serve("ours", env!("CARGO_PKG_VERSION"), arrays, our_task)
}

/// Ours for a workload, or the measuring of the peak.
fn our_task(name: &str, arrays: &Path) -> Result<Option<Box<dyn Task>>, String> {
    if name == peak::NAME {
        return Ok(Some(peak::task()));
    }
    nn_bench_protocol::serve::from_arrays(workloads::task)(name, arrays)
}

fn pinned_kernels(arguments: &Arguments) -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    tell(&format!("{}\n", Machine::look().describe()))?;
    let mut command = surroundings(arguments, 1).command(&this);
    command.args(arguments.quick.then_some("--quick")).arg("kernels");
    let status = command.status().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("the kernels failed: {status}")) }
}

fn surroundings(arguments: &Arguments, threads: usize) -> Surroundings {
    let keeps_memory = arguments.allocator == Allocator::Keep;
    Surroundings { threads, pinned: machine::taskset().is_some(), keeps_memory }
}

fn bench(arguments: &Arguments) -> Result<(), String> {
    let workloads = find_workloads(&arguments.workloads)?;
    let peers = implementation::peers(&arguments.peers)?;
    let machine = Machine::look();
    if let Some(threads) = arguments.threads.iter().find(|threads| **threads == 0 || **threads > machine.cores) {
        return Err(format!("{threads} threads on {} cores", machine.cores));
    }
    let arrays = tempfile::tempdir().map_err(|error| error.to_string())?;
    inputs::write(arrays.path(), &workloads)?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let places = Places { this, python: arguments.python.clone(), arrays: arrays.path().to_owned() };
    let plan = if arguments.quick {
        Plan { rounds: 1, seconds: 0.005 }
    } else {
        Plan { rounds: arguments.rounds.max(1), seconds: arguments.seconds }
    };
    let run = |threads: &usize| rounds::run(&workloads, &peers, &places, surroundings(arguments, *threads), plan);
    let runs: Vec<_> = arguments.threads.iter().map(run).collect::<Result<_, _>>()?;
    tell(&report::table::all(&machine, &runs))?;
    if arguments.build_stats {
        tell(&report::table::build_stats(&build_stats::measure(&peers), runs.first()))?;
    }
    if let Some(path) = &arguments.json {
        write(path, &format!("{:#}\n", report::json::all(&machine, &runs)))?;
    }
    if let (Some(path), Some(run)) = (&arguments.svg, runs.first()) {
        write(path, &report::chart::one(run))?;
    }
    Ok(())
}

/// Workloads by their names; all of them without names.
fn find_workloads(names: &[String]) -> Result<Vec<&'static Workload>, String> {
    if names.is_empty() {
        return Ok(WORKLOADS.iter().collect());
    }
    let find = |name: &String| match Workload::find(name) {
        Some(workload) => Ok(workload),
        None => {
            let known: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
            Err(format!("there is no workload `{name}`; there are {}", known.join(", ")))
        }
    };
    names.iter().map(find).collect()
}

fn tell(text: &str) -> Result<(), String> {
    io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_computes_every_workload() -> Result<(), String> {
        for workload in &WORKLOADS {
            let arrays = inputs::arrays(workload)?;
            let mut task = workloads::task(workload, &arrays)?.ok_or(workload.name)?;
            let numbers = task.check()?;
            let all = numbers.outputs.iter().chain(&numbers.losses).chain(&numbers.about);
            assert!(all.clone().count() > 0, "{}", workload.name);
            assert!(all.clone().all(|number| number.is_finite()), "{}: {numbers:?}", workload.name);
            assert!(numbers.losses.is_sorted_by(|before, after| before > after), "{}: {numbers}", workload.name);
            assert_eq!(numbers.difference(&task.check()?), None, "{}", workload.name);
        }
        Ok(())
    }

    #[test]
    fn a_workload_is_served_and_timed_from_files() -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        for name in ["infer_tiny_b1", "train_xor"] {
            let workload = Workload::find(name).ok_or(name)?;
            inputs::write(folder.path(), &[workload])?;
            let mut task = our_task(name, folder.path())?.ok_or(name)?;
            task.run(1000)?;
        }
        assert!(our_task("lenet", folder.path())?.is_none());
        Ok(())
    }

    #[test]
    fn unknown_workloads_are_named() {
        let find = |name: &str| find_workloads(&[name.to_owned()]).map(|found| found.len());
        assert_eq!(find("train_xor"), Ok(1));
        assert!(find("train_xxor").is_err_and(|error| error.contains("train_xor")));
        assert_eq!(find_workloads(&[]).map(|found| found.len()), Ok(WORKLOADS.len()));
    }
}
