//! `nn check`: `--fix`, `--json`, `--deny-warnings`, the standard input.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Folder, XOR, assert_contains};

/// Three mistakes with safe fixes, one of which hides the third.
const FIXABLE: &str = "network A {
    input x: [2];
    output y = x -> Linear(8) -> ReLU -> dense(1, bias=true);
}
";

const FIXED: &str = "network A {
    input x: [2];
    output y = x -> dense(8) -> relu -> dense(1, bias: true);
}
";

/// A warning, and no error.
const WARNED: &str = "network A {
    input x: [2];
    output y = x -> dense(8) -> relu -> dropout(0.8) -> dense(1);
}
";

#[test]
fn fix_applies_safe_fixes_and_reports_the_rest() {
    let both = FIXABLE.replace("dense(1,", "something(1,");
    let folder = Folder::new("fix").with("a.nn", FIXABLE).with("b.nn", both).with("xor.nn", XOR);
    let ran = folder.nn(&["check", "--fix", "a.nn", "xor.nn"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), "a.nn: 3 edits applied\n"));
    assert_eq!(ran.stdout, "a.nn: A is valid\nxor.nn: Xor is valid\n");
    assert_eq!(fs::read_to_string(folder.path("a.nn")).unwrap(), FIXED);
    assert_eq!(fs::read_to_string(folder.path("xor.nn")).unwrap(), XOR);

    let message = folder.nn(&["check", "--fix", "b.nn"]).failed(1);
    assert_contains(&message, &["b.nn: 3 edits applied", "there is no layer `something`", "b.nn has 1 error"]);
    let left = fs::read_to_string(folder.path("b.nn")).unwrap();
    assert_eq!(left, FIXED.replace("dense(1,", "something(1,"));
    let again = folder.nn(&["check", "--fix", "b.nn"]).failed(1);
    assert_contains(&again, &["b.nn: not changed, because no fix is safe", "b.nn has 1 error"]);
}

#[test]
fn fix_leaves_alone_what_is_not_text() {
    let bytes = [FIXABLE.as_bytes(), b"\xff"].concat();
    let folder = Folder::new("fix-noise").with("a.nn", &bytes);
    assert_contains(&folder.nn(&["check", "--fix", "a.nn"]).failed(1), &["NN0006"]);
    assert_eq!(fs::read(folder.path("a.nn")).unwrap(), bytes);
}

#[cfg(unix)]
#[test]
fn fix_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("fix-link").with("a.nn", FIXABLE);
    fs::set_permissions(folder.path("a.nn"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("a.nn", folder.path("link.nn")).unwrap();
    assert_eq!(folder.nn(&["check", "--fix", "link.nn"]).code, Some(0));
    assert!(fs::symlink_metadata(folder.path("link.nn")).unwrap().is_symlink());
    assert_eq!(fs::metadata(folder.path("a.nn")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(folder.path("a.nn")).unwrap(), FIXED);
}

#[test]
fn the_standard_input_is_checked_and_fixed() {
    let folder = Folder::new("stdin");
    assert_eq!(folder.piped(&["check", "-"], XOR).done(), "<stdin>: Xor is valid\n");
    assert_contains(&folder.piped(&["check", "-"], FIXABLE).failed(1), &["<stdin>:3:", "<stdin> has 1 error"]);
    assert_eq!(folder.piped(&["check", "--fix", "-"], FIXABLE).done(), FIXED);
}

#[test]
fn warnings_fail_if_they_are_denied() {
    let folder = Folder::new("denied").with("a.nn", WARNED).with("xor.nn", XOR);
    let ran = folder.nn(&["check", "a.nn", "xor.nn"]);
    assert_eq!(ran.stdout, "a.nn: A is valid, with 1 warning\nxor.nn: Xor is valid\n");
    assert_contains(&ran.failed(0), &["warning[NN0703]"]);
    let ran = folder.nn(&["check", "--deny-warnings", "a.nn", "xor.nn"]);
    assert_eq!(ran.stdout, "xor.nn: Xor is valid\n");
    assert_contains(&ran.failed(1), &["a.nn has 1 warning, and --deny-warnings is set"]);
}

#[test]
fn json_is_as_documented() {
    let spec = "network Digit {\n    input image: [1, 28, 28];\n    output digit = image -> dense(10) -> softmax;\n}\n";
    let folder = Folder::new("json").with("net.nn", spec).with("warned.nn", WARNED);
    let ran = folder.nn(&["check", "--json", "net.nn", "warned.nn"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(ran.stdout.ends_with("}\n"));
    assert_eq!(ran.failed(1), "error: net.nn has 1 error\n");
    let place = |from: usize, to: usize, line: usize, column: usize| {
        json!({
            "start": { "byte": from, "line": line, "column": column },
            "end": { "byte": to, "line": line, "column": column + to - from },
        })
    };
    let expected = json!({
        "file": "net.nn",
        "compiles": false,
        "hidden": 0,
        "data": [],
        "hidden_data": 0,
        "diagnostics": [{
            "code": "NN0301",
            "level": "error",
            "stage": "shapes",
            "lint": null,
            "message": "`dense` needs a flat input, but its input is an image [1, 28, 28]",
            "caption": "`dense` takes [n]",
            "span": place(74, 83, 3, 29),
            "labels": [{ "span": place(26, 31, 2, 11), "text": "this gives [1, 28, 28]" }],
            "notes": [],
            "suggestions": [{
                "message": "flatten the image to [784] first",
                "certain": false,
                "edits": [{ "span": place(74, 74, 3, 29), "text": "flatten -> " }],
            }],
        }],
    });
    assert_eq!(report["version"], 1);
    assert_eq!(report["files"][0], expected);
    let warned = &report["files"][1];
    assert_eq!((&warned["compiles"], &warned["diagnostics"][0]["lint"]), (&json!(true), &json!("high_dropout")));
}
