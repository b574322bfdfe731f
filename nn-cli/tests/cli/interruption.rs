//! Signals, while a network is compiled and while it is trained.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::common::{Folder, Ran, XOR, assert_contains};

/// Trains practically forever.
const ENDLESS: &str = "network Endless {
    input x: [2];
    output y = x -> dense(8) -> tanh -> dense(1);
    train { loss: mse; optimizer: sgd(lr: 0.01); epochs: 1_000_000_000; batch: 1; }
    data { [0, 0] => [0]; [0, 1] => [1]; [1, 0] => [1]; [1, 1] => [0]; }
}
";

/// The signals that end `nn`, with their exit codes. If the tests ignore SIGHUP, so does `nn`.
fn signals() -> Vec<(&'static str, i32)> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let outlives = ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 != 0);
    let signals = [("INT", 130), ("TERM", 143), ("HUP", 129)];
    signals.into_iter().filter(|(signal, _)| !(outlives && *signal == "HUP")).collect()
}

fn send(signal: &str, to: &Child) {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(to.id().to_string()).stderr(Stdio::null()).status();
    // This fails if the program has already ended.
    let _ = sent.unwrap();
}

/// How a training ended after a signal.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// Starts a training with its own folder for temporary files. Sends a signal after the first line
/// for which `moment` is true. Returns when both `nn` and the network's program have ended.
fn interrupt(folder: &Folder, arguments: &[&str], signal: &str, moment: impl Fn(&str) -> bool) -> Ended {
    let mut command = folder.command(arguments);
    command.env("TMPDIR", folder.path("tmp")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let (mut stdout, mut line, mut sent) = (String::new(), String::new(), false);
    while lines.read_line(&mut line).unwrap() > 0 {
        if !sent && moment(&line) {
            send(signal, &child);
            sent = true;
        }
        // There are too many epochs to store.
        if !line.starts_with("epoch ") {
            stdout += &line;
        }
        line.clear();
    }
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ended { status: child.wait().unwrap(), stdout, stderr }
}

fn is_third_epoch(line: &str) -> bool {
    line.starts_with("epoch          3/")
}

#[test]
fn an_interrupted_training_does_not_touch_what_is_finished() {
    let folder = Folder::new("interrupted").with("endless.nn", ENDLESS).with("endless.safetensors", "finished");
    fs::create_dir(folder.path("tmp")).unwrap();
    for (signal, code) in signals() {
        let _ = fs::remove_file(folder.path("endless.unfinished.safetensors"));
        let Ended { status, stdout, stderr } = interrupt(&folder, &["train", "endless.nn"], signal, is_third_epoch);
        assert_eq!(status.code(), Some(code), "{stdout}{stderr}");
        assert_contains(&stdout, &["interrupted after ", " are in endless.unfinished.safetensors\n"]);
        let advice = format!(
            "error: interrupted by SIG{signal}; endless.safetensors was not touched: use the unfinished weights with \
             `--weights endless.unfinished.safetensors`, or rename them\n"
        );
        assert_eq!(stderr, advice);
        assert_eq!(fs::read(folder.path("endless.safetensors")).unwrap(), b"finished");
        assert_eq!(folder.files(), ["endless.nn", "endless.safetensors", "endless.unfinished.safetensors", "tmp"]);
    }
    let weights = ["--weights", "endless.unfinished.safetensors"];
    let answer = folder.nn(&[&["predict", "endless.nn", "--row", "1,1"], &weights[..]].concat()).done();
    assert_eq!(answer.lines().count(), 2, "{answer}");
    assert_eq!(fs::read_dir(folder.path("tmp")).unwrap().count(), 0);
}

#[test]
fn a_killed_training_ends_its_program_and_writes_nothing() {
    let folder = Folder::new("killed").with("endless.nn", ENDLESS).with("endless.safetensors", "finished");
    fs::create_dir(folder.path("tmp")).unwrap();
    let ended = interrupt(&folder, &["train", "endless.nn"], "KILL", is_third_epoch);
    assert_eq!(ended.status.signal(), Some(9));
    assert_eq!(fs::read(folder.path("endless.safetensors")).unwrap(), b"finished");
    assert_eq!(folder.files(), ["endless.nn", "endless.safetensors", "tmp"]);
    assert_eq!(fs::read_dir(folder.path("tmp")).unwrap().count(), 0);
}

/// Signals at many moments, also during saving. The file contains either the old or the complete
/// new weights.
#[test]
fn at_any_moment_the_weights_are_the_old_or_the_finished_ones() {
    const MOMENTS: u64 = 12;
    const EPOCHS: u64 = 500;
    let folder = Folder::new("moments").with("xor.nn", XOR);
    fs::create_dir(folder.path("tmp")).unwrap();
    folder.nn(&["train", "xor.nn", "--out", "finished.safetensors"]).done();
    let finished = fs::read(folder.path("finished.safetensors")).unwrap();
    let known = ["finished.safetensors", "tmp", "xor.nn", "xor.safetensors", "xor.unfinished.safetensors"];
    for moment in 0..MOMENTS {
        fs::write(folder.path("xor.safetensors"), "old").unwrap();
        let (signal, code) = [("INT", 130), ("TERM", 143), ("KILL", 137)][moment as usize % 3];
        // Some signals come after the last epoch, while the weights are saved.
        let epoch = if moment < 4 { EPOCHS } else { 1 + moment * 7919 % EPOCHS };
        let start = format!("epoch {epoch:>3}/{EPOCHS}");
        let ended = interrupt(&folder, &["train", "xor.nn"], signal, |line| line.starts_with(&start));
        let weights = fs::read(folder.path("xor.safetensors")).unwrap();
        let context = format!("{signal} after epoch {epoch}: {:?}\n{}{}", ended.status, ended.stdout, ended.stderr);
        assert!(weights == b"old" || weights == finished, "{context}");
        let ended_by = ended.status.code().or(ended.status.signal().map(|signal| 128 + signal));
        assert!(ended_by == Some(code) || (ended_by == Some(0) && weights == finished), "{context}");
        assert!(folder.files().iter().all(|file| known.contains(&file.as_str())), "{context}{:?}", folder.files());
        assert_eq!(fs::read_dir(folder.path("tmp")).unwrap().count(), 0, "{context}");
    }
}

/// A script instead of cargo. It sends `nn` a signal. It and its child hold a pipe open.
fn waiting_cargo(signal: &str) -> String {
    format!("exec 9> \"$FOLDER/alive\"\nsleep 100000 &\nkill -{signal} $PPID\nsleep 100000")
}

/// The exit status of `nn`, after all programs that were started instead of cargo have ended.
fn interrupt_cargo(folder: &Folder, arguments: &[&str], signal: &str) -> (ExitStatus, String) {
    let alive = folder.path("alive");
    let _ = fs::remove_file(&alive);
    assert!(Command::new("mkfifo").arg(&alive).status().unwrap().success());
    let mut command = folder.with_cargo(&waiting_cargo(signal), arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The end of a pipe is that of all who can write to it.
    fs::read(&alive).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn compilers_end_with_nn_in_every_command() {
    let folder = Folder::new("compiling").with("xor.nn", XOR);
    folder.nn(&["train", "xor.nn", "--quiet"]).done();
    let weights = fs::read(folder.path("xor.safetensors")).unwrap();
    let commands: [&[&str]; 5] = [
        &["train", "xor.nn"],
        &["train", "xor.nn", "--find-lr"],
        &["eval", "xor.nn"],
        &["predict", "xor.nn", "--row", "1,0"],
        &["trace", "xor.nn"],
    ];
    for arguments in commands {
        for (signal, code) in signals() {
            let (status, stderr) = interrupt_cargo(&folder, arguments, signal);
            assert_eq!(status.code(), Some(code), "{arguments:?}: {stderr}");
            assert_eq!(stderr, format!("error: interrupted by SIG{signal}\n"), "{arguments:?}");
        }
    }
    let (status, _) = interrupt_cargo(&folder, &["train", "xor.nn"], "KILL");
    assert_eq!(status.signal(), Some(9));
    assert_eq!(fs::read(folder.path("xor.safetensors")).unwrap(), weights);
    assert_eq!(folder.files(), ["alive", "cargo.sh", "xor.nn", "xor.safetensors"]);
}

/// The signal comes after the network's program has started, and before it has its rows.
#[test]
fn a_signal_before_the_rows_are_sent_ends_the_training() {
    let folder = Folder::new("before-rows").with("xor.nn", XOR);
    folder.nn(&["train", "xor.nn"]).done();
    let finished = fs::read(folder.path("xor.safetensors")).unwrap();
    for (signal, code) in signals() {
        let cargo = format!(
            "program=$(\"$REAL_CARGO\" \"$@\" | sed -n 's/.*\"executable\":\"\\([^\"]*\\)\".*/\\1/p')
             printf '#!/bin/sh\\nkill -{signal} $PPID\\nexec \"%s\" \"$@\"\\n' \"$program\" > \"$FOLDER/program.sh\"
             chmod +x \"$FOLDER/program.sh\"
             echo '{{\"executable\":\"'\"$FOLDER/program.sh\"'\"}}'"
        );
        fs::write(folder.path("xor.safetensors"), "old").unwrap();
        let stderr = Ran::of(folder.with_cargo(&cargo, &["train", "xor.nn"]).output().unwrap()).failed(code);
        assert!(stderr.starts_with(&format!("error: interrupted by SIG{signal}")), "{stderr}");
        let weights = fs::read(folder.path("xor.safetensors")).unwrap();
        assert!(weights == b"old" || weights == finished, "{stderr}");
    }
}

#[test]
fn a_signal_ends_a_command_that_waits_for_its_input() {
    let folder = Folder::new("waiting").with("xor.nn", XOR);
    // `nn` reads the spec from a pipe. Opening the pipe here waits until `nn` has opened it.
    assert!(Command::new("mkfifo").arg(folder.path("spec.nn")).status().unwrap().success());
    for (signal, code) in signals() {
        let mut command = folder.command(&["check", "spec.nn"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pipe = fs::File::options().write(true).open(folder.path("spec.nn")).unwrap();
        send(signal, &child);
        let ran = Ran::of(child.wait_with_output().unwrap());
        drop(pipe);
        assert_contains(&ran.failed(code), &[&format!("interrupted by SIG{signal}")]);
    }
}
