//! Sums of columns: what the gradient of a bias is.

use super::choose::choose;
use super::inner_loop::{Strided, add_rows};
use super::output::Output;
use super::segment::Segment;
use crate::isa::{Isa, LANES};

/// Vectors of columns that are summed side by side.
const SIDE_BY_SIDE: usize = 4;

/// `out[0][j] = begin + Σ_d rows[d][j]`, in the order of `d`.
#[inline(always)]
pub(crate) fn column_sums<I: Isa, O: Output<N>, const N: usize>(rows: &[[f32; N]], mut out: O) {
    let whole = N - N % (SIDE_BY_SIDE * LANES);
    for column in (0..whole).step_by(SIDE_BY_SIDE * LANES) {
        sums::<I, O, N, SIDE_BY_SIDE>(rows, &mut out, Segment { column, width: SIDE_BY_SIDE * LANES });
    }
    let segment = Segment { column: whole, width: N - whole };
    choose! {
        vectors_left(N) == 1 => sums::<I, O, N, 1>(rows, &mut out, segment);
        vectors_left(N) == 2 => sums::<I, O, N, 2>(rows, &mut out, segment);
        vectors_left(N) == 3 => sums::<I, O, N, 3>(rows, &mut out, segment);
        vectors_left(N) == 4 => sums::<I, O, N, 4>(rows, &mut out, segment);
    }
}

/// How many vectors of so many columns are left over.
const fn vectors_left(columns: usize) -> usize {
    (columns % (SIDE_BY_SIDE * LANES)).div_ceil(LANES)
}

#[inline(always)]
fn sums<I: Isa, O: Output<N>, const N: usize, const G: usize>(rows: &[[f32; N]], out: &mut O, segment: Segment) {
    let begin: [I::Vector; G] = out.begin(0, segment);
    let sums = add_rows(begin, Strided { rows, segment });
    out.finish::<I, G>(0, segment, sums);
}
