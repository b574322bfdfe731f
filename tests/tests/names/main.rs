//! No name breaks a network: those of a spec, and those that exist where `network!` is called.

mod random;
mod scope;
