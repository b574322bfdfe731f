//! `impl Network`: constants, initial values, the forward pass.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::names::{flattened, input_type, network_type, output_type};
use super::numbers::{float, size};
use super::panels;
use super::steps::Steps;
use super::writer::Writer;
use crate::columns;
use crate::compiled::Compiled;
use crate::plan::{Tensor, TensorKind};
use crate::vocabulary::Init;
use crate::{identity, summary};

/// `impl nn::network::Network for …`.
pub fn emit(writer: &mut Writer) -> TokenStream {
    let compiled = writer.compiled;
    let (model, costs) = (&compiled.model, &compiled.costs);
    let name = network_type(compiled);
    let (input, output) = (input_type(compiled), output_type(compiled));
    let (title, spec, table, hash) = (&model.name, &compiled.text, summary::table(compiled), identity::hash(compiled));
    let (params, macs, memory) = (size(costs.params), size(costs.macs as usize), size(costs.memory));
    let stack = size(costs.stack.bytes);
    let (floats, scratch) = (size(compiled.inference.scratch(1)), size(4 * compiled.inference.scratch(1)));
    let tensors = compiled.tensors.by_offset().map(|one| tensor(writer, one)).collect::<Vec<_>>();
    let starts = compiled.tensors.all.iter().filter_map(|tensor| start(writer, tensor)).collect::<Vec<_>>();
    let metadata = metadata(compiled);
    let (forward, bad_token) = (forward(writer), bad_token(compiled));
    quote! {
        impl nn::network::Network for #name {
            type Input = #input;
            type Output = #output;
            type Scratch = Flat<#floats>;

            const NAME: &'static str = #title;
            const SPEC: &'static str = #spec;
            const SUMMARY: &'static str = #table;
            const HASH: &'static str = #hash;
            #metadata
            const PARAMS: usize = #params;
            const MACS: usize = #macs;
            const MEMORY: usize = #memory;
            const SCRATCH: usize = #scratch;
            const STACK: usize = #stack;
            const TENSORS: &'static [nn::network::Tensor] = &[#(#tensors),*];

            fn init_in(slot: &mut Self, seed: u64) {
                let mut generator = nn::init::Generator::new(seed);
                let (p, t) = (&mut slot.parameters, &mut slot.statistics);
                let (p, t) = (Flat::as_mut_slice(p), Flat::as_mut_slice(t));
                p.fill(0.0);
                t.fill(0.0);
                #(#starts)*
            }

            fn values(&self, kind: nn::network::TensorKind) -> &[f32] {
                let (p, t) = (&self.parameters, &self.statistics);
                match kind {
                    nn::network::TensorKind::Parameter => Flat::as_slice(p),
                    nn::network::TensorKind::Statistic => Flat::as_slice(t),
                }
            }

            fn values_mut(&mut self, kind: nn::network::TensorKind) -> &mut [f32] {
                let (p, t) = (&mut self.parameters, &mut self.statistics);
                match kind {
                    nn::network::TensorKind::Parameter => Flat::as_mut_slice(p),
                    nn::network::TensorKind::Statistic => Flat::as_mut_slice(t),
                }
            }

            #forward

            #bad_token
        }
    }
}

/// What weight files store about the spec's examples; the trait's default if that is nothing.
fn metadata(compiled: &Compiled) -> Option<TokenStream> {
    let known = columns::metadata(compiled);
    let pairs = known.iter().map(|(key, value)| quote!((#key, #value)));
    (!known.is_empty()).then(|| quote!(const METADATA: &'static [(&'static str, &'static str)] = &[#(#pairs),*];))
}

fn tensor(writer: &Writer, tensor: &Tensor) -> TokenStream {
    let (name, offset) = (&tensor.name, writer.offset_of(tensor));
    let shape = tensor.shape.iter().map(|length| size(*length));
    let kind = match tensor.kind {
        TensorKind::Parameter => format_ident!("Parameter"),
        TensorKind::Statistic => format_ident!("Statistic"),
    };
    quote! {
        nn::network::Tensor { name: #name, shape: &[#(#shape),*], offset: #offset, kind: nn::network::TensorKind::#kind }
    }
}

/// The call that gives a tensor its initial values; none for zeros.
fn start(writer: &Writer, tensor: &Tensor) -> Option<TokenStream> {
    let memory = match tensor.kind {
        TensorKind::Parameter => format_ident!("p"),
        TensorKind::Statistic => format_ident!("t"),
    };
    let (offset, length) = (writer.offset_of(tensor), size(tensor.len()));
    let values = quote! { &mut #memory[#offset..][..#length] };
    let fans = || {
        let [inputs, outputs] = tensor.fans();
        let (inputs, outputs) = (size(inputs), size(outputs));
        quote! { #inputs, #outputs }
    };
    let by_fans = |function: &str| {
        let (function, fans) = (format_ident!("{function}"), fans());
        Some(quote! { nn::init::#function(&mut generator, #fans, #values); })
    };
    match tensor.init {
        Init::Constant(0.0) => None,
        Init::Constant(value) => {
            let value = float(value);
            Some(quote! { nn::init::constant(#value, #values); })
        }
        Init::HeNormal => by_fans("he_normal"),
        Init::HeUniform => by_fans("he_uniform"),
        Init::GlorotNormal => by_fans("glorot_normal"),
        Init::Auto | Init::GlorotUniform => by_fans("glorot_uniform"),
        Init::LecunNormal => by_fans("lecun_normal"),
        Init::Normal(deviation) => {
            let deviation = float(deviation);
            Some(quote! { nn::init::normal(&mut generator, #deviation, #values); })
        }
        Init::Uniform(bound) => {
            let bound = float(bound);
            Some(quote! { nn::init::uniform(&mut generator, #bound, #values); })
        }
    }
}

/// The check of token indices, if there are any.
fn bad_token(compiled: &Compiled) -> Option<TokenStream> {
    let model = &compiled.model;
    let checks: Vec<TokenStream> = model
        .tokens()
        .map(|(id, vocabulary)| {
            let index = model.inputs.iter().position(|input| *input == id).map(syn::Index::from);
            let numbers = match model.inputs[..] {
                [_] => quote! { input },
                _ => quote! { &input.#index },
            };
            let (name, vocabulary) = (&model.value(id).label, size(vocabulary));
            quote! { nn::layers::embedding::first_bad(#name, #numbers, #vocabulary) }
        })
        .collect();
    let [first, others @ ..] = &checks[..] else { return None };
    Some(quote! {
        fn bad_token(input: &Self::Input) -> Option<nn::layers::embedding::BadToken> {
            #first #(.or_else(|| #others))*
        }
    })
}

fn forward(writer: &mut Writer) -> TokenStream {
    let compiled = writer.compiled;
    let output = match compiled.model.outputs[..] {
        [only] => {
            let output = flattened(quote! { outputs }, compiled.shapes.of(only).0.len(), true);
            quote! { let output = #output; }
        }
        _ => quote! {},
    };
    let all = panels::of(&compiled.inference);
    let panels = panels::emit(writer, &compiled.inference, &all);
    let mut steps = Steps::new(writer, &compiled.inference).with_panels(&all);
    let (preamble, body) = (steps.preamble(quote! { scratch }), steps.all());
    let body = quote! {
        let (p, t) = (&self.parameters, &self.statistics);
        #preamble
        #output
        #body
    };
    if all.is_empty() {
        return quote! {
            fn forward(&self, inputs: &[Self::Input], outputs: &mut [Self::Output], scratch: &mut [f32]) {
                #body
            }
        };
    }
    quote! {
        #panels

        fn forward(&self, inputs: &[Self::Input], outputs: &mut [Self::Output], scratch: &mut [f32]) {
            nn::network::Network::forward_with(self, &[], inputs, outputs, scratch);
        }

        fn forward_with(
            &self,
            panels: &[nn::layers::dense::Line],
            inputs: &[Self::Input],
            outputs: &mut [Self::Output],
            scratch: &mut [f32],
        ) {
            #body
        }
    }
}
