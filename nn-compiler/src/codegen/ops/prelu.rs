//! Relus with a learnable slope as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Prelu, PreluGradient};

impl Emit for Prelu {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, slope) = (steps.features(self.x, self.slope), steps.vector(self.slope));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        steps.call("prelu", "Forward", sizes, quote! { x: #x, slope: #slope, y: #y })
    }
}

impl Emit for PreluGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, dslope) = (steps.features(self.x, self.slope), steps.gradient(self.dslope));
        let slope = steps.vector(self.slope);
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let fields = quote! { x: #x, slope: #slope, dy: #dy, dslope: #dslope, dx: #dx };
        steps.call("prelu", "Backward", sizes, fields)
    }
}
