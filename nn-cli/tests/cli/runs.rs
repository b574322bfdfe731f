//! Runs at the same time. Each trains the spec that it has read and writes its own file.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::common::{Folder, Ran, XOR, assert_contains};

fn started(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn make_pipe(folder: &Folder, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.path(name)).status().unwrap().success());
}

/// The first run reads its spec and waits. Meanwhile a second run reads another spec from the same
/// file and trains it.
#[test]
fn two_runs_of_one_path_train_the_spec_that_each_has_read() {
    let wide = XOR.replace("dense(4)", "dense(11)");
    let folder = Folder::new("same-path").with("spec.nn", XOR);
    make_pipe(&folder, "ready");
    make_pipe(&folder, "go");
    let wait = "echo > \"$FOLDER/ready\"\ncat \"$FOLDER/go\"\nexec \"$REAL_CARGO\" \"$@\"";
    let first = started(&mut folder.with_cargo(wait, &["train", "spec.nn", "--out", "a.safetensors"]));
    fs::read(folder.path("ready")).unwrap();
    fs::write(folder.path("spec.nn"), &wide).unwrap();
    let second = folder.nn(&["train", "spec.nn", "--out", "b.safetensors"]).done();
    fs::write(folder.path("go"), "").unwrap();
    let first = Ran::of(first.wait_with_output().unwrap()).done();
    assert_contains(&first, &["Xor: 17 parameters"]);
    assert_contains(&second, &["Xor: 45 parameters"]);

    let folder = folder.with("first.nn", XOR).with("second.nn", &wide);
    for (spec, out) in [("first.nn", "a.safetensors"), ("second.nn", "b.safetensors")] {
        folder.nn(&["train", spec]).done();
        let alone = fs::read(folder.path(&spec.replace(".nn", ".safetensors"))).unwrap();
        assert!(fs::read(folder.path(out)).unwrap() == alone, "{out}");
    }
}

#[test]
fn runs_at_once_give_the_same_as_one_after_another() {
    let spec = "network Sweep {
        input x: [1];
        output y = x -> dense(1);
        train { loss: mse; optimizer: sgd(lr: RATE); batch: all; epochs: 20; }
        data { [0] => [1]; [1] => [3]; }
    }";
    let rates = ["0.01", "0.03", "0.1", "0.3"];
    let folder = Folder::new("sweep");
    for rate in rates {
        fs::write(folder.path(&format!("{rate}.nn")), spec.replace("RATE", rate)).unwrap();
    }
    let train = |rate: &str, out: &str| {
        let out = format!("{out}-{rate}.safetensors");
        folder.command(&["train", &format!("{rate}.nn"), "--quiet", "--out", &out])
    };
    // The first spec is trained twice, because two runs may have the same content.
    let runs: Vec<Child> = rates.iter().map(|rate| started(&mut train(rate, "at-once"))).collect();
    let again = started(&mut train(rates[0], "again"));
    for run in runs.into_iter().chain([again]) {
        Ran::of(run.wait_with_output().unwrap()).done();
    }
    let read = |out: &str, rate: &str| fs::read(folder.path(&format!("{out}-{rate}.safetensors"))).unwrap();
    for rate in rates {
        Ran::of(train(rate, "after").output().unwrap()).done();
        assert!(read("at-once", rate) == read("after", rate), "{rate}");
    }
    assert!(read("again", rates[0]) == read("after", rates[0]));
    assert!(read("after", rates[0]) != read("after", rates[1]));
}

/// `nn` does not trust the path that cargo reports.
#[test]
fn the_program_of_another_network_is_refused() {
    let folder = Folder::new("other-program").with("xor.nn", XOR).with("other.nn", XOR.replace("0.05", "0.06"));
    let print = "\"$REAL_CARGO\" \"$@\" | tee \"$FOLDER/built\"";
    Ran::of(folder.with_cargo(print, &["train", "xor.nn"]).output().unwrap()).done();
    let lie = folder.with_cargo("cat \"$FOLDER/built\"", &["train", "other.nn"]).output().unwrap();
    assert_contains(&Ran::of(lie).failed(1), &[" is not the program of this network"]);
    assert!(!folder.path("other.safetensors").exists());
    let folder = folder.with("built", "{\"executable\":\"/bin/true\"}\n");
    let lie = folder.with_cargo("cat \"$FOLDER/built\"", &["train", "other.nn"]).output().unwrap();
    assert_contains(&Ran::of(lie).failed(1), &["the network's program crashed"]);
}

#[test]
fn specs_with_one_name_have_separate_weights() {
    let folder = Folder::new("same-name");
    let weights = [("a", "1"), ("b", "3")].map(|(inner, seed)| {
        fs::create_dir(folder.path(inner)).unwrap();
        fs::write(folder.path(inner).join("xor.nn"), XOR).unwrap();
        let spec = format!("{inner}/xor.nn");
        let trained = folder.nn(&["train", &spec, "--epochs", "3", "--seed", seed]);
        assert_contains(&trained.stdout, &[&format!(" are in {inner}/xor.safetensors\n")]);
        assert_contains(&folder.nn(&["eval", &spec]).done(), &["(4 rows)"]);
        fs::read(folder.path(&format!("{inner}/xor.safetensors"))).unwrap()
    });
    assert!(weights[0] != weights[1]);
    assert_eq!(folder.files(), ["a", "b"]);
}
