//! Softmax as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Softmax, SoftmaxGradient};

impl Emit for Softmax {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, x, y) = (steps.width(self.x), steps.view(self.x), steps.view_mut(self.y));
        steps.call("softmax", "Forward", quote! { #width }, quote! { x: #x, y: #y })
    }
}

impl Emit for SoftmaxGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, y) = (steps.width(self.dx), steps.view(self.y));
        let (dy, dx) = (steps.view(self.dy), steps.view_mut(self.dx));
        steps.call("softmax", "Backward", quote! { #width }, quote! { y: #y, dy: #dy, dx: #dx })
    }
}
