//! `TRAINED`: a network with the weights of a file, in read-only memory.
//!
//! The numbers are copied while the program is compiled: the file as bytes, and for each tensor where it is in the
//! file and where in the network's memory. A literal for each number would take rustc seconds.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::network_type;
use super::numbers::size;
use super::writer::Writer;
use crate::plan::TensorKind;

/// The part of a weights file before its numbers.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// How many bytes it has.
    pub length: usize,
    /// A number that headers with other tensors are unlikely to have.
    pub fingerprint: u64,
}

/// The weights that the code is to hold.
#[derive(Clone, Debug)]
pub enum Trained {
    /// Those of a file.
    File {
        /// What to call it in the documentation.
        name: String,
        /// An expression for its bytes, `&[u8]`.
        bytes: TokenStream,
        /// Its header, which must be the same when the code is compiled.
        header: Header,
        /// The byte at which each tensor starts, in the order of `Tensors::all`.
        starts: Vec<usize>,
    },
    /// Zeros in place of a file that has errors, so that they are the only ones.
    Missing,
}

impl Trained {
    /// The weights in a file beside the module.
    pub fn beside(name: &str, file: &str, header: Header, starts: Vec<usize>) -> Self {
        Self::File { name: name.to_owned(), bytes: quote! { nn::include_bytes!(#file) }, header, starts }
    }
}

/// `impl …` with the constant.
pub fn emit(writer: &Writer, trained: &Trained) -> TokenStream {
    let name = network_type(writer.compiled);
    let (docs, value) = match trained {
        Trained::File { name: file, bytes, header, starts } => {
            let parameters = flat(writer, TensorKind::Parameter, starts);
            let statistics = flat(writer, TensorKind::Statistic, starts);
            let (length, fingerprint) = (size(header.length), Literal::u64_unsuffixed(header.fingerprint));
            let value = quote! {{
                const FILE: &[u8] = nn::memory::with_header(#bytes, #length, #fingerprint);
                #name { parameters: #parameters, statistics: #statistics }
            }};
            (format!(" The network with the weights of `{file}`, in read-only memory."), value)
        }
        Trained::Missing => {
            let zeros = quote! { #name { parameters: nn::memory::zeroed(), statistics: nn::memory::zeroed() } };
            (" The network with weights that have errors.".to_owned(), zeros)
        }
    };
    quote! {
        impl #name {
            #[doc = #docs]
            pub const TRAINED: &'static Self = {
                static WEIGHTS: #name = #value;
                &WEIGHTS
            };
        }
    }
}

/// The flat memory of one kind.
fn flat(writer: &Writer, kind: TensorKind, starts: &[usize]) -> TokenStream {
    let tensors = writer.compiled.tensors.all.iter().zip(starts).filter(|(tensor, _)| tensor.kind == kind);
    let places = tensors.map(|(tensor, start)| {
        let (start, offset, length) = (size(*start), writer.offset_of(tensor), size(tensor.len()));
        quote! { (#start, #offset, #length) }
    });
    quote! { nn::memory::embedded(FILE, &[#(#places),*]) }
}
