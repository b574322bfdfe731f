//! Elementwise activations: y = f(x), any shape.
//!
//! | value | shape     |
//! | ----- | --------- |
//! | x, y  | any, same |
//!
//! Backward: dx = dy·f′. Where f′ follows from y, the backward pass keeps y ([`Activation::saves_output`]),
//! so that the activation can be fused into the layer before it.
//!
//! `gelu`, `silu`, `hard_swish` and `mish` need x, so they are fused at inference only. To the compiler, activations
//! differ by a formula, so they share this file; in the runtime each has its own.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, Bound, LayerKind, Signature};
pub(super) use crate::vocabulary::Activation;
use crate::vocabulary::Init;

/// `linear`
pub const LINEAR: Signature<Activation> = plain("linear", &["identity"], |_| Activation::Linear, "f(x) = x");
/// `sigmoid`
pub const SIGMOID: Signature<Activation> = plain("sigmoid", &[], |_| Activation::Sigmoid, "f(x) = 1/(1 + e^-x)");
/// `tanh`
pub const TANH: Signature<Activation> = plain("tanh", &[], |_| Activation::Tanh, "f(x) = tanh x");
/// `relu(max: …)`
pub const RELU: Signature<Activation> = Signature {
    name: "relu",
    elsewhere: &[],
    kind: LayerKind::Activation,
    arguments: &[ArgumentSpec::positive("max", "the largest value; without it there is none").optional()],
    make: |bound| match bound.optional_number("max") {
        Some(max) => Activation::BoundedRelu { max },
        None => Activation::Relu,
    },
    doc: "f(x) = max(x, 0), and at most `max`",
};
/// `leaky_relu(slope: 0.01)`
pub const LEAKY_RELU: Signature<Activation> = Signature {
    name: "leaky_relu",
    elsewhere: &["leakyrelu"],
    kind: LayerKind::Activation,
    arguments: &[ArgumentSpec::number("slope", 0.0, 1.0, "the slope below zero").default_number(0.01)],
    make: |bound| Activation::LeakyRelu { slope: bound.number("slope") },
    doc: "f(x) = x where x > 0, else slope·x",
};
/// `elu(alpha: 1)`
pub const ELU: Signature<Activation> = Signature {
    name: "elu",
    elsewhere: &[],
    kind: LayerKind::Activation,
    arguments: &[ArgumentSpec::positive("alpha", "the limit below zero is -alpha").default_number(1.0)],
    make: |bound| Activation::Elu { alpha: bound.number("alpha") },
    doc: "f(x) = x where x > 0, else alpha·(e^x - 1)",
};
/// `selu`
pub const SELU: Signature<Activation> = plain("selu", &[], |_| Activation::Selu, "scaled elu, self-normalizing");
/// `gelu(approximate: none)`
pub const GELU: Signature<Activation> = Signature {
    name: "gelu",
    elsewhere: &[],
    kind: LayerKind::Activation,
    arguments: &[
        ArgumentSpec::word("approximate", &["none", "tanh"], "exact, or approximated with tanh").default_word("none")
    ],
    make: |bound| if bound.word("approximate") == "none" { Activation::Gelu } else { Activation::GeluTanh },
    doc: "f(x) = x·Φ(x)",
};
/// `silu`
pub const SILU: Signature<Activation> = plain("silu", &["swish"], |_| Activation::Silu, "f(x) = x·sigmoid(x)");
/// `softplus`
pub const SOFTPLUS: Signature<Activation> = plain("softplus", &[], |_| Activation::Softplus, "f(x) = ln(1 + e^x)");
/// `hard_sigmoid`
pub const HARD_SIGMOID: Signature<Activation> =
    plain("hard_sigmoid", &["hardsigmoid"], |_| Activation::HardSigmoid, "f(x) = clamp(x/6 + 1/2, 0, 1)");
/// `hard_tanh`
pub const HARD_TANH: Signature<Activation> =
    plain("hard_tanh", &["hardtanh"], |_| Activation::HardTanh, "f(x) = clamp(x, -1, 1)");
/// `hard_swish`
pub const HARD_SWISH: Signature<Activation> =
    plain("hard_swish", &["hardswish"], |_| Activation::HardSwish, "f(x) = x·clamp(x/6 + 1/2, 0, 1)");
/// `mish`
pub const MISH: Signature<Activation> = plain("mish", &[], |_| Activation::Mish, "f(x) = x·tanh(ln(1 + e^x))");
/// `step`
pub const STEP: Signature<Activation> =
    plain("step", &["heaviside"], |_| Activation::Step, "f(x) = 1 where x > 0, else 0");

const fn plain(
    name: &'static str,
    elsewhere: &'static [&'static str],
    make: fn(&Bound) -> Activation,
    doc: &'static str,
) -> Signature<Activation> {
    Signature { name, elsewhere, kind: LayerKind::Activation, arguments: &[], make, doc }
}

impl Rule for Activation {
    fn name(&self) -> &'static str {
        Self::name(*self)
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Activation
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::LeakyRelu { slope } => vec![("slope", slope.to_string())],
            Self::Elu { alpha } => vec![("alpha", alpha.to_string())],
            Self::BoundedRelu { max } => vec![("max", max.to_string())],
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
            | Self::HardSwish
            | Self::Mish
            | Self::Step => Vec::new(),
        }
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(input.clone())
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn learns(&self) -> bool {
        false
    }

    fn parameters(&self, _input: &Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    fn flops(&self, input: &Shape) -> u64 {
        input.len() as u64
    }

    fn weights(&self) -> Option<&Weights> {
        None
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    fn auto_init(&self) -> Option<Init> {
        Some(if self.is_relu_family() { Init::HeNormal } else { Init::GlorotUniform })
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Linear => Effect::Passes { keeps_equal: true },
            Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::Softplus
            | Self::HardSigmoid
            | Self::HardTanh
            | Self::BoundedRelu { .. }
            | Self::HardSwish
            | Self::Mish
            | Self::Step => Effect::Bends(*self),
        }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        if *self == Self::Linear {
            return x;
        }
        let y = lowering.like("y", x);
        lowering.push(ops::Activate { activation: *self, x, y });
        y.read()
    }
}
