//! dW += xᵀ·dy, db += Σ dy.

use crate::isa::{Isa, Kernel};
use crate::layers::matmul::{Added, FewRows, Narrow, Product, TransposedLeft, column_sums};
use crate::threads::{Shared, Split, TILE};

/// dW += xᵀ·dy, db += Σ dy over the rows.
pub struct WeightGradient<'a, const K: usize, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// The gradient of W, added to.
    pub dw: &'a mut [[f32; N]; K],
    /// The gradient of b, added to, if the layer has one.
    pub db: Option<&'a mut [f32; N]>,
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
        let Self { x, dy, dw, db } = self;
        WeightGradientRows { x, dy, first: 0, dw, db }
    }
}

/// Some rows of [`WeightGradient`].
pub struct WeightGradientRows<'a, const K: usize, const N: usize> {
    x: &'a [[f32; K]],
    dy: &'a [[f32; N]],
    /// The number of the first row of `dw`.
    first: usize,
    dw: &'a mut [[f32; N]],
    /// With the first rows.
    db: Option<&'a mut [f32; N]>,
}

impl<const K: usize, const N: usize> Kernel for WeightGradientRows<'_, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { x, dy, first, dw, mut db } = self;
        assert_eq!(x.len(), dy.len(), "one gradient row for each input row");
        if const { FewRows::<K, N>::fits::<I>() }
            && let (Some(db), Ok(dw)) = (&mut db, (&mut *dw).try_into())
        {
            return FewRows { left: x, right: dy, out: dw, column_sums: db }.compute::<I>();
        }
        if N == 1 {
            // A single column lies in memory as a single row does, and rows are what tiles are fast
            // at.
            let (dw, _) = dw.as_flattened_mut().as_chunks_mut::<K>();
            let left = TransposedLeft { matrix: dy, first: 0 };
            Product::<_, _, _, 0, K> { left, right: x, out: Added(dw) }.compute::<I>();
        } else if const { Narrow::<Added<'_, N>, K, N>::pays::<I>() } {
            let left = TransposedLeft { matrix: x, first };
            return Narrow { left, right: dy, out: Added(dw), column_sums: db }.compute::<I>();
        } else {
            let left = TransposedLeft { matrix: x, first };
            Product::<_, _, _, 0, N> { left, right: dy, out: Added(dw) }.compute::<I>();
        }
        if let Some(db) = db {
            column_sums::<I, _, N>(dy, Added(core::slice::from_mut(db)));
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
        let rest = Self { x: self.x, dy: self.dy, first: self.first + index, dw: dw_rest, db: None };
        (Self { dw, ..self }, rest)
    }
}

/// The rows that may be shared among threads: a single column is computed as one row.
pub(super) fn shared_rows<const N: usize>(weight: &[[f32; N]]) -> usize {
    if N == 1 { 0 } else { weight.len() }
}
