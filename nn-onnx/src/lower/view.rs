//! How a value of the file relates to a value of the spec: which axis is which, without moving a number.
//!
//! `Transpose`, and a `Reshape` that only joins axes or adds and removes those of length 1, give another view of the
//! same value. So channels last become channels first without a layer: Keras's models transpose before and after each
//! convolution, and these transpositions cancel out.
//!
//! The axes of the spec's value that are longer than 1 are its *atoms*. An axis of a view is the batch or a list of
//! atoms, the outermost first: none for an axis of length 1, several after a flatten.

use crate::spec::StepId;

/// A value of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The value of the spec.
    pub step: StepId,
    /// The axes that the file sees.
    pub axes: Vec<Axis>,
    /// Numbers that a `Pad` adds before and after each axis of the spec's value; empty if there are none.
    pub padding: Vec<(usize, usize)>,
}

/// An axis that the file sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The rows of the batch.
    Batch,
    /// These axes of the spec's value.
    Of(Vec<usize>),
}

impl Axis {
    /// The axes of the spec's value.
    pub fn atoms(&self) -> &[usize] {
        match self {
            Self::Batch => &[],
            Self::Of(atoms) => atoms,
        }
    }
}

impl View {
    /// The view that is the value itself.
    pub fn natural(step: StepId, dims: &[usize]) -> Self {
        let axis = |(at, length): (usize, &usize)| Axis::Of(if *length == 1 { Vec::new() } else { vec![at] });
        let axes = std::iter::once(Axis::Batch).chain(dims.iter().enumerate().map(axis)).collect();
        Self { step, axes, padding: Vec::new() }
    }

    /// The same view of another value of the same shape.
    pub fn of(&self, step: StepId) -> Self {
        Self { step, ..self.clone() }
    }

    /// Axis `i` of the result is axis `permutation[i]`.
    pub fn transposed(&self, permutation: &[usize]) -> Self {
        let axes = permutation.iter().filter_map(|axis| self.axes.get(*axis).cloned()).collect();
        Self { axes, ..self.clone() }
    }

    /// The atoms in the order in which the file sees them.
    pub fn order(&self) -> Vec<usize> {
        self.axes.iter().flat_map(Axis::atoms).copied().collect()
    }

    /// Whether the batch is first and the atoms are in the order of the spec's value.
    pub fn is_in_order(&self) -> bool {
        self.axes.first() == Some(&Axis::Batch) && self.order().is_sorted()
    }

    /// Whether the file sees each atom as an axis of its own.
    pub fn is_apart(&self) -> bool {
        self.axes.iter().all(|axis| axis.atoms().len() <= 1)
    }

    /// The view with other dimensions; `None` if an atom or the batch would have to be divided or joined with another.
    /// `lengths` are those of the atoms, padding included; `new` has the batch.
    pub fn reshaped(&self, lengths: &[usize], batch: usize, new: &[usize]) -> Option<Self> {
        let mut atoms = self.axes.iter().flat_map(|axis| match axis {
            Axis::Batch => vec![None],
            Axis::Of(atoms) => atoms.iter().map(|atom| Some(*atom)).collect(),
        });
        let mut next = atoms.next();
        let mut axes = Vec::with_capacity(new.len());
        for length in new {
            if next == Some(None) && *length == batch {
                axes.push(Axis::Batch);
                next = atoms.next();
                continue;
            }
            let (mut joined, mut product) = (Vec::new(), 1usize);
            while product < *length {
                let atom = next??;
                product = product.checked_mul(lengths[atom])?;
                joined.push(atom);
                next = atoms.next();
            }
            if product != *length {
                return None;
            }
            axes.push(Axis::Of(joined));
        }
        next.is_none().then(|| Self { axes, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMS: [usize; 3] = [16, 5, 4];

    fn image() -> View {
        View::natural(StepId(0), &DIMS)
    }

    fn axes(view: &View) -> Vec<Vec<usize>> {
        view.axes.iter().map(|axis| axis.atoms().to_vec()).collect()
    }

    #[test]
    fn transpositions_cancel_out() {
        let last = image().transposed(&[0, 2, 3, 1]);
        assert_eq!(axes(&last), [vec![], vec![1], vec![2], vec![0]]);
        assert!(!last.is_in_order());
        assert_eq!(last.transposed(&[0, 3, 1, 2]), image());
    }

    #[test]
    fn a_flatten_joins_axes_in_the_order_of_the_file() {
        let flat = image().transposed(&[0, 2, 3, 1]).reshaped(&DIMS, 9, &[9, 320]).unwrap();
        assert_eq!(axes(&flat), [vec![], vec![1, 2, 0]]);
        assert!(!flat.is_apart());
        let apart = flat.reshaped(&DIMS, 9, &[9, 5, 1, 4, 16]).unwrap();
        assert_eq!(axes(&apart), [vec![], vec![1], vec![], vec![2], vec![0]]);
    }

    #[test]
    fn an_axis_that_would_be_divided_is_another_value() {
        assert_eq!(image().reshaped(&DIMS, 9, &[9, 8, 40]), None);
        assert_eq!(image().reshaped(&DIMS, 9, &[18, 160]), None);
        assert_eq!(image().reshaped(&DIMS, 9, &[9, 16, 5]), None);
        assert_eq!(image().reshaped(&DIMS, 9, &[9, 16, 5, 4, 2]), None);
    }

    #[test]
    fn a_batch_of_one_row_is_still_the_batch() {
        let squeezed = image().reshaped(&DIMS, 1, &[1, 1, 320]).unwrap();
        assert_eq!(squeezed.axes, [Axis::Batch, Axis::Of(vec![]), Axis::Of(vec![0, 1, 2])]);
    }
}
