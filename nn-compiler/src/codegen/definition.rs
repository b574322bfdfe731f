//! The struct of a network, and its impls in a separate scope.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;

use super::names::{SCOPE_SLOTS, ident, is_taken, network_type, slot};
use super::numbers::size;
use super::trained::{self, Trained};
use super::writer::Writer;
use super::{docs, network, trainable};
use crate::compiled::Compiled;
use crate::plan::TensorKind;

/// How the code is to be emitted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Attributes of all that is generated: whether it is, as `#[cfg(…)]`.
    pub conditions: TokenStream,
    /// Attributes of the impls: levels of lints, as `#[allow(…)]`.
    pub levels: TokenStream,
    /// Attributes of the struct, doc comments included.
    pub attributes: TokenStream,
    /// Visibility of the struct.
    pub visibility: TokenStream,
    /// The path of the runtime crate, such as `::nn_runtime`.
    pub runtime: TokenStream,
    /// Whether it implements `Default`.
    pub is_default: bool,
    /// The weights for `TRAINED`, if the code is to have it.
    pub trained: Option<Trained>,
}

/// The struct and its impls.
pub fn emit(compiled: &Compiled, options: &Options) -> TokenStream {
    let Options { conditions, levels, runtime, .. } = options;
    let definition = definition(compiled, options);
    let implementation = implementation(compiled, options, false);
    let inner = inner(levels.clone());
    quote! {
        #conditions
        #runtime::generated::plain! { #inner #definition }
        #conditions
        #levels
        #implementation
    }
}

/// Outer attributes as inner ones.
fn inner(attributes: TokenStream) -> TokenStream {
    let with_sign = |token| match token {
        TokenTree::Punct(sign) => quote! { #sign ! },
        other => quote! { #other },
    };
    attributes.into_iter().map(with_sign).collect()
}

/// The struct: parameters and statistics, each in one flat memory.
pub fn definition(compiled: &Compiled, options: &Options) -> TokenStream {
    let Options { attributes, visibility, runtime, .. } = options;
    let name = ident(&compiled.model.name);
    let mut docs: Vec<String> = compiled.model.docs.iter().map(|line| format!(" {}", line.trim())).collect();
    let is_documented = attributes.clone().into_iter().any(|token| token.to_string().starts_with("[doc ="));
    if docs.is_empty() && !is_documented {
        docs.push(format!(" The network `{}`.", compiled.model.name));
    }
    let tables = docs::lines(compiled);
    let parameters = size(compiled.tensors.storage(TensorKind::Parameter));
    let statistics = size(compiled.tensors.storage(TensorKind::Statistic));
    quote! {
        #(#[doc = #docs])*
        #attributes
        #(#[doc = #tables])*
        #visibility struct #name {
            parameters: #runtime::generated::memory::Flat<#parameters>,
            statistics: #runtime::generated::memory::Flat<#statistics>,
        }
    }
}

/// The impls, in a separate scope with the offsets of the tensors.
///
/// They name what they use without a path, so that they can be read. A glob import hides all of these names
/// that exist where the network is defined: types such as `Option` and `f32`, and what a local variable would
/// otherwise be a pattern of, such as `const n` (`nn_runtime::generated::scope`).
///
/// Within a macro, rustc lints nothing of them. As text, they are code as any other.
pub fn implementation(compiled: &Compiled, options: &Options, is_text: bool) -> TokenStream {
    let runtime = &options.runtime;
    let mut writer = Writer::new(compiled, is_text);
    let network = network::emit(&mut writer);
    let trainable = compiled.training.as_ref().map(|plans| trainable::emit(&mut writer, plans));
    let default = options.is_default.then(|| default(compiled));
    let trained = options.trained.as_ref().map(|trained| trained::emit(&writer, trained));
    let windows = writer.windows.definitions();
    let slots = slots(writer.slots);
    let offsets = compiled.tensors.all.iter().map(|tensor| {
        let (name, offset) = (writer.offset_of(tensor), size(tensor.offset));
        quote! { const #name: usize = #offset; }
    });
    let levels = match is_text {
        true => quote! { #[allow(unused_imports, unused_variables, unused_mut, non_camel_case_types, clippy::all)] },
        false => quote! { #[allow(clippy::all)] },
    };
    let implementation = quote! {
        #levels
        const _: () = {
            use #runtime::generated as nn;
            use nn::scope::*;
            #slots
            #(#offsets)*
            #windows
            #network
            #trainable
            #trained
            #default
        };
    };
    let name = &compiled.model.name;
    if !is_taken(name) {
        return implementation;
    }
    let (this, name) = (network_type(compiled), ident(name));
    let levels = is_text.then(|| quote! { #[allow(non_local_definitions)] });
    quote! {
        #levels
        const _: () = {
            type #this = #name;
            #implementation
        };
    }
}

/// `Default`: the network that the spec's seed gives. The fields could only give zeros.
fn default(compiled: &Compiled) -> TokenStream {
    let name = network_type(compiled);
    let seed = Literal::u64_unsuffixed(compiled.model.train.as_ref().map_or(0, |train| train.seed));
    quote! {
        impl nn::Default for #name {
            fn default() -> Self {
                let mut slot: Self = nn::memory::zeroed();
                nn::network::Network::init_in(&mut slot, #seed);
                slot
            }
        }
    }
}

/// Names for slots of a higher number than those of `nn_runtime::generated::scope`.
fn slots(count: usize) -> Option<TokenStream> {
    let others = (SCOPE_SLOTS..count).map(slot);
    (count > SCOPE_SLOTS).then(|| quote! { use nn::{#(local as #others),*}; })
}
