//! Runs `nn` in a folder of its own for each test. The programs of networks are all built in one place,
//! which stays, so that a second run of the tests builds nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// XOR, which a network with a hidden layer learns.
pub const XOR: &str = "network Xor {
    input x: [2];
    output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
    train { loss: binary_cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy]; batch: all; epochs: 500; seed: 1; }
    data { [0, 0] => [0]; [0, 1] => [1]; [1, 0] => [1]; [1, 1] => [0]; }
    expect accuracy == 1.0;
}
";

/// Three classes with names, and a column of categories.
pub const FRUIT: &str = "network Fruit {
    input x: [5];
    output fruit = x -> normalize -> dense(8) -> relu -> dense(3) -> softmax;
    train { loss: cross_entropy; optimizer: adam(lr: 0.02); metrics: [accuracy]; batch: 4; epochs: 60; }
    data { csv: \"fruit.csv\"; target: fruit; one_hot: [colour]; validation: 0.25; }
}
";

/// Examples for [`FRUIT`].
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

/// A folder with files, in which `nn` runs.
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

    /// `nn` with arguments, to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nn"));
        command.args(arguments).current_dir(&self.0).env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"));
        command.stdin(Stdio::null());
        command
    }

    /// Runs `nn` to its end, with this on a pipe to its standard input.
    pub fn piped(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may have ended before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// `nn` with arguments, to be started, with a shell script instead of cargo. In the script `$REAL_CARGO "$@"` is what
    /// `nn` wants of cargo, and `$PPID` is `nn`.
    pub fn with_cargo(&self, script: &str, arguments: &[&str]) -> Command {
        let path = self.path("cargo.sh");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&path).status().unwrap().success());
        let mut command = self.command(arguments);
        command.env("CARGO", path).env("REAL_CARGO", env!("CARGO")).env("FOLDER", &self.0);
        command
    }

    /// The names of all files, hidden ones too.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap());
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `nn` to its end.
    pub fn nn(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }
}

/// What came of a run.
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

    /// It went well, and had nothing to complain of.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr, "");
        self.stdout
    }

    /// It ended with this code; what it said of it.
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
