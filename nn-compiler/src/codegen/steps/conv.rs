//! Convolutions as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::numbers::size;
use super::Steps;
use crate::layers::window::Window;
use crate::plan::{BufferId, Op, TensorId};

impl Steps<'_, '_> {
    pub(super) fn conv(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Conv { window, groups, x, weight, bias, activation, y } => {
                let (sizes, x, y) = (self.conv_sizes(window, *groups, *y, *x), self.view(*x), self.view_mut(*y));
                let (kind, weight) = (self.writer.windows.name(window), self.whole(*weight));
                let bias = match bias {
                    Some(bias) => {
                        let bias = self.whole(*bias);
                        quote! { Some(#bias) }
                    }
                    None => quote! { None },
                };
                let activation = self.activation_value(*activation);
                let fields = quote! {
                    window: #kind, x: #x, weight: #weight, bias: #bias, activation: #activation, y: #y
                };
                self.call("conv", "Forward", quote! { #sizes, _ }, fields)
            }
            Op::ConvWeightGradient { window, groups, x, dy, weight } => {
                let (sizes, x, dy) = (self.conv_sizes(window, *groups, *dy, *x), self.view(*x), self.view(*dy));
                let (kind, dw) = (self.writer.windows.name(window), self.whole_gradient(*weight));
                self.call("conv", "WeightGradient", sizes, quote! { window: #kind, x: #x, dy: #dy, dw: #dw })
            }
            Op::ConvBiasGradient { dy, bias } => {
                let (width, channels) = (self.width(*dy), size(self.writer.tensor(*bias).len()));
                let (dy, bias) = (self.view(*dy), self.writer.offset(*bias));
                let fields = quote! { dy: #dy, db: gradients.vector_mut(#bias) };
                self.call("conv", "BiasGradient", quote! { #channels, #width }, fields)
            }
            Op::ConvInputGradient { window, groups, dy, weight, derivative, dx } => {
                let sizes = self.conv_sizes(window, *groups, *dy, *dx);
                let (kind, weight) = (self.writer.windows.name(window), self.whole(*weight));
                let (activation, saved) = self.derivative(*derivative);
                let (dy, dx) = (self.view(*dy), self.view_mut(*dx));
                let fields = quote! {
                    window: #kind, dy: #dy, weight: #weight, activation: #activation, saved: #saved, dx: #dx
                };
                self.call("conv", "InputGradient", quote! { #sizes, _ }, fields)
            }
            _ => quote! {},
        }
    }

    /// The window, channels and outputs of a group, numbers of a row of x and of y.
    pub(super) fn conv_sizes(&mut self, window: &Window, groups: usize, y: BufferId, x: BufferId) -> TokenStream {
        let (channels, outputs) = (window.channels / groups, self.plan.width(y) / window.positions() / groups);
        let (channels, outputs, x, y) = (size(channels), size(outputs), self.width(x), self.width(y));
        let kind = self.writer.windows.name(window);
        quote! { #kind, #channels, #outputs, #x, #y }
    }

    /// A parameter as one slice.
    pub(super) fn whole(&self, tensor: TensorId) -> TokenStream {
        let (offset, length) = (self.writer.offset(tensor), size(self.writer.tensor(tensor).len()));
        quote! { p.vector::<#length>(#offset) }
    }

    /// A parameter's gradient as one slice.
    pub(super) fn whole_gradient(&self, tensor: TensorId) -> TokenStream {
        let (offset, length) = (self.writer.offset(tensor), size(self.writer.tensor(tensor).len()));
        quote! { gradients.vector_mut::<#length>(#offset) }
    }
}
