//! Specs laid out at random: whatever their layout and their comments were, nothing is lost, and the
//! second time nothing changes.

use proptest::prelude::*;

use super::atoms::{Atom, atoms};
use super::format;
use crate::diagnostic::Sink;
use crate::syntax;

/// Every kind of statement, and every place to break.
const SPECS: &[&str] = &[
    r#"network Everything {
        const width = 2 * (3 + 1) - -1; const sum = 1000000000000 + 2000000000000 * (3000000000000 - 4) / 50000000 + 6;
        input x: [2, width,]; input image: [1, 28, 28];
        block unit(n) = dense(n, bias: false) -> batch_norm -> relu;
        block long(n, rate,) = dense(n, bias: false, l2: 1e-4) -> batch_norm -> leaky_relu(0.01) -> dropout(rate) -> unit(n);
        block residual(n) { inner = in -> unit(n) -> dense(n); out = add(in, inner,) -> relu; }
        trunk = x -> unit(width) -> residual(width) * 3 -> leaky_relu(0.01);
        output action = trunk -> dense(4, init: uniform(-0.1)) -> softmax;
        output value = concat(trunk, multiply(x, trunk)) -> conv2d(6, kernel: [3, 3], padding: same);
        train { }
        assert params <= 3_000; assert memory(train) < 4 * 1024; expect accuracy == 1.0;
        freeze trunk; allow(linear_stack, bias_before_norm);
    }"#,
    r#"/// Digits.
    network Digits {
        input image: [64];
        output digit = image -> rescale(0.0625) -> dense(32, bias: false, l2: 1e-4) -> batch_norm -> relu -> dropout(0.2)
            -> dense(10) -> softmax;
        train {
            loss: cross_entropy(action) + 0.5 * mse(value) + 0.25 * huber(another_value, delta: 1.0) + 2 * mae(last, x: []);
            optimizer: adam(lr: 1e-3, beta1: 0.9000000000000000, beta2: 0.9990000000000000, eps: 1e-8, weight_decay: 0.0);
            early_stopping(monitor: val_loss, patience: 8); metrics: [accuracy, mae]; batch: all;
        }
        data {
            csv: "../data/\"digits\".csv"; columns: ["a", b, cylinders, displacement, horsepower, weight, acceleration, origin];
            [0, 1], [[1e-3, -2.5E+1]] => [1], 3;
            [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0, 0, 3, 15, 2, 0, 11, 8, 0, 0, 4, 12, 0, 0, 8] => [0];
        }
    }"#,
];

/// What may be between two tokens.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        6 => Just(" "),
        2 => prop_oneof![Just("\n"), Just("\r\n\t"), Just("\n\n\n"), Just(" \n \r\n ")],
        1 => prop_oneof![
            Just(" // c  \n"), Just("\n// own\r\n"), Just("\n\n    /// doc\n\n"), Just(" //\n//\n"), Just(" // a /* b\n"),
            Just(" /* d */ "), Just("\n/* own */\n"), Just(" /* e */\n"), Just("\n/* f */"), Just(" /* two  \n lines */"),
            Just("\n\n/* a /* nested */\r\n\r\n one // x */\n"), Just(" /* g */ // h\n /* i */ "), Just(" /* j */\n// own\n"),
        ],
    ]
}

fn spec() -> impl Strategy<Value = String> {
    prop::sample::select(SPECS).prop_flat_map(|spec| {
        let tokens: Vec<&str> = words(spec);
        prop::collection::vec(gap(), tokens.len() + 1).prop_map(move |gaps| {
            let tokens = tokens.iter().copied().chain([""]);
            gaps.iter().zip(tokens).flat_map(|(gap, token)| [*gap, token]).collect()
        })
    })
}

fn words(text: &str) -> Vec<&str> {
    let texts = atoms(text).into_iter().filter_map(|atom| match atom {
        Atom::Token(token) => Some(token.text),
        Atom::Comment(_) => None,
    });
    texts.collect()
}

/// The tokens, without the commas before closing brackets.
fn tokens(text: &str) -> Vec<&str> {
    let mut words = words(text);
    let mut next = "";
    words.reverse();
    words.retain(|word| {
        let is_last_comma = *word == "," && matches!(next, ")" | "]");
        next = word;
        !is_last_comma
    });
    words.reverse();
    words
}

/// The comments, without white space at the ends of their lines.
fn comments(text: &str) -> Vec<String> {
    let texts = atoms(text).into_iter().filter_map(|atom| match atom {
        Atom::Comment(comment) => Some(comment.text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")),
        Atom::Token(_) => None,
    });
    texts.collect()
}

/// The tree without its places.
fn tree(text: &str) -> String {
    let tree = format!("{:?}", syntax::parse(text, &mut Sink::default()));
    let mut parts = tree.split("Span { start: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |tree, part| tree + part.split_once(" }").map_or(part, |(_, rest)| rest))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_and_nothing_changes_twice(text in spec()) {
        let formatted = format(&text).unwrap();
        prop_assert_eq!(tokens(&formatted), tokens(&text), "{}", formatted);
        prop_assert_eq!(comments(&formatted), comments(&text), "{}", formatted);
        prop_assert_eq!(tree(&formatted), tree(&text), "{}", formatted);
        prop_assert_eq!(format(&formatted).unwrap(), formatted);
    }

    #[test]
    fn noise_does_no_harm(text in ".{0,200}") {
        let _ = format(&text);
    }

    #[test]
    fn words_without_sense_do_no_harm(words in prop::collection::vec(
        prop::sample::select(vec![
            "network", "A", "{", "}", "(", ")", "[", "]", ";", ",", "->", "=>", "=", ":", "*", "-", "x", "input", "train",
            "data", "block", "out", "1", "\"t\"", "// c\n", "/* c */", "/*", "\n", "\u{FEFF}", "\r", "é",
        ]),
        0..40,
    )) {
        let texts = [words.join(" "), format!("network A {{ {} }}", words.join(" "))];
        for text in texts {
            if let Ok(formatted) = format(&text) {
                prop_assert_eq!(format(&formatted).unwrap(), formatted);
            }
        }
    }
}

#[test]
fn large_specs_are_laid_out() {
    let deep = format!("{}1{}", "[".repeat(50), "]".repeat(50));
    let bodies = [
        "x = y -> dense(1) -> relu;\n".repeat(2_000),
        format!("x = y{};", " -> dense(1) -> relu".repeat(2_000)),
        format!("input x: [{}];", "1, ".repeat(20_000)),
        format!("data {{ {} }}", "[0, [1, 2]], [3] => 4, [5]; // c\n".repeat(2_000)),
        format!("data {{ {deep}{}=> 1; }}", format!(", {deep}").repeat(8)),
        format!("x = y {} -> relu;", "/* c */ // c\n".repeat(2_000)),
    ];
    for body in bodies {
        let text = format!("network A {{ {body} }}");
        let formatted = format(&text).unwrap();
        assert_eq!(format(&formatted).unwrap(), formatted);
    }
}

#[test]
fn a_comment_before_a_comma_does_not_change_what_fits() {
    let laid_out = "network A {
    train {
        loss: cross_entropy(output_with_a_long_name) + 0.5 * mse(value) + 0.25 * huber(
            another_value,
            // own
            delta: 1.0,
        );
    }
}
";
    let text = laid_out.replace(",\n            // own", "\n// own\n,");
    assert_eq!(format(&text).unwrap(), laid_out);
    assert_eq!(format(laid_out).unwrap(), laid_out);
}

#[test]
fn a_comment_like_a_word_stays_before_the_comma() {
    let text = "network A { x = y -> dense(1 /* d */\n// own\n, bias: false) /* e */ // f\n; }";
    let laid_out = "network A {
    x = y
        -> dense(
            1 /* d */,
            // own
            bias: false,
        ) /* e */; // f
}
";
    assert_eq!(format(text).unwrap(), laid_out);
    assert_eq!(format(laid_out).unwrap(), laid_out);
}

#[test]
fn what_would_be_too_long_is_an_error() {
    let text = format!("network A{{{}}}", "a=b;".repeat(50_000));
    let errors = format(&text).unwrap_err();
    assert_eq!(errors[0].code, crate::diagnostic::code::TOO_LONG);
}
