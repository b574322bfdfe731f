//! The layout of the formatter: each rule, and every spec.

use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::diagnostic::Sink;
use nn_compiler::format::{WIDTH, format};
use nn_compiler::syntax;

/// The tree without its places.
fn tree(text: &str) -> String {
    let tree = format!("{:?}", syntax::parse(text, &mut Sink::default()));
    let mut parts = tree.split("Span { start: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |tree, part| tree + part.split_once(" }").map_or(part, |(_, rest)| rest))
}

/// Formats a text, and checks what must hold for every result.
#[track_caller]
fn formatted(text: &str) -> String {
    let formatted = format(text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"));
    assert_eq!(tree(&formatted), tree(text), "{formatted}");
    assert_eq!(format(&formatted).as_deref(), Ok(&*formatted), "the second time");
    assert!(formatted.ends_with('\n') && !formatted.ends_with("\n\n"), "{formatted}");
    assert!(!formatted.lines().any(|line| line.ends_with(' ')), "{formatted}");
    formatted
}

/// Checks the layout of the lines in a network's body.
#[track_caller]
fn body(body: &str, expected: &str) {
    let text = formatted(&format!("network A {{\n{body}\n}}"));
    let lines = text.lines().skip(1).map(|line| line.strip_prefix("    ").unwrap_or(line));
    let mut lines: Vec<&str> = lines.collect();
    assert_eq!(lines.pop(), Some("}"));
    assert_eq!(lines.join("\n"), expected.trim_matches('\n'));
}

#[test]
fn a_statement_a_line() {
    body("input x:[ 2,3 , ];y=x;output z = y ;freeze y;", "input x: [2, 3];\ny = x;\noutput z = y;\nfreeze y;");
    assert_eq!(formatted("network\nA\n{\n}"), "network A {}\n");
    assert_eq!(formatted("network A{input x:[1];}"), "network A {\n    input x: [1];\n}\n");
}

#[test]
fn spaces_between_words() {
    body("const a=-1+2*( 3-- 1)/b ;", "const a = -1 + 2 * (3 - -1) / b;");
    body(
        "assert memory ( train )<=4*1_024;expect accuracy==1.0;",
        "assert memory(train) <= 4 * 1_024;\nexpect accuracy == 1.0;",
    );
    body("block b( n , ) = dense( n,bias :false )->relu;", "block b(n) = dense(n, bias: false) -> relu;");
    body(
        "y=add ( a,multiply(b , c) )->unit*3->in_all*( n+1 );",
        "y = add(a, multiply(b, c)) -> unit * 3 -> in_all * (n + 1);",
    );
    body("allow ( one,two );", "allow(one, two);");
}

#[test]
fn numbers_and_strings_stay_as_they_are() {
    body(
        r#"data{csv:"a  \"b\".csv";missing:"";[1e-3,2.50E+1,1_0]=>[00];}"#,
        r#"
data {
    csv: "a  \"b\".csv";
    missing: "";
    [1e-3, 2.50E+1, 1_0] => [00];
}"#,
    );
}

#[test]
fn braces_hold_a_setting_a_line() {
    body(
        "train { rule: perceptron(lr: 0.1); epochs: 20; early_stopping ( patience:8 ); }
         data { [0, 0], [1] => [0], 2; }
         block b(n) { i = in -> dense(n); out = i; }
         train { }",
        "
train {
    rule: perceptron(lr: 0.1);
    epochs: 20;
    early_stopping(patience: 8);
}
data {
    [0, 0], [1] => [0], 2;
}
block b(n) {
    i = in -> dense(n);
    out = i;
}
train {}",
    );
}

#[test]
fn one_blank_line_is_kept_but_none_beside_a_brace() {
    body("\n\n\ninput x: [1];\n\n\n\n// c\n\ny = x;\n\n\n", "input x: [1];\n\n// c\n\ny = x;");
    body("train {\n\n\nbatch: 1;\n\n}\ny = x;", "train {\n    batch: 1;\n}\ny = x;");
    let text = formatted("\n\n// head\n\n\n/// Doc.\nnetwork A {}\n\n\n// tail\n\n");
    assert_eq!(text, "// head\n\n/// Doc.\nnetwork A {}\n\n// tail\n");
}

#[test]
fn a_chain_that_fits_stays_on_a_line() {
    body("output y = x\n    -> dense(1)\n    -> relu;", "output y = x -> dense(1) -> relu;");
    let rest = " = x -> relu;";
    let fits = format!("{}{rest}", "y".repeat(WIDTH - 4 - rest.len()));
    body(&fits, &fits);
    let full = fits.replacen('y', "yy", 1);
    body(&full, &full.replace(" ->", "\n    ->"));
}

#[test]
fn a_chain_that_does_not_fit_is_broken_before_its_stages() {
    body(
        "output digit = image -> rescale(0.0625) -> dense(32, bias: false, l2: 1e-4) -> batch_norm -> relu -> dropout(0.2) -> dense(10) -> softmax;",
        "
output digit = image
    -> rescale(0.0625)
    -> dense(32, bias: false, l2: 1e-4) -> batch_norm -> relu -> dropout(0.2)
    -> dense(10) -> softmax;",
    );
    body(
        "output digit = image -> conv2d(6, kernel: 5, padding: 2) -> relu -> max_pool2d(2) -> flatten -> unit(120) * 3 -> relu -> dense(10) -> softmax;",
        "
output digit = image
    -> conv2d(6, kernel: 5, padding: 2) -> relu -> max_pool2d(2) -> flatten
    -> unit(120) * 3 -> relu
    -> dense(10) -> softmax;",
    );
}

#[test]
fn what_belongs_to_a_layer_is_broken_where_the_line_is_full() {
    body(
        "y = x -> relu -> leaky_relu(0.0100000000) -> leaky_relu(0.0200000000) -> leaky_relu(0.0300000000) -> leaky_relu(0.04);",
        "
y = x
    -> relu -> leaky_relu(0.0100000000) -> leaky_relu(0.0200000000) -> leaky_relu(0.0300000000)
    -> leaky_relu(0.04);",
    );
}

#[test]
fn a_block_begins_with_its_first_layer() {
    body(
        "block unit(n, rate) = dense(n, bias: false, l2: 0.0001) -> batch_norm -> relu -> dropout(rate) -> dense(n) -> tanh;",
        "
block unit(n, rate) = dense(n, bias: false, l2: 0.0001) -> batch_norm -> relu -> dropout(rate)
    -> dense(n) -> tanh;",
    );
}

#[test]
fn arguments_that_do_not_fit_are_on_separate_lines() {
    body(
        "train { optimizer: adam(lr: 1e-3, beta1: 0.90000000000000000000, beta2: 0.9990000000000000000000, eps: 1e-8); }
         y = concat(a_long_name_for_a_branch, another_name_for_a_branch, multiply(one_more_branch, the_last_branch));",
        "
train {
    optimizer: adam(
        lr: 1e-3,
        beta1: 0.90000000000000000000,
        beta2: 0.9990000000000000000000,
        eps: 1e-8,
    );
}
y = concat(
    a_long_name_for_a_branch,
    another_name_for_a_branch,
    multiply(one_more_branch, the_last_branch),
);",
    );
}

#[test]
fn lists_of_words_and_numbers_are_filled() {
    let row = format!("data {{ [{}] => [1]; }}", ["0.125"; 20].join(","));
    let line = ["0.125"; 12].join(", ");
    let rest = ["0.125"; 8].join(", ");
    body(&row, &format!("data {{\n    [\n        {line},\n        {rest},\n    ] => [1];\n}}"));
    let nested = format!("data {{ [{}] => [1]; }}", ["[0.125, 1]"; 9].join(","));
    let lines = "        [0.125, 1],\n".repeat(9);
    body(&nested, &format!("data {{\n    [\n{lines}    ] => [1];\n}}"));
}

#[test]
fn sums_are_broken_before_their_operators() {
    body(
        "const sum = a_long_name_of_a_number * another_long_name + (a_third_name - a_fourth_name) / the_last_name + 1;",
        "
const sum = a_long_name_of_a_number * another_long_name + (a_third_name - a_fourth_name)
    / the_last_name + 1;",
    );
}

#[test]
fn parentheses_of_sums_and_of_quantities_get_no_comma() {
    let name = "n".repeat(110);
    body(
        &format!("const a = 2 * ({name} + 1); assert memory({name}) <= 1;"),
        &format!("const a = 2\n    * (\n        {name}\n            + 1\n    );\nassert memory(\n    {name}\n) <= 1;"),
    );
}

#[test]
fn comments_stay_behind_and_above() {
    body(
        "   // above
         input x: [1];      // behind
             // below
         train { // the first
           batch: 1;// tight
           // the last
         } // after
         // end",
        "
// above
input x: [1]; // behind
// below
train { // the first
    batch: 1; // tight
    // the last
} // after
// end",
    );
}

#[test]
fn comments_break_a_chain() {
    body(
        "output y = x // pixels
            // own
            -> dense(1) // first
            -> // second
            relu -> sigmoid // last
            ;",
        "
output y = x // pixels
    // own
    -> dense(1) // first
    // second
    -> relu -> sigmoid; // last",
    );
}

#[test]
fn comments_break_brackets() {
    body(
        "train { metrics: [accuracy, // one
            mae // two
            , // three
            // own
            mse]; optimizer: adam( // four
            lr: 1e-3 // five
            ); }",
        "
train {
    metrics: [
        accuracy, // one
        mae, // two
        // three
        // own
        mse,
    ];
    optimizer: adam( // four
        lr: 1e-3, // five
    );
}",
    );
}

#[test]
fn inline_comments_are_words() {
    body(
        "/* a */ input /*b*/x: [ /* c */ 1, /* d */ 2 /* e */ , ] /* f */; /* g */ y = x /* h */ -> /* i */ relu;",
        "
/* a */
input /*b*/ x: [/* c */ 1, /* d */ 2 /* e */] /* f */; /* g */
y = x /* h */ -> /* i */ relu;",
    );
    body("/* one  \n  two */ y = x;", "/* one\n  two */\ny = x;");
}

#[test]
fn comments_in_a_head_come_behind_its_brace() {
    let text = formatted("/// Doc.\nnetwork // name\n/* c */ A // brace\n{ // inside\n}");
    assert_eq!(text, "/// Doc.\nnetwork // name\n    /* c */ A { // brace\n    // inside\n}\n");
}

#[test]
fn line_ends_and_marks_of_other_systems_go() {
    let text = formatted("\u{FEFF}/// Doc. \r\nnetwork A {\r\n/* a \r\n b */\r\n\r\n  input x: [1]; // c\r\n}\r\n");
    assert_eq!(text, "/// Doc.\nnetwork A {\n    /* a\n b */\n\n    input x: [1]; // c\n}\n");
}

#[test]
fn a_spec_with_syntax_errors_is_not_formatted() {
    for text in ["", "network", "network A { y = x -> ; z = }", "network A { y = x; /* }", "network A {} network B {}"]
    {
        assert!(!format(text).unwrap_err().is_empty(), "{text}");
    }
}

fn specs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs").join(folder);
    let paths = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "nn")).collect()
}

#[test]
fn the_specs_are_formatted() {
    for path in specs("") {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(formatted(&text), text, "{}: run `nn fmt specs/*.nn`", path.display());
    }
}

#[test]
fn specs_with_other_mistakes_than_of_syntax_are_formatted() {
    let mut count = 0;
    for stage in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/fail")).unwrap() {
        for path in specs(&format!("fail/{}", stage.unwrap().file_name().to_string_lossy())) {
            let Ok(text) = fs::read_to_string(path) else { continue };
            if format(&text).is_ok() {
                formatted(&text);
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn the_example_of_the_page_is_formatted() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/formatting.md")).unwrap();
    let example = page.split("```nn\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(formatted(example), example);
}
