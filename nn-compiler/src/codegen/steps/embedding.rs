//! Embeddings as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::Steps;
use crate::codegen::numbers::size;
use crate::plan::{BufferId, Op, TensorId};

impl Steps<'_, '_> {
    pub(super) fn embedding(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Embedding { x, weight, y } => {
                let (sizes, offset) = (self.of_table(*x, *weight, *y), self.writer.offset(*weight));
                let (x, y) = (self.view(*x), self.view_mut(*y));
                self.call("embedding", "Forward", sizes, quote! { x: #x, weight: p.matrix(#offset), y: #y })
            }
            Op::EmbeddingGradient { x, dy, weight } => {
                let (sizes, offset) = (self.of_table(*x, *weight, *dy), self.writer.offset(*weight));
                let (x, dy) = (self.view(*x), self.view(*dy));
                let fields = quote! { x: #x, dy: #dy, dw: gradients.matrix_mut(#offset) };
                self.call("embedding", "Backward", sizes, fields)
            }
            _ => quote! {},
        }
    }

    /// Tokens of a row, the table's rows and columns, outputs of a row.
    fn of_table(&self, x: BufferId, weight: TensorId, y: BufferId) -> TokenStream {
        let shape = &self.writer.tensor(weight).shape;
        let (vocabulary, width) = (size(shape[0]), size(shape[1]));
        let (length, outputs) = (self.width(x), self.width(y));
        quote! { #length, #vocabulary, #width, #outputs }
    }
}
