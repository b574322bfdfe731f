//! `network!`. It calls the procedural macro with the path of this crate, which a procedural macro
//! cannot know: so it works under any name of the crate, and through any crate that re-exports it.

/// Defines a network: a plain struct of parameters that implements
/// [`Network`](crate::network::Network), and [`Trainable`](crate::trainable::Trainable) if the spec
/// has a `train` block.
///
/// The spec is written in the macro, with attributes, doc comments and visibility as on a struct,
/// or in a file, whose path is relative to the calling file or to the package's root:
///
/// ```
/// use nn_runtime::prelude::*;
///
/// network! {
///     /// Exclusive or.
///     #[derive(Debug, PartialEq)]
///     pub network Xor {
///         input x: [2];
///         output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
///     }
/// }
///
/// assert!(*Xor::init(1) == *Xor::init(1));
/// ```
///
/// ```text
/// network!(pub "specs/digits.nn");
/// ```
///
/// # Trained weights
///
/// Trained weights become part of the program with `weights`, whose path is relative to the same
/// places:
///
/// ```text
/// network!("specs/digits.nn", weights: "specs/digits.safetensors");
/// network! { weights: "xor.safetensors", pub network Xor { … } }
///
/// let digit = Digits::TRAINED.predict(&image);
/// ```
///
/// `Digits::TRAINED` is a `&'static Digits` in read-only memory. The file is checked while the
/// program is compiled: every tensor that is missing, left over or of another shape or number type,
/// a hash of another network, and a number that is not finite is an error at the path. cargo
/// compiles again when the file changes.
///
/// # Errors and warnings
///
/// Every mistake in the spec is a separate error, with its code, at the tokens in question.
///
/// What compiles but looks wrong is a warning. A macro cannot warn in stable Rust, so rustc reports
/// the use of something deprecated that has the lint's name: ``use of deprecated constant
/// `_::high_dropout`: [NN0703] …``. `allow(high_dropout);` in the spec silences it: for one
/// statement if written before it, for the network if written at the start or the end.
/// `#[allow(deprecated)]` on the network or the module around it silences all lints. Under
/// `#![deny(warnings)]` they are errors, like rustc's own warnings.
///
/// # Attributes
///
/// - `#[cfg(…)]` and levels of lints hold for everything that is generated. A spec with mistakes is
///   an error only where the condition holds.
/// - `#[derive(PartialEq)]` compares all numbers, as `f32` does.
/// - `#[derive(Debug)]` shows how many numbers there are, and the first ones.
/// - `#[derive(Default)]` gives what `init` gives for the seed of `train`, or for 0. The value
///   passes through the stack.
/// - `Clone` is always implemented.
///
/// # Names
///
/// No name in a spec and nothing in the program can break what is generated: it names everything
/// through this crate. The crate is found under any name, and through any crate that re-exports it.
/// To compile a network against another crate with the same items, name it first:
///
/// ```text
/// network!(crate = my_facade::nn, "digits.nn");
/// network! { crate = my_facade::nn, pub network Xor { … } }
/// ```
///
/// Constants of Rust are not visible in a spec, since macros run before there are any. Write
/// `const HIDDEN = 64;` in the spec, or let a `macro_rules!` give the number:
///
/// ```
/// use nn_runtime::prelude::*;
///
/// macro_rules! hidden { ($name:ident, $hidden:literal) => {
///     network! { network $name { input x: [2]; output y = x -> dense($hidden) -> relu -> dense(1); } }
/// } }
/// hidden!(Small, 4);
/// hidden!(Large, 64);
/// # fn main() { assert_eq!(Large::PARAMS, 2 * 64 + 64 + 64 + 1); }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __network {
    ($($spec:tt)*) => { $crate::generated::define! { ($crate) $($spec)* } };
}
