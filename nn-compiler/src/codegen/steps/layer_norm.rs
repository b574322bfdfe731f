//! Layer norm as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::Steps;
use crate::codegen::numbers::float;
use crate::plan::Op;

impl Steps<'_, '_> {
    pub(super) fn layer_norm(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::LayerNorm { x, gamma, beta, eps, y } => {
                let (width, x, y, eps) = (self.width(*x), self.view(*x), self.view_mut(*y), float(*eps));
                let (gamma, beta) = (self.vector(*gamma), self.vector(*beta));
                let fields = quote! { x: #x, gamma: #gamma, beta: #beta, eps: #eps, y: #y };
                self.call("layer_norm", "Forward", quote! { #width }, fields)
            }
            Op::LayerNormGradient { x, gamma, beta, eps, dy, dx } => {
                let parts = self.norm_gradients(*gamma, *beta);
                let (width, gamma, eps) = (self.width(*x), self.vector(*gamma), float(*eps));
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let fields = quote! { x: #x, dy: #dy, gamma: #gamma, eps: #eps, dgamma, dbeta, dx: #dx };
                let call = self.call("layer_norm", "Backward", quote! { #width }, fields);
                quote! { #parts #call }
            }
            _ => quote! {},
        }
    }
}
