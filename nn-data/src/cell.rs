//! The text of one cell: words for missing ones, and numbers.

/// The words that mean a missing cell by default; an empty cell is always missing.
pub(crate) const USUAL_MISSING: [&str; 4] = ["?", "NA", "NaN", "nan"];

/// The texts of cells that are missing.
pub(crate) struct MissingWords(Vec<String>);

impl MissingWords {
    /// These words, or the usual ones.
    pub fn new(words: Option<&[String]>) -> MissingWords {
        MissingWords(match words {
            Some(words) => words.iter().map(|word| word.trim().to_owned()).collect(),
            None => USUAL_MISSING.map(str::to_owned).to_vec(),
        })
    }

    /// Whether the cell means a missing value.
    pub fn contain(&self, text: &str) -> bool {
        text.is_empty() || self.0.iter().any(|word| word == text)
    }
}

/// The number in the text, which may be infinite but not NaN.
pub(crate) fn parse(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// The whole number in the text, without the zeros of a fraction: `3` of `3.0`. `None` of anything
/// else.
pub(crate) fn whole(text: &str) -> Option<&str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let zeros = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    // 0 and -0 are equal.
    (is_whole && zeros).then_some(if digits == "0" { digits } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_lose_zeros() {
        for (text, expected) in [
            ("1", Some("1")),
            ("1.0", Some("1")),
            ("-2.00", Some("-2")),
            ("-0", Some("0")),
            ("-0.0", Some("0")),
            ("100.0", Some("100")),
            ("-2.50", None),
            ("1.10", None),
            ("1.", None),
            (".0", None),
            ("v1.0", None),
            ("1.0.0", None),
            ("", None),
        ] {
            assert_eq!(whole(text), expected);
        }
    }

    #[test]
    fn missing_words_are_the_usual_or_those_given() {
        let usual = MissingWords::new(None);
        assert!(["", "?", "NA", "NaN", "nan"].iter().all(|text| usual.contain(text)));
        assert!(!usual.contain("N/A"));
        let own = MissingWords::new(Some(&[" -999 ".to_owned()]));
        assert!(own.contain("-999") && own.contain("") && !own.contain("NA"));
    }
}
