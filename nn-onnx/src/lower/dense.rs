//! Dense layers and embeddings.

use super::lowering::{Lowering, weights};
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::array::transposed;
use crate::graph::{Array, Node};
use crate::spec::{Call, StepKind};

impl Lowering<'_> {
    pub(super) fn dense(&mut self, node: &Node) -> Result<View, Reason> {
        let view = self.bare(node, 0)?;
        let weight = self.numbers(node, 1, "weight")?.clone();
        let [inputs, units] = weight.dims[..] else { return Err(Reason::new("its weight is not a matrix", "")) };
        let bias = match node.input(2) {
            Some(_) => Some(self.vector(node, 2, "bias", units)?),
            None => None,
        };
        let (Some((Axis::Of(last), before)), Some(Axis::Batch)) = (view.axes.split_last(), view.axes.first()) else {
            return Err(Reason::new("the batch is not the first axis of its input", ""));
        };
        if before.iter().all(|axis| axis.atoms().is_empty()) {
            let rows = self.rows(&view, last);
            let flat = self.shaped(view.step, &[inputs]);
            let call = Call::new("dense").with(units).unless("bias", bias.is_some(), true);
            let mut tensors = vec![weights("weight", &[inputs, units], permuted(&weight, rows.as_deref()))];
            tensors.extend(bias.map(|bias| weights("bias", &[units], bias)));
            let step = self.layer(node, call, flat, vec![units], tensors);
            if rows.is_some() {
                let comment = "The rows of the weight are permuted: the model flattens with channels last.";
                self.spec.step_mut(step).comment = Some(comment.to_owned());
            }
            let mut axes = before.to_vec();
            axes.push(Axis::Of(if units == 1 { Vec::new() } else { vec![0] }));
            return Ok(View { step, axes, padding: Vec::new() });
        }
        self.position_wise(node, &view, &weight, bias)
    }

    /// For each place in the flat value of the spec, the row of the weight; `None` if they are in order.
    fn rows(&self, view: &View, atoms: &[usize]) -> Option<Vec<usize>> {
        if atoms.is_sorted() {
            return None;
        }
        let dims = self.spec.dims(view.step);
        let units = (0..dims.len()).filter(|axis| !atoms.contains(axis));
        let order: Vec<usize> = units.chain(atoms.iter().copied()).collect();
        let mut rows = vec![0; dims.iter().product()];
        for (row, place) in transposed(dims, &order).into_iter().enumerate() {
            rows[place] = row;
        }
        Some(rows)
    }

    /// A dense layer of each position: a convolution with a kernel of 1.
    fn position_wise(
        &mut self,
        node: &Node,
        view: &View,
        weight: &Array,
        bias: Option<Vec<f32>>,
    ) -> Result<View, Reason> {
        let spec = self.spec.dims(view.step).to_vec();
        let features = view.axes.last().map(Axis::atoms);
        let is_first = features == Some(&[0]) || (features == Some(&[]) && spec.first() == Some(&1));
        let name = match spec.len() {
            2 => "conv1d",
            3 => "conv2d",
            _ => "",
        };
        if !is_first || name.is_empty() || weight.dims[0] != spec[0] {
            return Err(Reason::new(
                "it is applied to each position, but the features of a position are not the first axis of the spec",
                "flatten before it",
            ));
        }
        let (inputs, units) = (weight.dims[0], weight.dims[1]);
        let dims: Vec<usize> = std::iter::once(units).chain(spec[1..].iter().copied()).collect();
        let mut shape = vec![units, inputs];
        shape.resize(spec.len() + 1, 1);
        let numbers = weight.floats().unwrap_or_default();
        let numbers = transposed(&weight.dims, &[1, 0]).into_iter().map(|at| numbers[at]).collect();
        let call = Call::new(name).with(units).named("kernel", 1).unless("bias", bias.is_some(), true);
        let mut tensors = vec![weights("weight", &shape, numbers)];
        tensors.extend(bias.map(|bias| weights("bias", &[units], bias)));
        let step = self.layer(node, call, view.step, dims, tensors);
        let mut view = view.of(step);
        if let Some(last) = view.axes.last_mut() {
            *last = Axis::Of(if units == 1 { Vec::new() } else { vec![0] });
        }
        Ok(view)
    }

    /// `Gather` of rows of a constant by tokens.
    pub(super) fn embedding(&mut self, node: &Node) -> Result<View, Reason> {
        let refused = || Reason::new("it takes a part of a value", "the layers of the language do not include it yet");
        let table = self.graph.constant_input(node, 0).filter(|table| table.floats().is_some()).ok_or_else(refused)?;
        let tokens = self.bare(node, 1)?;
        let is_input = matches!(self.spec.step(tokens.step).kind, StepKind::Input);
        let ([vocabulary, width], true, 0) = (&table.dims[..], is_input, node.attributes.int("axis", 0)?) else {
            return Err(refused());
        };
        let [length] = self.spec.dims(tokens.step)[..] else { return Err(refused()) };
        let call = Call::new("embedding").with(vocabulary).with(width);
        let tensors = vec![weights("weight", &table.dims, table.floats().unwrap_or_default().to_vec())];
        let step = self.layer(node, call, tokens.step, vec![*width, length], tensors);
        let natural = View::natural(step, &[*width, length]);
        Ok(natural.transposed(&[0, 2, 1]))
    }
}

/// A matrix whose rows are in another order.
fn permuted(weight: &Array, rows: Option<&[usize]>) -> Vec<f32> {
    let numbers = weight.floats().unwrap_or_default();
    let units = weight.dims[1];
    match rows {
        None => numbers.to_vec(),
        Some(rows) => rows.iter().flat_map(|row| &numbers[row * units..][..units]).copied().collect(),
    }
}
