//! Average pools as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{AvgPool, AvgPoolGradient};

impl Emit for AvgPool {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (kind, [inputs, outputs]) = (steps.window(&self.window), steps.pooled(&self.window));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        let fields = quote! { window: #kind, x: #x, y: #y };
        steps.call("avg_pool", "Forward", quote! { _, #inputs, #outputs }, fields)
    }
}

impl Emit for AvgPoolGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (kind, [inputs, outputs]) = (steps.window(&self.window), steps.pooled(&self.window));
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        let fields = quote! { window: #kind, dy: #dy, dx: #dx };
        steps.call("avg_pool", "Backward", quote! { _, #inputs, #outputs }, fields)
    }
}
