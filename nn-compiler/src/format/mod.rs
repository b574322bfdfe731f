//! The formatter: the text of a spec in, the same spec in the standard layout out.
//!
//! Guarantees: every token and every comment is kept, in order, so the tree stays the same; a
//! formatted spec comes back unchanged; time and memory are linear in the text.
//!
//! The layout depends on the tokens, the comments, and the blank lines between statements; other
//! line breaks do not matter.
//!
//! * A line holds one statement, setting or row, is indented by [`INDENT`] columns for every brace
//!   around it, and has at most [`WIDTH`] columns, not counting comments.
//! * Of several blank lines one is kept, but not beside a brace.
//! * A chain stays on one line if it fits. Otherwise it is broken before its first layer and before
//!   every layer or block that starts a stage: `dense`, `conv2d`, `rescale`, `normalize`, a block. Layers
//!   that belong to the layer before them stay on its line: activations, norms, dropout, pools, `flatten`,
//!   `reshape`. A `block … = layer -> …` begins with a layer, which stays beside the `=`.
//! * Brackets that do not fit are broken: one element per line, or as many as fit if a list holds
//!   only numbers and names. Then the last element has a comma; on one line it does not.
//! * A long sum is broken before its operators.
//! * A `//` comment stays after what it followed, or on its own line, and breaks the line it is
//!   in; `/* */` is treated as a word. A `//` comment before a `;`, a `,` or a `->` comes after
//!   the `;` or `,`, and before the line of the `->`.
//!
//! The steps: `atoms` gives the tokens with the comments between them; `build` turns them into a
//! `tree` of statements and brackets, in which every `run` knows its spaces and its places to break;
//! `print` decides which of the places are used.

mod atoms;
mod build;
mod print;
mod run;
mod tree;

#[cfg(test)]
mod tests;

pub use print::{INDENT, WIDTH};

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::span::Span;
use crate::syntax::{self, MAX_BYTES};

/// Formats a spec.
///
/// # Errors
///
/// The syntax errors; other mistakes do not matter. Also [`code::TOO_LONG`] if the result would be
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
        let message = format!("formatted, the spec would be longer than {MAX_BYTES} bytes");
        return Err(vec![Diagnostic::error(code::TOO_LONG, Span::default(), message)]);
    }
    Ok(formatted)
}
