//! Inputs, outputs and targets as flat rows of numbers.

use nn_runtime::row::Row;

/// A row that can be read from, and written as, [`WIDTH`](FlatRow::WIDTH) numbers.
pub trait FlatRow: Row {
    /// The number of its elements.
    const WIDTH: usize;

    /// Sets its elements to `numbers`, of which there are [`WIDTH`](FlatRow::WIDTH).
    fn read(&mut self, numbers: &[f32]);

    /// Appends its elements to `numbers`.
    fn write(&self, numbers: &mut Vec<f32>);
}

impl FlatRow for f32 {
    const WIDTH: usize = 1;

    fn read(&mut self, numbers: &[f32]) {
        *self = numbers[0];
    }

    fn write(&self, numbers: &mut Vec<f32>) {
        numbers.push(*self);
    }
}

/// A class. `nn` sends integers from 0.
impl FlatRow for usize {
    const WIDTH: usize = 1;

    fn read(&mut self, numbers: &[f32]) {
        *self = numbers[0] as usize;
    }

    fn write(&self, numbers: &mut Vec<f32>) {
        numbers.push(*self as f32);
    }
}

impl<T: FlatRow, const N: usize> FlatRow for [T; N] {
    const WIDTH: usize = N * T::WIDTH;

    fn read(&mut self, numbers: &[f32]) {
        for (element, numbers) in self.iter_mut().zip(numbers.chunks_exact(T::WIDTH)) {
            element.read(numbers);
        }
    }

    fn write(&self, numbers: &mut Vec<f32>) {
        for element in self {
            element.write(numbers);
        }
    }
}

macro_rules! tuples {
    ($(($($name:ident $element:ident)+))*) => {$(
        impl<$($element: FlatRow),+> FlatRow for ($($element,)+) {
            const WIDTH: usize = 0 $(+ $element::WIDTH)+;

            fn read(&mut self, numbers: &[f32]) {
                let ($($name,)+) = self;
                let mut at = 0;
                $(
                    $name.read(&numbers[at..at + $element::WIDTH]);
                    at += $element::WIDTH;
                )+
                debug_assert_eq!(at, Self::WIDTH);
            }

            fn write(&self, numbers: &mut Vec<f32>) {
                let ($($name,)+) = self;
                $($name.write(numbers);)+
            }
        }
    )*};
}

tuples! {
    (a A) (a A b B) (a A b B c C) (a A b B c C d D) (a A b B c C d D e E) (a A b B c C d D e E f F)
    (a A b B c C d D e E f F g G) (a A b B c C d D e E f F g G h H)
}
