//! What does not hold yet: `known.txt`, a line each. It may only shrink.

use std::collections::BTreeSet;
use std::fs;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/known.txt");

/// A place that breaks a rule.
pub struct Finding {
    /// Its line in `known.txt`: the rule, then the place in words that seldom change.
    pub key: String,
    /// Where and what it is, for a reader.
    pub text: String,
}

/// Compares what a rule found with the lines of `known.txt` that begin with its name, and reports
/// what is found but not known, and what is known but no longer found. With `NN_BLESS=1` the lines
/// of the latter are taken out.
pub fn compare(rule: &str, found: &[Finding]) -> String {
    let text = fs::read_to_string(FILE).expect("known.txt can be read");
    let start = format!("{rule} ");
    let known: BTreeSet<&str> = text.lines().filter(|line| line.starts_with(&start)).collect();
    let keys: BTreeSet<&str> = found.iter().map(|finding| finding.key.as_str()).collect();

    let mut report = String::new();
    for finding in found.iter().filter(|finding| !known.contains(finding.key.as_str())) {
        report += &format!("\n{}\n    in known.txt it would be: {}", finding.text, finding.key);
    }
    let gone: Vec<&str> = known.difference(&keys).copied().collect();
    if std::env::var_os("NN_BLESS").is_some() {
        let kept: String = text.lines().filter(|line| !gone.contains(line)).map(|line| format!("{line}\n")).collect();
        fs::write(FILE, kept).expect("known.txt can be written");
    } else if !gone.is_empty() {
        report += &format!("\nno longer true; take it out of known.txt (NN_BLESS=1 does): {gone:#?}");
    }
    report
}
