//! The subcommands that print a spec in some form, and how all subcommands report files that cannot
//! be read.

use crate::common::{Folder, XOR, assert_contains};

const WRONG: &str = "network Wrong {
    input x: [2];
    output y = x -> desne(2) -> softmx;
}
";

#[test]
fn a_valid_spec_is_reported_as_valid() {
    let folder = Folder::new("valid").with("xor.nn", XOR);
    assert_eq!(folder.nn(&["check", "xor.nn"]).done(), "xor.nn: Xor is valid\n");
}

#[test]
fn all_files_are_checked_and_all_mistakes_reported() {
    let folder = Folder::new("wrong").with("wrong.nn", WRONG).with("xor.nn", XOR).with("noise.nn", b"\xff\x00\xfe");
    let ran = folder.nn(&["check", "wrong.nn", "noise.nn", "missing.nn", "xor.nn"]);
    assert_eq!(ran.stdout, "xor.nn: Xor is valid\n");
    let expected = [
        "`desne`",
        "`softmx`",
        "wrong.nn:3:",
        "wrong.nn has 2 errors",
        "NN0006",
        "noise.nn has 1 error",
        "cannot read missing.nn",
    ];
    assert_contains(&ran.failed(1), &expected);
}

#[test]
fn every_command_refuses_a_spec_with_mistakes() {
    let folder = Folder::new("refused").with("wrong.nn", WRONG).with("noise.nn", [0x93; 64]).with("empty.nn", "");
    for command in ["check", "summary", "explain", "expand", "plan", "train", "eval", "predict"] {
        for (file, expected) in
            [("wrong.nn", "NN0101"), ("noise.nn", "NN0006"), ("empty.nn", "NN0007"), ("none.nn", "cannot read none.nn")]
        {
            let ran = folder.nn(&[command, file]);
            assert_eq!(ran.stdout, "", "{command} {file}");
            assert_contains(&ran.failed(1), &[expected, "error"]);
        }
    }
}

#[test]
fn a_folder_is_not_a_spec() {
    assert_contains(&Folder::new("folder").nn(&["check", "."]).failed(1), &["cannot read ."]);
}

#[test]
fn wrong_usage_is_reported() {
    let folder = Folder::new("usage");
    let wrong: [(&[&str], &str); 10] = [
        (&[], "Usage: nn <COMMAND>"),
        (&["tarin"], "'train'"),
        (&["check"], "<FILE>"),
        (&["train", "a.nn", "b.nn"], "'b.nn'"),
        (&["train", "a.nn", "--epochs", "0"], "'--epochs <N>'"),
        (&["train", "a.nn", "--threads", "0"], "'--threads <N>'"),
        (&["train", "a.nn", "--threads", "many"], "'--threads <N>'"),
        (&["eval", "a.nn", "--threads", "0"], "'--threads <N>'"),
        (&["predict", "a.nn", "--threads", "65536"], "'--threads <N>'"),
        (&["predict", "a.nn", "b.csv", "--row", "1"], "'--row <VALUES>'"),
    ];
    for (arguments, expected) in wrong {
        assert_contains(&folder.nn(arguments).failed(2), &[expected]);
    }
}

#[test]
fn a_spec_is_shown_in_every_way() {
    let folder = Folder::new("shown").with("xor.nn", XOR);
    assert_contains(&folder.nn(&["summary", "xor.nn"]).done(), &["Network Xor", "y.0 (dense)", "17"]);
    assert_contains(
        &folder.nn(&["explain", "xor.nn"]).done(),
        &["adam(lr: 0.05, beta1: 0.9, beta2: 0.999, eps: 1e-8)", "glorot_uniform"],
    );
    assert_contains(&folder.nn(&["expand", "xor.nn"]).done(), &["pub struct Xor", "impl nn::network::Network for Xor"]);
    assert_contains(&folder.nn(&["plan", "xor.nn"]).done(), &["inference", "training", "dW += xᵀ·dy"]);
}

#[test]
fn codes_are_explained() {
    let folder = Folder::new("codes");
    let page = folder.nn(&["explain", "nn0301"]).done();
    assert_contains(
        &page,
        &["# NN0301: `dense` needs a flat input", "## Fails", "## Fixed", "-> flatten -> dense(10)"],
    );
    let unknown = folder.nn(&["explain", "NN9999"]).failed(1);
    assert_contains(&unknown, &["there is no code NN9999", "NN0301 to NN03", "shapes"]);
    let other = folder.nn(&["explain", "relu"]).failed(1);
    assert_contains(&other, &["relu is not a file; `nn explain` takes a spec, or an error code such as NN0301"]);
}
