//! Products of numbers as kernel calls.

use proc_macro2::TokenStream;

use crate::codegen::steps::{Emit, Steps};
use crate::plan::ops::Multiply;

impl Emit for Multiply {
    fn emit(&self, steps: &mut Steps) -> TokenStream {
        steps.merge("Multiply", self.a, self.b, self.y)
    }
}
