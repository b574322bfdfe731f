//! Standardization as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::size;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Normalize, NormalizeGradient, ObserveMoments};

impl Emit for Normalize {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, x, y) = (steps.features(self.x, self.mean), steps.view(self.x), steps.view_mut(self.y));
        let (mean, deviation) = (steps.vector(self.mean), steps.vector(self.deviation));
        let fields = quote! { x: #x, mean: #mean, deviation: #deviation, y: #y };
        steps.call("normalize", "Forward", sizes, fields)
    }
}

impl Emit for NormalizeGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, deviation) = (steps.features(self.dx, self.deviation), steps.vector(self.deviation));
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        steps.call("normalize", "Backward", sizes, quote! { dy: #dy, deviation: #deviation, dx: #dx })
    }
}

impl Emit for ObserveMoments {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, x) = (steps.features(self.x, self.mean), steps.view(self.x));
        let block = size(moments_block(steps.tensor(self.mean).len()));
        steps.call("normalize", "Observe", quote! { #sizes, #block }, quote! { x: #x, moments: &mut moments })
    }
}

/// How many of this many features are observed in one pass over the rows: their moments are on the
/// stack, at most 40 KiB.
pub fn moments_block(features: usize) -> usize {
    features.min(2048)
}
