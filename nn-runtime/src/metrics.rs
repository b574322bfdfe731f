//! The metrics: each a sum over rows, in f64, so that batches and chunks add up.
//!
//! Accuracies look at outputs, or at the logits they are computed from. A number that is not finite
//! is never right; an error that holds one is not finite itself.

/// Rows whose largest output is that of their class; the first of equal ones counts. A row that
/// holds a number that is not finite is wrong, whatever its class.
pub fn class_accuracy<const N: usize>(outputs: &[[f32; N]], targets: &[usize]) -> f64 {
    class_accuracy_of(outputs, targets.iter().copied())
}

/// [`class_accuracy`] where the classes do not lie in a row: those of one output of several.
pub fn class_accuracy_of<const N: usize>(outputs: &[[f32; N]], classes: impl Iterator<Item = usize>) -> f64 {
    outputs.iter().zip(classes).filter(|&(output, class)| is_finite(output) && largest(output) == class).count() as f64
}

fn is_finite(output: &[f32]) -> bool {
    output.iter().fold(true, |finite, value| finite & value.is_finite())
}

fn largest(output: &[f32]) -> usize {
    let mut best = 0;
    for (n, value) in output.iter().enumerate() {
        if *value > output[best] {
            best = n;
        }
    }
    best
}

/// Over the outputs of a row, the share on the right side of the threshold: above it where the
/// target is 1. An output that is not finite is on neither side.
pub fn binary_accuracy<const N: usize>(outputs: &[[f32; N]], targets: &[[f32; N]], threshold: f32) -> f64 {
    let pairs = outputs.as_flattened().iter().zip(targets.as_flattened());
    let is_right = |output: f32, target: f32| output.is_finite() & ((output > threshold) == (target > 0.5));
    let right = pairs.filter(|&(&output, &target)| is_right(output, target)).count();
    right as f64 / N as f64
}

/// The mean over a row's outputs of |y − t|.
pub fn mean_absolute_error<const N: usize>(outputs: &[[f32; N]], targets: &[[f32; N]]) -> f64 {
    mean_of(outputs, targets, f64::abs)
}

/// The mean over a row's outputs of (y − t)².
pub fn mean_squared_error<const N: usize>(outputs: &[[f32; N]], targets: &[[f32; N]]) -> f64 {
    mean_of(outputs, targets, |error| error * error)
}

fn mean_of<const N: usize>(outputs: &[[f32; N]], targets: &[[f32; N]], of: impl Fn(f64) -> f64) -> f64 {
    let pairs = outputs.as_flattened().iter().zip(targets.as_flattened());
    pairs.map(|(&output, &target)| of(f64::from(output) - f64::from(target))).sum::<f64>() / N as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_counts_rows_of_the_right_class() {
        let outputs = [[0.1, 0.7, 0.2], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(class_accuracy(&outputs, &[1, 0, 1]), 2.0);
        assert_eq!(class_accuracy::<3>(&[], &[]), 0.0);
    }

    #[test]
    fn binary_accuracy_is_a_share_of_the_outputs() {
        let outputs = [[0.6, 0.4], [0.5, 0.9]];
        assert_eq!(binary_accuracy(&outputs, &[[1.0, 1.0], [0.0, 1.0]], 0.5), 1.5);
    }

    #[test]
    fn what_is_not_finite_is_never_right() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for class in 0..3 {
                for at in 0..3 {
                    let mut output = [0.1, 0.2, 0.3];
                    output[at] = bad;
                    assert_eq!(class_accuracy(&[output, [1.0, 0.0, 0.0]], &[class, 0]), 1.0, "{output:?}");
                }
                assert_eq!(class_accuracy(&[[bad; 3]], &[class]), 0.0);
            }
            for target in [0.0, 1.0] {
                assert_eq!(binary_accuracy(&[[bad]], &[[target]], 0.5), 0.0);
                assert_eq!(binary_accuracy(&[[bad, 0.9]], &[[target, 1.0]], 0.5), 0.5);
            }
            assert!(!mean_absolute_error(&[[bad]], &[[0.0]]).is_finite());
            assert!(!mean_squared_error(&[[bad]], &[[0.0]]).is_finite());
        }
    }

    #[test]
    fn errors_are_means_over_outputs_summed_over_rows() {
        let outputs = [[1.0, 2.0], [3.0, -4.0]];
        let targets = [[1.0, 0.0], [2.5, 4.0]];
        assert_eq!(mean_absolute_error(&outputs, &targets), 5.25);
        assert_eq!(mean_squared_error(&outputs, &targets), 34.125);
    }
}
