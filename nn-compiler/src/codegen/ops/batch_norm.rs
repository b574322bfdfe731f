//! Batch norm as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::float;
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{BatchNormEvaluate, BatchNormEvaluateGradient, BatchNormGradient, BatchNormTrain};

impl Emit for BatchNormTrain {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, x, y) = (steps.features(self.x, self.gamma), steps.view(self.x), steps.view_mut(self.y));
        let (gamma, beta) = (steps.vector(self.gamma), steps.vector(self.beta));
        let running = [steps.offset(self.running_mean), steps.offset(self.running_variance)];
        let (mean, inverse) = (steps.view_mut(self.mean), steps.view_mut(self.inverse_deviation));
        let (momentum, eps) = (float(self.momentum), float(self.eps));
        let fields = quote! {
            x: #x, gamma: #gamma, beta: #beta, momentum: #momentum, eps: #eps,
            running_mean, running_variance, mean: #mean, inverse_deviation: #inverse, y: #y
        };
        let call = steps.call("batch_norm", "Train", sizes, fields);
        quote! { let [running_mean, running_variance] = Flat::vectors_mut(t, [#(#running),*]); #call }
    }
}

impl Emit for BatchNormEvaluate {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (sizes, x, y) = (steps.features(self.x, self.gamma), steps.view(self.x), steps.view_mut(self.y));
        let eps = float(self.eps);
        let (gamma, beta) = (steps.vector(self.gamma), steps.vector(self.beta));
        let (mean, variance) = (steps.vector(self.running_mean), steps.vector(self.running_variance));
        let fields = quote! {
            x: #x, gamma: #gamma, beta: #beta, running_mean: #mean, running_variance: #variance, eps: #eps, y: #y
        };
        steps.call("batch_norm", "Evaluate", sizes, fields)
    }
}

impl Emit for BatchNormGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let parts = steps.norm_gradients(self.dgamma, self.dbeta);
        let (sizes, gamma) = (steps.features(self.x, self.gamma), steps.vector(self.gamma));
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let (mean, inverse) = (steps.view(self.mean), steps.view(self.inverse_deviation));
        let fields = quote! {
            x: #x, dy: #dy, gamma: #gamma, mean: #mean, inverse_deviation: #inverse, dgamma, dbeta, dx: #dx
        };
        let call = steps.call("batch_norm", "Backward", sizes, fields);
        quote! { #parts #call }
    }
}

impl Emit for BatchNormEvaluateGradient {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let parts = steps.norm_gradients(self.dgamma, self.dbeta);
        let (sizes, gamma) = (steps.features(self.x, self.gamma), steps.vector(self.gamma));
        let (x, dy, dx) = (steps.view(self.x), steps.view(self.dy), steps.view_mut(self.dx));
        let (mean, variance) = (steps.vector(self.running_mean), steps.vector(self.running_variance));
        let eps = float(self.eps);
        let fields = quote! {
            x: #x, dy: #dy, gamma: #gamma, running_mean: #mean, running_variance: #variance, eps: #eps,
            dgamma, dbeta, dx: #dx
        };
        let call = steps.call("batch_norm", "EvaluateBackward", sizes, fields);
        quote! { #parts #call }
    }
}
