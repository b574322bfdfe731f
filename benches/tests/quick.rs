//! The whole program, in short: it starts itself, checks, times, and tells.

use std::process::Command;

#[test]
fn a_quick_run_tells_what_it_measured() -> Result<(), Box<dyn std::error::Error>> {
    let json = tempfile::NamedTempFile::new()?;
    let svg = tempfile::NamedTempFile::new()?;
    let output = Command::new(env!("CARGO_BIN_EXE_nn-bench"))
        .args(["--quick", "--peers", "none", "--workloads", "infer_tiny_b1,train_xor", "--json"])
        .arg(json.path())
        .arg("--svg")
        .arg(svg.path())
        .output()?;
    let (text, errors) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    assert!(output.status.success(), "{errors}");
    assert!(text.contains("| `infer_tiny_b1` |") && text.contains("| `train_xor` |"), "{text}");
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(json.path())?)?;
    assert!(value["runs"][0]["workloads"][1]["outcomes"]["ours"]["nanoseconds"][0].is_f64(), "{value}");
    assert!(std::fs::read_to_string(svg.path())?.starts_with("<svg"));
    Ok(())
}

#[test]
fn a_peer_that_cannot_run_is_named() -> Result<(), Box<dyn std::error::Error>> {
    let output = Command::new(env!("CARGO_BIN_EXE_nn-bench"))
        .args(["--quick", "--peers", "sklearn", "--workloads", "infer_tiny_b1", "--python", "no-such-python"])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    assert!(text.contains("missing: sklearn: no-such-python"), "{text}");
    Ok(())
}
