//! The moves of rows as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::flattened;
use super::super::numbers::size;
use super::Steps;
use crate::model::ValueId;
use crate::plan::{BufferId, Op};

impl Steps<'_, '_> {
    pub(super) fn merge(&mut self, kernel: &str, a: BufferId, b: BufferId, y: BufferId) -> TokenStream {
        let (width, a, b, y) = (self.width(y), self.view(a), self.view(b), self.view_mut(y));
        self.call("merge", kernel, quote! { #width }, quote! { a: #a, b: #b, y: #y })
    }

    pub(super) fn moves(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Gather { input, y } => {
                let id = self.writer.compiled.model.inputs[*input];
                self.gather(quote! { inputs }, syn::Index::from(*input), id, *y)
            }
            Op::GatherTarget { target, y } => {
                let Some(train) = &self.writer.compiled.model.train else { return quote! {} };
                self.gather(quote! { targets }, syn::Index::from(*target), train.targets[*target].output, *y)
            }
            Op::Scatter { x, output } => {
                let (index, x) = (syn::Index::from(*output), self.memory(*x));
                let id = self.writer.compiled.model.outputs[*output];
                let dimensions = self.writer.compiled.shapes.of(id).0.len() - 1;
                let width = size(self.writer.compiled.shapes.of(id).len());
                let part = flattened(quote! { row.#index }, dimensions, true);
                quote! {
                    for (row, x) in outputs.iter_mut().zip(rows::<#width>(#x, n)) {
                        #part.copy_from_slice(x);
                    }
                }
            }
            Op::Copy { x, y } => {
                let (width, x, y) = (self.width(*x), self.memory(*x), self.memory(*y));
                quote! { rows_mut::<#width>(#y, n).copy_from_slice(rows(#x, n)); }
            }
            Op::Concat { xs, y } => {
                let mut at = 0;
                let parts: Vec<TokenStream> = xs
                    .iter()
                    .map(|x| {
                        let (from, to, start) = (self.width(*x), self.width(*y), size(at));
                        at += self.plan.width(*x);
                        let (x, y) = (self.view(*x), self.view_mut(*y));
                        self.call("merge", "Place", quote! { #from, #to }, quote! { x: #x, at: #start, y: #y })
                    })
                    .collect();
                quote! { #(#parts)* }
            }
            Op::Take { x, at, y } => {
                let (from, to, at) = (self.width(*x), self.width(*y), size(*at));
                let (x, y) = (self.view(*x), self.view_mut(*y));
                self.call("merge", "Take", quote! { #from, #to }, quote! { x: #x, at: #at, y: #y })
            }
            _ => quote! {},
        }
    }

    /// Copies a part of the caller's tuples, of the shape of a value, to a buffer.
    pub(super) fn gather(&self, rows: TokenStream, index: syn::Index, of: ValueId, y: BufferId) -> TokenStream {
        let (shape, y) = (self.writer.compiled.shapes.of(of), self.memory(y));
        let (width, part) = (size(shape.len()), flattened(quote! { row.#index }, shape.0.len() - 1, false));
        quote! {
            for (row, y) in #rows.iter().zip(rows_mut::<#width>(#y, n)) {
                y.copy_from_slice(&#part);
            }
        }
    }
}
