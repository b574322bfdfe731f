//! Medians of few numbers.

/// The middle of some numbers, with the smallest and the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The middle one; of an even count the mean of the middle two.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// The spread of some numbers; `None` where there are none.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut numbers: Vec<f64> = numbers.into_iter().collect();
        numbers.sort_by(f64::total_cmp);
        let (min, max) = (*numbers.first()?, *numbers.last()?);
        let middle = numbers.len() / 2;
        let median =
            if numbers.len() % 2 == 1 { numbers[middle] } else { (numbers[middle - 1] + numbers[middle]) / 2.0 };
        Some(Self { median, min, max })
    }

    /// The spread of what two rows of numbers give pair by pair.
    pub fn of_pairs(left: &[f64], right: &[f64], combine: impl Fn(f64, f64) -> f64) -> Option<Self> {
        Self::of(left.iter().zip(right).map(|(left, right)| combine(*left, *right)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        let median = |numbers: &[f64]| Spread::of(numbers.iter().copied()).map(|spread| spread.median);
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        let ratios = Spread::of_pairs(&[2.0, 9.0], &[1.0, 3.0], |left, right| left / right);
        assert_eq!(ratios, Some(Spread { median: 2.5, min: 2.0, max: 3.0 }));
    }
}
