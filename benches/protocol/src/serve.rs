//! The loop of a program that is measured.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::arrays::Arrays;
use crate::numbers::Numbers;
use crate::workload::{Job, Workload};

/// A workload as one program computes it.
pub trait Task {
    /// Numbers that show what it computes. The state is the first one afterwards.
    fn check(&mut self) -> Result<Numbers, String>;

    /// Runs it that many times. The loop is in here, so that a short task is not timed by its call.
    fn run(&mut self, iterations: u64) -> Result<(), String>;
}

/// A network that predicts.
pub trait Inference {
    /// Computes the outputs of all rows.
    fn predict(&mut self) -> Result<(), String>;

    /// The outputs that were computed last.
    fn outputs(&self) -> Result<Vec<f32>, String>;
}

/// A network that is trained.
pub trait Training {
    /// Goes back to the first weights, with an optimizer that has done no step.
    fn restart(&mut self) -> Result<(), String>;

    /// One step on all rows.
    fn step(&mut self) -> Result<(), String>;

    /// The loss of the last step, before its update.
    fn loss(&self) -> Result<f32, String>;

    /// The outputs of all rows in inference mode.
    fn outputs(&mut self) -> Result<Vec<f32>, String>;
}

/// The task of predicting.
pub fn inference<I: Inference + 'static>(inference: I) -> Box<dyn Task> {
    Box::new(Predict(inference))
}

/// The task of training, a step each time. With dropout, losses are compared as means only, but
/// outputs exactly.
///
/// # Panics
///
/// If the workload has another job.
pub fn training<T: Training + 'static>(training: T, workload: &Workload) -> Box<dyn Task> {
    let Job::Step { period } = workload.job else { panic!("{} is not trained by steps", workload.name) };
    Box::new(Steps { training, period, done: 0, noisy: workload.dropout > 0.0 })
}

struct Predict<I>(I);

impl<I: Inference> Task for Predict<I> {
    fn check(&mut self) -> Result<Numbers, String> {
        self.0.predict()?;
        Ok(Numbers { outputs: self.0.outputs()?, ..Numbers::default() })
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        (0..iterations).try_for_each(|_| self.0.predict())
    }
}

struct Steps<T> {
    training: T,
    period: u64,
    done: u64,
    noisy: bool,
}

impl<T: Training> Task for Steps<T> {
    fn check(&mut self) -> Result<Numbers, String> {
        self.training.restart()?;
        let mut numbers = Numbers::default();
        if self.noisy {
            numbers.outputs = self.training.outputs()?;
        }
        let mut losses = Vec::new();
        for _ in 0..11 {
            self.training.step()?;
            losses.push(self.training.loss()?);
        }
        if self.noisy {
            numbers.about = vec![losses.iter().sum::<f32>() / losses.len() as f32];
        } else {
            numbers.losses = vec![losses[0], losses[1], losses[10]];
        }
        self.training.restart()?;
        self.done = 0;
        Ok(numbers)
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        for _ in 0..iterations {
            if self.done == self.period {
                self.training.restart()?;
                self.done = 0;
            }
            self.training.step()?;
            self.done += 1;
        }
        Ok(())
    }
}

/// Answers lines from standard input until it ends. `make` gives the task of a workload, or `None`
/// where the program has none.
pub fn serve(
    name: &str,
    version: &str,
    folder: &Path,
    make: impl Fn(&str, &Path) -> Result<Option<Box<dyn Task>>, String>,
) -> io::Result<()> {
    let mut server = Server { folder, make, tasks: HashMap::new() };
    let mut output = io::stdout().lock();
    writeln!(output, "ready {name} {version}")?;
    output.flush()?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line == "quit" {
            break;
        }
        let answer = server.answer(&line).unwrap_or_else(|error| format!("error {}", error.replace('\n', " ")));
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

/// [`serve`] for the workloads of the table, on the arrays in the folder.
pub fn from_arrays(
    make: impl Fn(&Workload, &Arrays) -> Result<Option<Box<dyn Task>>, String>,
) -> impl Fn(&str, &Path) -> Result<Option<Box<dyn Task>>, String> {
    move |name, folder| {
        let Some(workload) = Workload::find(name) else { return Ok(None) };
        let arrays = Arrays::read(folder, name).map_err(|error| error.to_string())?;
        make(workload, &arrays)
    }
}

struct Server<'a, M> {
    folder: &'a Path,
    make: M,
    tasks: HashMap<String, Timed>,
}

/// A task, and the time of an iteration when it was last measured.
struct Timed {
    task: Box<dyn Task>,
    iteration: Option<Duration>,
}

impl<M: Fn(&str, &Path) -> Result<Option<Box<dyn Task>>, String>> Server<'_, M> {
    fn answer(&mut self, line: &str) -> Result<String, String> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["check", workload] => {
                let Some(timed) = self.task(workload)? else { return Ok("none".to_owned()) };
                Ok(timed.task.check()?.to_string())
            }
            ["time", workload, seconds] => {
                let seconds = seconds.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                let seconds = seconds.ok_or("that is not a time")?;
                let Some(timed) = self.task(workload)? else { return Ok("none".to_owned()) };
                let (nanoseconds, iterations) = timed.time(seconds)?;
                Ok(format!("time {nanoseconds} {iterations}"))
            }
            _ => Err(format!("not understood: {line}")),
        }
    }

    fn task(&mut self, workload: &str) -> Result<Option<&mut Timed>, String> {
        if !self.tasks.contains_key(workload) {
            let Some(task) = (self.make)(workload, self.folder)? else { return Ok(None) };
            self.tasks.insert(workload.to_owned(), Timed { task, iteration: None });
        }
        Ok(self.tasks.get_mut(workload))
    }
}

impl Timed {
    /// Nanoseconds of an iteration as the mean of those that fit into the time, and how many these
    /// were. For a quarter of the time before it, iterations are not timed: threads wake up, and
    /// the system finds a core for each.
    fn time(&mut self, seconds: Duration) -> Result<(f64, u64), String> {
        let fitting =
            |seconds: Duration, iteration: Duration| (seconds.as_nanos() / iteration.as_nanos().max(1)).max(1) as u64;
        let iteration = match self.iteration {
            Some(iteration) => {
                self.run(fitting(seconds / 4, iteration))?;
                iteration
            }
            None => self.warm_up(seconds / 4)?,
        };
        let iterations = fitting(seconds, iteration);
        let elapsed = self.run(iterations)?;
        Ok((elapsed.as_nanos() as f64 / iterations as f64, iterations))
    }

    /// Runs for about that long, to know how long an iteration takes.
    fn warm_up(&mut self, least: Duration) -> Result<Duration, String> {
        let mut iterations = 1;
        loop {
            let elapsed = self.run(iterations)?;
            let iteration = elapsed / iterations.min(u64::from(u32::MAX)) as u32;
            if elapsed >= least || iterations >= 1 << 30 {
                self.iteration = Some(iteration);
                return Ok(iteration);
            }
            iterations *= 2;
        }
    }

    fn run(&mut self, iterations: u64) -> Result<Duration, String> {
        let start = Instant::now();
        self.task.run(iterations)?;
        Ok(start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Targets;

    const COUNT: Workload = Workload {
        name: "count",
        about: "",
        job: Job::Step { period: 20 },
        rows: 1,
        convolutions: &[],
        widths: &[1, 1],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Values,
        gemm_bound: false,
    };

    /// A training whose loss is how many steps were done since the last start.
    struct Count(u32);

    impl Training for Count {
        fn restart(&mut self) -> Result<(), String> {
            self.0 = 0;
            Ok(())
        }

        fn step(&mut self) -> Result<(), String> {
            self.0 += 1;
            if self.0 > 20 { Err("no start after 20 steps".to_owned()) } else { Ok(()) }
        }

        fn loss(&self) -> Result<f32, String> {
            Ok((self.0 - 1) as f32)
        }

        fn outputs(&mut self) -> Result<Vec<f32>, String> {
            Ok(vec![self.0 as f32])
        }
    }

    #[test]
    fn steps_are_checked_and_timed() {
        let make = |name: &str, _: &Path| Ok((name == "count").then(|| training(Count(7), &COUNT)));
        let mut server = Server { folder: Path::new(""), make, tasks: HashMap::new() };
        assert_eq!(server.answer("check count").as_deref(), Ok("numbers losses 0 1 10"));
        let timed = server.answer("time count 0.001").expect("starts again after each 20 steps");
        assert!(timed.starts_with("time "), "{timed}");
        assert_eq!(server.answer("check other").as_deref(), Ok("none"));
        assert!(server.answer("time count never").is_err());
        assert!(server.answer("help").is_err());
    }

    #[test]
    fn with_dropout_outputs_are_exact_and_losses_are_not() {
        let numbers = training(Count(7), &Workload { dropout: 0.5, ..COUNT }).check();
        assert_eq!(numbers, Ok(Numbers { outputs: vec![0.0], losses: vec![], about: vec![5.0] }));
    }
}
