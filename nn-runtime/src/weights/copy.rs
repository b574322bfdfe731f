//! From one network to another of the same model, tensor by tensor.
//!
//! Networks of one model have the same tensors, but may lay them out in different orders: frozen
//! parameters come last. So values are never copied as a whole.

use super::read::network_model;
use crate::error::Error;
use crate::misfit::OtherModel;
use crate::network::Network;
use crate::tensor::{Tensor, TensorKind};

/// Sets `to` to the values of `from`.
pub(crate) fn copy<N: Network, O: Network>(to: &mut N, from: &O) -> Result<(), Error> {
    each_tensor(to, from, |to, from| *to = from)
}

/// Moves `to` the share `tau` of the way to `from`.
pub(crate) fn blend<N: Network, O: Network>(to: &mut N, from: &O, tau: f32) -> Result<(), Error> {
    if !(0.0..=1.0).contains(&tau) {
        return Err(Error::BadShare { tau });
    }
    if tau == 1.0 {
        // The formula below would round.
        return copy(to, from);
    }
    each_tensor(to, from, |to, from| *to += tau * (from - *to))
}

/// Changes every number of `to` by the number of `from` at the same place of the same tensor.
fn each_tensor<N: Network, O: Network>(
    to: &mut N,
    from: &O,
    change: impl Fn(&mut f32, f32) + Copy,
) -> Result<(), Error> {
    let (model, other) = (network_model::<N>(), network_model::<O>());
    let same = |(place, tensor): (usize, &Tensor)| {
        let found = other.tensor(tensor.name, place)?;
        (found.shape == tensor.shape && found.kind == tensor.kind).then_some(found)
    };
    let all = || model.tensors.iter().enumerate();
    if model.hash != other.hash || all().any(|tensor| same(tensor).is_none()) {
        return Err(Error::OtherModel(OtherModel { to: model, from: other }));
    }
    for kind in TensorKind::ALL {
        let (to, from) = (to.values_mut(kind), from.values(kind));
        for (place, tensor) in all().filter(|(_, tensor)| tensor.kind == kind) {
            let Some(found) = same((place, tensor)) else { continue };
            let to = &mut to[tensor.offset..][..tensor.len()];
            let from = &from[found.offset..][..tensor.len()];
            to.iter_mut().zip(from).for_each(|(to, from)| change(to, *from));
        }
    }
    Ok(())
}
