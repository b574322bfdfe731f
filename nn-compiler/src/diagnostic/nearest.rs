//! Names that were probably meant.

/// A known name that is near to a written one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near<'a> {
    /// The known name.
    pub name: &'a str,
    /// Whether no other is as near: it is then treated as the intended name, so that the rest is still checked.
    pub is_alone: bool,
    /// Whether the written name can mean nothing else, so that a program may replace it unasked.
    pub is_certain: bool,
}

impl<'a> Near<'a> {
    /// A name that can only mean this one.
    pub fn certain(name: &'a str) -> Self {
        Self { name, is_alone: true, is_certain: true }
    }

    /// The same, to be confirmed by the author: names that the author chose may be similar on purpose.
    pub fn guessed(self) -> Self {
        Self { is_certain: false, ..self }
    }
}

/// The longest names that are compared.
const MOST_BYTES: usize = 256;

/// The name among `known` that is nearest to `word`, if one is near enough to be what was meant.
///
/// Optimal string alignment distance; at most a third of the word may differ. A near word is certain only if
/// it differs by one typing error: other frameworks have `relu6`, `nadam`, `rmse`, `softmin`, which are near to names
/// of the language and mean something else.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Near<'a>> {
    let limit = word.chars().count().max(3) / 3;
    let is_near = |candidate: &&str| candidate.len().abs_diff(word.len()) <= 4 * limit && candidate.len() <= MOST_BYTES;
    let known = known.into_iter().filter(|candidate| word.len() <= MOST_BYTES && is_near(candidate));
    let distances = known.map(|candidate| (strsim::osa_distance(word, candidate), candidate));
    let near: Vec<(usize, &str)> = distances.filter(|(distance, _)| *distance <= limit).collect();
    let (least, name) = near.iter().min_by_key(|(distance, _)| *distance)?;
    let is_alone = near.iter().filter(|(distance, _)| distance == least).count() == 1;
    Some(Near { name, is_alone, is_certain: is_alone && *least == 1 && is_slip(word, name) })
}

/// Whether two words that differ in one place are too long for both to be words, and have the same digits.
fn is_slip(word: &str, name: &str) -> bool {
    const SHORTEST: usize = 5;
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
    let is_long = |word: &str| word.len() >= SHORTEST;
    is_long(word) && is_long(name) && word.as_bytes()[0] == name.as_bytes()[0] && digits(word) == digits(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_rejects_strangers() {
        let known = ["dense", "dropout", "relu", "elu", "selu", "sigmoid"];
        let near = |name, is_alone, is_certain| Some(Near { name, is_alone, is_certain });
        assert_eq!(nearest("desne", known), near("dense", true, true));
        assert_eq!(nearest("relux", known), near("relu", true, false));
        assert_eq!(nearest("sigmod", known), near("sigmoid", true, true));
        assert_eq!(nearest("belu", known), near("relu", false, false));
        assert_eq!(nearest("transformer", known), None);
    }

    #[test]
    fn words_of_other_frameworks_are_never_taken_for_slips() {
        let known =
            ["relu", "dropout", "softmax", "sigmoid", "adam", "adamw", "mse", "mae", "sgd", "he_normal", "conv2d"];
        let others = ["relu6", "dropout2d", "softmin", "logsigmoid", "nadam", "nadamw", "rmse", "mape", "asgd"];
        for other in others.into_iter().chain(["lecun_normal", "conv3d"]) {
            assert!(!nearest(other, known).is_some_and(|near| near.is_certain), "{other}");
        }
    }
}
