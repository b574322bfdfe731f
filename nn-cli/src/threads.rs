//! `--threads N` of the commands that compute.
//!
//! The feature `rayon` is built in only where `--threads` asks for it and a step, or all rows of a
//! prediction, are large enough.

use clap::Args;

use crate::console;

/// The number of threads.
#[derive(Args, Clone, Copy)]
pub struct Threads {
    /// Number of threads; the results are the same for any number
    #[arg(long = "threads", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    requested: u16,
}

impl Threads {
    /// The requested number if there is enough work to share, otherwise 1.
    pub fn useful(self, shares_work: bool) -> u16 {
        if shares_work { self.requested } else { 1 }
    }

    /// The number of threads that are used, if several were requested. `reason` is why only one is
    /// used.
    pub fn describe(self, used: u16, reason: &str) -> Option<String> {
        match (self.requested, used) {
            (1, _) => None,
            (_, 1) => Some(format!("on one thread, because {reason}")),
            (_, used) => Some(format!("on {used} threads")),
        }
    }

    /// The same as [`useful`](Self::useful), with a note if several threads were requested but only
    /// one is used.
    pub fn useful_or_note(self, shares_work: bool, reason: &str) -> u16 {
        let used = self.useful(shares_work);
        if let Some(note) = self.describe(used, reason).filter(|_| used == 1) {
            console::note(&note);
        }
        used
    }
}
