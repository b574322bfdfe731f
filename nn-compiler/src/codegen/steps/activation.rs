//! Activations as values and as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::numbers::float;
use super::Steps;
use crate::layers::activation::Activation;
use crate::plan::{BufferId, Op};

impl Steps<'_, '_> {
    /// `Forward { x, y }`
    pub(super) fn two(&mut self, module: &'static str, x: BufferId, y: BufferId) -> TokenStream {
        let (width, x, y) = (self.width(x), self.view(x), self.view_mut(y));
        self.call(module, "Forward", quote! { #width }, quote! { x: #x, y: #y })
    }

    pub(super) fn softmax_gradient(
        &mut self,
        module: &'static str,
        y: BufferId,
        dy: BufferId,
        dx: BufferId,
    ) -> TokenStream {
        let (width, y, dy, dx) = (self.width(dx), self.view(y), self.view(dy), self.view_mut(dx));
        self.call(module, "Backward", quote! { #width }, quote! { y: #y, dy: #dy, dx: #dx })
    }

    /// An activation whose derivative an input gradient takes, and what it saved.
    pub(super) fn derivative(&mut self, derivative: Option<(Activation, BufferId)>) -> (TokenStream, TokenStream) {
        match derivative {
            Some((activation, saved)) => {
                let saved = self.view(saved);
                (self.activation_value(activation), quote! { Some(#saved) })
            }
            None => (self.activation_value(Activation::Linear), quote! { None }),
        }
    }

    pub(super) fn activation_value(&mut self, activation: Activation) -> TokenStream {
        let module = self.writer.layer("activation");
        let value = match activation {
            Activation::Linear => quote! { Linear },
            Activation::Sigmoid => quote! { Sigmoid },
            Activation::Tanh => quote! { Tanh },
            Activation::Relu => quote! { Relu },
            Activation::LeakyRelu { slope } => {
                let slope = float(slope);
                quote! { LeakyRelu { slope: #slope } }
            }
            Activation::Elu { alpha } => {
                let alpha = float(alpha);
                quote! { Elu { alpha: #alpha } }
            }
            Activation::Selu => quote! { Selu },
            Activation::Gelu => quote! { Gelu },
            Activation::GeluTanh => quote! { GeluTanh },
            Activation::Silu => quote! { Silu },
            Activation::Softplus => quote! { Softplus },
            Activation::HardSigmoid => quote! { HardSigmoid },
            Activation::HardTanh => quote! { HardTanh },
            Activation::Step => quote! { Step },
        };
        quote! { #module::#value }
    }

    pub(super) fn activation(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Activate { activation, x, y } => {
                let (width, x, y) = (self.width(*x), self.view(*x), self.view_mut(*y));
                let activation = self.activation_value(*activation);
                self.call(
                    "activation",
                    "Forward",
                    quote! { _, #width },
                    quote! { activation: #activation, x: #x, y: #y },
                )
            }
            Op::ActivateGradient { activation, saved, dy, dx } => {
                let (width, saved, dy, dx) = (self.width(*dx), self.view(*saved), self.view(*dy), self.view_mut(*dx));
                let activation = self.activation_value(*activation);
                let fields = quote! { activation: #activation, saved: #saved, dy: #dy, dx: #dx };
                self.call("activation", "Backward", quote! { _, #width }, fields)
            }
            _ => quote! {},
        }
    }

    pub(super) fn prelu(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Prelu { x, slope, y } => {
                let (sizes, slope) = (self.of_features(*x, *slope), self.vector(*slope));
                let (x, y) = (self.view(*x), self.view_mut(*y));
                self.call("prelu", "Forward", sizes, quote! { x: #x, slope: #slope, y: #y })
            }
            Op::PreluGradient { x, slope, dy, dx } => {
                let (sizes, dslope) = (self.of_features(*x, *slope), self.gradient(*slope));
                let slope = self.vector(*slope);
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let fields = quote! { x: #x, slope: #slope, dy: #dy, dslope: #dslope, dx: #dx };
                self.call("prelu", "Backward", sizes, fields)
            }
            _ => quote! {},
        }
    }
}
