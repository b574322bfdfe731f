use super::*;
use crate::isa::{Kernel, Path, run_on};
use crate::layers::testing::{Numbers, paths};

/// Runs a loss on every path with and without a gradient, and holds value and gradient against the
/// numbers given.
macro_rules! assert_loss {
    ($loss:ident { $($field:ident: $operand:expr),* }, $value:expr, $gradient:expr) => {
        for path in paths() {
            let mut gradient = $gradient.map(|row| row.map(|_| f32::NAN));
            let scale = 1.0 / gradient.len() as f32;
            let kernel = $loss { $($field: $operand,)* scale, gradient: Some(&mut gradient) };
            let value = run_on(path, kernel) * f64::from(scale);
            let alone = run_on(path, $loss { $($field: $operand,)* scale, gradient: None }) * f64::from(scale);
            assert_eq!(value, alone);
            let expected: f64 = $value;
            assert!((value - expected).abs() <= 3e-6 * (1.0 + expected.abs()), "{path:?}: {value}, not {expected}");
            for (found, expected) in gradient.as_flattened().iter().zip($gradient.as_flattened()) {
                let expected: f32 = *expected;
                assert!((found - expected).abs() <= 3e-6 * (1.0 + expected.abs()), "{path:?}: {found}, not {expected}");
            }
        }
    };
}

const OUTPUTS: [[f32; 2]; 2] = [[1.0, 2.0], [3.0, -4.0]];
const TARGETS: [[f32; 2]; 2] = [[1.0, 0.0], [2.5, 4.0]];

// The numbers of these tests are PyTorch's, where it has the loss.

#[test]
fn mean_squared_error() {
    assert_loss!(MeanSquaredError { y: &OUTPUTS, targets: &TARGETS }, 17.0625, [[0.0, 1.0], [0.25, -4.0]]);
}

#[test]
fn squared_error() {
    assert_loss!(SquaredError { y: &OUTPUTS, targets: &TARGETS }, 34.125, [[0.0, 2.0], [0.5, -8.0]]);
}

#[test]
fn mean_absolute_error() {
    assert_loss!(MeanAbsoluteError { y: &OUTPUTS, targets: &TARGETS }, 2.625, [[0.0, 0.25], [0.25, -0.25]]);
}

#[test]
fn huber() {
    assert_loss!(Huber { y: &OUTPUTS, targets: &TARGETS, delta: 1.0 }, 2.28125, [[0.0, 0.25], [0.125, -0.25]]);
}

#[test]
fn perceptron() {
    assert_loss!(Perceptron { y: &OUTPUTS, targets: &TARGETS }, 2.625, [[0.0, 1.0], [0.25, -4.0]]);
}

#[test]
fn binary_cross_entropy() {
    let logits = [[0.0, 100.0, -100.0, 3.0]];
    let targets = [[1.0, 0.0, 1.0, 1.0]];
    let gradient = [[-0.125, 0.25, -0.25, -0.011_856_466]];
    assert_loss!(BinaryCrossEntropy { logits: &logits, targets: &targets }, 50.185_432, gradient);
    let (logits, targets) = ([[1000.0], [-1000.0]], [[0.0], [1.0]]);
    assert_loss!(BinaryCrossEntropy { logits: &logits, targets: &targets }, 1000.0, [[0.5], [-0.5]]);
}

#[test]
fn cross_entropy() {
    let logits = [[2.0, 1.0, 0.1], [0.0, 0.0, 0.0]];
    let gradient = [[-0.170_499_41, 0.121_216_49, 0.049_282_95], [0.166_666_66, 0.166_666_66, -0.333_333_34]];
    assert_loss!(CrossEntropy { logits: &logits, targets: &[0, 2] }, 0.757_821_14, gradient);
    let logits = [[1000.0, 0.0, -1000.0], [-1000.0, 0.0, 1000.0]];
    assert_loss!(CrossEntropy { logits: &logits, targets: &[1, 2] }, 500.0, [[0.5, -0.5, 0.0], [0.0, 0.0, 0.0]]);
}

/// Holds the gradient against central differences of the value: `$at` is the rows that the loss is
/// a function of.
macro_rules! assert_gradient {
    ($loss:ident { $at:ident $(, $field:ident: $operand:expr)* }, $rows:expr) => {
        for path in paths() {
            let rows: Vec<[f32; 17]> = $rows;
            let mut gradient = rows.clone();
            let loss = |rows: &[[f32; 17]], gradient: Option<&mut [[f32; 17]]>| -> f64 {
                run_on(path, $loss { $at: rows $(, $field: $operand)*, scale: 0.5, gradient })
            };
            loss(&rows, Some(&mut gradient));
            for (row, column) in [(0, 0), (1, 3), (4, 16), (2, 9), (3, 15)] {
                let step = 1.0 / 256.0;
                let (mut above, mut below) = (rows.clone(), rows.clone());
                above[row][column] += step;
                below[row][column] -= step;
                let distance = f64::from(above[row][column]) - f64::from(below[row][column]);
                let slope = 0.5 * (loss(&above, None) - loss(&below, None)) / distance;
                let found = f64::from(gradient[row][column]);
                assert!((found - slope).abs() <= 2e-4, "{path:?}: {found}, but the slope is {slope}");
            }
        }
    };
}

#[test]
fn gradients_are_the_slopes_of_the_values() {
    let mut numbers = Numbers::new(7);
    let rows = numbers.rows::<17>(5);
    let targets = numbers.rows::<17>(5);
    let shares: Vec<[f32; 17]> = targets.iter().map(|row| row.map(f32::abs)).collect();
    assert_gradient!(MeanSquaredError { y, targets: &targets }, rows.clone());
    assert_gradient!(SquaredError { y, targets: &targets }, rows.clone());
    assert_gradient!(MeanAbsoluteError { y, targets: &targets }, rows.clone());
    assert_gradient!(Huber { y, targets: &targets, delta: 0.5 }, rows.clone());
    assert_gradient!(BinaryCrossEntropy { logits, targets: &shares }, rows.clone());
    assert_gradient!(CrossEntropy { logits, targets: &[3, 0, 16, 9, 7] }, rows.clone());
}

#[test]
fn a_batch_may_be_cut_anywhere() {
    let mut numbers = Numbers::new(8);
    let rows = numbers.rows::<10>(7);
    let classes = [0, 9, 3, 4, 4, 1, 7];
    for path in paths() {
        let mut whole = rows.clone();
        let kernel = CrossEntropy { logits: &rows, targets: &classes, scale: 0.25, gradient: Some(&mut whole) };
        let loss = run_on(path, kernel);
        let mut cut = rows.clone();
        let mut sum = 0.0;
        for part in [0..1, 1..3, 3..7] {
            let gradient = Some(&mut cut[part.clone()]);
            let kernel = CrossEntropy { logits: &rows[part.clone()], targets: &classes[part], scale: 0.25, gradient };
            sum += run_on(path, kernel);
        }
        assert_eq!(whole, cut);
        assert!((loss - sum).abs() < 1e-12);
    }
}

#[test]
fn nan_is_not_hidden() {
    fn is_nan(kernel: impl Kernel<Output = f64>) -> bool {
        run_on(Path::Baseline, kernel).is_nan()
    }
    let (scale, rows, targets) = (1.0, [[0.0, f32::NAN]], [[0.0, 1.0]]);
    assert!(is_nan(MeanSquaredError { y: &rows, targets: &targets, scale, gradient: None }));
    assert!(is_nan(MeanAbsoluteError { y: &rows, targets: &targets, scale, gradient: None }));
    assert!(is_nan(Huber { y: &rows, targets: &targets, delta: 1.0, scale, gradient: None }));
    assert!(is_nan(BinaryCrossEntropy { logits: &rows, targets: &targets, scale, gradient: None }));
    assert!(is_nan(CrossEntropy { logits: &rows, targets: &[0], scale, gradient: None }));
}

#[test]
fn smoothed_cross_entropy() {
    let logits = [[2.0, 1.0, 0.1], [0.0, 0.0, 0.0], [-1000.0, 1000.0, 3.0]];
    let classes = [0, 2, 1];
    let gradient = [
        [-0.091_444_06, 0.069_699_88, 0.021_744_186],
        [0.1, 0.1, -0.2],
        [-0.011_111_111, 0.022_222_222, -0.011_111_111],
    ];
    assert_loss!(
        SmoothedCrossEntropy { logits: &logits, classes: classes.iter().copied(), smoothing: 0.1, weights: &[1.0; 3] },
        33.837_436_323_870_87,
        gradient
    );
    // PyTorch divides by the weights of the classes, 3.75, where the kernel does by the rows.
    let weights = [1.0, 2.5, 0.25];
    assert_eq!(class_factor(classes.iter().copied(), &weights), 0.8);
    let gradient =
        [[-0.090_933_03, 0.064_648_79, 0.026_284_237], [0.022_222_222, 0.022_222_222, -0.044_444_444], [0.0, 0.0, 0.0]];
    assert_loss!(
        SmoothedCrossEntropy { logits: &logits, classes: classes.iter().copied(), smoothing: 0.0, weights: &weights },
        0.184_448_823_585_296_27 * 1.25,
        gradient.map(|row| row.map(|slope| slope * 1.25))
    );
    let gradient = [
        [-0.046_590_79, 0.023_436_787, 0.023_154_005],
        [0.022_222_222, -0.004_444_444_4, -0.017_777_778],
        [-0.017_777_778, 0.022_222_222, -0.004_444_444_4],
    ];
    assert_loss!(
        SmoothedCrossEntropy { logits: &logits, classes: classes.iter().copied(), smoothing: 0.2, weights: &weights },
        40.288_157_434_753_52 * 1.25,
        gradient.map(|row| row.map(|slope| slope * 1.25))
    );
}

#[test]
fn rows_that_weigh_nothing_have_no_loss() {
    assert_eq!(class_factor([1, 1].into_iter(), &[2.0, 0.0]), 0.0);
    assert_eq!(class_factor([0, 1].into_iter(), &[2.0, 0.0]), 1.0);
}

#[test]
fn smoothed_binary_cross_entropy() {
    let (logits, targets) = ([[0.0, 100.0, -100.0, 3.0]], [[1.0, 0.0, 1.0, 1.0]]);
    let gradient = [[-0.375, 0.25, -0.75, -0.035_569_404]];
    assert_loss!(
        SmoothedBinaryCrossEntropy { logits: &logits, targets: &targets, smoothing: 0.0, positive_weight: 3.0 },
        100.556_300_899_100_26,
        gradient
    );
    let gradient = [[-0.053_125, 0.2375, -0.118_75, 0.006_275_354]];
    assert_loss!(
        SmoothedBinaryCrossEntropy { logits: &logits, targets: &targets, smoothing: 0.1, positive_weight: 0.5 },
        35.759_852_657_342_55,
        gradient
    );
}
