//! `dense(units)`: y = f(x·W + b).
//!
//! | value | shape              |
//! | ----- | ------------------ |
//! | x     | `[rows, K]`        |
//! | W     | `[K, N]`           |
//! | b     | `[N]`              |
//! | y     | `[rows, N]`        |
//!
//! Backward, with dy the gradient of x·W + b: dW += xᵀ·dy, db += Σ dy over the rows, dx = dy·Wᵀ.
//!
//! Every sum has one order: over k from the bias upwards, over rows from the stored gradient
//! upwards. A narrow layer sums over k in two or four chains that take turns, and one of one unit in
//! the lanes of a vector, since one chain of multiply-adds would wait for itself.

use super::activation::{Activation, apply};
use super::product::{Added, Line, Ones, Output, Place, Plain, Product, Transposed, Turned, load_lines};
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::math::sign;
use crate::optimizers::Rule;
use crate::threads::{Shared, Split, TILE, split_all};

/// y = f(x·W + b).
pub struct Forward<'a, const K: usize, const N: usize, A> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// b, if the layer has one.
    pub bias: Option<&'a [f32; N]>,
    /// f.
    pub activation: A,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const K: usize, const N: usize, A: Activation> Kernel for Forward<'_, K, N, A> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        product::<I, K, N, A>(self.x, self.weight, self.bias, self.activation, self.y);
    }
}

impl<const K: usize, const N: usize, A: Activation + Send> Shared for Forward<'_, K, N, A> {
    type Piece = Self;

    fn whole(self) -> Self {
        self
    }
}

/// By rows.
impl<const K: usize, const N: usize, A: Activation + Send> Split for Forward<'_, K, N, A> {
    const GRAIN: usize = TILE;

    fn size(&self) -> usize {
        self.y.len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let ((x, x_rest), (y, y_rest)) = (self.x.split_at(index), self.y.split_at_mut(index));
        (Self { x, y, ..self }, Self { x: x_rest, y: y_rest, ..self })
    }
}

/// dx = dy·Wᵀ, times f′ of the activation before the layer where it has one.
pub struct InputGradient<'a, const K: usize, const N: usize, A> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// f.
    pub activation: A,
    /// What f′ is taken from, as by [`activation::Backward`](super::activation::Backward); without it there is no f.
    pub saved: Option<&'a [[f32; K]]>,
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; K]],
}

impl<const K: usize, const N: usize, A: Activation> Kernel for InputGradient<'_, K, N, A> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { dy, weight, activation, saved, dx } = self;
        assert_eq!(dy.len(), dx.len(), "one gradient row for each row");
        let out = Derived { activation, saved, dx };
        if N == 1 {
            // A single column lies in memory as a single row does.
            let right = weight.as_flattened().as_chunks::<K>().0;
            Product::<_, _, _, N, K> { left: Plain(dy), right, out }.compute::<I>();
        } else {
            Product::<_, _, _, N, K> { left: Plain(dy), right: Turned(weight), out }.compute::<I>();
        }
    }
}

impl<const K: usize, const N: usize, A: Activation + Send> Shared for InputGradient<'_, K, N, A> {
    type Piece = Self;

    fn whole(self) -> Self {
        self
    }
}

/// By rows.
impl<const K: usize, const N: usize, A: Activation + Send> Split for InputGradient<'_, K, N, A> {
    const GRAIN: usize = TILE;

    fn size(&self) -> usize {
        self.dx.len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let ((dy, dy_rest), (dx, dx_rest)) = (self.dy.split_at(index), self.dx.split_at_mut(index));
        let (saved, saved_rest) = self.saved.map(|saved| saved.split_at(index)).unzip();
        (Self { dy, saved, dx, ..self }, Self { dy: dy_rest, saved: saved_rest, dx: dx_rest, ..self })
    }
}

/// dW += xᵀ·dy.
pub struct WeightGradient<'a, const K: usize, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// The gradient of W, added to.
    pub dw: &'a mut [[f32; N]; K],
}

impl<const K: usize, const N: usize> Kernel for WeightGradient<'_, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.whole().run::<I>();
    }
}

impl<'a, const K: usize, const N: usize> Shared for WeightGradient<'a, K, N> {
    type Piece = WeightGradientRows<'a, K, N>;

    #[inline(always)]
    fn whole(self) -> Self::Piece {
        let Self { x, dy, dw } = self;
        WeightGradientRows { x, dy, first: 0, dw }
    }
}

/// Some rows of [`WeightGradient`].
pub struct WeightGradientRows<'a, const K: usize, const N: usize> {
    x: &'a [[f32; K]],
    dy: &'a [[f32; N]],
    /// The number of the first row of `dw`.
    first: usize,
    dw: &'a mut [[f32; N]],
}

impl<const K: usize, const N: usize> Kernel for WeightGradientRows<'_, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { x, dy, first, dw } = self;
        assert_eq!(x.len(), dy.len(), "one gradient row for each input row");
        if N == 1 {
            // A single column lies in memory as a single row does, and rows are what tiles are fast
            // at.
            let (dw, _) = dw.as_flattened_mut().as_chunks_mut::<K>();
            let left = Transposed { matrix: dy, first: 0 };
            Product::<_, _, _, 0, K> { left, right: x, out: Added(dw) }.compute::<I>();
        } else {
            let left = Transposed { matrix: x, first };
            Product::<_, _, _, 0, N> { left, right: dy, out: Added(dw) }.compute::<I>();
        }
    }
}

/// By rows of W.
impl<const K: usize, const N: usize> Split for WeightGradientRows<'_, K, N> {
    const GRAIN: usize = TILE;

    fn size(&self) -> usize {
        shared_rows::<N>(self.dw)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (dw, dw_rest) = self.dw.split_at_mut(index);
        (Self { dw, ..self }, Self { first: self.first + index, dw: dw_rest, ..self })
    }
}

/// The rows that may be shared among threads: a single column is computed as one row.
fn shared_rows<const N: usize>(weight: &[[f32; N]]) -> usize {
    if N == 1 { 0 } else { weight.len() }
}

/// db += Σ dy over the rows.
pub struct BiasGradient<'a, const N: usize> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// The gradient of b, added to.
    pub db: &'a mut [f32; N],
}

impl<const N: usize> Kernel for BiasGradient<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let out = Added(core::slice::from_mut(self.db));
        Product::<_, _, _, 0, N> { left: Ones, right: self.dy, out }.compute::<I>();
    }
}

/// One step of an optimizer for W, with the gradient xᵀ·dy + λ₁·sign(W) + 2·λ₂·W: each tile of it
/// goes from registers into the step, and is stored nowhere. For a batch that is one call, where
/// nothing else needs the gradient.
///
/// The same bits as [`WeightGradient`] from 0, [`Penalty`](crate::regularizer::Penalty) and
/// [`Optimizer::update`](crate::optimizers::Optimizer::update) one after another, but that a
/// gradient of −0 counts as 0.
pub struct WeightUpdate<'a, const K: usize, const N: usize, R, const S: usize> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// λ₁, 0 for none.
    pub l1: f32,
    /// λ₂, 0 for none.
    pub l2: f32,
    /// The step.
    pub rule: R,
    /// W, moved.
    pub weight: &'a mut [[f32; N]; K],
    /// The optimizer's state, moved.
    pub state: [&'a mut [[f32; N]; K]; S],
}

impl<const K: usize, const N: usize, R: Rule<S>, const S: usize> Kernel for WeightUpdate<'_, K, N, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.whole().run::<I>();
    }
}

impl<'a, const K: usize, const N: usize, R: Rule<S>, const S: usize> Shared for WeightUpdate<'a, K, N, R, S> {
    type Piece = WeightUpdateRows<'a, K, N, R, S>;

    #[inline(always)]
    fn whole(self) -> Self::Piece {
        let Self { x, dy, l1, l2, rule, weight, state } = self;
        let state = state.map(|state| state.as_mut_slice());
        WeightUpdateRows { x, dy, first: 0, l1, l2, rule, weight, state }
    }
}

/// Some rows of [`WeightUpdate`].
pub struct WeightUpdateRows<'a, const K: usize, const N: usize, R, const S: usize> {
    x: &'a [[f32; K]],
    dy: &'a [[f32; N]],
    /// The number of the first row of `weight` and `state`.
    first: usize,
    l1: f32,
    l2: f32,
    rule: R,
    weight: &'a mut [[f32; N]],
    state: [&'a mut [[f32; N]]; S],
}

impl<const K: usize, const N: usize, R: Rule<S>, const S: usize> Kernel for WeightUpdateRows<'_, K, N, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { x, dy, first, l1, l2, rule, weight, state } = self;
        assert_eq!(x.len(), dy.len(), "one gradient row for each input row");
        if N == 1 {
            // As in `WeightGradient`.
            let (weight, _) = weight.as_flattened_mut().as_chunks_mut::<K>();
            let state = state.map(|state| state.as_flattened_mut().as_chunks_mut::<K>().0);
            let (left, out) = (Transposed { matrix: dy, first: 0 }, Updated { l1, l2, rule, weight, state });
            Product::<_, _, _, 0, K> { left, right: x, out }.compute::<I>();
        } else {
            let (left, out) = (Transposed { matrix: x, first }, Updated { l1, l2, rule, weight, state });
            Product::<_, _, _, 0, N> { left, right: dy, out }.compute::<I>();
        }
    }
}

/// By rows of W.
impl<const K: usize, const N: usize, R: Rule<S>, const S: usize> Split for WeightUpdateRows<'_, K, N, R, S> {
    const GRAIN: usize = TILE;

    fn size(&self) -> usize {
        shared_rows::<N>(self.weight)
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (weight, weight_rest) = self.weight.split_at_mut(index);
        let (state, state_rest) = split_all(self.state, index);
        let first = self.first + index;
        (Self { weight, state, ..self }, Self { first, weight: weight_rest, state: state_rest, ..self })
    }
}

/// One step of an optimizer for b, with the gradient Σ dy over the rows, as in [`WeightUpdate`].
pub struct BiasUpdate<'a, const N: usize, R, const S: usize> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// The step.
    pub rule: R,
    /// b, moved.
    pub bias: &'a mut [f32; N],
    /// The optimizer's state, moved.
    pub state: [&'a mut [f32; N]; S],
}

impl<const N: usize, R: Rule<S>, const S: usize> Kernel for BiasUpdate<'_, N, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let weight = core::slice::from_mut(self.bias);
        let state = self.state.map(core::slice::from_mut);
        let out = Updated { l1: 0.0, l2: 0.0, rule: self.rule, weight, state };
        Product::<_, _, _, 0, N> { left: Ones, right: self.dy, out }.compute::<I>();
    }
}

/// Weights that take a step with the sums as their gradients.
struct Updated<'a, const N: usize, R, const S: usize> {
    l1: f32,
    l2: f32,
    rule: R,
    weight: &'a mut [[f32; N]],
    state: [&'a mut [[f32; N]]; S],
}

impl<const N: usize, R: Rule<S>, const S: usize> Updated<'_, N, R, S> {
    /// A step of `width` weights from `start` on, row after row.
    #[inline(always)]
    fn step<V: Vector>(&mut self, start: usize, width: usize, gradients: V) {
        let place = Place { column: start, width };
        let [weights]: [V; 1] = place.load(self.weight.as_flattened());
        let mut state = [weights; S];
        for s in 0..S {
            [state[s]] = place.load(self.state[s].as_flattened());
        }
        let gradients = gradients + penalty_gradient(self.l1, self.l2, weights);
        let (weights, state) = self.rule.apply(weights, gradients, state);
        place.store([weights], self.weight.as_flattened_mut());
        for s in 0..S {
            place.store([state[s]], self.state[s].as_flattened_mut());
        }
    }
}

/// Rows of up to so many weights lie within one tile.
const NARROW: usize = 32;

impl<const N: usize, R: Rule<S>, const S: usize> Output<N> for Updated<'_, N, R, S> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.weight.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, _: usize, _: Place) -> [V; G] {
        [V::splat(0.0); G]
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, place: Place, gradients: [I::Vector; G]) {
        let start = row * N + place.column;
        for g in 0..G {
            let width = LANES.min(place.width - g * LANES);
            self.step(start + g * LANES, width, gradients[g]);
        }
    }

    /// Rows that fill no vectors lie one behind the other: their gradients are put together, too, since a vector of a part
    /// of a row would wait for the one before it to be written.
    #[inline(always)]
    fn finish_rows<I: Isa, const G: usize>(&mut self, row: usize, place: Place, rows: &[[Line; G]]) {
        if N.is_multiple_of(LANES) || N > NARROW || place.width < N {
            for (m, gradients) in rows.iter().enumerate() {
                self.finish::<I, G>(row + m, place, load_lines(gradients));
            }
            return;
        }
        let mut together = [0.0; (NARROW + 1) * TILE];
        for (m, gradients) in rows.iter().enumerate() {
            for (g, line) in gradients.iter().enumerate() {
                let at = &mut together[m * N + g * LANES..];
                I::Vector::load(&line.0).store(at.first_chunk_mut().expect("a line behind the last row"));
            }
        }
        let count = rows.len() * N;
        for start in (0..count).step_by(LANES) {
            let gradients = together[start..].first_chunk().expect("a line behind the last row");
            self.step(row * N + start, LANES.min(count - start), I::Vector::load(gradients));
        }
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        None
    }

    #[inline(always)]
    fn prefetch<const M: usize>(&self, row: usize, place: Place) {
        place.prefetch::<N, M>(self.weight, row);
        for s in 0..S {
            place.prefetch::<N, M>(self.state[s], row);
        }
    }
}

/// λ₁·sign(w) + 2·λ₂·w.
#[inline(always)]
fn penalty_gradient<V: Vector>(l1: f32, l2: f32, weights: V) -> V {
    let gradient = V::splat(2.0 * l2) * weights;
    if l1 == 0.0 { gradient } else { V::splat(l1) * V::load(&weights.to_array().map(sign)) + gradient }
}

/// y = f(x·W + b).
#[inline(always)]
fn product<I: Isa, const K: usize, const N: usize, A: Activation>(
    x: &[[f32; K]],
    weight: &[[f32; N]; K],
    bias: Option<&[f32; N]>,
    activation: A,
    y: &mut [[f32; N]],
) {
    assert_eq!(x.len(), y.len(), "one output row for each input row");
    if N == 1 {
        let weight: &[f32; K] = weight.as_flattened().as_array().expect("N is 1");
        let bias = bias.map_or(0.0, |bias| bias[0]);
        for (x, y) in x.iter().zip(y.iter_mut()) {
            y[0] = bias + dot::<I, K>(x, weight);
        }
        apply::<I::Vector, A>(activation, y.as_flattened_mut());
    } else {
        let out = Activated { bias, activation, y: &mut *y };
        Product::<_, _, _, K, N> { left: Plain(x), right: &weight[..], out }.compute::<I>();
    }
}

/// Sums times f′.
struct Derived<'a, const K: usize, A> {
    activation: A,
    saved: Option<&'a [[f32; K]]>,
    dx: &'a mut [[f32; K]],
}

impl<const K: usize, A: Activation> Output<K> for Derived<'_, K, A> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.dx.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, _: usize, _: Place) -> [V; G] {
        [V::splat(0.0); G]
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, place: Place, sums: [I::Vector; G]) {
        let mut gradients = sums;
        if let Some(saved) = self.saved {
            let saved: [I::Vector; G] = place.load(&saved[row]);
            for g in 0..G {
                gradients[g] = sums[g] * self.activation.derivative(saved[g]);
            }
        }
        place.store(gradients, &mut self.dx[row]);
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; K]]> {
        Some(self.dx)
    }

    #[inline(always)]
    fn prefetch<const M: usize>(&self, _: usize, _: Place) {}
}

/// f(sums + b).
struct Activated<'a, const N: usize, A> {
    bias: Option<&'a [f32; N]>,
    activation: A,
    y: &'a mut [[f32; N]],
}

impl<const N: usize, A: Activation> Output<N> for Activated<'_, N, A> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.y.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, _: usize, place: Place) -> [V; G] {
        match self.bias {
            Some(bias) => place.load(bias),
            None => [V::splat(0.0); G],
        }
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, place: Place, sums: [I::Vector; G]) {
        let mut values = sums;
        for g in 0..G {
            values[g] = self.activation.value(sums[g]);
        }
        place.store(values, &mut self.y[row]);
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        Some(self.y)
    }

    #[inline(always)]
    fn prefetch<const M: usize>(&self, _: usize, _: Place) {}
}

/// Σ x·w in lanes, which are then added in pairs.
#[inline(always)]
fn dot<I: Isa, const K: usize>(x: &[f32; K], weight: &[f32; K]) -> f32 {
    let mut sum = I::Vector::splat(0.0);
    for column in (0..K).step_by(LANES) {
        let place = Place { column, width: LANES.min(K - column) };
        let ([x], [weight]): ([I::Vector; 1], [I::Vector; 1]) = (place.load(x), place.load(weight));
        sum = x.mul_add(weight, sum);
    }
    sum.sum()
}

#[cfg(test)]
mod tests {
    use super::super::activation::{Backward, Linear, Tanh};
    use super::*;
    use crate::isa::{Path, run_on};
    use crate::layers::testing::{Numbers, ROWS, assert_close, paths};
    use crate::optimizers::{Adam, Optimizer, Sgd, SgdMomentum, Update};
    use crate::regularizer::Penalty;
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
        /// Also what stands in the gradient before.
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
            for part in parts.iter().filter(|part| part.start < part.end) {
                let (x, dy) = (&self.x[part.clone()], &self.dy[part.clone()]);
                let (y, dx) = (&mut y[part.clone()], &mut dx[part.clone()]);
                run_on(path, Forward { x, weight, bias: Some(bias), activation: Tanh, y });
                run_on(path, InputGradient { dy, weight, activation: Linear, saved: None, dx });
                run_on(path, WeightGradient { x, dy, dw: &mut dw });
                run_on(path, BiasGradient { dy, db: &mut db });
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
            check::<17, 1>(rows);
            check::<1, 15>(rows);
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
                run_on(path, WeightGradient { x: &x, dy: &dy, dw: &mut dw });
                run_on(path, BiasGradient { dy: &dy, db: &mut db });
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
            run_on(path, Forward { x, weight: &weight, bias, activation: Tanh, y: &mut y });
            run_on(path, InputGradient { dy, weight: &weight, activation: Tanh, saved: Some(x), dx: &mut dx });
            for index in [1, 12, rows / 2, rows - 1] {
                let (mut y_cut, mut dx_cut) = (dy.to_vec(), x.to_vec());
                let forward = Forward { x, weight: &weight, bias, activation: Tanh, y: &mut y_cut };
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
            run_on(path, WeightGradient { x, dy, dw: &mut dw });
            let slots = state.each_mut().map(|state| &mut **state);
            run_on(path, WeightUpdate { x, dy, l1, l2, rule, weight: &mut weight, state: slots });
            for index in [1, 12, K / 2, K - 1] {
                let (mut dw_cut, mut weight_cut) = (first.clone(), first.clone());
                let mut state_cut = [old.clone(), old.clone()];
                run_cut(path, index, WeightGradient { x, dy, dw: &mut dw_cut });
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
        assert_eq!(WeightGradient { x: &[], dy: &[], dw: &mut dw }.whole().size(), 0);
    }

    #[test]
    fn panels_that_are_copied_together_change_nothing() {
        // Large enough to be packed in some calls and not in others, and to be cut in depth.
        check::<600, 70>(97);
        check::<600, 70>(160);
    }

    #[test]
    fn no_rows_and_no_bias_are_fine() {
        for path in paths() {
            let mut y = [[0.0; 2]];
            let weight = &[[1.0; 2]; 2];
            run_on(path, Forward { x: &[], weight, bias: None, activation: Linear, y: &mut [] });
            run_on(path, Forward { x: &[[1.0, 2.0]], weight, bias: None, activation: Linear, y: &mut y });
            assert_eq!(y, [[3.0; 2]]);
        }
    }
}
