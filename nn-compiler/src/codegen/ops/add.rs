//! Sums as kernel calls.

use proc_macro2::TokenStream;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::Add;

impl Emit for Add {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        steps.merge("Add", self.a, self.b, self.y)
    }
}
