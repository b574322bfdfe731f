//! Ctrl-C and SIGTERM: counted, to be looked at when it suits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Error;

/// How often the user wanted to stop.
#[derive(Clone)]
pub struct Interrupts(Arc<AtomicUsize>);

impl Interrupts {
    /// Counts from now on, instead of ending the program. To be called once.
    pub fn count_from_now() -> Result<Self, Error> {
        let interrupts = Self(Arc::default());
        let counter = interrupts.clone();
        ctrlc::set_handler(move || {
            counter.0.fetch_add(1, Ordering::Relaxed);
        })?;
        Ok(interrupts)
    }

    /// Of a command that an interrupt simply ends: there are never any.
    pub fn none() -> Self {
        Self(Arc::default())
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
