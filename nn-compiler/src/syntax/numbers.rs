//! Numbers as other languages write them: with suffixes, units, other bases, or without a digit.

use super::quote::quote;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::span::Span;

/// What is wrong with the spelling of a number, if anything.
pub(super) fn misspelt(number: &str, span: Span, setting: &str, goes_on: bool) -> Option<Diagnostic> {
    let bytes = number.as_bytes();
    let radix = match bytes.get(1) {
        Some(b'x' | b'X') => 16,
        Some(b'o' | b'O') => 8,
        Some(b'b' | b'B') => 2,
        _ => 10,
    };
    if radix != 10 && bytes[0] == b'0' {
        let diagnostic = Diagnostic::error(code::SYNTAX, span, "numbers are written in decimal");
        let digits = number[2..].replace('_', "");
        return Some(match u64::from_str_radix(&digits, radix) {
            Ok(value) => diagnostic.mend("write it in decimal", span, value.to_string()),
            Err(_) => diagnostic,
        });
    }
    let (plain, rest) = decimal_prefix(number);
    match rest {
        "" => None,
        "." => Some(Diagnostic::error(code::SYNTAX, span, "a number cannot end with a decimal point").propose(
            "add a digit",
            vec![Edit::new(span.after(), "0")],
            !goes_on,
        )),
        _ => {
            let place = Span::new(span.end - rest.len(), span.end);
            let message = format!("numbers have no suffix, but this one ends with {}", quote(rest));
            Some(suffixed(Diagnostic::error(code::SYNTAX, place, message), span, plain, rest, setting))
        }
    }
}

/// What to write for a number with a suffix. A type suffix of Rust can be removed without loss; all
/// others mean something.
fn suffixed(diagnostic: Diagnostic, span: Span, plain: &str, suffix: &str, setting: &str) -> Diagnostic {
    let plain = plain.trim_end_matches('_');
    let suffix = suffix.trim_start_matches('_');
    if is_type(suffix) {
        return diagnostic.mend("remove the suffix", span, plain);
    }
    if let Some((_, multiple)) = MULTIPLES.iter().find(|(written, _)| *written == suffix) {
        return match multiplied(plain, *multiple) {
            Some(number) => diagnostic.suggest("write the number in full", span, number),
            None => diagnostic.note("write the number in full"),
        };
    }
    let second = suffix.strip_prefix(['x', 'X']);
    if let Some(second) = second.filter(|second| !second.is_empty() && second.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return diagnostic.suggest("separate two sizes with a comma", span, format!("{plain}, {second}"));
    }
    diagnostic.note(match setting {
        "epochs" | "patience" | "every" | "over" => format!("`{setting}` counts epochs, and is written without a unit"),
        "warmup" => "`warmup` counts steps (updates of the weights), not epochs".to_owned(),
        "batch" => "`batch` counts rows, and is written without a unit".to_owned(),
        "accumulate" => "`accumulate` counts batches, and is written without a unit".to_owned(),
        _ => "numbers are written without units".to_owned(),
    })
}

/// Whether a suffix is one of Rust's.
fn is_type(suffix: &str) -> bool {
    matches!(suffix, "f" | "f32" | "f64" | "usize" | "u8" | "u16" | "u32" | "u64" | "u128")
        || matches!(suffix, "isize" | "i8" | "i16" | "i32" | "i64" | "i128")
}

/// Suffixes that multiply.
const MULTIPLES: &[(&str, u64)] = &[
    ("k", 1000),
    ("K", 1000),
    ("kB", 1000),
    ("kb", 1000),
    ("KB", 1000),
    ("Ki", 1 << 10),
    ("KiB", 1 << 10),
    ("M", 1_000_000),
    ("MB", 1_000_000),
    ("mb", 1_000_000),
    ("Mi", 1 << 20),
    ("MiB", 1 << 20),
    ("G", 1_000_000_000),
    ("GB", 1_000_000_000),
    ("Gi", 1 << 30),
    ("GiB", 1 << 30),
];

/// A decimal number times `multiple`, where that is an integer, with its digits grouped.
fn multiplied(plain: &str, multiple: u64) -> Option<String> {
    const LARGEST: f64 = 9e15;
    let number = plain.replace('_', "").parse::<f64>().ok()? * multiple as f64;
    (number.fract() == 0.0 && number < LARGEST).then(|| grouped(&format!("{number:.0}")))
}

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// The longest beginning of `number` that is a number of the language, and the rest.
fn decimal_prefix(number: &str) -> (&str, &str) {
    let digits = |from: usize| {
        let bytes = number[from..].bytes();
        from + bytes.take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count()
    };
    let starts_digit = |at: usize| number.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let mut end = digits(0);
    if number[end..].starts_with('.') && starts_digit(end + 1) {
        end = digits(end + 1);
    }
    if number[end..].starts_with(['e', 'E']) {
        let sign = usize::from(number[end + 1..].starts_with(['+', '-']));
        let first = end + 1 + sign;
        if starts_digit(first + number[first..].bytes().take_while(|byte| *byte == b'_').count()) {
            end = digits(first);
        }
    }
    number.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        let cases = [
            ("10", 1000, Some("10_000")),
            ("1.5", 1_000_000, Some("1_500_000")),
            ("64", 1 << 10, Some("65_536")),
            ("1_000", 1000, Some("1_000_000")),
            ("0.0001", 1000, None),
            ("99999999999", 1_000_000, None),
        ];
        for (plain, multiple, expected) in cases {
            assert_eq!(multiplied(plain, multiple).as_deref(), expected);
        }
        assert_eq!(["1", "12", "123", "1234"].map(grouped), ["1", "12", "123", "1_234"]);
    }
}
