//! The gradients and the optimizer's state of a trainer, by the names of the parameters.

use crate::error::Error;
use crate::tensor::Tensor;
use crate::trainable::{OptimizerState, Trainable, learning};
use crate::trainer::Trainer;

/// What the optimizer remembers of a parameter; `S` is a slice of its numbers.
#[derive(Debug)]
pub struct Remembered<S> {
    /// What it is, as the formulas of the language reference have it: `m` and `v` for `adam`, `v` for
    /// `sgd` with momentum, `s` for `rmsprop` and `adagrad`.
    pub slot: &'static str,
    /// The parameter's name.
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [usize],
    /// A number for each of its numbers.
    pub values: S,
}

/// # Gradients and state, by name
///
/// Parameters are in [`network`](Self::network). Those that are frozen have neither.
impl<N: Trainable> Trainer<N> {
    /// The gradients that were added up by [`backward`](Self::backward) or
    /// [`compute_gradients`](Self::compute_gradients) since the last update, without those of
    /// penalties: name, shape, values.
    ///
    /// # Errors
    ///
    /// There are none. [`step`](Self::step) does not keep its gradients.
    pub fn gradients(&self) -> Result<impl Iterator<Item = (&'static str, &'static [usize], &[f32])>, Error> {
        if self.passes.backward == 0 {
            return Err(Error::NoGradients);
        }
        Ok(named::<N>(self.gradients.as_ref()))
    }

    /// The same, to be changed: to scale or mask them before [`update`](Self::update), or to add some
    /// from elsewhere. Where there are none yet they start as zeros, which `update` then applies.
    pub fn gradients_mut(&mut self) -> impl Iterator<Item = (&'static str, &'static [usize], &mut [f32])> {
        self.begin_gradients();
        self.passes.backward = self.passes.backward.max(1);
        named_mut::<N>(self.gradients.as_mut())
    }

    /// What the optimizer remembers of each parameter, slot by slot; nothing for plain `sgd`.
    pub fn optimizer_state(&self) -> impl Iterator<Item = Remembered<&[f32]>> {
        let slots = N::STATE_NAMES.iter().zip(self.state.slots());
        slots.flat_map(|(slot, values)| {
            named::<N>(values).map(|(name, shape, values)| Remembered { slot, name, shape, values })
        })
    }

    /// The same, to be changed.
    pub fn optimizer_state_mut(&mut self) -> impl Iterator<Item = Remembered<&mut [f32]>> {
        let slots = N::STATE_NAMES.iter().zip(self.state.slots_mut());
        slots.flat_map(|(slot, values)| {
            named_mut::<N>(values).map(|(name, shape, values)| Remembered { slot, name, shape, values })
        })
    }
}

fn named<N: Trainable>(numbers: &[f32]) -> impl Iterator<Item = (&'static str, &'static [usize], &[f32])> {
    let values = |tensor: &Tensor| &numbers[tensor.offset..][..tensor.len()];
    learning::<N>(numbers.len()).map(move |tensor| (tensor.name, tensor.shape, values(tensor)))
}

fn named_mut<N: Trainable>(numbers: &mut [f32]) -> impl Iterator<Item = (&'static str, &'static [usize], &mut [f32])> {
    let (mut rest, mut start) = (&mut numbers[..], 0);
    let count = rest.len();
    // Offsets rise, and the tensors do not overlap.
    learning::<N>(count).map(move |tensor| {
        let (_, from) = core::mem::take(&mut rest).split_at_mut(tensor.offset - start);
        let (values, behind) = from.split_at_mut(tensor.len());
        rest = behind;
        start = tensor.offset + tensor.len();
        (tensor.name, tensor.shape, values)
    })
}
