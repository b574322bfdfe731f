//! `nn` outside of the checkout that it was built in, which compiles networks in the user's cache.
//! cargo is a script that fails, so nothing is compiled: `.ci/packages` trains with an installed
//! `nn`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::common::{Ran, XOR, assert_contains};

/// A copy of `nn`, a home folder, and a folder with a spec.
struct Installed(TempDir);

impl Installed {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::copy(env!("CARGO_BIN_EXE_nn"), root.path().join("nn")).unwrap();
        let cargo = root.path().join("cargo");
        fs::write(&cargo, "#!/bin/sh\necho 'error: no matching package named `serde` found' >&2\nexit 101\n").unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(root.path().join("home")).unwrap();
        fs::create_dir(root.path().join("user")).unwrap();
        fs::write(root.path().join("user/xor.nn"), XOR).unwrap();
        Self(root)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A program in the folder of the spec.
    fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program.as_ref());
        command.args(arguments).current_dir(self.path("user")).env("HOME", self.path("home"));
        command.env("CARGO", self.path("cargo")).env_remove("XDG_CACHE_HOME").env_remove("CARGO_TARGET_DIR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn train(&self) -> Command {
        self.command(self.path("nn"), &["train", "xor.nn"])
    }

    /// Runs a command that has to fail, and returns the standard error.
    #[track_caller]
    fn fails(mut command: Command) -> String {
        Ran::of(command.output().unwrap()).failed(1)
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The only folder in `folder` whose name starts like this.
#[track_caller]
fn only(folder: &Path, start: &str) -> PathBuf {
    let found: Vec<String> = names(folder).into_iter().filter(|name| name.starts_with(start)).collect();
    let [name] = &found[..] else { panic!("{found:?} in {}", folder.display()) };
    folder.join(name)
}

/// Expects that two folders have the same files.
#[track_caller]
fn assert_same(a: &Path, b: &Path) {
    assert_eq!(names(a), names(b));
    for name in names(a) {
        let (a, b) = (a.join(&name), b.join(&name));
        match a.is_dir() {
            true => assert_same(&a, &b),
            false => assert!(fs::read(&a).unwrap() == fs::read(&b).unwrap(), "{}", a.display()),
        }
    }
}

/// The runtime's source in the checkout.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../nn-runtime/src");

#[test]
fn networks_are_compiled_in_the_cache() {
    let installed = Installed::new();
    let stderr = Installed::fails(installed.train());
    let parts = ["cargo cannot start to compile", "no matching package named `serde`", "cargo keeps them for later"];
    assert_contains(&stderr, &parts);
    assert_eq!(names(&installed.path("user")), ["xor.nn"]);
    assert_eq!(names(&installed.path("home")), [".cache"]);
    let target = only(&installed.path("home/.cache/nn"), concat!(env!("CARGO_PKG_VERSION"), "-"));
    let runtime = only(&target.join("nn"), "runtime-");
    assert_same(&runtime.join("src"), Path::new(SOURCE));
    let network = only(&target.join("nn"), "nn-xor-");
    let manifest = fs::read_to_string(network.join("Cargo.toml")).unwrap();
    let name = runtime.file_name().unwrap().to_str().unwrap();
    assert_contains(&manifest, &[&format!("nn-runtime = {{ path = \"../{name}\"")]);
}

#[test]
fn the_cache_is_where_xdg_cache_home_says_or_target_dir() {
    let installed = Installed::new();
    let mut train = installed.train();
    train.env("XDG_CACHE_HOME", installed.path("cache"));
    Installed::fails(train);
    assert_eq!(names(&installed.path("cache")), ["nn"]);
    Installed::fails(installed.command(installed.path("nn"), &["train", "xor.nn", "--target-dir", "../named"]));
    only(&installed.path("named/nn"), "runtime-");
    assert_eq!(names(&installed.path("home")), [] as [&str; 0]);
    assert_eq!(names(&installed.path("user")), ["xor.nn"]);
}

#[test]
fn an_incomplete_runtime_is_completed_by_runs_at_the_same_time() {
    let installed = Installed::new();
    Installed::fails(installed.train());
    let runtime = only(&only(&installed.path("home/.cache/nn"), "0").join("nn"), "runtime-");
    let source = runtime.join("src");
    // As after a run that was killed, or a cache that was cleaned.
    fs::remove_dir_all(source.join("layers")).unwrap();
    fs::remove_file(runtime.join("Cargo.toml")).unwrap();
    fs::write(source.join("lib.rs"), "").unwrap();
    let runs: Vec<_> = (0..3).map(|_| installed.train().spawn().unwrap()).collect();
    for run in runs {
        assert_contains(&Ran::of(run.wait_with_output().unwrap()).failed(1), &["cargo cannot start to compile"]);
    }
    assert_same(&source, Path::new(SOURCE));
    assert!(runtime.join("Cargo.toml").is_file());
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_the_option() {
    let installed = Installed::new();
    let option = "`nn` compiles networks there: name another folder with `--target-dir FOLDER`";
    fs::write(installed.path("home/.cache"), "").unwrap();
    assert_contains(&Installed::fails(installed.train()), &["home/.cache/nn/", ": Not a directory; ", option]);
    let limited = ["-c", "ulimit -f 1; exec ../nn train xor.nn --find-lr --target-dir ../full", "sh"];
    assert_contains(&Installed::fails(installed.command("sh", &limited)), &["File too large; ", option]);
    assert_eq!(names(&installed.path("user")), ["xor.nn"]);
}
