//! Which numbers a loss takes as targets: a row with another one is refused before anything is
//! computed from it.

use core::fmt;

use crate::row::Row;

// `plain!` implements an unsafe trait. Outside this crate the lint does not look into the macro.
#[allow(unsafe_code)]
mod no_target {
    crate::plain! {
        /// The target of a network whose `train` has no `loss`: there is none, and a program cannot
        /// make one.
        ///
        /// Such a network takes no `step`. Its program computes the gradients of the outputs between
        /// [`Trainer::forward`](crate::trainer::Trainer::forward) and
        /// [`Trainer::backward`](crate::trainer::Trainer::backward).
        #[derive(Copy, Debug)]
        pub struct NoTarget {
            _none: (),
        }
    }
}

pub use no_target::NoTarget;

impl Row for NoTarget {
    const CLASS_INDICES: usize = 0;

    fn magnitude(_: &[Self]) -> u32 {
        0
    }

    fn class_out_of_range(&self, _: &[usize]) -> Option<(usize, usize)> {
        None
    }
}

/// Which numbers a target may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetRange {
    /// 0 or 1.
    Binary,
    /// Numbers from 0 to 1.
    Share,
}

impl TargetRange {
    /// Whether a number is in it; NaN is not.
    #[inline(always)]
    pub fn contains(self, number: f32) -> bool {
        match self {
            Self::Binary => (number == 0.0) | (number == 1.0),
            Self::Share => (0.0..=1.0).contains(&number),
        }
    }
}

impl fmt::Display for TargetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "0 or 1",
            Self::Share => "numbers from 0 to 1",
        })
    }
}

/// What an output is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The output's name.
    pub output: &'static str,
    /// The loss.
    pub loss: &'static str,
    /// What it takes.
    pub range: TargetRange,
}

/// A target that its loss does not take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadTarget {
    /// What it is compared with.
    pub taken: Taken,
    /// The number's place in the target of its output, from 0.
    pub position: usize,
    /// The number.
    pub value: f32,
}

impl fmt::Display for BadTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { taken: Taken { output, loss, range }, position, value } = self;
        write!(f, "number {position} of `{output}` is {value}, but `{loss}` takes {range}")
    }
}

/// The first number of a target that its loss does not take.
#[doc(hidden)]
#[inline(always)]
pub fn first_bad(taken: Taken, numbers: &[f32]) -> Option<BadTarget> {
    // All of them, since vectors have no way out in the middle.
    let are_taken = numbers.iter().fold(true, |taken_so_far, number| taken_so_far & taken.range.contains(*number));
    if are_taken { None } else { find(taken, numbers) }
}

#[cold]
fn find(taken: Taken, numbers: &[f32]) -> Option<BadTarget> {
    let position = numbers.iter().position(|number| !taken.range.contains(*number))?;
    Some(BadTarget { taken, position, value: numbers[position] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(range: TargetRange, numbers: &[f32]) -> Option<(usize, f32)> {
        first_bad(Taken { output: "y", loss: "mse", range }, numbers).map(|bad| (bad.position, bad.value))
    }

    #[test]
    fn the_first_number_outside_is_found() {
        assert_eq!(found(TargetRange::Share, &[0.0, -0.0, 0.5, 1.0]), None);
        assert_eq!(found(TargetRange::Binary, &[0.0, -0.0, 1.0]), None);
        assert_eq!(found(TargetRange::Share, &[]), None);
        for value in [-1.0, -f32::MIN_POSITIVE, 1.0 + f32::EPSILON, 255.0, f32::INFINITY, -f32::INFINITY] {
            assert_eq!(found(TargetRange::Share, &[1.0, value, 7.0]), Some((1, value)));
            assert_eq!(found(TargetRange::Binary, &[1.0, value]), Some((1, value)));
        }
        assert_eq!(found(TargetRange::Binary, &[0.5]), Some((0, 0.5)));
        assert!(found(TargetRange::Share, &[f32::NAN]).is_some());
    }
}
