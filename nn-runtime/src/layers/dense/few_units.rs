//! y = f(x·W + b) for two to four units, four rows at a time.
//!
//! A vector of its own would be filled by a quarter or less for each row.

use super::super::activation::Activation;
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};
use crate::layers::matmul::{accumulators, add_accumulators, choose};

/// Numbers in a quarter of a vector.
const QUARTER: usize = LANES / 4;

/// With fewer rows it takes longer to repeat the weights.
const LEAST_ROWS: usize = 16;

/// Inputs whose repeated weights stay in a first-level cache.
const MOST_INPUTS: usize = 128;

/// The layer.
pub(super) struct FewUnits<'a, const K: usize, const N: usize, A> {
    pub x: &'a [[f32; K]],
    pub weight: &'a [[f32; N]; K],
    pub bias: Option<&'a [f32; N]>,
    pub activation: A,
    pub y: &'a mut [[f32; N]],
}

impl<'a, const K: usize, const N: usize, A: Activation> FewUnits<'a, K, N, A> {
    /// Whether the layer is one of these.
    pub const FITS: bool = 2 <= N && N <= QUARTER && K <= MOST_INPUTS;

    /// Computes whole fours of rows if there are enough, in as many accumulators as other products
    /// of these sizes have, and gives back the other rows of both.
    #[inline(always)]
    pub fn compute<I: Isa>(self) -> (&'a [[f32; K]], &'a mut [[f32; N]]) {
        let whole = if self.x.len() < LEAST_ROWS { 0 } else { self.x.len() / 4 * 4 };
        let ((x, x_rest), (y, y_rest)) = (self.x.split_at(whole), self.y.split_at_mut(whole));
        if whole > 0 {
            Self { x, y, ..self }.in_accumulators::<I>();
        }
        (x_rest, y_rest)
    }

    #[inline(always)]
    fn in_accumulators<I: Isa>(self) {
        choose! {
            accumulators::<I>(K, N) == 4 => self.fours::<I, 4>();
            accumulators::<I>(K, N) == 2 => self.fours::<I, 2>();
            true => self.fours::<I, 1>();
        }
    }

    #[inline(always)]
    fn fours<I: Isa, const C: usize>(self) {
        let mut weights = [[0.0; LANES]; K];
        each!(K, |k| {
            weights[k] = repeated(&self.weight[k]);
        });
        let begin = self.bias.map_or([0.0; LANES], repeated);
        for (x, y) in self.x.as_chunks().0.iter().zip(self.y.as_chunks_mut().0) {
            let sums = sums::<I::Vector, K, C>(x, &weights, &begin);
            store(self.activation.value(sums), y);
        }
    }
}

/// The same in each quarter of a vector.
#[inline(always)]
fn repeated<const N: usize>(numbers: &[f32; N]) -> [f32; LANES] {
    let mut lanes = [0.0; LANES];
    for quarter in lanes.as_chunks_mut::<QUARTER>().0 {
        quarter[..N].copy_from_slice(numbers);
    }
    lanes
}

/// The sums of four rows.
#[inline(always)]
fn sums<V: Vector, const K: usize, const C: usize>(
    x: &[[f32; K]; 4],
    weights: &[[f32; LANES]; K],
    begin: &[f32; LANES],
) -> V {
    let mut sums = [[[V::splat(0.0)]]; C];
    sums[0] = [[V::load(begin)]];
    for column in (0..K).step_by(QUARTER) {
        let mut quarters = [[0.0; QUARTER]; 4];
        each!(4, |row| {
            let rest = &x[row][column..];
            quarters[row] = match rest.first_chunk() {
                Some(quarter) => *quarter,
                None => part(rest),
            };
        });
        let factors: [V; QUARTER] = V::spread(&quarters);
        each!(QUARTER, |d| {
            if column + d < K {
                let [[sum]] = sums[d % C];
                sums[d % C] = [[factors[d].mul_add(V::load(&weights[column + d]), sum)]];
            }
        });
    }
    let [[sum]] = add_accumulators(sums);
    sum
}

/// Fewer numbers than fill a quarter, then zeros.
#[inline(always)]
fn part(numbers: &[f32]) -> [f32; QUARTER] {
    let mut quarter = [0.0; QUARTER];
    quarter[..numbers.len()].copy_from_slice(numbers);
    quarter
}

/// Writes four rows.
#[inline(always)]
fn store<V: Vector, const N: usize>(values: V, y: &mut [[f32; N]; 4]) {
    if let Ok(y) = y.as_flattened_mut().try_into() {
        return values.store(y);
    }
    let values = values.to_array();
    for (y, values) in y.iter_mut().zip(values.as_chunks::<QUARTER>().0) {
        y.copy_from_slice(&values[..N]);
    }
}
