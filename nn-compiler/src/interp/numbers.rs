//! Sums over rows and features that several operations need.

use ndarray::{Array2, Axis, s};

/// Σ over the rows and the numbers of each feature, as one row of all features.
pub fn sum_of_features(x: &Array2<f64>, features: usize) -> Array2<f64> {
    let width = x.ncols() / features;
    // In the order of rows, however they lie in memory.
    let sum = |(_, feature)| x.slice(s![.., width * feature..width * (feature + 1)]).iter().sum();
    Array2::from_shape_fn((1, features), sum)
}

/// One number for each feature, as one row of `columns` numbers; unchanged if there is one for all.
pub fn spread(features: &Array2<f64>, columns: usize) -> Array2<f64> {
    let width = columns / features.len();
    Array2::from_shape_fn((1, columns), |(_, column)| features[[0, column / width]])
}

/// x − ln Σ exp(x), row by row.
pub fn log_softmax(x: &Array2<f64>) -> Array2<f64> {
    let largest = x.fold_axis(Axis(1), f64::NEG_INFINITY, |a, b| a.max(*b)).insert_axis(Axis(1));
    let shifted = x - &largest;
    let sum = shifted.exp().sum_axis(Axis(1)).insert_axis(Axis(1)).ln();
    shifted - sum
}

/// The sum of each column, as one row.
pub fn sum_of_columns(x: &Array2<f64>) -> Array2<f64> {
    x.sum_axis(Axis(0)).insert_axis(Axis(0))
}

/// The mean of each row, as one column; summed in order, however the row lies in memory.
pub fn mean_of_row(x: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), 1), |(row, _)| x.row(row).iter().sum::<f64>() / x.ncols() as f64)
}

/// −1, 0 or 1.
pub fn sign(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number.signum() }
}
