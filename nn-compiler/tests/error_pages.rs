//! The pages of `docs/errors`: each code has one, its example fails with that code and nothing else, and the
//! fixed example compiles without errors and warnings.
//!
//! `NN_BLESS=1` rewrites the index.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::compile;
use nn_compiler::diagnostic::code::{self, Entry, Stage};
use nn_compiler::diagnostic::{Code, Diagnostic, Level};
use nn_compiler::format::format;

/// Codes that no example on a page can show: one of more than 256 KiB, and one that is not text.
const WITHOUT_EXAMPLES: [Code; 2] = [code::TOO_LONG, code::NOT_TEXT];

/// Codes whose example `nn check --fix` fixes, at the least.
const FIXED: usize = 10;

/// The folder of the pages.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors")
}

/// The line below the title: where a code is reported, and how serious it is.
fn subtitle(entry: &Entry) -> String {
    let stage = entry.stage.name();
    match (entry.level(), entry.code.lint()) {
        (Level::Warning, Some(lint)) => format!("*{stage}, warning; silence it by `allow({lint});`*"),
        (Level::Warning, None) => format!("*{stage}, warning*"),
        (Level::Error, _) => format!("*{stage}, error*"),
    }
}

/// The lines between a heading and the next.
fn section<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    Some(rest.split("\n## ").next().unwrap_or(rest))
}

/// The spec in a section that contains nothing else.
fn spec<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    section(page, heading)?.strip_prefix("\n```nn\n")?.trim_end().strip_suffix("```")
}

/// The codes that have examples, with the spec that fails and the fixed one.
fn examples() -> impl Iterator<Item = (&'static Entry, &'static str, &'static str)> {
    let shown = code::ALL.iter().filter(|entry| !WITHOUT_EXAMPLES.contains(&entry.code));
    shown.map(|entry| {
        let example =
            |heading| spec(entry.page, heading).unwrap_or_else(|| panic!("{} has no spec `{heading}`", entry.code));
        (entry, example("Fails"), example("Fixed"))
    })
}

/// The diagnostics of a spec, one per line.
fn said(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|said| format!("    {}: {}\n", said.code, said.message)).collect()
}

#[test]
fn every_page_has_the_form_of_a_page() {
    let mut wrong = String::new();
    for entry in code::ALL {
        let top = format!("# {}: {}\n\n{}\n\n", entry.code, entry.title, subtitle(entry));
        let Some(rest) = entry.page.strip_prefix(&top) else {
            let _ = writeln!(wrong, "{} does not begin with\n{top}", entry.code);
            continue;
        };
        let headings: Vec<&str> = rest.lines().filter(|line| line.starts_with('#')).collect();
        let expected: &[&str] = match WITHOUT_EXAMPLES.contains(&entry.code) {
            true => &[],
            false => &["## Fails", "## Fixed"],
        };
        if headings != expected && headings != [expected, &["## See also"]].concat() {
            let _ = writeln!(wrong, "{} has the headings {headings:?}", entry.code);
        }
        let meaning = rest.split("\n## ").next().unwrap_or_default();
        if meaning.matches(". ").count() + meaning.matches(".\n").count() < 2 {
            let _ = writeln!(wrong, "{} says less than two sentences", entry.code);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_example_fails_with_its_code_alone() {
    let mut wrong = String::new();
    for (entry, fails, _) in examples() {
        let outcome = compile(fails);
        let compiles = outcome.compiled.is_some();
        let is_right =
            matches!(&outcome.diagnostics[..], [only] if only.code == entry.code && only.level == entry.level());
        if !is_right || compiles != (entry.stage == Stage::Lints) {
            let _ = write!(wrong, "{} says\n{}", entry.code, said(&outcome.diagnostics));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_fixed_example_compiles_clean() {
    let mut wrong = String::new();
    for (entry, fails, fixed) in examples() {
        let outcome = compile(fixed);
        if outcome.compiled.is_none() || !outcome.diagnostics.is_empty() || fails == fixed {
            let _ = write!(wrong, "{}, fixed, says\n{}", entry.code, said(&outcome.diagnostics));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Examples have the layout of `nn fmt`, if it can read them.
#[test]
fn every_example_is_laid_out() {
    let mut wrong = String::new();
    for (entry, fails, fixed) in examples() {
        for (which, text) in [("Fails", fails), ("Fixed", fixed)] {
            if format(text).is_ok_and(|formatted| formatted != text) {
                let _ = writeln!(wrong, "{}: `{which}` is laid out otherwise", entry.code);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// If the compiler is certain of what was meant, `nn check --fix` turns the example into a spec that
/// compiles.
#[test]
fn what_is_fixed_compiles() {
    let (mut wrong, mut count) = (String::new(), 0);
    for (entry, fails, _) in examples() {
        let is_certain = |said: &Diagnostic| said.suggestions.iter().any(|suggestion| suggestion.is_certain);
        let (fixed, edits) = nn_compiler::fix(fails);
        if edits == 0 || !compile(fails).diagnostics.iter().all(is_certain) {
            continue;
        }
        let outcome = compile(&fixed);
        if outcome.compiled.is_none() || !outcome.diagnostics.is_empty() {
            let _ = write!(wrong, "{}, fixed to\n{fixed}says\n{}", entry.code, said(&outcome.diagnostics));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= FIXED, "only {count} examples are fixed");
}

/// The table of all codes, by stage.
fn index() -> String {
    let mut index = "# Errors and warnings\n\n\
        Every error and warning has a code. `nn explain NN0301` shows its page in the terminal.\n"
        .to_owned();
    for stage in Stage::ALL {
        let _ = write!(index, "\n## {}\n\n", stage.name());
        index += match stage {
            Stage::Lints => "| code | lint | meaning |\n| --- | --- | --- |\n",
            _ => "| code | meaning |\n| --- | --- |\n",
        };
        for Entry { code, title, .. } in code::ALL.iter().filter(|entry| entry.stage == stage) {
            let lint = code.lint().map_or(String::new(), |lint| format!("`{lint}` | "));
            let _ = writeln!(index, "| [{code}]({code}.md) | {lint}{title} |");
        }
    }
    index
}

#[test]
fn the_index_lists_every_code() {
    let path = folder().join("README.md");
    if std::env::var_os("NN_BLESS").is_some() {
        fs::write(&path, index()).expect("the index can be written");
    }
    assert_eq!(fs::read_to_string(&path).expect("there is an index"), index(), "NN_BLESS=1 rewrites it");
}

#[test]
fn every_page_has_a_code() {
    for file in fs::read_dir(folder()).expect("the folder can be listed") {
        let path = file.expect("the folder can be listed").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("names are text");
        assert!(stem == "README" || Code::parse(stem).is_some(), "{} is the page of no code", path.display());
    }
}
