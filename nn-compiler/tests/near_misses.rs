//! The results of `nn check --fix` on near misses: specs in which a token is missing, doubled, swapped with the next,
//! misspelt, or written as another language writes it.
//!
//! After all certain edits a text is either the spec that it was made from, or still refused. So no edit that is
//! applied unasked changes what a spec means. A table lists the results for spellings that are not typing errors.

#[path = "near_misses/specs.rs"]
mod specs;
#[path = "near_misses/spellings.rs"]
mod spellings;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use nn_compiler::compile;
use nn_compiler::format::format;

/// A piece of a spec: where it is, in bytes.
type Token = std::ops::Range<usize>;

/// The words, numbers, strings and signs of a text without comments.
fn tokens(text: &str) -> Vec<Token> {
    const DOUBLE: [&str; 5] = ["->", "=>", "<=", ">=", "=="];
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let part = |end: fn(char) -> bool| rest.find(end).unwrap_or(rest.len());
        let length = match first {
            ' ' | '\n' => {
                at += 1;
                continue;
            }
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            '0'..='9' => part(|next| !(next.is_ascii_alphanumeric() || matches!(next, '_' | '.'))),
            'a'..='z' | 'A'..='Z' => part(|next| !(next.is_ascii_alphanumeric() || next == '_')),
            _ => 1 + usize::from(DOUBLE.iter().any(|sign| rest.starts_with(sign))),
        };
        tokens.push(at..at + length);
        at += length;
    }
    tokens
}

/// The text with a place replaced.
fn replaced(text: &str, place: &Token, by: &str) -> String {
    format!("{}{by}{}", &text[..place.start], &text[place.end..])
}

/// A word with a letter missing, doubled, swapped, or one too many at its end; in other cases; with a digit.
fn misspelt(word: &str) -> Vec<String> {
    let mut all = vec![word.to_uppercase(), format!("{word}s"), format!("{word}2"), format!("x{word}")];
    all.push(word[..1].to_uppercase() + &word[1..]);
    for at in (0..word.len()).step_by(3) {
        all.push(replaced(word, &(at..at + 1), ""));
        all.push(replaced(word, &(at..at), &word[at..=at]));
        if let Some(next) = word.get(at + 1..at + 2) {
            all.push(replaced(word, &(at..at + 2), &format!("{next}{}", &word[at..=at])));
        }
    }
    all
}

/// What could be written in place of a token by mistake or by habit.
fn instead(token: &str) -> Vec<String> {
    let others: &[&str] = match token {
        "->" => &["=>", "-", ">", "|>", ">>", "-->", "→", "—>", ".", ",", "|", "+"],
        "=>" => &["->", "=", ":", ">=", "⇒"],
        ";" => &[",", ".", ":", ";;"],
        ":" => &["=", ":=", "==", "->", "::", ";"],
        "=" => &[":", "==", ":=", "->", "=>", "<-"],
        "," => &[";", ".", " and ", ",,"],
        "(" => &["[", "{", "(("],
        ")" => &["]", "}", "))"],
        "[" => &["(", "{", "[["],
        "]" => &[")", "}", "]]"],
        "{" => &["(", "[", ":"],
        "}" => &[")", "]", "end", "};"],
        "<=" => &["<", "=<", "=", "≤"],
        ">=" => &[">", "=>", "=", "≥"],
        "*" => &["×", "x", "**", "·"],
        "/" => &["÷", "//", "\\"],
        _ => &[],
    };
    let mut all: Vec<String> = others.iter().map(|other| (*other).to_owned()).collect();
    if token.starts_with(|first: char| first.is_ascii_digit()) {
        let number = ["k", "K", "M", "MB", "KiB", "%", "epochs", "px", ".", ".0", ",5", " 000", "e3", "×4", "_", "f32"];
        all.extend(number.iter().map(|end| format!("{token}{end}")));
        all.extend(["-", "+"].iter().map(|start| format!("{start}{token}")));
        all.extend([format!("\"{token}\""), format!("'{token}'"), format!("({token})"), format!("{token} {token}")]);
    } else if token.starts_with('"') {
        let inside = token.trim_matches('"');
        all.extend(
            ["'{}'", "{}", "“{}”", "r\"{}\"", "r#\"{}\"#", "`{}`"].iter().map(|form| form.replace("{}", inside)),
        );
    } else if token.starts_with(|first: char| first.is_ascii_alphabetic()) {
        all.extend(misspelt(token));
        all.extend([format!("\"{token}\""), format!("'{token}'"), format!("nn.{token}"), format!("{token}.{token}")]);
        all.extend([format!("{token}()"), format!("[{token}]"), format!("-{token}"), format!("{token} {token}")]);
    }
    all
}

/// Every near miss of a spec.
fn near_misses(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut all = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let word = &text[token.clone()];
        all.push(replaced(text, token, ""));
        all.push(replaced(text, token, &format!("{word} {word}")));
        all.extend(instead(word).iter().map(|other| replaced(text, token, other)));
        if let Some(next) = tokens.get(index + 1) {
            let swapped = format!("{} {word}", &text[next.clone()]);
            all.push(replaced(text, &(token.start..next.end), &swapped));
        }
    }
    all
}

/// The text in the standard layout, numbers without a fraction of zero, and words without quotes.
fn laid_out(text: &str) -> Option<String> {
    let text = format(text).ok()?;
    let mut plain = String::new();
    for (at, character) in text.char_indices() {
        let is_zero = text[at..].starts_with(".0") || (character == '0' && text[..at].ends_with('.'));
        let digits = text[at..].trim_start_matches('.').trim_start_matches('0');
        let counts = !is_zero || digits.starts_with(|next: char| next.is_ascii_digit());
        if character != '"' && counts {
            plain.push(character);
        }
    }
    Some(plain)
}

/// Near misses whose certain edits lead to a different spec.
fn changed(text: &str) -> (usize, String) {
    let outcome = compile(text);
    assert!(outcome.compiled.is_some(), "{:?}\n{text}", outcome.diagnostics);
    let meant = laid_out(text);
    let (mut mended, mut wrong) = (0, String::new());
    for near in near_misses(text) {
        let (fixed, edits) = nn_compiler::fix(&near);
        if edits == 0 || compile(&fixed).compiled.is_none() {
            continue;
        }
        let quotes_alone = fixed.replace('"', "") == near.replace('"', "");
        if quotes_alone || laid_out(&fixed) == meant {
            mended += 1;
            continue;
        }
        let lines = near.lines().zip(text.lines()).filter(|(near, line)| near != line);
        lines.for_each(|(near, _)| wrong += &format!("   {}\n", near.trim()));
        let lines = fixed.lines().zip(text.lines()).filter(|(fixed, line)| fixed != line);
        lines.for_each(|(fixed, _)| wrong += &format!("-> {}\n", fixed.trim()));
    }
    (mended, wrong)
}

#[test]
fn a_near_miss_is_mended_to_what_was_meant_or_refused() {
    let (mut mended, mut wrong) = (0, String::new());
    for spec in specs::ALL {
        let (count, more) = changed(spec);
        mended += count;
        wrong += &more;
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(mended >= 1000, "only {mended} near misses are mended");
}

#[test]
fn spellings_of_elsewhere_become_what_the_table_says() {
    let mut wrong = String::new();
    for (written, expected) in spellings::ALL {
        let text = spellings::spec(written);
        let (fixed, _) = nn_compiler::fix(&text);
        let outcome = compile(&fixed);
        let found = match outcome.compiled {
            Some(_) => spellings::line(&fixed),
            None => "refused",
        };
        if found != *expected {
            let _ = writeln!(wrong, "{written}\n  {found}, not {expected}");
            outcome.diagnostics.iter().for_each(|said| wrong += &format!("    {}\n", said.message));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A suffix that means something is left to the author, wherever it is.
#[test]
fn numbers_with_suffixes_are_left_alone() {
    let text = "network A {
    input x: [2];
    output y = x -> dense(4) -> relu -> dense(1);
    train { loss: mse; optimizer: adam; schedule: cosine(warmup: 5epochs); batch: 32; epochs: 10k; }
    assert params <= 2M;
}
";
    assert_eq!(nn_compiler::fix(text), (text.to_owned(), 0));
    let outcome = compile(text);
    assert!(outcome.compiled.is_none());
    let offered: Vec<&str> = outcome
        .diagnostics
        .iter()
        .flat_map(|said| &said.suggestions)
        .flat_map(|suggestion| &suggestion.edits)
        .map(|edit| edit.text.as_str())
        .collect();
    assert_eq!(offered, ["10_000", "2_000_000"]);
    let notes: Vec<&String> = outcome.diagnostics.iter().flat_map(|said| &said.notes).collect();
    assert_eq!(notes, ["`warmup` counts steps (updates of the weights), not epochs"]);
}

/// In `data` a dotted word is a path or a column; in other places no part of it is dropped.
#[test]
fn dotted_words_of_data_get_quotes() {
    let data = "data { csv: iris.csv; target: species; columns: [sepal.length, petal.width]; validation: test.csv; }";
    let text = format!(
        "network A {{
    input x: [2];
    output y = x -> dense(4) -> relu -> dense(3) -> softmax;
    train {{ loss: cross_entropy; optimizer: adam; epochs: 10; batch: 32; }}
    {data}
    freeze y.dense;
}}
"
    );
    let quoted = "data { csv: \"iris.csv\"; target: species; columns: [\"sepal.length\", \"petal.width\"]; validation: \"test.csv\"; }";
    let (fixed, _) = nn_compiler::fix(&text);
    assert_eq!(fixed, text.replace(data, quoted));
    assert!(compile(&fixed).compiled.is_none());
}

/// A spec that compiles means what it says: whether to follow a warning is for the author to decide.
#[test]
fn a_spec_that_compiles_is_left_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for folder in [folder.clone(), folder.join("fail/lints")] {
        for file in fs::read_dir(folder).expect("the folder can be listed") {
            let path = file.expect("the folder can be listed").path();
            if path.extension().is_some_and(|extension| extension == "nn") {
                let text = fs::read_to_string(&path).expect("a spec is text");
                assert_eq!(nn_compiler::fix(&text).1, 0, "{}", path.display());
            }
        }
    }
}
