//! The kernels against their formulas, on every path.

use super::*;
use crate::isa::{Path, run_on};
use crate::layers::testing::{Numbers, assert_close, paths};

const EPS: f32 = 1e-5;

struct Trained<const N: usize, const C: usize> {
    running: [[f32; C]; 2],
    mean: [f32; C],
    inverse_deviation: [f32; C],
    y: Vec<[f32; N]>,
}

fn train<const N: usize, const C: usize>(
    path: Path,
    x: &[[f32; N]],
    gamma: &[f32; C],
    beta: &[f32; C],
) -> Trained<N, C> {
    let mut trained =
        Trained { running: [[0.5; C], [2.0; C]], mean: [0.0; C], inverse_deviation: [0.0; C], y: x.to_vec() };
    let Trained { running: [running_mean, running_variance], mean, inverse_deviation, y } = &mut trained;
    let (momentum, eps) = (0.25, EPS);
    run_on(path, Train { x, gamma, beta, momentum, eps, running_mean, running_variance, mean, inverse_deviation, y });
    trained
}

/// By hand: x̂ = (3 − 1)/√(4 − ε + ε) = 1 and (−1 − 1)/2 = −1.
#[test]
fn running_statistics_are_constants() {
    for path in paths() {
        let (mut dgamma, mut dbeta, mut dx) = ([0.5], [0.0], [[0.0]; 2]);
        run_on(
            path,
            EvaluateBackward {
                x: &[[3.0], [-1.0]],
                dy: &[[1.0], [4.0]],
                gamma: &[3.0],
                running_mean: &[1.0],
                running_variance: &[4.0 - 0.25],
                eps: 0.25,
                dgamma: &mut dgamma,
                dbeta: &mut dbeta,
                dx: &mut dx,
            },
        );
        assert_eq!((dgamma, dbeta, dx), ([0.5 + 1.0 - 4.0], [5.0], [[1.5], [6.0]]));
    }
}

fn check<const N: usize, const C: usize>(rows: usize) {
    let mut numbers = Numbers::new((N + rows) as u64);
    let x = numbers.rows::<N>(rows);
    let (gamma, beta) = (numbers.row::<C>(), numbers.row::<C>());
    for path in paths() {
        let Trained { running, y, .. } = train(path, &x, &gamma, &beta);
        let mut evaluated = x.clone();
        let [running_mean, running_variance] = &running;
        let y_evaluated = &mut evaluated;
        run_on(
            path,
            Evaluate { x: &x, gamma: &gamma, beta: &beta, running_mean, running_variance, eps: EPS, y: y_evaluated },
        );
        let (width, count) = (N / C, rows * (N / C));
        for c in 0..C {
            let column = || x.iter().flat_map(|x| &x[width * c..][..width]).map(|x| f64::from(*x));
            let mean = column().sum::<f64>() / count as f64;
            let squares: f64 = column().map(|x| (x - mean).powi(2)).sum();
            assert_close(running[0][c], 0.75 * 0.5 + 0.25 * mean, count);
            assert_close(running[1][c], 0.75 * 2.0 + 0.25 * squares / (count - 1) as f64, count);
            let (gamma, beta) = (f64::from(gamma[c]), f64::from(beta[c]));
            let deviation = (squares / count as f64 + f64::from(EPS)).sqrt();
            let running_deviation = (f64::from(running[1][c]) + f64::from(EPS)).sqrt();
            for (index, x) in column().enumerate() {
                let (row, n) = (index / width, width * c + index % width);
                assert_close(y[row][n], gamma * (x - mean) / deviation + beta, 4 * count);
                let expected = gamma * (x - f64::from(running[0][c])) / running_deviation + beta;
                assert_close(evaluated[row][n], expected, 4);
            }
        }
    }
}

#[test]
fn kernels_agree_with_the_formulas() {
    check::<1, 1>(5);
    check::<7, 7>(2);
    check::<17, 17>(32);
    check::<65, 65>(33);
    check::<2, 1>(2);
    check::<21, 7>(3);
    check::<48, 3>(2);
    check::<147, 3>(6);
    check::<153, 17>(33);
}

fn check_slopes<const N: usize, const C: usize>() {
    let mut numbers = Numbers::new(5);
    let (x, dy) = (numbers.rows::<N>(6), numbers.rows::<N>(6));
    let (gamma, beta) = (numbers.row::<C>(), numbers.row::<C>());
    for path in paths() {
        let Trained { mean, inverse_deviation, .. } = train(path, &x, &gamma, &beta);
        let (mut dgamma, mut dbeta, mut dx) = ([1.0; C], [1.0; C], x.clone());
        run_on(
            path,
            Backward {
                x: &x,
                dy: &dy,
                gamma: &gamma,
                mean: &mean,
                inverse_deviation: &inverse_deviation,
                dgamma: &mut dgamma,
                dbeta: &mut dbeta,
                dx: &mut dx,
            },
        );
        let value = |x: &[[f32; N]], gamma: &[f32; C], beta: &[f32; C]| -> f64 {
            let y = train(path, x, gamma, beta).y;
            y.as_flattened().iter().zip(dy.as_flattened()).map(|(&y, &dy)| f64::from(y) * f64::from(dy)).sum()
        };
        let step = 1.0 / 128.0;
        let slope = |above: f64, below: f64| (above - below) / f64::from(2.0 * step);
        let moved = |values: &[f32; C], c: usize, by: f32| {
            let mut moved = *values;
            moved[c] += by;
            moved
        };
        for c in 0..C {
            let at = |by| value(&x, &moved(&gamma, c, by), &beta);
            assert!((f64::from(dgamma[c]) - 1.0 - slope(at(step), at(-step))).abs() < 1e-3);
            let at = |by| value(&x, &gamma, &moved(&beta, c, by));
            assert!((f64::from(dbeta[c]) - 1.0 - slope(at(step), at(-step))).abs() < 1e-3);
        }
        for row in 0..6 {
            for n in 0..N {
                let at = |by| {
                    let mut x = x.clone();
                    x[row][n] += by;
                    value(&x, &gamma, &beta)
                };
                assert!((f64::from(dx[row][n]) - slope(at(step), at(-step))).abs() < 1e-3);
            }
        }
    }
}

#[test]
fn gradients_are_the_slopes_of_the_values() {
    check_slopes::<7, 7>();
    check_slopes::<18, 2>();
    check_slopes::<34, 2>();
}

/// The gradients with constant statistics, in two calls, and their formulas.
fn check_constants<const N: usize, const C: usize>() {
    let mut numbers = Numbers::new(9);
    let (x, dy) = (numbers.rows::<N>(7), numbers.rows::<N>(7));
    let [gamma, running_mean, mut running_variance] = [(); 3].map(|()| numbers.row::<C>());
    running_variance = running_variance.map(|variance| variance.abs() + 0.5);
    for path in paths() {
        let run = |cut: usize| {
            let (mut dgamma, mut dbeta, mut dx) = ([1.0; C], [1.0; C], x.clone());
            let (first, second) = dx.split_at_mut(cut);
            for (rows, dx) in [(0..cut, first), (cut..7, second)] {
                run_on(
                    path,
                    EvaluateBackward {
                        x: &x[rows.clone()],
                        dy: &dy[rows],
                        gamma: &gamma,
                        running_mean: &running_mean,
                        running_variance: &running_variance,
                        eps: EPS,
                        dgamma: &mut dgamma,
                        dbeta: &mut dbeta,
                        dx,
                    },
                );
            }
            (dgamma, dbeta, dx)
        };
        let (dgamma, dbeta, dx) = run(7);
        assert!(run(3) == (dgamma, dbeta, dx.clone()), "{path:?}: the cut changes bits");
        for c in 0..C {
            let inverse = 1.0 / (f64::from(running_variance[c]) + f64::from(EPS)).sqrt();
            let (mut sum, mut along) = (1.0, 1.0);
            for row in 0..7 {
                for n in N / C * c..N / C * (c + 1) {
                    let (x, dy) = (f64::from(x[row][n]), f64::from(dy[row][n]));
                    sum += dy;
                    along += dy * (x - f64::from(running_mean[c])) * inverse;
                    assert_close(dx[row][n], f64::from(gamma[c]) * inverse * dy, 4);
                }
            }
            assert_close(dbeta[c], sum, 7 * N / C);
            assert_close(dgamma[c], along, 28 * N / C);
        }
    }
}

#[test]
fn constants_have_no_gradient() {
    check_constants::<5, 5>();
    check_constants::<27, 3>();
    check_constants::<66, 2>();
}
