//! A running program that is measured: it reads lines and answers lines.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use nn_bench_protocol::Numbers;

use crate::machine;

/// How programs are started.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// As many threads and cores as each has.
    pub threads: usize,
    /// Whether each is pinned to its cores.
    pub pinned: bool,
    /// Whether the allocator keeps memory that was freed, instead of returning it at once.
    pub keeps_memory: bool,
}

impl Surroundings {
    /// In one line.
    pub fn describe(&self) -> String {
        let threads = if self.threads == 1 { "one thread".to_owned() } else { format!("{} threads", self.threads) };
        let pinned = if self.pinned { "pinned by taskset" } else { "not pinned (there is no taskset)" };
        let memory = if self.keeps_memory { "keeps freed memory" } else { "has its defaults" };
        format!("{threads}, {pinned}; the allocator {memory}")
    }

    /// A command in these surroundings.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = match machine::taskset().filter(|_| self.pinned) {
            Some(taskset) => {
                let mut command = Command::new(taskset);
                command.arg("-c").arg(format!("0-{}", self.threads - 1)).arg(program);
                command
            }
            None => Command::new(program),
        };
        for pool in THREADS {
            command.env(pool, self.threads.to_string());
        }
        if self.keeps_memory {
            for (setting, value) in KEEP_MEMORY {
                command.env(setting, value);
            }
        }
        command
    }
}

/// What tells libraries how many threads to have.
const THREADS: [&str; 6] = [
    "RAYON_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MATMUL_NUM_THREADS",
    "NN_BENCH_THREADS",
];

/// Settings of glibc's allocator by which memory that was freed is used again, without page faults.
const KEEP_MEMORY: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "1073741824"),
    ("MALLOC_TRIM_THRESHOLD_", "4294967296"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// A program that runs and answers. It is ended when this value is dropped.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Its own name and version.
    pub version: String,
}

/// Nanoseconds of an iteration.
pub type Nanoseconds = f64;

impl Process {
    /// Starts a program, and waits until it is ready.
    pub fn start(mut command: Command) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the program has no input or no output".to_owned());
        };
        let mut process = Self { child, input: Some(input), output: BufReader::new(output), version: String::new() };
        let line = process.line()?;
        let version = line
            .strip_prefix("ready ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or_else(|| format!("not ready: {line}"))?;
        process.version = version.1.to_owned();
        Ok(process)
    }

    /// What it computes; `None` if it has no such workload.
    pub fn check(&mut self, workload: &str) -> Result<Option<Numbers>, String> {
        let answer = self.ask(&format!("check {workload}"))?;
        if answer == "none" {
            return Ok(None);
        }
        let numbers = Numbers::parse(&answer).ok_or_else(|| format!("not understood: {answer}"))?;
        Ok(Some(numbers))
    }

    /// The time of an iteration, measured for about that many seconds.
    pub fn time(&mut self, workload: &str, seconds: f64) -> Result<Nanoseconds, String> {
        let answer = self.ask(&format!("time {workload} {seconds}"))?;
        let nanoseconds = answer.strip_prefix("time ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        nanoseconds.ok_or_else(|| format!("not understood: {answer}"))
    }

    /// The most memory that it ever had, in bytes, if the system reports it.
    pub fn peak_memory(&self) -> Option<u64> {
        machine::peak_memory(self.child.id())
    }

    fn ask(&mut self, line: &str) -> Result<String, String> {
        let input = self.input.as_mut().ok_or("the program's input is closed")?;
        // A program that has died shows in the answer.
        let _ = input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush());
        let answer = self.line()?;
        match answer.strip_prefix("error ") {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(self.death()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// How it died.
    fn death(&mut self) -> String {
        match self.child.wait() {
            Ok(status) => format!("the program ended: {status}"),
            Err(error) => format!("the program ended: {error}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The end of its input is the end of the program; one that does not read is killed.
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
