//! `lr: trunk * 0.1;`: rules of the optimizer for tensors with learning rates of their own.
//!
//! A network without such values has none of this code: its optimizer's state is an array of slots, one rule
//! serves all tensors, and an update is one pass over flat memory.

use proc_macro2::TokenStream;
use quote::quote;

use super::numbers::{float, size};
use crate::compiled::Compiled;
use crate::model::Train;

/// The rule of a value in a fused step: `None` while it is frozen.
pub fn rule(rate: usize) -> TokenStream {
    let rate = size(rate);
    quote! { rules[#rate] }
}

/// The optimizer's state: its slots, and the factors with the steps of the values that have any.
pub fn state(train: &Train, slots: TokenStream) -> TokenStream {
    match train.rates.len() {
        0 => slots,
        count => {
            let count = size(count);
            quote! { (#slots, [nn::learning_rates::Own; #count]) }
        }
    }
}

/// The constant that says which values have learning rates of their own, and where they are.
pub fn constant(compiled: &Compiled, train: &Train) -> TokenStream {
    if train.rates.is_empty() {
        return quote! {};
    }
    let values = train.rates.iter().map(|rate| {
        let (name, factor) = (&rate.value, float(rate.factor));
        quote! { nn::learning_rates::Value { name: #name, factor: #factor } }
    });
    let spans = spans(compiled).into_iter().map(|(end, rate)| {
        let (end, rate) = (
            size(end),
            rate.map_or(quote! { None }, |rate| {
                let rate = size(rate);
                quote! { Some(#rate) }
            }),
        );
        quote! { nn::learning_rates::Span { end: #end, value: #rate } }
    });
    quote! {
        const LEARNING_RATES: nn::learning_rates::LearningRates =
            nn::learning_rates::LearningRates { values: &[#(#values),*], spans: &[#(#spans),*] };
    }
}

/// The parts of the memory of the parameters that learn, each with its end and its rate.
fn spans(compiled: &Compiled) -> Vec<(usize, Option<usize>)> {
    let mut spans: Vec<(usize, Option<usize>)> = Vec::new();
    let learning: Vec<_> = compiled.tensors.by_offset().filter(|tensor| tensor.learns()).collect();
    for (at, tensor) in learning.iter().enumerate() {
        let end = learning.get(at + 1).map_or(compiled.tensors.learning(), |next| next.offset);
        match spans.last_mut().filter(|(_, rate)| *rate == tensor.rate) {
            Some(last) => last.0 = end,
            None => spans.push((end, tensor.rate)),
        }
    }
    spans
}

/// In a fused step: before the first update, the rules of all values; and after the last one, the count of their
/// steps.
pub fn rules(train: &Train, optimizer: &TokenStream) -> (TokenStream, TokenStream) {
    if train.rates.is_empty() {
        return (quote! {}, quote! {});
    }
    let rules = quote! {
        let rules = nn::learning_rates::rules(own, &nn::optimizers::#optimizer, pass.learning_rate);
    };
    (rules, quote! { nn::learning_rates::count(own); })
}
