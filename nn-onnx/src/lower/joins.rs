//! Sums, products and joins of values that the network computes.

use super::lowering::Lowering;
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::{Node, shapes};
use crate::spec::{Call, StepId, StepKind};

impl Lowering<'_> {
    /// `add` or `multiply` of two values or more.
    pub(super) fn join(&mut self, node: &Node, word: &'static str) -> Result<View, Reason> {
        let constant = (0..node.inputs.len()).find(|at| self.graph.constant_input(node, *at).is_some());
        if constant.is_some() {
            return Err(Reason::new(
                "its constant is not one number, or one for each feature",
                "the language has no layer for it yet",
            ));
        }
        let (steps, view) = self.aligned(node)?;
        Ok(view.of(self.joined(word, steps)))
    }

    pub(super) fn difference(&mut self, node: &Node) -> Result<View, Reason> {
        if (0..2).any(|at| self.graph.constant_input(node, at).is_some()) {
            return self.join(node, "add");
        }
        let (steps, view) = self.aligned(node)?;
        let [left, right] = steps[..] else { return Err(Reason::new("it needs two inputs", "")) };
        let negative = self.spec.apply(Call::new("rescale").with(-1), right);
        Ok(view.of(self.joined("add", vec![left, negative])))
    }

    fn joined(&mut self, word: &'static str, steps: Vec<StepId>) -> StepId {
        let dims = self.spec.dims(steps[0]).to_vec();
        self.spec.add(StepKind::Join(word, steps), dims)
    }

    /// The inputs of a node in one shape, and how the file sees it.
    fn aligned(&mut self, node: &Node) -> Result<(Vec<StepId>, View), Reason> {
        let views = (0..node.inputs.len()).map(|at| self.bare(node, at)).collect::<Result<Vec<_>, _>>()?;
        let dims = (0..node.inputs.len()).map(|at| self.dims(node, at)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = views.first() else { return Err(Reason::new("it has no input", "")) };
        let row = dims[0].get(1..).unwrap_or_default().to_vec();
        if let Some(other) = dims.iter().find(|other| **other != dims[0]) {
            return Err(Reason::new(
                format!("it repeats one input to fit the other: {:?} and {other:?}", dims[0]),
                "the language joins values of one shape",
            ));
        }
        let spec = self.spec.dims(first.step).to_vec();
        if views.iter().all(|view| view.axes == first.axes && self.spec.dims(view.step) == spec) {
            return Ok((views.iter().map(|view| view.step).collect(), first.clone()));
        }
        if !views.iter().all(View::is_in_order) {
            return Err(Reason::new("its inputs have different orders of axes in the spec", ""));
        }
        let steps: Vec<StepId> = views.iter().map(|view| self.shaped(view.step, &row)).collect();
        let view = View::natural(steps[0], &row);
        Ok((steps, view))
    }

    /// Along the first axis of the spec.
    pub(super) fn concat(&mut self, node: &Node) -> Result<View, Reason> {
        if (0..node.inputs.len()).any(|at| self.graph.constant_input(node, at).is_some()) {
            return Err(Reason::new("it joins a constant", ""));
        }
        let dims = (0..node.inputs.len()).map(|at| self.dims(node, at)).collect::<Result<Vec<_>, _>>()?;
        let rank = dims.first().map_or(0, Vec::len);
        let axis = shapes::axis(node.attributes.int("axis", 1)?, rank)?;
        let mut steps = Vec::new();
        let mut views: Vec<View> = Vec::new();
        for (at, dims) in dims.iter().enumerate() {
            let (step, mut view) = self.features_first(&self.bare(node, at)?, axis, dims)?;
            view.axes[axis] = Axis::Of(vec![0]);
            steps.push(step);
            views.push(view);
        }
        let Some(first) = views.first().cloned() else { return Err(Reason::new("it has no input", "")) };
        let rest = self.spec.dims(steps[0])[1..].to_vec();
        let is_alike = |(step, view): (&StepId, &View)| view.axes == first.axes && self.spec.dims(*step)[1..] == rest;
        if !steps.iter().zip(&views).all(is_alike) {
            return Err(Reason::new("its inputs have different orders of axes in the spec", ""));
        }
        let length = steps.iter().map(|step| self.spec.dims(*step)[0]).sum();
        let joined = std::iter::once(length).chain(rest).collect();
        let step = self.spec.add(StepKind::Join("concat", steps), joined);
        Ok(first.of(step))
    }
}
