//! Group norm as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::{float, size};
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{GroupNorm, GroupNormGradient};

impl Emit for GroupNorm {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, groups) = (steps.features(self.x, self.gamma), size(self.groups));
        let (gamma, beta, eps) = (steps.vector(self.gamma), steps.vector(self.beta), float(self.eps));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        let fields = quote! { x: #x, gamma: #gamma, beta: #beta, eps: #eps, y: #y };
        steps.call("group_norm", "Forward", quote! { #sizes, #groups }, fields)
    }
}

impl Emit for GroupNormGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let parts = steps.norm_gradients(self.dgamma, self.dbeta);
        let (sizes, groups) = (steps.features(self.x, self.gamma), size(self.groups));
        let (gamma, eps) = (steps.vector(self.gamma), float(self.eps));
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let fields = quote! { x: #x, dy: #dy, gamma: #gamma, eps: #eps, dgamma, dbeta, dx: #dx };
        let call = steps.call("group_norm", "Backward", quote! { #sizes, #groups }, fields);
        quote! { #parts #call }
    }
}
