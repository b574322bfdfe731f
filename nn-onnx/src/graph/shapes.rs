//! The shapes of what a node computes, from those of its inputs.
//!
//! A shape that cannot be known is left open; what contradicts itself is a [`Reason`].

use super::{Graph, Node, Operator, ValueId};
use crate::error::Reason;

/// The dimensions of each output of a node, as far as they are known.
pub fn infer(graph: &Graph, node: &Node) -> Result<Vec<Option<Vec<usize>>>, Reason> {
    let Some(known) = known_inputs(graph, node) else { return Ok(Vec::new()) };
    use Operator as O;
    let first = || known.first().cloned().unwrap_or_default();
    let one = |dims: Vec<usize>| Ok(vec![Some(dims)]);
    match &node.operator {
        O::Abs | O::BatchNormalization | O::Cast | O::CastLike | O::Clip | O::Dropout | O::Elu | O::Erf | O::Exp => {
            one(first())
        }
        O::Gelu | O::GroupNormalization | O::HardSigmoid | O::HardSwish | O::Identity | O::InstanceNormalization => {
            one(first())
        }
        O::LRN | O::LayerNormalization | O::LeakyRelu | O::Log | O::LogSoftmax | O::Mish | O::Neg | O::Normalizer => {
            one(first())
        }
        O::PRelu | O::RMSNormalization | O::Relu | O::Scaler | O::Selu | O::Sigmoid | O::Silu | O::Softmax => {
            one(first())
        }
        O::Affine | O::Softplus | O::Softsign | O::Sqrt | O::Swish | O::Tanh | O::Trilu => one(first()),
        O::Add | O::Div | O::Equal | O::Greater | O::Less | O::Max | O::Min | O::Mul | O::Pow | O::Sub | O::Sum => {
            one(broadcast(&known)?)
        }
        O::Where => one(broadcast(&known)?),
        O::MatMul => one(matmul(&known)?),
        O::Dense | O::Gemm => one(gemm(node, &known)?),
        O::Conv | O::AveragePool | O::MaxPool => one(window(node, &known)?),
        O::GlobalAveragePool | O::GlobalMaxPool => one(global(&first())),
        O::ReduceMax | O::ReduceMean | O::ReduceSum => one(reduced(graph, node, &first())?),
        O::ArgMax => one(arg_max(node, &first())?),
        O::Concat => one(concat(node, &known)?),
        O::Flatten => one(flatten(node, &first())?),
        O::Transpose => one(permutation(node, first().len())?.iter().map(|axis| known[0][*axis]).collect()),
        O::Squeeze => one(squeeze(graph, node, &first())?),
        O::Unsqueeze => one(unsqueeze(graph, node, &first())?),
        O::Gather => one(gather(node, &known)?),
        O::Reshape => Ok(vec![reshape(graph, node, &first())?]),
        O::Pad => Ok(vec![pad(graph, node, &first())?]),
        O::Constant | O::ConstantOfShape | O::ConvTranspose | O::Expand | O::GRU | O::If | O::LSTM | O::Loop => {
            Ok(Vec::new())
        }
        O::RNN | O::Range | O::Resize | O::Scan | O::Shape | O::Slice | O::Split | O::Tile | O::Upsample => {
            Ok(Vec::new())
        }
        O::ArrayFeatureExtractor | O::ZipMap | O::Other(_) => Ok(Vec::new()),
    }
}

/// The shapes of the inputs that are there; `None` if one is not known.
fn known_inputs(graph: &Graph, node: &Node) -> Option<Vec<Vec<usize>>> {
    node.inputs.iter().flatten().map(|id| graph.value(*id).dims.clone()).collect()
}

/// An axis that may count from the end.
pub fn axis(axis: i64, rank: usize) -> Result<usize, Reason> {
    let counted = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
    let found = counted.and_then(|axis| usize::try_from(axis).ok()).filter(|axis| *axis < rank);
    found.ok_or_else(|| Reason::attribute("axis", format!("axis {axis} of {rank} dimensions"), ""))
}

/// The integers of an attribute, or of an input from a later version on.
pub fn ints_of(graph: &Graph, node: &Node, attribute: &str, input: usize) -> Result<Option<Vec<i64>>, Reason> {
    if let Some(ints) = node.attributes.ints(attribute)? {
        return Ok(Some(ints.to_vec()));
    }
    let Some(id) = node.input(input) else { return Ok(None) };
    let constant = graph.constant(id).and_then(|array| array.ints());
    let name = || format!("its `{attribute}` are computed by the network");
    constant.map(|ints| Some(ints.to_vec())).ok_or_else(|| Reason::attribute(attribute, name(), ""))
}

fn product(dims: &[usize]) -> Result<usize, Reason> {
    let product = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim));
    product.ok_or_else(|| Reason::new(format!("the shape {dims:?} is too large"), ""))
}

fn broadcast(shapes: &[Vec<usize>]) -> Result<Vec<usize>, Reason> {
    let rank = shapes.iter().map(Vec::len).max().unwrap_or_default();
    let mut dims = vec![1; rank];
    for shape in shapes {
        for (dim, other) in dims[rank - shape.len()..].iter_mut().zip(shape) {
            match (*dim, *other) {
                (_, 1) => {}
                (1, other) => *dim = other,
                (dim, other) if dim == other => {}
                _ => return Err(Reason::new(format!("its inputs have the shapes {shapes:?}"), "")),
            }
        }
    }
    Ok(dims)
}

fn matmul(known: &[Vec<usize>]) -> Result<Vec<usize>, Reason> {
    let mismatch = || Reason::new(format!("it multiplies the shapes {known:?}"), "");
    let [left, right] = known else { return Err(mismatch()) };
    match (&left[..], &right[..]) {
        ([batch @ .., n], [m, units]) if n == m => Ok(batch.iter().chain([units]).copied().collect()),
        ([left @ .., rows, n], [right @ .., m, columns]) if n == m => {
            let batch = broadcast(&[left.to_vec(), right.to_vec()])?;
            Ok(batch.into_iter().chain([*rows, *columns]).collect())
        }
        _ => Err(mismatch()),
    }
}

fn gemm(node: &Node, known: &[Vec<usize>]) -> Result<Vec<usize>, Reason> {
    let mismatch = || Reason::new(format!("it multiplies the shapes {known:?}"), "");
    let [left, right, ..] = known else { return Err(mismatch()) };
    let ([batch @ .., n], [rows, columns]) = (&left[..], &right[..]) else { return Err(mismatch()) };
    let (m, units) = if node.attributes.int("transB", 0)? == 0 { (rows, columns) } else { (columns, rows) };
    // A transposed input is refused when it is lowered.
    if n != m && node.attributes.int("transA", 0)? == 0 {
        return Err(mismatch());
    }
    Ok(batch.iter().chain([units]).copied().collect())
}

/// The sizes of a convolution or a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The size of the window along each axis.
    pub kernel: Vec<usize>,
    /// How far it moves.
    pub strides: Vec<usize>,
    /// The distance between its inputs.
    pub dilations: Vec<usize>,
    /// The padding before and after each axis.
    pub padding: Vec<(usize, usize)>,
    /// The lengths of the input.
    pub input: Vec<usize>,
    /// The lengths of the output.
    pub output: Vec<usize>,
}

/// The sizes of a convolution or a pool over axes of these lengths.
pub fn window_over(node: &Node, kernel: &[usize], lengths: &[usize]) -> Result<Window, Reason> {
    let rank = lengths.len();
    let sizes = |name: &str| -> Result<Vec<usize>, Reason> {
        let Some(ints) = node.attributes.ints(name)? else { return Ok(vec![1; rank]) };
        let sizes: Option<Vec<usize>> = ints.iter().map(|int| usize::try_from(*int).ok().filter(|n| *n > 0)).collect();
        let sizes = sizes.filter(|sizes| sizes.len() == rank);
        sizes.ok_or_else(|| Reason::attribute(name, format!("{ints:?} for {rank} axes"), ""))
    };
    let (strides, dilations) = (sizes("strides")?, sizes("dilations")?);
    let pads = node.attributes.ints("pads")?;
    let auto = node.attributes.text("auto_pad", "NOTSET")?;
    let (mut padding, mut output) = (Vec::new(), Vec::new());
    for (at, length) in lengths.iter().enumerate() {
        let reach = kernel[at].checked_sub(1).and_then(|steps| steps.checked_mul(dilations[at])).map(|reach| reach + 1);
        let reach = reach.ok_or_else(|| Reason::attribute("kernel_shape", format!("{kernel:?}"), ""))?;
        let (before, after) = match (auto, pads) {
            ("SAME_UPPER" | "SAME_LOWER", _) => same(*length, reach, strides[at], auto == "SAME_UPPER"),
            ("VALID", _) | ("NOTSET", None) => (0, 0),
            ("NOTSET", Some(pads)) => explicit(pads, at, rank)?,
            (other, _) => return Err(Reason::attribute("auto_pad", format!("`{other}` is not known"), "")),
        };
        let padded = length.checked_add(before).and_then(|padded| padded.checked_add(after));
        let rest = padded.and_then(|padded| padded.checked_sub(reach));
        let rest = rest.ok_or_else(|| Reason::new(format!("its window of {reach} is larger than its input"), ""))?;
        let steps = match node.attributes.int("ceil_mode", 0)? {
            0 => rest / strides[at],
            _ => rest.div_ceil(strides[at]),
        };
        padding.push((before, after));
        output.push(steps + 1);
    }
    Ok(Window { kernel: kernel.to_vec(), strides, dilations, padding, input: lengths.to_vec(), output })
}

/// The padding for one output per stride.
pub fn same(length: usize, reach: usize, stride: usize, is_upper: bool) -> (usize, usize) {
    let needed = ((length.div_ceil(stride) - 1) * stride).saturating_add(reach).saturating_sub(length);
    let (small, large) = (needed / 2, needed.div_ceil(2));
    if is_upper { (small, large) } else { (large, small) }
}

fn explicit(pads: &[i64], axis: usize, rank: usize) -> Result<(usize, usize), Reason> {
    let size = |at: usize| pads.get(at).and_then(|pad| u32::try_from(*pad).ok()).map(|pad| pad as usize);
    match (size(axis), size(axis + rank)) {
        (Some(before), Some(after)) if pads.len() == 2 * rank => Ok((before, after)),
        _ => Err(Reason::attribute("pads", format!("{pads:?} for {rank} axes"), "")),
    }
}

/// The size of the window of a node: that of its weights, else an attribute.
pub fn kernel(node: &Node, weight: Option<&[usize]>) -> Result<Vec<usize>, Reason> {
    if let (Operator::Conv, Some([_, _, kernel @ ..])) = (&node.operator, weight) {
        return Ok(kernel.to_vec());
    }
    let ints = node.attributes.ints("kernel_shape")?.unwrap_or_default();
    let sizes: Option<Vec<usize>> = ints.iter().map(|int| usize::try_from(*int).ok().filter(|n| *n > 0)).collect();
    sizes.ok_or_else(|| Reason::attribute("kernel_shape", format!("{ints:?}"), ""))
}

fn window(node: &Node, known: &[Vec<usize>]) -> Result<Vec<usize>, Reason> {
    let [batch, channels, lengths @ ..] = &known[0][..] else {
        return Err(Reason::new(format!("its input has the shape {:?}", known[0]), ""));
    };
    let weight = known.get(1).map(Vec::as_slice);
    let kernel = kernel(node, weight)?;
    if kernel.len() != lengths.len() || kernel.contains(&0) {
        return Err(Reason::new(format!("its window is {kernel:?} on the shape {:?}", known[0]), ""));
    }
    let channels = match (&node.operator, weight) {
        (Operator::Conv, Some(weight)) => weight[0],
        _ => *channels,
    };
    let window = window_over(node, &kernel, lengths)?;
    Ok([*batch, channels].into_iter().chain(window.output).collect())
}

fn global(dims: &[usize]) -> Vec<usize> {
    dims.iter().enumerate().map(|(at, dim)| if at < 2 { *dim } else { 1 }).collect()
}

/// The axes that a `Reduce…` reduces.
pub fn reduced_axes(graph: &Graph, node: &Node, rank: usize) -> Result<Vec<usize>, Reason> {
    let axes = ints_of(graph, node, "axes", 1)?.unwrap_or_default();
    if axes.is_empty() {
        let is_identity = node.attributes.int("noop_with_empty_axes", 0)? != 0;
        return Ok(if is_identity { Vec::new() } else { (0..rank).collect() });
    }
    axes.iter().map(|at| axis(*at, rank)).collect()
}

fn reduced(graph: &Graph, node: &Node, dims: &[usize]) -> Result<Vec<usize>, Reason> {
    let axes = reduced_axes(graph, node, dims.len())?;
    let keeps = node.attributes.int("keepdims", 1)? != 0;
    let dims = dims.iter().enumerate().map(|(at, dim)| if axes.contains(&at) { (keeps, 1) } else { (true, *dim) });
    Ok(dims.filter(|(stays, _)| *stays).map(|(_, dim)| dim).collect())
}

fn arg_max(node: &Node, dims: &[usize]) -> Result<Vec<usize>, Reason> {
    let at = axis(node.attributes.int("axis", 0)?, dims.len())?;
    let mut dims = dims.to_vec();
    dims[at] = 1;
    if node.attributes.int("keepdims", 1)? == 0 {
        dims.remove(at);
    }
    Ok(dims)
}

fn concat(node: &Node, known: &[Vec<usize>]) -> Result<Vec<usize>, Reason> {
    let mut dims = known.first().cloned().unwrap_or_default();
    let at = axis(node.attributes.int("axis", 1)?, dims.len())?;
    let fits = |other: &Vec<usize>| {
        other.len() == dims.len() && (0..dims.len()).all(|axis| axis == at || other[axis] == dims[axis])
    };
    if !known.iter().all(fits) {
        return Err(Reason::new(format!("it joins the shapes {known:?} along axis {at}"), ""));
    }
    let lengths: Vec<usize> = known.iter().map(|dims| dims[at]).collect();
    dims[at] = lengths.iter().try_fold(0usize, |sum, length| sum.checked_add(*length)).unwrap_or_default();
    Ok(dims)
}

fn flatten(node: &Node, dims: &[usize]) -> Result<Vec<usize>, Reason> {
    let at = node.attributes.int("axis", 1)?;
    let at = if at == dims.len() as i64 { dims.len() } else { axis(at, dims.len())? };
    Ok(vec![product(&dims[..at])?, product(&dims[at..])?])
}

/// The permutation of a `Transpose`.
pub fn permutation(node: &Node, rank: usize) -> Result<Vec<usize>, Reason> {
    let Some(written) = node.attributes.ints("perm")? else { return Ok((0..rank).rev().collect()) };
    let axes: Vec<usize> = written.iter().filter_map(|axis| usize::try_from(*axis).ok()).collect();
    let is_permutation =
        axes.len() == written.len() && axes.len() == rank && (0..rank).all(|axis| axes.contains(&axis));
    if is_permutation {
        Ok(axes)
    } else {
        Err(Reason::attribute("perm", format!("{written:?} of {rank} dimensions"), ""))
    }
}

fn squeeze(graph: &Graph, node: &Node, dims: &[usize]) -> Result<Vec<usize>, Reason> {
    let axes = match ints_of(graph, node, "axes", 1)? {
        Some(axes) => axes.iter().map(|at| axis(*at, dims.len())).collect::<Result<Vec<_>, _>>()?,
        None => (0..dims.len()).filter(|at| dims[*at] == 1).collect(),
    };
    if let Some(long) = axes.iter().find(|at| dims[**at] != 1) {
        return Err(Reason::new(format!("it removes axis {long} of the shape {dims:?}"), ""));
    }
    Ok(dims.iter().enumerate().filter(|(at, _)| !axes.contains(at)).map(|(_, dim)| *dim).collect())
}

fn unsqueeze(graph: &Graph, node: &Node, dims: &[usize]) -> Result<Vec<usize>, Reason> {
    let axes = ints_of(graph, node, "axes", 1)?.unwrap_or_default();
    let rank = dims.len() + axes.len();
    let axes = axes.iter().map(|at| axis(*at, rank)).collect::<Result<Vec<_>, _>>()?;
    let mut old = dims.iter().copied();
    Ok((0..rank).map(|at| if axes.contains(&at) { 1 } else { old.next().unwrap_or(1) }).collect())
}

fn gather(node: &Node, known: &[Vec<usize>]) -> Result<Vec<usize>, Reason> {
    let [data, indices] = known else { return Err(Reason::new("it needs two inputs", "")) };
    let at = axis(node.attributes.int("axis", 0)?, data.len())?;
    Ok([&data[..at], indices, &data[at + 1..]].concat())
}

/// The new shape: 0 keeps a dimension, −1 is what is left.
fn reshape(graph: &Graph, node: &Node, dims: &[usize]) -> Result<Option<Vec<usize>>, Reason> {
    let ints = node.attributes.ints("shape")?.or_else(|| graph.constant_input(node, 1)?.ints());
    let Some(wanted) = ints else { return Ok(None) };
    let allows_zero = node.attributes.int("allowzero", 0)? != 0;
    let mismatch = || Reason::attribute("shape", format!("{dims:?} cannot become {wanted:?}"), "");
    let mut shape = Vec::new();
    let mut open = None;
    for (at, length) in wanted.iter().enumerate() {
        match *length {
            -1 if open.is_none() => {
                open = Some(at);
                shape.push(1);
            }
            0 if !allows_zero => shape.push(*dims.get(at).ok_or_else(mismatch)?),
            length => shape.push(usize::try_from(length).map_err(|_| mismatch())?),
        }
    }
    let (all, rest) = (product(dims)?, product(&shape)?);
    match open {
        Some(at) if rest > 0 && all % rest == 0 => shape[at] = all / rest,
        None if rest == all => {}
        Some(_) | None => return Err(mismatch()),
    }
    Ok(Some(shape))
}

/// The padding before and after each axis of a `Pad`.
pub fn pads(graph: &Graph, node: &Node, rank: usize) -> Result<Option<Vec<(usize, usize)>>, Reason> {
    let Some(ints) = ints_of(graph, node, "pads", 1)? else { return Ok(None) };
    let axes = match node.input(3) {
        Some(id) => {
            let ints = graph.constant(id).and_then(|array| array.ints()).unwrap_or_default();
            ints.iter().map(|at| axis(*at, rank)).collect::<Result<Vec<_>, _>>()?
        }
        None => (0..rank).collect(),
    };
    let mut pads = vec![(0, 0); rank];
    for (at, axis) in axes.iter().enumerate() {
        pads[*axis] = explicit(&ints, at, axes.len())?;
    }
    Ok(Some(pads))
}

fn pad(graph: &Graph, node: &Node, dims: &[usize]) -> Result<Option<Vec<usize>>, Reason> {
    let pads = pads(graph, node, dims.len())?;
    Ok(pads.map(|pads| dims.iter().zip(pads).map(|(dim, (before, after))| dim + before + after).collect()))
}

/// The dimensions of a value after its batch.
pub fn row(graph: &Graph, id: ValueId) -> Result<&[usize], Reason> {
    Ok(graph.dims(id)?.get(1..).unwrap_or_default())
}
