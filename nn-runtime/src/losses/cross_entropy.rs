//! `cross_entropy`: −ln p[class] with p = softmax(z), from the logits z: ln Σ e^(z − max z) −
//! (z[class] − max z).
//!
//! Gradient: p − onehot(class), for z.

use crate::each::each;
use crate::isa::{Isa, Kernel};
use crate::layers::softmax::exponentials;

/// −ln softmax(z)\[class\].
///
/// Panics if a class is `N` or above: targets are checked before they get here.
pub struct CrossEntropy<'a, const N: usize> {
    /// The logit rows.
    pub logits: &'a [[f32; N]],
    /// The class of every row.
    pub targets: &'a [usize],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for CrossEntropy<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        let Self { logits, targets, scale, gradient } = self;
        CrossEntropyOf { logits, classes: targets.iter().copied(), scale, gradient }.run::<I>()
    }
}

/// [`CrossEntropy`] where the classes do not lie in a row: those of one output of several.
pub struct CrossEntropyOf<'a, const N: usize, C> {
    /// The logit rows.
    pub logits: &'a [[f32; N]],
    /// The class of every row.
    pub classes: C,
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize, C: ExactSizeIterator<Item = usize>> Kernel for CrossEntropyOf<'_, N, C> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(mut self) -> f64 {
        assert_eq!(self.logits.len(), self.classes.len(), "one target for each row");
        let mut total = 0.0;
        // The logarithm of a product is one for many rows.
        let mut product = 1.0_f64;
        for (row, class) in self.classes.enumerate() {
            let logits = &self.logits[row];
            let mut p = *logits;
            let found = exponentials::<I::Vector, N>(&mut p);
            product *= f64::from(found.sum);
            if product > 1e200 {
                total += libm::log(product);
                product = 1.0;
            }
            total += f64::from(found.maximum) - f64::from(logits[class]);
            if let Some(gradient) = &mut self.gradient {
                let factor = self.scale / found.sum;
                each!(N, |n| {
                    p[n] *= factor;
                });
                p[class] -= self.scale;
                gradient[row] = p;
            }
        }
        total + libm::log(product)
    }
}
