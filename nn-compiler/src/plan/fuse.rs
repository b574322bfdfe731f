//! What an operation can take over from the one behind it, so that passes need not know which it is.

use super::roles::{Read, Write};
use crate::vocabulary::Activation;

/// What an operation and its neighbours may become one by. `O` is the set of all operations.
pub trait Fuse<O> {
    /// What the operation before it may do in its stead; `None` for one that stays.
    fn offer(&self) -> Option<Offer>;
    /// Does what an operation behind it offers, and writes where that wrote. `false`, and nothing changes, where it
    /// cannot.
    fn take(&mut self, offer: &Offer) -> bool;
    /// Operations that compute its gradients and move the parameters at once. Empty where there are none: then its
    /// gradients are stored and moved by operations of their own.
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
