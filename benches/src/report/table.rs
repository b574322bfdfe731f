//! The run as text: every peer at every workload, then a table in Markdown of the strongest.

use std::fmt::Write as _;

use crate::build_stats::BuildStats;
use crate::machine::Machine;
use crate::report::{Compared, compared, ours, share_of_peak};
use crate::rounds::{Outcome, Results, Run};
use crate::statistics::Spread;

/// What the machine is, and all runs.
pub fn all(machine: &Machine, runs: &[Run]) -> String {
    let mut text = format!("{}\n", machine.describe());
    for run in runs {
        text += &one(run);
    }
    text
}

fn one(run: &Run) -> String {
    let mut text = format!("\n{}", run.surroundings.describe());
    let peak = Spread::of(run.results.iter().flat_map(|results| results.peak.iter().copied()));
    if let Some(peak) = peak {
        let gigaflops = |flops: f64| flops / 1e9;
        let (median, min, max) = (gigaflops(peak.median), gigaflops(peak.min), gigaflops(peak.max));
        // Writing to a `String` cannot fail, here and below.
        let _ = write!(text, "; FMA peak of the cores {median:.1} GFLOP/s ({min:.1}..{max:.1})");
    }
    text.push('\n');
    for participant in &run.participants {
        let _ = writeln!(text, "  {:18} {}", participant.implementation.name, participant.version);
    }
    for results in &run.results {
        text += &workload(run, results);
    }
    text += &summary(run);
    for (peer, reason) in &run.missing {
        let _ = writeln!(text, "missing: {}: {reason}", peer.name);
    }
    text
}

fn workload(run: &Run, results: &Results) -> String {
    let mut text = format!("\n{}: {}\n", results.workload.name, results.workload.about);
    if let Some(time) = ours(results) {
        let share = share_of_peak(results).map(|share| format!("   {} of peak", percent(&share)));
        let _ = writeln!(text, "  {:18} {}{}", "ours", microseconds(&time), share.unwrap_or_default());
    }
    for Compared { peer, time, ratio } in compared(run, results) {
        let _ = writeln!(text, "  {peer:18} {}   ours × {}", microseconds(&time), times(&ratio));
    }
    for (participant, outcome) in run.participants.iter().zip(&results.outcomes) {
        let name = participant.implementation.name;
        let _ = match outcome {
            Outcome::Timed(_) => Ok(()),
            Outcome::None => writeln!(text, "  {name:18} does not have it"),
            Outcome::Disagrees(how) => writeln!(text, "  {name:18} disagrees: {how}"),
            Outcome::Failed(why) => writeln!(text, "  {name:18} failed: {why}"),
        };
    }
    text
}

/// A line for each workload: ours, the strongest peer, and the ratio of their times.
fn summary(run: &Run) -> String {
    let mut text = String::from("\n| workload | ours, µs | of peak | strongest peer | its µs | peer ÷ ours |\n");
    text += "| --- | --- | --- | --- | --- | --- |\n";
    for results in &run.results {
        let Some(time) = ours(results) else { continue };
        let share = share_of_peak(results).map(|share| percent(&share)).unwrap_or_default();
        let (peer, its, ratio) = match compared(run, results).first() {
            Some(Compared { peer, time, ratio }) => (*peer, figures(time.median / 1e3), times(ratio)),
            None => ("", String::new(), String::new()),
        };
        let name = results.workload.name;
        let _ = writeln!(text, "| `{name}` | {} | {share} | {peer} | {its} | {ratio} |", figures(time.median / 1e3));
    }
    text
}

/// What building the Rust programs costs, as a table in Markdown.
pub fn build_stats(stats: &[(&'static str, Result<BuildStats, String>)], run: Option<&Run>) -> String {
    let mut text = String::from("\n| program | cold build, CPU s | stripped, MB | most memory, MB |\n");
    text += "| --- | --- | --- | --- |\n";
    for (name, stats) in stats {
        let participants = run.into_iter().flat_map(|run| &run.participants);
        let memory = participants
            .filter(|participant| participant.implementation.name == *name)
            .find_map(|participant| participant.peak_memory)
            .map(megabytes)
            .unwrap_or_default();
        let _ = match stats {
            Ok(stats) => {
                let seconds = stats.cpu_seconds.map(|seconds| format!("{seconds:.0}")).unwrap_or_default();
                writeln!(text, "| {name} | {seconds} | {} | {memory} |", megabytes(stats.stripped_bytes))
            }
            Err(why) => writeln!(text, "| {name} | {why} | | {memory} |"),
        };
    }
    text
}

fn megabytes(bytes: u64) -> String {
    figures(bytes as f64 / 1e6)
}

fn microseconds(nanoseconds: &Spread) -> String {
    let [median, min, max] = [nanoseconds.median, nanoseconds.min, nanoseconds.max].map(|time| figures(time / 1e3));
    format!("{median:>9} µs  {:20}", format!("{min}..{max}"))
}

fn percent(share: &Spread) -> String {
    format!("{:.0} %", share.median * 100.0)
}

fn times(ratio: &Spread) -> String {
    let [median, min, max] = [ratio.median, ratio.min, ratio.max].map(figures);
    format!("{median} ({min}..{max})")
}

/// Three digits, or as many as are before the point.
pub fn figures(number: f64) -> String {
    let before = number.abs().max(1e-3).log10().floor() as i32 + 1;
    let after = (3 - before).max(0) as usize;
    format!("{number:.after$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_figures() {
        let numbers = [12345.6, 123.4, 12.34, 1.234, 0.1234, 0.01234].map(figures);
        assert_eq!(numbers, ["12346", "123", "12.3", "1.23", "0.123", "0.0123"]);
    }
}
