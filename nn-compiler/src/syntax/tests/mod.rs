//! Exact places and words of the syntax errors, and what the tree holds.

mod limits;

use super::*;
use crate::ast::{Call, Chain, Expr, ExprKind, SettingValue, Source};
use crate::vocabulary::Comparison;

const VALID: &str = r#"
/// Two lines
/// of words.
network Everything {
    const width = 2 * (3 + 1) - -1; // a comment
    input x: [2, width,];
    input image: [1, 28, 28];
    block unit(n) = dense(n, bias: false) -> batch_norm -> relu;
    block residual(n) { inner = in -> unit(n) -> dense(n); out = add(in, inner) -> relu; }
    /// a comment, too
    trunk = x -> unit(width) -> residual(width) * 3 /* nested /* comments */ */ -> leaky_relu(0.01);
    output action = trunk -> dense(4, init: uniform(0.1)) -> softmax;
    output value = concat(trunk, multiply(x, trunk)) -> conv2d(6, kernel: [3, 3], padding: same);
    train {
        loss: cross_entropy(action) + 0.5 * mse(value);
        metrics: [accuracy, mae];
        batch: all;
        early_stopping(monitor: val_loss, patience: 8);
    }
    data { csv: "../data/\"digits\".csv"; columns: ["a", b]; [0, 1], [[1e-3, -2.5E+1]] => [1], 3; }
    assert params <= 3_000;
    assert memory(train) < 4 * 1024;
    expect accuracy == 1.0;
    freeze trunk;
    allow(linear_stack, bias_before_norm);
}
"#;

fn diagnose(text: &str) -> Vec<Diagnostic> {
    let mut sink = Sink::default();
    parse(text, &mut sink);
    sink.into_sorted().0
}

fn tree(text: &str) -> Ast {
    let mut sink = Sink::default();
    let ast = parse(text, &mut sink);
    assert_eq!(sink.into_sorted().0, [], "{text}");
    ast.expect("a text without errors has a tree")
}

fn statement(text: &str) -> StatementKind {
    let mut ast = tree(&format!("network A {{ {text} }}"));
    assert_eq!(ast.statements.len(), 1);
    ast.statements.remove(0).kind
}

/// `a`, `f(…)`, `1` and so on, with parentheses around every operation.
fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Integer(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Call(call) => show_call(call),
        ExprKind::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        ExprKind::Negative(inner) => format!("-{}", show(inner)),
        ExprKind::Binary { operator, left, right } => format!("({}{}{})", show(left), operator.symbol(), show(right)),
    }
}

fn show_call(call: &Call) -> String {
    let arguments = call.arguments.iter().map(|argument| match &argument.name {
        Some(name) => format!("{}: {}", name.text, show(&argument.value)),
        None => show(&argument.value),
    });
    match call.arguments.is_empty() {
        true => call.name.text.clone(),
        false => format!("{}({})", call.name.text, arguments.collect::<Vec<_>>().join(", ")),
    }
}

fn show_source(source: &Source) -> String {
    match source {
        Source::Name(name) => name.text.clone(),
        Source::Merge { name, arguments, .. } => {
            format!("{}({})", name.text, arguments.iter().map(show_source).collect::<Vec<_>>().join(", "))
        }
    }
}

fn show_chain(chain: &Chain) -> String {
    let links = chain.links.iter().map(|link| match &link.times {
        Some(times) => format!("{} * {}", show_call(&link.call), show(times)),
        None => show_call(&link.call),
    });
    chain.source.iter().map(show_source).chain(links).collect::<Vec<_>>().join(" -> ")
}

#[test]
fn every_statement_is_read() {
    let ast = tree(VALID);
    assert_eq!(ast.docs, ["Two lines", "of words."]);
    assert_eq!(ast.name.text, "Everything");
    assert!(VALID[ast.span.range()].starts_with("network Everything {") && VALID[ast.span.range()].ends_with('}'));
    assert_eq!(ast.statements.len(), 15);
    for statement in &ast.statements {
        let text = &VALID[statement.span.range()];
        assert!(text.ends_with([';', '}']) && !text.starts_with(char::is_whitespace), "{text}");
    }
}

#[test]
fn expressions_group_as_in_arithmetic() {
    for (text, grouped) in [
        ("1 + 2 * 3 - 4", "((1+(2*3))-4)"),
        ("1 - 2 - 3 / 4 / 5", "((1-2)-((3/4)/5))"),
        ("-a * --b", "(-a*--b)"),
        ("(1 + 2) * 3", "((1+2)*3)"),
        ("1e-3+1_000.5", "(0.001+1000.5)"),
        ("f(g(1), k: [a, \"b\\\\c\", true],)", "f(g(1), k: [a, \"b\\\\c\", true])"),
    ] {
        let StatementKind::Const { value, .. } = statement(&format!("const c = {text};")) else { unreachable!() };
        assert_eq!(show(&value), grouped);
    }
}

#[test]
fn chains_keep_sources_layers_and_spans() {
    let text = "network A { output y = add( x , multiply(in, z) ) -> dense ( 10 ) * 2 -> relu /* end */ ; }";
    let StatementKind::Output { chain, .. } = tree(text).statements.remove(0).kind else { unreachable!() };
    assert_eq!(show_chain(&chain), "add(x, multiply(in, z)) -> dense(10) * 2 -> relu");
    assert_eq!(&text[chain.span.range()], "add( x , multiply(in, z) ) -> dense ( 10 ) * 2 -> relu");
    assert_eq!(&text[chain.source.unwrap().span().range()], "add( x , multiply(in, z) )");
    assert_eq!(&text[chain.links[0].span.range()], "dense ( 10 ) * 2");
    assert_eq!(&text[chain.links[0].call.span.range()], "dense ( 10 )");
    assert_eq!(&text[chain.links[1].span.range()], "relu");
}

#[test]
fn blocks_settings_rows_and_budgets_are_read() {
    let StatementKind::Block { params, body, .. } = statement("block b(n, m) = dense(n) -> dense(m);") else {
        unreachable!()
    };
    assert_eq!(params.iter().map(|name| name.text.as_str()).collect::<Vec<_>>(), ["n", "m"]);
    assert!(matches!(&body, BlockBody::Chain(chain) if chain.source.is_none() && chain.links.len() == 2));

    let StatementKind::Block { body, .. } = statement("block b { a = in -> relu; out = add(in, a); }") else {
        unreachable!()
    };
    assert!(matches!(&body, BlockBody::Graph { bindings, .. } if bindings[1].0.text == "out"));

    let StatementKind::Train { settings, .. } = statement("train { loss: a(b) + 0.5 * c; stop(n: 1); }") else {
        unreachable!()
    };
    assert!(matches!(&settings[0].value, SettingValue::Value(value) if show(value) == "(a(b)+(0.5*c))"));
    assert!(matches!(&settings[1].value, SettingValue::Arguments(arguments) if arguments.len() == 1));

    let StatementKind::Data { items, .. } = statement("data { csv: \"a\"; [0, 1], [2] => [1], -3; }") else {
        unreachable!()
    };
    let DataItem::Row { inputs, targets, .. } = &items[1] else { unreachable!() };
    assert_eq!(inputs.iter().chain(targets).map(show).collect::<Vec<_>>(), ["[0, 1]", "[2]", "[1]", "-3"]);

    let StatementKind::Assert { quantity, comparison, value } = statement("assert memory(train) >= 2 * 3;") else {
        unreachable!()
    };
    assert_eq!((show_call(&quantity).as_str(), comparison), ("memory(train)", Comparison::GreaterOrEqual));
    assert_eq!(show(&value), "(2*3)");
}

#[test]
fn white_space_between_tokens_means_nothing() {
    let apart = "network A { input x : [ 2 ] ; output y = x -> dense ( 10 , bias : false ) * 2 -> relu ; }";
    let together = "network A{input x:[2];output y=x->dense(10,bias:false)*2->relu;}";
    let shown = |text: &str| {
        let StatementKind::Output { chain, .. } = tree(text).statements.remove(1).kind else { unreachable!() };
        show_chain(&chain)
    };
    assert_eq!(shown(apart), shown(together));
    tree("\u{FEFF}network A {\r\n\tinput x: [2];\r\n}\r\n");
}

/// Holds the errors of `text` against `expected`: the place in brackets, the code, the message.
fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = diagnose(text)
        .iter()
        .map(|error| format!("{}..{} {} {}", error.span.start, error.span.end, error.code, error.message))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn an_empty_spec_gets_an_example_of_a_network() {
    check("", &["0..0 NN0007 there is no network here"]);
    check("// only a comment\n", &["17..17 NN0007 there is no network here"]);
    check("/* nothing */", &["13..13 NN0007 there is no network here"]);
}

#[test]
fn a_statement_ends() {
    check("network A { input x: [2] output y = x -> dense(1); }", &["24..24 NN0001 expected `;`, found `output`"]);
    check(
        "network A { train { loss: mse }\n data { [0] => [1] [1] => [0]; } }",
        &["29..29 NN0001 expected `;`, found `}`", "50..50 NN0001 expected `;`, found `[`"],
    );
    check(
        "network A { train { loss: mse; optimizer: adam\n early_stopping(patience: 3)\n metrics: [accuracy]; } }",
        &["46..46 NN0001 expected `;`, found `early_stopping`", "75..75 NN0001 expected `;`, found `metrics`"],
    );
    check("network A { a = x b = a; }", &["17..17 NN0001 expected `;`, found `b`"]);
    check("network A { train { loss: mse; }; ; }", &["32..33 NN0001 unexpected `;`", "34..35 NN0001 unexpected `;`"]);
    check("network A { output y = x -> relu, output z = y; }", &["32..33 NN0001 expected `->` or `;`, found `,`"]);
}

#[test]
fn arrows_are_missed() {
    check("network A { output y = x -> dense(1) relu; }", &["37..41 NN0001 expected `->` or `;`, found `relu`"]);
    check("network A { output y = x -> dense(1) => relu; }", &["37..39 NN0001 expected `->` or `;`, found `=>`"]);
    check("network A { output y = x - > dense(1); }", &["25..26 NN0001 expected `->` or `;`, found `-`"]);
    check("network A { output y = x -> relu |> relu; }", &["33..34 NN0001 expected `->` or `;`, found `|`"]);
    check(
        "network A { output y = x -> ; output z = ; }",
        &["28..29 NN0001 expected a layer, found `;`", "41..42 NN0001 expected the name of a value, found `;`"],
    );
}

#[test]
fn colons_and_equals_signs_differ() {
    check(
        "network A { input x = [2]; output y: x -> relu; }",
        &["20..21 NN0001 expected `:`, found `=`", "35..36 NN0001 expected `=`, found `:`"],
    );
    check(
        "network A { input x [2]; output y x -> relu; }",
        &["20..21 NN0001 expected `:`, found `[`", "34..35 NN0001 expected `=`, found `x`"],
    );
    check(
        "network A { output y = x -> dense(1, bias = false); train { loss = mse; lr 0.1; epochs: ; } }",
        &[
            "42..43 NN0001 expected `:`, `,` or `)`, found `=`",
            "65..66 NN0001 expected `:`, found `=`",
            "75..78 NN0001 expected `:`, found `0.1`",
            "88..89 NN0001 expected a value, found `;`",
        ],
    );
    check(
        "network A { assert params = 3; assert params =< 3; assert params => 3; assert params; }",
        &[
            "26..27 NN0001 expected a comparison such as `<=`, found `=`",
            "45..46 NN0001 expected a comparison such as `<=`, found `=`",
            "65..67 NN0001 expected a comparison such as `<=`, found `=>`",
            "84..85 NN0001 expected a comparison such as `<=`, found `;`",
        ],
    );
}

#[test]
fn lists_are_separated_by_commas() {
    check("network A { input x: [1, 28; 28]; }", &["27..28 NN0001 expected `,`, found `;`"]);
    check(
        "network A { output y = x -> dense(units: 10 bias: false); const c = [1 2]; }",
        &["44..48 NN0001 expected `,` or `)`, found `bias`", "71..72 NN0001 expected `,` or `]`, found `2`"],
    );
    check(
        "network A { data { [0, 1] -> [1]; => 3; } }",
        &["26..28 NN0001 expected `=>` or `,`, found `->`", "34..36 NN0001 expected a setting or a row, found `=>`"],
    );
}

#[test]
fn brackets_are_closed() {
    check("network A { output y = x -> dense(10 -> relu; train { loss: mse; } }", &["33..34 NN0002 `(` is not closed"]);
    check("network A { input x: [2; output y = x; }", &["21..22 NN0002 `[` is not closed"]);
    check("network A { input x: [2); output y = x; }", &["21..22 NN0002 `[` is not closed"]);
    check("network A { output y = x -> dense(10)) -> relu; }", &["37..38 NN0001 unmatched `)`"]);
    check("network A { block r(n { out = in; } }", &["19..20 NN0002 `(` is not closed"]);
    check(
        "network A { train { loss: mse; assert params < 3; output y = x -> relu; }",
        &["18..19 NN0002 `{` is not closed"],
    );
    check("network A { input x: [2];", &["10..11 NN0002 `{` is not closed"]);
    check("network A { input x: [2]; } }", &["28..29 NN0008 unexpected `}` after the network"]);
    check(r#"network A { data { csv: "abc; target: y; } }"#, &["24..25 NN0002 this string is never closed"]);
    check("network A { /* input }", &["12..14 NN0002 this comment is never closed"]);
}

#[test]
fn a_spec_begins_with_network() {
    check("pub network A { }", &["0..3 NN0001 expected `network`, found `pub`"]);
    check("#[derive(Debug)] pub network A { }", &["0..20 NN0001 expected `network`, found `#`"]);
    check(
        "netwrok A { oops; }",
        &["0..7 NN0001 expected `network`, found `netwrok`", "16..17 NN0001 expected `=`, found `;`"],
    );
    check("input x: [2]; output y = x;", &["0..5 NN0001 expected `network`, found `input`"]);
    check(
        "network { input x: [2] }",
        &["8..9 NN0001 expected a name, found `{`", "22..22 NN0001 expected `;`, found `}`"],
    );
    check("network A;", &["9..10 NN0001 expected `{`, found `;`"]);
    check("network A", &["9..9 NN0001 expected `{`, found the end of the text"]);
    check("{ }", &["0..1 NN0001 expected `network`, found `{`"]);
    check("network A { } network B { }", &["14..21 NN0008 unexpected `network` after the network"]);
}

#[test]
fn keywords_are_not_names() {
    check("network train { }", &["8..13 NN0009 `train` is a keyword and cannot be a name"]);
    check(
        "network A { output data = x; in = 3; train = x -> relu; input input: [2]; true = x; output self = x; _ = x; }",
        &[
            "19..23 NN0009 `data` is a keyword and cannot be a name",
            "29..31 NN0009 `in` is a keyword and cannot be a name",
            "37..42 NN0009 `train` is a keyword and cannot be a name",
            "62..67 NN0009 `input` is a keyword and cannot be a name",
            "74..78 NN0009 `true` is a keyword and cannot be a name",
            "91..95 NN0009 `self` is a keyword and cannot be a name",
            "101..102 NN0009 `_` is not a name",
        ],
    );
    check(
        "network A { x = add; train { seed: data; } block in(n) = relu; }",
        &[
            "35..39 NN0009 `data` is a keyword and cannot be a name",
            "49..51 NN0009 `in` is a keyword and cannot be a name",
        ],
    );
    check(
        "network A { output v = x -> add(y); }",
        &["28..31 NN0001 `add` merges values, so it begins a chain and cannot follow `->`"],
    );
}

#[test]
fn keywords_are_misspelt() {
    check(
        "network A { ouput y = x; let z = x -> relu; out y = x; in x: [2]; trian { loss: mse; } }",
        &[
            "12..17 NN0001 expected a statement, found `ouput`",
            "25..28 NN0001 values are defined with `name = …;`, without `let`",
            "44..47 NN0001 expected a statement, found `out`",
            "55..57 NN0001 expected a statement, found `in`",
            "66..71 NN0001 expected a statement, found `trian`",
        ],
    );
}

#[test]
fn a_statement_is_one_of_a_few() {
    check(
        "network A { x -> dense(3); loss: mse; foo(3); -> relu; 5; }",
        &[
            "14..16 NN0001 expected `=`, found `->`",
            "31..32 NN0001 expected `=`, found `:`",
            "41..42 NN0001 expected `=`, found `(`",
            "46..48 NN0001 expected a statement, found `->`",
            "55..56 NN0001 expected a statement, found `5`",
        ],
    );
    check(
        "network A { train loss: mse; data; input; const; block; assert; expect; freeze; allow; allow(); }",
        &[
            "18..22 NN0001 expected `{`, found `loss`",
            "33..34 NN0001 expected `{`, found `;`",
            "40..41 NN0001 expected a name, found `;`",
            "47..48 NN0001 expected a name, found `;`",
            "54..55 NN0001 expected a name, found `;`",
            "62..63 NN0001 expected a name, found `;`",
            "70..71 NN0001 expected a metric, found `;`",
            "78..79 NN0001 expected a name, found `;`",
            "85..86 NN0001 expected `(`, found `;`",
            "93..94 NN0001 expected a name, found `)`",
        ],
    );
}

#[test]
fn layers_that_are_called_with_values_are_shown_as_chains() {
    for (written, note) in [
        ("dense(x, 16)", "write the value before the layer: `x -> dense(16)`"),
        ("conv2d(x, 8, kernel: 3)", "write the value before the layer: `x -> conv2d(8, kernel: 3)`"),
        ("dense(units, bias: false)", "write the name of an input or another value first, then `->`"),
        ("dense(8, 16)", "write the name of an input or another value first, then `->`"),
    ] {
        let found = diagnose(&format!("network A {{ output y = {written} -> relu; }}"));
        assert_eq!(found.iter().flat_map(|diagnostic| &diagnostic.notes).collect::<Vec<_>>(), [note], "{written}");
    }
}

#[test]
fn chains_start_from_values() {
    check(
        "network A { output y = dense(10) -> relu; output z = add(x, 3); output w = add(x -> dense(3), y); v = (x); }",
        &[
            "23..32 NN0110 a chain starts from a value, but `dense(10)` is a layer",
            "53..62 NN0110 `add` merges values, but `add(x, 3)` contains something else",
            "81..83 NN0001 expected `:`, `,` or `)`, found `->`",
            "102..103 NN0001 expected the name of a value, found `(`",
        ],
    );
}

#[test]
fn blocks_say_what_they_give() {
    check(
        "network A { block q { a = in -> relu; } block s = ; block t(3) = relu; block u { out = in -> relu; b = in; } }",
        &[
            "18..19 NN0001 block `q` has no `out`",
            "50..51 NN0001 expected a layer, found `;`",
            "60..61 NN0001 expected a name or `)`, found `3`",
            "81..84 NN0001 `out` must be the last statement of block `u`",
        ],
    );
}

#[test]
fn numbers_are_decimal() {
    check(
        "network A { a = x -> f(.5, 1., 0x10); b = x -> f(1f32); c = x -> f(10x); d = x -> f(1e5f64); e = x -> f(1e, 0b2); }",
        &[
            "23..25 NN0001 a number must begin with a digit",
            "27..29 NN0001 a number cannot end with a decimal point",
            "31..35 NN0001 numbers are written in decimal",
            "50..53 NN0001 numbers have no suffix, but this one ends with `f32`",
            "69..70 NN0001 numbers have no suffix, but this one ends with `x`",
            "87..90 NN0001 numbers have no suffix, but this one ends with `f64`",
            "105..106 NN0001 numbers have no suffix, but this one ends with `e`",
            "108..111 NN0001 numbers are written in decimal",
        ],
    );
    check(
        "network A { const a = 18446744073709551616; const b = 1e999; const c = (1 + ); }",
        &[
            "22..42 NN0003 `18446744073709551616` does not fit in 64 bits",
            "54..59 NN0003 `1e999` does not fit in 64 bits",
            "76..77 NN0001 expected a value, found `)`",
        ],
    );
}

#[test]
fn foreign_signs_are_named() {
    check(
        r#"network A { x = r#type -> relu; data { csv: r"a"; } }"#,
        &[
            "16..18 NN0001 names and strings are written without a prefix",
            "44..48 NN0001 names and strings are written without a prefix",
        ],
    );
    check(
        "network A { # hello there\n input ä: [3]; y = x → relu; csv = 'abc'; z = “a”; }",
        &[
            "12..13 NN0001 comments begin with `//`",
            "33..35 NN0001 `ä` is not allowed in a name; names consist of the letters a to z, digits and `_`",
            "48..51 NN0001 unknown character `→`",
            "64..69 NN0001 strings are written in double quotes",
            "75..82 NN0001 strings are written in double quotes",
        ],
    );
    check(
        "network A { data { csv: \"C:\\data\"; } y = x % 2; }",
        &["27..28 NN0001 unknown escape in a string", "43..44 NN0001 `%` cannot be used on values"],
    );
}

/// Each of these says how to mend it, and is without errors once that is done.
#[test]
fn suggestions_mend() {
    for text in [
        r#"network A { x = r#type -> relu; data { csv: r"a"; } }"#,
        "network A { input x: [2] output y = x -> dense(1); }",
        "network A { train { loss: mse }\n data { [0] => [1] [1] => [0]; } }",
        "network A { train { loss: mse; }; ; }",
        "network A { output y = x -> relu, output z = y; }",
        "network A { output y = x -> dense(1) relu; b = x => relu; c = x - > relu; d = x -> relu |> relu; }",
        "network A { input x = [2]; output y: x -> relu; }",
        "network A { input x [2]; output y x -> relu; }",
        "network A { y = x -> dense(1, bias = false); train { loss = mse; lr 0.1; } }",
        "network A { assert params = 3; assert params =< 3; assert params => 3; }",
        "network A { input x: [1, 28; 28]; const c = [1 2]; data { [0, 1] -> [1]; } }",
        "network A { output y = x -> dense(10 -> relu; input x: [2; input z: [2); }",
        "network A { output y = x -> dense(10)) -> relu; block r(n { out = in; } }",
        "network A { train { loss: mse; assert params < 3; output y = x -> relu; }",
        "network A { input x: [2];",
        "#[derive(Debug)] pub network A { }",
        "netwrok A { }",
        "network train { output data = x; _ = x; }",
        "network A { ouput y = x; let z = x -> relu; out y = x; in x: [2]; trian { loss: mse; } x -> relu; }",
        "network A { a = x -> f(.5); b = x -> f(1.); c = x -> f(0x10); d = x -> f(1f32); e = x -> f(10k); }",
        "network A { # hello\n y = x → relu; data { csv: 'a'; png: \"C:\\data\"; } }",
    ] {
        let errors = diagnose(text);
        assert!(!errors.is_empty() && errors.iter().all(|error| !error.suggestions.is_empty()), "{text}");
        let edits = errors.into_iter().rev().flat_map(|error| error.suggestions.into_iter().take(1));
        let mut mended = text.to_string();
        let mut edits: Vec<_> = edits.flat_map(|suggestion| suggestion.edits).collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
        for edit in edits {
            mended.replace_range(edit.span.range(), &edit.text);
        }
        assert_eq!(diagnose(&mended), [], "{text}\n{mended}");
    }
}
