//! Dense layers and steps of the optimizer as kernel calls.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::numbers::{float, size};
use super::Steps;
use crate::codegen::panels::Panels;
use crate::plan::{Op, TensorId};

impl Steps<'_, '_> {
    pub(super) fn dense(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::Dense { x, weight, bias, activation, y } => {
                let (inputs, units, x, y) = (self.width(*x), self.width(*y), self.view(*x), self.view_mut(*y));
                let weight = self.writer.offset(*weight);
                let bias = match bias {
                    Some(bias) => {
                        let bias = self.vector(*bias);
                        quote! { Some(#bias) }
                    }
                    None => quote! { None },
                };
                let activation = self.activation_value(*activation);
                let panels = self.panels_of(op);
                let fields = quote! {
                    x: #x, weight: p.matrix(#weight), panels: #panels, bias: #bias, activation: #activation, y: #y
                };
                self.call("dense", "Forward", quote! { #inputs, #units, _ }, fields)
            }
            Op::DenseGradient { x, dy, weight, bias } => {
                let (inputs, units, x, dy) = (self.width(*x), self.width(*dy), self.view(*x), self.view(*dy));
                let (weight, bias) = (self.writer.offset(*weight), bias.map(|bias| self.writer.offset(bias)));
                let (slots, dw, db) = match bias {
                    Some(bias) => {
                        let slots = quote! { let (dw, db) = gradients.layer_mut(#weight, #bias); };
                        (slots, quote! { dw }, quote! { Some(db) })
                    }
                    None => (quote! {}, quote! { dw: gradients.matrix_mut(#weight) }, quote! { None }),
                };
                let fields = quote! { x: #x, dy: #dy, #dw, db: #db };
                let call = self.call("dense", "WeightGradient", quote! { #inputs, #units }, fields);
                quote! { #slots #call }
            }
            Op::DenseInputGradient { dy, weight, derivative, dx } => {
                let (inputs, units, dy, dx) = (self.width(*dx), self.width(*dy), self.view(*dy), self.view_mut(*dx));
                let weight = self.writer.offset(*weight);
                let (activation, saved) = self.derivative(*derivative);
                let fields = quote! {
                    dy: #dy, weight: p.matrix(#weight), activation: #activation, saved: #saved, dx: #dx
                };
                self.call("dense", "InputGradient", quote! { #inputs, #units, _ }, fields)
            }
            _ => quote! {},
        }
    }

    /// Where the panels of a layer's weights are, if it may have some.
    fn panels_of(&self, op: &Op) -> TokenStream {
        match self.panels.iter().find(|panels| panels.op == op) {
            Some(Panels { start, lines, .. }) => {
                let (start, end) = (size(*start), size(start + lines));
                quote! { panels.get(#start..#end) }
            }
            None => quote! { None },
        }
    }

    /// Steps of the optimizer, by the `rule` of this step.
    pub(super) fn update(&mut self, op: &Op) -> TokenStream {
        match op {
            Op::CheckLoss => quote! {
                if !f64::is_finite(loss) {
                    return (loss, metrics);
                }
            },
            Op::DenseWeightUpdate { x, dy, weight } => {
                let (inputs, units, x, dy) = (self.width(*x), self.width(*dy), self.view(*x), self.view(*dy));
                let tensor = self.writer.tensor(*weight);
                let (l1, l2, offset) = (float(tensor.l1), float(tensor.l2), self.writer.offset(*weight));
                let fields = quote! {
                    x: #x, dy: #dy, l1: #l1, l2: #l2, rule, weight: p.matrix_mut(#offset),
                    state: state.each_mut().map(|state| state.matrix_mut(#offset))
                };
                self.call("dense", "WeightUpdate", quote! { #inputs, #units, _, _ }, fields)
            }
            Op::DenseBiasUpdate { dy, bias } => {
                let (units, dy, offset) = (self.width(*dy), self.view(*dy), self.writer.offset(*bias));
                let fields = quote! {
                    dy: #dy, rule, bias: p.vector_mut(#offset),
                    state: state.each_mut().map(|state| state.vector_mut(#offset))
                };
                self.call("dense", "BiasUpdate", quote! { #units, _, _ }, fields)
            }
            Op::Update { tensor } => self.update_of(*tensor),
            _ => quote! {},
        }
    }

    /// A step for a tensor whose gradient is stored, penalties included.
    pub(super) fn update_of(&self, id: TensorId) -> TokenStream {
        let (tensor, offset, run) = (self.writer.tensor(id), self.writer.offset(id), self.run());
        let length = size(tensor.len());
        let penalty = (tensor.l1 != 0.0 || tensor.l2 != 0.0).then(|| {
            let (l1, l2) = (float(tensor.l1), float(tensor.l2));
            quote! {
                let _ = #run(nn::regularizer::Penalty {
                    weights: &p.as_slice()[#offset..][..#length],
                    l1: #l1,
                    l2: #l2,
                    gradient: Some(&mut gradients.as_mut_slice()[#offset..][..#length]),
                });
            }
        });
        quote! {
            #penalty
            #run(nn::optimizers::Update {
                rule,
                weights: &mut p.as_mut_slice()[#offset..][..#length],
                gradients: &gradients.as_slice()[#offset..][..#length],
                state: &mut state.each_mut().map(|state| &mut state.as_mut_slice()[#offset..][..#length]),
            });
        }
    }
}
