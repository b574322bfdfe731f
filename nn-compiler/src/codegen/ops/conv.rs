//! Convolutions as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::size;
use crate::codegen::steps::{Emit, Steps};
use crate::ids::{BufferId, TensorId};
use crate::plan::ops::{Conv, ConvBiasGradient, ConvInputGradient, ConvWeightGradient};
use crate::vocabulary::Window;

impl Emit for Conv {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let sizes = sizes(steps, &self.window, self.groups, self.y, self.x);
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        let (kind, weight) = (steps.window(&self.window), whole(steps, self.weight));
        let bias = match self.bias {
            Some(bias) => {
                let bias = whole(steps, bias);
                quote! { Some(#bias) }
            }
            None => quote! { None },
        };
        let activation = steps.activation(self.activation);
        let fields = quote! {
            window: #kind, x: #x, weight: #weight, bias: #bias, activation: #activation, y: #y
        };
        steps.call("conv", "Forward", quote! { #sizes, _ }, fields)
    }
}

impl Emit for ConvWeightGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let sizes = sizes(steps, &self.window, self.groups, self.dy, self.x);
        let (x, dy, kind) = (steps.view(self.x), steps.view(self.dy), steps.window(&self.window));
        let (offset, length) = (steps.offset(self.weight), size(steps.tensor(self.weight).len()));
        let fields = quote! { window: #kind, x: #x, dy: #dy, dw: Flat::vector_mut::<#length>(gradients, #offset) };
        steps.call("conv", "WeightGradient", sizes, fields)
    }
}

impl Emit for ConvBiasGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, channels) = (steps.width(self.dy), size(steps.tensor(self.bias).len()));
        let (dy, bias) = (steps.view(self.dy), steps.offset(self.bias));
        let fields = quote! { dy: #dy, db: Flat::vector_mut(gradients, #bias) };
        steps.call("conv", "BiasGradient", quote! { #channels, #width }, fields)
    }
}

impl Emit for ConvInputGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let sizes = sizes(steps, &self.window, self.groups, self.dy, self.dx);
        let (kind, weight) = (steps.window(&self.window), whole(steps, self.weight));
        let (activation, saved) = steps.derivative(self.derivative);
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        let fields = quote! {
            window: #kind, dy: #dy, weight: #weight, activation: #activation, saved: #saved, dx: #dx
        };
        steps.call("conv", "InputGradient", quote! { #sizes, _ }, fields)
    }
}

/// The window, channels and outputs of a group, numbers of a row of x and of y.
fn sizes(
    steps: &mut Steps,
    window: &Window,
    groups: usize,
    y: impl Into<BufferId>,
    x: impl Into<BufferId>,
) -> TokenStream {
    let (x, y) = (x.into(), y.into());
    let (channels, outputs) = (window.channels / groups, steps.numbers(y) / window.positions() / groups);
    let (channels, outputs, x, y) = (size(channels), size(outputs), steps.width(x), steps.width(y));
    let kind = steps.window(window);
    quote! { #kind, #channels, #outputs, #x, #y }
}

/// A parameter as one slice.
fn whole(steps: &Steps, tensor: impl Into<TensorId>) -> TokenStream {
    let tensor = tensor.into();
    let (offset, length) = (steps.offset(tensor), size(steps.tensor(tensor).len()));
    quote! { Flat::vector::<#length>(p, #offset) }
}
