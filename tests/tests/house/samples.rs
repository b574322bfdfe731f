//! Small sources on which each rule must find what it is for, and nothing else.

use crate::arms::{self, Rules};
use crate::imports;
use crate::lengths::{self, Most};
use crate::modules::Crate;
use crate::order;
use crate::sources::Source;
use crate::wording;

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source::new(&format!("sample/src/{path}"), text)).collect()
}

/// The cycles of a crate, as `a.rs b.rs`.
fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let sample = Crate::new(&sources, "sample/src/lib.rs");
    let name = |&file: &usize| sample.files[file].path["sample/src/".len()..].to_owned();
    let cycles = imports::cycles(&imports::between_files(&sample));
    cycles.iter().map(|cycle| cycle.iter().map(name).collect::<Vec<_>>().join(" ")).collect()
}

const ROOT: (&str, &str) = ("lib.rs", "mod a;\nmod b;");

#[test]
fn two_files_that_import_each_other_are_a_cycle() {
    let b = ("b.rs", "pub struct B;\nfn a() { crate::a::A; }");
    assert_eq!(cycles(&[ROOT, ("a.rs", "use crate::b::B;\npub struct A(B);"), b]), ["a.rs b.rs"]);
    assert_eq!(cycles(&[ROOT, ("a.rs", "use super::b;\npub struct A(b::B);"), b]), ["a.rs b.rs"]);
    assert_eq!(cycles(&[ROOT, ("a.rs", "pub struct A;\nfn b() { vec![super::b::B]; }"), b]), ["a.rs b.rs"]);
    assert_eq!(cycles(&[ROOT, ("a.rs", "use crate::b::*;\npub struct A(B);"), b]), ["a.rs b.rs"]);
    assert_eq!(cycles(&[ROOT, ("a.rs", "pub struct A;"), b]), [""; 0]);
}

#[test]
fn what_a_macro_defines_counts() {
    let a = ("a.rs", "macro_rules! both { () => {} }\npub(crate) use both;\nuse crate::b::B;");
    assert_eq!(cycles(&[ROOT, a, ("b.rs", "pub struct B;\ncrate::a::both!();")]), ["a.rs b.rs"]);
    let a = ("a.rs", "items! { A }\nuse crate::b::B;");
    assert_eq!(cycles(&[ROOT, a, ("b.rs", "pub struct B;\nuse crate::a::A;")]), ["a.rs b.rs"]);
}

#[test]
fn an_item_of_the_parent_is_an_import_of_the_parent() {
    let b = ("b.rs", "pub struct B;");
    let a = ("a/mod.rs", "mod part;\npub struct Whole(part::Part);");
    assert_eq!(cycles(&[ROOT, a, b, ("a/part.rs", "use super::Whole;\npub struct Part;")]), ["a/mod.rs a/part.rs"]);
    assert_eq!(cycles(&[ROOT, a, b, ("a/part.rs", "pub struct Part;")]), [""; 0]);
}

#[test]
fn a_re_export_leads_to_the_definition() {
    let a = ("a/mod.rs", "mod one;\nmod two;\npub use one::One;\npub use two::Two;");
    let one = ("a/one.rs", "use super::Two;\npub struct One;");
    let b = ("b.rs", "use crate::a::One;");
    assert_eq!(cycles(&[ROOT, a, b, one, ("a/two.rs", "pub struct Two;")]), [""; 0]);
    assert_eq!(cycles(&[ROOT, a, b, one, ("a/two.rs", "use super::One;\npub struct Two;")]), ["a/one.rs a/two.rs"]);
    let a = ("a/mod.rs", "mod one;\nmod two;\npub use one::One;\npub use two::Two;\nfn f() { One; }\npub struct Own;");
    let one = ("a/one.rs", "use super::Own;\npub struct One;");
    assert_eq!(cycles(&[ROOT, a, b, one, ("a/two.rs", "pub struct Two;")]), ["a/mod.rs a/one.rs"]);
}

#[test]
fn tests_and_generated_code_import_what_they_like() {
    let b = ("b.rs", "pub struct B;\nfn a() { crate::a::A; }");
    let a = "pub struct A;\n#[cfg(test)]\nmod tests { use crate::b::B; }\n#[cfg(test)]\nmod more;";
    let more = ("a/more.rs", "use crate::b::B;");
    assert_eq!(cycles(&[ROOT, ("a.rs", a), more, b]), [""; 0]);
    assert_eq!(cycles(&[ROOT, ("a.rs", "pub struct A;\nfn f() { quote! { crate::b::B } }"), b]), [""; 0]);
}

#[test]
fn a_module_may_have_a_path_or_a_generated_file() {
    let root = ("lib.rs", "#[path = \"below/../deep/b.rs\"]\nmod c;\nmod generated;\nfn f() { c::C; }");
    assert_eq!(cycles(&[root, ("deep/b.rs", "pub struct C;\nfn f() { crate::generated::D; }")]), [""; 0]);
    assert_eq!(cycles(&[root, ("deep/b.rs", "pub struct C;\nfn f() { crate::f; }")]), ["lib.rs deep/b.rs"]);
}

#[test]
fn longer_cycles_are_printed_import_by_import() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;"),
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "\nuse crate::c::C;\npub struct B;"),
        ("c.rs", "\n\nuse crate::a::A;\npub struct C;"),
    ];
    let sources = sources(&files);
    let sample = Crate::new(&sources, "sample/src/lib.rs");
    let imports = imports::between_files(&sample);
    let cycles = imports::cycles(&imports);
    assert_eq!(
        imports::describe(&sample, &imports, &cycles[0]),
        "\n    sample/src/a.rs:1 imports sample/src/b.rs\
         \n    sample/src/b.rs:2 imports sample/src/c.rs\
         \n    sample/src/c.rs:3 imports sample/src/a.rs"
    );
}

#[test]
fn imports_point_down_the_table() {
    let files = [
        ROOT,
        ("a.rs", "use crate::b::below::Below;"),
        ("b.rs", "pub mod below;\npub mod beside;"),
        ("b/below.rs", "pub struct Below;"),
        ("b/beside.rs", "use super::below::Below;"),
    ];
    let sources = sources(&files);
    let sample = Crate::new(&sources, "sample/src/lib.rs");
    let keys = |order: &[&[&str]]| -> Vec<String> {
        let found = order::find(&sample, &imports::between_files(&sample), order);
        found.into_iter().map(|finding| finding.key).collect()
    };
    assert_eq!(keys(&[&["b"], &["a"]]), [""; 0]);
    assert_eq!(keys(&[&["a"], &["b"]]), ["upward a -> b"]);
    assert_eq!(keys(&[&["a", "b"]]), ["upward a -> b"]);
    assert_eq!(keys(&[&["b/below"], &["a"], &["b"]]), [""; 0]);
}

/// The lines where a function of `Rules` finds something.
fn lines_of_arms(body: &str) -> Vec<String> {
    let source = Source::new("sample.rs", body);
    let rules = Rules { kinds: &["Op", "Mode"], never_in_matches: &["Op"], never_in_if_let: &["Op"] };
    arms::find(&source, rules).into_iter().map(|finding| finding.text).collect()
}

fn arms(arms: &str) -> usize {
    lines_of_arms(&format!("fn f() {{ match x {{ {arms} }} }}")).len()
}

#[test]
fn a_catch_all_beside_a_kind_is_found() {
    assert_eq!(arms("Op::A => 1, _ => 2"), 1);
    assert_eq!(arms("Op::A => 1, _ if y => 2, Op::B => 3"), 1);
    assert_eq!(arms("Op::A => 1, other => 2"), 1);
    assert_eq!(arms("Some(Op::A { .. }) => 1, Some(_) => 2, None => 3"), 1);
    assert_eq!(arms("(Op::A, true) => 1, (_, y) => 2"), 1);
    assert_eq!(arms("Step { op: Op::A(_), .. } => 1, Step { op, .. } => 2"), 1);
    assert_eq!(arms("&crate::plan::Op::A | &Op::B => 1, _ => 2"), 1);
    assert_eq!(lines_of_arms("impl Op {\n fn f() {\n match x { Self::A => 1,\n _ => 2 } } }").len(), 1);
    assert_eq!(lines_of_arms("fn f() { vec![match x { Op::A => 1, _ => 2 }]; }").len(), 1);
}

#[test]
fn other_matches_may_have_a_catch_all() {
    assert_eq!(arms("Op::A => 1, Op::B => 2"), 0);
    assert_eq!(arms("Other::A => 1, _ => 2"), 0);
    assert_eq!(arms("Some(Op::A) => 1, Some(Op::B) => 2, None => 3"), 0);
    assert_eq!(arms("(Op::A, 1) => 1, (Op::A, _) => 2, (Op::B, _) => 3"), 0);
    assert_eq!(arms("Op::A(x) => 1, op @ Op::B => 2, Op::C { x: _ } => 3"), 0);
    assert_eq!(lines_of_arms("impl Other { fn f() { match x { Self::A => 1, _ => 2 } } }").len(), 0);
}

#[test]
fn hidden_catch_alls_are_found() {
    assert_eq!(
        lines_of_arms("fn f() {\n matches!(x, Some(Op::A) | None if y)\n}"),
        ["sample.rs:2: `matches!` on a kind"]
    );
    assert_eq!(lines_of_arms("fn f() { matches!(x, Mode::Training) }"), [""; 0]);
    assert_eq!(lines_of_arms("fn f() { if let Op::A(x) = y && z {} }"), ["sample.rs:1: `if let` on a kind"]);
    assert_eq!(lines_of_arms("fn f() { let Op::A(x) = y else { return }; }"), ["sample.rs:1: `let … else` on a kind"]);
}

#[test]
fn long_files_and_functions_are_found() {
    let most = Most { file: 7, function: 3 };
    let text = |text: &str| -> Vec<String> {
        lengths::find(&Source::new("a.rs", text), most).into_iter().map(|finding| finding.key).collect()
    };
    assert_eq!(text("fn f() {\n1;\n}\n"), [""; 0]);
    assert_eq!(text("impl A {\n/// Counts from `fn`.\nfn g() {\n1;\n2;\n}\n}\n"), ["long a.rs: g"]);
    assert_eq!(text("macro_rules! m { () => {\nfn h() {\n1;\n2;\n}\n} }\n"), ["long a.rs: h"]);
    assert_eq!(text("\n\n\n\n\n\n\n\n"), ["long a.rs"]);
}

/// The lines with an avoided phrase.
fn wording(text: &str) -> String {
    let finding = wording::find(&Source::new("nn-compiler/src/sample.rs", text));
    finding.map_or(String::new(), |finding| finding.text)
}

#[test]
fn comments_and_strings_are_in_plain_words() {
    assert_eq!(
        wording::texts("a(\"b\\\"c\") // d\n'\"' r#\"e\"f\"#"),
        [(1, "\"b\\\"c\""), (1, "// d"), (2, "r#\"e\"f\"#")]
    );
    assert!(wording("// This can not be.\nfn f() {}").contains("line 1: `can not`"));
    assert!(wording("/// Doc.\nfn f() -> &'static str {\n    \"`a` is no `b`\"\n}").contains("line 3: `is no`"));
    for fine in
        ["// there is no `a`", "// it is no longer there", "// `stand`", "fn stand() {}", "// standard {stands}"]
    {
        assert_eq!(wording(fine), "", "{fine}");
    }
}
