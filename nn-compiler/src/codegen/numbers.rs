//! Numbers as tokens.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// An f32 without suffix.
pub fn float(value: f64) -> Literal {
    Literal::f32_unsuffixed(value as f32)
}

/// An f64 without suffix.
pub fn double(value: f64) -> Literal {
    Literal::f64_unsuffixed(value)
}

/// A size without suffix.
pub fn size(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}

/// An array of numbers.
pub fn list(numbers: &[f64]) -> TokenStream {
    let numbers = numbers.iter().map(|number| float(*number));
    quote! { [#(#numbers),*] }
}
