//! What a spec requires of its network: budgets, expectations, and the lints that it allows.

use super::train::Reported;
use crate::diagnostic::Code;
use crate::span::Span;
use crate::vocabulary::Comparison;

/// `allow(lint);`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The lint.
    pub lint: Code,
    /// The statement in which it is silenced; everywhere if this is `None`.
    pub within: Option<Span>,
}

/// `assert quantity op number;`
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// What is limited.
    pub quantity: Quantity,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub bound: f64,
    /// The whole statement.
    pub span: Span,
}

/// What a budget limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Trainable numbers.
    Params,
    /// Multiply-adds for one row.
    Macs,
    /// Floating-point operations for one row.
    Flops,
    /// Bytes at inference, parameters included.
    Memory,
    /// Bytes while training.
    TrainingMemory,
    /// Bytes of stack that a prediction takes.
    Stack,
    /// Bytes of stack that a step of training takes.
    TrainingStack,
    /// Bytes of parameters.
    Size,
}

impl Quantity {
    /// Every quantity.
    pub const ALL: [Self; 8] = [
        Self::Params,
        Self::Macs,
        Self::Flops,
        Self::Memory,
        Self::TrainingMemory,
        Self::Stack,
        Self::TrainingStack,
        Self::Size,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Macs => "macs",
            Self::Flops => "flops",
            Self::Memory => "memory",
            Self::TrainingMemory => "memory(train)",
            Self::Stack => "stack",
            Self::TrainingStack => "stack(train)",
            Self::Size => "size",
        }
    }
}

/// `expect metric op number;`
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The number that is measured.
    pub metric: Reported,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub bound: f64,
    /// Where that is written.
    pub bound_span: Span,
    /// The whole statement.
    pub span: Span,
}
