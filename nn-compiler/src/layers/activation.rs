//! Elementwise activations: y = f(x), any shape.
//!
//! | value | shape     |
//! | ----- | --------- |
//! | x, y  | any, same |
//!
//! Backward: dx = dy·f′. Where f′ follows from y, the backward pass keeps y ([`Activation::saves_output`]),
//! so that the activation can be fused into the layer before it.
//!
//! `gelu` and `silu` need x, so they are fused at inference only. To the compiler, activations
//! differ by a formula, so they share this file; in the runtime each has its own.

use super::{Layer, Rule, Signature};
use crate::differentiate::Tape;
use crate::lower::Lowering;
use crate::plan::{BufferId, Op};
use crate::resolve::arguments::{Bound, Parameter};
use crate::shape::{Shape, ShapeError};
pub use crate::vocabulary::Activation;

macro_rules! plain {
    ($name:literal, $activation:expr, $doc:literal) => {
        Signature { name: $name, parameters: &[], make: |_| Layer::Activation($activation), doc: $doc }
    };
}

/// Every activation that can be written.
pub const SIGNATURES: &[Signature] = &[
    plain!("linear", Activation::Linear, "f(x) = x"),
    plain!("sigmoid", Activation::Sigmoid, "f(x) = 1/(1 + e^-x)"),
    plain!("tanh", Activation::Tanh, "f(x) = tanh x"),
    plain!("relu", Activation::Relu, "f(x) = max(x, 0)"),
    Signature {
        name: "leaky_relu",
        parameters: &[Parameter::number("slope", 0.0, 1.0, "the slope below zero").default_number(0.01)],
        make: |bound: &Bound| Layer::Activation(Activation::LeakyRelu { slope: bound.number("slope") }),
        doc: "f(x) = x where x > 0, else slope·x",
    },
    Signature {
        name: "elu",
        parameters: &[Parameter::positive("alpha", "the limit below zero is -alpha").default_number(1.0)],
        make: |bound: &Bound| Layer::Activation(Activation::Elu { alpha: bound.number("alpha") }),
        doc: "f(x) = x where x > 0, else alpha·(e^x - 1)",
    },
    plain!("selu", Activation::Selu, "scaled elu, self-normalizing"),
    Signature {
        name: "gelu",
        parameters: &[
            Parameter::word("approximate", &["none", "tanh"], "exact, or approximated with tanh").default_word("none")
        ],
        make: |bound: &Bound| {
            let exact = bound.word("approximate") == "none";
            Layer::Activation(if exact { Activation::Gelu } else { Activation::GeluTanh })
        },
        doc: "f(x) = x·Φ(x)",
    },
    plain!("silu", Activation::Silu, "f(x) = x·sigmoid(x)"),
    plain!("softplus", Activation::Softplus, "f(x) = ln(1 + e^x)"),
    plain!("hard_sigmoid", Activation::HardSigmoid, "f(x) = clamp(x/6 + 1/2, 0, 1)"),
    plain!("hard_tanh", Activation::HardTanh, "f(x) = clamp(x, -1, 1)"),
    plain!("step", Activation::Step, "f(x) = 1 where x > 0, else 0"),
];

impl Rule for Activation {
    fn name(&self) -> &'static str {
        Self::name(*self)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::LeakyRelu { slope } => vec![("slope", slope.to_string())],
            Self::Elu { alpha } => vec![("alpha", alpha.to_string())],
            Self::Gelu => vec![("approximate", "none".to_owned())],
            Self::GeluTanh => vec![("approximate", "tanh".to_owned())],
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::Selu
            | Self::Silu
            | Self::Softplus
            | Self::HardSigmoid
            | Self::HardTanh
            | Self::Step => Vec::new(),
        }
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(input.clone())
    }

    fn lower(&self, lowering: &mut Lowering, x: BufferId) -> BufferId {
        if *self == Self::Linear {
            return x;
        }
        let y = lowering.like("y", x);
        lowering.push(Op::Activate { activation: *self, x, y });
        y
    }
}

/// Adds the backward operation of [`Op::Activate`].
pub fn gradient(tape: &mut Tape, activation: Activation, x: BufferId, y: BufferId) {
    let saved = if activation.saves_output() { y } else { x };
    tape.through(x, y, |dy, dx| Op::ActivateGradient { activation, saved, dy, dx });
}
