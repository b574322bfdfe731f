//! The inputs and outputs of the spec, and how they relate to those of the file.

use super::layout;
use super::lowering::Lowering;
use super::view::{Axis, View};
use crate::error::{Reason, Refusal};
use crate::graph::array::transposed;
use crate::graph::uses::Uses;
use crate::graph::{Output, shapes};
use crate::spec::{Call, StepId, StepKind};

/// An input or an output, in the file and in the spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// Its name in the file.
    pub file: String,
    /// Its name in the spec; empty until the spec is written.
    pub name: String,
    /// The shape of a row in the file.
    pub file_dims: Vec<usize>,
    /// The shape of a row in the spec.
    pub dims: Vec<usize>,
    /// The axes of `dims` in the order in which the file has them.
    order: Vec<usize>,
    /// The step of the spec, by its place among the inputs or the outputs.
    pub at: usize,
    /// The classes, if the file returns the class of the largest number.
    pub classes: Option<Vec<String>>,
}

impl Interface {
    /// How many numbers a row has.
    pub fn width(&self) -> usize {
        self.dims.iter().product()
    }

    /// Rows of the file in the order of the spec. An incomplete row at the end is left out.
    pub fn rows(&self, file: &[f32]) -> Vec<f32> {
        if self.order.is_sorted() {
            return file[..file.len() - file.len() % self.width()].to_vec();
        }
        // Where each number of a row of the file is in a row of the spec.
        let places = transposed(&self.dims, &self.order);
        let mut rows = Vec::with_capacity(file.len());
        for row in file.chunks_exact(self.width()) {
            let start = rows.len();
            rows.resize(start + row.len(), 0.0);
            places.iter().zip(row).for_each(|(place, number)| rows[start + place] = *number);
        }
        rows
    }

    /// Whether the spec has another order, or another shape.
    pub fn differs(&self) -> bool {
        self.dims != self.file_dims
    }
}

/// Adds the inputs.
pub fn inputs(lowering: &mut Lowering) -> Vec<Interface> {
    let mut interfaces = Vec::new();
    let uses = Uses::of(lowering.graph);
    for id in &lowering.graph.inputs {
        let row = shapes::row(lowering.graph, *id).unwrap_or_default();
        let axes = layout::of_input(lowering.graph, &uses, *id);
        let dims: Vec<usize> = axes.iter().map(|axis| axis.map_or(1, |axis| row[axis])).collect();
        let step = lowering.spec.add(StepKind::Input, dims.clone());
        let place = |axis: usize| axes.iter().position(|found| *found == Some(axis));
        let seen = |axis: usize| Axis::Of(place(axis).filter(|_| row[axis] != 1).into_iter().collect());
        let view = View {
            step,
            axes: std::iter::once(Axis::Batch).chain((0..row.len()).map(seen)).collect(),
            padding: Vec::new(),
        };
        let name = &lowering.graph.value(*id).name;
        let interface = interface(name, &view, row, &dims, interfaces.len());
        if interface.differs() {
            let (spec, file) = (format!("{dims:?}"), format!("{row:?}"));
            lowering.spec.step_mut(step).comment = Some(format!("In the model, `{name}` is {file}."));
            lowering.notes.push(format!("the input `{name}` is {spec} here, and {file} in the model"));
        }
        lowering.spec.step_mut(step).hint = crate::spec::word(name);
        interfaces.push(interface);
        lowering.views.insert(*id, view);
    }
    interfaces
}

fn interface(file: &str, view: &View, file_dims: &[usize], dims: &[usize], at: usize) -> Interface {
    let order = view.order();
    let units = (0..dims.len()).filter(|axis| !order.contains(axis));
    let order: Vec<usize> = units.chain(order.iter().copied()).collect();
    let order = if view.is_in_order() { (0..dims.len()).collect() } else { order };
    let (file_dims, dims) = (file_dims.to_vec(), dims.to_vec());
    Interface { file: file.to_owned(), name: String::new(), file_dims, dims, order, at, classes: None }
}

/// Adds the outputs. Classes are outputs only if what they are chosen by is not one already.
pub fn outputs(lowering: &mut Lowering, refusals: &mut Vec<Refusal>) -> Vec<Interface> {
    let mut interfaces: Vec<Interface> = Vec::new();
    let (classes, numbers): (Vec<&Output>, Vec<&Output>) =
        lowering.graph.outputs.iter().partition(|output| output.classes.is_some());
    let mut known = Vec::new();
    for output in numbers.into_iter().chain(classes) {
        if let (Some((_, at)), Some(classes)) =
            (known.iter().find(|(value, _)| *value == output.value), &output.classes)
        {
            let chosen: &Interface = &interfaces[*at];
            let interface = Interface { file: output.name.clone(), classes: Some(classes.clone()), ..chosen.clone() };
            note_classes(lowering, &output.name, &chosen.file, classes);
            interfaces.push(interface);
            continue;
        }
        match self::output(lowering, output) {
            Ok(Some(interface)) => {
                if let Some(classes) = &output.classes {
                    note_classes(lowering, &output.name, "the output", classes);
                }
                known.push((output.value, interfaces.len()));
                interfaces.push(Interface { classes: output.classes.clone(), ..interface });
            }
            Ok(None) => {}
            Err(reason) => refusals.push(reason.of(&output.name, "output")),
        }
    }
    interfaces
}

fn note_classes(lowering: &mut Lowering, label: &str, of: &str, classes: &[String]) {
    let first: Vec<String> = classes.iter().take(10).map(|class| format!("`{class}`")).collect();
    let more = if classes.len() > first.len() { ", …" } else { "" };
    let of = if of == "the output" { of.to_owned() } else { format!("`{of}`") };
    let note = format!("`{label}` is the class with the largest number of {of}: {}{more}", first.join(", "));
    lowering.spec.docs.push(format!("{}.", note));
    lowering.notes.push(note);
}

/// An output; `None` if what it depends on was refused.
fn output(lowering: &mut Lowering, output: &Output) -> Result<Option<Interface>, Reason> {
    if lowering.graph.constant(output.value).is_some() || lowering.unfolded.contains(&output.value) {
        return Err(Reason::new("it does not depend on the inputs", "leave it out of the model"));
    }
    let Some(view) = lowering.views.get(&output.value).cloned() else { return Ok(None) };
    if view.axes.first() != Some(&Axis::Batch) {
        return Err(Reason::new("its first axis is not the batch", "return the batch first"));
    }
    if !view.padding.is_empty() {
        return Err(Reason::new("it is padded", ""));
    }
    let row = shapes::row(lowering.graph, output.value)?.to_vec();
    let mut step = view.step;
    if view.is_in_order() && !row.is_empty() {
        step = lowering.shaped(step, &row);
    }
    let is_taken = |step: StepId| lowering.spec.outputs.iter().any(|(other, _)| *other == step);
    if is_taken(step) || matches!(lowering.spec.step(step).kind, StepKind::Input) {
        step = lowering.spec.apply(Call::new("linear"), step);
    }
    let dims = lowering.spec.dims(step).to_vec();
    let view = if view.is_in_order() { View::natural(step, &dims) } else { view.of(step) };
    let interface = interface(&output.name, &view, &row, &dims, lowering.spec.outputs.len());
    if interface.differs() && !row.is_empty() {
        let note = format!("the output `{}` is {dims:?} here, and {row:?} in the model", output.name);
        lowering.spec.step_mut(step).comment = Some(format!("In the model, `{}` is {row:?}.", output.name));
        lowering.notes.push(note);
    }
    lowering.spec.outputs.push((step, output.name.clone()));
    Ok(Some(interface))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_file_come_in_the_order_of_the_spec() {
        let view =
            View { axes: vec![Axis::Batch, Axis::Of(vec![1]), Axis::Of(vec![0])], ..View::natural(StepId(0), &[2, 3]) };
        let turned = interface("x", &view, &[3, 2], &[2, 3], 0);
        assert_eq!(turned.rows(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        let plain = interface("x", &View::natural(StepId(0), &[2]), &[2], &[2], 0);
        assert_eq!(plain.rows(&[1.0, 2.0, 3.0]), [1.0, 2.0]);
    }
}
