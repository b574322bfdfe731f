//! Dense layers as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::{float, size};
use crate::codegen::panels::Panels;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Dense, DenseBiasUpdate, DenseGradient, DenseInputGradient, DenseWeightUpdate};

impl Emit for Dense {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (inputs, units) = (steps.width(self.x), steps.width(self.y));
        let (x, y, weight) = (steps.view(self.x), steps.view_mut(self.y), steps.offset(self.weight));
        let bias = match self.bias {
            Some(bias) => {
                let bias = steps.vector(bias);
                quote! { Some(#bias) }
            }
            None => quote! { None },
        };
        let (activation, panels) = (steps.activation(self.activation), panels_of(steps, self));
        let fields = quote! {
            x: #x, weight: Flat::matrix(p, #weight), panels: #panels, bias: #bias, activation: #activation, y: #y
        };
        steps.call("dense", "Forward", quote! { #inputs, #units, _ }, fields)
    }
}

impl Emit for DenseGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (inputs, units) = (steps.width(self.x), steps.width(self.dy));
        let (x, dy, weight) = (steps.view(self.x), steps.view(self.dy), steps.offset(self.weight));
        let (slots, dw, db) = match self.bias {
            Some(bias) => {
                let bias = steps.offset(bias);
                let slots = quote! { let (dw, db) = Flat::layer_mut(gradients, #weight, #bias); };
                (slots, quote! { dw }, quote! { Some(db) })
            }
            None => (quote! {}, quote! { dw: Flat::matrix_mut(gradients, #weight) }, quote! { None }),
        };
        let fields = quote! { x: #x, dy: #dy, #dw, db: #db };
        let call = steps.call("dense", "WeightGradient", quote! { #inputs, #units }, fields);
        quote! { #slots #call }
    }
}

impl Emit for DenseInputGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (inputs, units) = (steps.width(self.dx), steps.width(self.dy));
        let (dy, dx, weight) = (steps.view(self.dy), steps.view_mut(self.dx), steps.offset(self.weight));
        let (activation, saved) = steps.derivative(self.derivative);
        let fields =
            quote! { dy: #dy, weight: Flat::matrix(p, #weight), activation: #activation, saved: #saved, dx: #dx };
        steps.call("dense", "InputGradient", quote! { #inputs, #units, _ }, fields)
    }
}

impl Emit for DenseWeightUpdate {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (inputs, units, x, dy) =
            (steps.width(self.x), steps.width(self.dy), steps.view(self.x), steps.view(self.dy));
        let (offset, tensor) = (steps.offset(self.weight), steps.tensor(self.weight));
        let (l1, l2) = (float(tensor.l1), float(tensor.l2));
        let fields = quote! {
            x: #x, dy: #dy, l1: #l1, l2: #l2, rule, weight: Flat::matrix_mut(p, #offset),
            state: state.each_mut().map(|state| Flat::matrix_mut(state, #offset))
        };
        let call = steps.call("dense", "WeightUpdate", quote! { #inputs, #units, _, _ }, fields);
        steps.by_rule(self.weight, call)
    }
}

impl Emit for DenseBiasUpdate {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (units, dy, offset) = (steps.width(self.dy), steps.view(self.dy), steps.offset(self.bias));
        let fields = quote! {
            dy: #dy, rule, bias: Flat::vector_mut(p, #offset),
            state: state.each_mut().map(|state| Flat::vector_mut(state, #offset))
        };
        let call = steps.call("dense", "BiasUpdate", quote! { #units, _, _ }, fields);
        steps.by_rule(self.bias, call)
    }
}

/// Where the panels of a layer's weights are, if it may have some.
fn panels_of(steps: &Steps, dense: &Dense) -> TokenStream {
    match steps.panels().iter().find(|panels| panels.dense == dense) {
        Some(Panels { start, lines, .. }) => {
            let (start, end) = (size(*start), size(start + lines));
            quote! { panels.get(#start..#end) }
        }
        None => quote! { None },
    }
}
