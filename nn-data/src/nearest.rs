//! The most similar of some names, for "did you mean".

/// The name most similar to `wanted`, if one is similar: at most a third of its letters differ, and one is the same.
pub(crate) fn nearest<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    let letters = |text: &str| text.chars().count();
    let limit = letters(wanted).div_ceil(3);
    names
        .iter()
        .map(|name| (distance(&wanted.to_lowercase(), &name.to_lowercase()), name))
        .filter(|&(distance, name)| distance <= limit && distance < letters(wanted).max(letters(name)))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name.as_str())
}

/// Levenshtein's distance: how many letters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

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
