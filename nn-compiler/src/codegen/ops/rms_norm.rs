//! RMS norm as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::float;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{RmsNorm, RmsNormGradient};

impl Emit for RmsNorm {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, gamma, eps) = (steps.features(self.x, self.gamma), steps.vector(self.gamma), float(self.eps));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        steps.call("rms_norm", "Forward", sizes, quote! { x: #x, gamma: #gamma, eps: #eps, y: #y })
    }
}

impl Emit for RmsNormGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, dgamma) = (steps.features(self.x, self.gamma), steps.gradient(self.dgamma));
        let (gamma, eps) = (steps.vector(self.gamma), float(self.eps));
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let fields = quote! { x: #x, dy: #dy, gamma: #gamma, eps: #eps, dgamma: #dgamma, dx: #dx };
        steps.call("rms_norm", "Backward", sizes, fields)
    }
}
