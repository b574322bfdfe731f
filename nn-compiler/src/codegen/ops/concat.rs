//! Concatenations, and parts of a value, as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::size;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{Concat, Take};

impl Emit for Concat {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let mut at = 0;
        let mut parts = quote! {};
        for from in &self.xs {
            let (inputs, outputs, start) = (steps.width(*from), steps.width(self.y), size(at));
            at += steps.numbers(*from);
            let (x, y) = (steps.view(*from), steps.view_mut(self.y));
            let fields = quote! { x: #x, at: #start, y: #y };
            parts.extend(steps.call("merge", "Put", quote! { #inputs, #outputs }, fields));
        }
        parts
    }
}

impl Emit for Take {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (from, to, at) = (steps.width(self.x), steps.width(self.y), size(self.at));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        steps.call("merge", "Take", quote! { #from, #to }, quote! { x: #x, at: #at, y: #y })
    }
}
