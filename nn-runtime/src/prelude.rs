//! What a program that uses networks needs: `use nn_runtime::prelude::*;`.

pub use crate::early_stopping::EarlyStopping;
pub use crate::error::Error;
pub use crate::evaluation::Evaluation;
pub use crate::examples::Examples;
#[cfg(feature = "alloc")]
pub use crate::fit::FitOptions;
#[cfg(feature = "alloc")]
pub use crate::history::{History, Stopped};
pub use crate::network::Network;
pub use crate::observer::{BatchReport, EpochReport, Observer};
#[cfg(feature = "alloc")]
pub use crate::predictor::Predictor;
pub use crate::trainable::Trainable;
pub use crate::trainer::Trainer;

#[cfg(feature = "macros")]
pub use crate::__network as network;
