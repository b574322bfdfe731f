//! Ctrl-C while a network is trained.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::common::{Folder, assert_contains};

/// Trains for longer than anyone waits.
const ENDLESS: &str = "network Endless {
    input x: [2];
    output y = x -> dense(8) -> tanh -> dense(1);
    train { loss: mse; optimizer: sgd(lr: 0.01); epochs: 1_000_000_000; batch: 1; }
    data { [0, 0] => [0]; [0, 1] => [1]; [1, 0] => [1]; [1, 1] => [0]; }
}
";

fn send(signal: &str, to: &Child) {
    let sent = Command::new("kill").args([signal, &to.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Starts a training, sends a signal after its third epoch; all that it printed, and its exit code.
fn interrupt(folder: &Folder, signal: &str) -> (String, Option<i32>) {
    let mut child = folder.command(&["train", "endless.nn"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut printed = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    while !printed.contains("epoch          3/1000000000") {
        assert!(lines.read_line(&mut printed).unwrap() > 0, "{printed}");
    }
    send(signal, &child);
    for line in lines.lines() {
        let line = line.unwrap();
        // All epochs would fill the memory.
        if !line.starts_with("epoch ") {
            printed += &line;
            printed.push('\n');
        }
    }
    (printed, child.wait().unwrap().code())
}

#[test]
fn an_interrupted_training_saves_and_says_where() {
    let folder = Folder::new("interrupted").with("endless.nn", ENDLESS);
    for signal in ["-INT", "-TERM"] {
        let _ = std::fs::remove_file(folder.path("endless.safetensors"));
        let (printed, code) = interrupt(&folder, signal);
        assert_eq!(code, Some(0), "{printed}");
        assert_contains(&printed, &["interrupted after ", "are in endless.safetensors\n"]);
        assert!(folder.path("endless.safetensors").exists());
    }
    let answer = folder.nn(&["predict", "endless.nn", "--row", "1,1"]).done();
    assert_eq!(answer.lines().count(), 2, "{answer}");
}
