//! Networks in a crate that knows the runtime by other names. The usual names of it and of std are
//! those of other crates, and every lint that a macro could trip over is forbidden.

#![no_std]
#![deny(warnings)]
#![forbid(
    deprecated,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    nonstandard_style,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_qualifications
)]

/// Not what it is called.
pub extern crate nn_facade as core;
/// Not what it is called.
pub extern crate nn_facade as nn_runtime;
/// Not what it is called.
pub extern crate nn_facade as std;

renamed::network! {
    /// By another name of the dependency.
    #[derive(Debug, PartialEq, Default)]
    pub network Renamed {
        input x: [2];
        output y = x -> dense(3) -> tanh -> dense(1);
        train { loss: mse; optimizer: sgd; batch: 4; seed: 7; }
    }
}

nn_facade::nn::network! {
    /// Through a crate that re-exports the whole runtime.
    #[derive(Debug)]
    pub network Through { input x: [2]; output y = x -> dense(3) -> tanh -> dense(1); }
}

nn_facade::network! {
    /// Through a crate that re-exports the macro.
    #[derive(Debug)]
    #[non_exhaustive]
    pub network Alone { input x: [2]; output y = x -> dense(3) -> tanh -> dense(1); }
}

nn_facade::line!(
    /// Through a macro of another crate.
    #[derive(Debug)]
    pub Line, 3
);

nn_facade::network! {
    crate = nn_facade::nn,
    /// Where the program names the runtime.
    #[derive(Debug)]
    pub network Named { input x: [2]; output y = x -> dense(3) -> tanh -> dense(1); }
}

renamed::network!(
    crate = ::renamed,
    /// From a file.
    #[derive(Debug)]
    pub "line.nn"
);

renamed::network! {
    #[cfg(any())]
    pub network Never { input x: [2]; output y = x -> desne(3); }
}

renamed::network! {
    #[cfg_attr(all(), cfg(any()))]
    pub network NeverEither { input x: [2]; output y = x -> dropout(0.9) -> dense(3); }
}

renamed::network!(#[cfg(any())] pub "there_is_no_such_file.nn");

renamed::network! {
    /// Two networks of one name, one of which is there.
    #[cfg(all())]
    #[derive(Debug)]
    #[doc(hidden)]
    pub network Once { input x: [2]; output y = x -> dense(3) -> tanh -> dense(1); train { loss: mse; optimizer: sgd; batch: 2; } }
}

renamed::network! {
    /// The other.
    #[cfg(not(all()))]
    pub network Once { input x: [9]; output y = x -> dense(3) -> tanh -> dense(1); train { loss: mse; optimizer: sgd; batch: 2; } }
}
