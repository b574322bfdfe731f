//! What no text may do to the compiler: make it panic, point outside the text, generate invalid Rust,
//! or keep it busy for long.
//!
//! The texts are the specs of the repository with random mutations, and specs of the largest size that are meant
//! to be hard. The times are shown by
//! `cargo test --profile bench -p nn-compiler --test robust hard -- --nocapture`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use nn_compiler::codegen::{self, Options};
use nn_compiler::diagnostic::render::{in_words, render};
use nn_compiler::diagnostic::{Diagnostic, Level};
use nn_compiler::format::format;
use nn_compiler::span::Span;
use nn_compiler::syntax::MAX_BYTES;
use nn_compiler::{Outcome, compile};
use proptest::prelude::*;
use proptest::sample::Index;
use quote::quote;

/// Every place in a diagnostic.
fn places(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    let edits = diagnostic.suggestions.iter().flat_map(|suggestion| &suggestion.edits).map(|edit| edit.span);
    diagnostic.labels.iter().map(|(span, _)| *span).chain(edits).chain([diagnostic.span])
}

/// Compiles a text, and checks what must hold for every result.
fn examine(text: &str) -> Outcome {
    let outcome = compile(text);
    for diagnostic in &outcome.diagnostics {
        for span in places(diagnostic) {
            assert!(text.get(span.range()).is_some(), "{span:?} of {diagnostic:?} in {text:?}");
        }
        assert!(render(diagnostic, "spec.nn", text, true).ends_with('\n'));
        assert!(in_words(diagnostic, text).contains(&diagnostic.message));
    }
    assert!(outcome.compiled.is_some() || !outcome.diagnostics.is_empty(), "no network and no reason: {text:?}");
    outcome
}

/// The generated code of a network is valid Rust.
fn is_rust(outcome: &Outcome) {
    let Some(compiled) = &outcome.compiled else { return };
    let tokens = codegen::emit(compiled, &Options { runtime: quote!(::nn_runtime), ..Options::default() });
    if let Err(error) = syn::parse2::<syn::File>(tokens) {
        panic!("{error} in the Rust of {}", compiled.text);
    }
}

/// The same checks, also after the proposed edits and after formatting.
fn survives(text: &str) {
    is_rust(&examine(text));
    let (mended, _) = nn_compiler::fix(text);
    examine(&mended);
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_ref(), Ok(&once), "the layout changes the second time: {text:?}");
    }
}

/// The texts of all specs, including those that must fail.
static SPECS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")];
    let mut specs = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of specs can be listed") {
            let path = entry.expect("a folder of specs can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "nn") {
                specs.extend(fs::read_to_string(path));
            }
        }
    }
    specs.sort();
    specs
});

/// Words, numbers, and single characters, including whitespace.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut goes_on = false;
    for letter in text.chars() {
        let is_word = letter.is_alphanumeric() || letter == '_';
        match tokens.last_mut().filter(|_| is_word && goes_on) {
            Some(token) => token.push(letter),
            None => tokens.push(letter.to_string()),
        }
        goes_on = is_word;
    }
    tokens
}

/// A random change of the tokens of a spec.
#[derive(Clone, Debug)]
enum Mutation {
    Delete(Index, usize),
    Duplicate(Index, usize),
    Swap(Index, Index),
    Insert(Index, String),
    Replace(Index, String),
    /// Inserts tokens of another spec.
    Splice(Index, Index, Index, usize),
    /// Removes a byte, even if the rest is not UTF-8.
    Tear(Index),
}

fn token() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "network",
        "input",
        "output",
        "block",
        "train",
        "data",
        "const",
        "assert",
        "expect",
        "freeze",
        "allow",
        "in",
        "out",
        "x",
        "y",
        "add",
        "concat",
        "multiply",
        "dense",
        "relu",
        "softmax",
        "batch_norm",
        "dropout",
        "normalize",
        "flatten",
        "reshape",
        "loss",
        "optimizer",
        "mse",
        "cross_entropy",
        "adam",
        "sgd",
        "params",
        "memory",
        "batch",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ";",
        ":",
        ",",
        "=",
        "->",
        "=>",
        "*",
        "+",
        "-",
        "<=",
        "\"",
        "//",
        "/*",
        "*/",
        "\n",
        "0",
        "1",
        "2",
        "64",
        "0.5",
        "1e-3",
        "1e300",
        "4096",
        "9999999999999999999",
        "true",
        "false",
        "é",
        "→",
        "\u{301}",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,3}"]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 1..20usize).prop_map(|(at, count)| Mutation::Delete(at, count)),
        (at(), 1..40usize).prop_map(|(at, count)| Mutation::Duplicate(at, count)),
        (at(), at()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        (at(), token()).prop_map(|(at, token)| Mutation::Insert(at, token)),
        (at(), token()).prop_map(|(at, token)| Mutation::Replace(at, token)),
        (at(), at(), at(), 1..60usize).prop_map(|(at, spec, from, count)| Mutation::Splice(at, spec, from, count)),
        at().prop_map(Mutation::Tear),
    ]
}

fn mutate(tokens: &mut Vec<String>, mutation: &Mutation) {
    let length = tokens.len();
    let place = |at: &Index| at.index(length + 1);
    let range = |at: &Index, count: usize| place(at)..(place(at) + count).min(length);
    match mutation {
        Mutation::Delete(at, count) => drop(tokens.drain(range(at, *count))),
        Mutation::Duplicate(at, count) => {
            let copy = tokens[range(at, *count)].to_vec();
            tokens.splice(place(at)..place(at), copy);
        }
        Mutation::Swap(a, b) if length > 0 => tokens.swap(a.index(length), b.index(length)),
        Mutation::Swap(..) => {}
        Mutation::Insert(at, token) => tokens.insert(place(at), token.clone()),
        Mutation::Replace(at, token) => drop(tokens.splice(range(at, 1), [token.clone()])),
        Mutation::Splice(at, spec, from, count) => {
            let other = self::tokens(&SPECS[spec.index(SPECS.len())]);
            let from = from.index(other.len().max(1));
            tokens.splice(place(at)..place(at), other.into_iter().skip(from).take(*count));
        }
        Mutation::Tear(at) => {
            let mut bytes = tokens.concat().into_bytes();
            if !bytes.is_empty() {
                bytes.remove(at.index(bytes.len()));
            }
            *tokens = self::tokens(&String::from_utf8_lossy(&bytes));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn mutated_specs_do_no_harm(spec in any::<Index>(), mutations in prop::collection::vec(mutation(), 1..6)) {
        let mut tokens = tokens(&SPECS[spec.index(SPECS.len())]);
        mutations.iter().for_each(|mutation| mutate(&mut tokens, mutation));
        survives(&tokens.concat());
    }
}

#[test]
fn specs_do_no_harm() {
    SPECS.iter().for_each(|spec| survives(spec));
}

/// A text that is hard because of its length: `part` again and again, the number of each in place of its `#`.
struct Hard {
    kind: &'static str,
    before: &'static str,
    part: &'static str,
    after: &'static str,
    /// The code of the first error, empty if it compiles.
    code: &'static str,
}

impl Hard {
    fn text(&self, bytes: usize) -> String {
        let Self { before, part, after, .. } = self;
        let mut text = (*before).to_owned();
        for number in 0.. {
            let part = part.replace('#', &format!("{number:x}"));
            if text.len() + part.len() + after.len() > bytes {
                break;
            }
            text += &part;
        }
        text + after
    }
}

/// The lines of a table: kind, before, part, after, code.
macro_rules! hard {
    ($($kind:literal: $before:expr, $part:literal, $after:literal, $code:literal;)*) => {
        &[$(Hard { kind: $kind, before: $before, part: $part, after: $after, code: $code }),*]
    };
}

macro_rules! start {
    ($rest:literal) => {
        concat!("network A { input x: [1]; output y = x -> dense(1); ", $rest)
    };
}

macro_rules! train {
    ($rest:literal) => {
        concat!(start!("train { loss: mse; optimizer: sgd; "), $rest)
    };
}

macro_rules! data {
    ($rest:literal) => {
        concat!(train!("} data { "), $rest)
    };
}

macro_rules! chain {
    ($rest:literal) => {
        concat!("network A { input x: [1]; output y = ", $rest)
    };
}

const HARD: &[Hard] = hard! {
    "unused values": start!(""), "v#=x;", "}", "NN0104";
    "unused layers": start!(""), "v#=x->relu;", "}", "NN0210";
    "values in a row": chain!("v;v0=x;"), "v#=w#;w#=v#;", "}", "NN0102";
    "bindings of one name": "network A { input x: [1]; v=x;", "v=v->relu;", "output y=v;}", "NN0103";
    "values without end": start!(""), "v#=w#;w#=v#;", "}", "NN0111";
    "unknown values": start!(""), "v#=w#;", "}", "NN0102";
    "unknown long values": start!(""),
        "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv#=wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww#;", "}", "NN0102";
    "near values": start!(""), "a_rather_long_name_#=a_rather_long_nane_#;", "}", "NN0102";
    "unknown layers": start!(""), "v#=x->w#;", "}", "NN0101";
    "unknown layers in a chain": chain!("x"), "->w#", "; }", "NN0101";
    "one name for all": start!(""), "v=x;", "}", "NN0104";
    "links": chain!("x"), "->relu", "; }", "NN0210";
    "links that learn": chain!("x"), "->dense(1)", "; }", "NN0210";
    "links in lines": chain!("x"), "\n->dense(1)", "; }", "NN0210";
    "links that do not fit": chain!("x"), "->dense(1)->reshape([7])", "; }", "NN0302";
    "links repeated": chain!("x"), "->relu*9999", "; }", "NN0210";
    "merged values": chain!("add(x"), ",x", "); }", "NN0211";
    "merged merges": chain!("add(x"), ",add(x,x)", "); }", "NN0211";
    "merges of one name": "network A { input x: [1]; v=x;", "v=concat(v,v);", "output y=v;}", "NN0103";
    "inputs": "network A { ", "input x#:[1];", "output y=x0->dense(1);}", "NN0114";
    "outputs": "network A { input x:[1]; ", "output y#=x->dense(1);", "}", "NN0114";
    "constants": start!(""), "const c#=1;", "}", "";
    "constants without end": start!(""), "const c#=d#;const d#=c#;", "}", "NN0105";
    "sums": start!("const c = 1"), "+1", "; }", "NN0005";
    "short sums": start!(""), "const c#=1+1+1+1+1;", "}", "";
    "arguments": chain!("x->dense(1"), ",1", "); }", "NN0203";
    "named arguments": chain!("x->dense(1"), ",n#:1", "); }", "NN0201";
    "one argument": chain!("x->dense(1"), ",bias:true", "); }", "NN0204";
    "dimensions": "network A { input x: [1", ",1", "]; output y = x; }", "";
    "dimensions of reshape": chain!("x -> reshape([1"), ",1", "]); }", "";
    "list": start!("const c = [1"), ",1", "]; }", "NN0206";
    "long row": data!("[1"), ",1", "] => [1]; } }", "NN0501";
    "rows": data!(""), "[1]=>[1];", "} }", "";
    "wrong rows": data!(""), "[1,2]=>[1];", "} }", "NN0501";
    "rows of names": data!(""), "[n#]=>[m#];", "} }", "NN0105";
    "columns": data!("csv: \"a\"; columns: [n"), ",n#", "]; } }", "NN0403";
    "settings": train!(""), "batch:1;", "} }", "NN0402";
    "unknown settings": train!(""), "n#:1;", "} }", "NN0401";
    "metrics": train!("metrics: [mae"), ",mae", "]; } }", "";
    "trainings": start!(""), "train{loss:mse;optimizer:sgd;}", "}", "NN0417";
    "budgets": start!(""), "assert params<1;", "}", "NN0602";
    "budgets that hold": start!(""), "assert params<9;", "}", "";
    "expectations": start!(""), "expect mae<1;", "}", "NN0418";
    "frozen values": start!(""), "freeze y;", "}", "NN0420";
    "unknown frozen values": train!("} "), "freeze y#;", "}", "NN0416";
    "lints": start!("allow(linear_stack"), ",linear_stack", "); }", "";
    "unknown lints": start!("allow(linear_stack"), ",n#", "); }", "NN0113";
    "blocks": start!(""), "block b_#=relu;", "}", "NN0109";
    "blocks that are used": start!(""), "block b_#=relu;v#=x->b_#;", "}", "NN0210";
    "blocks without end": start!(""), "block b_#=c_#;block c_#=b_#;", "}", "NN0109";
    "blocks with statements": start!(""), "block b_#{out=in;}", "}", "NN0109";
    "statements of a block": start!("block b {"), "v#=in;", "out=in;} }", "NN0109";
    "parameters": start!("block b(n"), ",n#", ") = relu; }", "NN0109";
    "open parentheses": "", "(", "", "NN0005";
    "open braces": "network A ", "{", "", "NN0005";
    "open lists": "network A { const c = ", "[", "", "NN0005";
    "closed parentheses": "network A { ", ")", "}", "NN0001";
    "arrows": "network A { v = x", "->", "; }", "NN0106";
    "arrows alone": "", "->", "", "NN0001";
    "semicolons": "network A { ", ";", "}", "NN0106";
    "semicolons alone": "", ";", "", "NN0001";
    "strings": "network A { ", "\"", "}", "NN0002";
    "strings in lines": "network A { ", "\"\n", "}", "NN0002";
    "open comment": "network A { } /*", "x", "", "NN0002";
    "open comments": "network A { ", "/*", "", "NN0005";
    "comments": start!(""), "// a comment\n", "}", "";
    "docs": "", "/// a comment\n", "network A { }", "NN0106";
    "negations": start!("const c = "), "-", "1; }", "NN0005";
    "sums in parentheses": start!(""), "const c#=((((1+1)+1)+1)+1);", "}", "";
    "a long name": "", "n", "", "NN0001";
    "a long name of a network": "network ", "N", "{ }", "NN0106";
    "a long number": start!("const c = "), "9", "; }", "NN0003";
    "a long fraction": start!("const c = 0."), "9", "; }", "";
    "a long string": data!("csv: \""), "a", "\"; } }", "NN0403";
    "whitespace": start!(""), " ", "}", "";
    "empty lines": start!(""), "\n", "}", "";
    "letters of two bytes": start!(""), "é", "}", "NN0001";
    "marks on letters": start!(""), "\u{301}", "}", "NN0001";
    "networks": "", "network A { }", "", "NN0008";
};

/// Blocks, each of which uses the one before it, `#`.
fn nested(count: usize, first: &str, next: &str, last: &str) -> String {
    let mut text = format!("network A {{ input x: [1]; block b_0 = {first};");
    let before = |part: &str, number: usize| part.replace('#', &format!("b_{number}"));
    for number in 1..count {
        let _ = write!(text, " block b_{number} = {};", before(next, number - 1));
    }
    text + &format!(" output y = x -> {}; }}", before(last, count - 1))
}

/// Checks, renders and formats a hard text, prints how long that takes, and returns the code of the first error;
/// empty if it compiles.
fn answer(kind: &str, text: &str) -> String {
    let start = Instant::now();
    let outcome = compile(text);
    let checked = start.elapsed();
    for diagnostic in &outcome.diagnostics {
        render(diagnostic, "spec.nn", text, false);
    }
    let shown = start.elapsed();
    let _ = format(text);
    let times = [checked, shown - checked, start.elapsed() - shown].map(|time| time.as_millis());
    println!("{kind:26} check {:5} ms, show {:5} ms, format {:5} ms", times[0], times[1], times[2]);
    let error = outcome.diagnostics.iter().find(|diagnostic| diagnostic.level == Level::Error);
    assert_eq!(error.is_none(), outcome.compiled.is_some(), "{kind}");
    error.map_or(String::new(), |error| error.code.to_string())
}

/// Texts of the largest size; the times are only printed.
#[test]
fn hard_texts_are_answered() {
    let answers = HARD.iter().map(|hard| (hard, answer(hard.kind, &hard.text(MAX_BYTES))));
    let wrong: Vec<_> =
        answers.filter(|(hard, code)| code != hard.code).map(|(hard, code)| (hard.kind, code)).collect();
    assert_eq!(wrong, []);
}

#[test]
fn nested_blocks_are_answered() {
    for (kind, text, code) in [
        ("blocks in blocks", nested(60, "relu", "# -> #", "#"), "NN0210"),
        ("blocks often in blocks", nested(60, "dense(1)", "# * 4096", "# * 4096"), "NN0210"),
        ("a layer often", nested(2, "dense(1) * 4096", "# * 4096", "#"), "NN0210"),
        ("blocks that are not used", nested(60, "relu", "# -> #", "relu"), "NN0109"),
        ("wrong blocks in blocks", nested(60, "b", "# -> #", "#"), "NN0101"),
        ("blocks deep in blocks", nested(5_000, "relu", "#", "#"), "NN0005"),
    ] {
        assert_eq!(answer(kind, &text), code, "{kind}");
    }
}
