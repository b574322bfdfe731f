//! What a node computes from constants.
//!
//! Enough for the arithmetic that exporters do with shapes and weights. A result has at most as many elements as the
//! caller allows; larger ones are left to be computed, so a small file cannot ask for a large memory.

use super::array::{broadcast, part, pick, transposed};
use super::shapes::{axis, infer, ints_of, permutation};
use super::{Array, Attribute, Graph, Node, Operator};
use crate::error::Reason;
use crate::proto::Elements;

/// The result of a node, of at most this many elements; see [`folded`].
pub fn fold(graph: &Graph, node: &Node, most: usize) -> Result<Option<Array>, Reason> {
    Ok(folded(graph, node, most)?.filter(|array| fits(&array.dims, most.max(array.len()))))
}

/// The result of a node, of at most this many elements; `None` if it depends on the inputs of the network, or is not
/// computed here.
fn folded(graph: &Graph, node: &Node, most: usize) -> Result<Option<Array>, Reason> {
    match node.operator {
        Operator::Constant => return constant(node),
        Operator::Shape => return shape(graph, node),
        _ => {}
    }
    let Some(inputs) = node.inputs.iter().flatten().map(|id| graph.constant(*id)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let Some(&first) = inputs.first() else { return Ok(None) };
    if first.len() > most {
        return Ok(None);
    }
    use Operator as O;
    match &node.operator {
        O::Identity => Ok(Some(first.clone())),
        O::Cast => cast(node, first),
        O::Reshape | O::Squeeze | O::Unsqueeze | O::Flatten => {
            let dims = infer(graph, node)?.into_iter().next().flatten();
            Ok(dims.map(|dims| Array { dims, elements: first.elements.clone() }))
        }
        O::Transpose => {
            let permutation = permutation(node, first.dims.len())?;
            let dims = permutation.iter().map(|axis| first.dims[*axis]).collect();
            Ok(picked(first, dims, &transposed(&first.dims, &permutation)))
        }
        O::Concat => concat(node, &inputs, most),
        O::Gather => gather(node, &inputs, most),
        O::Slice => slice(graph, node, first),
        O::ConstantOfShape => constant_of_shape(node, first, most),
        O::Expand => Ok(expand(&inputs, most)),
        O::Add | O::Sub | O::Mul | O::Div | O::Pow | O::Equal => Ok(binary(&node.operator, &inputs, most)),
        O::Neg | O::Sqrt | O::Exp | O::Abs | O::Log => Ok(unary(&node.operator, first)),
        O::Trilu => trilu(node, &inputs),
        O::Where => Ok(choose(&inputs, most)),
        _ => Ok(None),
    }
}

fn picked(array: &Array, dims: Vec<usize>, positions: &[usize]) -> Option<Array> {
    Some(Array { dims, elements: pick(&array.elements, positions)? })
}

fn constant(node: &Node) -> Result<Option<Array>, Reason> {
    if let Some(array) = node.attributes.array("value")? {
        return Ok(Some(array.clone()));
    }
    Ok(node.attributes.0.iter().find_map(|(name, value)| match (name.as_str(), value) {
        ("value_float", Attribute::Float(number)) => Some(Array::of_floats(&[], vec![*number])),
        ("value_int", Attribute::Int(number)) => Some(Array::of_ints(&[], vec![*number])),
        ("value_floats", Attribute::Floats(numbers)) => Some(Array::of_floats(&[numbers.len()], numbers.clone())),
        ("value_ints", Attribute::Ints(numbers)) => Some(Array::of_ints(&[numbers.len()], numbers.clone())),
        _ => None,
    }))
}

/// The batch is part of a shape as its length, [`Graph::batch`].
fn shape(graph: &Graph, node: &Node) -> Result<Option<Array>, Reason> {
    let Some(dims) = node.input(0).and_then(|id| graph.value(id).dims.as_deref()) else { return Ok(None) };
    let clamped = |name: &str, default: i64| -> Result<usize, Reason> {
        let at = node.attributes.int(name, default)?;
        let at = if at < 0 { at.saturating_add(dims.len() as i64) } else { at };
        Ok(at.clamp(0, dims.len() as i64) as usize)
    };
    let (start, end) = (clamped("start", 0)?, clamped("end", i64::MAX)?);
    let dims = dims.get(start..end.max(start)).unwrap_or_default();
    Ok(Some(Array::of_ints(&[dims.len()], dims.iter().map(|dim| *dim as i64).collect())))
}

fn cast(node: &Node, array: &Array) -> Result<Option<Array>, Reason> {
    let elements = match (node.attributes.int("to", 1)?, &array.elements) {
        (1 | 10 | 11 | 16, Elements::Ints(ints)) => Elements::Floats(ints.iter().map(|int| *int as f32).collect()),
        (2..=7 | 12 | 13, Elements::Floats(floats)) => {
            Elements::Ints(floats.iter().map(|float| *float as i64).collect())
        }
        (1 | 10 | 11 | 16, Elements::Floats(_)) | (2..=7 | 12 | 13, Elements::Ints(_)) => array.elements.clone(),
        _ => return Ok(None),
    };
    Ok(Some(Array { dims: array.dims.clone(), elements }))
}

fn concat(node: &Node, inputs: &[&Array], most: usize) -> Result<Option<Array>, Reason> {
    let first = inputs[0];
    let at = axis(node.attributes.int("axis", 0)?, first.dims.len())?;
    let fits = |other: &&Array| {
        other.dims.len() == first.dims.len()
            && (0..at).chain(at + 1..first.dims.len()).all(|axis| other.dims[axis] == first.dims[axis])
    };
    if !inputs.iter().all(fits) {
        return Ok(None);
    }
    let mut dims = first.dims.clone();
    dims[at] = inputs.iter().map(|array| array.dims[at]).sum();
    if !self::fits(&dims, most) {
        return Ok(None);
    }
    let outer: usize = first.dims[..at].iter().product();
    let chunk = |array: &Array| array.dims[at..].iter().product::<usize>();
    fn joined<T: Clone>(lists: &[(&[T], usize)], outer: usize) -> Vec<T> {
        (0..outer)
            .flat_map(|at| lists.iter().flat_map(move |(list, chunk)| list[at * chunk..][..*chunk].to_vec()))
            .collect()
    }
    let floats: Option<Vec<_>> = inputs.iter().map(|array| Some((array.floats()?, chunk(array)))).collect();
    let ints: Option<Vec<_>> = inputs.iter().map(|array| Some((array.ints()?, chunk(array)))).collect();
    let elements = match (floats, ints) {
        (Some(floats), _) => Elements::Floats(joined(&floats, outer)),
        (None, Some(ints)) => Elements::Ints(joined(&ints, outer)),
        (None, None) => return Ok(None),
    };
    Ok(Some(Array { dims, elements }))
}

fn gather(node: &Node, inputs: &[&Array], most: usize) -> Result<Option<Array>, Reason> {
    let [data, indices] = inputs else { return Ok(None) };
    let Some(ints) = indices.ints() else { return Ok(None) };
    let at = axis(node.attributes.int("axis", 0)?, data.dims.len())?;
    let length = data.dims[at] as i64;
    let places: Option<Vec<usize>> = ints
        .iter()
        .map(|int| {
            usize::try_from(if *int < 0 { int + length } else { *int }).ok().filter(|place| *place < length as usize)
        })
        .collect();
    let Some(places) = places else { return Err(Reason::new(format!("an index is not below {length}"), "")) };
    let dims = [&data.dims[..at], &indices.dims, &data.dims[at + 1..]].concat();
    if !fits(&dims, most) {
        return Ok(None);
    }
    let along =
        data.dims.iter().enumerate().map(|(axis, dim)| if axis == at { places.clone() } else { (0..*dim).collect() });
    Ok(picked(data, dims, &part(&data.dims, along.collect())))
}

/// Whether a result of this shape is small enough. It may be empty, but then the other dimensions count.
fn fits(dims: &[usize], most: usize) -> bool {
    let product = dims.iter().try_fold(1usize, |product, dim| product.checked_mul((*dim).max(1)));
    product.is_some_and(|length| length <= most)
}

/// The places that a `Slice` takes along each axis.
fn slice(graph: &Graph, node: &Node, array: &Array) -> Result<Option<Array>, Reason> {
    let rank = array.dims.len();
    let (Some(starts), Some(ends)) = (ints_of(graph, node, "starts", 1)?, ints_of(graph, node, "ends", 2)?) else {
        return Ok(None);
    };
    let axes = ints_of(graph, node, "axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = ints_of(graph, node, "steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Err(Reason::new("its starts, ends, axes and steps differ in length", ""));
    }
    let mut places: Vec<Vec<usize>> = array.dims.iter().map(|dim| (0..*dim).collect()).collect();
    for (at, start) in starts.iter().enumerate() {
        let along = axis(axes[at], rank)?;
        places[along] = sliced(array.dims[along] as i64, *start, ends[at], steps[at]);
    }
    let dims = places.iter().map(Vec::len).collect();
    Ok(picked(array, dims, &part(&array.dims, places)))
}

fn sliced(length: i64, start: i64, end: i64, step: i64) -> Vec<usize> {
    let counted = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let (start, end) = (counted(start), counted(end));
    match step {
        1.. => {
            let (start, end) = (start.clamp(0, length), end.clamp(0, length));
            (start..end).step_by(step as usize).map(|at| at as usize).collect()
        }
        0 => Vec::new(),
        _ => {
            let (start, end) = (start.clamp(-1, length - 1), end.clamp(-1, length - 1));
            (end + 1..=start).rev().step_by(step.unsigned_abs() as usize).map(|at| at as usize).collect()
        }
    }
}

fn constant_of_shape(node: &Node, shape: &Array, most: usize) -> Result<Option<Array>, Reason> {
    let Some(dims) = dims_of(shape).filter(|dims| fits(dims, most)) else { return Ok(None) };
    let count = dims.iter().product();
    let elements = match node.attributes.array("value")?.map(|array| &array.elements) {
        None => Elements::Floats(vec![0.0; count]),
        Some(Elements::Floats(numbers)) => Elements::Floats(vec![numbers.first().copied().unwrap_or_default(); count]),
        Some(Elements::Ints(numbers)) => Elements::Ints(vec![numbers.first().copied().unwrap_or_default(); count]),
        Some(Elements::Texts(_)) => return Ok(None),
    };
    Ok(Some(Array { dims, elements }))
}

/// Integers as dimensions.
fn dims_of(array: &Array) -> Option<Vec<usize>> {
    array.ints()?.iter().map(|int| usize::try_from(*int).ok()).collect()
}

/// The shape of both, broadcast against each other.
fn common(left: &[usize], right: &[usize], most: usize) -> Option<Vec<usize>> {
    let rank = left.len().max(right.len());
    let at = |dims: &[usize], axis: usize| (axis + dims.len()).checked_sub(rank).map_or(1, |axis| dims[axis]);
    let dim = |axis: usize| match (at(left, axis), at(right, axis)) {
        (1, other) | (other, 1) => Some(other),
        (dim, other) => (dim == other).then_some(dim),
    };
    let dims: Vec<usize> = (0..rank).map(dim).collect::<Option<_>>()?;
    fits(&dims, most).then_some(dims)
}

fn expand(inputs: &[&Array], most: usize) -> Option<Array> {
    let [array, shape] = inputs else { return None };
    let dims = common(&array.dims, &dims_of(shape)?, most)?;
    let positions = broadcast(&array.dims, &dims);
    picked(array, dims, &positions)
}

fn binary(operator: &Operator, inputs: &[&Array], most: usize) -> Option<Array> {
    let [left, right] = inputs else { return None };
    let dims = common(&left.dims, &right.dims, most)?;
    let (from_left, from_right) = (broadcast(&left.dims, &dims), broadcast(&right.dims, &dims));
    let pairs = from_left.iter().zip(&from_right);
    let elements = match (&left.elements, &right.elements) {
        (Elements::Floats(left), Elements::Floats(right)) => {
            let mut pairs = pairs.map(|(l, r)| (left[*l], right[*r]));
            match operator {
                Operator::Equal => Elements::Ints(pairs.map(|(l, r)| i64::from(l == r)).collect()),
                _ => Elements::Floats(pairs.by_ref().map(|(l, r)| of_floats(operator, l, r)).collect::<Option<_>>()?),
            }
        }
        (Elements::Ints(left), Elements::Ints(right)) => {
            Elements::Ints(pairs.map(|(l, r)| of_ints(operator, left[*l], right[*r])).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Array { dims, elements })
}

fn of_floats(operator: &Operator, left: f32, right: f32) -> Option<f32> {
    match operator {
        Operator::Add => Some(left + right),
        Operator::Sub => Some(left - right),
        Operator::Mul => Some(left * right),
        Operator::Div => Some(left / right),
        Operator::Pow => Some(left.powf(right)),
        _ => None,
    }
}

fn of_ints(operator: &Operator, left: i64, right: i64) -> Option<i64> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Sub => left.checked_sub(right),
        Operator::Mul => left.checked_mul(right),
        Operator::Div => left.checked_div(right),
        Operator::Equal => Some(i64::from(left == right)),
        _ => None,
    }
}

fn unary(operator: &Operator, array: &Array) -> Option<Array> {
    let function: fn(f32) -> f32 = match operator {
        Operator::Neg => |x| -x,
        Operator::Sqrt => f32::sqrt,
        Operator::Exp => f32::exp,
        Operator::Abs => f32::abs,
        Operator::Log => f32::ln,
        _ => return None,
    };
    Some(Array::of_floats(&array.dims, array.floats()?.iter().map(|x| function(*x)).collect()))
}

fn trilu(node: &Node, inputs: &[&Array]) -> Result<Option<Array>, Reason> {
    let ([array, rest @ ..], is_upper) = (inputs, node.attributes.int("upper", 1)? != 0) else { return Ok(None) };
    let diagonal = rest.first().and_then(|array| array.ints()?.first().copied()).unwrap_or_default();
    let ([.., rows, columns], Some(numbers)) = (&array.dims[..], array.floats()) else { return Ok(None) };
    let keeps = |at: usize| {
        let (row, column) = ((at / columns % rows) as i64, (at % columns) as i64);
        let beyond = column.saturating_sub(row).saturating_sub(diagonal);
        if is_upper { beyond >= 0 } else { beyond <= 0 }
    };
    let numbers = numbers.iter().enumerate().map(|(at, number)| if keeps(at) { *number } else { 0.0 });
    Ok(Some(Array::of_floats(&array.dims, numbers.collect())))
}

fn choose(inputs: &[&Array], most: usize) -> Option<Array> {
    let [condition, yes, no] = inputs else { return None };
    let dims = common(&common(&condition.dims, &yes.dims, most)?, &no.dims, most)?;
    let [which, from_yes, from_no] = [condition, yes, no].map(|array| broadcast(&array.dims, &dims));
    let (which, condition) = (which.iter(), condition.ints()?);
    fn chosen<T: Copy>(
        is_yes: impl Iterator<Item = bool>,
        yes: impl Iterator<Item = T>,
        no: impl Iterator<Item = T>,
    ) -> Vec<T> {
        is_yes.zip(yes.zip(no)).map(|(is_yes, (yes, no))| if is_yes { yes } else { no }).collect()
    }
    let is_yes = which.map(|at| condition[*at] != 0);
    let elements = match (&yes.elements, &no.elements) {
        (Elements::Floats(yes), Elements::Floats(no)) => {
            Elements::Floats(chosen(is_yes, from_yes.iter().map(|at| yes[*at]), from_no.iter().map(|at| no[*at])))
        }
        (Elements::Ints(yes), Elements::Ints(no)) => {
            Elements::Ints(chosen(is_yes, from_yes.iter().map(|at| yes[*at]), from_no.iter().map(|at| no[*at])))
        }
        _ => return None,
    };
    Some(Array { dims, elements })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_count_from_both_ends() {
        assert_eq!(sliced(4, 1, 3, 1), [1, 2]);
        assert_eq!(sliced(4, -2, i64::MAX, 1), [2, 3]);
        assert_eq!(sliced(4, i64::MIN, -1, 2), [0, 2]);
        assert_eq!(sliced(4, -1, i64::MIN, -1), [3, 2, 1, 0]);
        assert!(sliced(0, 0, 5, 1).is_empty() && sliced(4, 0, 4, 0).is_empty());
    }

    #[test]
    fn a_small_file_cannot_ask_for_a_large_array() {
        assert_eq!(common(&[1 << 20], &[1 << 20, 1], 1 << 16), None);
        assert_eq!(common(&[3, 1], &[2], 6), Some(vec![3, 2]));
    }
}
