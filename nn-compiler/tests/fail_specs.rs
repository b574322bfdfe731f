//! Specs that must not compile: `specs/fail/<stage>/*.nn`, each with its diagnostics.
//!
//! A mark is a comment under the place of the mistake:
//!
//! ```text
//!     output y = x -> desne(1);
//! //                  ^^^^^ error[NN0101]: there is no layer `desne`
//! ```
//!
//! `|` marks an empty place, just before its column; `^^^..+2:4` a place that ends two lines further down,
//! before column 4. A mark for the first two columns cannot be under its place: it is in the
//! first lines of the file, as `//@ LINE:COLUMN..COLUMN error[…]: …`, lines and columns counted from 1 and
//! without the lines of marks. Code, place, level and text must match, and nothing else may be reported.
//!
//! `NN_BLESS=1` rewrites the marks.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::compile;
use nn_compiler::diagnostic::code::Stage;
use nn_compiler::diagnostic::{Diagnostic, Edit, Level, code, render};
use nn_compiler::span::Span;
use nn_compiler::syntax::{MAX_BYTES, MAX_DEPTH, text_of};

/// Codes that no spec in a file shows: those of texts that are generated below.
const ELSEWHERE: [code::Code; 2] = [code::TOO_LONG, code::NOT_TEXT];

/// Every spec, in order.
fn specs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/fail");
    let mut specs = Vec::new();
    for stage in Stage::ALL {
        let files = fs::read_dir(folder.join(stage.name())).expect("every stage has a folder");
        specs.extend(files.map(|file| file.expect("a folder can be listed").path()));
    }
    specs.sort();
    specs
}

/// A line that is a mark, not part of the spec.
fn is_mark(line: &str) -> bool {
    let marks = |rest: &str| {
        rest.trim_start().starts_with(['^', '|']) && (rest.contains(" error[") || rest.contains(" warning["))
    };
    line.starts_with("//@ ") || line.strip_prefix("//").is_some_and(marks)
}

/// The spec without its marks.
fn unmarked(marked: &str) -> String {
    marked.split_inclusive('\n').filter(|line| !is_mark(line)).collect()
}

/// Line and column of a byte, from 0.
fn position(text: &str, at: usize) -> (usize, usize) {
    let line = text[..at].matches('\n').count();
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    (line, text[start..at].chars().count())
}

/// The text of a mark after its place.
fn words(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    format!("{level}[{}]: {}", diagnostic.code, diagnostic.message)
}

/// The mark of a diagnostic for the line under its place; the line for the top if there is no space.
fn mark(text: &str, diagnostic: &Diagnostic) -> Result<String, String> {
    let Span { start, end } = diagnostic.span;
    let ((line, column), (last_line, last_column)) = (position(text, start), position(text, end));
    let words = words(diagnostic);
    if column < 2 {
        let down = if last_line > line { format!("+{}:", last_line - line) } else { String::new() };
        return Err(format!("//@ {}:{}..{down}{} {words}\n", line + 1, column + 1, last_column + 1));
    }
    let width = text[start..end].lines().next().unwrap_or_default().chars().count();
    let mut place = if start == end { "|".to_string() } else { "^".repeat(width) };
    if last_line > line {
        let _ = write!(place, "..+{}:{}", last_line - line, last_column + 1);
    }
    Ok(format!("//{}{place} {words}\n", " ".repeat(column - 2)))
}

/// The spec with the marks of what is reported about it.
fn marked(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut top = String::new();
    for diagnostic in diagnostics {
        let (line, _) = position(text, diagnostic.span.start);
        let line = line.min(lines.len().saturating_sub(1));
        match mark(text, diagnostic) {
            Ok(mark) => lines[line].push_str(&mark),
            Err(mark) => top.push_str(&mark),
        }
    }
    top + &lines.concat()
}

#[test]
fn every_spec_fails_as_marked() {
    let bless = std::env::var_os("NN_BLESS").is_some();
    let mut wrong = String::new();
    for path in specs() {
        let expected = fs::read_to_string(&path).expect("a spec is text");
        let text = unmarked(&expected);
        let found = marked(&text, &compile(&text).diagnostics);
        if found == expected {
            continue;
        }
        if bless {
            fs::write(&path, &found).expect("a spec can be written");
            continue;
        }
        let _ = writeln!(wrong, "{}", path.display());
        let differs = |lines: &str, sign: &str, others: &str| -> String {
            let missing = lines.lines().filter(|line| is_mark(line) && !others.lines().any(|other| other == *line));
            missing.map(|line| format!("  {sign} {line}\n")).collect()
        };
        wrong += &differs(&expected, "-", &found);
        wrong += &differs(&found, "+", &expected);
    }
    assert!(wrong.is_empty(), "\nmarks that differ (- in the file, + reported):\n{wrong}");
}

/// The specs of the folder `lints` compile with warnings, all others do not compile.
#[test]
fn every_spec_has_an_error_and_no_output() {
    for path in specs() {
        let text = unmarked(&fs::read_to_string(&path).expect("a spec is text"));
        let outcome = compile(&text);
        let only_warns = path.parent().is_some_and(|folder| folder.ends_with(Stage::Lints.name()));
        assert_eq!(outcome.compiled.is_some(), only_warns, "{}", path.display());
        assert!(!outcome.diagnostics.is_empty(), "{} is fine", path.display());
    }
}

/// The level of a diagnostic is that of its code.
#[test]
fn levels_are_those_of_the_registry() {
    for path in specs() {
        let text = unmarked(&fs::read_to_string(&path).expect("a spec is text"));
        for diagnostic in compile(&text).diagnostics {
            assert_eq!(diagnostic.level, diagnostic.code.entry().level(), "{}", diagnostic.code);
        }
    }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.level == Level::Error
}

/// The edits of `nn check --fix`, applied until none is left: a spec whose mistakes all have a certain remedy
/// then compiles, and no other spec gets a new mistake.
#[test]
fn certain_suggestions_lead_to_a_spec_that_compiles() {
    let (mut wrong, mut fixed) = (String::new(), 0);
    for path in specs() {
        let text = unmarked(&fs::read_to_string(&path).expect("a spec is text"));
        let before = compile(&text).diagnostics;
        let is_certain = |found: &Diagnostic| found.suggestions.iter().any(|suggestion| suggestion.is_certain);
        let (mended, count) = nn_compiler::fix(&text);
        let after = compile(&mended).diagnostics;
        fixed += count;
        if count > 0 && before.iter().all(is_certain) && after.iter().any(is_error) {
            let _ = writeln!(wrong, "{}, mended, still has", path.display());
            after.iter().for_each(|after| wrong += &format!("    {}\n", words(after)));
        }
        if after.iter().any(is_certain) {
            let _ = writeln!(wrong, "{} is not mended to the end:\n{mended}", path.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(fixed >= 100, "only {fixed} suggestions are certain");
}

#[test]
fn every_code_has_a_spec() {
    let mut seen: BTreeSet<code::Code> = ELSEWHERE.into();
    for path in specs() {
        let text = unmarked(&fs::read_to_string(&path).expect("a spec is text"));
        seen.extend(compile(&text).diagnostics.iter().map(|diagnostic| diagnostic.code));
    }
    let missing: Vec<_> = code::ALL.iter().map(|entry| entry.code).filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "no spec shows {missing:?}");
}

/// The text with edits applied.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let mut result = text.to_owned();
    for edit in edits.iter().rev() {
        result.replace_range(edit.span.range(), &edit.text);
    }
    result
}

/// A suggestion must not lead to the same mistake, or to more mistakes.
#[test]
fn every_suggestion_mends_its_mistake() {
    let mut wrong = String::new();
    for path in specs() {
        let text = unmarked(&fs::read_to_string(&path).expect("a spec is text"));
        let diagnostics = compile(&text).diagnostics;
        let syntax = |diagnostics: &[Diagnostic]| diagnostics.iter().any(|diagnostic| diagnostic.code.number() < 100);
        for diagnostic in &diagnostics {
            for suggestion in &diagnostic.suggestions {
                let after = compile(&edited(&text, &suggestion.edits)).diagnostics;
                let same = |other: &&Diagnostic| other.code == diagnostic.code && other.message == diagnostic.message;
                let before = diagnostics.iter().filter(same).count();
                // Fixing a syntax error may reveal errors that it hid; fixing all errors may reveal warnings.
                let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|found| is_error(found)).count();
                let more =
                    !syntax(&diagnostics) && errors(&after) > errors(&diagnostics) - usize::from(is_error(diagnostic));
                if more || after.iter().filter(same).count() >= before {
                    let _ = writeln!(wrong, "{}: {}", path.display(), suggestion.message);
                    after.iter().for_each(|after| wrong += &format!("    still {}\n", words(after)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\nsuggestions that do not mend:\n{wrong}");
}

/// Every diagnostic can be rendered, in plain text and in colour.
#[test]
fn every_diagnostic_is_rendered() {
    for path in specs() {
        let text = unmarked(&fs::read_to_string(&path).expect("a spec is text"));
        for diagnostic in compile(&text).diagnostics {
            for color in [false, true] {
                let shown = render::render(&diagnostic, "spec.nn", &text, color);
                assert!(shown.contains(&diagnostic.message), "{}: {shown}", path.display());
            }
        }
    }
}

/// Codes, places and messages of a text without a file.
fn reported(text: &str) -> Vec<(code::Code, Span, String)> {
    let diagnostics = compile(text).diagnostics;
    diagnostics.into_iter().map(|diagnostic| (diagnostic.code, diagnostic.span, diagnostic.message)).collect()
}

#[test]
fn bytes_that_are_not_text_are_refused() {
    let cases: [(&[u8], usize, &str); 5] = [
        (b"\0", 0, "the spec is not text: byte 0 is a NUL"),
        (b"network A {\0}", 11, "the spec is not text: byte 11 is a NUL"),
        (b"\x7FELF\x02\x01\x01", 0, "the spec is not text: byte 0 is the control character 0x7F"),
        (b"network \xFF\xFE {}", 8, "the spec is not text: byte 8 is 0xFF, which is not UTF-8"),
        (b"\xFF\xFEn\0e\0t\0", 0, "the spec is not text: byte 0 is 0xFF, which is not UTF-8"),
    ];
    for (bytes, at, message) in cases {
        let error = text_of(bytes).expect_err("the bytes are not text");
        assert_eq!((error.code, error.span, error.message.as_str()), (code::NOT_TEXT, Span::new(at, at), message));
        if let Ok(text) = std::str::from_utf8(bytes) {
            assert_eq!(reported(text), [(code::NOT_TEXT, Span::new(at, at), message.to_owned())]);
        }
    }
}

/// Bytes like those of a compressed file, from a simple generator.
#[test]
fn binary_garbage_is_refused() {
    let mut state = 1u32;
    let mut garbage = Vec::new();
    for _ in 0..100_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        garbage.push((state >> 24) as u8);
    }
    assert_eq!(text_of(&garbage).map_err(|error| error.code), Err(code::NOT_TEXT));
    let lossy = String::from_utf8_lossy(&garbage);
    assert_eq!(reported(&lossy).len(), 1);
}

#[test]
fn a_spec_of_ten_megabytes_is_refused() {
    let expected = [(code::TOO_LONG, Span::default(), format!("the spec is longer than {MAX_BYTES} bytes"))];
    for piece in ["x", "(", "network A { ", "// comment\n", "[0, 1] => [1];\n", "\u{e9}"] {
        let text = piece.repeat(10_000_000 / piece.len());
        assert_eq!(reported(&text), expected);
    }
}

#[test]
fn a_spec_nested_a_hundred_deep_is_refused() {
    let message = format!("brackets are nested deeper than {MAX_DEPTH} levels");
    let deep = |open: &str, close: &str| (open.repeat(100), close.repeat(100));
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("dense(", ")"), ("add(", ", x)")] {
        let (open, close) = deep(open, close);
        let text = format!("network A {{\n    input x: [1];\n    output y = x -> dense({open}1{close});\n}}\n");
        let found = reported(&text);
        let [(code, span, words)] = &found[..] else { panic!("{open}: {found:?}") };
        assert_eq!((*code, words.as_str()), (code::TOO_DEEP, message.as_str()), "{open}");
        assert_eq!(position(&text, span.start).0, 2, "the place is in the line of the brackets");
    }
}

/// A text without a network gives that error and no other.
#[test]
fn an_empty_file_gets_an_example_of_a_network() {
    for text in ["", "\n\n", "\u{FEFF}", "// nothing but a comment\n", "/// docs\n"] {
        let nn_compiler::Outcome { ast, compiled, diagnostics, .. } = compile(text);
        assert!(ast.is_none() && compiled.is_none());
        let [diagnostic] = &diagnostics[..] else { panic!("{text:?}: {diagnostics:?}") };
        assert_eq!((diagnostic.code, diagnostic.message.as_str()), (code::EMPTY, "there is no network here"));
        assert!(diagnostic.notes[0].contains("network Line { input x: [1]; output y = x -> dense(1); }"));
    }
}
