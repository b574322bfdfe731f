//! Dropout as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::{float, size};
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Dropout, DropoutGradient};

impl Emit for Dropout {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, x) = (steps.width(self.x), steps.view(self.x));
        let (y, mask) = (steps.view_mut(self.y), steps.view_mut(self.mask));
        let (rate, site) = (float(self.rate), size(self.site));
        let fields = quote! { x: #x, rate: #rate, seed: pass.layer_seed(#site), mask: #mask, y: #y };
        steps.call("dropout", "Forward", quote! { #width }, fields)
    }
}

impl Emit for DropoutGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, mask) = (steps.width(self.dx), steps.view(self.mask));
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        steps.call("dropout", "Backward", quote! { #width }, quote! { mask: #mask, dy: #dy, dx: #dx })
    }
}
