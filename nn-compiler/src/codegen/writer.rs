//! The state that the parts of the generator share.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::offset_names;
use super::windows::Windows;
use crate::compiled::Compiled;
use crate::ids::TensorId;
use crate::plan::{Dispatch, Tensor, TrainingPlans};

/// The state that the parts of the generator share.
pub struct Writer<'a> {
    /// The network.
    pub compiled: &'a Compiled,
    /// The constants that hold the offsets of the tensors, by the tensors' names.
    offsets: BTreeMap<&'a str, Ident>,
    /// The most slots that a plan has.
    pub slots: usize,
    /// The sliding windows that are used.
    pub windows: Windows,
    /// Whether each step is preceded by a comment.
    pub comments: bool,
}

impl<'a> Writer<'a> {
    /// For the code of a network.
    pub fn new(compiled: &'a Compiled, comments: bool) -> Self {
        let offsets = offset_names(&compiled.tensors.all);
        Self { compiled, offsets, slots: 0, windows: Windows::default(), comments }
    }

    /// A tensor.
    pub fn tensor(&self, id: TensorId) -> &'a Tensor {
        self.compiled.tensors.get(id)
    }

    /// The name of the constant that holds a tensor's offset.
    pub fn offset(&self, id: TensorId) -> Ident {
        self.offset_of(self.tensor(id))
    }

    /// The same of a tensor itself.
    pub fn offset_of(&self, tensor: &Tensor) -> Ident {
        self.offsets[&*tensor.name].clone()
    }
}

/// The plans of a network with `train`.
pub fn plans_of(compiled: &Compiled) -> &TrainingPlans {
    compiled.training.as_ref().expect("a network with `train` has training plans")
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
