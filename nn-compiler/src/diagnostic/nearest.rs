//! Names that were probably meant.

/// A known name that is near to a written one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near<'a> {
    /// The known name.
    pub name: &'a str,
    /// Whether it is surely what was meant: no other is as near.
    pub is_certain: bool,
}

/// Longer names are not compared.
const MOST_BYTES: usize = 256;

/// The name among `known` that is nearest to `word`, if one is near enough to be what was meant.
///
/// Optimal string alignment distance; at most a third of the word may differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Near<'a>> {
    let limit = word.chars().count().max(3) / 3;
    let is_near = |candidate: &&str| candidate.len().abs_diff(word.len()) <= 4 * limit && candidate.len() <= MOST_BYTES;
    let known = known.into_iter().filter(|candidate| word.len() <= MOST_BYTES && is_near(candidate));
    let distances = known.map(|candidate| (distance(word, candidate), candidate));
    let near: Vec<(usize, &str)> = distances.filter(|(distance, _)| *distance <= limit).collect();
    let (least, name) = near.iter().min_by_key(|(distance, _)| *distance)?;
    let is_certain = near.iter().filter(|(distance, _)| distance == least).count() == 1;
    Some(Near { name, is_certain })
}

/// The optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_rejects_strangers() {
        let known = ["dense", "dropout", "relu", "elu", "selu", "sigmoid"];
        let near = |name, is_certain| Some(Near { name, is_certain });
        assert_eq!(nearest("desne", known), near("dense", true));
        assert_eq!(nearest("relux", known), near("relu", true));
        assert_eq!(nearest("sigmod", known), near("sigmoid", true));
        assert_eq!(nearest("belu", known), near("relu", false));
        assert_eq!(nearest("transformer", known), None);
    }
}
