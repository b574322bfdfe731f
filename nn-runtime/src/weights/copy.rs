//! From one network to another of the same model, tensor by tensor.
//!
//! Networks of one model have the same tensors, but may lay them out in different orders: frozen
//! parameters come last. So values are never copied as a whole.

use crate::error::Error;
use crate::misfit::{Model, OtherModel};
use crate::tensor::{Tensor, TensorKind};

/// Two networks of the same model.
pub(crate) struct Twins {
    to: Model,
    from: Model,
}

impl Twins {
    /// An error where they are not the same model.
    pub(crate) fn new(to: Model, from: Model) -> Result<Self, Error> {
        let twins = Self { to, from };
        if to.hash == from.hash && to.tensors.iter().enumerate().all(|tensor| twins.twin(tensor).is_some()) {
            Ok(twins)
        } else {
            Err(Error::OtherModel(OtherModel { to, from }))
        }
    }

    /// The other network's tensor of the same name, kind and shape.
    fn twin(&self, (place, tensor): (usize, &Tensor)) -> Option<&'static Tensor> {
        let found = self.from.tensor(tensor.name, place)?;
        (found.shape == tensor.shape && found.kind == tensor.kind).then_some(found)
    }

    /// Moves the numbers of a kind the share `tau` of the way, which is from 0 to 1.
    pub(crate) fn blend(&self, kind: TensorKind, to: &mut [f32], from: &[f32], tau: f32) {
        for (place, tensor) in self.to.tensors.iter().enumerate().filter(|(_, tensor)| tensor.kind == kind) {
            let Some(found) = self.twin((place, tensor)) else { continue };
            let to = &mut to[tensor.offset..][..tensor.len()];
            let from = &from[found.offset..][..tensor.len()];
            if tau == 1.0 {
                // The formula would round.
                to.copy_from_slice(from);
            } else if tau != 0.0 {
                // Where it is 0, the formula would make 0 of −0.
                to.iter_mut().zip(from).for_each(|(to, from)| *to += tau * (from - *to));
            }
        }
    }
}
