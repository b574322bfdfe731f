//! Moves between the caller's tuples and buffers.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::names::flattened;
use crate::codegen::numbers::size;
use crate::codegen::steps::{Emit, Steps};
use crate::ids::ValueId;
use crate::plan::ops::{Gather, GatherGradient, GatherTarget, Scatter, ScatterGradient};
use crate::plan::roles::Write;

impl Emit for Gather {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let of = steps.compiled().model.inputs[self.input];
        gather(steps, quote! { inputs }, self.input, of, self.y)
    }
}

impl Emit for GatherTarget {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let train = steps.compiled().model.train.as_ref().expect("only plans of a training have targets");
        let of = train.targets[self.target].output;
        gather(steps, quote! { targets }, self.target, of, self.y)
    }
}

impl Emit for Scatter {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (index, x) = (syn::Index::from(self.output.0), steps.memory(self.x));
        let compiled = steps.compiled();
        let shape = compiled.shapes.of(compiled.model.outputs[self.output.0]);
        let (width, part) = (size(shape.len()), flattened(quote! { &mut row.#index[..] }, shape.0.len() - 1, true));
        quote! {
            for (row, x) in zip(&mut outputs[..], rows::<#width>(#x, n)) {
                <[f32]>::copy_from_slice(#part, x);
            }
        }
    }
}

impl Emit for GatherGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let of = steps.compiled().model.outputs[self.output];
        gather(steps, quote! { output_gradients }, self.output, of, self.y)
    }
}

impl Emit for ScatterGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let compiled = steps.compiled();
        let inputs = &compiled.model.inputs;
        let shape = compiled.shapes.of(inputs[self.input.0]);
        let row = match inputs[..] {
            [_] => quote! { &mut row[..] },
            _ => {
                let index = syn::Index::from(self.input.0);
                quote! { &mut row.#index[..] }
            }
        };
        let (width, part) = (size(shape.len()), flattened(row, shape.0.len() - 1, true));
        match self.x {
            Some(x) => {
                let x = steps.memory(x);
                quote! {
                    for (row, x) in zip(&mut input_gradients[..], rows::<#width>(#x, n)) {
                        <[f32]>::copy_from_slice(#part, x);
                    }
                }
            }
            None => quote! {
                for row in &mut input_gradients[..] {
                    <[f32]>::fill(#part, 0.0);
                }
            },
        }
    }
}

/// Copies a part of the caller's tuples, of the shape of a value, to a buffer.
fn gather(steps: &Steps, rows: TokenStream, index: usize, of: ValueId, y: Write) -> TokenStream {
    let (index, shape, y) = (syn::Index::from(index), steps.compiled().shapes.of(of), steps.memory(y));
    let (width, part) = (size(shape.len()), flattened(quote! { &row.#index[..] }, shape.0.len() - 1, false));
    quote! {
        for (row, y) in zip(#rows, rows_mut::<#width>(#y, n)) {
            <[f32]>::copy_from_slice(y, #part);
        }
    }
}
