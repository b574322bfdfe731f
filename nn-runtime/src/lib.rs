//! Neural networks as plain Rust types: `network!` compiles a spec into code that predicts and trains.
//!
//! A program depends on this crate alone, and imports its [`prelude`]:
//!
//! ```
//! use nn_runtime::prelude::*;
//!
//! network! {
//!     network Xor {
//!         input x: [2];
//!         output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
//!         train { loss: binary_cross_entropy; optimizer: adam(lr: 0.05); batch: all; epochs: 500; }
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
//! let targets = [[0.0], [1.0], [1.0], [0.0]];
//! let examples = Examples::new(&inputs, &targets);
//!
//! let mut trainer = Trainer::<Xor>::new(1);
//! trainer.fit(&examples, &Examples::none(), &FitOptions::from_spec::<Xor>(), &mut ())?;
//! let network = trainer.into_network();
//! let y: [f32; 1] = network.predict(&[1.0, 0.0]);
//! assert!(y[0] > 0.9);
//! # Ok(())
//! # }
//! ```
//!
//! | module | subject |
//! | --- | --- |
//! | [`mod@network`], [`predictor`] | what every network can do: initialise, predict, give its parameters |
//! | [`trainable`], [`trainer`], [`fit`](mod@fit), [`find`] | what a network with a `train` block can also do |
//! | [`examples`], [`observer`], [`history`], [`evaluation`] | the rows of a training, what it reports, what it measures |
//! | [`schedule`], [`clip`], [`early_stopping`] | the learning rate of a step; limiting gradients; when to stop |
//! | [`learning_rates`] | the learning rate of a value |
//! | [`weights`], [`checkpoint`] | files and bytes |
//! | [`tensor`], [`row`] | the parts of a network; rows of numbers |
//! | [`targets`], [`row_weights`] | which targets a loss takes; how much each row counts |
//! | [`init`] | random numbers |
//! | [`named`] | what an optimizer remembers, by the names of the parameters |
//! | [`memory`] | networks in a static or on the stack |
//! | [`error`] | what can go wrong |
//!
//! Kernels and whatever else only generated code calls are in a hidden module, `generated`. Its items
//! may change with any version.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `std` | files, CPU detection at run time |
//! | `alloc` | boxed networks, [`fit`], [`predictor`] |
//! | `macros` | `network!` itself |
//! | `rayon` | more than one thread |
//!
//! Without any, the crate needs `core` alone: a network is where the program puts it, and `predict`
//! and `step` work on it there. (Matrix multiplications of layers wider than 32 units then take 80
//! KiB of stack.)
//!
//! # Debug builds
//!
//! Kernels are compiled in the crate that has the network, at that crate's level. A debug build of it
//! trains some forty times slower than a release build, to the same bits. In the root `Cargo.toml`:
//!
//! ```toml
//! [profile.dev]
//! opt-level = 2
//! ```
//!
//! If your own code must stay at opt-level 0, put the networks into a separate crate, say
//! `my-networks`, and optimise that and the runtime:
//!
//! ```toml
//! [profile.dev.package.my-networks]
//! opt-level = 3
//!
//! [profile.dev.package.nn-runtime]
//! opt-level = 3
//! ```
//!
//! Overrides for other packages, `"*"` included, do not reach a network of the crate itself.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "std")]
#[doc(hidden)]
pub mod agreement;
mod augment;
#[cfg(feature = "alloc")]
mod batches;
#[cfg(feature = "std")]
pub mod checkpoint;
pub mod clip;
mod each;
pub mod early_stopping;
pub mod error;
pub mod evaluation;
pub mod examples;
mod external;
#[cfg(feature = "alloc")]
pub mod find;
#[cfg(feature = "alloc")]
pub mod fit;
mod fma;
#[doc(hidden)]
pub mod generated;
#[cfg(feature = "alloc")]
pub mod history;
pub mod init;
mod isa;
mod layers;
pub mod learning_rates;
mod losses;
mod math;
pub mod memory;
mod metrics;
mod misfit;
pub mod named;
pub mod network;
#[cfg(feature = "macros")]
mod network_macro;
pub mod observer;
mod optimizer_state;
mod optimizers;
#[cfg(feature = "alloc")]
pub mod predictor;
pub mod prelude;
mod regularizer;
#[cfg(feature = "std")]
mod replace;
pub mod row;
pub mod row_weights;
pub mod schedule;
pub mod targets;
pub mod tensor;
mod threads;
pub mod trainable;
pub mod trainer;
mod vector;
#[cfg(feature = "alloc")]
mod watch;
pub mod weights;

#[cfg(feature = "macros")]
#[doc(inline)]
pub use __network as network;
