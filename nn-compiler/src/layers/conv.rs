//! `conv1d(channels, kernel)`, `conv2d(channels, kernel)`: y = W∗x + b, windows of weights that slide over an image.
//!
//! | value | shape                                             |
//! | ----- | ------------------------------------------------- |
//! | x     | `[inputs, height, width]`, `[inputs, length]`     |
//! | W     | `[channels, inputs/groups, kernel]`               |
//! | b     | `[channels]`                                      |
//! | y     | `[channels, height′, width′]`, `[channels, length′]` |
//!
//! The kernel is not flipped, as everywhere in the field; everything outside the image is zero.
//!
//! Backward: dW = Σ dy·x and db = Σ dy over rows and positions; dx = the sum of the products that contain x.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::Rule;
use super::sliding::{DILATION, Over, PADDING, STRIDE, Sliding};
use super::weights::{BIAS, INIT, L1, L2, Weights};
use crate::diagnostic::{code, counted};
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::plan::{Extent, Lowering};
use crate::shape::{MOST_ELEMENTS, Shape, ShapeError};
use crate::signature::{ArgumentKind, ArgumentSpec, Bound, LayerKind, Signature};
use crate::vocabulary::{Activation, Init, Window};

/// A convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// The channels of the output.
    pub channels: usize,
    /// How the window slides.
    pub sliding: Sliding,
    /// The number of groups that the channels are split into; groups do not see each other.
    pub groups: usize,
    /// Weights and bias.
    pub weights: Weights,
}

const CHANNELS: ArgumentSpec = ArgumentSpec::size("channels", "the number of output channels");
const GROUPS: ArgumentSpec =
    ArgumentSpec::size("groups", "the number of equal groups that the channels are split into").default_number(1.0);

/// `conv1d(channels, kernel:, stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, init: auto, l1: 0, l2: 0)`
pub const SEQUENCE: Signature<Conv> = Signature {
    name: "conv1d",
    elsewhere: &["convolution1d"],
    kind: LayerKind::Weights,
    arguments: &[
        CHANNELS,
        ArgumentSpec::extent("kernel", ArgumentKind::Extent { dimensions: 1, least: 1 }, "the length of the window"),
        ArgumentSpec { kind: ArgumentKind::Extent { dimensions: 1, least: 1 }, ..STRIDE },
        ArgumentSpec { kind: ArgumentKind::Padding { dimensions: 1 }, ..PADDING },
        ArgumentSpec { kind: ArgumentKind::Extent { dimensions: 1, least: 1 }, ..DILATION },
        GROUPS,
        BIAS,
        INIT,
        L1,
        L2,
    ],
    make: |bound| Conv::bound(Over::Sequence, bound),
    doc: "windows of weights that slide over a sequence",
};

/// `conv2d(channels, kernel:, stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, init: auto, l1: 0, l2: 0)`
pub const IMAGE: Signature<Conv> = Signature {
    name: "conv2d",
    elsewhere: &["conv", "convolution2d"],
    kind: LayerKind::Weights,
    arguments: &[
        CHANNELS,
        ArgumentSpec::extent("kernel", ArgumentKind::Extent { dimensions: 2, least: 1 }, "the size of the window"),
        STRIDE,
        PADDING,
        DILATION,
        GROUPS,
        BIAS,
        INIT,
        L1,
        L2,
    ],
    make: |bound| Conv::bound(Over::Image, bound),
    doc: "windows of weights that slide over an image",
};

impl Conv {
    fn bound(over: Over, bound: &Bound) -> Self {
        Self {
            channels: bound.size("channels"),
            sliding: Sliding::bound(over, "kernel", bound),
            groups: bound.size("groups"),
            weights: Weights::bound(bound),
        }
    }

    /// The sizes over an input that fits.
    fn window(&self, input: &Shape) -> Window {
        self.sliding.on(self.name(), input).expect("shapes are inferred before they are used")
    }

    /// The shape of W.
    fn weight_shape(&self, inputs: usize) -> Vec<usize> {
        let [height, width] = self.sliding.size;
        let mut shape = vec![self.channels, inputs / self.groups];
        shape.extend(match self.sliding.over {
            Over::Sequence => vec![width],
            Over::Image => vec![height, width],
        });
        shape
    }

    fn uneven_groups(&self, inputs: usize) -> Box<ShapeError> {
        let Self { channels, groups, .. } = self;
        Box::new(ShapeError {
            code: code::GROUPS,
            message: format!(
                "`groups: {groups}` of `{}` must divide its {inputs} input channels and its {channels} output channels",
                self.name()
            ),
            caption: if inputs.is_multiple_of(*groups) {
                format!("{} cannot be split into {groups} equal groups", counted(*channels, "channel"))
            } else {
                format!("{} cannot be split into {groups} equal groups", counted(inputs, "channel"))
            },
            insert: None,
            replace: None,
        })
    }

    fn too_large(&self, what: &str) -> Box<ShapeError> {
        Box::new(ShapeError {
            code: code::TOO_LARGE,
            message: format!("`{}` {what}", self.name()),
            caption: "too large".to_owned(),
            insert: None,
            replace: None,
        })
    }
}

impl Rule for Conv {
    fn name(&self) -> &'static str {
        match self.sliding.over {
            Over::Sequence => SEQUENCE.name,
            Over::Image => IMAGE.name,
        }
    }

    fn kind(&self) -> LayerKind {
        SEQUENCE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let size = self.sliding.over.shown(self.sliding.size);
        let mut arguments = vec![("channels", self.channels.to_string()), ("kernel", size)];
        arguments.extend(self.sliding.arguments());
        arguments.push(("groups", self.groups.to_string()));
        arguments.extend(self.weights.arguments());
        arguments
    }

    fn identity(&self) -> Option<String> {
        let kept = |name: &str| !matches!(name, "init" | "l1" | "l2");
        let arguments = self.arguments().into_iter().filter(|(name, _)| kept(name));
        let arguments: Vec<String> = arguments.map(|(name, value)| format!("{name}:{value}")).collect();
        Some(format!("{}({})", self.name(), arguments.join(",")))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        let window = self.sliding.on(self.name(), input)?;
        if !window.channels.is_multiple_of(self.groups) || !self.channels.is_multiple_of(self.groups) {
            return Err(self.uneven_groups(window.channels));
        }
        let weights = self.weight_shape(window.channels).into_iter().try_fold(1usize, usize::checked_mul);
        if weights.is_none_or(|weights| weights > MOST_ELEMENTS) {
            return Err(self.too_large(&format!("on {input} has more than {MOST_ELEMENTS} weights")));
        }
        if !window.is_computable() {
            return Err(self.too_large(&format!(
                "has a window that is too wide: its reach (or its padding, if larger) plus 16 times its stride must be \
                 at most {}",
                Window::WIDEST
            )));
        }
        Ok(self.sliding.over.shape(&window, self.channels))
    }

    fn has_parameters(&self) -> bool {
        true
    }

    fn learns(&self) -> bool {
        true
    }

    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec> {
        self.weights.parameters(self.weight_shape(input.0[0]), self.channels)
    }

    fn macs(&self, input: &Shape) -> u64 {
        let weights: usize = self.weight_shape(input.0[0]).iter().product();
        weights as u64 * self.window(input).positions() as u64
    }

    fn flops(&self, input: &Shape) -> u64 {
        let biased = self.channels as u64 * self.window(input).positions() as u64;
        2 * self.macs(input) + if self.weights.bias { biased } else { 0 }
    }

    fn weights(&self) -> Option<&Weights> {
        Some(&self.weights)
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        Some(&mut self.weights)
    }

    fn auto_init(&self) -> Option<Init> {
        Some(Init::GlorotUniform)
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::Weighs { is_shared: self.groups == 1 }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let window = self.window(lowering.input);
        let (weight, bias) = lowering.weight_and_bias();
        let y = lowering.buffer("z", Extent::Rows(self.channels * window.positions()));
        lowering.push(ops::Conv { window, groups: self.groups, x, weight, bias, activation: Activation::Linear, y });
        y.read()
    }
}
