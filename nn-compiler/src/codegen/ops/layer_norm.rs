//! Layer norm as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::float;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{LayerNorm, LayerNormGradient};

impl Emit for LayerNorm {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, x, y, eps) = (steps.width(self.x), steps.view(self.x), steps.view_mut(self.y), float(self.eps));
        let (gamma, beta) = (steps.vector(self.gamma), steps.vector(self.beta));
        let fields = quote! { x: #x, gamma: #gamma, beta: #beta, eps: #eps, y: #y };
        steps.call("layer_norm", "Forward", quote! { #width }, fields)
    }
}

impl Emit for LayerNormGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let parts = steps.norm_gradients(self.dgamma, self.dbeta);
        let (width, gamma, eps) = (steps.width(self.x), steps.vector(self.gamma), float(self.eps));
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let fields = quote! { x: #x, dy: #dy, gamma: #gamma, eps: #eps, dgamma, dbeta, dx: #dx };
        let call = steps.call("layer_norm", "Backward", quote! { #width }, fields);
        quote! { #parts #call }
    }
}
