//! A crate through which others use `nn-runtime`, without depending on it.

pub use nn_runtime as nn;
pub use nn_runtime::prelude::network;

/// A network of one hidden layer, by `network!` in a macro of this crate.
#[macro_export]
macro_rules! line {
    ($(#[$attribute:meta])* $visibility:vis $name:ident, $units:literal) => {
        $crate::nn::network! {
            $(#[$attribute])*
            $visibility network $name { input x: [2]; output y = x -> dense($units) -> tanh -> dense(1); }
        }
    };
}
