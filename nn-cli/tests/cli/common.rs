//! Runs `nn` in a separate folder for each test. All networks are compiled in one folder, which
//! stays, so a second run of the tests compiles nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// XOR, for which a network needs a hidden layer.
pub const XOR: &str = "network Xor {
    input x: [2];
    output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
    train { loss: binary_cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy]; batch: all; epochs: 500; seed: 1; }
    data { [0, 0] => [0]; [0, 1] => [1]; [1, 0] => [1]; [1, 1] => [0]; }
    expect accuracy == 1.0;
}
";

/// A network with three named classes and a column of categories.
pub const FRUIT: &str = "network Fruit {
    input x: [5];
    output fruit = x -> normalize -> dense(8) -> relu -> dense(3) -> softmax;
    train { loss: cross_entropy; optimizer: adam(lr: 0.02); metrics: [accuracy]; batch: 4; epochs: 60; }
    data { csv: \"fruit.csv\"; target: fruit; one_hot: [colour]; validation: 0.25; }
}
";

/// The data of [`FRUIT`].
pub const FRUIT_CSV: &str = "weight,colour,length,fruit
100,green,8,apple
110,red,8,apple
120,green,9,apple
105,red,8,apple
150,yellow,20,banana
160,yellow,21,banana
155,green,19,banana
145,yellow,22,banana
9,red,2,cherry
8,red,2,cherry
10,red,3,cherry
9,yellow,2,cherry
";

/// A folder in which `nn` runs.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder.
    pub fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nn-cli").join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The folder with one more file.
    pub fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    /// A file's path.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The command `nn` with arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nn"));
        command.args(arguments).current_dir(&self.0).env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"));
        command.stdin(Stdio::null());
        command
    }

    /// Runs `nn` with this input on a pipe.
    pub fn piped(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // `nn` may end before it has read all of it.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// `nn` with a shell script instead of cargo. In the script, `$REAL_CARGO "$@"` runs cargo, and
    /// `$PPID` is `nn`.
    pub fn with_cargo(&self, script: &str, arguments: &[&str]) -> Command {
        let path = self.path("cargo.sh");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&path).status().unwrap().success());
        let mut command = self.command(arguments);
        command.env("CARGO", path).env("REAL_CARGO", env!("CARGO")).env("FOLDER", &self.0);
        command
    }

    /// The names of all files, including hidden ones.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap());
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `nn`.
    pub fn nn(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }
}

/// The result of a run.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Expects success without messages, and returns the standard output.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr, "");
        self.stdout
    }

    /// Expects this exit code, and returns the standard error.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self.stderr
    }
}

/// Fails unless all of `parts` are in `text`.
#[track_caller]
pub fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}
