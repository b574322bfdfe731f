//! Nodes that only see a value another way: `Transpose`, `Reshape` and its kin, `Pad`.

use super::lowering::Lowering;
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::{Node, shapes};

impl Lowering<'_> {
    pub(super) fn transpose(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.view(node, 0)?;
        Ok(view.transposed(&shapes::permutation(node, view.axes.len())?))
    }

    /// Another view if axes are only joined, else a layer.
    pub(super) fn reshape(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.view(node, 0)?;
        let output = node.output().and_then(|id| self.graph.value(id).dims.clone());
        let dims = output.ok_or_else(|| {
            Reason::attribute("shape", "the new shape is computed from the input", "export the model with fixed sizes")
        })?;
        if let Some(view) = view.reshaped(&self.lengths(&view), self.graph.batch, &dims) {
            return Ok(view);
        }
        let [batch, row @ ..] = &dims[..] else {
            return Err(Reason::new("its result has no batch", ""));
        };
        if *batch != self.graph.batch || !view.is_in_order() || !view.padding.is_empty() {
            let reason = match *batch == self.graph.batch {
                true => "it divides axes that the file has in another order".to_owned(),
                false => "it joins rows of the batch, or divides them".to_owned(),
            };
            return Err(Reason::attribute("shape", reason, "export the model with a dynamic batch"));
        }
        let step = self.shaped(view.step, row);
        Ok(View::natural(step, row))
    }

    /// The lengths of the axes of the spec's value, with the padding.
    fn lengths(&self, view: &View) -> Vec<usize> {
        let dims = self.spec.dims(view.step);
        let padding = |at: usize| view.padding.get(at).map_or(0, |(before, after)| before + after);
        dims.iter().enumerate().map(|(at, length)| length + padding(at)).collect()
    }

    /// Zeros around a value, for the convolution that reads it.
    pub(super) fn pad(&mut self, node: &Node) -> Result<View, Reason> {
        let mut view = self.view(node, 0)?;
        let mode = node.attributes.text("mode", "constant")?;
        if mode != "constant" {
            return Err(Reason::attribute("mode", format!("a padding by `{mode}`"), "pad with zeros"));
        }
        let fill = match node.input(2) {
            Some(_) => self.numbers(node, 2, "value")?.scalar().unwrap_or(f32::NAN),
            None => node.attributes.float("value", 0.0)?,
        };
        if fill != 0.0 {
            return Err(Reason::attribute("value", format!("a padding of {fill}"), "pad with zeros"));
        }
        let pads = shapes::pads(self.graph, node, view.axes.len())?;
        let pads = pads.ok_or_else(|| Reason::attribute("pads", "they are not constants", ""))?;
        view.padding.resize(self.spec.dims(view.step).len(), (0, 0));
        for (axis, (before, after)) in view.axes.iter().zip(pads) {
            match axis {
                Axis::Of(atoms) if atoms.len() == 1 => {
                    let pad = &mut view.padding[atoms[0]];
                    *pad = (pad.0 + before, pad.1 + after);
                }
                Axis::Batch | Axis::Of(_) if (before, after) == (0, 0) => {}
                Axis::Batch | Axis::Of(_) => {
                    return Err(Reason::attribute("pads", "it pads the batch, or an axis of length 1", ""));
                }
            }
        }
        if view.padding.iter().all(|pad| *pad == (0, 0)) {
            view.padding.clear();
        }
        Ok(view)
    }
}
