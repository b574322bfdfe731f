//! Shape inference: a resolved [`Model`] in, the shape of every value out.
//!
//! Guarantees: after this stage no shape is inferred again; later stages look it up.
//! All mismatches are reported, not the first: a value whose input is unknown because of an earlier
//! error is skipped without a report. Values without a shape are left out of the model.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::{Merge, Model, Node, ValueId};
use crate::resolve::{Known, Resolved};
use crate::shape::{MOST_ELEMENTS, Shape, ShapeError, Shapes};

/// Infers every shape, and leaves out values that have none.
pub fn infer(resolved: Resolved, sink: &mut Sink) -> (Model, Shapes, Known) {
    let Resolved { model, mut known } = resolved;
    let shapes = infer_all(&model, sink);
    let is_known: Vec<bool> = shapes.iter().map(Option::is_some).collect();
    let shapes = Shapes::new(shapes.into_iter().flatten().collect());
    if is_known.iter().all(|known| *known) {
        return (model, shapes, known);
    }
    known.graph = false;
    known.inputs &= model.inputs.iter().all(|input| is_known[input.0]);
    (model.keep(&is_known), shapes, known)
}

fn infer_all(model: &Model, sink: &mut Sink) -> Vec<Option<Shape>> {
    let mut shapes: Vec<Option<Shape>> = Vec::with_capacity(model.values.len());
    for id in model.ids() {
        let shape = shape_of(model, id, &shapes).and_then(|result| match result {
            Ok(shape) => too_large(model, id, &shape, sink),
            Err(diagnostic) => {
                sink.push(*diagnostic);
                None
            }
        });
        shapes.push(shape);
    }
    shapes
}

/// `None` if the shape of an input is not known.
fn shape_of(model: &Model, id: ValueId, shapes: &[Option<Shape>]) -> Option<Result<Shape, Box<Diagnostic>>> {
    let value = model.value(id);
    let inputs: Option<Vec<&Shape>> = value.node.inputs().iter().map(|input| shapes[input.0].as_ref()).collect();
    let inputs = inputs?;
    Some(match &value.node {
        Node::Input { shape } => Ok(Shape(shape.clone())),
        Node::Layer { layer, input } => {
            layer.rule().shape(inputs[0]).map_err(|error| Box::new(explain(model, shapes, *error, id, *input)))
        }
        Node::Merge { merge, inputs: ids } => merged(model, *merge, ids, &inputs, shapes, id),
    })
}

/// The diagnostic of a shape error, with the chain that led to the shape.
fn explain(model: &Model, shapes: &[Option<Shape>], error: ShapeError, at: ValueId, input: ValueId) -> Diagnostic {
    let span = model.value(at).span;
    let mut diagnostic = Diagnostic::error(error.code, span, error.message).caption(error.caption);
    for (place, id) in origin(model, shapes, input).into_iter().enumerate() {
        if let Some(shape) = &shapes[id.0] {
            let text = if place == 0 { format!("this gives {shape}") } else { format!("{shape}") };
            diagnostic = diagnostic.label(model.value(id).span, text);
        }
    }
    for call in &model.value(at).uses {
        diagnostic = diagnostic.label(*call, "in this use of the block");
    }
    if let Some((text, why)) = error.insert {
        diagnostic = diagnostic.suggest(why, span.before(), text);
    }
    if let Some((text, why)) = error.replace {
        diagnostic = diagnostic.suggest(why, span, text);
    }
    diagnostic
}

/// The steps that led to the shape of a value, backwards: the value itself, and the shape changes before it,
/// up to the input.
fn origin(model: &Model, shapes: &[Option<Shape>], from: ValueId) -> Vec<ValueId> {
    const MOST_STEPS: usize = 8;
    let mut steps = vec![from];
    let mut at = from;
    loop {
        let before = model.value(at).node.inputs().first().copied();
        let keeps_shape = before.is_some_and(|before| shapes[before.0] == shapes[at.0]);
        if !keeps_shape && at != from {
            steps.push(at);
        }
        let Some(before) = before else { break };
        at = before;
    }
    steps.truncate(MOST_STEPS);
    steps
}

fn merged(
    model: &Model,
    merge: Merge,
    ids: &[ValueId],
    shapes: &[&Shape],
    all: &[Option<Shape>],
    at: ValueId,
) -> Result<Shape, Box<Diagnostic>> {
    let first = shapes[0];
    let fits = |shape: &Shape| match merge {
        Merge::Add | Merge::Multiply => shape == first,
        Merge::Concat => shape.0.len() == first.0.len() && shape.0[1..] == first.0[1..],
    };
    if !shapes.iter().all(|shape| fits(shape)) {
        let wanted = match merge {
            Merge::Add | Merge::Multiply => "equal shapes",
            Merge::Concat => "shapes that differ in the first dimension only",
        };
        let listed: Vec<String> = shapes.iter().map(ToString::to_string).collect();
        let message = format!("`{}` needs {wanted}, but its values are {}", merge.name(), listed.join(" and "));
        let mut diagnostic = Diagnostic::error(code::MERGE_SHAPES, model.value(at).span, message);
        for (id, shape) in ids.iter().zip(shapes) {
            diagnostic = diagnostic.label(model.value(*id).span, format!("this gives {shape}"));
            let before =
                origin(model, all, *id).into_iter().skip(1).filter_map(|step| Some((step, all[step.0].as_ref()?)));
            for (step, shape) in before {
                diagnostic = diagnostic.label(model.value(step).span, format!("{shape}"));
            }
        }
        if let (Some(width), true) =
            (first.flat(), merge != Merge::Concat && shapes.iter().all(|shape| shape.flat().is_some()))
        {
            diagnostic = diagnostic.note(format!(
                "give the branches the same width, for example with `-> dense({width})`, or join them with `concat`"
            ));
        }
        for call in &model.value(at).uses {
            diagnostic = diagnostic.label(*call, "in this use of the block");
        }
        return Err(Box::new(diagnostic));
    }
    Ok(match merge {
        Merge::Add | Merge::Multiply => first.clone(),
        Merge::Concat => {
            let mut joined = first.clone();
            joined.0[0] = shapes.iter().map(|shape| shape.0[0]).sum();
            joined
        }
    })
}

/// Refuses a value, or a tensor of its layer, that holds too many numbers.
fn too_large(model: &Model, id: ValueId, shape: &Shape, sink: &mut Sink) -> Option<Shape> {
    let elements = |dimensions: &[usize]| dimensions.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
    if elements(&shape.0).is_some_and(|elements| elements <= MOST_ELEMENTS) {
        return Some(shape.clone());
    }
    let message = format!("{shape} has more than {MOST_ELEMENTS} numbers, the most that a value can hold");
    sink.push(Diagnostic::error(code::TOO_LARGE, model.value(id).span, message));
    None
}
