//! The files for weights: which files `--out` refuses, and how an existing file is replaced.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::common::{FRUIT, FRUIT_CSV, Folder, Ran, XOR, assert_contains};

/// The error of `nn train` for a file that is refused before anything is compiled.
fn refused(folder: &Folder, spec: &str, out: &str) -> String {
    let ran = folder.command(&["train", spec, "--out", out]).env("CARGO", "no-such-cargo").output().unwrap();
    let stderr = Ran::of(ran).failed(1);
    assert_contains(&stderr, &["cannot write weights to ", "; choose another file with `--out FILE`"]);
    stderr
}

#[test]
fn special_files_are_refused_before_anything_is_compiled() {
    let folder = Folder::new("special").with("xor.nn", XOR).with("file", "").with("locked", "kept");
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let _listener = UnixListener::bind(folder.path("socket")).unwrap();
    symlink("pipe", folder.path("to-pipe")).unwrap();
    symlink("/dev/null", folder.path("to-device")).unwrap();
    symlink("circle", folder.path("circle")).unwrap();
    fs::set_permissions(folder.path("locked"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = folder.files();
    let cases = [
        ("pipe", "it is a pipe, not a file"),
        ("to-pipe", "it is a pipe, not a file"),
        ("socket", "it is a socket, not a file"),
        ("/dev/null", "it is a device, not a file"),
        ("to-device", "it is a device, not a file"),
        ("/dev/stdout", "it is an open file of a program, or a device"),
        ("/dev/fd/1", "it is an open file of a program, or a device"),
        (".", "is a directory"),
        ("..", "is a directory"),
        ("-", "it is the standard output, not a file"),
        ("/tmp", "it is a directory, not a file"),
        ("file/", "is a directory"),
        ("circle", "it is a link to itself"),
        ("locked", "it is read-only"),
        ("none/x.safetensors", "No such file or directory"),
        ("file/x.safetensors", "Not a directory"),
    ];
    for (out, reason) in cases {
        assert_contains(&refused(&folder, "xor.nn", out), &[out, reason]);
    }
    assert_contains(&refused(&folder, "xor.nn", &"long".repeat(60)), &["File name too long"]);
    assert_eq!(folder.files(), before);
    assert_eq!(fs::read(folder.path("locked")).unwrap(), b"kept");
}

#[test]
fn a_limit_of_the_size_of_files_is_an_error() {
    let folder = Folder::new("limit").with("xor.nn", XOR);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 0; exec \"$0\" train xor.nn", env!("CARGO_BIN_EXE_nn")]);
    limited.current_dir(folder.path("")).env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"));
    let stderr = Ran::of(limited.output().unwrap()).failed(1);
    assert_contains(&stderr, &["cannot write weights to xor.safetensors: File too large; choose another file"]);
    assert_eq!(folder.files(), ["xor.nn"]);
}

#[test]
fn an_input_is_never_overwritten() {
    let two = FRUIT.replace("validation: 0.25", "validation: \"more.csv\"").replace("fruit.csv", "csv/fruit.csv");
    let folder = Folder::new("inputs").with("fruit.nn", two.replace("more.csv", "csv/more.csv"));
    fs::create_dir(folder.path("csv")).unwrap();
    let folder = folder.with("csv/fruit.csv", FRUIT_CSV).with("csv/more.csv", FRUIT_CSV);
    symlink("csv/fruit.csv", folder.path("link")).unwrap();
    symlink("csv", folder.path("folder")).unwrap();
    fs::hard_link(folder.path("csv/more.csv"), folder.path("hard.csv")).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    let spec = read("fruit.nn");
    let cases = [
        ("fruit.nn", "this command reads fruit.nn"),
        ("./csv/../fruit.nn", "this command reads fruit.nn"),
        ("csv/fruit.csv", "this command reads csv/fruit.csv"),
        ("csv/more.csv", "this command reads csv/more.csv"),
        ("folder/more.csv", "this command reads csv/more.csv"),
        ("link", "this command reads csv/fruit.csv"),
        ("hard.csv", "this command reads csv/more.csv"),
    ];
    for (out, reason) in cases {
        assert_contains(&refused(&folder, "fruit.nn", out), &[reason]);
    }
    assert_eq!(read("fruit.nn"), spec);
    assert_eq!((read("csv/fruit.csv").as_str(), read("csv/more.csv").as_str()), (FRUIT_CSV, FRUIT_CSV));

    let of = |data: &str| {
        let (start, _) = FRUIT.split_once("data {").unwrap();
        format!("{start}data {{ {data} }} }}")
    };
    let arrays = "folder: \"csv\"; npy: \"x.npy\"; target: \"y.npy\"; validation: [\"v.npy\", \"w.npy\"];";
    let folder = folder.with("arrays.nn", of(arrays)).with("archive.nn", of("npz: \"a.npz\"; inputs: x; target: y;"));
    let folder = folder.with(
        "images.nn",
        "network Pets {
        input image: [1, 1, 2];
        output pet = image -> flatten -> dense(2) -> softmax;
        train { loss: cross_entropy; optimizer: adam; }
        data { images: \"pets\"; }
    }",
    );
    fs::create_dir_all(folder.path("pets/cat")).unwrap();
    let inputs = ["csv/x.npy.gz", "csv/y.npy", "csv/v.npy", "csv/w.npy", "a.npz", "pets/cat/a.png"];
    let folder = inputs.iter().fold(folder, |folder, name| folder.with(name, "data"));
    for (input, spec) in
        inputs.iter().zip(["arrays.nn", "arrays.nn", "arrays.nn", "arrays.nn", "archive.nn", "images.nn"])
    {
        assert_contains(&refused(&folder, spec, input), &["this command reads "]);
        assert_eq!(fs::read(folder.path(input)).unwrap(), b"data");
    }

    // For a spec with this extension the default weights file is the spec itself. Unfinished
    // weights have a file too.
    let folder = folder.with("odd.safetensors", XOR).with("odd.unfinished.safetensors", XOR);
    assert_contains(&folder.nn(&["train", "odd.safetensors"]).failed(1), &["this command reads odd.safetensors"]);
    let stderr = refused(&folder, "odd.unfinished.safetensors", "odd.new.safetensors/../odd.safetensors");
    assert_contains(&stderr, &["No such file or directory"]);
    let stderr = refused(&folder, "odd.unfinished.safetensors", "odd.safetensors");
    assert_contains(&stderr, &["this command reads odd.unfinished.safetensors"]);

    // An interruption would replace finished weights.
    let folder = folder.with("xor.nn", XOR).with("xor.safetensors", "weights");
    symlink("xor.safetensors", folder.path("xor.unfinished.safetensors")).unwrap();
    let stderr = refused(&folder, "xor.nn", "xor.safetensors");
    assert_contains(&stderr, &["xor.unfinished.safetensors is the same file"]);
}

#[test]
fn a_piped_spec_has_no_default_weights_file() {
    let folder = Folder::new("piped").with("xor.nn", XOR);
    let piped = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        Ran::of(command.stdin(fs::File::open(folder.path("xor.nn")).unwrap()).output().unwrap())
    };
    assert_contains(&piped(&["train", "-"]).failed(1), &["name one with `--out FILE`"]);
    assert_contains(&piped(&["eval", "-"]).failed(1), &["name one with `--weights FILE`"]);
    piped(&["train", "-", "--out", "w.safetensors"]).done();
    assert_contains(&piped(&["eval", "-", "--weights", "w.safetensors"]).done(), &["accuracy 1.0000"]);
}

#[test]
fn links_and_permissions_stay() {
    let folder = Folder::new("links").with("xor.nn", XOR);
    fs::create_dir(folder.path("far")).unwrap();
    let folder = folder.with("far/real", "old");
    fs::set_permissions(folder.path("far/real"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("far/real", folder.path("link")).unwrap();
    symlink("far/new", folder.path("dangling")).unwrap();
    folder.nn(&["train", "xor.nn"]).done();
    let weights = fs::read(folder.path("xor.safetensors")).unwrap();
    // The partial file for a long name has a shorter name.
    let long = "é".repeat(100);
    folder.nn(&["train", "xor.nn", "--out", &long]).done();
    assert!(fs::read(folder.path(&long)).unwrap() == weights);
    fs::remove_file(folder.path(&long)).unwrap();
    for (out, real) in [("link", "far/real"), ("dangling", "far/new")] {
        let trained = folder.nn(&["train", "xor.nn", "--out", out]).done();
        assert_contains(&trained, &[&format!(" are in {out}\n")]);
        assert_eq!(fs::read_link(folder.path(out)).unwrap().to_str(), Some(real));
        assert!(fs::read(folder.path(real)).unwrap() == weights, "{real}");
    }
    assert_eq!(fs::metadata(folder.path("far/real")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(folder.files(), ["dangling", "far", "link", "xor.nn", "xor.safetensors"]);
    assert_eq!(fs::read_dir(folder.path("far")).unwrap().count(), 2);
}

/// The folder for the weights is removed while the program is compiled.
#[test]
fn weights_that_cannot_be_written_are_rescued() {
    let folder = Folder::new("rescued").with("xor.nn", XOR);
    for name in ["gone", "linked", "tmp"] {
        fs::create_dir(folder.path(name)).unwrap();
    }
    let cases = [
        ("gone", "rmdir \"$FOLDER/gone\"", "No such file or directory"),
        (
            "linked",
            "ln -s ../xor.nn \"$FOLDER/linked/xor.safetensors\"",
            "it has become a link since the training began",
        ),
    ];
    for (out, meanwhile, reason) in cases {
        let out = format!("{out}/xor.safetensors");
        let cargo = format!("\"$REAL_CARGO\" \"$@\" && {meanwhile}");
        let mut command = folder.with_cargo(&cargo, &["train", "xor.nn", "--out", &out]);
        let ran = Ran::of(command.env("TMPDIR", folder.path("tmp")).output().unwrap());
        let files: Vec<_> = fs::read_dir(folder.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [rescued] = &files[..] else { panic!("{files:?}") };
        assert_contains(&ran.stdout, &[&format!("weights of epoch 500 are in {}\n", rescued.display())]);
        let stderr = ran.failed(1);
        assert_contains(&stderr, &["cannot write", &out, reason]);
        assert_contains(&stderr, &[&format!("; the weights are in {}\n", rescued.display())]);
        let weights = ["--weights", rescued.to_str().unwrap()];
        assert_contains(&folder.nn(&[&["eval", "xor.nn"], &weights[..]].concat()).done(), &["accuracy 1.0000"]);
        assert_eq!(fs::read_to_string(folder.path("xor.nn")).unwrap(), XOR);
        fs::remove_file(rescued).unwrap();
    }
}

#[test]
fn only_regular_files_are_fixed_and_formatted() {
    let crooked = "network Line { input x: [1]; output y = x -> dense(1); }";
    let broken = crooked.replace("(1);", "(1)");
    let folder = Folder::new("fixed-files").with("a.nn", crooked).with("b.nn", &broken);
    for (name, arguments) in [("a.nn", &["fmt", "/dev/stdin"][..]), ("b.nn", &["check", "--fix", "/dev/stdin"])] {
        let mut command = folder.command(arguments);
        let ran = Ran::of(command.stdin(fs::File::open(folder.path(name)).unwrap()).output().unwrap());
        assert_contains(&ran.failed(1), &["cannot write /dev/stdin: it is an open file of a program"]);
    }
    for (name, arguments) in [("a.nn", &["fmt", "a.nn"][..]), ("b.nn", &["check", "--fix", "b.nn"])] {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(0o444)).unwrap();
        assert_contains(&folder.nn(arguments).failed(1), &[&format!("cannot write {name}: it is read-only")]);
    }
    assert_eq!(fs::read_to_string(folder.path("a.nn")).unwrap(), crooked);
    assert_eq!(fs::read_to_string(folder.path("b.nn")).unwrap(), broken);
}
