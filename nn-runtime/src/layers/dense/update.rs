//! Steps of an optimizer, by gradients that are stored nowhere.

use super::weight_gradient::shared_rows;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::layers::matmul::{
    Begin, Line, Narrow, Output, Product, Reads, Segment, TransposedLeft, column_sums, load_lines,
};
use crate::math::sign;
use crate::optimizers::UpdateRule;
use crate::threads::{Shared, Split, TILE, split_all};
use crate::vector::{flattened_mut, sixteen, sixteen_mut};

/// One step of an optimizer for W, with the gradient xᵀ·dy + λ₁·sign(W) + 2·λ₂·W: each tile of it
/// goes from registers into the step, and is stored nowhere. For a batch that is one call, where
/// nothing else needs the gradient.
///
/// The same bits as [`WeightGradient`](super::WeightGradient) from 0,
/// [`Penalty`](crate::regularizer::Penalty) and
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

impl<const K: usize, const N: usize, R: UpdateRule<S>, const S: usize> Kernel for WeightUpdate<'_, K, N, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.whole().run::<I>();
    }
}

impl<'a, const K: usize, const N: usize, R: UpdateRule<S>, const S: usize> Shared for WeightUpdate<'a, K, N, R, S> {
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

impl<const K: usize, const N: usize, R: UpdateRule<S>, const S: usize> Kernel for WeightUpdateRows<'_, K, N, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { x, dy, first, l1, l2, rule, weight, state } = self;
        assert_eq!(x.len(), dy.len(), "one gradient row for each input row");
        if N == 1 {
            // As in `WeightGradient`.
            let (weight, _) = weight.as_flattened_mut().as_chunks_mut::<K>();
            let state = state.map(|state| state.as_flattened_mut().as_chunks_mut::<K>().0);
            let (left, out) = (TransposedLeft { matrix: dy, first: 0 }, Updated::of(l1, l2, rule, weight, state));
            Product::<_, _, _, 0, K> { left, right: x, out }.compute::<I>();
        } else if const { Narrow::<Updated<'_, N, R, S>, K, N>::pays::<I>() } {
            let out = Updated::of(l1, l2, rule, weight, state);
            Narrow { left: TransposedLeft { matrix: x, first }, right: dy, out, column_sums: None }.compute::<I>();
        } else {
            let (left, out) = (TransposedLeft { matrix: x, first }, Updated::of(l1, l2, rule, weight, state));
            Product::<_, _, _, 0, N> { left, right: dy, out }.compute::<I>();
        }
    }
}

/// By rows of W.
impl<const K: usize, const N: usize, R: UpdateRule<S>, const S: usize> Split for WeightUpdateRows<'_, K, N, R, S> {
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

impl<const N: usize, R: UpdateRule<S>, const S: usize> Kernel for BiasUpdate<'_, N, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let weight = core::slice::from_mut(self.bias);
        let state = self.state.map(core::slice::from_mut);
        column_sums::<I, _, N>(self.dy, Updated::of(0.0, 0.0, self.rule, weight, state));
    }
}

/// Weights that take a step with the sums as their gradients.
struct Updated<'a, const N: usize, R, const S: usize> {
    l1: f32,
    l2: f32,
    rule: R,
    /// Row after row.
    weight: &'a mut [f32],
    state: [&'a mut [f32]; S],
}

impl<'a, const N: usize, R: UpdateRule<S>, const S: usize> Updated<'a, N, R, S> {
    #[inline(always)]
    fn of(l1: f32, l2: f32, rule: R, weight: &'a mut [[f32; N]], state: [&'a mut [[f32; N]]; S]) -> Self {
        Self { l1, l2, rule, weight: flattened_mut(weight), state: state.map(flattened_mut) }
    }

    /// A step of `width` weights from `start` on, row after row.
    #[inline(always)]
    fn step<V: Vector>(&mut self, start: usize, width: usize, gradients: V) {
        let segment = Segment { column: start, width };
        let [weights]: [V; 1] = segment.load(self.weight);
        let mut state = [weights; S];
        each!(S, |s| {
            [state[s]] = segment.load(self.state[s]);
        });
        let mut gradients = gradients;
        if self.l1 != 0.0 || self.l2 != 0.0 {
            gradients = gradients + penalty_gradient(self.l1, self.l2, weights);
        }
        let (weights, state) = self.rule.apply(weights, gradients, state);
        segment.store([weights], self.weight);
        each!(S, |s| {
            segment.store([state[s]], self.state[s]);
        });
    }
}

/// Rows of up to so many weights lie within one tile.
const NARROW: usize = 32;

impl<const N: usize, R: UpdateRule<S>, const S: usize> Output<N> for Updated<'_, N, R, S> {
    const BEGIN: Begin = Begin::Zero;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.weight.len() / N
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, _: usize, _: Segment) -> [V; G] {
        [V::splat(0.0); G]
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, gradients: [I::Vector; G]) {
        let start = row * N + segment.column;
        each!(G, |g| {
            let rest = segment.width - g * LANES;
            let width = if rest < LANES { rest } else { LANES };
            self.step(start + g * LANES, width, gradients[g]);
        });
    }

    /// Rows that do not fill vectors are one after another in memory. Their gradients are combined
    /// too, since a vector of a part of a row would wait for the one before it to be written.
    #[inline(always)]
    fn finish_rows<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, rows: &[[Line; G]]) {
        if const { N.is_multiple_of(LANES) || N > NARROW } || segment.width < N {
            each!(rows.len(), |m| self.finish::<I, G>(row + m, segment, load_lines(&rows[m])));
            return;
        }
        let mut together = [0.0; (NARROW + 1) * TILE];
        each!(rows.len(), |m| {
            each!(G, |g| {
                let at = sixteen_mut(&mut together, m * N + g * LANES).expect("a line behind the last row");
                rows[m][g].vector::<I::Vector>().store(at);
            });
        });
        let count = rows.len() * N;
        each!(count.div_ceil(LANES), |vector| {
            let start = vector * LANES;
            let width = if count - start < LANES { count - start } else { LANES };
            let gradients = sixteen(&together, start).expect("a line behind the last row");
            self.step(row * N + start, width, I::Vector::load(gradients));
        });
    }

    #[inline(always)]
    fn reads(&self, row: usize, count: usize, segment: Segment, to: &mut Reads) {
        each!(row, row + count, |m| {
            for line in segment.parts(LANES) {
                let _ = to.try_push(&raw const self.weight[m * N + line.column]);
                each!(S, |s| {
                    let _ = to.try_push(&raw const self.state[s][m * N + line.column]);
                });
            }
        });
    }

    #[inline(always)]
    fn is_sum(&self) -> bool {
        false
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        None
    }
}

/// λ₁·sign(w) + 2·λ₂·w.
#[inline(always)]
fn penalty_gradient<V: Vector>(l1: f32, l2: f32, weights: V) -> V {
    let gradient = V::splat(2.0 * l2) * weights;
    if l1 == 0.0 { gradient } else { V::splat(l1) * V::load(&weights.to_array().map(sign)) + gradient }
}
