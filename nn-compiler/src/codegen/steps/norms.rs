//! Norms, dropout and fixed scales as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::numbers::{float, size};
use super::Steps;
use crate::plan::Op;

/// How many of so many features are observed in one walk over the rows: their moments lie on the stack, 40 KiB at most.
pub fn moments_block(features: usize) -> usize {
    features.min(2048)
}

impl Steps<'_, '_> {
    pub(super) fn batch_norm(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::BatchNormTrain {
                x,
                gamma,
                beta,
                running_mean,
                running_variance,
                momentum,
                eps,
                mean,
                inverse_deviation,
                y,
            } => {
                let (sizes, x, y) = (self.of_features(*x, *gamma), self.view(*x), self.view_mut(*y));
                let (gamma, beta) = (self.vector(*gamma), self.vector(*beta));
                let running = [self.writer.offset(*running_mean), self.writer.offset(*running_variance)];
                let (mean, inverse) = (self.view_mut(*mean), self.view_mut(*inverse_deviation));
                let (momentum, eps) = (float(*momentum), float(*eps));
                let call = self.call(
                    "batch_norm",
                    "Train",
                    sizes,
                    quote! {
                        x: #x, gamma: #gamma, beta: #beta, momentum: #momentum, eps: #eps,
                        running_mean, running_variance, mean: #mean, inverse_deviation: #inverse, y: #y
                    },
                );
                quote! { let [running_mean, running_variance] = t.vectors_mut([#(#running),*]); #call }
            }
            Op::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y } => {
                let (sizes, x, y) = (self.of_features(*x, *gamma), self.view(*x), self.view_mut(*y));
                let eps = float(*eps);
                let (gamma, beta) = (self.vector(*gamma), self.vector(*beta));
                let (mean, variance) = (self.vector(*running_mean), self.vector(*running_variance));
                self.call("batch_norm", "Evaluate", sizes, quote! {
                    x: #x, gamma: #gamma, beta: #beta, running_mean: #mean, running_variance: #variance, eps: #eps, y: #y
                })
            }
            Op::BatchNormGradient { x, gamma, beta, mean, inverse_deviation, dy, dx } => {
                let parts = self.norm_gradients(*gamma, *beta);
                let (sizes, gamma) = (self.of_features(*x, *gamma), self.vector(*gamma));
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let (mean, inverse) = (self.view(*mean), self.view(*inverse_deviation));
                let call = self.call(
                    "batch_norm",
                    "Backward",
                    sizes,
                    quote! {
                        x: #x, dy: #dy, gamma: #gamma, mean: #mean, inverse_deviation: #inverse, dgamma, dbeta, dx: #dx
                    },
                );
                quote! { #parts #call }
            }
            Op::BatchNormEvaluateGradient { x, gamma, beta, running_mean, running_variance, eps, dy, dx } => {
                let parts = self.norm_gradients(*gamma, *beta);
                let (sizes, gamma, eps) = (self.of_features(*x, *gamma), self.vector(*gamma), float(*eps));
                let (x, dy, dx) = (self.view(*x), self.view(*dy), self.view_mut(*dx));
                let (mean, variance) = (self.vector(*running_mean), self.vector(*running_variance));
                let call = self.call(
                    "batch_norm",
                    "EvaluateBackward",
                    sizes,
                    quote! {
                        x: #x, dy: #dy, gamma: #gamma, running_mean: #mean, running_variance: #variance, eps: #eps,
                        dgamma, dbeta, dx: #dx
                    },
                );
                quote! { #parts #call }
            }
            _ => quote! {},
        }
    }

    pub(super) fn dropout(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Dropout { x, rate, site, mask, y } => {
                let (width, x, y, mask) = (self.width(*x), self.view(*x), self.view_mut(*y), self.view_mut(*mask));
                let (rate, site) = (float(*rate), size(*site));
                let fields = quote! { x: #x, rate: #rate, seed: pass.layer_seed(#site), mask: #mask, y: #y };
                self.call("dropout", "Forward", quote! { #width }, fields)
            }
            Op::DropoutGradient { mask, dy, dx } => {
                let (width, mask, dy, dx) = (self.width(*dx), self.view(*mask), self.view(*dy), self.view_mut(*dx));
                self.call("dropout", "Backward", quote! { #width }, quote! { mask: #mask, dy: #dy, dx: #dx })
            }
            _ => quote! {},
        }
    }

    pub(super) fn rescale(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Rescale { x, factor, offset, y } => {
                let (width, x, y) = (self.width(*x), self.view(*x), self.view_mut(*y));
                let (factor, offset) = (float(*factor), float(*offset));
                let fields = quote! { x: #x, factor: #factor, offset: #offset, y: #y };
                self.call("rescale", "Forward", quote! { #width }, fields)
            }
            Op::RescaleGradient { dy, factor, dx } => {
                let (width, dy, dx, factor) = (self.width(*dx), self.view(*dy), self.view_mut(*dx), float(*factor));
                self.call("rescale", "Backward", quote! { #width }, quote! { dy: #dy, factor: #factor, dx: #dx })
            }
            _ => quote! {},
        }
    }

    pub(super) fn normalize(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Normalize { x, mean, deviation, y } => {
                let (sizes, x, y) = (self.of_features(*x, *mean), self.view(*x), self.view_mut(*y));
                let (mean, deviation) = (self.vector(*mean), self.vector(*deviation));
                let fields = quote! { x: #x, mean: #mean, deviation: #deviation, y: #y };
                self.call("normalize", "Forward", sizes, fields)
            }
            Op::NormalizeGradient { dy, deviation, dx } => {
                let (sizes, dy, dx) = (self.of_features(*dx, *deviation), self.view(*dy), self.view_mut(*dx));
                let deviation = self.vector(*deviation);
                self.call("normalize", "Backward", sizes, quote! { dy: #dy, deviation: #deviation, dx: #dx })
            }
            Op::Observe { x, mean, .. } => {
                let (sizes, x) = (self.of_features(*x, *mean), self.view(*x));
                let block = size(moments_block(self.writer.tensor(*mean).len()));
                self.call("normalize", "Observe", quote! { #sizes, #block }, quote! { x: #x, moments: &mut moments })
            }
            _ => quote! {},
        }
    }
}
