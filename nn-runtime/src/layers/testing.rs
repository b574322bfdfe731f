//! What the tests of the kernels share.

use crate::isa::Path;

/// The paths that this machine can take.
pub(crate) fn paths() -> impl Iterator<Item = Path> {
    Path::ALL.into_iter().filter(|path| path.is_available())
}

/// Numbers between −1 and 1 that look random and are the same in every run.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Knuth's MMIX generator; its upper bits are good enough for operands.
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn row<const N: usize>(&mut self) -> [f32; N] {
        core::array::from_fn(|_| self.next())
    }

    pub fn rows<const N: usize>(&mut self, rows: usize) -> Vec<[f32; N]> {
        (0..rows).map(|_| self.row()).collect()
    }
}

/// The row counts that fall differently into tiles.
pub(crate) const ROWS: [usize; 8] = [1, 2, 5, 6, 7, 31, 32, 33];

/// Whether two numbers agree, given what rounding may do to sums of about `terms` numbers of size
/// 1.
#[track_caller]
pub(crate) fn assert_close(found: f32, expected: f64, terms: usize) {
    let tolerance = 2e-7 * (4.0 + terms as f64) * (1.0 + expected.abs());
    assert!((f64::from(found) - expected).abs() <= tolerance, "{found}, not {expected} ± {tolerance}");
}
