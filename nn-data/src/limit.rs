//! Which numbers a column may hold: targets that the loss takes, tokens that exist.

use std::fmt::{self, Display, Formatter};

use crate::wording::quoted;

/// Which numbers a column may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Targets of a loss that takes 0 or 1.
    Binary {
        /// The loss.
        loss: String,
    },
    /// Targets of a loss that takes numbers from 0 to 1.
    Share {
        /// The loss.
        loss: String,
    },
    /// Indices of tokens: integers from 0 up to their number, not included.
    Token {
        /// How many tokens there are.
        tokens: usize,
    },
    /// How much rows count.
    Weight,
}

impl Limit {
    pub(crate) fn contains(&self, number: f32) -> bool {
        match self {
            Limit::Binary { .. } => number == 0.0 || number == 1.0,
            Limit::Share { .. } => (0.0..=1.0).contains(&number),
            Limit::Token { tokens } => number.fract() == 0.0 && number >= 0.0 && number < *tokens as f32,
            Limit::Weight => number >= 0.0,
        }
    }
}

impl Display for Limit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Binary { loss } => write!(f, "{} takes 0 or 1", quoted(loss)),
            Limit::Share { loss } => write!(f, "{} takes numbers from 0 to 1", quoted(loss)),
            Limit::Token { tokens } => {
                write!(f, "tokens of `embedding` are integers from 0 to {}", tokens.saturating_sub(1))
            }
            Limit::Weight => f.write_str("the weight of a row is 0 or more"),
        }
    }
}
