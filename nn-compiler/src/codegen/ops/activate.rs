//! Elementwise activations as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Activate, ActivateGradient};

impl Emit for Activate {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, x, y) = (steps.width(self.x), steps.view(self.x), steps.view_mut(self.y));
        let activation = steps.activation(self.activation);
        let fields = quote! { activation: #activation, x: #x, y: #y };
        steps.call("activation", "Forward", quote! { _, #width }, fields)
    }
}

impl Emit for ActivateGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, saved) = (steps.width(self.dx), steps.view(self.saved));
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        let activation = steps.activation(self.activation);
        let fields = quote! { activation: #activation, saved: #saved, dy: #dy, dx: #dx };
        steps.call("activation", "Backward", quote! { _, #width }, fields)
    }
}
