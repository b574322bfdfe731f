//! `--threads N` of the commands that compute.
//!
//! The feature `rayon` is built in only where `--threads` asks for it and a step, or all rows of a
//! prediction, are large enough.

use clap::Args;

use crate::console;

/// How many threads are wanted.
#[derive(Args, Clone, Copy)]
pub struct Threads {
    /// Threads to compute on; the results are the same for any number
    #[arg(long = "threads", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    wanted: u16,
}

impl Threads {
    /// As many as are wanted where there is work for them, else one.
    pub fn useful(self, shares_work: bool) -> u16 {
        if shares_work { self.wanted } else { 1 }
    }

    /// On how many it is computed, where several are wanted; one is used for that `reason`.
    pub fn said(self, used: u16, reason: &str) -> Option<String> {
        match (self.wanted, used) {
            (1, _) => None,
            (_, 1) => Some(format!("on one thread, since {reason}")),
            (_, used) => Some(format!("on {used} threads")),
        }
    }

    /// As many as are useful; where that is one but several are wanted, the standard error says so, for that `reason`.
    pub fn useful_or_note(self, shares_work: bool, reason: &str) -> u16 {
        let used = self.useful(shares_work);
        if let Some(said) = self.said(used, reason).filter(|_| used == 1) {
            console::note(&said);
        }
        used
    }
}
