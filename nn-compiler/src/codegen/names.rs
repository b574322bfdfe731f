//! The names and types of generated code.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::numbers::size;
use crate::compiled::Compiled;
use crate::plan::{Tensor, TensorKind};

/// `DIGIT_0_WEIGHT`.
pub fn offset_name(tensor: &Tensor) -> Ident {
    let name: String = tensor.name.chars().map(|c| if c == '.' { '_' } else { c.to_ascii_uppercase() }).collect();
    format_ident!("{name}")
}

/// A name as an identifier, raw if it is a keyword of Rust.
pub fn ident(name: &str) -> Ident {
    syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// `[[f32; 28]; 28]` for `[28, 28]`.
pub fn array_type(shape: &[usize]) -> TokenStream {
    shape.iter().rev().fold(quote! { f32 }, |inner, length| {
        let length = size(*length);
        quote! { [#inner; #length] }
    })
}

/// `[f32; 64]`, or a tuple for several.
pub fn row_type(shapes: &[&crate::shape::Shape]) -> TokenStream {
    let types: Vec<TokenStream> = shapes.iter().map(|shape| array_type(&shape.0)).collect();
    match &types[..] {
        [only] => only.clone(),
        types => quote! { (#(#types),*) },
    }
}

/// The rows of all inputs.
pub fn input_type(compiled: &Compiled) -> TokenStream {
    let shapes: Vec<_> = compiled.model.inputs.iter().map(|id| compiled.shapes.of(*id)).collect();
    row_type(&shapes)
}

/// The rows of all outputs.
pub fn output_type(compiled: &Compiled) -> TokenStream {
    let shapes: Vec<_> = compiled.model.outputs.iter().map(|id| compiled.shapes.of(*id)).collect();
    row_type(&shapes)
}

/// The memory of the parameters, and of the statistics.
pub fn memories(compiled: &Compiled) -> (TokenStream, TokenStream) {
    let memory = |kind| {
        let length = size(compiled.tensors.storage(kind));
        quote! { nn::memory::Flat<#length> }
    };
    (memory(TensorKind::Parameter), memory(TensorKind::Statistic))
}

/// The memory of gradients, and of each number that the optimizer remembers: that of the parameters that learn.
pub fn learning(compiled: &Compiled) -> TokenStream {
    let length = size(compiled.tensors.learning());
    quote! { nn::memory::Flat<#length> }
}

/// `rows` of arrays as one slice of numbers.
pub fn flattened(rows: TokenStream, dimensions: usize, mutable: bool) -> TokenStream {
    let method = if mutable {
        quote! { .as_flattened_mut() }
    } else {
        quote! { .as_flattened() }
    };
    let methods = std::iter::repeat_n(method, dimensions);
    quote! { #rows #(#methods)* }
}

/// The classes of all rows: an iterator.
pub fn classes(target: usize, of_several: bool) -> TokenStream {
    let index = syn::Index::from(target);
    if of_several {
        quote! { targets.iter().map(|row| row.#index) }
    } else {
        quote! { targets.iter().copied() }
    }
}
