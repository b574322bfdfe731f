//! The rules of the house: which file may import which, matches without a catch-all, short files,
//! comments and messages in plain words.
//!
//! What does not hold yet is listed in `house/known.txt`, which may only shrink. To see the places
//! behind a line, take it out and run the test. After mending them, `NN_BLESS=1` takes it out.

mod arms;
mod imports;
mod known;
mod lengths;
mod modules;
mod order;
mod samples;
mod sources;
mod wording;

use arms::Rules;
use imports::Imports;
use known::Finding;
use lengths::Most;
use modules::Crate;
use sources::Source;

/// The crates, by their roots. The child of `nn train` is a program of its own.
const ROOTS: [&str; 10] = [
    "nn-compiler/src/lib.rs",
    "nn-data/src/lib.rs",
    "nn-onnx/src/lib.rs",
    "nn-runtime/src/lib.rs",
    "nn-macros/src/lib.rs",
    "nn-cli/src/main.rs",
    "nn-cli/child/main.rs",
    "benches/src/main.rs",
    "benches/protocol/src/lib.rs",
    "tests/src/lib.rs",
];

/// The enums of the language: every place that distinguishes their variants has to handle a new
/// one.
const KINDS: [&str; 17] = [
    "Op",
    "Layer",
    "Activation",
    "Init",
    "Node",
    "Merge",
    "Loss",
    "Metric",
    "Mode",
    "Optimizer",
    "Schedule",
    "Regularizer",
    "TargetRange",
    "AugmentationKind",
    "DataSource",
    "StatementKind",
    "ExprKind",
];

/// Those of them that a part of the compiler must not forget even in a `matches!`.
const NEVER_IN_MATCHES: [&str; 4] = ["Op", "Layer", "Loss", "Mode"];

/// A pass asks operations what they read, write and can take in, instead of which they are:
/// otherwise it would skip a new one without an error. Other code picks single operations apart by
/// `let … else`, and may.
const NEVER_IN_IF_LET: [&str; 1] = ["Op"];

const MOST: Most = Most { file: 600, function: 80 };

#[test]
fn the_house_is_in_order() {
    let sources = sources::workspace();
    let crates: Vec<Crate> = ROOTS.iter().map(|root| Crate::new(&sources, root)).collect();
    let imports: Vec<Imports> = crates.iter().map(imports::between_files).collect();
    let found = [
        ("cycle", crates.iter().zip(&imports).flat_map(|(of, imports)| cycles(of, imports)).collect()),
        ("upward", order::find(&crates[0], &imports[0], &order::COMPILER)),
        ("arm", sources.iter().flat_map(forgotten_kinds).collect()),
        ("long", sources.iter().flat_map(|source| lengths::find(source, MOST)).collect()),
        ("wording", sources.iter().filter_map(wording::find).collect()),
    ];
    let reports: String = found.iter().map(|(rule, found)| known::compare(rule, found)).collect();
    assert!(reports.is_empty(), "{reports}");
}

/// Known by the crate and its top module, so that files may come and go in a folder that is not
/// clean yet.
fn cycles(of: &Crate, imports: &Imports) -> Vec<Finding> {
    let cycles = imports::cycles(imports);
    let name = |file: usize| format!("cycle {}", order::top_module(&of.files[file].path));
    cycles
        .iter()
        .flat_map(|cycle| {
            let text = format!("an import cycle:{}", imports::describe(of, imports, cycle));
            cycle.iter().map(move |&file| Finding { key: name(file), text: text.clone() })
        })
        .collect()
}

/// A test may look for one kind alone.
fn forgotten_kinds(source: &Source) -> Vec<Finding> {
    let path = &source.path;
    if path.contains("/tests/") || path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let is_compiler = path.starts_with("nn-compiler/src/");
    let is_pass = path.starts_with("nn-compiler/src/passes/");
    let rules = Rules {
        kinds: &KINDS,
        never_in_matches: if is_compiler { &NEVER_IN_MATCHES } else { &[] },
        never_in_if_let: if is_pass { &NEVER_IN_IF_LET } else { &[] },
    };
    arms::find(source, rules)
}
