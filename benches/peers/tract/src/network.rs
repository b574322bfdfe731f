//! Networks as tract's models, optimised for a fixed number of rows.

use nn_bench_protocol::{Arrays, Convolution, Workload};
use tract_core::internal::*;
use tract_core::ops::cnn::{Conv, KernelFormat, MaxPool, PaddingSpec, PoolSpec};
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math;
use tract_core::ops::nn::{DataFormat, Softmax, SoftmaxKind};

/// What follows a hidden layer.
#[derive(Clone, Copy)]
pub enum Activation {
    Tanh,
    Relu,
}

/// What turns the last layer's sums into outputs.
#[derive(Clone, Copy)]
pub enum Head {
    Linear,
    Softmax,
}

/// A network that is ready to run.
pub fn network(
    workload: &Workload,
    arrays: &Arrays,
    activation: Activation,
    head: Head,
) -> TractResult<Arc<TypedRunnableModel>> {
    let mut model = TypedModel::default();
    let shape: TVec<usize> = [workload.rows].into_iter().chain(workload.input()).collect();
    let mut x = model.add_source("x", f32::fact(shape))?;
    for (layer, size) in workload.convolutions.iter().enumerate() {
        x = convolution(&mut model, layer, *size, arrays, x)?;
    }
    if let Some(last) = workload.convolutions.last() {
        let dimensions = last.pooled().iter().map(|size| size.to_dim()).collect();
        let flatten = AxisOp::Reshape(1, dimensions, tvec![workload.widths[0].to_dim()]);
        x = model.wire_node("flatten", flatten, &[x])?[0];
    }
    let first = workload.convolutions.len();
    let last = first + workload.widths.len() - 2;
    for layer in first..=last {
        x = dense(&mut model, layer, arrays, x)?;
        if layer < last {
            x = activate(&mut model, layer, activation, 2, x)?;
        }
    }
    if let Head::Softmax = head {
        x = model.wire_node("softmax", Softmax::new(tvec![1], None, SoftmaxKind::Softmax), &[x])?[0];
    }
    model.select_output_outlets(&[x])?;
    model.into_optimized()?.into_runnable()
}

/// A convolution with ReLU and 2×2 pooling.
fn convolution(
    model: &mut TypedModel,
    layer: usize,
    size: Convolution,
    arrays: &Arrays,
    x: OutletId,
) -> TractResult<OutletId> {
    let Convolution { input: [inputs, ..], channels, kernel, padding } = size;
    let weight = model.add_const(format!("{layer}.weight"), tensor(arrays, &format!("{layer}.weight"))?)?;
    let bias = model.add_const(format!("{layer}.bias"), tensor(arrays, &format!("{layer}.bias"))?)?;
    let padding = PaddingSpec::Explicit(tvec![padding; 2], tvec![padding; 2]);
    let spec = PoolSpec::new(DataFormat::NCHW, tvec![kernel; 2], padding, None, None, inputs, channels);
    let sums = Conv::new(spec, KernelFormat::OIHW, 1, None);
    let sums = model.wire_node(format!("{layer}.convolution"), sums, &[x, weight, bias])?[0];
    let positive = activate(model, layer, Activation::Relu, 4, sums)?;
    let (two, none) = (tvec![2; 2], PaddingSpec::Valid);
    let pool = PoolSpec::new(DataFormat::NCHW, two.clone(), none, None, Some(two), channels, channels);
    Ok(model.wire_node(format!("{layer}.pool"), MaxPool::new(pool, None), &[positive])?[0])
}

/// x·W + b.
fn dense(model: &mut TypedModel, layer: usize, arrays: &Arrays, x: OutletId) -> TractResult<OutletId> {
    let weight = model.add_const(format!("{layer}.weight"), tensor(arrays, &format!("{layer}.weight"))?)?;
    let mut bias = tensor(arrays, &format!("{layer}.bias"))?;
    bias.insert_axis(0)?;
    let bias = model.add_const(format!("{layer}.bias"), bias)?;
    let product = EinSum::new("mk,kn->mn".parse()?, f32::datum_type());
    let product = model.wire_node(format!("{layer}.product"), product, &[x, weight])?[0];
    Ok(model.wire_node(format!("{layer}.sum"), math::add(), &[product, bias])?[0])
}

/// For values of this many dimensions.
fn activate(
    model: &mut TypedModel,
    layer: usize,
    activation: Activation,
    rank: usize,
    x: OutletId,
) -> TractResult<OutletId> {
    let name = format!("{layer}.activation");
    Ok(match activation {
        Activation::Tanh => model.wire_node(name, math::tanh(), &[x])?[0],
        Activation::Relu => {
            let zero = model.add_const(format!("{layer}.zero"), tensor0(0.0_f32).broadcast_into_rank(rank)?)?;
            model.wire_node(name, math::max(), &[x, zero])?[0]
        }
    })
}

/// An array as a tensor.
pub fn tensor(arrays: &Arrays, name: &str) -> TractResult<Tensor> {
    let shape = arrays.find(name).map(|array| array.shape.clone()).unwrap_or_default();
    Tensor::from_shape(&shape, arrays.values(name))
}
