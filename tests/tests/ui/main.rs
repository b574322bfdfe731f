//! What a user reads: rustc's messages about networks, and documents.

mod documents;
mod generated;
mod rustc;
