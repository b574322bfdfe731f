//! What rustc says about mistakes: in `network!`, in the file that it names, and in the Rust around
//! it.
//!
//! A case is a file of `ui`, and the file beside it is what rustc prints. The first line of a case
//! names the codes that must be in there, in order, and `none` for an error without a code, so that
//! `TRYBUILD=overwrite` cannot hide that one is gone or new.

use std::fs;
use std::path::PathBuf;

/// Every case, in order.
fn cases() -> Vec<PathBuf> {
    let files = fs::read_dir(nn_tests::project("tests/ui")).expect("the folder is there");
    let paths = files.map(|file| file.expect("it can be listed").path());
    let mut cases: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    cases.sort();
    cases
}

/// The codes in what rustc printed: of its own errors in `error[E0308]`, of ours in `[NN0301]`. A
/// warning of ours is the use of something deprecated, and an error where warnings are denied.
fn codes(printed: &str) -> Vec<String> {
    let errors = printed.lines().filter_map(|line| line.strip_prefix("error"));
    let code = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    let first =
        |line: &str| line.starts_with('[') || line.starts_with(": [") || line.starts_with(": use of deprecated");
    errors.filter(|line| first(line)).filter_map(code).collect()
}

/// rustc prints what is in the file beside each case, and that has the codes of the first line: one
/// error for each.
#[test]
fn rustc_prints_what_is_beside_each_case() {
    // It runs when it is dropped, at the end of this line.
    trybuild::TestCases::new().compile_fail("ui/*.rs");

    let cases = cases();
    assert!(cases.len() >= 42);
    for case in cases {
        let text = fs::read_to_string(&case).expect("a case is text");
        let named =
            text.lines().next().and_then(|line| line.strip_prefix("// codes: ")).expect("the first line names codes");
        let expected: Vec<&str> = named.split_whitespace().filter(|code| *code != "none").collect();
        let printed = fs::read_to_string(case.with_extension("stderr")).expect("what rustc prints is beside it");
        assert_eq!(codes(&printed), expected, "{}", case.display());
        let errors = printed.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, named.split_whitespace().count(), "{}", case.display());
    }
}
