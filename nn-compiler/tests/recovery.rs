//! What is checked despite a syntax error: everything that does not depend on it, and nothing that does.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use nn_compiler::ast::{Ast, DataItem, Statement, StatementKind};
use nn_compiler::compile;
use nn_compiler::diagnostic::{Diagnostic, Level, Sink, code};
use nn_compiler::span::Span;
use nn_compiler::syntax;

/// The specs that compile, each with its name.
fn specs() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut specs = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of specs can be listed") {
        let path = entry.expect("the folder of specs can be listed").path();
        if path.extension().is_some_and(|extension| extension == "nn") {
            specs.push((path.display().to_string(), fs::read_to_string(&path).expect("a spec is text")));
        }
    }
    specs.push(("EVERYTHING".to_owned(), EVERYTHING.to_owned()));
    specs.sort();
    specs
}

/// Every kind of statement.
const EVERYTHING: &str = r#"
network All {
    input image: [1, 8, 8];
    input extra: [3];
    const width = 8;
    const wide = 2 * width;
    block wider(n) = dense(n) -> relu;
    block twice {
        first = in -> wider(n: width);
        second = first -> dense(width) -> tanh;
        out = add(first, second);
    }
    seen = image -> conv2d(4, kernel: 3) -> relu -> flatten -> twice;
    joined = concat(seen, extra);
    hidden = joined -> dense(width) -> batch_norm -> relu;
    output action = hidden -> dense(4) -> softmax;
    output value = hidden -> dense(wide) -> relu -> dense(1) -> tanh;
    freeze seen;
    allow(unscaled_data);
    train {
        loss: cross_entropy(action) + 0.5 * mse(value);
        optimizer: adamw(lr: 1e-3, weight_decay: 0.01);
        regularizer: l2(1e-4);
        metrics: [accuracy(action), mae(value)];
        schedule: cosine(warmup: 5);
        early_stopping(monitor: val_accuracy(action), patience: 3);
        batch: 8;
        epochs: 20;
    }
    data { csv: "games.csv"; target: [move, result]; validation: 0.2; }
    assert params <= 100_000;
    assert memory(train) <= 10_000_000;
    expect accuracy(action) >= 0.5;
}
"#;

fn tree(text: &str) -> Ast {
    syntax::parse(text, &mut Sink::default()).expect("the spec has a network")
}

/// The places that an error spoils: statements without braces, settings, rows.
fn units(ast: &Ast) -> Vec<Span> {
    let inside = |statement: &Statement| match &statement.kind {
        StatementKind::Train { settings, .. } => settings.iter().map(|setting| setting.span).collect(),
        StatementKind::Data { items, .. } => items
            .iter()
            .map(|item| match item {
                DataItem::Setting(setting) => setting.span,
                DataItem::Row { span, .. } => *span,
            })
            .collect(),
        _ => vec![statement.span],
    };
    ast.statements.iter().flat_map(inside).collect()
}

/// Where the words, numbers, strings and signs of a place are.
fn tokens(text: &str, place: Span) -> Vec<Span> {
    let mut tokens: Vec<Span> = Vec::new();
    let mut in_string = false;
    for (at, letter) in text[place.range()].char_indices() {
        let at = place.start + at;
        let is_word = letter.is_alphanumeric() || letter == '_';
        let goes_on = |last: &&mut Span| {
            let before = text[..last.end].chars().next_back().unwrap_or(' ');
            last.end == at
                && (in_string
                    || is_word && (before.is_alphanumeric() || before == '_')
                    || before == '-' && letter == '>')
        };
        let end = at + letter.len_utf8();
        match tokens.last_mut().filter(goes_on) {
            Some(last) => last.end = end,
            None if letter.is_whitespace() => {}
            None => tokens.push(Span::new(at, end)),
        }
        in_string ^= letter == '"';
    }
    tokens
}

fn is_syntax(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.number() < 100
}

/// The errors of a damaged spec outside the damaged place.
fn cascades(text: &str, damaged: Span) -> Vec<Diagnostic> {
    let errors = compile(text).diagnostics;
    if !errors.iter().any(is_syntax) {
        return Vec::new();
    }
    let outside = |error: &Diagnostic| error.span.start < damaged.start || error.span.end > damaged.end;
    errors.into_iter().filter(outside).collect()
}

/// Damages every token of every statement of every spec, one at a time.
#[test]
fn a_damaged_statement_spoils_no_other() {
    const INSERTED: [&str; 9] = ["(", ")", "[", ";", "->", "=", "§", "word", "}"];
    let (mut wrong, mut tried) = (String::new(), 0);
    for (name, text) in specs() {
        assert!(compile(&text).compiled.is_some(), "{name} compiles");
        for unit in units(&tree(&text)) {
            let tokens = tokens(&text, unit);
            for (count, token) in tokens.iter().enumerate() {
                let inserted = format!(" {} ", INSERTED[(tried + count) % INSERTED.len()]);
                let between = Some((Span::new(token.end, token.end), inserted)).filter(|_| count + 1 < tokens.len());
                for (place, new) in [(*token, " ".to_owned())].into_iter().chain(between) {
                    let mut damaged = text.clone();
                    damaged.replace_range(place.range(), &new);
                    let end = unit.end + new.len() - (place.end - place.start);
                    tried += 1;
                    for error in cascades(&damaged, Span::new(unit.start, end)) {
                        let was = text[unit.range()].replace('\n', " ");
                        let now = damaged[unit.start..end].replace('\n', " ");
                        let _ = writeln!(wrong, "{name}\n  {was}\n  {now}\n    {} {}", error.code, error.message);
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(tried > 1000, "only {tried} damages");
}

/// A spec without a mistake, in which each of the mistakes below can be made without touching another.
const SOUND: &str = r#"
network Sound {
    input x: [2, 4];
    const width = 4;
    block wide(n) = dense(n) -> relu;
    flat = x -> flatten;
    hidden = flat -> wide(width);
    side = flat -> dense(8) -> tanh;
    output label = hidden -> dense(3) -> softmax;
    output value = side -> dense(1);
    train {
        loss: cross_entropy(label) + mse(value);
        optimizer: adam(lr: 0.01);
        metrics: [accuracy(label)];
        batch: 4;
    }
    data {
        [0, 1, 2, 3, 4, 5, 6, 7] => [0], [0.5];
        [1, 1, 2, 3, 4, 5, 6, 7] => [1], [1.5];
        [2, 1, 2, 3, 4, 5, 6, 7] => [2], [2.5];
    }
    assert params <= 1_000;
    expect accuracy(label) >= 0.5;
}
"#;

/// Mistakes that depend on nothing else: the old text, the new text, the code, and the stage in words.
const MISTAKES: [(&str, &str, code::Code); 12] = [
    ("flat -> dense(8) -> tanh", "flat -> dense(8) -> tahn2x", code::UNKNOWN_LAYER),
    ("const width = 4", "const width = 4 / 0", code::ARITHMETIC),
    ("flat -> wide(width)", "flat -> wide(width, 3)", code::SURPLUS_ARGUMENT),
    ("hidden -> dense(3)", "hidden -> dense(units: 3, bais: true)", code::UNKNOWN_ARGUMENT),
    ("side = flat ->", "side = x ->", code::DENSE_NEEDS_FLAT_INPUT),
    ("adam(lr: 0.01)", "adam(lr: -1)", code::OUT_OF_RANGE),
    ("metrics: [accuracy(label)]", "metrics: [precision2]", code::UNKNOWN_METRIC),
    ("batch: 4", "batch: 0", code::OUT_OF_RANGE),
    ("[1, 1, 2, 3, 4, 5, 6, 7] =>", "[1, 1, 2, 3, 4, 5, 6] =>", code::ROW_WIDTH),
    ("[2, 1, 2, 3, 4, 5, 6, 7] => [2]", "[2, 1, 2, 3, 4, 5, 6, 7] => [2, 2]", code::ROW_WIDTH),
    ("params <= 1_000", "params <= 10", code::BUDGET),
    ("expect accuracy(label)", "expect precision2", code::UNKNOWN_METRIC),
];

/// Statements with a syntax error that nothing above depends on, so everything else is checked.
const BROKEN: [&str; 8] = [
    "const lost = ;",
    "block lost(n = dense(n);",
    "assert size < = 100_000",
    "allow(vanishing_gradient;",
    "expect loss <= ;",
    "lost = flat -> dense(3;",
    "output lost = flat dense(3);",
    "freeze ;",
];

fn errors(text: &str) -> Vec<Diagnostic> {
    compile(text).diagnostics.into_iter().filter(|found| found.level == Level::Error).collect()
}

/// Whether a mistake is hidden by what a broken statement may contain.
fn depends(broken: &str, code: code::Code) -> bool {
    let is_graph = ["block", "lost =", "output", "const"].iter().any(|start| broken.starts_with(start));
    is_graph && code == code::BUDGET
}

#[test]
fn mistakes_of_all_stages_are_shown_beside_a_syntax_error() {
    assert_eq!(compile(SOUND).diagnostics, []);
    for broken in BROKEN {
        let with = |text: &str| text.replace("    train {", &format!("    {broken}\n    train {{"));
        let alone = errors(&with(SOUND));
        assert_eq!(alone.len(), 1, "{broken}: {alone:?}");
        assert!(is_syntax(&alone[0]), "{broken}: {alone:?}");
        for (sound, mistaken, code) in MISTAKES {
            let text = SOUND.replacen(sound, mistaken, 1);
            assert_ne!(text, SOUND, "{sound}");
            assert_eq!(errors(&text).iter().map(|found| found.code).collect::<Vec<_>>(), [code], "{mistaken}");
            let found = errors(&with(&text));
            let wanted = 2 - usize::from(depends(broken, code));
            assert_eq!(found.len(), wanted, "{broken} and {mistaken}: {found:?}");
        }
    }
}

/// The codes of the errors in a text.
fn codes(text: &str) -> Vec<code::Code> {
    errors(text).into_iter().map(|found| found.code).collect()
}

#[test]
fn one_run_shows_a_missing_bracket_and_five_other_mistakes() {
    let mistaken = SOUND
        .replace("flat -> wide(width)", "flat -> wide(width, 3)")
        .replace("adam(lr: 0.01)", "adam(lr: -1)")
        .replace("[accuracy(label)]", "[precision2]")
        .replace("[1, 1, 2, 3, 4, 5, 6, 7] =>", "[1, 1, 2, 3, 4, 5, 6] =>")
        .replace("expect accuracy(label) >=", "expect precision2 >=");
    let five =
        [code::SURPLUS_ARGUMENT, code::OUT_OF_RANGE, code::UNKNOWN_METRIC, code::ROW_WIDTH, code::UNKNOWN_METRIC];
    assert_eq!(codes(&mistaken), five);
    for (whole, broken) in [
        ("block wide(n) =", "block wide(n ="),
        ("x: [2, 4]", "x: [2, 4"),
        ("x -> flatten;", "x -> flatten);"),
        ("side = flat -> dense(8) -> tanh;", "side = flat -> dense(8 -> tanh;"),
        ("side = flat -> dense(8) -> tanh;", "side = flat -> dense(8"),
        ("output value = side -> dense(1);", "output value = side -> dense((1);"),
        ("    train {", "    train"),
        ("batch: 4;\n    }", "batch: 4;"),
        ("batch: 4;", "batch: (4;"),
        ("batch: 4;", "batch: 4; }"),
        ("    data {", "    data"),
        ("=> [2], [2.5];", "=> [2], [2.5;"),
        ("=> [2], [2.5];\n    }", "=> [2], [2.5];"),
        ("assert params <= 1_000;", "assert params(<= 1_000;"),
        (">= 0.5;\n}", ">= 0.5;"),
        (">= 0.5;\n}", ">= 0.5;\n}\n}"),
        ("network Sound {", "network Sound"),
        ("network Sound {", "network {"),
        ("network Sound {", "netwrok Sound {"),
    ] {
        let text = mistaken.replacen(whole, broken, 1);
        assert_ne!(text, mistaken, "{whole}");
        let found = errors(&text);
        assert_eq!(
            found.iter().filter(|found| is_syntax(found)).count(),
            1,
            "{broken}: {:?}",
            found.iter().map(|found| (found.code, &found.message)).collect::<Vec<_>>()
        );
        // The block, the input or the flat values are unknown.
        let hides = matches!(whole, "block wide(n) =" | "x: [2, 4]" | "x -> flatten;");
        let known: Vec<code::Code> = found.iter().filter(|found| !is_syntax(found)).map(|found| found.code).collect();
        let expected: Vec<code::Code> = match (hides, whole) {
            (false, _) => five.to_vec(),
            (true, "x: [2, 4]") => {
                [code::SURPLUS_ARGUMENT, code::OUT_OF_RANGE, code::UNKNOWN_METRIC, code::UNKNOWN_METRIC].to_vec()
            }
            (true, "block wide(n) =") => five[1..].to_vec(),
            (true, _) => five.to_vec(),
        };
        assert_eq!(
            known,
            expected,
            "{broken}: {:?}",
            found.iter().map(|found| (found.code, &found.message)).collect::<Vec<_>>()
        );
    }
}

/// A text that ends in the middle is checked up to there.
#[test]
fn what_a_lost_word_would_have_said_is_not_missed() {
    assert_eq!(codes(&SOUND.replace("output value =", "output word value =")), [code::SYNTAX]);
    let rule = |rule: &str| {
        format!(
            "network And {{ input x: [2]; output y = x -> dense(1) -> step; train {{ {rule}; epochs: 3; }}\n\
             data {{ [0, 0] => [0]; [1, 1] => [1]; }} expect accuracy == 1.0; }}"
        )
    };
    assert_eq!(codes(&rule("rule: perceptron(lr: 0.1)")), []);
    for broken in ["rule perceptron(lr: 0.1)", "rule: perceptron(lr 0.1)", "rule: (lr: 0.1)"] {
        assert_eq!(codes(&rule(broken)), [code::SYNTAX], "{broken}");
    }
}

#[test]
fn what_is_before_an_open_comment_is_checked() {
    let text = SOUND.replace("const width = 4;", "const width = 4 / 0;").replace("    data {", "    /* data {");
    assert_eq!(codes(&text), [code::ARITHMETIC, code::UNCLOSED]);
}

/// Certain edits are applied together with those of a syntax error, and the result is valid.
#[test]
fn certain_edits_are_done_beside_a_syntax_error() {
    let text = SOUND
        .replace("flat -> dense(8) -> tanh;", "flat -> desne(8) -> tanh")
        .replace("optimizer: adam", "optimiser: Adam")
        .replace("network Sound {", "netwrok Sound {");
    assert_eq!(nn_compiler::fix(&text).0, SOUND);
    // The broken statement may bind the intended name.
    let text = SOUND.replace("flat = x -> flatten;", "flats = x -> flatten;\n    flot = x -> (flatten;");
    assert_eq!(nn_compiler::fix::apply(&text, &compile(&text).diagnostics).1, 0);
}
