//! Pools as kernel calls.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Steps;
use crate::codegen::numbers::size;
use crate::layers::activation::Activation;
use crate::layers::window::Window;
use crate::plan::Op;

impl Steps<'_, '_> {
    pub(super) fn pool(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::MaxPool { x, window, y } => {
                let (type_name, inputs, outputs) = self.window(window);
                let (x, y) = (self.view(*x), self.view_mut(*y));
                let fields = quote! { window: #type_name, x: #x, y: #y };
                self.call("max_pool", "Forward", quote! { _, #inputs, #outputs }, fields)
            }
            Op::AvgPool { x, window, y } => {
                let (type_name, inputs, outputs) = self.window(window);
                let (x, y) = (self.view(*x), self.view_mut(*y));
                let fields = quote! { window: #type_name, x: #x, y: #y };
                self.call("avg_pool", "Forward", quote! { _, #inputs, #outputs }, fields)
            }
            Op::MaxPoolGradient { x, window, derivative, dy, dx } => {
                let (type_name, inputs, outputs) = self.window(window);
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let activation = self.activation_value(derivative.unwrap_or(Activation::Linear));
                let fields = quote! { window: #type_name, activation: #activation, x: #x, dy: #dy, dx: #dx };
                self.call("max_pool", "Backward", quote! { _, _, #inputs, #outputs }, fields)
            }
            Op::AvgPoolGradient { window, dy, dx } => {
                let (type_name, inputs, outputs) = self.window(window);
                let (dy, dx) = (self.view(*dy), self.view_mut(*dx));
                let fields = quote! { window: #type_name, dy: #dy, dx: #dx };
                self.call("avg_pool", "Backward", quote! { _, #inputs, #outputs }, fields)
            }
            _ => quote! {},
        }
    }

    /// The value of a window's type, and how many inputs and outputs a row has.
    fn window(&mut self, window: &Window) -> (proc_macro2::Ident, Literal, Literal) {
        let [height, width] = window.input;
        let (inputs, outputs) = (window.channels * height * width, window.channels * window.positions());
        (self.writer.windows.name(window), size(inputs), size(outputs))
    }
}
