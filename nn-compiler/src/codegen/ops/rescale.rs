//! Fixed scales as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::float;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Rescale, RescaleGradient};

impl Emit for Rescale {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, x, y) = (steps.width(self.x), steps.view(self.x), steps.view_mut(self.y));
        let (factor, offset) = (float(self.factor), float(self.offset));
        let fields = quote! { x: #x, factor: #factor, offset: #offset, y: #y };
        steps.call("rescale", "Forward", quote! { #width }, fields)
    }
}

impl Emit for RescaleGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, factor) = (steps.width(self.dx), float(self.factor));
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        steps.call("rescale", "Backward", quote! { #width }, quote! { dy: #dy, factor: #factor, dx: #dx })
    }
}
