//! `nn check --fix`: applies all certain suggestions until none is left.

use crate::compile::compile;
use crate::diagnostic::apply;

/// The text with every certain suggestion applied, including those found only after other edits, and how many were.
pub fn fix(text: &str) -> (String, usize) {
    const MOST_ROUNDS: usize = 100;
    let (mut mended, mut count) = (text.to_owned(), 0);
    for _ in 0..MOST_ROUNDS {
        let (next, done) = apply(&mended, &compile(&mended).diagnostics);
        if done == 0 {
            break;
        }
        (mended, count) = (next, count + done);
    }
    (mended, count)
}
