//! `cross_entropy(label_smoothing: ε, class_weights: w)`, from the logits z with p = softmax(z) and
//! N classes: −(1 − ε)·w[class]·ln p[class] − ε/N·Σ w[c]·ln p[c]. Szegedy et al. 2016, section 7;
//! with weights, as PyTorch has it.
//!
//! With b[c] = (1 − ε)·w[class] where c is the class, plus ε/N·w[c]: Σ b·ln Σ e^z − Σ b[c]·z[c].
//! Gradient, for z: Σ b·p − b.
//!
//! The mean over a batch is taken by the weights of its rows' classes: see [`class_factor`].

use crate::each::each;
use crate::isa::{Isa, Kernel};
use crate::layers::softmax::exponentials;

/// Cross-entropy with smoothed labels, a weight for each class, or both.
///
/// Panics if a class is `N` or above: targets are checked before they get here.
pub struct SmoothedCrossEntropy<'a, const N: usize, C> {
    /// The logit rows.
    pub logits: &'a [[f32; N]],
    /// The class of every row.
    pub classes: C,
    /// ε.
    pub smoothing: f32,
    /// w.
    pub weights: &'a [f32; N],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize, C: ExactSizeIterator<Item = usize>> Kernel for SmoothedCrossEntropy<'_, N, C> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(mut self) -> f64 {
        assert_eq!(self.logits.len(), self.classes.len(), "one target for each row");
        let share = self.smoothing / N as f32;
        let mut smooth = *self.weights;
        let mut rest = 0.0;
        each!(N, |c| {
            smooth[c] *= share;
            rest += smooth[c];
        });
        let mut total = 0.0;
        for (row, (logits, class)) in self.logits.iter().zip(self.classes).enumerate() {
            let mut p = *logits;
            let found = exponentials::<I::Vector, N>(&mut p);
            let own = (1.0 - self.smoothing) * self.weights[class];
            let mut inner = own * (logits[class] - found.maximum);
            each!(N, |c| {
                inner += smooth[c] * (logits[c] - found.maximum);
            });
            total += f64::from(own + rest) * libm::log(f64::from(found.sum)) - f64::from(inner);
            if let Some(gradient) = &mut self.gradient {
                let factor = self.scale * (own + rest) / found.sum;
                each!(N, |c| {
                    p[c] = p[c] * factor - self.scale * smooth[c];
                });
                p[class] -= self.scale * own;
                gradient[row] = p;
            }
        }
        total
    }
}

/// Rows / Σ w\[class\] over the rows: what a mean over the rows is multiplied by to become one by
/// their weights; 0 where all of them weigh nothing.
pub fn class_factor(classes: impl ExactSizeIterator<Item = usize>, weights: &[f32]) -> f32 {
    let rows = classes.len() as f64;
    let weight: f64 = classes.map(|class| f64::from(weights[class])).sum();
    if weight > 0.0 { (rows / weight) as f32 } else { 0.0 }
}
