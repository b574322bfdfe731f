//! Max pools as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{MaxPool, MaxPoolGradient};
use crate::vocabulary::Activation;

impl Emit for MaxPool {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (kind, [inputs, outputs]) = (steps.window(&self.window), steps.pooled(&self.window));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        let fields = quote! { window: #kind, x: #x, y: #y };
        steps.call("max_pool", "Forward", quote! { _, #inputs, #outputs }, fields)
    }
}

impl Emit for MaxPoolGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (kind, [inputs, outputs]) = (steps.window(&self.window), steps.pooled(&self.window));
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let activation = steps.activation(self.derivative.unwrap_or(Activation::Linear));
        let fields = quote! { window: #kind, activation: #activation, x: #x, dy: #dy, dx: #dx };
        steps.call("max_pool", "Backward", quote! { _, _, #inputs, #outputs }, fields)
    }
}
