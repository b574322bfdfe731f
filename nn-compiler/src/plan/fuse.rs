//! What an operation can take over from the one after it, so that passes need not know which it is.

use super::roles::{Read, Write};
use crate::vocabulary::Activation;

/// How an operation fuses with its neighbours. `O` is the set of all operations.
pub trait Fuse<O> {
    /// What the operation before it may do instead; `None` if it cannot be fused.
    fn offer(&self) -> Option<Offer>;
    /// Takes over what the operation after it offers, and writes to the output of that. `false`, and nothing changes, if it
    /// cannot.
    fn take(&mut self, offer: &Offer) -> bool;
    /// Operations that compute its gradients and update the parameters at once. Empty if there are none: then the
    /// gradients are stored and separate operations update the parameters.
    fn updates(&self) -> Vec<O>;
}

/// An operation that the one before it may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// What it does.
    pub what: Offered,
    /// What it does it to.
    pub from: Read,
    /// Where it writes.
    pub to: Write,
}

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Offered {
    /// A copy.
    Copy,
    /// y = f(x)
    Activation(Activation),
    /// dx = dy·f′, with f′ computed from what is saved
    Derivative(Activation, Read),
}

/// `stays!(Add, Take);`: operations that neither offer nor take anything, and whose gradients are stored.
macro_rules! stays {
    ($($operation:ident),* $(,)?) => {
        $(impl<O> $crate::plan::fuse::Fuse<O> for $operation {
            fn offer(&self) -> Option<$crate::plan::fuse::Offer> {
                None
            }

            fn take(&mut self, _offer: &$crate::plan::fuse::Offer) -> bool {
                false
            }

            fn updates(&self) -> Vec<O> {
                Vec::new()
            }
        })*
    };
}
pub(crate) use stays;
