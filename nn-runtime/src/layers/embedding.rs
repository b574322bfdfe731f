//! `embedding(vocabulary, width)`: y = the rows of W that x names, as a sequence with a channel for
//! each of their numbers.
//!
//! x holds token indices: integers from 0 up to the vocabulary. Training and evaluation refuse any
//! other number ([`first_bad`]); a prediction of one is NaN.
//!
//! Backward: the rows of dW that x names += dy, row after row.

use core::fmt;

use crate::each::each;
use crate::isa::{Isa, Kernel};

/// y = the rows of W that x names: `y[d][l] = W[x[l]][d]`, where `N` is `D·L`.
pub struct Forward<'a, const L: usize, const V: usize, const D: usize, const N: usize> {
    /// The token indices.
    pub x: &'a [[f32; L]],
    /// A row for each token.
    pub weight: &'a [[f32; D]; V],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const L: usize, const V: usize, const D: usize, const N: usize> Kernel for Forward<'_, L, V, D, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N == D * L, "a channel for each number of a row of the table") };
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            each!(L, |l| {
                let row = match token(x[l], V) {
                    Some(token) => &self.weight[token],
                    None => &[f32::NAN; D],
                };
                each!(D, |d| {
                    y[L * d + l] = row[d];
                });
            });
        }
    }
}

/// dW.
pub struct Backward<'a, const L: usize, const V: usize, const D: usize, const N: usize> {
    /// The token indices.
    pub x: &'a [[f32; L]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The gradient of the table, added to.
    pub dw: &'a mut [[f32; D]; V],
}

impl<const L: usize, const V: usize, const D: usize, const N: usize> Kernel for Backward<'_, L, V, D, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N == D * L, "a channel for each number of a row of the table") };
        assert_eq!(self.x.len(), self.dy.len(), "equally many rows");
        for (x, dy) in self.x.iter().zip(self.dy) {
            each!(L, |l| {
                if let Some(token) = token(x[l], V) {
                    each!(D, |d| {
                        self.dw[token][d] += dy[L * d + l];
                    });
                }
            });
        }
    }
}

/// The token that a number is the index of.
#[inline(always)]
fn token(number: f32, vocabulary: usize) -> Option<usize> {
    // What is negative or NaN becomes 0, and what is too large the largest integer.
    let index = number as usize;
    if index < vocabulary && index as f32 == number { Some(index) } else { None }
}

/// A number that is not the index of a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadToken {
    /// The input's name.
    pub input: &'static str,
    /// The number's place in it, from 0.
    pub position: usize,
    /// The number.
    pub value: f32,
    /// How many tokens there are.
    pub vocabulary: usize,
}

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, position, value, vocabulary } = self;
        write!(f, "number {position} of `{input}` is {value}, but tokens are integers from 0 to {}", vocabulary - 1)
    }
}

/// The first number of an input that is not the index of a token.
pub fn first_bad(input: &'static str, numbers: &[f32], vocabulary: usize) -> Option<BadToken> {
    let position = numbers.iter().position(|number| token(*number, vocabulary).is_none())?;
    Some(BadToken { input, position, value: numbers[position], vocabulary })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::{Numbers, paths};

    fn check<const L: usize, const V: usize, const D: usize, const N: usize>() {
        let mut numbers = Numbers::new(N as u64);
        let mut weight = [[0.0; D]; V];
        weight.iter_mut().for_each(|row| *row = numbers.row());
        let x: Vec<[f32; L]> = numbers
            .rows::<L>(5)
            .iter()
            .map(|row| row.map(|x| (x.abs() * V as f32).floor().min(V as f32 - 1.0)))
            .collect();
        // Sums of eighths have no rounding, in whatever order.
        let dy: Vec<[f32; N]> = numbers.rows::<N>(5).iter().map(|row| row.map(|dy| (8.0 * dy).round() / 8.0)).collect();
        for path in paths() {
            let (mut y, mut dw) = (vec![[7.0; N]; 5], [[1.0; D]; V]);
            run_on(path, Forward { x: &x, weight: &weight, y: &mut y });
            run_on(path, Backward { x: &x[..2], dy: &dy[..2], dw: &mut dw });
            run_on(path, Backward { x: &x[2..], dy: &dy[2..], dw: &mut dw });
            let mut expected = [[1.0; D]; V];
            for row in 0..5 {
                for l in 0..L {
                    for d in 0..D {
                        assert_eq!(y[row][L * d + l], weight[x[row][l] as usize][d]);
                        expected[x[row][l] as usize][d] += dy[row][L * d + l];
                    }
                }
            }
            assert_eq!(dw, expected);
        }
    }

    #[test]
    fn rows_of_the_table_become_columns() {
        check::<1, 1, 1, 1>();
        check::<1, 7, 17, 17>();
        check::<17, 3, 1, 17>();
        check::<33, 20, 16, 528>();
    }

    #[test]
    fn what_is_no_token_is_found_and_predicted_as_nan() {
        assert_eq!(first_bad("x", &[0.0, 4.0, -0.0], 5), None);
        for value in [5.0, -1.0, 0.5, f32::INFINITY, f32::MAX] {
            assert_eq!(
                first_bad("x", &[1.0, value], 5),
                Some(BadToken { input: "x", position: 1, value, vocabulary: 5 })
            );
        }
        assert!(first_bad("x", &[f32::NAN], 5).is_some());
        for path in paths() {
            let mut y = [[0.0; 2]];
            run_on(path, Forward { x: &[[1.0, 2.0]], weight: &[[3.0], [4.0]], y: &mut y });
            assert!(y[0][0] == 4.0 && y[0][1].is_nan());
        }
        let shown = BadToken { input: "words", position: 3, value: 10.5, vocabulary: 10 }.to_string();
        assert_eq!(shown, "number 3 of `words` is 10.5, but tokens are integers from 0 to 9");
    }
}
