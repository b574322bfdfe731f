//! No text does harm: what is refused, how deep a spec may be, and how long it takes.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_not_text_is_refused() {
    let refused = |bytes: &[u8], at: usize, what: &str| {
        let error = text_of(bytes).expect_err("not text");
        assert_eq!((error.code, error.span), (code::NOT_TEXT, Span::new(at, at)));
        assert_eq!(error.message, format!("the spec is not text: byte {at} is {what}"));
    };
    assert_eq!(text_of("é".as_bytes()), Ok("é"));
    refused(b"abc\xFFdef", 3, "0xFF, which is not UTF-8");
    refused(b"ab\0\xFF", 2, "a NUL");
    refused("é\u{1B}".as_bytes(), 2, "the control character 0x1B");
    check("network \0", &["8..8 NN0006 the spec is not text: byte 8 is a NUL"]);
}

#[test]
fn depth_is_limited() {
    let nested = |open: &str, close: &str, count: usize| {
        format!("network A {{ const c = {}1{}; }}", open.repeat(count), close.repeat(count))
    };
    assert_eq!(diagnose(&nested("(", ")", MAX_DEPTH - 1)), []);
    for text in [
        nested("(", ")", MAX_DEPTH),
        nested("[", "]", 100_000),
        nested("-", "", MAX_OPERATORS + 1),
        nested("1+", "", 100_000),
        nested("(1+1+1+1+1+", ")", MAX_DEPTH - 1),
        nested("/*", "*/", MAX_DEPTH + 1),
    ] {
        let codes: Vec<_> = diagnose(&text).iter().map(|error| error.code).collect();
        assert_eq!(codes, [code::TOO_DEEP], "{}", &text[..60]);
    }
    assert_eq!(diagnose(&nested("-", "", MAX_OPERATORS)), []);
}

#[test]
fn the_longest_texts_are_read() {
    let fill = |before: &str, part: &str, after: &str| {
        let count = (MAX_BYTES - before.len() - after.len()) / part.len();
        format!("{before}{}{after}", part.repeat(count))
    };
    let valid = [
        fill("network A { data { ", "[0, 1] => [1]; ", "} }"),
        fill("network A { data { [", "1,", "] => 1; } }"),
        fill("network A { a = x ", "-> f(1) ", "; }"),
        fill("network A { ", "a = x -> dense(3) -> relu; ", "}"),
        fill("network A { ", "// comment\n", "}"),
        fill("network A { ", "/* comment */", "}"),
    ];
    let wrong = [
        fill("network A { ", ";", "}"),
        fill("network A { ", "\"\n", "}"),
        fill("network A { ", "(;", "}"),
        fill("network A { ", "{", "}"),
        fill("network A { ", "}", "}"),
        fill("network A { ", "([)", "}"),
        fill("network A { ", "a = x ", "}"),
        fill("network A { x = ", "f(a(", ";}"),
        fill("network A { x = ", "1 ", ";}"),
        fill("network A { ", "train {", "}"),
        fill("network A { ", "$", "}"),
        fill("", "a", ""),
        fill("", "/*", ""),
        "a".repeat(10 * MAX_BYTES),
    ];
    for (text, is_valid) in valid.iter().map(|text| (text, true)).chain(wrong.iter().map(|text| (text, false))) {
        let errors = diagnose(text);
        assert_eq!(errors.is_empty(), is_valid, "{} {:?}", &text[..40], errors.first());
        assert!(errors.len() <= MAX_ERRORS);
    }
}

/// No panic, and places that lie in the text.
fn survives(text: &str) {
    for error in diagnose(text) {
        let edits = error.suggestions.iter().flat_map(|suggestion| &suggestion.edits).map(|edit| edit.span);
        for span in error.labels.iter().map(|(span, _)| *span).chain([error.span]).chain(edits) {
            assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
        }
    }
}

proptest! {
    #[test]
    fn random_text_does_no_harm(text in "\\PC*") {
        survives(&text);
    }

    #[test]
    fn random_tokens_do_no_harm(tokens in prop::collection::vec(
        prop::sample::select(vec![
            "network", "A", "{", "}", "(", ")", "[", "]", ";", ":", ",", "=", "->", "=>", "*", "-", "+", "1", ".5",
            "1.", "0x1", "\"a\"", "\"", "'", "//", "/*", "*/", "\n", "input", "output", "train", "data", "block",
            "in", "out", "add", "x", "y", "assert", "allow", "<=", "é", "/// d\n", "true", "_", "1e", "1e+", "\\",
        ]),
        0..40,
    )) {
        survives(&tokens.join(" "));
        survives(&format!("network A {{ {} }}", tokens.join(" ")));
        survives(&format!("network A {{ {} }}", tokens.concat()));
    }

    #[test]
    fn mutated_specs_do_no_harm(at in 0..VALID.len(), length in 0..30usize, new in "[ -~é→\n]{0,4}") {
        let end = (at + length).min(VALID.len());
        survives(&format!("{}{new}{}", &VALID[..at], &VALID[end..]));
        survives(&VALID[..at]);
        survives(&VALID[at..]);
    }
}
