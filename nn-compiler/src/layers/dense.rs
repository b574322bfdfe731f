//! `dense(units)`: y = x·W + b.
//!
//! | value | shape             |
//! | ----- | ----------------- |
//! | x     | `[inputs]`        |
//! | W     | `[inputs, units]` |
//! | b     | `[units]`         |
//! | y     | `[units]`         |
//!
//! Backward: dW = xᵀ·dy, db = Σ dy, dx = dy·Wᵀ.

use super::activation::Activation;
use super::{Init, Layer, ParameterSpec, Rule, Signature};
use crate::diagnostic::code;
use crate::differentiate::Tape;
use crate::lower::Lowering;
use crate::plan::{BufferId, Extent, Op, TensorId};
use crate::resolve::arguments::Parameter;
use crate::shape::{Shape, ShapeError};

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// The width of the output.
    pub units: usize,
    /// Whether b is added.
    pub bias: bool,
    /// How W starts; b starts at zero.
    pub init: Init,
    /// The weight of Σ|w| in the loss; the network's where nothing is written.
    pub l1: Option<f64>,
    /// The weight of Σw² in the loss; the network's where nothing is written.
    pub l2: Option<f64>,
}

/// `dense(units, bias: true, init: auto, l1: 0, l2: 0)`
pub const SIGNATURE: Signature = Signature {
    name: "dense",
    parameters: &[
        Parameter::size("units", "the number of outputs"),
        Parameter::flag("bias", true, "whether a bias is added"),
        Parameter::init("init", Init::Auto, "how the weights start"),
        Parameter::number("l1", 0.0, f64::INFINITY, "the weight of the sum of |w| in the loss").optional(),
        Parameter::number("l2", 0.0, f64::INFINITY, "the weight of the sum of w² in the loss").optional(),
    ],
    make: |bound| {
        Layer::Dense(Dense {
            units: bound.size("units"),
            bias: bound.flag("bias"),
            init: bound.initialiser("init"),
            l1: bound.optional_number("l1"),
            l2: bound.optional_number("l2"),
        })
    },
    doc: "y = x·W + b",
};

impl Rule for Dense {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("units", self.units.to_string()),
            ("bias", self.bias.to_string()),
            ("init", self.init.to_string()),
            ("l1", self.l1.unwrap_or(0.0).to_string()),
            ("l2", self.l2.unwrap_or(0.0).to_string()),
        ]
    }

    fn identity(&self) -> Option<String> {
        Some(format!("dense(units:{},bias:{})", self.units, self.bias))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        let Some(inputs) = input.flat() else {
            return Err(ShapeError::needs_flat(code::DENSE_NEEDS_FLAT_INPUT, "dense", input));
        };
        if inputs.checked_mul(self.units).is_none_or(|weights| weights > crate::shape::MOST_ELEMENTS) {
            return Err(Box::new(ShapeError {
                code: code::TOO_LARGE,
                message: format!(
                    "`dense({})` on {input} has more than {} weights",
                    self.units,
                    crate::shape::MOST_ELEMENTS
                ),
                caption: "too many weights".to_owned(),
                insert: None,
                replace: None,
            }));
        }
        Ok(Shape(vec![self.units]))
    }

    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec> {
        let weight = ParameterSpec {
            name: "weight",
            shape: vec![input.len(), self.units],
            trainable: true,
            init: self.init,
            l1: self.l1.unwrap_or(0.0),
            l2: self.l2.unwrap_or(0.0),
        };
        let bias = ParameterSpec {
            name: "bias",
            shape: vec![self.units],
            init: Init::Constant(0.0),
            l1: 0.0,
            l2: 0.0,
            ..weight.clone()
        };
        if self.bias { vec![weight, bias] } else { vec![weight] }
    }

    fn macs(&self, input: &Shape) -> u64 {
        input.len() as u64 * self.units as u64
    }

    fn flops(&self, input: &Shape) -> u64 {
        2 * self.macs(input) + if self.bias { self.units as u64 } else { 0 }
    }

    fn lower(&self, lowering: &mut Lowering, x: BufferId) -> BufferId {
        let weight = lowering.tensor("weight");
        let bias = self.bias.then(|| lowering.tensor("bias"));
        let y = lowering.buffer("z", Extent::Rows(self.units));
        lowering.push(Op::Dense { x, weight, bias, activation: Activation::Linear, y });
        y
    }
}

/// Adds the backward operations of [`Op::Dense`] without an activation.
pub fn gradient(tape: &mut Tape, x: BufferId, weight: TensorId, bias: Option<TensorId>, y: BufferId) {
    let Some(dy) = tape.gradient_of(y) else { return };
    tape.push(Op::DenseWeightGradient { x, dy, weight });
    if let Some(bias) = bias {
        tape.push(Op::DenseBiasGradient { dy, bias });
    }
    if tape.wants(x) {
        let dx = tape.gradient_buffer(x);
        tape.push(Op::DenseInputGradient { dy, weight, derivative: None, dx });
        tape.add(x, dx);
    }
}
