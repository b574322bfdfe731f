//! Rows as numbers.

use nn_runtime::row::Row;

/// A row of numbers, or a class as the place of the one among zeros.
pub trait Numbers: Row {
    /// The row of these numbers.
    fn from_numbers(numbers: &[f64]) -> Self;

    /// Its numbers.
    fn numbers(&self) -> Vec<f64>;
}

impl<const N: usize> Numbers for [f32; N] {
    fn from_numbers(numbers: &[f64]) -> Self {
        assert_eq!(numbers.len(), N, "a row of {N} numbers");
        std::array::from_fn(|index| numbers[index] as f32)
    }

    fn numbers(&self) -> Vec<f64> {
        self.iter().copied().map(f64::from).collect()
    }
}

/// Sequences, `[channels, length]`.
impl<const L: usize, const C: usize> Numbers for [[f32; L]; C] {
    fn from_numbers(numbers: &[f64]) -> Self {
        assert_eq!(numbers.len(), C * L, "a row of {C}·{L} numbers");
        std::array::from_fn(|c| std::array::from_fn(|at| numbers[c * L + at] as f32))
    }

    fn numbers(&self) -> Vec<f64> {
        self.as_flattened().iter().copied().map(f64::from).collect()
    }
}

/// Images, `[channels, height, width]`.
impl<const W: usize, const H: usize, const C: usize> Numbers for [[[f32; W]; H]; C] {
    fn from_numbers(numbers: &[f64]) -> Self {
        assert_eq!(numbers.len(), C * H * W, "a row of {C}·{H}·{W} numbers");
        std::array::from_fn(|c| std::array::from_fn(|h| std::array::from_fn(|w| numbers[(c * H + h) * W + w] as f32)))
    }

    fn numbers(&self) -> Vec<f64> {
        self.as_flattened().as_flattened().iter().copied().map(f64::from).collect()
    }
}

impl Numbers for usize {
    fn from_numbers(numbers: &[f64]) -> Self {
        numbers.iter().position(|number| *number == 1.0).expect("one class of the row is 1")
    }

    fn numbers(&self) -> Vec<f64> {
        vec![*self as f64]
    }
}
