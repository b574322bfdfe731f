//! How serious a finding is.

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The spec does not compile.
    Error,
    /// The spec compiles, but probably does not do what its author intended.
    Warning,
}
