//! Code generation: a [`Compiled`] network in, Rust out. Can not fail.
//!
//! The code is straight-line: one kernel call a step of the plan, on views of parameters, slots and the
//! caller's rows whose sizes are constants.

mod comments;
mod network;
mod numbers;
mod panels;
mod steps;
mod text;
mod trainable;
mod windows;

pub use comments::formula;
pub use text::rust;

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use numbers::size;
use windows::Windows;

use crate::pipeline::Compiled;
use crate::plan::{Dispatch, Tensor, TensorId, TensorKind};

/// How the code is to be emitted.
#[derive(Clone, Debug, Default)]
pub struct Emit {
    /// Attributes of the struct, doc comments included.
    pub attributes: TokenStream,
    /// Visibility of the struct.
    pub visibility: TokenStream,
    /// The path of the runtime crate, such as `::nn_runtime`.
    pub runtime: TokenStream,
}

/// The struct and its impls.
pub fn emit(compiled: &Compiled, emit: &Emit) -> TokenStream {
    let runtime = &emit.runtime;
    let definition = definition(compiled, emit);
    let implementation = implementation(compiled, runtime, false);
    quote! {
        #runtime::plain! { #definition }
        #implementation
    }
}

/// The struct: parameters and statistics, each in one flat memory.
fn definition(compiled: &Compiled, emit: &Emit) -> TokenStream {
    let Emit { attributes, visibility, runtime } = emit;
    let name = ident(&compiled.model.name);
    let docs = compiled.model.docs.iter().map(|line| format!(" {}", line.trim()));
    let parameters = size(compiled.tensors.storage(TensorKind::Parameter));
    let statistics = size(compiled.tensors.storage(TensorKind::Statistic));
    quote! {
        #(#[doc = #docs])*
        #attributes
        #visibility struct #name {
            parameters: #runtime::memory::Flat<#parameters>,
            statistics: #runtime::memory::Flat<#statistics>,
        }
    }
}

/// The impls, in a scope of their own with the offsets of the tensors.
fn implementation(compiled: &Compiled, runtime: &TokenStream, comments: bool) -> TokenStream {
    let mut writer = Writer { compiled, modules: BTreeSet::new(), windows: Windows::default(), comments };
    let network = network::emit(&mut writer);
    let trainable = compiled.training.as_ref().map(|plans| trainable::emit(&mut writer, plans));
    let modules = writer.modules.iter().map(|module| format_ident!("{module}"));
    let layers = quote! { #(#modules),* };
    let windows = writer.windows.definitions();
    let offsets = compiled.tensors.all.iter().map(|tensor| {
        let (name, offset) = (offset_name(tensor), size(tensor.offset));
        quote! { const #name: usize = #offset; }
    });
    quote! {
        #[allow(unused_imports, unused_variables, unused_mut, non_camel_case_types, clippy::all)]
        const _: () = {
            use #runtime as nn;
            use nn::isa::{Isa, Kernel, run};
            use nn::layers::{#layers};
            use nn::memory::{fixed, fixed_mut, rows, rows_mut, split, vector, vector_mut};
            #(#offsets)*
            #windows
            #network
            #trainable
        };
    }
}

/// A function's body: as it is, or as a kernel of its own, in which the instruction set is known. `fields` are
/// the variables that it uses with their types, whose lifetime is `'a`.
fn body(dispatch: Dispatch, fields: &[(&str, TokenStream)], output: TokenStream, code: TokenStream) -> TokenStream {
    if dispatch == Dispatch::Kernels {
        return code;
    }
    let names: Vec<Ident> = fields.iter().map(|(name, _)| format_ident!("{name}")).collect();
    let types = fields.iter().map(|(_, field)| field);
    quote! {
        struct Body<'a> { #(#names: #types),* }
        impl Kernel for Body<'_> {
            type Output = #output;
            #[inline(always)]
            fn run<I: Isa>(self) -> Self::Output {
                let Self { #(#names),* } = self;
                #code
            }
        }
        run(Body { #(#names),* })
    }
}

/// What the parts of the generator share.
struct Writer<'a> {
    compiled: &'a Compiled,
    /// The modules of `nn_runtime::layers` that are used.
    modules: BTreeSet<&'static str>,
    /// The sliding windows that are used.
    windows: Windows,
    /// Whether each step is preceded by a comment.
    comments: bool,
}

impl Writer<'_> {
    fn tensor(&self, id: TensorId) -> &Tensor {
        self.compiled.tensors.get(id)
    }

    /// The name of the constant that holds a tensor's offset.
    fn offset(&self, id: TensorId) -> Ident {
        offset_name(self.tensor(id))
    }

    fn layer(&mut self, module: &'static str) -> Ident {
        self.modules.insert(module);
        format_ident!("{module}")
    }
}

/// `DIGIT_0_WEIGHT`.
fn offset_name(tensor: &Tensor) -> Ident {
    let name: String = tensor.name.chars().map(|c| if c == '.' { '_' } else { c.to_ascii_uppercase() }).collect();
    format_ident!("{name}")
}

/// A name as an identifier, raw where it is a keyword of Rust.
pub fn ident(name: &str) -> Ident {
    syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// `[[f32; 28]; 28]` for `[28, 28]`.
fn array_type(shape: &[usize]) -> TokenStream {
    shape.iter().rev().fold(quote! { f32 }, |inner, length| {
        let length = size(*length);
        quote! { [#inner; #length] }
    })
}

/// `[f32; 64]`, or a tuple for several.
fn row_type(shapes: &[&crate::shape::Shape]) -> TokenStream {
    let types: Vec<TokenStream> = shapes.iter().map(|shape| array_type(&shape.0)).collect();
    match &types[..] {
        [only] => only.clone(),
        types => quote! { (#(#types),*) },
    }
}

/// The rows of all inputs.
fn input_type(compiled: &Compiled) -> TokenStream {
    let shapes: Vec<_> = compiled.model.inputs.iter().map(|id| compiled.shapes.of(*id)).collect();
    row_type(&shapes)
}

/// The memory of the parameters, and of the statistics.
fn memories(compiled: &Compiled) -> (TokenStream, TokenStream) {
    let memory = |kind| {
        let length = size(compiled.tensors.storage(kind));
        quote! { nn::memory::Flat<#length> }
    };
    (memory(TensorKind::Parameter), memory(TensorKind::Statistic))
}

/// The memory of gradients, and of each number that the optimizer remembers: that of the parameters that learn.
fn learning(compiled: &Compiled) -> TokenStream {
    let length = size(compiled.tensors.learning());
    quote! { nn::memory::Flat<#length> }
}

/// `rows` of arrays as one slice of numbers.
fn flattened(rows: TokenStream, dimensions: usize, mutable: bool) -> TokenStream {
    let method = if mutable {
        quote! { .as_flattened_mut() }
    } else {
        quote! { .as_flattened() }
    };
    let methods = std::iter::repeat_n(method, dimensions);
    quote! { #rows #(#methods)* }
}
