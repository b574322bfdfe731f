//! Activations, and scales with fixed numbers.

use std::cmp::Ordering;

use super::lowering::{Lowering, weights};
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::{Node, Operator, shapes};
use crate::spec::call::number;
use crate::spec::{Call, StepId, StepKind};

impl Lowering<'_> {
    pub(super) fn activation(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.bare(node, self.computed(node))?;
        let step = match &node.operator {
            Operator::Clip => self.clip(node, view.step)?,
            Operator::Max | Operator::Min => self.bound(node, view.step)?,
            Operator::HardSigmoid => self.hard_sigmoid(node, view.step)?,
            _ => {
                let call = plain(node)?;
                self.spec.apply(call, view.step)
            }
        };
        Ok(view.of(step))
    }

    /// The first input that is not a constant.
    fn computed(&self, node: &Node) -> usize {
        (0..node.inputs.len()).find(|at| self.graph.constant_input(node, *at).is_none()).unwrap_or_default()
    }

    /// y = factor·x + offset, unless it is x.
    fn rescale(&mut self, step: StepId, factor: f32, offset: f32) -> StepId {
        if (factor, offset) == (1.0, 0.0) {
            return step;
        }
        let call = Call::new("rescale").with(number(factor)).number_unless("offset", offset, 0.0);
        self.spec.apply(call, step)
    }

    /// A bound that may be an attribute or an input; infinite where neither is there.
    fn limit(&self, node: &Node, attribute: &str, at: usize, default: f32) -> Result<f32, Reason> {
        if node.input(at).is_none() {
            return node.attributes.float(attribute, default);
        }
        let array = self.numbers(node, at, attribute)?;
        array.scalar().ok_or_else(|| Reason::new(format!("its {attribute} is not one number"), ""))
    }

    fn clip(&mut self, node: &Node, step: StepId) -> Result<StepId, Reason> {
        let low = self.limit(node, "min", 1, f32::NEG_INFINITY)?;
        let high = self.limit(node, "max", 2, f32::INFINITY)?;
        self.clamp(step, low, high)
    }

    /// `Max` and `Min` with a number.
    fn bound(&mut self, node: &Node, step: StepId) -> Result<StepId, Reason> {
        let [_, _] = node.inputs[..] else { return Err(Reason::new("it compares values", "")) };
        let constant = (0..2).find_map(|at| self.graph.constant_input(node, at)?.scalar());
        let limit = constant.ok_or_else(|| Reason::new("it compares two values that the network computes", ""))?;
        match node.operator {
            Operator::Max => self.clamp(step, limit, f32::INFINITY),
            _ => self.clamp(step, f32::NEG_INFINITY, limit),
        }
    }

    /// By `relu`, or `hard_tanh` of a scaled value.
    fn clamp(&mut self, step: StepId, low: f32, high: f32) -> Result<StepId, Reason> {
        // PyTorch writes the least and the largest number for no bound.
        let (has_low, has_high) = (low > f32::MIN, high < f32::MAX);
        if low.partial_cmp(&high) != Some(Ordering::Less) {
            return Err(Reason::new(format!("it clamps to {low} and {high}"), ""));
        }
        Ok(match (has_low, has_high) {
            (false, false) => step,
            (true, false) => {
                let shifted = self.rescale(step, 1.0, -low);
                let positive = self.spec.apply(Call::new("relu"), shifted);
                self.rescale(positive, 1.0, low)
            }
            (false, true) => {
                let mirrored = self.rescale(step, -1.0, high);
                let positive = self.spec.apply(Call::new("relu"), mirrored);
                self.rescale(positive, -1.0, high)
            }
            (true, true) if low == 0.0 => self.spec.apply(Call::new("relu").named("max", number(high)), step),
            (true, true) => {
                let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
                let scaled = self.rescale(step, 1.0 / half, -middle / half);
                let clamped = self.spec.apply(Call::new("hard_tanh"), scaled);
                if (low, high) != (-1.0, 1.0) {
                    let comment =
                        format!("`hard_tanh` of scaled values clamps to {} and {}.", number(low), number(high));
                    self.spec.step_mut(clamped).comment = Some(comment);
                }
                self.rescale(clamped, half, middle)
            }
        })
    }

    /// clamp(α·x + β, 0, 1), where `hard_sigmoid` is clamp(x/6 + 1/2, 0, 1).
    fn hard_sigmoid(&mut self, node: &Node, step: StepId) -> Result<StepId, Reason> {
        let (alpha, beta) = (node.attributes.float("alpha", 0.2)?, node.attributes.float("beta", 0.5)?);
        let is_sixth = (alpha - 1.0 / 6.0).abs() < 1e-6;
        let scaled = self.rescale(step, if is_sixth { 1.0 } else { 6.0 * alpha }, 6.0 * beta - 3.0);
        Ok(self.spec.apply(Call::new("hard_sigmoid"), scaled))
    }

    /// y = s·x + t.
    pub(super) fn affine(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        let scale = self.numbers(node, 1, "factor")?.floats().unwrap_or_default().to_vec();
        let shift = self.numbers(node, 2, "offset")?.floats().unwrap_or_default().to_vec();
        let axis = node.attributes.int("axis", -1)?;
        let Ok(axis) = usize::try_from(axis) else {
            return Ok(view.of(self.rescale(view.step, scale[0], shift[0])));
        };
        let (step, view) = self.features_first(&view, axis, &self.dims(node, 0)?)?;
        let features = self.spec.dims(step)[0];
        let each =
            |list: &[f32]| (0..features).map(|at| list[if list.len() == 1 { 0 } else { at }]).collect::<Vec<_>>();
        let (scale, shift) = (each(&scale), each(&shift));
        let is_input = matches!(self.spec.step(step).kind, StepKind::Input);
        if !is_input || scale.iter().any(|scale| !(1.0 / scale).is_finite()) {
            return Err(Reason::new(
                "it scales each feature by a number of its own, and no layer before it can take that in",
                "the language has no layer for it yet",
            ));
        }
        // (x − mean)/deviation
        let mean = scale.iter().zip(&shift).map(|(scale, shift)| -shift / scale).collect();
        let deviation = scale.iter().map(|scale| 1.0 / scale).collect();
        let tensors = vec![weights("mean", &[features], mean), weights("deviation", &[features], deviation)];
        let dims = self.spec.dims(step).to_vec();
        Ok(view.of(self.layer(node, Call::new("normalize"), step, dims, tensors)))
    }

    /// A slope for each feature, or one for all.
    pub(super) fn prelu(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        let dims = self.dims(node, 0)?;
        let slope = self.numbers(node, 1, "slope")?.clone();
        let numbers = slope.floats().unwrap_or_default().to_vec();
        if let [_] = numbers[..] {
            let call = Call::new("prelu").named("shared", true);
            let spec = self.spec.dims(view.step).to_vec();
            let tensors = vec![weights("slope", &[1], numbers)];
            return Ok(view.of(self.layer(node, call, view.step, spec, tensors)));
        }
        let refused = || Reason::new(format!("its slope has the shape {:?}", slope.dims), "one slope for each channel");
        let new = dims.len().checked_sub(slope.dims.len()).ok_or_else(refused)?;
        let wide: Vec<usize> = (0..slope.dims.len()).filter(|axis| slope.dims[*axis] != 1).collect();
        let [axis] = wide[..] else { return Err(refused()) };
        let (step, view) = self.features_first(&view, axis + new, &dims)?;
        let spec = self.spec.dims(step).to_vec();
        if numbers.len() != spec[0] {
            return Err(refused());
        }
        let tensors = vec![weights("slope", &spec[..1], numbers)];
        Ok(view.of(self.layer(node, Call::new("prelu"), step, spec, tensors)))
    }

    /// Over all features of a flat value.
    pub(super) fn softmax(&mut self, node: &Node, name: &'static str) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        let dims = self.dims(node, 0)?;
        let default = if self.graph.opset < 13 { 1 } else { -1 };
        let axis = shapes::axis(node.attributes.int("axis", default)?, dims.len())?;
        let all: Vec<usize> = view.axes[axis].atoms().to_vec();
        if view.order() != all || axis == 0 || !view.is_in_order() {
            return Err(Reason::attribute(
                "axis",
                "it is over a part of a row",
                "a softmax of each position is not in the language yet",
            ));
        }
        let step = self.shaped(view.step, &dims[axis..=axis]);
        let step = self.spec.apply(Call::new(name), step);
        let axes = (0..dims.len()).map(|at| match at {
            0 => Axis::Batch,
            at if at == axis && dims[axis] != 1 => Axis::Of(vec![0]),
            _ => Axis::Of(Vec::new()),
        });
        Ok(View { step, axes: axes.collect(), padding: Vec::new() })
    }
}

/// The activation that a node is.
fn plain(node: &Node) -> Result<Call, Reason> {
    let other =
        |name: &str, value: f32| Err(Reason::attribute(name, format!("{value}, which the language cannot say"), ""));
    let float = |name: &str, default: f32| node.attributes.float(name, default);
    Ok(match &node.operator {
        Operator::Relu => Call::new("relu"),
        Operator::Sigmoid => Call::new("sigmoid"),
        Operator::Tanh => Call::new("tanh"),
        Operator::Silu => Call::new("silu"),
        Operator::Swish => match float("alpha", 1.0)? {
            1.0 => Call::new("silu"),
            alpha => return other("alpha", alpha),
        },
        Operator::Softplus => Call::new("softplus"),
        Operator::HardSwish => Call::new("hard_swish"),
        Operator::Mish => Call::new("mish"),
        Operator::LeakyRelu => match float("alpha", 0.01)? {
            0.01 => Call::new("leaky_relu"),
            alpha => Call::new("leaky_relu").with(number(alpha)),
        },
        Operator::Elu => match float("alpha", 1.0)? {
            1.0 => Call::new("elu"),
            alpha if alpha <= 0.0 => return other("alpha", alpha),
            alpha => Call::new("elu").with(number(alpha)),
        },
        Operator::Selu => {
            let (alpha, gamma) = (float("alpha", 1.673_263_2)?, float("gamma", 1.050_701)?);
            if (alpha - 1.673_263_2).abs() > 1e-4 || (gamma - 1.050_701).abs() > 1e-4 {
                return other("alpha", alpha);
            }
            Call::new("selu")
        }
        Operator::Gelu => match node.attributes.text("approximate", "none")? {
            "tanh" => Call::new("gelu").named("approximate", "tanh"),
            _ => Call::new("gelu"),
        },
        other => return Err(Reason::new(format!("`{other}` is not an activation of the language"), "")),
    })
}
