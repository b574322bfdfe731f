//! Names of a spec as names of Python.

use std::collections::BTreeSet;

/// Words that Python reserves.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The names of a scope: each is given once.
pub struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A scope in which some names have a meaning already.
    pub fn without(taken: &[&str]) -> Self {
        Self { taken: KEYWORDS.iter().chain(taken).map(|name| (*name).to_owned()).collect() }
    }

    /// A name of Python for a name of the spec: the same, with `_` at its end where it is taken.
    pub fn give(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_an_underscore() {
        let mut names = Names::without(&["torch"]);
        let given = ["digit", "digit", "in", "torch", "lambda_"].map(|name| names.give(name));
        assert_eq!(given, ["digit", "digit_", "in_", "torch_", "lambda_"]);
    }
}
