//! Networks of tract's operators.

use nn_bench_protocol::{Arrays, Workload};
use tract_core::ops::einsum::EinSum;
use tract_core::ops::nn::{Softmax, SoftmaxKind};
use tract_core::ops::{math, nn};
use tract_core::prelude::*;

/// A model that is ready to run.
pub type State = TypedSimpleState;

/// The network of a workload, with the first weights.
pub fn build(workload: &Workload, arrays: &Arrays) -> TractResult<State> {
    let mut model = TypedModel::default();
    let mut value = model.add_source("x", f32::fact([workload.rows, workload.widths[0]]))?;
    let hidden = workload.widths.len() - 2;
    for layer in 0..=hidden {
        let weight = model.add_const(format!("weight{layer}"), tensor(arrays, &format!("{layer}.weight"))?)?;
        let mut bias = tensor(arrays, &format!("{layer}.bias"))?;
        bias.insert_axis(0)?;
        let bias = model.add_const(format!("bias{layer}"), bias)?;
        let product = EinSum::new("mk,kn->mn".parse()?, f32::datum_type());
        value = model.wire_node(format!("product{layer}"), product, &[value, weight])?[0];
        value = model.wire_node(format!("sum{layer}"), math::add(), &[value, bias])?[0];
        value = match (layer < hidden, workload.name) {
            (true, "infer_tiny_b1") => model.wire_node(format!("tanh{layer}"), math::tanh(), &[value])?[0],
            (true, _) => model.wire_node(format!("relu{layer}"), nn::leaky_relu(0.0), &[value])?[0],
            (false, "infer_tiny_b1") => value,
            (false, _) => {
                let kind = SoftmaxKind::Softmax;
                let softmax = Softmax { axes: tvec!(1), quant_output_dt: None, kind };
                model.wire_node("softmax", softmax, &[value])?[0]
            }
        };
    }
    model.select_output_outlets(&[value])?;
    TypedSimpleState::new(&model.into_optimized()?.into_runnable()?)
}

/// An array as a tensor.
pub fn tensor(arrays: &Arrays, name: &str) -> TractResult<Tensor> {
    let shape = arrays.find(name).map(|array| array.shape.clone()).unwrap_or_default();
    Tensor::from_shape(&shape, arrays.values(name))
}

/// All numbers of a tensor.
pub fn floats(tensor: &Tensor) -> TractResult<Vec<f32>> {
    Ok(tensor.try_as_plain()?.as_slice::<f32>()?.to_vec())
}
