//! Ctrl-C, SIGTERM and SIGHUP. They end `nn` at once, except while something attends to them: then they are counted,
//! and who attends ends what must be ended first.
//!
//! The exit code is 128 and the number of the signal, as shells have it: 130, 143, 129.

use std::fmt;
use std::process;
#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use crate::console;
use crate::error::Error;

/// How many signals came.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// The first signal; 0 where none came.
static FIRST: AtomicI32 = AtomicI32::new(0);
/// How many attend.
static ATTENDING: AtomicUsize = AtomicUsize::new(0);

/// So many signals end `nn` whoever attends.
const MOST: usize = 4;

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

/// A signal that ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(i32);

impl Signal {
    /// The exit code of a program that it ends.
    pub fn exit_code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SIGHUP => f.write_str("SIGHUP"),
            SIGINT => f.write_str("SIGINT"),
            SIGTERM => f.write_str("SIGTERM"),
            number => write!(f, "signal {number}"),
        }
    }
}

/// Where this value lives, signals do not end `nn`: [`count`] has to be looked at.
pub struct Attending(());

impl Drop for Attending {
    fn drop(&mut self) {
        ATTENDING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// From now on signals are only counted, until the value is dropped.
pub fn attend() -> Attending {
    ATTENDING.fetch_add(1, Ordering::SeqCst);
    Attending(())
}

/// How many signals came.
pub fn count() -> usize {
    COUNT.load(Ordering::SeqCst)
}

/// The first signal that came.
pub fn signal() -> Option<Signal> {
    Some(FIRST.load(Ordering::SeqCst)).filter(|signal| *signal != 0).map(Signal)
}

/// An error where a signal came.
pub fn check() -> Result<(), Error> {
    signal().map_or(Ok(()), |signal| Err(Error::Interrupted { signal, note: String::new() }))
}

fn arrived(signal: i32) {
    // A later signal does not change what the first one was.
    let _ = FIRST.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    let count = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    if ATTENDING.load(Ordering::SeqCst) == 0 || count >= MOST {
        console::print_error(&format!("error: interrupted by {}\n", Signal(signal)));
        process::exit(Signal(signal).exit_code().into());
    }
}

/// Listens from now on. To be called once.
#[cfg(unix)]
pub fn listen() -> Result<(), Error> {
    let mut heeded = vec![SIGINT, SIGTERM];
    if !hang_up_is_ignored() {
        heeded.push(SIGHUP);
    }
    let failed = |source| Error::Signals { source };
    let mut signals = signal_hook::iterator::Signals::new(heeded).map_err(failed)?;
    // Heard and passed over: a file that grows beyond the user's limit is then an error of the write, with its place.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).map_err(failed)?;
    std::thread::spawn(move || signals.forever().for_each(arrived));
    Ok(())
}

/// Whether `nn` was started by `nohup`, so that it should outlive its terminal. Linux says so; elsewhere it is taken
/// for not so.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}

/// Listens to Ctrl-C from now on. To be called once.
#[cfg(not(unix))]
pub fn listen() -> Result<(), Error> {
    ctrlc::set_handler(|| arrived(SIGINT)).map_err(|error| Error::Signals { source: std::io::Error::other(error) })
}
