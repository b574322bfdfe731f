//! What a row of inputs, outputs or targets can be: a number, an array of rows, a tuple of rows.

use crate::each::each;
use crate::isa::{self, Isa, Kernel};
use crate::memory::Zeroed;

/// One row of inputs, outputs or targets: `f32`, a class index (`usize`), arrays and tuples of
/// these.
pub trait Row: Zeroed + Copy + Send + Sync + 'static {
    /// How many class indices a row holds.
    const CLASS_INDICES: usize;

    /// The bits of the largest magnitude in some rows: at least those of infinity where one holds an
    /// infinity or a NaN. (Integers compare like the magnitudes they encode, and vectorise as
    /// floats do not.)
    fn magnitude(rows: &[Self]) -> u32;

    /// The first class index that is not below its number of classes, with that number; `classes`
    /// has one entry per class index of the row.
    fn class_out_of_range(&self, classes: &[usize]) -> Option<(usize, usize)>;
}

/// The number of the first row that holds an infinity or a NaN.
#[doc(hidden)]
pub fn first_non_finite<R: Row>(rows: &[R]) -> Option<usize> {
    let finite = |magnitude: u32| magnitude < f32::INFINITY.to_bits();
    if finite(R::magnitude(rows)) {
        return None;
    }
    rows.iter().position(|row| !finite(R::magnitude(core::slice::from_ref(row))))
}

/// The bits of the largest magnitude. Compiled once, with this crate.
#[inline(never)]
fn largest_magnitude(numbers: &[f32]) -> u32 {
    isa::run(Magnitude { numbers })
}

/// The kernel of that.
struct Magnitude<'a> {
    numbers: &'a [f32],
}

impl Kernel for Magnitude<'_> {
    type Output = u32;

    #[inline(always)]
    fn run<I: Isa>(self) -> u32 {
        let mut largest = 0;
        each!(self.numbers.len(), |number| {
            largest = larger(self.numbers[number].to_bits() & !(1 << 31), largest);
        });
        largest
    }
}

/// The larger of two numbers, without a call where nothing is optimised.
#[inline(always)]
fn larger(a: u32, b: u32) -> u32 {
    if a > b { a } else { b }
}

impl Row for f32 {
    const CLASS_INDICES: usize = 0;

    #[inline]
    fn magnitude(rows: &[Self]) -> u32 {
        largest_magnitude(rows)
    }

    #[inline(always)]
    fn class_out_of_range(&self, _: &[usize]) -> Option<(usize, usize)> {
        None
    }
}

impl Row for usize {
    const CLASS_INDICES: usize = 1;

    #[inline]
    fn magnitude(_: &[Self]) -> u32 {
        0
    }

    #[inline(always)]
    fn class_out_of_range(&self, classes: &[usize]) -> Option<(usize, usize)> {
        (*self >= classes[0]).then_some((*self, classes[0]))
    }
}

impl<T: Row, const N: usize> Row for [T; N] {
    const CLASS_INDICES: usize = N * T::CLASS_INDICES;

    #[inline]
    fn magnitude(rows: &[Self]) -> u32 {
        T::magnitude(rows.as_flattened())
    }

    #[inline(always)]
    fn class_out_of_range(&self, classes: &[usize]) -> Option<(usize, usize)> {
        if T::CLASS_INDICES == 0 {
            return None;
        }
        let mut classes = classes.chunks_exact(T::CLASS_INDICES);
        self.iter().find_map(|element| element.class_out_of_range(classes.next()?))
    }
}

macro_rules! rows_of_tuples {
    ($(($($name:ident $element:ident)+))*) => {
        /// The most values of a tuple that is a row.
        #[cfg(feature = "std")]
        pub(crate) const MOST_VALUES: usize = {
            let counts = [$([$(stringify!($element)),+].len()),*];
            counts[counts.len() - 1]
        };

        $(
        impl<$($element: Row),+> Row for ($($element,)+) {
            const CLASS_INDICES: usize = 0 $(+ $element::CLASS_INDICES)+;

            #[inline]
            fn magnitude(rows: &[Self]) -> u32 {
                let mut largest = 0;
                for ($($name,)+) in rows {
                    $(largest = larger($element::magnitude(core::slice::from_ref($name)), largest);)+
                }
                largest
            }

            #[inline(always)]
            fn class_out_of_range(&self, classes: &[usize]) -> Option<(usize, usize)> {
                let ($($name,)+) = self;
                let rest = classes;
                $(
                    let (classes, rest) = rest.split_at($element::CLASS_INDICES);
                    if let Some(found) = $name.class_out_of_range(classes) {
                        return Some(found);
                    }
                )+
                debug_assert!(rest.is_empty());
                None
            }
        }
    )*};
}

rows_of_tuples! {
    (a A) (a A b B) (a A b B c C) (a A b B c C d D) (a A b B c C d D e E) (a A b B c C d D e E f F)
    (a A b B c C d D e E f F g G) (a A b B c C d D e E f F g G h H)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_is_not_finite_is_found() {
        assert_eq!(first_non_finite(&[[1.0, -2.0], [f32::MAX, f32::MIN]]), None);
        assert_eq!(first_non_finite(&[[1.0], [f32::NAN], [1.0]]), Some(1));
        assert_eq!(first_non_finite(&[([0.0], 7), ([-f32::INFINITY], 8)]), Some(1));
        assert_eq!(first_non_finite::<[f32; 3]>(&[]), None);
    }

    #[test]
    fn every_class_index_has_its_own_range() {
        assert_eq!(2.class_out_of_range(&[3]), None);
        assert_eq!((2, [0.0], 5).class_out_of_range(&[3, 5]), Some((5, 5)));
        assert_eq!([1, 1].class_out_of_range(&[2, 1]), Some((1, 1)));
    }
}
