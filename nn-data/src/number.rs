//! The number in a cell, or what is wrong with it.

use crate::cell;
use crate::looks;
use crate::problem::Problem;
use crate::remedy::Remedy;

/// The number in the cell, as it is written; `remedy` is what to do about text that suggests
/// nothing else.
pub(crate) fn exact(text: &str, remedy: Option<Remedy>) -> Result<f64, Problem> {
    let not_a_number = || Problem::NotANumber { text: text.to_owned(), remedy: looks::remedy(text).or(remedy) };
    cell::parse(text).ok_or_else(not_a_number)
}

/// The number as an `f32`; `text` is how it was written.
pub(crate) fn in_range(number: f64, text: &str) -> Result<f32, Problem> {
    let narrow = number as f32;
    if narrow.is_finite() { Ok(narrow) } else { Err(Problem::OutOfRange { text: text.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, remedy: Option<Remedy>) -> Result<f32, Problem> {
        in_range(exact(text, remedy)?, text)
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
