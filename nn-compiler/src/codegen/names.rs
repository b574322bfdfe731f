//! The names and types of generated code.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::numbers::size;
use crate::compiled::Compiled;
use crate::plan::{Tensor, TensorKind};

/// The constants that hold the offsets of the tensors, by the tensors' names: `DIGIT_0_WEIGHT` for
/// `digit.0.weight`. Tensors whose names differ only by case, or by a `_` in place of a dot, get a number.
pub fn offset_names(tensors: &[Tensor]) -> BTreeMap<&str, Ident> {
    let mut taken = BTreeSet::new();
    let names = tensors.iter().map(|tensor| {
        let plain: String = tensor.name.chars().map(|c| if c == '.' { '_' } else { c.to_ascii_uppercase() }).collect();
        let mut name = plain.clone();
        for number in 2.. {
            if taken.insert(name.clone()) {
                break;
            }
            name = format!("{plain}_{number}");
        }
        (&*tensor.name, format_ident!("{name}"))
    });
    names.collect()
}

/// A name as an identifier, raw if it is a keyword of Rust.
pub fn ident(name: &str) -> Ident {
    match syn::parse_str::<Ident>(name) {
        // A keyword since the edition of 2024, which syn does not know as one.
        Ok(_) if name == "gen" => Ident::new_raw(name, Span::call_site()),
        Ok(ident) => ident,
        Err(_) => Ident::new_raw(name, Span::call_site()),
    }
}

/// Whether generated code may use a name for a type or a module. All types and modules of
/// `nn_runtime::generated::scope` are such names, and so are the windows of a network.
pub fn is_taken(name: &str) -> bool {
    const TYPES: [&str; 8] = ["Clone", "Flat", "Isa", "Iterator", "Kernel", "None", "Option", "Some"];
    !name.starts_with(|first: char| first.is_ascii_uppercase()) || TYPES.contains(&name) || name.starts_with("Window")
}

/// The network's type in its impls. A network whose name is taken there is called `This`.
pub fn network_type(compiled: &Compiled) -> Ident {
    let name = &compiled.model.name;
    if is_taken(name) { format_ident!("This") } else { ident(name) }
}

/// Slots whose names `nn_runtime::generated::scope` has.
pub const SCOPE_SLOTS: usize = 16;

/// `s0`, `s1`, …
pub fn slot(index: usize) -> Ident {
    format_ident!("s{index}")
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
        quote! { Flat<#length> }
    };
    (memory(TensorKind::Parameter), memory(TensorKind::Statistic))
}

/// The memory of gradients, and of each number that the optimizer remembers: that of the parameters that learn.
pub fn learning(compiled: &Compiled) -> TokenStream {
    let length = size(compiled.tensors.learning());
    quote! { Flat<#length> }
}

/// `rows` of arrays as one slice of numbers. They are a slice, and by reference, if they have dimensions besides.
pub fn flattened(rows: TokenStream, dimensions: usize, mutable: bool) -> TokenStream {
    let method = if mutable {
        quote! { .as_flattened_mut() }
    } else {
        quote! { .as_flattened() }
    };
    if dimensions == 0 {
        return rows;
    }
    // A reference is what the method takes, so that it is found before any method of a trait.
    let is_word = rows.clone().into_iter().count() == 1;
    let rows = if is_word {
        rows
    } else {
        quote! { (#rows) }
    };
    let methods = iter::repeat_n(method, dimensions);
    quote! { #rows #(#methods)* }
}

/// The classes of all rows: an iterator.
pub fn classes(target: usize, of_several: bool) -> TokenStream {
    let index = syn::Index::from(target);
    if of_several {
        quote! { Iterator::map(targets.iter(), |row| row.#index) }
    } else {
        quote! { Iterator::copied(targets.iter()) }
    }
}
