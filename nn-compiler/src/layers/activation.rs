//! Elementwise activations: y = f(x), any shape.
//!
//! | value | shape     |
//! | ----- | --------- |
//! | x, y  | any, same |
//!
//! Backward: dx = dy·f′. Where f′ follows from y, y is what the backward pass keeps ([`Activation::saves_output`]),
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

/// An elementwise activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// f(x) = x
    Linear,
    /// f(x) = 1/(1 + e⁻ˣ)
    Sigmoid,
    /// f(x) = tanh x
    Tanh,
    /// f(x) = max(x, 0)
    Relu,
    /// f(x) = x where x > 0, else slope·x
    LeakyRelu {
        /// The slope below zero.
        slope: f64,
    },
    /// f(x) = x where x > 0, else α·(eˣ − 1)
    Elu {
        /// α.
        alpha: f64,
    },
    /// f(x) = λ·x where x > 0, else λ·α·(eˣ − 1) (Klambauer et al. 2017)
    Selu,
    /// f(x) = x·Φ(x)
    Gelu,
    /// f(x) = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
    GeluTanh,
    /// f(x) = x·sigmoid(x)
    Silu,
    /// f(x) = ln(1 + eˣ)
    Softplus,
    /// f(x) = clamp(x/6 + 1/2, 0, 1)
    HardSigmoid,
    /// f(x) = clamp(x, −1, 1)
    HardTanh,
    /// f(x) = 1 where x > 0, else 0
    Step,
}

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
        parameters: &[Parameter::word("approximate", &["none", "tanh"], "exact, or by tanh").default_word("none")],
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

impl Activation {
    /// Whether f′ is computed from y = f(x); else it is computed from x.
    pub fn saves_output(self) -> bool {
        !matches!(self, Self::Gelu | Self::GeluTanh | Self::Silu)
    }

    /// Between which numbers y lies, as far as it is limited.
    pub fn range(self) -> (f64, f64) {
        const ANY: f64 = f64::INFINITY;
        match self {
            Self::Linear | Self::LeakyRelu { .. } => (-ANY, ANY),
            Self::Sigmoid | Self::HardSigmoid | Self::Step => (0.0, 1.0),
            Self::Tanh | Self::HardTanh => (-1.0, 1.0),
            Self::Relu | Self::Softplus => (0.0, ANY),
            Self::Elu { alpha } => (-alpha, ANY),
            // −λ·α
            Self::Selu => (-1.758_1, ANY),
            // Their minima, rounded down.
            Self::Gelu | Self::GeluTanh => (-0.171, ANY),
            Self::Silu => (-0.279, ANY),
        }
    }

    /// Whether `init: auto` takes He's variance before it.
    pub fn is_relu_family(self) -> bool {
        matches!(
            self,
            Self::Relu
                | Self::LeakyRelu { .. }
                | Self::Elu { .. }
                | Self::Selu
                | Self::Gelu
                | Self::GeluTanh
                | Self::Silu
        )
    }

    /// The right side of y = …, for comments.
    pub fn formula(self, x: &str) -> String {
        match self {
            Self::Linear => x.to_owned(),
            Self::LeakyRelu { slope } => format!("leaky_relu({x}, slope {slope})"),
            Self::Elu { alpha } => format!("elu({x}, alpha {alpha})"),
            Self::GeluTanh => format!("gelu({x}, by tanh)"),
            Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::Selu
            | Self::Gelu
            | Self::Silu
            | Self::Softplus
            | Self::HardSigmoid
            | Self::HardTanh
            | Self::Step => format!("{}({x})", self.name()),
        }
    }
}

impl Rule for Activation {
    fn name(&self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu { .. } => "elu",
            Self::Selu => "selu",
            Self::Gelu | Self::GeluTanh => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::HardSigmoid => "hard_sigmoid",
            Self::HardTanh => "hard_tanh",
            Self::Step => "step",
        }
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
