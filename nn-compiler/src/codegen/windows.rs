//! The sizes of sliding windows, each as a separate type that kernels are generic over: layers of the same sizes
//! share it, and with it their compiled code.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::numbers::size;
use crate::vocabulary::Window;

/// The windows that are used so far.
#[derive(Default)]
pub struct Windows(Vec<Window>);

impl Windows {
    /// The type of a window.
    pub fn name(&mut self, window: &Window) -> Ident {
        let index = self.0.iter().position(|known| known == window).unwrap_or_else(|| {
            self.0.push(*window);
            self.0.len() - 1
        });
        format_ident!("Window{index}")
    }

    /// The definition of each.
    pub fn definitions(&self) -> TokenStream {
        let definitions = self.0.iter().enumerate().map(|(index, window)| definition(index, window));
        quote! { #(#definitions)* }
    }
}

fn definition(index: usize, window: &Window) -> TokenStream {
    let name = format_ident!("Window{index}");
    let channels = size(window.channels);
    let pair = |[height, width]: [usize; 2]| {
        let (height, width) = (size(height), size(width));
        quote! { [#height, #width] }
    };
    let (input, output, extent) = (pair(window.input), pair(window.output), pair(window.size));
    let (stride, padding, dilation) = (pair(window.stride), pair(window.padding), pair(window.dilation));
    quote! {
        #[derive(nn::Clone, nn::Copy, nn::Default)]
        struct #name;
        impl nn::layers::window::Window for #name {
            const CHANNELS: usize = #channels;
            const INPUT: [usize; 2] = #input;
            const OUTPUT: [usize; 2] = #output;
            const SIZE: [usize; 2] = #extent;
            const STRIDE: [usize; 2] = #stride;
            const PADDING: [usize; 2] = #padding;
            const DILATION: [usize; 2] = #dilation;
        }
    }
}
