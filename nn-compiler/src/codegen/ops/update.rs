//! Steps of the optimizer for tensors whose gradient is stored.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::numbers::{float, size};
use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::{CheckLoss, UpdateTensor};

impl Emit for CheckLoss {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let _ = steps;
        quote! {
            if !f64::is_finite(loss) {
                return (loss, metrics);
            }
        }
    }
}

impl Emit for UpdateTensor {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (tensor, offset, run) = (steps.tensor(self.tensor), steps.offset(self.tensor), steps.run());
        let length = size(tensor.len());
        let penalty = (tensor.l1 != 0.0 || tensor.l2 != 0.0).then(|| {
            let (l1, l2) = (float(tensor.l1), float(tensor.l2));
            quote! {
                let _ = #run(nn::regularizer::Penalty {
                    weights: &Flat::as_slice(p)[#offset..][..#length],
                    l1: #l1,
                    l2: #l2,
                    gradient: Some(&mut Flat::as_mut_slice(gradients)[#offset..][..#length]),
                });
            }
        });
        let update = quote! {
            #penalty
            #run(nn::optimizers::Update {
                rule,
                weights: &mut Flat::as_mut_slice(p)[#offset..][..#length],
                gradients: &Flat::as_slice(gradients)[#offset..][..#length],
                state: &mut state.each_mut().map(|state| &mut Flat::as_mut_slice(state)[#offset..][..#length]),
            });
        };
        steps.by_rule(self.tensor, update)
    }
}
