//! Training, evaluation and prediction, end to end.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::common::{FRUIT, FRUIT_CSV, Folder, Ran, XOR, assert_contains};

/// Part of the error if MNIST has not been downloaded. It is not part of this project.
const NO_MNIST: &str = "; get it from https://ossci-datasets.s3.amazonaws.com/mnist/; name the folder";

/// Part of the error for a spec that a Rust program trains.
const NO_LOSS: &str = " has no loss, so there is nothing that `nn` could minimise or measure: ";

#[test]
fn every_spec_trains_and_meets_its_expectations() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let folder = Folder::new("specs");
    let mut trained = 0;
    let mut failed = String::new();
    for entry in fs::read_dir(specs).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "nn") {
            let out = folder.nn(&["train", path.to_str().unwrap(), "--quiet", "--out", "weights.safetensors"]);
            trained += 1;
            if path.to_string_lossy().contains("mnist") && out.stderr.contains(NO_MNIST) {
                continue;
            }
            if path.ends_with("policy.nn") && out.stderr.contains(NO_LOSS) {
                continue;
            }
            if out.code != Some(0) {
                failed += &format!("{}\n{}{}", path.display(), out.stdout, out.stderr);
            }
        }
    }
    assert!(trained > 0);
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn a_network_is_trained_measured_and_predicts() {
    let folder = Folder::new("xor").with("xor.nn", XOR);
    let trained = folder.nn(&["train", "xor.nn"]).done();
    let lines = [
        "Xor: 17 parameters; 4 rows to train on\n",
        "epoch   1/500  loss ",
        "epoch 500/500  loss ",
        "finished all 500 epochs\n",
    ];
    assert_contains(&trained, &lines);
    assert_contains(
        &trained,
        &["weights of epoch 500 are in xor.safetensors\n", "expect accuracy == 1.0: met, 1.0000\n"],
    );
    assert_contains(&folder.nn(&["eval", "xor.nn"]).done(), &["all  loss ", "accuracy 1.0000  (4 rows)"]);
    let answer = folder.nn(&["predict", "xor.nn", "--row", "1,0"]).done();
    let (header, number) = answer.trim_end().split_once('\n').unwrap();
    assert_eq!(header, "y1");
    assert!(number.parse::<f32>().unwrap() > 0.5, "{answer}");
}

#[test]
fn a_second_training_gives_the_same_and_builds_nothing() {
    let folder = Folder::new("again").with("again.nn", XOR.replace("network Xor", "network Again"));
    folder.nn(&["train", "again.nn", "--out", "first.safetensors"]).done();
    let programs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
    let built = || {
        let programs = fs::read_dir(&programs).unwrap().map(|entry| entry.unwrap());
        let is_ours = |name: &str| name.starts_with("nn-again-") && !name.ends_with(".d");
        let programs = programs.filter(|entry| is_ours(&entry.file_name().to_string_lossy()));
        programs.map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap())).collect::<Vec<_>>()
    };
    let first = built();
    assert!(!first.is_empty());
    folder.nn(&["train", "again.nn", "--out", "second.safetensors"]).done();
    assert_eq!(built(), first);
    let weights = ["first", "second"].map(|name| fs::read(folder.path(&format!("{name}.safetensors"))).unwrap());
    assert!(weights[0] == weights[1], "two trainings with one seed differ");
}

/// XOR with a network whose steps are large enough to share: 132 thousand multiply-adds per row.
fn wide() -> String {
    let layers = "dense(256) -> tanh -> dense(512) -> tanh";
    XOR.replace("dense(4) -> tanh", layers).replace("epochs: 500", "epochs: 50")
}

#[test]
fn threads_give_the_same_weights() {
    let folder = Folder::new("wide").with("wide.nn", wide()).with("xor.nn", XOR);
    folder.nn(&["train", "wide.nn", "--out", "one.safetensors"]).done();
    let trained = folder.nn(&["train", "wide.nn", "--threads", "2", "--out", "two.safetensors"]).done();
    assert_contains(&trained, &["4 rows to train on; on 2 threads\n"]);
    let weights = ["one", "two"].map(|name| fs::read(folder.path(&format!("{name}.safetensors"))).unwrap());
    assert!(weights[0] == weights[1], "two threads give other weights");
    let small = folder.nn(&["train", "xor.nn", "--threads", "2"]).done();
    assert_contains(&small, &["; on one thread, because no step is large enough to share\n"]);
    let measured = folder.nn(&["eval", "xor.nn", "--threads", "2"]);
    assert_eq!(measured.stderr, "note: on one thread, because no step is large enough to share\n");
    assert_contains(&measured.stdout, &["(4 rows)"]);
}

#[test]
fn threads_give_the_same_predictions() {
    let rows = |count: usize| (0..count).fold(String::from("x1,x2\n"), |csv, row| csv + &format!("{row},0.5\n"));
    let folder = Folder::new("answers").with("wide.nn", wide()).with("few.csv", rows(7)).with("many.csv", rows(300));
    folder.nn(&["train", "wide.nn"]).done();
    let (two, eval) = (["--threads", "2"], ["eval", "wide.nn"]);
    assert_eq!(folder.nn(&[&eval[..], &two].concat()).done(), folder.nn(&eval).done());
    let predict = ["predict", "wide.nn", "many.csv"];
    assert_eq!(folder.nn(&[&predict[..], &two].concat()).done(), folder.nn(&predict).done());
    let few = folder.nn(&[&["predict", "wide.nn", "few.csv"], &two[..]].concat());
    assert_eq!(few.stderr, "note: on one thread, because there are too few rows to share the work\n");
    assert_eq!(few.stdout.lines().count(), 8);
}

/// The fifth row of each epoch would be a batch of one. `loss` is the mean over the other four,
/// before their update.
#[test]
fn a_skipped_row_is_reported() {
    let lone = "network Lone {
        input x: [2];
        output y = x -> dense(3, bias: false, init: constant(0.3)) -> batch_norm -> tanh -> dense(1, init: constant(0.5));
        train {
            loss: mse; optimizer: sgd(lr: 0.1); batch: 4; epochs: 1; seed: 1;
            early_stopping(monitor: loss, patience: 3);
        }
        data {
            [0.1, 0.2] => [1.0];
            [0.5, -0.2] => [0.0];
            [-0.4, 0.9] => [0.5];
            [0.7, 0.3] => [0.2];
            [0.0, -0.6] => [0.9];
        }
        allow(constant_init);
    }";
    let folder = Folder::new("lone").with("lone.nn", lone);
    let expected = [
        "Lone: 16 parameters; 5 rows to train on; skips 1 row in each epoch, because the last batch would be too small for batch_norm\n",
        "best epoch 1 by `loss` (measured during the epoch, before its last updates): loss 1.5684\n",
    ];
    assert_contains(&folder.nn(&["train", "lone.nn"]).done(), &expected);
    let searched = folder.nn(&["train", "lone.nn", "--find-lr"]).done();
    assert_contains(
        &searched,
        &["skips 1 row in each epoch, because the last batch would be too small for batch_norm\n"],
    );
}

#[test]
fn categories_and_classes_keep_their_names() {
    let folder = Folder::new("fruit").with("fruit.nn", FRUIT).with("fruit.csv", FRUIT_CSV);
    let trained = folder.nn(&["train", "fruit.nn", "--seed", "7", "--out", "kept.safetensors"]).done();
    assert_contains(&trained, &["9 rows to train on, 3 to validate on", " | val_loss ", " *\n", "best epoch "]);
    let reached = trained.lines().find_map(|line| line.strip_prefix("on the 3 validation rows: ")).unwrap();
    let measured = folder.nn(&["eval", "fruit.nn", "--weights", "kept.safetensors"]).done();
    assert_contains(&measured, &[&format!("validation  {reached}  (3 rows)"), "(12 rows)"]);

    let row = folder.nn(&["predict", "fruit.nn", "--weights", "kept.safetensors", "--row", "152,yellow,20"]).done();
    assert_contains(&row, &["fruit,apple,banana,cherry\nbanana,"]);
    let quoted = ["--weights", "kept.safetensors", "--row"];
    let asked = |cells: &str| folder.nn(&[&["predict", "fruit.nn"], &quoted[..], &[cells]].concat());
    assert_eq!(asked("152, \"yellow\" ,20").done(), row);
    let csv = folder.nn(&["predict", "fruit.nn", "--weights", "kept.safetensors", "fruit.csv"]).done();
    assert_eq!(csv.lines().count(), 13);
    let arguments = ["predict", "fruit.nn", "--weights", "kept.safetensors"];
    for more in [&[][..], &["-"], &["/dev/stdin"]] {
        if cfg!(unix) || more != ["/dev/stdin"] {
            let piped = folder.piped(&[&arguments[..], more].concat(), FRUIT_CSV);
            assert_eq!(piped.done(), csv, "{more:?}");
        }
    }
    let measured_from_a_pipe = ["eval", "fruit.nn", "--weights", "kept.safetensors", "--data", "-"];
    assert_contains(&folder.piped(&measured_from_a_pipe, FRUIT_CSV).done(), &["all  loss ", "(12 rows)"]);
    wrong_rows_from_a_pipe_are_refused(&folder, &arguments);
    a_reader_that_stops_is_not_an_error(&folder, &arguments);
    rows_of_unknown_use_are_not_validation_rows(&folder);

    let wrong: [(&[&str], &str); 3] = [
        (&["--row", "152,blue,20"], "--row: column `colour`: `blue` is not one of the categories"),
        (&["--row", "152,red"], "--row has 2 values, but `Fruit` takes 3: weight, colour, length"),
        (&["none.csv"], "none.csv"),
    ];
    for (more, expected) in wrong {
        assert_contains(&folder.nn(&[&arguments[..], more].concat()).failed(1), &[expected]);
    }
}

fn wrong_rows_from_a_pipe_are_refused(folder: &Folder, predict: &[&str]) {
    let wrong: [(&[u8], &str); 5] = [
        (b"", "<stdin> is empty; expected csv: a line with the column names (weight, colour, length) and a line"),
        (b" \n\n", "<stdin> is empty; expected csv"),
        (
            b"a,b\n1,2\n",
            "<stdin>: there is no column `weight`; there is no column `colour`; there is no column `length`",
        ),
        (
            b"\"weight\",\"colour\",\"length\"\n1,\"light, blue\",3\n",
            "<stdin>: line 2, column `colour`: `light, blue` is not one of the categories",
        ),
        (b"\x1f\x8b\x08\x00", "<stdin>: unpacking fails at byte 0"),
    ];
    for (rows, text) in wrong {
        let failed = folder.piped(&[predict, &["-"]].concat(), rows).failed(1);
        assert_contains(&failed, &[text]);
        assert!(!failed.contains("did you mean ``"), "{failed}");
    }
    assert_contains(&folder.piped(&["predict", "-"], XOR).failed(1), &["cannot both be read from the standard input"]);
}

fn rows_of_unknown_use_are_not_validation_rows(folder: &Folder) {
    fs::create_dir_all(folder.path("longer")).unwrap();
    fs::write(folder.path("longer/fruit.csv"), format!("{FRUIT_CSV}12,yellow,2,cherry\n")).unwrap();
    let measured = folder.nn(&["eval", "fruit.nn", "--weights", "kept.safetensors", "--data", "longer"]);
    let reason = "there are 13 rows, but the training had 12";
    assert_eq!(measured.stderr, format!("note: training and validation rows are not known: {reason}\n"));
    assert!(
        measured.stdout.starts_with("all  loss ") && measured.stdout.ends_with("  (13 rows)\n"),
        "{}",
        measured.stdout
    );
    assert_eq!(measured.stdout.lines().count(), 1);
}

fn a_reader_that_stops_is_not_an_error(folder: &Folder, predict: &[&str]) {
    let mut command = folder.command(&[predict, &["fruit.csv"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
}

#[test]
fn a_missed_expectation_fails() {
    let perceptron = "network Xor {
        input x: [2];
        output y = x -> dense(1, init: zeros) -> step;
        train { rule: perceptron(lr: 0.1); epochs: 20; }
        data { [0, 0] => [0]; [0, 1] => [1]; [1, 0] => [1]; [1, 1] => [0]; }
        expect accuracy == 1.0;
    }";
    let folder = Folder::new("missed").with("missed.nn", perceptron);
    let ran = folder.nn(&["train", "missed.nn"]);
    assert_contains(&ran.stdout, &["expect accuracy == 1.0: missed, "]);
    assert_contains(&ran.failed(1), &["1 of 1 expectation missed"]);
    assert!(folder.path("missed.safetensors").exists());
}

#[test]
fn missing_parts_of_a_spec_are_reported() {
    let bare = "network Bare { input x: [3]; output y = x -> dense(1); }";
    let no_data =
        "network Bare { input x: [3]; output y = x -> dense(1); train { loss: mse; optimizer: sgd(lr: 0.1); } }";
    let with = |data: &str| format!("{} data {{ {data} }} }}", no_data.strip_suffix(" }").unwrap());
    let folder = Folder::new("needs")
        .with("bare.nn", bare)
        .with("no_data.nn", no_data)
        .with("missing.nn", with("csv: \"none.csv\"; target: z;"))
        .with("column.nn", with("csv: \"abc.csv\"; target: z;"))
        .with("width.nn", with("csv: \"abc.csv\"; target: c;"))
        .with("abc.csv", "a,b,c\n1,2,3\n");
    let expected: [(&str, &[&str]); 5] = [
        ("bare.nn", &["bare.nn does not say how to train the network", "train {"]),
        ("no_data.nn", &["no_data.nn does not say where its data is", "data {"]),
        ("missing.nn", &["none.csv", "there is no such file"]),
        ("column.nn", &["abc.csv: there is no column `z`", "`a`, `b`, `c`"]),
        ("width.nn", &["the data has 2 inputs (a, b), but `Bare` takes 3 numbers"]),
    ];
    for (file, parts) in expected {
        assert_contains(&folder.nn(&["train", file]).failed(1), parts);
    }
}

/// Nothing can be minimised or measured; what reads the spec alone works.
#[test]
fn a_spec_without_a_loss_is_for_a_program() {
    let with_loss = "network Line {
        input x: [2];
        output y = x -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.01); epochs: 1; }
        data { [1, 2] => [3]; [4, 5] => [6]; }
    }";
    let without = with_loss.replace(" loss: mse;", "").replace(" epochs: 1;", "");
    let folder = Folder::new("without_loss").with("free.nn", without);
    let commands: [&[&str]; 3] = [&["train", "free.nn"], &["train", "free.nn", "--find-lr"], &["eval", "free.nn"]];
    for command in commands {
        let said = ["`train` in free.nn has no loss", "`loss: mse;`", "`Trainer::forward`"];
        assert_contains(&folder.nn(command).failed(1), &said);
    }
    for command in ["check", "summary", "plan", "expand", "trace"] {
        folder.nn(&[command, "free.nn"]).done();
    }
    let lines =
        ["loss            none: a program brings the gradients", "batch           at most 32 rows forward at once"];
    let explained = folder.nn(&["explain", "free.nn"]).done();
    assert_contains(&explained, &lines);
    assert!(!explained.contains("epochs"), "{explained}");
}

#[test]
fn weights_that_are_missing_or_wrong_are_refused() {
    let wide = XOR.replace("dense(4)", "dense(5)").replace("Xor", "Wide");
    let folder = Folder::new("weights")
        .with("xor.nn", XOR)
        .with("wide.nn", wide)
        .with("fruit.nn", FRUIT)
        .with("noise.bin", [7; 99]);
    folder.nn(&["train", "xor.nn", "--quiet"]).done();
    let wrong: [(&[&str], &[&str]); 5] = [
        (&["predict", "wide.nn", "--row", "1,1"], &["there are no weights at wide.safetensors", "`nn train wide.nn`"]),
        (&["eval", "wide.nn"], &["there are no weights at wide.safetensors", "`nn train wide.nn`"]),
        (
            &["predict", "wide.nn", "--row", "1,1", "--weights", "xor.safetensors"],
            &["does not fit", "y.0.weight", "`nn train wide.nn`"],
        ),
        (
            &["predict", "fruit.nn", "--row", "1,1", "--weights", "xor.safetensors"],
            &[
                "xor.safetensors does not fit the network Fruit",
                "missing: `fruit.1.weight` [5, 8]",
                "`nn train fruit.nn`",
            ],
        ),
        (
            &["eval", "xor.nn", "--weights", "noise.bin"],
            &["noise.bin is not a valid weights file", "`nn train xor.nn`"],
        ),
    ];
    for (arguments, parts) in wrong {
        assert_contains(&folder.nn(arguments).failed(1), parts);
    }
}

#[test]
fn a_missing_cargo_or_folder_is_reported() {
    let folder = Folder::new("machine").with("xor.nn", XOR);
    let ran = folder.command(&["train", "xor.nn"]).env("CARGO", "no-such-cargo").output().unwrap();
    assert_contains(&Ran::of(ran).failed(1), &["cannot run `no-such-cargo`", "rustup.rs"]);
    let nowhere = folder.nn(&["train", "xor.nn", "--out", "no/such/folder/x.safetensors"]);
    assert_contains(&nowhere.failed(1), &["cannot write weights to no/such/folder/x.safetensors", "--out"]);
}

#[test]
fn a_training_that_diverges_names_the_step() {
    let wild = "network Wild {
        input x: [1];
        output y = x -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 1e30); epochs: 50; }
        data { [3] => [2]; [4] => [1]; }
    }";
    let folder = Folder::new("diverges").with("wild.nn", wild);
    assert_contains(&folder.nn(&["train", "wild.nn"]).failed(1), &["step ", "not finite"]);
    assert!(!folder.path("wild.safetensors").exists());
}

#[test]
fn the_best_epoch_before_a_failure_is_kept_apart() {
    let wild = "network Wild {
        input x: [1];
        output y = x -> dense(1);
        train {
            loss: mse;
            optimizer: sgd(lr: 1e-4);
            schedule: linear(to: 1e6, over: 20);
            epochs: 40;
            early_stopping(monitor: loss, patience: 40);
        }
        data { [3] => [2]; [4] => [1]; }
        allow(learning_rate);
    }";
    let folder = Folder::new("fails-late").with("wild.nn", wild).with("wild.safetensors", "finished");
    let stderr = folder.nn(&["train", "wild.nn"]).failed(1);
    assert_contains(&stderr, &["note: weights of epoch ", "step ", "not finite"]);
    assert_contains(&stderr, &[" are in wild.unfinished.safetensors; wild.safetensors was not touched: use "]);
    assert_eq!(folder.files(), ["wild.nn", "wild.safetensors", "wild.unfinished.safetensors"]);
    assert_eq!(fs::read(folder.path("wild.safetensors")).unwrap(), b"finished");
    let weights = ["eval", "wild.nn", "--weights", "wild.unfinished.safetensors"];
    assert_contains(&folder.nn(&weights).done(), &["(2 rows)"]);
}

#[test]
fn a_schedule_is_shown_and_followed() {
    let spec = XOR.replace("epochs: 500;", "epochs: 6; schedule: cosine(warmup: 3);");
    let folder = Folder::new("schedule").with("schedule.nn", spec.replace("expect accuracy == 1.0;", ""));
    let trained = folder.nn(&["train", "schedule.nn"]).done();
    for (epoch, rate) in [(2, "0.0167"), (4, "0.0500"), (5, "0.0375"), (6, "0.0125")] {
        let line = trained.lines().find(|line| line.starts_with(&format!("epoch {epoch}/6  "))).unwrap();
        assert!(line.ends_with(&format!(" | lr {rate}")), "{line}");
    }
    let expected = "`cosine` warms up for 3 steps, but the training has 2; lower `warmup`, or train for more epochs";
    let short = ["train", "schedule.nn", "--epochs", "2", "--out", "short.safetensors"];
    assert_contains(&folder.nn(&short).failed(1), &[expected]);
    assert!(!folder.path("short.safetensors").exists());
}

#[test]
fn a_learning_rate_is_found() {
    let folder = Folder::new("rate").with("xor.nn", XOR);
    let found = folder.nn(&["train", "xor.nn", "--find-lr"]).done();
    assert_contains(&found, &["┤ loss, smoothed\n", "•", "1e-5", "learning rate\n", "the loss falls fastest near "]);
    assert_contains(&found, &[": write `optimizer: adam(lr: ", ", …);`, or use a slightly lower rate\n"]);
    let json = folder.nn(&["train", "xor.nn", "--find-lr", "--json"]).done();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["file"], "xor.nn");
    let trials = report["trials"].as_array().unwrap();
    assert!((trials[0]["learning_rate"].as_f64().unwrap() - 1e-7).abs() < 1e-12, "{json}");
    let suggestion = report["suggestion"].as_f64().unwrap();
    assert!((1e-3..1.0).contains(&suggestion), "{suggestion}");
    assert!(!folder.path("xor.safetensors").exists());

    let refused = folder.nn(&["train", "xor.nn", "--find-lr", "--epochs", "3"]);
    assert_contains(&refused.failed(2), &["cannot be used with"]);
    assert_contains(&folder.nn(&["train", "xor.nn", "--json"]).failed(2), &["--find-lr"]);
    let rule = "network And {
        input x: [2];
        output y = x -> dense(1, init: zeros) -> step;
        train { rule: perceptron(lr: 0.1); epochs: 20; }
        data { [0, 0] => [0]; [0, 1] => [0]; [1, 0] => [0]; [1, 1] => [1]; }
    }";
    let folder = folder.with("and.nn", rule);
    assert_contains(&folder.nn(&["train", "and.nn", "--find-lr"]).failed(1), &["at any learning rate"]);
}
