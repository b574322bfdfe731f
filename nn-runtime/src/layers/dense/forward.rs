//! y = f(x·W + b).

use super::super::activation::{Activation, apply};
use super::few_units::FewUnits;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::layers::matmul::{Begin, Line, Output, Plain, Prepared, Product, Segment, pack_panels};
use crate::threads::{Shared, Split, TILE};

/// y = f(x·W + b).
pub struct Forward<'a, const K: usize, const N: usize, A> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// What [`CopyPanels`] made of W, if it did.
    pub panels: Option<&'a [Line]>,
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
        let Self { x, weight, panels, bias, activation, y } = self;
        assert_eq!(x.len(), y.len(), "one output row for each input row");
        if N == 1 {
            let weight: &[f32; K] = weight.as_flattened().try_into().expect("N is 1");
            let bias = bias.map_or(0.0, |bias| bias[0]);
            dots::<I, K>(x, weight, bias, y.as_flattened_mut());
            if !A::IS_IDENTITY {
                apply::<I::Vector, A>(activation, y.as_flattened_mut());
            }
        } else {
            let (mut x, mut y) = (x, y);
            if const { FewUnits::<K, N, A>::FITS } {
                (x, y) = FewUnits { x, weight, bias, activation, y }.compute::<I>();
            }
            let (right, out) = (Prepared { rows: weight, panels }, Activated { bias, activation, y });
            Product::<_, _, _, K, N> { left: Plain(x), right, out }.compute::<I>();
        }
    }
}

/// Packs W in the order in which a [`Forward`] of many rows reads it. A predictor does so once.
pub struct CopyPanels<'a, const K: usize, const N: usize> {
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// Written: `K·⌈N/16⌉` lines.
    pub panels: &'a mut [Line],
}

impl<const K: usize, const N: usize> Kernel for CopyPanels<'_, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        pack_panels::<I, N>(self.weight, self.panels);
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

/// f(sums + b).
struct Activated<'a, const N: usize, A> {
    bias: Option<&'a [f32; N]>,
    activation: A,
    y: &'a mut [[f32; N]],
}

impl<const N: usize, A: Activation> Output<N> for Activated<'_, N, A> {
    const BEGIN: Begin = Begin::Row;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.y.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, _: usize, segment: Segment) -> [V; G] {
        match self.bias {
            Some(bias) => segment.load(bias),
            None => [V::splat(0.0); G],
        }
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, sums: [I::Vector; G]) {
        let mut values = sums;
        each!(G, |g| {
            values[g] = self.activation.value(sums[g]);
        });
        segment.store(values, &mut self.y[row]);
    }

    #[inline(always)]
    fn is_sum(&self) -> bool {
        A::IS_IDENTITY
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        Some(self.y)
    }
}

/// b + Σ x·w of each row.
#[inline(always)]
fn dots<I: Isa, const K: usize>(x: &[[f32; K]], weight: &[f32; K], bias: f32, y: &mut [f32]) {
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<4>(), y.as_chunks_mut::<4>());
    for (x, y) in x.iter().zip(y) {
        let mut products = [I::Vector::splat(0.0); 4];
        each!(4, |row| {
            products[row] = dot::<I, K>(&x[row], weight);
        });
        (I::Vector::splat(bias) + I::Vector::sums(products)).store_few(y);
    }
    for (x, y) in x_rest.iter().zip(y_rest) {
        *y = bias + dot::<I, K>(x, weight).sum();
    }
}

/// Σ x·w in lanes.
#[inline(always)]
fn dot<I: Isa, const K: usize>(x: &[f32; K], weight: &[f32; K]) -> I::Vector {
    let mut sum = I::Vector::splat(0.0);
    for column in (0..K).step_by(LANES) {
        let segment = Segment { column, width: LANES.min(K - column) };
        let ([x], [weight]): ([I::Vector; 1], [I::Vector; 1]) = (segment.load(x), segment.load(weight));
        sum = x.mul_add(weight, sum);
    }
    sum
}
