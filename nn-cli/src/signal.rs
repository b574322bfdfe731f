//! The signals that end a run.

use std::fmt;

const HANGUP: i32 = 1;
const INTERRUPT: i32 = 2;
const TERMINATE: i32 = 15;

/// A signal that ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(pub i32);

impl Signal {
    /// Ctrl-C.
    pub const INTERRUPT: Self = Self(INTERRUPT);
    /// A request to end.
    #[cfg(unix)]
    pub const TERMINATE: Self = Self(TERMINATE);
    /// The terminal was closed.
    #[cfg(unix)]
    pub const HANGUP: Self = Self(HANGUP);

    /// The exit code of a program that the signal ends: 128 plus its number, as in shells.
    pub fn exit_code(self) -> u8 {
        u8::try_from(128 + self.0).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            HANGUP => f.write_str("SIGHUP"),
            INTERRUPT => f.write_str("SIGINT"),
            TERMINATE => f.write_str("SIGTERM"),
            number => write!(f, "signal {number}"),
        }
    }
}
