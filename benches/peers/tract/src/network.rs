//! Networks as tract's models, optimised for a fixed number of rows.

use nn_bench_protocol::{Arrays, Workload};
use tract_core::internal::*;
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math;
use tract_core::ops::nn::{Softmax, SoftmaxKind};

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
    let mut x = model.add_source("x", f32::fact([workload.rows, workload.widths[0]]))?;
    let hidden = workload.widths.len() - 2;
    for layer in 0..=hidden {
        x = dense(&mut model, layer, arrays, x)?;
        if layer < hidden {
            x = activate(&mut model, layer, activation, x)?;
        }
    }
    if let Head::Softmax = head {
        x = model.wire_node("softmax", Softmax::new(tvec![1], None, SoftmaxKind::Softmax), &[x])?[0];
    }
    model.select_output_outlets(&[x])?;
    model.into_optimized()?.into_runnable()
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

fn activate(model: &mut TypedModel, layer: usize, activation: Activation, x: OutletId) -> TractResult<OutletId> {
    let name = format!("{layer}.activation");
    Ok(match activation {
        Activation::Tanh => model.wire_node(name, math::tanh(), &[x])?[0],
        Activation::Relu => {
            let zero = model.add_const(format!("{layer}.zero"), tensor2(&[[0.0_f32]]))?;
            model.wire_node(name, math::max(), &[x, zero])?[0]
        }
    })
}

/// An array as a tensor.
pub fn tensor(arrays: &Arrays, name: &str) -> TractResult<Tensor> {
    let shape = arrays.find(name).map(|array| array.shape.clone()).unwrap_or_default();
    Tensor::from_shape(&shape, arrays.values(name))
}
