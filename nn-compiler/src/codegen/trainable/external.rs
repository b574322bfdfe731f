//! The two halves of a step whose loss is the caller's: outputs, and gradients from those of the outputs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::names::{flattened, input_type, learning, memories, output_type};
use crate::codegen::numbers::size;
use crate::codegen::steps::Steps;
use crate::codegen::writer::{Writer, body, plans_of};
use crate::compiled::Compiled;
use crate::costs;
use crate::plan::{Need, Step, needs};

/// `forward_chunk` and `backward_chunk`. Who does not call them does not compile them.
pub fn emit(writer: &mut Writer) -> TokenStream {
    let (forward, backward) = (forward(writer), backward(writer));
    quote! { #forward #backward }
}

/// `let output = …;`, the rows of the only output as numbers. Of several, each lies in a slot.
pub fn outputs(compiled: &Compiled, name: TokenStream, rows: TokenStream, mutable: bool) -> TokenStream {
    match compiled.model.outputs[..] {
        [only] => {
            let numbers = flattened(rows, compiled.shapes.of(only).0.len(), mutable);
            quote! { let #name = #numbers; }
        }
        _ => quote! {},
    }
}

fn workspace(compiled: &Compiled) -> TokenStream {
    let workspace = size(costs::workspace(&compiled.model, plans_of(compiled)));
    quote! { &'a mut Flat<#workspace> }
}

fn forward(writer: &mut Writer) -> TokenStream {
    let compiled = writer.compiled;
    let plan = &plans_of(compiled).external;
    let output = outputs(compiled, quote! { output }, quote! { outputs }, true);
    let mut steps = Steps::new(writer, plan);
    let (preamble, code) = (steps.preamble(quote! { Flat::as_mut_slice(workspace) }), steps.forward());
    let (parameters, statistics) = memories(compiled);
    let (input, output_row) = (input_type(compiled), output_type(compiled));
    let fields = [
        ("p", quote! { &'a #parameters }),
        ("t", quote! { &'a mut #statistics }),
        ("inputs", quote! { &'a [#input] }),
        ("outputs", quote! { &'a mut [#output_row] }),
        ("pass", quote! { &'a nn::trainable::Pass<'a> }),
        ("workspace", workspace(compiled)),
    ];
    let code = body(plan.dispatch, &fields, quote! { () }, quote! { #preamble #output #code });
    quote! {
        #[inline]
        fn forward_chunk(
            &mut self,
            inputs: &[Self::Input],
            pass: &nn::trainable::Pass<'_>,
            outputs: &mut [Self::Output],
            workspace: &mut Self::Workspace,
        ) {
            let (p, t) = (&self.parameters, &mut self.statistics);
            #code
        }
    }
}

fn backward(writer: &mut Writer) -> TokenStream {
    let compiled = writer.compiled;
    let plan = &plans_of(compiled).external;
    let output = outputs(compiled, quote! { output }, quote! { outputs }, false);
    let gradient = outputs(compiled, quote! { output_gradient }, quote! { output_gradients }, false);
    let mut steps = Steps::new(writer, plan);
    let slots = steps.slots(quote! { Flat::as_mut_slice(workspace) });
    let code = backward_steps(&mut steps, &needs(plan, &compiled.tensors));
    let ((parameters, statistics), learning) = (memories(compiled), learning(compiled));
    let (input, output_row) = (input_type(compiled), output_type(compiled));
    let fields = [
        ("p", quote! { &'a #parameters }),
        ("t", quote! { &'a #statistics }),
        ("outputs", quote! { &'a [#output_row] }),
        ("output_gradients", quote! { &'a [#output_row] }),
        ("input_gradients", quote! { Option<&'a mut [#input]> }),
        ("gradients", quote! { &'a mut #learning }),
        ("wants_parameters", quote! { bool }),
        ("workspace", workspace(compiled)),
    ];
    let code = quote! {
        let mut input_gradients = input_gradients;
        let n = output_gradients.len();
        #slots
        #output
        #gradient
        #code
    };
    let code = body(plan.dispatch, &fields, quote! { () }, code);
    quote! {
        #[inline]
        fn backward_chunk(
            &self,
            outputs: &[Self::Output],
            output_gradients: &[Self::Output],
            input_gradients: Option<&mut [Self::Input]>,
            gradients: &mut Self::Parameters,
            wants_parameters: bool,
            workspace: &mut Self::Workspace,
        ) {
            let (p, t) = (&self.parameters, &self.statistics);
            #code
        }
    }
}

/// The steps after the forward pass. Those that serve one kind of gradient alone run where that is wanted.
fn backward_steps(steps: &mut Steps, needs: &[Need]) -> TokenStream {
    let plan = steps.plan();
    let backward: Vec<(&Step, Need)> = plan.steps[plan.forward..].iter().zip(needs.iter().copied()).collect();
    let groups = backward.chunk_by(|(_, a), (_, b)| a == b).map(|group| {
        let need = group[0].1;
        let code: TokenStream = group.iter().map(|(step, _)| needed(steps, step, need)).collect();
        match need {
            Need { parameters: true, inputs: true } => code,
            Need { parameters: true, inputs: false } => quote! { if wants_parameters { #code } },
            Need { parameters: false, inputs: true } => quote! {
                if let Some(input_gradients) = &mut input_gradients { #code }
            },
            Need { parameters: false, inputs: false } => quote! {},
        }
    });
    groups.collect()
}

/// A step. If it computes a gradient of an input and those of parameters at once, these stay as they were where only the
/// former is wanted.
fn needed(steps: &mut Steps, step: &Step, need: Need) -> TokenStream {
    let code = steps.step(step);
    let learning = step.op.gradients().into_iter().filter(|tensor| steps.tensor(*tensor).learns());
    let kept = learning.filter(|_| need.inputs).enumerate().map(|(index, tensor)| {
        let name = quote::format_ident!("kept{index}");
        let (length, offset) = (size(steps.tensor(tensor).len()), steps.offset(tensor));
        let keep = quote! { let #name = *Flat::vector::<#length>(gradients, #offset); };
        (keep, quote! { *Flat::vector_mut(gradients, #offset) = #name; })
    });
    let (keep, restore): (Vec<TokenStream>, Vec<TokenStream>) = kept.unzip();
    if keep.is_empty() {
        return code;
    }
    quote! {
        #(#keep)*
        #code
        if !wants_parameters {
            #(#restore)*
        }
    }
}
