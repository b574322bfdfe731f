//! `Trainable::augment`: how `augment` changes a row of inputs. Empty if the spec has none.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::names::{flattened, input_type};
use crate::codegen::numbers::{float, size};
use crate::compiled::Compiled;
use crate::model::{Augmentation, AugmentationKind};

/// `const AUGMENTS` and `fn augment`.
pub fn emit(compiled: &Compiled) -> TokenStream {
    let augment = compiled.model.data.as_ref().map(|data| &data.augment[..]).unwrap_or_default();
    if augment.is_empty() {
        return quote! {};
    }
    let inputs = &compiled.model.inputs;
    let images = inputs.iter().enumerate().filter_map(|(index, input)| {
        let [channels, height, width] = compiled.shapes.of(*input).0[..] else { return None };
        let input = match inputs.len() {
            1 => quote! { &mut input[..] },
            _ => {
                let index = size(index);
                quote! { &mut input.#index[..] }
            }
        };
        let image = flattened(input, 2, true);
        Some(augment.iter().map(move |one| step(one, &image, [channels, height, width])).collect::<Vec<_>>())
    });
    let (steps, input): (Vec<TokenStream>, _) = (images.flatten().collect(), input_type(compiled));
    quote! {
        const AUGMENTS: bool = true;

        fn augment(input: &mut #input, generator: &mut nn::init::Generator) {
            #(#steps)*
        }
    }
}

fn step(augmentation: &Augmentation, image: &TokenStream, [channels, height, width]: [usize; 3]) -> TokenStream {
    let shape = [channels, height, width].map(size);
    match augmentation.kind {
        AugmentationKind::Shift { most } => {
            let most = size(most);
            quote! { nn::augment::shift(#image, [#(#shape),*], #most, generator); }
        }
        AugmentationKind::Flip => quote! { nn::augment::flip(#image, [#(#shape),*], generator); },
        AugmentationKind::Noise { deviation } => {
            let deviation = float(deviation);
            quote! { nn::augment::noise(#image, #deviation, generator); }
        }
    }
}
