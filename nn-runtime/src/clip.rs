//! `clip_norm`: gradients that are long all together are shortened (Pascanu et al. 2013).
//!
//! With ‖g‖ the L2 norm over the gradients of all parameters, penalties included, and c the spec's
//! `clip_norm`: g ← g·min(1, c / (‖g‖ + 10⁻⁶)), as PyTorch's `clip_grad_norm_` has it.
//!
//! The norm is one pass over the flat gradients, on one thread and in f64, where squares of an f32
//! are exact: the same bits on any machine and for any number of threads. It needs all gradients at
//! once, so a plan with `clip_norm` has no fused step.

use crate::isa::{self, Isa, Kernel, LANES, Vector};

/// Keeps the division finite.
const LEAST: f64 = 1e-6;

/// Shortens gradients to a norm of at most `most`; returns the norm that they had. Where that is
/// not finite they are left as they are.
pub fn clip_norm(gradients: &mut [f32], most: f32) -> f64 {
    let norm = isa::run(Norm { gradients });
    let factor = f64::from(most) / (norm + LEAST);
    if norm.is_finite() && factor < 1.0 {
        isa::run(Scale { gradients, factor: factor as f32 });
    }
    norm
}

/// √Σg². A square of an f32 is exact in f64, where no sum of squares overflows, and sums are taken
/// in one order: so the bits are the same on any machine.
struct Norm<'a> {
    gradients: &'a [f32],
}

impl Kernel for Norm<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        let (whole, rest) = self.gradients.as_chunks::<LANES>();
        let mut sums = [0.0_f64; LANES];
        for gradients in whole {
            for lane in 0..LANES {
                let gradient = f64::from(gradients[lane]);
                sums[lane] += gradient * gradient;
            }
        }
        for (sum, gradient) in sums.iter_mut().zip(rest) {
            let gradient = f64::from(*gradient);
            *sum += gradient * gradient;
        }
        libm::sqrt(sums.iter().sum())
    }
}

/// g ← factor·g.
struct Scale<'a> {
    gradients: &'a mut [f32],
    factor: f32,
}

impl Kernel for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let factor = I::Vector::splat(self.factor);
        let (whole, rest) = self.gradients.as_chunks_mut::<LANES>();
        for gradients in whole {
            (factor * I::Vector::load(gradients)).store(gradients);
        }
        for gradient in rest {
            *gradient *= self.factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Path, run_on};

    #[test]
    fn long_gradients_are_shortened() {
        let mut gradients = [0.0_f32; 35];
        (gradients[2], gradients[33]) = (3.0, -4.0);
        let mut short = gradients;
        assert_eq!(clip_norm(&mut short, 5.1), 5.0);
        assert_eq!(short, gradients);
        assert_eq!(clip_norm(&mut gradients, 0.5), 5.0);
        let factor = (0.5 / 5.000_001) as f32;
        assert_eq!((gradients[2], gradients[33]), (3.0 * factor, -4.0 * factor));
        assert_eq!(gradients[0], 0.0);
    }

    #[test]
    fn the_norm_has_the_same_bits_on_every_path() {
        let gradients: [f32; 131] = core::array::from_fn(|i| 1e-3 * (i as f32 - 57.0) / 7.0);
        let norm = |path| run_on(path, Norm { gradients: &gradients }).to_bits();
        let paths = Path::ALL.into_iter().filter(|path| path.is_available());
        assert!(paths.map(norm).all(|bits| bits == norm(Path::Baseline)));
    }

    #[test]
    fn large_and_small_gradients_keep_their_norm() {
        let large = f32::from_bits((127 + 100) << 23);
        assert_eq!(clip_norm(&mut [3.0 * large, 4.0 * large], 1.0), 5.0 * f64::from(large));
        let mut broken = [1.0, f32::INFINITY];
        assert_eq!(clip_norm(&mut broken, 1.0), f64::INFINITY);
        assert_eq!(broken, [1.0, f32::INFINITY]);
    }
}
