//! The state that the parts of the generator share.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::offset_name;
use super::windows::Windows;
use crate::compiled::Compiled;
use crate::ids::TensorId;
use crate::plan::{Dispatch, Tensor};

/// The state that the parts of the generator share.
pub struct Writer<'a> {
    /// The network.
    pub compiled: &'a Compiled,
    /// The modules of `nn_runtime::generated::layers` that are used.
    pub modules: BTreeSet<&'static str>,
    /// The sliding windows that are used.
    pub windows: Windows,
    /// Whether each step is preceded by a comment.
    pub comments: bool,
}

impl<'a> Writer<'a> {
    /// For the code of a network.
    pub fn new(compiled: &'a Compiled, comments: bool) -> Self {
        Self { compiled, modules: BTreeSet::new(), windows: Windows::default(), comments }
    }

    /// A tensor.
    pub fn tensor(&self, id: TensorId) -> &'a Tensor {
        self.compiled.tensors.get(id)
    }

    /// The name of the constant that holds a tensor's offset.
    pub fn offset(&self, id: TensorId) -> Ident {
        offset_name(self.tensor(id))
    }

    /// A module of `nn_runtime::generated::layers`.
    pub fn layer(&mut self, module: &'static str) -> Ident {
        self.modules.insert(module);
        format_ident!("{module}")
    }
}

/// A function's body: as it is, or as a separate kernel, in which the instruction set is known. `fields` are
/// the variables that it uses with their types, whose lifetime is `'a`.
pub fn body(dispatch: Dispatch, fields: &[(&str, TokenStream)], output: TokenStream, code: TokenStream) -> TokenStream {
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
