//! What layers with weights have in common: the initialiser, penalties and a bias.

use super::parameter::ParameterSpec;
use crate::signature::{ArgumentSpec, Bound};
use crate::vocabulary::Init;

/// The arguments that concern weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Whether b is added.
    pub bias: bool,
    /// How W is initialised; b starts at zero.
    pub init: Init,
    /// The weight of Σ|w| in the loss; by default that of the network.
    pub l1: Option<f64>,
    /// The weight of Σw² in the loss; by default that of the network.
    pub l2: Option<f64>,
}

/// `bias`
pub const BIAS: ArgumentSpec = ArgumentSpec::flag("bias", true, "whether a bias is added");
/// `init`
pub const INIT: ArgumentSpec = ArgumentSpec::init("init", Init::Auto, "how the weights are initialised");
/// `l1`
pub const L1: ArgumentSpec =
    ArgumentSpec::number("l1", 0.0, f64::INFINITY, "the weight of the sum of |w| in the loss").optional();
/// `l2`
pub const L2: ArgumentSpec =
    ArgumentSpec::number("l2", 0.0, f64::INFINITY, "the weight of the sum of w² in the loss").optional();

impl Weights {
    /// From the four arguments.
    pub fn bound(bound: &Bound) -> Self {
        Self {
            bias: bound.flag("bias"),
            init: bound.initialiser("init"),
            l1: bound.optional_number("l1"),
            l2: bound.optional_number("l2"),
        }
    }

    /// The arguments as they would be written.
    pub fn arguments(&self) -> [(&'static str, String); 4] {
        [
            ("bias", self.bias.to_string()),
            ("init", self.init.to_string()),
            ("l1", self.l1.unwrap_or(0.0).to_string()),
            ("l2", self.l2.unwrap_or(0.0).to_string()),
        ]
    }

    /// `weight` of this shape, and `bias` for this many outputs.
    pub fn parameters(&self, shape: Vec<usize>, outputs: usize) -> Vec<ParameterSpec> {
        let weight = ParameterSpec {
            name: "weight",
            shape,
            trainable: true,
            init: self.init,
            l1: self.l1.unwrap_or(0.0),
            l2: self.l2.unwrap_or(0.0),
        };
        let bias = ParameterSpec {
            name: "bias",
            shape: vec![outputs],
            init: Init::Constant(0.0),
            l1: 0.0,
            l2: 0.0,
            ..weight.clone()
        };
        if self.bias { vec![weight, bias] } else { vec![weight] }
    }
}
