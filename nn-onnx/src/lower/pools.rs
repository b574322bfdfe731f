//! Pools of windows, and pools of all positions.

use super::lowering::Lowering;
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::{Node, Operator, shapes};
use crate::spec::call::extent;
use crate::spec::{Call, StepKind};

impl Lowering<'_> {
    pub(super) fn pool(
        &mut self,
        node: &Node,
        of_sequences: &'static str,
        of_images: &'static str,
    ) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        if node.outputs.iter().skip(1).any(Option::is_some) {
            return Err(Reason::new("the places of the largest numbers are read", ""));
        }
        let dims = self.dims(node, 0)?;
        let kernel = shapes::kernel(node, None)?;
        let sliding = self.sliding(&view, &kernel)?;
        let window = self.window(node, &kernel, &dims, &sliding)?;
        let is_padded = window.padding.iter().any(|pad| *pad != (0, 0));
        if window.dilations.iter().any(|dilation| *dilation != 1) {
            return Err(Reason::attribute("dilations", format!("{:?}", window.dilations), "pool without dilation"));
        }
        if node.operator == Operator::AveragePool && is_padded && node.attributes.int("count_include_pad", 0)? == 0 {
            let reason = "the padding does not count in the mean, but the language counts it";
            return Err(Reason::attribute("count_include_pad", reason, "set `count_include_pad`, or do not pad"));
        }
        if !window.is_even() && !window.is_same() {
            let reason = format!("the padding {:?} is uneven", window.padding);
            return Err(Reason::attribute("pads", reason, "pad evenly"));
        }
        let lengths: Vec<usize> = self.spec.dims(sliding.step)[1..].to_vec();
        let floor = |axis: usize| {
            let (before, after) = window.padding[axis];
            (lengths[axis] + before + after).saturating_sub(window.kernel[axis]) / window.strides[axis] + 1
        };
        if (0..lengths.len()).any(|axis| floor(axis) != window.output[axis]) {
            let reason = "its last window reaches beyond the input";
            return Err(Reason::attribute("ceil_mode", reason, "round down, or pad the input"));
        }
        let size = extent(&window.kernel);
        let call = Call::new(if lengths.len() == 1 { of_sequences } else { of_images })
            .with(&size)
            .unless("stride", extent(&window.strides), size)
            .unless("padding", window.shown(), "0".to_owned());
        let output = [&self.spec.dims(sliding.step)[..1], &window.output[..]].concat();
        let step = self.spec.add(StepKind::Layer(call, sliding.step), output);
        Ok(self.slid(step, &sliding, view.axes.len()))
    }

    pub(super) fn global_pool(&mut self, node: &Node, name: &'static str) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        let dims = self.dims(node, 0)?;
        let is_global = matches!(node.operator, Operator::GlobalAveragePool | Operator::GlobalMaxPool);
        let axes: Vec<usize> = match is_global {
            true => (2..dims.len()).collect(),
            false => shapes::reduced_axes(self.graph, node, dims.len())?,
        };
        let keeps = is_global || node.attributes.int("keepdims", 1)? != 0;
        let features = (1..dims.len()).find(|axis| !axes.contains(axis) && !view.axes[*axis].atoms().is_empty());
        let features = features.or_else(|| (1..dims.len()).find(|axis| !axes.contains(axis)));
        let refused = || Reason::attribute("axes", format!("{axes:?} are not all axes but the channels"), "");
        let features = features.filter(|_| !axes.contains(&0)).ok_or_else(refused)?;
        let (step, view) = self.features_first(&view, features, &dims)?;
        let spec = self.spec.dims(step).to_vec();
        let mut reduced: Vec<usize> = axes.iter().flat_map(|axis| view.axes[*axis].atoms()).copied().collect();
        reduced.sort_unstable();
        let all: Vec<usize> = (1..spec.len()).filter(|axis| spec[*axis] != 1).collect();
        if reduced != all || spec.len() < 2 {
            return Err(refused());
        }
        let step = self.spec.add(StepKind::Layer(Call::new(name), step), vec![spec[0]]);
        let own = if spec[0] == 1 { Vec::new() } else { vec![0] };
        let axis = |at: usize| match at {
            0 => Axis::Batch,
            at if at == features => Axis::Of(own.clone()),
            _ => Axis::Of(Vec::new()),
        };
        let kept = (0..dims.len()).filter(|at| keeps || !axes.contains(at));
        Ok(View { step, axes: kept.map(axis).collect(), padding: Vec::new() })
    }
}
