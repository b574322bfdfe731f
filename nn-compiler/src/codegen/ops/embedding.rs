//! Embeddings as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::size;
use crate::codegen::steps::{Emit, Steps};
use crate::ids::{BufferId, TensorId};
use crate::plan::ops::{Embedding, EmbeddingGradient};
use crate::plan::roles::Read;

impl Emit for Embedding {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, offset) = (sizes(steps, self.x, self.weight, self.y), steps.offset(self.weight));
        let (x, y) = (steps.view(self.x), steps.view_mut(self.y));
        steps.call("embedding", "Forward", sizes, quote! { x: #x, weight: Flat::matrix(p, #offset), y: #y })
    }
}

impl Emit for EmbeddingGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, offset) = (sizes(steps, self.x, self.weight, self.dy), steps.offset(self.weight));
        let (x, dy) = (steps.view(self.x), steps.view(self.dy));
        let fields = quote! { x: #x, dy: #dy, dw: Flat::matrix_mut(gradients, #offset) };
        steps.call("embedding", "Backward", sizes, fields)
    }
}

/// Tokens of a row, the table's rows and columns, outputs of a row.
fn sizes(steps: &Steps, x: Read, weight: impl Into<TensorId>, y: impl Into<BufferId>) -> TokenStream {
    let shape = &steps.tensor(weight).shape;
    let (vocabulary, width) = (size(shape[0]), size(shape[1]));
    let (length, outputs) = (steps.width(x), steps.width(y));
    quote! { #length, #vocabulary, #width, #outputs }
}
