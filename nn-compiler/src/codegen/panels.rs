//! Packed panels of the weights of large dense layers, which a predictor of many rows makes once.
//!
//! Products of the runtime do not use panels of smaller layers (`layers/matmul/precompiled_tiles.rs`).

use proc_macro2::TokenStream;
use quote::quote;

use super::numbers::size;
use super::writer::Writer;
use crate::agreement::{LINE, UNPACKED_UNITS, UNPACKED_WEIGHTS};
use crate::plan::ops::{Dense, Op, Plan};

/// Those of one layer, among the lines of all.
pub struct Panels<'a> {
    /// The layer.
    pub dense: &'a Dense,
    /// Its first line.
    pub start: usize,
    /// How many it has.
    pub lines: usize,
}

/// Those of a plan.
pub fn of(plan: &Plan) -> Vec<Panels<'_>> {
    let mut start = 0;
    let mut all = vec![];
    for step in &plan.steps {
        let Op::Dense(dense) = &step.op else { continue };
        let (inputs, units) = (plan.width(dense.x), plan.width(dense.y));
        if units > UNPACKED_UNITS && inputs * units > UNPACKED_WEIGHTS {
            let lines = inputs * units.div_ceil(LINE);
            all.push(Panels { dense, start, lines });
            start += lines;
        }
    }
    all
}

/// `PANELS` and `copy_panels`; empty if there are none.
pub fn emit(writer: &mut Writer, plan: &Plan, all: &[Panels<'_>]) -> TokenStream {
    let Some(last) = all.last() else { return quote! {} };
    let count = size(last.start + last.lines);
    let copies = all.iter().map(|panels| {
        let Dense { x, y, weight, .. } = *panels.dense;
        let (inputs, units, weight) = (size(plan.width(x)), size(plan.width(y)), writer.offset(weight.0));
        let (start, end) = (size(panels.start), size(panels.start + panels.lines));
        quote! {
            run(dense::CopyPanels::<#inputs, #units> {
                weight: Flat::matrix(&self.parameters, #weight),
                panels: &mut panels[#start..#end],
            });
        }
    });
    let copies: Vec<TokenStream> = copies.collect();
    quote! {
        const PANELS: usize = #count;

        fn copy_panels(&self, panels: &mut [nn::layers::dense::Line]) {
            #(#copies)*
        }
    }
}
