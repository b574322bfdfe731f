//! Copies of rows.

use proc_macro2::TokenStream;
use quote::quote;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::Copy;

impl Emit for Copy {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        let (width, x, y) = (steps.width(self.x), steps.memory(self.x), steps.memory(self.y));
        quote! { rows_mut::<#width>(#y, n).copy_from_slice(rows(#x, n)); }
    }
}
