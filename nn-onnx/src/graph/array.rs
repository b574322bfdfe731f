//! Elements with dimensions.

use crate::proto::Elements;

/// A tensor whose elements are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its dimensions.
    pub dims: Vec<usize>,
    /// Its elements, the last dimension first.
    pub elements: Elements,
}

impl Array {
    /// Numbers.
    pub fn of_floats(dims: &[usize], numbers: Vec<f32>) -> Self {
        Self { dims: dims.to_vec(), elements: Elements::Floats(numbers) }
    }

    /// Integers.
    pub fn of_ints(dims: &[usize], numbers: Vec<i64>) -> Self {
        Self { dims: dims.to_vec(), elements: Elements::Ints(numbers) }
    }

    /// The numbers, if it holds numbers.
    pub fn floats(&self) -> Option<&[f32]> {
        if let Elements::Floats(numbers) = &self.elements { Some(numbers) } else { None }
    }

    /// The integers, if it holds integers.
    pub fn ints(&self) -> Option<&[i64]> {
        if let Elements::Ints(numbers) = &self.elements { Some(numbers) } else { None }
    }

    /// The only number.
    pub fn scalar(&self) -> Option<f32> {
        match self.floats()? {
            [number] => Some(*number),
            _ => None,
        }
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// The elements as texts.
    pub fn texts(&self) -> Vec<String> {
        match &self.elements {
            Elements::Floats(numbers) => numbers.iter().map(f32::to_string).collect(),
            Elements::Ints(numbers) => numbers.iter().map(i64::to_string).collect(),
            Elements::Texts(texts) => texts.clone(),
        }
    }
}

/// The elements at some positions; `None` if one is beyond the end.
pub fn pick(elements: &Elements, positions: &[usize]) -> Option<Elements> {
    fn picked<T: Clone>(from: &[T], positions: &[usize]) -> Option<Vec<T>> {
        positions.iter().map(|at| from.get(*at).cloned()).collect()
    }
    Some(match elements {
        Elements::Floats(numbers) => Elements::Floats(picked(numbers, positions)?),
        Elements::Ints(numbers) => Elements::Ints(picked(numbers, positions)?),
        Elements::Texts(texts) => Elements::Texts(picked(texts, positions)?),
    })
}

/// How far apart the elements of each axis are.
fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// Where each element of a permuted array comes from: axis `i` of the result is axis `permutation[i]`.
pub fn transposed(dims: &[usize], permutation: &[usize]) -> Vec<usize> {
    let strides = strides(dims);
    let axes = permutation.iter().map(|axis| (strides[*axis], (0..dims[*axis]).collect()));
    grid(axes.collect())
}

/// Where each element of a part of an array comes from: for each axis, the places along it.
pub fn part(dims: &[usize], places: Vec<Vec<usize>>) -> Vec<usize> {
    grid(strides(dims).into_iter().zip(places).collect())
}

/// Where each element of a broadcast array comes from.
pub fn broadcast(dims: &[usize], to: &[usize]) -> Vec<usize> {
    let new = to.len() - dims.len();
    let strides = strides(dims);
    let axis = |(at, length): (usize, &usize)| match at.checked_sub(new) {
        Some(old) if dims[old] == *length => (strides[old], (0..*length).collect()),
        Some(_) | None => (0, vec![0; *length]),
    };
    grid(to.iter().enumerate().map(axis).collect())
}

/// The positions at all combinations of places along axes, the last axis first; each axis with its stride.
fn grid(axes: Vec<(usize, Vec<usize>)>) -> Vec<usize> {
    axes.iter().fold(vec![0], |positions, (stride, places)| {
        positions.iter().flat_map(|start| places.iter().map(move |place| start + place * stride)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposition_says_where_elements_come_from() {
        assert_eq!(transposed(&[2, 3], &[1, 0]), [0, 3, 1, 4, 2, 5]);
        assert_eq!(transposed(&[2, 1, 2], &[2, 0, 1]), [0, 2, 1, 3]);
        assert_eq!(transposed(&[], &[]), [0]);
    }

    #[test]
    fn parts_and_broadcasts_too() {
        assert_eq!(part(&[2, 3], vec![vec![1], vec![2, 0]]), [5, 3]);
        assert_eq!(broadcast(&[2, 1], &[3, 2, 2]), [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
    }
}
