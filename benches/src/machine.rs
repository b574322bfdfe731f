//! What a table was measured on.

use std::fs;
use std::path::Path;
use std::thread;

use nn_runtime::generated::isa;

/// The machine.
pub struct Machine {
    /// The name of the CPU.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// The instruction sets that kernels choose between, as far as the machine has them.
    pub paths: Vec<String>,
    /// Processes that ran or waited for a core, on average over the last minute, before the run.
    pub load: Option<f32>,
}

impl Machine {
    pub fn look() -> Self {
        let available = isa::Path::ALL.into_iter().filter(|path| path.is_available());
        Self {
            cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: thread::available_parallelism().map_or(1, Into::into),
            paths: available.map(|path| format!("{path:?}")).collect(),
            load: load(),
        }
    }

    /// In one line.
    pub fn describe(&self) -> String {
        let load = self.load.map(|load| format!(", load {load} before the run")).unwrap_or_default();
        format!("{}, {} cores, {}{load}", self.cpu, self.cores, self.paths.join(" "))
    }
}

/// The model that Linux reads from the CPU, with the numbers that distinguish models of the same
/// name.
fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        line.split_once(": ").map(|(_, value)| value.trim())
    };
    let model = field("model name")?;
    match (field("cpu family"), field("model")) {
        (Some(family), Some(number)) => Some(format!("{model} (family {family}, model {number})")),
        _ => Some(model.to_owned()),
    }
}

fn load() -> Option<f32> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// Most memory that a process ever had, in bytes.
pub fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// CPU seconds of the children of this process that have ended, and of theirs.
pub fn children_seconds() -> Option<f64> {
    /// How finely Linux counts here, whatever its own clock does.
    const TICKS_PER_SECOND: f64 = 100.0;
    let status = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name in parentheses, which may hold anything.
    let (_, fields) = status.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / TICKS_PER_SECOND)
}

/// The path of the program that pins a process to cores, if there is one.
pub fn taskset() -> Option<&'static Path> {
    ["/usr/bin/taskset", "/bin/taskset"].map(Path::new).into_iter().find(|path| path.exists())
}
