//! Networks in use: what they cost, how they are trained, and what they refuse.

mod augment;
mod costs;
mod freeze;
mod images;
mod targets;
mod threads;
mod tokens;
mod updates;
