//! The most similar of some names, for "did you mean".

/// The name most similar to `wanted`, if one is similar: at most a third of its letters differ, and
/// one is the same.
pub(crate) fn nearest<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    let letters = |text: &str| text.chars().count();
    let limit = letters(wanted).div_ceil(3);
    names
        .iter()
        .map(|name| (strsim::levenshtein(&wanted.to_lowercase(), &name.to_lowercase()), name))
        .filter(|&(distance, name)| distance <= limit && distance < letters(wanted).max(letters(name)))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_similar_name_is_nearest() {
        let names = ["species".to_owned(), "petal".to_owned()];
        assert_eq!(nearest("Specis", &names), Some("species"));
        assert_eq!(nearest("weight", &names), None);
        let short = ["", "b", "A"].map(str::to_owned);
        assert_eq!(nearest("a", &short), Some("A"));
        assert_eq!(nearest("a", &short[..2]), None);
        assert_eq!(nearest("", &short), None);
    }
}
