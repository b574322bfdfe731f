//! The kernels against their formulas, however rows and threads cut them.

use super::*;
use crate::isa::{Path, run_on};
use crate::layers::activation::{Backward, Linear, Tanh};
use crate::layers::testing::{Numbers, ROWS, assert_close, paths};
use crate::optimizers::{Adam, Optimizer, Sgd, SgdMomentum, Update};
use crate::regularizer::Penalty;
use crate::threads::{Shared, Split};
use core::ops::Range;

fn boxed<const R: usize, const C: usize>(numbers: &mut Numbers) -> Box<[[f32; C]; R]> {
    numbers.rows::<C>(R).try_into().expect("R rows")
}

/// Every kernel against its formula in f64, one sum at a time, and one call for all rows
/// against calls for parts of them, bit for bit.
fn check<const K: usize, const N: usize>(rows: usize) {
    let mut numbers = Numbers::new((K * 1000 + N * 10 + rows) as u64);
    let (x, dy) = (numbers.rows::<K>(rows), numbers.rows::<N>(rows));
    let (weight, bias) = (boxed::<K, N>(&mut numbers), numbers.row::<N>());
    let operands = Operands { x: &x, dy: &dy, weight: &weight, bias: &bias };
    for path in paths() {
        let found = operands.run(path, core::slice::from_ref(&(0..rows)));
        operands.assert_formulas(&found);
        let third = rows.div_ceil(3);
        assert_eq!(operands.run(path, &[0..1, 1..third.max(1), third..rows]), found, "{path:?} {K}→{N} {rows}");
    }
}

struct Operands<'a, const K: usize, const N: usize> {
    x: &'a [[f32; K]],
    dy: &'a [[f32; N]],
    /// Also the gradient before.
    weight: &'a [[f32; N]; K],
    bias: &'a [f32; N],
}

#[derive(Debug, PartialEq)]
struct Results<const K: usize, const N: usize> {
    y: Vec<[f32; N]>,
    dx: Vec<[f32; K]>,
    dw: Box<[[f32; N]; K]>,
    db: [f32; N],
}

impl<const K: usize, const N: usize> Operands<'_, K, N> {
    fn run(&self, path: Path, parts: &[Range<usize>]) -> Results<K, N> {
        let (weight, bias) = (self.weight, self.bias);
        let (mut y, mut dx) = (self.dy.to_vec(), self.x.to_vec());
        let (mut dw, mut db) = (Box::new(*weight), *bias);
        for range in parts.iter().filter(|range| range.start < range.end) {
            let (x, dy) = (&self.x[range.clone()], &self.dy[range.clone()]);
            let (y, dx) = (&mut y[range.clone()], &mut dx[range.clone()]);
            run_on(path, Forward { x, weight, panels: None, bias: Some(bias), activation: Tanh, y });
            run_on(path, InputGradient { dy, weight, activation: Linear, saved: None, dx });
            run_on(path, WeightGradient { x, dy, dw: &mut dw, db: Some(&mut db) });
        }
        Results { y, dx, dw, db }
    }

    fn assert_formulas(&self, found: &Results<K, N>) {
        let product = |a: f32, b: f32| f64::from(a) * f64::from(b);
        let rows = self.x.len();
        for (m, (x, dy)) in self.x.iter().zip(self.dy).enumerate() {
            for n in 0..N {
                let sum: f64 = (0..K).map(|k| product(x[k], self.weight[k][n])).sum();
                assert_close(found.y[m][n], (f64::from(self.bias[n]) + sum).tanh(), K);
            }
            for k in 0..K {
                let sum: f64 = (0..N).map(|n| product(dy[n], self.weight[k][n])).sum();
                assert_close(found.dx[m][k], sum, N);
            }
        }
        for n in 0..N {
            for k in 0..K {
                let sum: f64 = self.x.iter().zip(self.dy).map(|(x, dy)| product(x[k], dy[n])).sum();
                assert_close(found.dw[k][n], f64::from(self.weight[k][n]) + sum, rows);
            }
            let sum: f64 = self.dy.iter().map(|dy| f64::from(dy[n])).sum();
            assert_close(found.db[n], f64::from(self.bias[n]) + sum, rows);
        }
    }
}

#[test]
fn kernels_agree_with_the_formulas_however_rows_are_cut() {
    for rows in ROWS {
        check::<1, 1>(rows);
        check::<2, 130>(rows);
        check::<7, 65>(rows);
        check::<15, 64>(rows);
        check::<16, 33>(rows);
        check::<31, 17>(rows);
        check::<33, 16>(rows);
        check::<64, 31>(rows);
        check::<65, 7>(rows);
        check::<130, 2>(rows);
        check::<130, 17>(rows);
        check::<17, 1>(rows);
        check::<1, 15>(rows);
        // Four rows at a time, in one, two and four accumulators.
        check::<7, 3>(rows);
        check::<13, 2>(rows);
        check::<32, 4>(rows);
    }
}

/// The fused step against gradient, penalty and step one after another, bit for bit.
fn check_update<const K: usize, const N: usize, O: Optimizer<S>, const S: usize>(optimizer: O, rows: usize) {
    let mut numbers = Numbers::new((K * 1000 + N * 10 + rows) as u64);
    let (x, dy) = (numbers.rows::<K>(rows), numbers.rows::<N>(rows));
    let (weight, bias) = (boxed::<K, N>(&mut numbers), numbers.row::<N>());
    let (l1, l2) = (0.125, 0.0625);
    for path in paths() {
        let (mut apart, mut fused) = (weight.clone(), weight.clone());
        let (mut apart_state, mut fused_state) = ([[[0.0; N]; K]; S], [[[0.0; N]; K]; S]);
        let (mut apart_bias, mut fused_bias) = (bias, bias);
        let (mut apart_bias_state, mut fused_bias_state) = ([[0.0; N]; S], [[0.0; N]; S]);
        for step in 1..=3 {
            let (mut dw, mut db) = ([[0.0; N]; K], [0.0; N]);
            run_on(path, WeightGradient { x: &x, dy: &dy, dw: &mut dw, db: Some(&mut db) });
            let gradient = Some(dw.as_flattened_mut());
            run_on(path, Penalty { weights: apart.as_flattened(), l1, l2, gradient });
            let rule = optimizer.rule(0.125, step);
            let mut state = apart_state.each_mut().map(|state| state.as_flattened_mut());
            let weights = apart.as_flattened_mut();
            run_on(path, Update { rule, weights, gradients: dw.as_flattened(), state: &mut state });
            let mut state = apart_bias_state.each_mut().map(|state| &mut state[..]);
            run_on(path, Update { rule, weights: &mut apart_bias, gradients: &db, state: &mut state });

            let (x, dy) = (&x[..], &dy[..]);
            let state = fused_state.each_mut();
            run_on(path, WeightUpdate { x, dy, l1, l2, rule, weight: &mut fused, state });
            let state = fused_bias_state.each_mut();
            run_on(path, BiasUpdate { dy, rule, bias: &mut fused_bias, state });
        }
        assert_eq!((apart, apart_state), (fused, fused_state), "{path:?} {K}→{N} {rows}");
        assert_eq!((apart_bias, apart_bias_state), (fused_bias, fused_bias_state), "{path:?} {K}→{N} {rows}");
    }
}

#[test]
fn a_step_in_the_tile_is_the_step_after_it() {
    let adam = Adam { beta1: 0.875, beta2: 0.9375, eps: 0.001 };
    let heavy = SgdMomentum { momentum: 0.75, nesterov: true, weight_decay: 0.25 };
    for rows in ROWS {
        check_update::<1, 1, _, _>(adam, rows);
        check_update::<17, 1, _, _>(heavy, rows);
        check_update::<2, 130, _, _>(adam, rows);
        check_update::<33, 16, _, _>(Sgd { weight_decay: 0.25 }, rows);
        check_update::<64, 10, _, _>(adam, rows);
        check_update::<7, 65, _, _>(heavy, rows);
    }
    // Packed, and too many rows for it.
    check_update::<60, 150, _, _>(adam, 70);
    check_update::<60, 150, _, _>(adam, 530);
}

#[test]
fn a_derivative_in_the_tile_is_the_derivative_after_it() {
    let mut numbers = Numbers::new(1);
    let (saved, dy) = (numbers.rows::<70>(31), numbers.rows::<17>(31));
    let weight = boxed::<70, 17>(&mut numbers);
    for path in paths() {
        let (mut plain, mut apart, mut fused) = (saved.clone(), saved.clone(), saved.clone());
        let (dy, weight) = (&dy[..], &weight);
        run_on(path, InputGradient { dy, weight, activation: Linear, saved: None, dx: &mut plain });
        run_on(path, Backward { activation: Tanh, saved: &saved, dy: &plain, dx: &mut apart });
        run_on(path, InputGradient { dy, weight, activation: Tanh, saved: Some(&saved), dx: &mut fused });
        assert_eq!(apart, fused, "{path:?}");
    }
}

/// Runs both parts of a kernel.
fn run_cut(path: Path, index: usize, kernel: impl Shared) {
    let (first, rest) = kernel.whole().split_at(index);
    run_on(path, rest);
    run_on(path, first);
}

/// Parts for two threads against the whole, bit for bit, wherever the cut falls.
fn check_cuts<const K: usize, const N: usize>(rows: usize) {
    let mut numbers = Numbers::new((K * 1000 + N * 10 + rows) as u64);
    let (x, dy) = (numbers.rows::<K>(rows), numbers.rows::<N>(rows));
    let (weight, bias) = (boxed::<K, N>(&mut numbers), Some(&numbers.row::<N>()));
    let (x, dy) = (&x[..], &dy[..]);
    for path in paths() {
        let (mut y, mut dx) = (dy.to_vec(), x.to_vec());
        run_on(path, Forward { x, weight: &weight, panels: None, bias, activation: Tanh, y: &mut y });
        run_on(path, InputGradient { dy, weight: &weight, activation: Tanh, saved: Some(x), dx: &mut dx });
        for index in [1, 12, rows / 2, rows - 1] {
            let (mut y_cut, mut dx_cut) = (dy.to_vec(), x.to_vec());
            let forward = Forward { x, weight: &weight, panels: None, bias, activation: Tanh, y: &mut y_cut };
            run_cut(path, index, forward);
            run_cut(
                path,
                index,
                InputGradient { dy, weight: &weight, activation: Tanh, saved: Some(x), dx: &mut dx_cut },
            );
            assert_eq!((&y, &dx), (&y_cut, &dx_cut), "{path:?} {K}→{N} {rows} at {index}");
        }
    }
}

fn check_weight_cuts<const K: usize, const N: usize>(rows: usize) {
    let mut numbers = Numbers::new((K * 1000 + N * 10 + rows) as u64);
    let (x, dy) = (numbers.rows::<K>(rows), numbers.rows::<N>(rows));
    let first = boxed::<K, N>(&mut numbers);
    // As of an optimizer: Adam takes a root of it.
    let old = Box::new(first.map(|row| row.map(f32::abs)));
    let rule = Adam { beta1: 0.875, beta2: 0.9375, eps: 0.001 }.rule(0.125, 3);
    let (x, dy, l1, l2) = (&x[..], &dy[..], 0.125, 0.0625);
    for path in paths() {
        let (mut dw, mut weight, mut state) = (first.clone(), first.clone(), [old.clone(), old.clone()]);
        let mut db = [0.5; N];
        run_on(path, WeightGradient { x, dy, dw: &mut dw, db: Some(&mut db) });
        let slots = state.each_mut().map(|state| &mut **state);
        run_on(path, WeightUpdate { x, dy, l1, l2, rule, weight: &mut weight, state: slots });
        for index in [1, 12, K / 2, K - 1] {
            let (mut dw_cut, mut weight_cut) = (first.clone(), first.clone());
            let mut state_cut = [old.clone(), old.clone()];
            let mut db_cut = [0.5; N];
            run_cut(path, index, WeightGradient { x, dy, dw: &mut dw_cut, db: Some(&mut db_cut) });
            assert_eq!(db, db_cut, "{path:?} {K}→{N} {rows} at {index}");
            let slots = state_cut.each_mut().map(|state| &mut **state);
            run_cut(path, index, WeightUpdate { x, dy, l1, l2, rule, weight: &mut weight_cut, state: slots });
            let whole = (&dw, &weight, &state);
            assert_eq!(whole, (&dw_cut, &weight_cut, &state_cut), "{path:?} {K}→{N} {rows} at {index}");
        }
    }
}

#[test]
fn threads_give_the_same_bits_wherever_they_cut() {
    check_cuts::<17, 1>(31);
    check_cuts::<1, 2>(13);
    check_cuts::<65, 33>(64);
    check_cuts::<130, 7>(25);
    check_cuts::<600, 70>(97);
    check_weight_cuts::<13, 2>(1);
    check_weight_cuts::<33, 17>(31);
    check_weight_cuts::<130, 70>(65);
    check_weight_cuts::<600, 70>(97);
    check_weight_cuts::<600, 70>(300);
}

#[test]
fn a_single_column_of_weights_is_not_cut() {
    let mut dw = [[0.0]; 100];
    assert_eq!(WeightGradient { x: &[], dy: &[], dw: &mut dw, db: None }.whole().size(), 0);
}

#[test]
fn packing_panels_changes_nothing() {
    // Large enough to be packed in some calls and not in others, and to be cut in depth.
    check::<600, 70>(97);
    check::<600, 70>(160);
    // The walk for dx is cut.
    check::<70, 1100>(33);
}

/// A product with panels from before against one without, bit for bit.
fn check_panels<const K: usize, const N: usize>(rows: usize) {
    let mut numbers = Numbers::new((K * 1000 + N * 10 + rows) as u64);
    let (x, weight, bias) = (numbers.rows::<K>(rows), boxed::<K, N>(&mut numbers), numbers.row::<N>());
    for path in paths() {
        let mut lines = vec![Line::ZERO; K * N.div_ceil(16)];
        run_on(path, CopyPanels { weight: &weight, panels: &mut lines });
        let forward = |panels| {
            let mut y = vec![[0.0; N]; rows];
            let forward = Forward { x: &x, weight: &weight, panels, bias: Some(&bias), activation: Tanh, y: &mut y };
            run_on(path, forward);
            y
        };
        assert_eq!(forward(Some(&lines)), forward(None), "{path:?} {K}→{N} {rows}");
    }
}

#[test]
fn panels_from_before_change_nothing() {
    for rows in [1, 15, 16, 50, 97] {
        check_panels::<130, 65>(rows);
        check_panels::<600, 70>(rows);
    }
    check_panels::<1100, 130>(33);
}

#[test]
fn no_rows_and_no_bias_are_fine() {
    for path in paths() {
        let mut y = [[0.0; 2]];
        let weight = &[[1.0; 2]; 2];
        run_on(path, Forward { x: &[], weight, panels: None, bias: None, activation: Linear, y: &mut [] });
        run_on(path, Forward { x: &[[1.0, 2.0]], weight, panels: None, bias: None, activation: Linear, y: &mut y });
        assert_eq!(y, [[3.0; 2]]);
    }
}
