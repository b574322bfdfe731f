//! Work that can be cut in two.

/// Work whose results can be cut into two parts that know nothing of each other.
pub trait Split: Send + Sized {
    /// Cuts fall on multiples of this: what a kernel does at a time.
    const GRAIN: usize;

    /// How many rows, columns or weights are to be computed; fewer than two [`GRAIN`](Self::GRAIN)s
    /// are not cut.
    fn size(&self) -> usize;

    /// The first `index`, and the rest.
    fn split_at(self, index: usize) -> (Self, Self);
}

/// Cuts several slices at one place.
pub(crate) fn split_all<T, const S: usize>(slices: [&mut [T]; S], index: usize) -> ([&mut [T]; S], [&mut [T]; S]) {
    let mut halves = slices.map(|slice| slice.split_at_mut(index));
    let first = halves.each_mut().map(|(first, _)| core::mem::take(first));
    (first, halves.map(|(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_cut_together() {
        let (mut a, mut b) = ([1, 2, 3], [4, 5, 6]);
        let (first, rest) = split_all([&mut a[..], &mut b[..]], 1);
        assert_eq!((first, rest), ([&mut [1][..], &mut [4]], [&mut [2, 3][..], &mut [5, 6]]));
    }
}
