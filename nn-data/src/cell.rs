//! The text of one cell: missing marks, numbers, and labels.

use crate::fault::{Problem, Remedy};

/// Whether the cell stands for a missing value.
pub(crate) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "?" | "NA" | "NaN" | "nan")
}

/// The number in the cell.
pub(crate) fn number(text: &str, remedy: Option<Remedy>) -> Result<f32, Problem> {
    let not_a_number = || Problem::NotANumber {
        text: text.to_owned(),
        remedy: if parse(&text.replacen(',', ".", 1)).is_some() { Some(Remedy::DecimalPoint) } else { remedy },
    };
    in_range(parse(text).ok_or_else(not_a_number)?, text)
}

/// The number as an `f32`; `text` is how it was written.
pub(crate) fn in_range(number: f64, text: &str) -> Result<f32, Problem> {
    let narrow = number as f32;
    if narrow.is_finite() { Ok(narrow) } else { Err(Problem::OutOfRange { text: text.to_owned() }) }
}

/// The number that the text writes, which may be infinite but is no NaN.
pub(crate) fn parse(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// The text by which a label is known: a decimal number loses the zeros that end its fraction, so that `1.0`
/// and `1` are one class.
pub(crate) fn label(text: &str) -> &str {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.split_once('.') {
        Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => {
            text.trim_end_matches('0').trim_end_matches('.')
        }
        _ => text,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_however_its_number_is_written() {
        for (text, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("-2.50", "-2.5"),
            ("10", "10"),
            ("100.0", "100"),
            ("0.0", "0"),
            ("1.", "1."),
            ("v1.0", "v1.0"),
            ("1.0.0", "1.0.0"),
        ] {
            assert_eq!(label(text), expected);
        }
    }

    #[test]
    fn numbers_are_finite_in_f32() {
        assert_eq!(number("-1.5e2", None), Ok(-150.0));
        assert_eq!(number("1e-60", None), Ok(0.0));
        for text in ["inf", "-infinity", "3.5e38", "1e999"] {
            assert_eq!(number(text, None), Err(Problem::OutOfRange { text: text.to_owned() }));
        }
        let comma = Problem::NotANumber { text: "1,5".to_owned(), remedy: Some(Remedy::DecimalPoint) };
        assert_eq!(number("1,5", Some(Remedy::OneHot)), Err(comma));
    }
}
