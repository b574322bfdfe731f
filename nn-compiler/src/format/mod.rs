//! One layout for all: the text of a spec in, the same spec as everybody would write it out.
//!
//! Guarantees: every token and every comment is kept, in order, so the tree stays the same; what is
//! laid out already comes back unchanged; time and memory are linear in the text.
//!
//! The layout depends on the tokens, the comments, and the blank lines between statements; where else
//! lines were broken does not matter.
//!
//! * A line holds one statement, setting or row, is indented by [`INDENT`] columns for every brace
//!   around it, and has at most [`WIDTH`] columns, comments not counted.
//! * One blank line is kept where there are some, but not beside a brace.
//! * A chain stays on one line where it fits. Else it is broken before its first layer, and before
//!   every layer or block that begins a stage: `dense`, `conv2d`, `rescale`, `normalize`, a block. What
//!   belongs to the layer before it goes on in its line: activations, norms, dropout, pools, `flatten`,
//!   `reshape`. A `block … = layer -> …` begins with a layer, which stays beside the `=`.
//! * Brackets that do not fit are broken: one element a line, or as many as fit where a list holds
//!   nothing but numbers and names. Then the last element has a comma, and in one line it has none.
//! * A long sum is broken before its operators.
//! * A `//` comment stays behind what it stood behind, or on a line of its own, and breaks what it
//!   stands in; `/* */` is treated as a word. A `//` comment before a `;`, a `,` or a `->` comes after
//!   the `;` or `,`, and before the line of the `->`.
//!
//! The steps: `atoms` gives the tokens with the comments between them; `build` makes a `tree` of
//! statements and brackets of them, in which every `run` knows its spaces and its places to break;
//! `print` decides which of the places are used.

mod atoms;
mod build;
mod print;
mod run;
mod tree;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::span::Span;
use crate::syntax::{self, MAX_BYTES};

/// How many columns a line has.
pub const WIDTH: usize = 100;
/// By how many columns the inside of brackets is indented.
pub const INDENT: usize = 4;

/// Lays a spec out.
///
/// # Errors
///
/// The syntax errors; other mistakes do not matter. [`code::TOO_LONG`] also where the result would be
/// longer than a spec may be.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut sink = Sink::default();
    let tree = syntax::parse(text, &mut sink);
    if tree.is_none() || sink.has_errors() {
        let (errors, _) = sink.into_sorted();
        return Err(errors);
    }
    let formatted = print::print(&build::build(atoms::atoms(text)));
    if formatted.len() > MAX_BYTES {
        let message = format!("laid out, the spec would be longer than {MAX_BYTES} bytes");
        return Err(vec![Diagnostic::error(code::TOO_LONG, Span::default(), message)]);
    }
    Ok(formatted)
}
