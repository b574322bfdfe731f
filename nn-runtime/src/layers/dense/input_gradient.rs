//! dx = dy·Wᵀ.

use super::super::activation::Activation;
use crate::each::each;
use crate::isa::{Isa, Kernel, Vector};
use crate::layers::matmul::{Begin, Output, Plain, Product, Segment, TransposedRight, ViaTranspose};
use crate::threads::{Shared, Split, TILE};

/// dx = dy·Wᵀ, times f′ of the activation before the layer where it has one.
pub struct InputGradient<'a, const K: usize, const N: usize, A> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// f.
    pub activation: A,
    /// What f′ is taken from, as by [`activation::Backward`](super::super::activation::Backward);
    /// without it there is no f.
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
        if const { ViaTranspose::<Derived<K, A>, N, K>::pays() } {
            ViaTranspose { left: dy, matrix: weight, out }.compute::<I>();
        } else if N == 1 {
            // A single column lies in memory as a single row does.
            let right = weight.as_flattened().as_chunks::<K>().0;
            Product::<_, _, _, N, K> { left: Plain(dy), right, out }.compute::<I>();
        } else {
            Product::<_, _, _, N, K> { left: Plain(dy), right: TransposedRight(weight), out }.compute::<I>();
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

/// Sums times f′.
struct Derived<'a, const K: usize, A> {
    activation: A,
    saved: Option<&'a [[f32; K]]>,
    dx: &'a mut [[f32; K]],
}

impl<const K: usize, A: Activation> Output<K> for Derived<'_, K, A> {
    const BEGIN: Begin = Begin::Zero;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.dx.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, _: usize, _: Segment) -> [V; G] {
        [V::splat(0.0); G]
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, sums: [I::Vector; G]) {
        let mut gradients = sums;
        if let Some(saved) = self.saved {
            let saved: [I::Vector; G] = segment.load(&saved[row]);
            each!(G, |g| {
                gradients[g] = sums[g] * self.activation.derivative(saved[g]);
            });
        }
        segment.store(gradients, &mut self.dx[row]);
    }

    #[inline(always)]
    fn is_sum(&self) -> bool {
        self.saved.is_none()
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; K]]> {
        Some(self.dx)
    }
}
