//! The struct of a network, and its impls in a separate scope.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::names::{ident, offset_name};
use super::numbers::size;
use super::trained::{self, Trained};
use super::writer::Writer;
use super::{network, trainable};
use crate::compiled::Compiled;
use crate::plan::TensorKind;

/// How the code is to be emitted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Attributes of the struct, doc comments included.
    pub attributes: TokenStream,
    /// Visibility of the struct.
    pub visibility: TokenStream,
    /// The path of the runtime crate, such as `::nn_runtime`.
    pub runtime: TokenStream,
    /// The weights for `TRAINED`, if the code is to have it.
    pub trained: Option<Trained>,
}

/// The struct and its impls.
pub fn emit(compiled: &Compiled, options: &Options) -> TokenStream {
    let runtime = &options.runtime;
    let definition = definition(compiled, options);
    let implementation = implementation(compiled, options, false);
    quote! {
        #runtime::generated::plain! { #definition }
        #implementation
    }
}

/// The struct: parameters and statistics, each in one flat memory.
pub fn definition(compiled: &Compiled, options: &Options) -> TokenStream {
    let Options { attributes, visibility, runtime, .. } = options;
    let name = ident(&compiled.model.name);
    let docs = compiled.model.docs.iter().map(|line| format!(" {}", line.trim()));
    let parameters = size(compiled.tensors.storage(TensorKind::Parameter));
    let statistics = size(compiled.tensors.storage(TensorKind::Statistic));
    quote! {
        #(#[doc = #docs])*
        #attributes
        #visibility struct #name {
            parameters: #runtime::generated::memory::Flat<#parameters>,
            statistics: #runtime::generated::memory::Flat<#statistics>,
        }
    }
}

/// The impls, in a separate scope with the offsets of the tensors.
pub fn implementation(compiled: &Compiled, options: &Options, comments: bool) -> TokenStream {
    let runtime = &options.runtime;
    let mut writer = Writer::new(compiled, comments);
    let network = network::emit(&mut writer);
    let trainable = compiled.training.as_ref().map(|plans| trainable::emit(&mut writer, plans));
    let trained = options.trained.as_ref().map(|trained| trained::emit(compiled, trained));
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
            use #runtime::generated as nn;
            use nn::isa::{Isa, Kernel, run};
            use nn::layers::{#layers};
            use nn::memory::{fixed, fixed_mut, rows, rows_mut, split, vector, vector_mut};
            #(#offsets)*
            #windows
            #network
            #trainable
            #trained
        };
    }
}
