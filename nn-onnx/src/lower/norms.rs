//! Norms.

use super::lowering::{Lowering, weights};
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::{Node, Operator, shapes};
use crate::spec::Call;

const EPS: f32 = 1e-5;

impl Lowering<'_> {
    pub(super) fn batch_norm(&mut self, node: &Node) -> Result<View, Reason> {
        if node.attributes.int("training_mode", 0)? != 0 {
            return Err(Reason::attribute(
                "training_mode",
                "the model is exported for training",
                "export `model.eval()`",
            ));
        }
        let (step, view) = self.features_first(&self.bare(node, 0)?, 1, &self.dims(node, 0)?)?;
        let channels = self.spec.dims(step)[0];
        let names = [(1, "gamma"), (2, "beta"), (3, "running_mean"), (4, "running_variance")];
        let tensor = |(at, name)| Ok(weights(name, &[channels], self.vector(node, at, name, channels)?));
        let tensors = names.into_iter().map(tensor).collect::<Result<Vec<_>, Reason>>()?;
        // Here the momentum is the weight of the new statistics; both say a tenth by default.
        let momentum = 1.0 - node.attributes.float("momentum", 0.9)?;
        let momentum = if (momentum - 0.1).abs() < 1e-6 { 0.1 } else { (momentum * 1e6).round() / 1e6 };
        let call = Call::new("batch_norm").number_unless("momentum", momentum.clamp(0.0, 1.0), 0.1).number_unless(
            "eps",
            node.attributes.float("epsilon", EPS)?,
            EPS,
        );
        let dims = self.spec.dims(step).to_vec();
        Ok(view.of(self.layer(node, call, step, dims, tensors)))
    }

    /// Over all numbers of a row.
    pub(super) fn layer_norm(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        let dims = self.dims(node, 0)?;
        let axis = shapes::axis(node.attributes.int("axis", -1)?, dims.len())?;
        let outside = view.axes.iter().skip(1).take(axis.saturating_sub(1));
        if axis == 0 || outside.flat_map(Axis::atoms).next().is_some() || !view.is_in_order() {
            return Err(Reason::attribute(
                "axis",
                "it normalizes each position, not a whole row",
                "a layer norm of each position is not in the language yet",
            ));
        }
        let row = dims.get(axis..).unwrap_or_default();
        let step = self.shaped(view.step, row);
        let count = row.iter().product();
        let gamma = self.vector(node, 1, "scale", count)?;
        let beta = if node.input(2).is_some() { self.vector(node, 2, "bias", count)? } else { vec![0.0; count] };
        let tensors = vec![weights("gamma", row, gamma), weights("beta", row, beta)];
        let call = Call::new("layer_norm").number_unless("eps", node.attributes.float("epsilon", EPS)?, EPS);
        let step = self.layer(node, call, step, row.to_vec(), tensors);
        let mut axes = vec![Axis::Batch];
        axes.resize(axis, Axis::Of(Vec::new()));
        axes.extend(View::natural(step, row).axes.into_iter().skip(1));
        Ok(View { step, axes, padding: Vec::new() })
    }

    /// Over the features of each position.
    pub(super) fn rms_norm(&mut self, node: &Node) -> Result<View, Reason> {
        let dims = self.dims(node, 0)?;
        let axis = shapes::axis(node.attributes.int("axis", -1)?, dims.len())?;
        if axis + 1 != dims.len() {
            return Err(Reason::attribute("axis", "it normalizes more than the last axis", ""));
        }
        let (step, view) = self.features_first(&self.bare(node, 0)?, axis, &dims)?;
        let channels = self.spec.dims(step)[0];
        let tensors = vec![weights("gamma", &[channels], self.vector(node, 1, "scale", channels)?)];
        let call = Call::new("rms_norm").number_unless("eps", node.attributes.float("epsilon", EPS)?, EPS);
        let dims = self.spec.dims(step).to_vec();
        Ok(view.of(self.layer(node, call, step, dims, tensors)))
    }

    /// `InstanceNormalization` has a group for each channel.
    pub(super) fn group_norm(&mut self, node: &Node) -> Result<View, Reason> {
        let (step, view) = self.features_first(&self.bare(node, 0)?, 1, &self.dims(node, 0)?)?;
        let channels = self.spec.dims(step)[0];
        let groups = match node.operator {
            Operator::GroupNormalization => usize::try_from(node.attributes.int("num_groups", 0)?).unwrap_or_default(),
            _ => channels,
        };
        if groups == 0 || !channels.is_multiple_of(groups) {
            return Err(Reason::attribute("num_groups", format!("{groups} groups of {channels} channels"), ""));
        }
        let gamma = self.vector(node, 1, "scale", channels)?;
        let beta = self.vector(node, 2, "bias", channels)?;
        let tensors = vec![weights("gamma", &[channels], gamma), weights("beta", &[channels], beta)];
        let call =
            Call::new("group_norm").with(groups).number_unless("eps", node.attributes.float("epsilon", EPS)?, EPS);
        let dims = self.spec.dims(step).to_vec();
        Ok(view.of(self.layer(node, call, step, dims, tensors)))
    }
}
