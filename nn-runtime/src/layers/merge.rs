//! `add`, `multiply`, `concat`: values that become one.
//!
//! | source           | value       | backward             |
//! | ---------------- | ----------- | -------------------- |
//! | `add(a, b)`      | y = a + b   | da = dy, db = dy     |
//! | `multiply(a, b)` | y = a·b     | da = dy·b, db = dy·a |
//! | `concat(a, b)`   | y = [a, b]  | da, db = their columns of dy |

use crate::isa::{Isa, Kernel};

/// y = a + b.
pub struct Add<'a, const N: usize> {
    /// Rows.
    pub a: &'a [[f32; N]],
    /// Rows.
    pub b: &'a [[f32; N]],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Add<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.a.len() == self.b.len() && self.a.len() == self.y.len(), "equally many rows");
        let (a, b) = (self.a.as_flattened(), self.b.as_flattened());
        for ((a, b), y) in a.iter().zip(b).zip(self.y.as_flattened_mut()) {
            *y = a + b;
        }
    }
}

/// y = a·b, number by number.
pub struct Multiply<'a, const N: usize> {
    /// Rows.
    pub a: &'a [[f32; N]],
    /// Rows.
    pub b: &'a [[f32; N]],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Multiply<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.a.len() == self.b.len() && self.a.len() == self.y.len(), "equally many rows");
        let (a, b) = (self.a.as_flattened(), self.b.as_flattened());
        for ((a, b), y) in a.iter().zip(b).zip(self.y.as_flattened_mut()) {
            *y = a * b;
        }
    }
}

/// Writes x into the columns `at..at + N` of y: one input of a `concat`.
pub struct Put<'a, const N: usize, const W: usize> {
    /// Rows.
    pub x: &'a [[f32; N]],
    /// The first column.
    pub at: usize,
    /// The output rows, written in part.
    pub y: &'a mut [[f32; W]],
}

impl<const N: usize, const W: usize> Kernel for Put<'_, N, W> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            y[self.at..][..N].copy_from_slice(x);
        }
    }
}

/// Reads the columns `at..at + N` of x into y: the gradient of one input of a `concat`.
pub struct Take<'a, const W: usize, const N: usize> {
    /// Rows.
    pub x: &'a [[f32; W]],
    /// The first column.
    pub at: usize,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const W: usize, const N: usize> Kernel for Take<'_, W, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            y.copy_from_slice(&x[self.at..][..N]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::{Numbers, paths};

    #[test]
    fn add_and_multiply() {
        let mut numbers = Numbers::new(1);
        let (a, b) = (numbers.rows::<17>(3), numbers.rows::<17>(3));
        for path in paths() {
            let (mut sum, mut product) = (a.clone(), a.clone());
            run_on(path, Add { a: &a, b: &b, y: &mut sum });
            run_on(path, Multiply { a: &a, b: &b, y: &mut product });
            for row in 0..3 {
                for n in 0..17 {
                    assert_eq!(sum[row][n], a[row][n] + b[row][n]);
                    assert_eq!(product[row][n], a[row][n] * b[row][n]);
                }
            }
        }
    }

    #[test]
    fn what_is_placed_can_be_taken_again() {
        let mut numbers = Numbers::new(2);
        let (a, b) = (numbers.rows::<3>(4), numbers.rows::<7>(4));
        for path in paths() {
            let mut y = vec![[f32::NAN; 10]; 4];
            run_on(path, Put { x: &a, at: 0, y: &mut y });
            run_on(path, Put { x: &b, at: 3, y: &mut y });
            assert_eq!((&y[1][..3], &y[1][3..]), (&a[1][..], &b[1][..]));
            let mut taken = vec![[f32::NAN; 7]; 4];
            run_on(path, Take { x: &y, at: 3, y: &mut taken });
            assert_eq!(taken, b);
        }
    }
}
