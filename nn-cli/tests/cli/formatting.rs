//! `nn fmt`: in place, checked, and from the standard input.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::common::{Folder, Ran, assert_contains};

const UNFORMATTED: &str = "network   Line{input x:[1] ;output y=x->dense( 1 ) // one\n; }";
const FORMATTED: &str = "network Line {
    input x: [1];
    output y = x -> dense(1); // one
}
";
const BROKEN: &str = "network Line { input x: [1]; output y = x -> -> dense(1); }";

fn stdin(folder: &Folder, arguments: &[&str], text: &str) -> Ran {
    let mut command = folder.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn files_are_formatted_in_place_and_once() {
    let folder = Folder::new("fmt").with("a.nn", UNFORMATTED).with("b.nn", FORMATTED);
    let before = fs::metadata(folder.path("b.nn")).unwrap().modified().unwrap();
    assert_eq!(folder.nn(&["fmt", "a.nn", "b.nn"]).done(), "a.nn: formatted\n");
    assert_eq!(fs::read_to_string(folder.path("a.nn")).unwrap(), FORMATTED);
    assert_eq!(fs::metadata(folder.path("b.nn")).unwrap().modified().unwrap(), before);
    assert_eq!(folder.nn(&["fmt", "a.nn", "b.nn"]).done(), "");
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("fmt_permissions").with("a.nn", UNFORMATTED);
    fs::set_permissions(folder.path("a.nn"), fs::Permissions::from_mode(0o640)).unwrap();
    folder.nn(&["fmt", "a.nn"]).done();
    assert_eq!(fs::metadata(folder.path("a.nn")).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn folders_are_searched() {
    let folder = Folder::new("fmt_folder");
    for inner in ["deep/deeper", ".hidden", "target"] {
        fs::create_dir_all(folder.path(inner)).unwrap();
    }
    let files = ["z.nn", "deep/a.nn", "deep/deeper/b.nn", "notes.txt", ".hidden/c.nn", "target/d.nn"];
    let folder = files.into_iter().fold(folder, |folder, file| folder.with(file, UNFORMATTED));
    let stderr = folder.nn(&["fmt", "."]).done().replace('\\', "/");
    assert_eq!(stderr, "./deep/a.nn: formatted\n./deep/deeper/b.nn: formatted\n./z.nn: formatted\n");
    for file in ["notes.txt", ".hidden/c.nn", "target/d.nn"] {
        assert_eq!(fs::read_to_string(folder.path(file)).unwrap(), UNFORMATTED, "{file}");
    }
    fs::create_dir(folder.path("empty")).unwrap();
    assert_contains(&folder.nn(&["fmt", "empty"]).failed(1), &["there is no `.nn` file in empty"]);
}

#[test]
fn check_writes_nothing_and_shows_what_would_change() {
    let folder = Folder::new("fmt_check").with("a.nn", FORMATTED.replace("[1]", "[ 1 ]")).with("b.nn", FORMATTED);
    let ran = folder.nn(&["fmt", "--check", "a.nn", "b.nn"]);
    let difference =
        "--- a.nn\n+++ a.nn (formatted)\n@@ -1,4 +1,4 @@\n network Line {\n-    input x: [ 1 ];\n+    input x: [1];\n";
    assert_contains(&ran.stdout, &[difference]);
    assert!(!ran.stdout.contains("b.nn"));
    assert_contains(&ran.failed(1), &["1 spec would change"]);
    assert!(fs::read_to_string(folder.path("a.nn")).unwrap().contains("[ 1 ]"));
    assert_eq!(folder.nn(&["fmt", "--check", "b.nn"]).done(), "");
}

#[test]
fn the_standard_input_is_printed_formatted() {
    let folder = Folder::new("fmt_stdin");
    for arguments in [["fmt", "--stdin"], ["fmt", "-"]] {
        assert_eq!(stdin(&folder, &arguments, UNFORMATTED).done(), FORMATTED);
        let ran = stdin(&folder, &arguments, BROKEN);
        assert_eq!(ran.stdout, "");
        assert_contains(&ran.failed(1), &["NN0001", "<stdin>:1:", "<stdin> has 1 error"]);
    }
    assert_contains(&stdin(&folder, &["fmt", "--stdin", "--check"], UNFORMATTED).failed(1), &["1 spec would change"]);
    assert_eq!(stdin(&folder, &["fmt", "--stdin", "--check"], FORMATTED).done(), "");
}

#[test]
fn broken_files_stay_and_the_rest_is_formatted() {
    let noise = [0xFF, 0xFE, 0x00];
    let folder = Folder::new("fmt_broken").with("a.nn", BROKEN).with("b.nn", noise).with("c.nn", UNFORMATTED);
    let ran = folder.nn(&["fmt", "a.nn", "b.nn", "none.nn", "c.nn"]);
    assert_eq!(ran.stdout, "c.nn: formatted\n");
    let expected = ["NN0001", "a.nn:1:", "a.nn has 1 error", "NN0006", "b.nn has 1 error", "cannot read none.nn"];
    assert_contains(&ran.failed(1), &expected);
    assert_eq!(fs::read_to_string(folder.path("a.nn")).unwrap(), BROKEN);
    assert_eq!(fs::read(folder.path("b.nn")).unwrap(), noise);
}

#[test]
fn mistakes_that_are_not_of_syntax_do_not_matter() {
    let folder = Folder::new("fmt_meaning").with("a.nn", "network A{output y=z->nothing(1,);}");
    folder.nn(&["fmt", "a.nn"]).done();
    let text = fs::read_to_string(folder.path("a.nn")).unwrap();
    assert_eq!(text, "network A {\n    output y = z -> nothing(1);\n}\n");
}

#[test]
fn without_a_path_there_is_nothing_to_format() {
    let folder = Folder::new("fmt_usage");
    assert_contains(&folder.nn(&["fmt"]).failed(2), &["<FILE|FOLDER>"]);
    assert_contains(&folder.nn(&["fmt", "--stdin", "a.nn"]).failed(2), &["--stdin"]);
}
