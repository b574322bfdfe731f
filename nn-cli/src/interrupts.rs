//! Ctrl-C, SIGTERM and SIGHUP. They end `nn` at once, except while some code handles them: then
//! they are only counted, and that code first ends what it has started.

use std::process;
#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use crate::console;
use crate::error::Error;
use crate::signal::Signal;

/// The number of signals so far.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// The number of the first signal, or 0.
static FIRST: AtomicI32 = AtomicI32::new(0);
/// How many [`Handling`] values live.
static HANDLING: AtomicUsize = AtomicUsize::new(0);

/// This many signals end `nn` in any case.
const MOST: usize = 4;

/// While this value lives, signals do not end `nn`. Its owner has to look at [`count`].
pub struct Handling(());

impl Drop for Handling {
    fn drop(&mut self) {
        HANDLING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Only counts signals from now on, until the value is dropped.
pub fn handle() -> Handling {
    HANDLING.fetch_add(1, Ordering::SeqCst);
    Handling(())
}

/// The number of signals so far.
pub fn count() -> usize {
    COUNT.load(Ordering::SeqCst)
}

/// The first signal, if there was one.
pub fn signal() -> Option<Signal> {
    Some(FIRST.load(Ordering::SeqCst)).filter(|signal| *signal != 0).map(Signal)
}

/// An error if there was a signal.
pub fn check() -> Result<(), Error> {
    signal().map_or(Ok(()), |signal| Err(Error::Interrupted { signal, note: String::new() }))
}

fn received(signal: i32) {
    // Fails if this is not the first signal.
    let _ = FIRST.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    let count = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    if HANDLING.load(Ordering::SeqCst) == 0 || count >= MOST {
        console::print_error(&format!("error: interrupted by {}\n", Signal(signal)));
        process::exit(Signal(signal).exit_code().into());
    }
}

/// Starts to listen to signals. Call it once.
#[cfg(unix)]
pub fn listen() -> Result<(), Error> {
    let mut signals = vec![Signal::INTERRUPT.0, Signal::TERMINATE.0];
    if !hangup_is_ignored() {
        signals.push(Signal::HANGUP.0);
    }
    let failed = |source| Error::Signals { source };
    let mut signals = signal_hook::iterator::Signals::new(signals).map_err(failed)?;
    // Received and ignored, so that a write beyond the user's limit of file sizes is an error that
    // names the file.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).map_err(failed)?;
    std::thread::spawn(move || signals.forever().for_each(received));
    Ok(())
}

/// Whether `nn` was started by `nohup` and so outlives its terminal. Known on Linux only; elsewhere
/// this returns `false`.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (Signal::HANGUP.0 - 1)) != 0)
}

/// Starts to listen to Ctrl-C. Call it once.
#[cfg(not(unix))]
pub fn listen() -> Result<(), Error> {
    ctrlc::set_handler(|| received(Signal::INTERRUPT.0))
        .map_err(|error| Error::Signals { source: std::io::Error::other(error) })
}
