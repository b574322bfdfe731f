//! The weights of a network: read and checked while the program is compiled.

use nn_compiler::Compiled;
use nn_compiler::codegen::Trained;
use nn_compiler::weights::Stored;
use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::report::{self, Report};
use crate::source::{self, Source};

/// What to do about weights that do not fit.
const REMEDY: &str = "\nnote: the spec has changed since the training, or the weights belong to another network; \
                      train again, or name another file";

/// The weights in the file at a path, and an error at the path for each reason why they do not fit.
pub fn read(path: &LitStr, compiled: &Compiled, conditions: &TokenStream) -> (Trained, TokenStream) {
    let found = source::read_weights(path).map_err(|message| vec![message]);
    match found.and_then(|source| trained(&source, compiled)) {
        Ok(trained) => (trained, TokenStream::new()),
        Err(messages) => {
            let (first, last) = (path.span(), path.span());
            let error = |message| report::error(&Report { message, first, last }, conditions);
            (Trained::Missing, messages.into_iter().map(error).collect())
        }
    }
}

/// The weights of a file, or everything that is wrong with it.
fn trained(source: &Source, compiled: &Compiled) -> Result<Trained, Vec<String>> {
    let Source { name, include, bytes } = source;
    let stored = Stored::parse(bytes)
        .map_err(|reason| vec![format!("`{name}` is not a valid weights file: {reason}; train again")])?;
    let network = &compiled.model.name;
    let differences = stored.differences(compiled);
    let fit = |difference: &String| format!("`{name}` does not fit the network `{network}`: {difference}");
    let mut messages: Vec<String> = differences.iter().map(fit).collect();
    if let Some(last) = messages.last_mut() {
        last.push_str(REMEDY);
        return Err(messages);
    }
    if let Some(number) = stored.non_finite(compiled) {
        return Err(vec![format!("`{name}` is not a valid weights file: {number}; train again")]);
    }
    Ok(Trained::File {
        name: name.clone(),
        bytes: quote!(nn::include_bytes!(#include)),
        header: stored.header(),
        starts: stored.starts(compiled),
    })
}
