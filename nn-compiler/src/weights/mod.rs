//! Weight files, as bytes: what is in them, how they differ from a network, and how weights of other frameworks
//! become those of a network.
//!
//! `network!` and `nn` read weights here, before anything is compiled. `Net::load` of `nn-runtime` makes the same
//! checks.
//!
//! [`state_dict`] finds the place of each tensor of a PyTorch state dictionary. It takes names, shapes and numbers,
//! so it does not matter which kind of file they come from.

pub mod state_dict;
mod stored;
mod write;

pub use stored::{LAYOUT, Stored, index};
pub use write::to_bytes;
